/* Answers about the territory: who is competent where, what an import would change. */
#include <errno.h>

#include "core/access.h"
#include "service/atlas.h"
#include "service/json.h"
#include "service/reader_private.h"
#include "store/territory.h"

static void figures_json(struct buf *b, const struct atlas *atlas)
{
	struct atlas_figures figures;

	atlas_count(atlas, &figures);
	json_open(b, NULL, '{');
	json_int(b, "communes", figures.communes);
	json_int(b, "with_unit", figures.with_unit);
	json_int(b, "outlines", figures.outlines);
	json_int(b, "departements", figures.departements);
	json_close(b, '}');
}

int reader_territory(struct reader *r, struct arena *arena, const struct session_account *who,
		     int64_t now_ms, const struct question *q, struct answer *ret_answer)
{
	struct atlas_place place;
	struct buf b = BUF_INIT;
	bool found;
	int error = reader_refresh_now(r);

	if (error)
		return error;
	if (who && !access_allows(who->roles, RIGHT_TERRITORY_READ, RELATION_NONE))
		return reader_refuse(ret_answer, PROBLEM_FORBIDDEN,
				     "Votre rôle ne donne pas accès au territoire.");
	if (!q->has_place && !q->commune.ptr && !who) {
		figures_json(&b, r->atlas);
		return reader_answer(arena, &b, ret_answer);
	}
	found = q->has_place ? atlas_at(r->atlas, q->lat_e7, q->lon_e7, &place)
			     : atlas_commune(r->atlas, q->commune, &place);
	json_open(&b, NULL, '{');
	atlas_json(&b, "territory", r->directory, found ? &place : NULL);
	json_close(&b, '}');
	return reader_answer(arena, &b, ret_answer);
}

enum { CHANGES_SHOWN = 20 };

static int add_line(void *context, struct str code, struct str text)
{
	json_text(context, NULL, text);
	return 0;
}

static int lines(struct reader *r, struct buf *b, const char *key, const struct territory_set *set,
		 int64_t number, enum row_change change)
{
	struct changes changes = {.number = number, .change = change, .limit = CHANGES_SHOWN};
	int error;

	json_open(b, key, '[');
	error = territory_changes(r->vault, set, &changes, add_line, b);
	json_close(b, ']');
	return error;
}

int reader_import_changes(struct reader *r, struct arena *arena, const struct session_account *who,
			  int64_t now_ms, const struct question *q, struct answer *ret_answer)
{
	struct territory_set set = {.scope = q->scope};
	struct buf b = BUF_INIT;
	int64_t replaced = 0;
	int error = reader_refresh(r);

	if (territory_kind_parse(q->state, &set.kind))
		return reader_refuse(ret_answer, PROBLEM_INVALID, "Sorte d'import inconnue.");
	json_open(&b, NULL, '{');
	if (!error)
		error = territory_count_replaced(r->vault, &set, q->after, &replaced);
	json_int(&b, "replaced", replaced);
	if (!error)
		error = lines(r, &b, "begins", &set, q->after, CHANGE_BEGINS);
	if (!error)
		error = lines(r, &b, "ends", &set, q->after, CHANGE_ENDS);
	json_close(&b, '}');
	return reader_end(arena, &b, error, ret_answer);
}
