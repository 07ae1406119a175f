/*
 * The journal for auditors: who did what to what, and when. Not what was said: bodies of entries
 * hold names, numbers and texts of alerts, which an auditor does not read.
 */
#include <errno.h>
#include <jansson.h>

#include "core/access.h"
#include "service/json.h"
#include "service/reader_private.h"
#include "store/alerts.h"
#include "store/journal.h"

/* Numbers looked through for one page: positions, which it leaves out, may be most of them. */
enum { STRETCH = 20000 };

struct search {
	struct journal_filter filter; /* one page of it */
	int64_t first;                /* the whole begins there */
};

struct lines {
	struct reader *reader;
	struct buf *out;
	int count;
	int64_t last;
	/* Of the line before: most are about the same alert. */
	struct id alert;
	int64_t ref; /* 0: it is none */
};

/* "what" (a route, a kind of thing) and "command", of those bodies that have them. */
static void write_what(struct buf *b, struct str body)
{
	static const char *const keys[] = {"what", "command"};
	json_t *parsed = body.len ? json_loadb(body.ptr, body.len, 0, NULL) : NULL;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		json_text(b, keys[i],
			  str_from(json_string_value(json_object_get(parsed, keys[i]))));
	json_decref(parsed);
}

static int find_ref(struct lines *l, struct id subject)
{
	int r;

	if (id_eq(l->alert, subject))
		return 0;
	l->alert = subject;
	r = alert_ref(l->reader->vault, subject, &l->ref);
	if (r)
		l->ref = 0;
	return r == -ENOENT ? 0 : r;
}

/* What the line is about, by what an auditor may know it: the number of an alert, the name of who
 * works here. */
static int write_about(struct lines *l, struct id subject)
{
	const struct directory *d = l->reader->directory;
	struct str name = directory_account_name(d, subject);
	int r = find_ref(l, subject);

	if (!name.len)
		name = directory_unit_name(d, subject);
	json_open(l->out, "about", '{');
	if (l->ref)
		json_int(l->out, "ref", l->ref);
	else
		json_nothing(l->out, "ref");
	json_text(l->out, "name", name.len ? name : STR_NONE);
	json_close(l->out, '}');
	return r;
}

static int add_line(void *context, const struct entry *e)
{
	struct lines *l = context;
	struct buf *b = l->out;
	int r;

	json_open(b, NULL, '{');
	json_int(b, "number", e->number);
	json_time(b, "at", e->at_ms);
	json_word(b, "kind", entry_kind_name(e->kind));
	json_open(b, "actor", '{');
	json_word(b, "kind", actor_kind_name(e->actor_kind));
	json_id(b, "id", e->actor);
	json_text(b, "name",
		  e->actor_kind == ACTOR_ACCOUNT
			  ? directory_account_name(l->reader->directory, e->actor)
			  : STR_NONE);
	json_close(b, '}');
	json_id(b, "subject", e->subject);
	json_id(b, "target", e->target);
	r = write_about(l, e->subject);
	write_what(b, e->body);
	json_close(b, '}');
	l->count++;
	l->last = e->number;
	return r;
}

/* Where the next page begins, 0 when this one is the last. */
static int64_t next_page(const struct lines *l, const struct search *s, int limit)
{
	if (l->count == limit)
		return l->last;
	return s->filter.from > s->first ? s->filter.from : 0;
}

static int read_lines(struct reader *r, const struct search *s, int limit, struct buf *b)
{
	struct lines l = {.reader = r, .out = b};
	int64_t next;
	int error;

	json_open(b, "lines", '[');
	error = journal_lines(r->vault, &s->filter, limit, add_line, &l);
	json_close(b, ']');
	next = next_page(&l, s, limit);
	if (next)
		json_int(b, "next", next);
	else
		json_nothing(b, "next");
	return error;
}

/* Which alert is meant, by its number: one that is not there has no lines. */
static int find_alert(struct reader *r, const struct question *question, struct id *ret_subject)
{
	*ret_subject = question->subject;
	if (!question->ref || !id_is_none(question->subject))
		return 0;
	return alert_by_ref(r->vault, question->ref, ret_subject);
}

/* From one moment to another, in numbers. */
static int find_bounds(struct reader *r, const struct question *question, int64_t last,
		       struct search *s)
{
	int64_t end = last + 1;
	int error = 0;

	s->first = 1;
	if (question->since_ms)
		error = journal_number_at(r->vault, question->since_ms, &s->first);
	if (!error && question->until_ms)
		error = journal_number_at(r->vault, question->until_ms, &end);
	if (!s->filter.before || s->filter.before > end)
		s->filter.before = end;
	s->filter.from = s->first;
	/* Somebody's or something's lines have an index. */
	if (id_is_none(s->filter.subject) && id_is_none(s->filter.account) &&
	    s->filter.before - s->first > STRETCH)
		s->filter.from = s->filter.before - STRETCH;
	return error;
}

static int prepare(struct reader *r, const struct question *question, struct search *s)
{
	int64_t epoch, number;
	/* Names of accounts, those made a moment ago too: this is read seldom. */
	int error = reader_refresh_now(r);

	s->filter = (struct journal_filter){.account = question->actor, .before = question->before};
	if (!error)
		error = reader_head(r, &epoch, &number);
	if (!error)
		error = find_alert(r, question, &s->filter.subject);
	return error ? error : find_bounds(r, question, number, s);
}

int reader_journal(struct reader *r, struct arena *arena, const struct session_account *who,
		   int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct search search;
	struct buf b = BUF_INIT;
	int error;

	if (!access_allows(who->roles, RIGHT_AUDIT, RELATION_NONE))
		return reader_refuse(ret_answer, PROBLEM_FORBIDDEN,
				     "Votre rôle ne donne pas accès au journal.");
	buf_add_byte(&b, '{');
	error = prepare(r, question, &search);
	if (!error)
		error = read_lines(r, &search, question->limit, &b);
	json_close(&b, '}');
	if (error == -ENOENT) {
		buf_fini(&b);
		return reader_refuse(ret_answer, PROBLEM_NOT_FOUND,
				     "Aucune alerte ne porte ce numéro.");
	}
	/* The line of this reading is about what was looked for, or nobody but the auditor. */
	ret_answer->subject = !id_is_none(search.filter.subject)   ? search.filter.subject
			      : !id_is_none(search.filter.account) ? search.filter.account
								   : who->id;
	return reader_end(arena, &b, error, ret_answer);
}
