/* Passwords: argon2id (RFC 9106), through libsodium. Slow on purpose: only on the password thread.
 */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include "base/str.h"

enum { PASSWORD_HASH_SIZE = 128 };

/* `strength` 0 is for tests (8 MiB, 1 pass); 1 is the real one (64 MiB, 3 passes). -ENOMEM. */
int password_hash(struct str password, int strength, char out[PASSWORD_HASH_SIZE]);
bool password_matches(const char *hash, struct str password);
/* Spends the time of a real check, for a login that does not exist. */
void password_pretend(struct str password, int strength);

#endif
