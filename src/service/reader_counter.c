/* Answers about what a registration names: communes by their name, units that may be competent. */
#include <errno.h>

#include "base/limits.h"
#include "core/access.h"
#include "service/atlas.h"
#include "service/json.h"
#include "service/people_index.h"
#include "service/reader_private.h"

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
	enum force force = unit_kind_force(c->unit->kind);

	json_open(b, NULL, '{');
	json_id(b, "id", c->unit->id);
	json_word(b, "name", c->unit->name);
	json_text(b, "force", force ? str_from(force_name(force)) : STR_NONE);
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
