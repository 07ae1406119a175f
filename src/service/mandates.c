/* Mandates that registrations were made for: see mandates.h. */
#include "service/mandates.h"

#include <errno.h>

#include "base/fold.h"
#include "service/admin_import.h"
#include "service/terms.h"
#include "store/terms.h"

/* A command's worth, as far as the first of both is reached: of the nation's there are hundreds. */
enum { OFFICIALS_A_COMMAND = 50, LINES_A_COMMAND = 1000 };

/* Of what the file keeps: mark|place|scope. */
enum { KEPT_MARK, KEPT_PLACE, KEPT_SCOPE, KEPT_FIELDS };

void mandate_mark(struct vault *v, const struct str fields[MANDATE_FIELDS],
		  char out[TERRITORY_MARK_SIZE])
{
	static const int of_mandate[] = {MANDATE_PLACE, MANDATE_LAST_NAME, MANDATE_FIRST_NAME,
					 MANDATE_BIRTH, MANDATE_NAME,      MANDATE_FROM};
	uint8_t blind[BLIND_SIZE];
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(of_mandate); i++) {
		text_fold(fields[of_mandate[i]], ' ', &text);
		buf_add_byte(&text, '|');
	}
	vault_index(v, STR("territory.mandate"), buf_str(&text), blind);
	hex_encode(blind, (TERRITORY_MARK_SIZE - 1) / 2, out);
	buf_fini(&text);
}

int mandates_around(struct vault *v, const char commune[COMMUNE_CODE_SIZE],
		    territory_reader *on_row, void *context)
{
	char departement[DEPARTEMENT_CODE_SIZE];
	const char *places[] = {commune, departement, "FR"};
	int r = 0;

	departement_of_commune(commune, departement);
	for (size_t i = 0; !r && i < ARRAY_LEN(places); i++)
		r = territory_about(v, TERRITORY_MANDATES, str_from(places[i]), on_row, context);
	return r;
}

/* --- the line that was chosen */

struct choice {
	struct work *w;
	struct str mark;
	struct mandate_line line;
};

/* Each mandate is a file of the register, and its own part of what is imported. */
static int keep_chosen(void *context, struct str code, struct str text)
{
	struct choice *c = context;
	struct str fields[MANDATE_FIELDS];
	char mark[TERRITORY_MARK_SIZE];
	struct buf b = BUF_INIT;

	territory_fields(text, fields, MANDATE_FIELDS);
	mandate_mark(c->w->vault, fields, mark);
	if (c->line.kept.len || !str_eq(str_from(mark), c->mark))
		return 0;
	buf_printf(&b, "%s|%.*s|", mark, STR_FMT(fields[MANDATE_PLACE]));
	text_fold(fields[MANDATE_NAME], '-', &b);
	c->line.kept = work_keep(c->w, &b);
	buf_add_str(&b, fields[fields[MANDATE_FUNCTION].len ? MANDATE_FUNCTION : MANDATE_NAME]);
	c->line.name = work_keep(c->w, &b);
	return 0;
}

int mandate_of_mark(struct work *w, const char commune[COMMUNE_CODE_SIZE], struct str mark,
		    struct mandate_line *ret_line)
{
	struct choice c = {.w = w, .mark = mark};
	int r = mandates_around(w->vault, commune, keep_chosen, &c);

	if (!r && !c.line.kept.len)
		r = -ENOENT;
	if (!r)
		*ret_line = c.line;
	return r;
}

/* --- in another edition */

struct look {
	struct admin *admin;
	struct territory_set set;
	int64_t number;
	int32_t day;
	bool dry_run;
	struct str mark; /* that is looked for */
	bool there;
	int lines, gone, back;
};

static int compare(void *context, struct str code, struct str text)
{
	struct look *l = context;
	struct str fields[MANDATE_FIELDS];
	char mark[TERRITORY_MARK_SIZE];

	l->lines++;
	territory_fields(text, fields, MANDATE_FIELDS);
	mandate_mark(l->admin->w->vault, fields, mark);
	l->there |= str_eq(str_from(mark), l->mark);
	return 0;
}

static int count_and_tell(struct look *l, const struct official *o)
{
	struct admin *a = l->admin;
	struct term t;
	int r = term_load(a->w->vault, o->id, &t);

	if (r)
		return r;
	l->gone += !l->there && t.mandate_gone == DAY_NONE;
	l->back += l->there && t.mandate_gone != DAY_NONE;
	return l->dry_run ? 0 : term_mandate_looked_up(a->w, a->c, o, l->there, l->day);
}

static int look_up(struct look *l, struct id official)
{
	struct vault *v = l->admin->w->vault;
	struct str kept[KEPT_FIELDS];
	struct official o;
	int r = official_load(v, l->admin->w->arena, official, &o);

	if (r || o.ended || !o.registered_mandate.len)
		return r;
	territory_fields(o.registered_mandate, kept, KEPT_FIELDS);
	if (!str_eq(kept[KEPT_SCOPE], l->set.scope))
		return 0;
	l->mark = kept[KEPT_MARK];
	l->there = false;
	r = territory_in_edition(v, &l->set, l->number, kept[KEPT_PLACE], compare, l);
	return r ? r : count_and_tell(l, &o);
}

struct page {
	struct id ids[OFFICIALS_A_COMMAND];
	int count;
};

/* Copied out before any is written. */
static int keep_id(void *context, struct id id)
{
	struct page *page = context;

	page->ids[page->count++] = id;
	return 0;
}

static int look_up_page(struct look *l, struct id after)
{
	struct page page = {.count = 0};
	int r = officials_each(l->admin->w->vault, after, OFFICIALS_A_COMMAND, keep_id, &page);
	int i = 0;

	for (; !r && i < page.count && l->lines < LINES_A_COMMAND; i++)
		r = look_up(l, page.ids[i]);
	if (!r && i && (i < page.count || page.count == OFFICIALS_A_COMMAND))
		json_id(&l->admin->answer, "after", page.ids[i - 1]);
	else
		json_nothing(&l->admin->answer, "after");
	return r;
}

int admin_import_registrations(struct admin *a)
{
	struct look l = {.admin = a, .dry_run = admin_value(a, "dry_run")->number};
	struct edition edition;
	int r;

	if (!import_take_set(a, &l.set))
		return 0;
	r = import_take_edition(a, &l.set, &edition);
	if (r || admin_refused(a))
		return r;
	if (l.set.kind != TERRITORY_MANDATES)
		return admin_invalid(a, "kind", "rne attendu.");
	/* What nobody agreed to counts only for who wants to know. */
	l.number = l.dry_run ? edition.last : edition.current;
	l.day = paris_day(edition.at_ms);
	r = look_up_page(&l, admin_value(a, "after")->id);
	json_int(&a->answer, "gone", l.gone);
	json_int(&a->answer, "back", l.back);
	json_bool(&a->answer, "rest", db_wants_rest(a->w->db));
	return r;
}
