/* See official_json.h. */
#include "service/official_json.h"

#include "service/directory.h"
#include "service/json.h"

enum force official_force(const struct directory *d, const struct official *o)
{
	return o->force ? o->force : directory_unit_force(d, o->unit);
}

void official_force_json(struct buf *b, const struct directory *d, const struct official *o)
{
	enum force force = official_force(d, o);

	json_text(b, "force", force ? str_from(force_name(force)) : STR_NONE);
}

void official_numbers_json(struct buf *b, const struct official *o)
{
	json_open(b, "other_phones", '[');
	for (unsigned i = 0; i < o->other_count; i++)
		json_text(b, NULL, o->others[i]);
	json_close(b, ']');
	json_open(b, "other_kinds", '[');
	for (unsigned i = 0; i < o->other_count; i++)
		json_word(b, NULL, number_kind_name(o->other_kinds[i]));
	json_close(b, ']');
}

void official_mandates_json(struct buf *b, const struct official *o)
{
	json_open(b, "other_mandates", '[');
	for (unsigned i = 0; i < o->mandate_count; i++)
		json_text(b, NULL, o->mandates[i]);
	json_close(b, ']');
}

void official_places_json(struct buf *b, const struct official *o, bool sheet)
{
	json_open(b, "places", '[');
	for (unsigned i = 0; i < o->place_count; i++) {
		const struct official_place *place = &o->places[i];

		json_open(b, NULL, '{');
		json_word(b, "kind", place_kind_name(place->kind));
		json_text(b, "address", place->address);
		json_filled(b, "access", sheet ? place->access : STR_NONE);
		json_close(b, '}');
	}
	json_close(b, ']');
}
