/* Passwords: see password.h. */
#include "crypto/password.h"

#include <errno.h>

#include <sodium.h>

#include "crypto/random.h"

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "libsodium's text form");

static const struct {
	unsigned long long passes;
	size_t memory_bytes;
} costs[] = {
	{1, 8 * 1024 * 1024},
	{3, 64 * 1024 * 1024},
};

int password_hash(struct str password, int strength, char out[PASSWORD_HASH_SIZE])
{
	if (crypto_pwhash_str_alg(out, password.ptr, password.len, costs[strength].passes,
				  costs[strength].memory_bytes, crypto_pwhash_ALG_ARGON2ID13))
		return -ENOMEM;
	return 0;
}

bool password_matches(const char *hash, struct str password)
{
	return crypto_pwhash_str_verify(hash, password.ptr, password.len) == 0;
}

void password_pretend(struct str password, int strength)
{
	static const uint8_t salt[crypto_pwhash_SALTBYTES];
	uint8_t key[32];

	/* Without memory there is nothing to pretend: a real check would have failed as fast. */
	if (crypto_pwhash(key, sizeof(key), password.ptr, password.len, salt,
			  costs[strength].passes, costs[strength].memory_bytes,
			  crypto_pwhash_ALG_ARGON2ID13) == 0)
		wipe(key, sizeof(key));
}
