/* SHA-256 of what comes piece by piece: a file that is too large to hold. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include "crypto/tree.h"

struct digest;

struct digest *digest_new(void);
void digest_add(struct digest *digest, struct str bytes);
/* Of all that was added. Frees; ret_hash may be NULL, so may digest. */
void digest_end(struct digest *digest, struct hash *ret_hash);

#endif
