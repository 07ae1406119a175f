/* Sessions, and the lines of the audit about who came in and who read what. */
#include "service/sessions.h"

#include "base/buf.h"
#include "service/json.h"
#include "service/keeping.h"
#include "service/second_factor.h"

#include <errno.h>

enum { HOUR_MS = 3600 * 1000 };

static void audit_of(struct work *w, struct command *command, enum entry_kind kind,
		     struct id subject, struct id target, struct str body)
{
	work_entry(w, command, kind, subject, target, vault_house_key(w->vault), body);
}

static void audit(struct work *w, struct command *command, enum entry_kind kind, struct id subject,
		  struct str body)
{
	audit_of(w, command, kind, subject, ID_NONE, body);
}

/* Whoever logs in again is somebody new: what the browser had before opens nothing any more. */
static int end_replaced(struct work *w, struct str old)
{
	uint8_t token[TOKEN_HASH_SIZE];

	if (!old.len)
		return 0;
	token_hash(old, token);
	return session_delete(w->vault, token);
}

int session_begin(struct work *w, struct command *command, const struct account *account,
		  struct str how)
{
	uint8_t token[TOKEN_HASH_SIZE];
	int r = sessions_purge(w->vault, w->now_ms);

	token_hash(command->token, token);
	if (!r)
		r = end_replaced(w, command->text);
	if (!r)
		r = session_insert(w->vault, token, account->id, w->now_ms,
				   w->now_ms + (int64_t)w->options->session_hours * HOUR_MS);
	if (r)
		return r;
	command->outcome.subject = account->id;
	audit(w, command, ENTRY_LOGIN, account->id,
	      how.len ? work_one_text(w, "second_factor", how) : STR_NONE);
	return 0;
}

int handle_session_open(struct work *w, struct command *command)
{
	struct str how = STR_NONE;
	struct account account;
	int r = account_load(w->vault, command->subject, &account);

	if (r == -ENOENT || (!r && account.disabled)) {
		command_refuse(command, PROBLEM_LOGIN_REFUSED,
			       "L'identifiant ou le mot de passe est incorrect.");
		return 0;
	}
	if (!r)
		r = second_factor_prove(w, command, &account, &how);
	if (!r && !command->outcome.problem)
		r = session_begin(w, command, &account, how);
	wipe(&account, sizeof(account));
	return r;
}

static int close_one(struct work *w, struct command *command)
{
	uint8_t token[TOKEN_HASH_SIZE];
	struct account account;
	int r;

	token_hash(command->token, token);
	r = session_account(w->vault, token, w->now_ms, &account);
	if (r == -ENOENT) {
		command_refuse(command, PROBLEM_SESSION_NEEDED, "Cette session est déjà terminée.");
		return 0;
	}
	if (!r)
		r = session_delete(w->vault, token);
	if (!r) {
		command->outcome.subject = account.id;
		audit(w, command, ENTRY_LOGOUT, account.id, STR_NONE);
	}
	wipe(&account, sizeof(account));
	return r;
}

static int close_all(struct work *w, struct command *command)
{
	struct id account = command->actor.id;
	int r = sessions_delete_of(w->vault, account);

	if (!r) {
		command->outcome.subject = account;
		audit(w, command, ENTRY_LOGOUT, account, work_one_text(w, "sessions", STR("all")));
	}
	return r;
}

int handle_session_close(struct work *w, struct command *command)
{
	return command->token.len ? close_one(w, command) : close_all(w, command);
}

int handle_session_refused(struct work *w, struct command *command)
{
	audit(w, command, ENTRY_LOGIN_REFUSED, command->subject,
	      work_one_text(w, "login", command->name));
	return 0;
}

int handle_read(struct work *w, struct command *command)
{
	struct str what = command->name.len ? work_one_text(w, "what", command->name) : STR_NONE;

	audit_of(w, command, ENTRY_READ, command->subject, command->as.read.call, what);
	for (unsigned i = 0; i < command->as.read.also_count; i++)
		audit_of(w, command, ENTRY_READ, command->as.read.also[i], command->as.read.call,
			 what);
	return 0;
}

int handle_exported(struct work *w, struct command *command)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	json_text(&b, "what", command->name);
	if (command->text.len)
		json_text(&b, "reason", command->text);
	json_close(&b, '}');
	audit(w, command, ENTRY_EXPORTED, command->subject, work_keep(w, &b));
	return 0;
}

int handle_bulk(struct work *w, struct command *command)
{
	if (command->text.len)
		audit(w, command, ENTRY_READING_CONFIRMED, command->subject,
		      work_one_text(w, "reason", command->text));
	else
		audit(w, command, ENTRY_READING_HELD, command->subject, STR_NONE);
	return 0;
}

int handle_recorded(struct work *w, struct command *command)
{
	struct alert alert;
	int r = alert_load(w->vault, w->arena, command->subject, &alert, NULL);

	audit(w, command, ENTRY_SOUND_RECORDED, command->subject, command->text);
	return r ? r : keeping_begin(w, &alert);
}
