/* Inside of the keyring, for crypto/ alone. Others hold a pointer (seal.h). */
#ifndef CRYPTO_KEYRING_H
#define CRYPTO_KEYRING_H

#include <sodium.h>

#include "crypto/seal.h"

enum { KEYRING_MAX = 64 }; /* a rotation a year for longer than any of us will run this */

struct master_key {
	uint32_t number;
	uint8_t bytes[32];
};

struct keyring {
	size_t len;
	size_t current; /* index of the highest number */
	crypto_auth_hmacsha256_state
		blind; /* with its key taken in: half of the work of a short text */
	struct master_key keys[KEYRING_MAX];
};

/* NULL: no such key. */
const struct master_key *keyring_find(const struct keyring *ring, uint32_t number);

#endif
