/* Answers to the counter: communes by their name, units that may be competent, who is registered.
 */
#include <errno.h>

#include "base/limits.h"
#include "base/phone.h"
#include "core/access.h"
#include "service/atlas.h"
#include "service/counter.h"
#include "service/json.h"
#include "service/people_index.h"
#include "service/reader_private.h"
#include "store/people.h"

static void postcodes_json(struct buf *b, struct str postcodes)
{
	struct str one;

	json_open(b, "postcodes", '[');
	while (postcodes.len && str_split(&postcodes, ' ', &one))
		json_text(b, NULL, one);
	json_close(b, ']');
}

/* In whose file its officials are registered: on what ground, then. */
static void force_member(struct buf *b, const struct unit *unit)
{
	enum force force = unit ? unit_kind_force(unit->kind) : FORCE_NONE;

	json_text(b, "force", force ? str_from(force_name(force)) : STR_NONE);
}

/* What of communes was imported is public: officials choose theirs before they have any account. */
int reader_communes(struct reader *r, struct arena *arena, const struct session_account *who,
		    int64_t now_ms, const struct question *q, struct answer *ret_answer)
{
	struct atlas_place found[ATLAS_SEARCH_MAX];
	struct atlas_figures figures;
	struct buf b = BUF_INIT;
	size_t count;
	int error = reader_refresh(r);

	if (error)
		return error;
	atlas_count(r->atlas, &figures);
	count = atlas_search(r->atlas, q->name, found);
	json_open(&b, NULL, '{');
	json_bool(&b, "loaded", figures.communes > 0);
	json_open(&b, "communes", '[');
	for (size_t i = 0; i < count; i++) {
		json_open(&b, NULL, '{');
		json_text(&b, "code", found[i].code);
		json_text(&b, "name", found[i].name);
		json_word(&b, "departement", found[i].departement);
		postcodes_json(&b, found[i].postcodes);
		force_member(&b, directory_unit(r->directory, found[i].unit));
		json_close(&b, '}');
	}
	json_close(&b, ']');
	json_close(&b, '}');
	return reader_answer(arena, &b, ret_answer);
}

/* --- units */

enum { UNITS_SHOWN = 20 };

struct choice {
	const struct unit *unit;
	char departement[DEPARTEMENT_CODE_SIZE];
	bool competent, near; /* near: of the same département */
};

static int by_rank(const void *a, const void *b)
{
	const struct choice *x = a, *y = b;

	if (x->competent != y->competent)
		return y->competent - x->competent;
	if (x->near != y->near)
		return y->near - x->near;
	return strcmp(x->unit->name, y->unit->name);
}

static bool may_be_competent(const struct unit *unit)
{
	return unit->kind == UNIT_BRIGADE || unit->kind == UNIT_COMMISSARIAT;
}

/* Every unit that has the words; the array is the arena's. */
static size_t gather(struct reader *r, struct arena *arena, struct str words,
		     const struct atlas_place *place, struct choice **ret_list)
{
	const struct unit *unit;
	size_t count = 0, all = 0;
	struct choice *list;

	for (size_t at = 0; directory_next_unit(r->directory, &at);)
		all++;
	list = arena_alloc(arena, (all + 1) * sizeof(*list));
	for (size_t at = 0; (unit = directory_next_unit(r->directory, &at));) {
		struct choice *next = &list[count];

		if (!may_be_competent(unit) ||
		    (words.len && !people_words_match(str_from(unit->name), words)))
			continue;
		*next = (struct choice){.unit = unit};
		atlas_seat(r->atlas, unit->id, next->departement);
		next->competent = place && id_eq(place->unit, unit->id);
		next->near = place && !strcmp(place->departement, next->departement);
		count++;
	}
	qsort(list, count, sizeof(*list), by_rank);
	*ret_list = list;
	return count;
}

static void choice_json(struct buf *b, const struct choice *c)
{
	json_open(b, NULL, '{');
	json_id(b, "id", c->unit->id);
	json_word(b, "name", c->unit->name);
	force_member(b, c->unit);
	json_word(b, "departement", c->departement[0] ? c->departement : NULL);
	json_bool(b, "competent", c->competent);
	json_close(b, '}');
}

int reader_counter_units(struct reader *r, struct arena *arena, const struct session_account *who,
			 int64_t now_ms, const struct question *q, struct answer *ret_answer)
{
	struct str words = str_trim(str_slice(q->name, 0, LIMIT_NAME_BYTES));
	struct atlas_place place;
	struct buf b = BUF_INIT;
	struct choice *list;
	bool found;
	size_t count;
	int error = reader_refresh(r);

	if (error)
		return error;
	if (!access_allows(who->roles, RIGHT_REGISTER, RELATION_NONE))
		return reader_refuse(ret_answer, PROBLEM_FORBIDDEN,
				     "Votre rôle ne donne pas accès au guichet.");
	found = atlas_commune(r->atlas, q->commune, &place);
	count = gather(r, arena, words, found ? &place : NULL, &list);
	json_open(&b, NULL, '{');
	json_open(&b, "units", '[');
	for (size_t i = 0; i < count && i < UNITS_SHOWN; i++)
		choice_json(&b, &list[i]);
	json_close(&b, ']');
	json_int(&b, "left_out", (int64_t)(count > UNITS_SHOWN ? count - UNITS_SHOWN : 0));
	json_bool(&b, "is_default", found && place.is_default);
	json_close(&b, '}');
	return reader_answer(arena, &b, ret_answer);
}

/* --- who is registered */

/* Looked at: those of other territories are left out. */
enum { PEOPLE_SHOWN = 8, PEOPLE_LOOKED_AT = 200 };

static int find_people(struct reader *r, struct str words, struct id *out, unsigned *ret_count)
{
	char number[PHONE_SIZE];

	if (!phone_parse(words, number))
		return officials_by_number(r->vault, str_from(number), out, PEOPLE_LOOKED_AT,
					   ret_count);
	if (!r->people)
		r->people = people_index_new();
	return people_index_search(r->people, r->vault, &(struct people_wanted){words, true}, out,
				   PEOPLE_LOOKED_AT, ret_count);
}

static void person_json(struct reader *r, struct buf *b, const struct official *o)
{
	json_open(b, NULL, '{');
	json_id(b, "id", o->id);
	json_text(b, "name", o->name);
	json_filled(b, "mandate", o->mandate);
	json_filled(b, "commune", o->commune);
	json_text(b, "phone", o->phone);
	json_text(b, "unit", directory_unit_name(r->directory, o->unit));
	json_bool(b, "ended", o->ended);
	json_close(b, '}');
}

/* Those of the counter's territory, and their ids for the journal; at most one more than is shown.
 */
static int registered_json(struct reader *r, struct arena *arena, const struct session_account *who,
			   struct str words, struct buf *b, struct answer *ret_answer)
{
	struct id *ids = arena_alloc(arena, PEOPLE_LOOKED_AT * sizeof(*ids));
	unsigned count = 0, shown = 0;
	bool more = false;
	int error = find_people(r, words, ids, &count);

	for (unsigned i = 0; !error && !more && i < count; i++) {
		struct official o;
		struct id unit;

		/* Of who is out of reach nothing is unsealed. */
		error = official_unit(r->vault, ids[i], &unit);
		if (error || !counter_reaches(r->directory, who->room, unit))
			continue;
		more = shown == PEOPLE_SHOWN;
		if (more)
			break;
		error = official_load(r->vault, arena, ids[i], &o);
		if (error)
			break;
		ids[shown++] = o.id;
		person_json(r, b, &o);
	}
	json_close(b, ']');
	json_bool(b, "more", more || count == PEOPLE_LOOKED_AT);
	ret_answer->also = ids;
	ret_answer->also_count = shown;
	return error;
}

int reader_counter_people(struct reader *r, struct arena *arena, const struct session_account *who,
			  int64_t now_ms, const struct question *q, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	char number[PHONE_SIZE];
	int error = reader_refresh(r);

	if (error)
		return error;
	if (!access_allows(who->roles, RIGHT_REGISTER, RELATION_NONE))
		return reader_refuse(ret_answer, PROBLEM_FORBIDDEN,
				     "Votre rôle ne donne pas accès au guichet.");
	if (phone_parse(q->text, number) && !people_search_is_enough(q->text))
		return reader_refuse(ret_answer, PROBLEM_INVALID,
				     "Trois lettres du nom ou de la commune au moins, ou un numéro "
				     "de téléphone entier.");
	json_open(&b, NULL, '{');
	json_open(&b, "people", '[');
	error = registered_json(r, arena, who, q->text, &b, ret_answer);
	json_close(&b, '}');
	/* A search that finds nobody is a line too. */
	ret_answer->subject = who->id;
	return reader_end(arena, &b, error, ret_answer);
}
