/* Chance for keys, nonces, salts, tokens and identifiers (libsodium, getrandom(2)). */
#ifndef CRYPTO_RANDOM_H
#define CRYPTO_RANDOM_H

#include "base/id.h"

/* Once, before anything else in crypto/, on one thread. Aborts if the library cannot start. */
void crypto_init(void);
void random_bytes(void *out, size_t len);
struct id random_id_v7(int64_t now_ms);

/* A link's or a session's secret: 128 random bits in base64url (22 characters). */
enum { TOKEN_TEXT_SIZE = 23, TOKEN_HASH_SIZE = 32 };
void token_new(char out[TOKEN_TEXT_SIZE]);
/* What is stored of it: SHA-256 of the text. */
void token_hash(struct str token, uint8_t out[TOKEN_HASH_SIZE]);

bool bytes_equal_constant_time(const void *a, const void *b, size_t len);
void wipe(void *secret, size_t len);

#endif
