/*
 * The journal for auditors: who did what to what, and when. Not what was said: bodies of entries
 * hold names, numbers and texts of alerts, which an auditor does not read.
 */
#include <errno.h>
#include <jansson.h>

#include "base/limits.h"
#include "base/paris.h"
#include "core/access.h"
#include "service/json.h"
#include "service/people_index.h"
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
	json_filled(l->out, "name", name);
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

static bool is_indexed(const struct journal_filter *f)
{
	return !id_is_none(f->subject) || !id_is_none(f->person) || !id_is_none(f->account);
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
	return error;
}

static int prepare(struct reader *r, const struct question *question, struct search *s)
{
	int64_t epoch, number;
	/* Names of accounts, those made a moment ago too: this is read seldom. */
	int error = reader_refresh_now(r);

	s->filter = (struct journal_filter){.account = question->actor,
					    .person = question->person,
					    .kind = question->kind,
					    .before = question->before};
	if (!error)
		error = reader_head(r, &epoch, &number);
	if (!error)
		error = find_alert(r, question, &s->filter.subject);
	return error ? error : find_bounds(r, question, number, s);
}

/* The line of a reading is about what was looked for, or nobody but the auditor. */
static struct id looked_for(const struct journal_filter *f, const struct session_account *who)
{
	if (!id_is_none(f->person))
		return f->person;
	if (!id_is_none(f->subject))
		return f->subject;
	return id_is_none(f->account) ? who->id : f->account;
}

static bool may_audit(const struct session_account *who)
{
	return access_allows(who->roles, RIGHT_AUDIT, RELATION_NONE);
}

static int refuse_role(struct answer *ret_answer)
{
	return reader_refuse(ret_answer, PROBLEM_FORBIDDEN,
			     "Votre rôle ne donne pas accès au journal.");
}

static int refuse_alert(struct answer *ret_answer)
{
	return reader_refuse(ret_answer, PROBLEM_NOT_FOUND, "Aucune alerte ne porte ce numéro.");
}

int reader_journal(struct reader *r, struct arena *arena, const struct session_account *who,
		   int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct search s;
	struct buf b = BUF_INIT;
	int error;

	if (!may_audit(who))
		return refuse_role(ret_answer);
	buf_add_byte(&b, '{');
	error = prepare(r, question, &s);
	/* Somebody's or something's lines have an index. */
	if (!error && !is_indexed(&s.filter) && s.filter.before - s.first > STRETCH)
		s.filter.from = s.filter.before - STRETCH;
	if (!error)
		error = read_lines(r, &s, question->limit, &b);
	json_close(&b, '}');
	if (error == -ENOENT) {
		buf_fini(&b);
		return refuse_alert(ret_answer);
	}
	ret_answer->subject = looked_for(&s.filter, who);
	return reader_end(arena, &b, error, ret_answer);
}

int reader_journal_people(struct reader *r, struct arena *arena, const struct session_account *who,
			  int64_t now_ms, const struct question *question,
			  struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	int error;

	if (!may_audit(who))
		return refuse_role(ret_answer);
	if (!people_search_is_enough(question->text))
		return reader_refuse(ret_answer, PROBLEM_INVALID,
				     "Trois lettres au moins : nom, commune ou adresse.");
	ret_answer->subject = who->id;
	buf_add_byte(&b, '{');
	error = people_json(r, arena, question->text, &b, ret_answer);
	json_close(&b, '}');
	return reader_end(arena, &b, error, ret_answer);
}

/* --- taken away */

struct count {
	int lines;
	int64_t oldest_ms; /* of those that may be taken at once */
};

static int count_line(void *context, const struct entry *e)
{
	struct count *c = context;

	if (++c->lines <= LIMIT_JOURNAL_EXPORT_LINES)
		c->oldest_ms = e->at_ms;
	return 0;
}

static int refuse_lines(struct arena *arena, int64_t oldest_ms, struct answer *ret_answer)
{
	struct civil_day day = civil_of_day(paris_day(oldest_ms));
	char text[200];

	snprintf(text, sizeof(text),
		 "Plus de %d %03d lignes : les plus récentes remontent au %02d/%02d/%04d. Exportez "
		 "depuis le lendemain, puis les jours d'avant.",
		 LIMIT_JOURNAL_EXPORT_LINES / 1000, LIMIT_JOURNAL_EXPORT_LINES % 1000, day.day,
		 day.month, day.year);
	return reader_refuse(ret_answer, PROBLEM_TOO_LARGE,
			     arena_copy(arena, text, strlen(text) + 1));
}

int reader_journal_selection(struct reader *r, struct arena *arena,
			     const struct session_account *who, const struct question *question,
			     struct journal_filter *ret_filter, struct answer *ret_answer)
{
	struct count count = {0};
	struct search s;
	int error;

	if (!may_audit(who))
		return refuse_role(ret_answer);
	error = prepare(r, question, &s);
	if (error == -ENOENT)
		return refuse_alert(ret_answer);
	if (!error && !is_indexed(&s.filter) &&
	    s.filter.before - s.filter.from > LIMIT_JOURNAL_EXPORT_STRETCH)
		return reader_refuse(ret_answer, PROBLEM_TOO_LARGE,
				     "Cette période compte plus d'un million de lignes, positions "
				     "comprises : choisissez moins de jours, une personne ou un "
				     "compte.");
	if (!error)
		error = journal_lines(r->vault, &s.filter, LIMIT_JOURNAL_EXPORT_LINES + 1,
				      count_line, &count);
	if (error)
		return error;
	if (count.lines > LIMIT_JOURNAL_EXPORT_LINES)
		return refuse_lines(arena, count.oldest_ms, ret_answer);
	if (!count.lines)
		return reader_refuse(ret_answer, PROBLEM_NOT_FOUND, "Aucune ligne ne correspond.");
	*ret_filter = s.filter;
	/* Up to now, the line about this export too. */
	if (!question->until_ms)
		ret_filter->before = INT64_MAX;
	ret_answer->subject = looked_for(&s.filter, who);
	return 0;
}

int reader_journal_selected(struct reader *r, struct journal_filter *filter, struct buf *out)
{
	struct lines l = {.reader = r, .out = out};
	int64_t epoch, number;
	int error = reader_head(r, &epoch, &number);

	if (error)
		return error;
	if (filter->before > number + 1)
		filter->before = number + 1;
	buf_add_byte(out, '{');
	json_open(out, "lines", '[');
	error = journal_lines(r->vault, filter, LIMIT_EVIDENCE_ENTRIES + 1, add_line, &l);
	json_close(out, ']');
	json_close(out, '}');
	if (!error && l.count > LIMIT_EVIDENCE_ENTRIES)
		error = -EFBIG;
	return error;
}
