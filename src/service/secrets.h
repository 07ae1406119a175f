/* Secrets as edges meet them: edges do not see crypto/. */
#ifndef SERVICE_SECRETS_H
#define SERVICE_SECRETS_H

#include "base/alloc.h"
#include "base/id.h"
#include "base/str.h"

/* Of "ident:secret" in base64 (RFC 7617); false when malformed. Text in arena. */
bool basic_credential(struct arena *arena, struct str base64, struct str *ret_ident,
		      struct str *ret_secret);
/* A key for a table in memory: half of SHA-256, never stored. */
struct id secret_fingerprint(int protocol, struct str ident, struct str secret);
/* A new session token, in arena. */
struct str session_token_new(struct arena *arena);
/* argon2id; only on the password thread. Both spend the time of a real check; hash empty: pretends,
 * and says no. */
bool password_check(struct str hash, struct str password, int strength);
/* In arena, STR_NONE when memory is short. */
struct str password_make(struct arena *arena, struct str password, int strength);

#endif
