/*
 * How officials come to their own file, and what they want of it (docs/protocol/registration.md):
 * the codes sent to them by SMS, the sessions these open, and what waits: to leave, to have the
 * sheet that they gave by consent taken out. Codes and numbers are blind indexes, tokens are
 * hashed.
 */
#ifndef STORE_OWN_H
#define STORE_OWN_H

#include "crypto/random.h"
#include "store/portion.h"

/* A code that was asked for: nobody's when the number is no official's, and kept all the same, so
 * that what is counted tells nobody whose number it is. */
struct own_code {
	struct str request; /* the secret of who asked: only they may answer with the code */
	struct str number;  /* E.164 */
	struct id official; /* ID_NONE */
	struct str code;
	int64_t created_at_ms, expires_at_ms;
};

int own_code_insert(struct vault *v, const struct own_code *code);
/* How many were asked for since: for that number, or in all (STR_NONE). */
int own_codes_since(struct vault *v, struct str number, int64_t since_ms, int64_t *ret_count);
/* 0: the right one, which is used up now. -EACCES: a wrong one of that official, counted. -ENOENT:
 * no such request, too old, used, tried too often, or nobody's. */
int own_code_take(struct vault *v, struct str request, struct str code, int64_t now_ms,
		  struct id *ret_official);

/* device: the telephone it was opened with; ID_NONE: by a code. */
int own_session_insert(struct vault *v, struct str token, struct id official, struct id device,
		       int64_t now_ms, int64_t expires_at_ms);
int own_session_find(struct vault *v, struct str token, int64_t now_ms, struct id *ret_official);
int own_session_delete(struct vault *v, struct str token);
int own_sessions_delete_all(struct vault *v);

/* What an official has asked for and is not done; TIME_NONE: not that. */
struct own_wish {
	int64_t leave_at_ms, withdraw_at_ms;
};
int own_wish_load(struct vault *v, struct id official, struct own_wish *ret_wish);
/* Nothing wanted any more: the row goes. */
int own_wish_save(struct vault *v, struct id official, const struct own_wish *wish);
/* Who wants to leave, who has waited longest first; whose sheet is to be taken out. on_id may
 * write. */
int own_wishes_leaving(struct vault *v, int limit, id_reader *on_id, void *context);
int own_wishes_withdrawn(struct vault *v, struct portion *portion, id_reader *on_id, void *context);

/* The official is registered no more. */
int own_forget(struct vault *v, struct id official);
/* Codes of before `codes_before_ms`, sessions that are over. */
int own_purge(struct vault *v, int64_t codes_before_ms, int64_t now_ms);

#endif
