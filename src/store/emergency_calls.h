/*
 * Calls to 17. A call is a dossier: its key seals what the switch said of it and where the
 * telephone was, and is destroyed with it.
 */
#ifndef STORE_EMERGENCY_CALLS_H
#define STORE_EMERGENCY_CALLS_H

#include "base/alloc.h"
#include "core/emergency_call.h"
#include "store/fix.h"
#include "store/portion.h"

/* What the switch said, and does not change. */
struct call_face {
	struct str number; /* E.164; else as the switch wrote it; empty: withheld */
	struct str line;   /* on which it came in */
	struct str place;  /* an address, as the network knows it; empty: it does not */
};

/* Makes the call's key too. number: E.164 or empty, what it is found by. */
int emergency_call_insert(struct vault *v, const struct emergency_call *call,
			  const struct call_face *face, struct str switch_key, struct str number);
int emergency_call_update(struct vault *v,
			  struct emergency_call *call); /* -ESTALE; moves version */
int emergency_call_locate(struct vault *v, struct id call, const struct stored_fix *fix);
/* The texts are the arena's. ret_face may be NULL: whether it is withheld is then not known. 0,
 * -ENOENT or -errno. */
int emergency_call_load(struct vault *v, struct arena *arena, struct id id,
			struct emergency_call *ret_call, struct call_face *ret_face);
/* Where its telephone was last; -ENOENT: not said. */
int emergency_call_fix(struct vault *v, struct id call, struct stored_fix *ret_fix);

/* The last call of that name the switch began since then; -ENOENT. */
int emergency_call_by_key(struct vault *v, struct str switch_key, int64_t since_ms,
			  struct id *ret_call);
/* Whether one of that official goes on. */
int emergency_call_open_of(struct vault *v, struct id official, bool *ret_open);
/* Deletes those closed before then, their entries' bodies and their keys. */
int emergency_calls_purge(struct vault *v, int64_t closed_before_ms, int64_t now_ms,
			  struct portion *portion);
/* Those not closed yet: of a room, those that nobody has first; of one official; from one number
 * (E.164); the newest first in these; those from before. */
int emergency_calls_open(struct vault *v, struct id room, int limit, id_reader *on_call,
			 void *context);
int emergency_calls_held(struct vault *v, struct id account, int limit, id_reader *on_call,
			 void *context);
int emergency_calls_before(struct vault *v, int64_t before_ms, struct portion *portion,
			   id_reader *on_call, void *context);
int emergency_calls_of(struct vault *v, struct id official, int limit, id_reader *on_call,
		       void *context);
int emergency_calls_from(struct vault *v, struct str number, int limit, id_reader *on_call,
			 void *context);

#endif
