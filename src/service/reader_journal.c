/*
 * The journal for auditors: who did what to what, and when. Not what was said: bodies of entries
 * hold names, numbers and texts of alerts, which an auditor does not read.
 */
#include <jansson.h>

#include "core/access.h"
#include "service/json.h"
#include "service/reader_private.h"
#include "store/journal.h"

/* Numbers looked through for one page: positions, which it leaves out, may be most of them. */
enum { STRETCH = 20000 };

struct lines {
	struct reader *reader;
	struct buf *out;
	int count;
	int64_t last;
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

static int add_line(void *context, const struct entry *e)
{
	struct lines *l = context;
	struct buf *b = l->out;

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
	write_what(b, e->body);
	json_close(b, '}');
	l->count++;
	l->last = e->number;
	return 0;
}

/* Where the next page begins, 0 when this one is the last. */
static int64_t next_page(const struct lines *l, const struct journal_filter *f, int limit)
{
	if (l->count == limit)
		return l->last;
	return f->from > 1 ? f->from : 0;
}

static int read_lines(struct reader *r, const struct journal_filter *f, int limit, struct buf *b)
{
	struct lines l = {.reader = r, .out = b};
	int64_t next;
	int error;

	json_open(b, "lines", '[');
	error = journal_lines(r->vault, f, limit, add_line, &l);
	json_close(b, ']');
	next = next_page(&l, f, limit);
	if (next)
		json_int(b, "next", next);
	else
		json_nothing(b, "next");
	return error;
}

static int prepare(struct reader *r, const struct question *question, struct journal_filter *f)
{
	int64_t epoch, number;
	/* Names of accounts, those made a moment ago too: this is read seldom. */
	int error = reader_refresh_now(r);

	if (!error)
		error = reader_head(r, &epoch, &number);
	if (error)
		return error;
	*f = (struct journal_filter){.subject = question->subject,
				     .account = question->actor,
				     .before = question->before};
	if (!f->before || f->before > number + 1)
		f->before = number + 1;
	/* Somebody's or something's lines have an index. */
	if (id_is_none(f->subject) && id_is_none(f->account) && f->before > STRETCH)
		f->from = f->before - STRETCH;
	return 0;
}

int reader_journal(struct reader *r, struct arena *arena, const struct session_account *who,
		   int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct journal_filter filter;
	struct buf b = BUF_INIT;
	int error;

	if (!access_allows(who->roles, RIGHT_AUDIT, RELATION_NONE))
		return reader_refuse(ret_answer, PROBLEM_FORBIDDEN,
				     "Votre rôle ne donne pas accès au journal.");
	buf_add_byte(&b, '{');
	error = prepare(r, question, &filter);
	if (!error)
		error = read_lines(r, &filter, question->limit, &b);
	json_close(&b, '}');
	if (error) {
		buf_fini(&b);
		return error;
	}
	/* The line of this reading is about what was looked for, or nobody but the auditor. */
	ret_answer->subject = !id_is_none(filter.subject)   ? filter.subject
			      : !id_is_none(filter.account) ? filter.account
							    : who->id;
	return reader_answer(arena, &b, ret_answer);
}
