/* What the official sees by the link of an SMS about their registration: days, and no name. */
#include <errno.h>

#include "service/json.h"
#include "service/reader_private.h"
#include "store/links.h"
#include "store/terms.h"

static const char *const answers[] = {
	[ANSWER_NONE] = "none", [ANSWER_GO_ON] = "go_on", [ANSWER_END] = "end"};

static int load(struct reader *r, struct str token, struct link *ret_link, struct term *ret_term)
{
	int error = reader_refresh(r);

	if (!error)
		error = link_load(r->vault, token, ret_link);
	if (!error && ret_link->kind != LINK_TERM)
		error = -ENOENT;
	if (!error)
		error = term_load(r->vault, ret_link->alert, ret_term);
	return error;
}

static void write(struct buf *b, const struct term *t)
{
	enum term_why why;

	term_last_day(t, &why);
	json_open(b, NULL, '{');
	json_day(b, "registered", t->registered);
	json_day(b, "confirmed", t->confirmed);
	json_day(b, "ends", term_in_force_until(t));
	json_word(b, "why", term_why_name(why));
	json_bool(b, "warned", t->warned != DAY_NONE);
	json_word(b, "answer", answers[t->answer]);
	json_close(b, '}');
}

int reader_term(struct reader *r, struct arena *arena, const struct session_account *who,
		int64_t now_ms, const struct question *question, struct answer *ret_answer)
{
	struct buf b = BUF_INIT;
	struct link link;
	struct term t;
	int error = load(r, question->token, &link, &t);

	if (error == -ENOENT)
		return reader_refuse(ret_answer, PROBLEM_NOT_FOUND, "Ce lien n'existe pas.");
	if (error)
		return error;
	if (link.revoked_at_ms != TIME_NONE)
		return reader_refuse(ret_answer, PROBLEM_GONE,
				     "Ce lien n'est plus valable : un autre l'a remplacé, ou "
				     "l'inscription a pris fin.");
	write(&b, &t);
	ret_answer->subject = link.alert;
	ret_answer->holder = link.target;
	return reader_end(arena, &b, 0, ret_answer);
}
