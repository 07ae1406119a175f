/* Chance, tokens, constant-time comparison and wiping: see random.h. */
#include "crypto/random.h"

#include <sodium.h>

#include "crypto/tree.h"

void crypto_init(void)
{
	if (sodium_init() < 0) {
		fputs("egide: libsodium cannot start\n", stderr);
		abort();
	}
}

/*
 * Nonces, salts and identifiers are asked for a dozen at a time: they are taken from a pool, which
 * costs a system call in twenty. What was given is wiped from it. Keys do not come from it. One a
 * thread, and no process of ours forks and goes on.
 */
enum { POOL_BYTES = 512, FROM_POOL_BYTES = 24 };
static _Thread_local struct {
	uint8_t bytes[POOL_BYTES];
	size_t left;
} pool;

void random_bytes(void *out, size_t len)
{
	if (len > FROM_POOL_BYTES) {
		randombytes_buf(out, len);
		return;
	}
	if (pool.left < len) {
		randombytes_buf(pool.bytes, POOL_BYTES);
		pool.left = POOL_BYTES;
	}
	pool.left -= len;
	memcpy(out, pool.bytes + pool.left, len);
	wipe(pool.bytes + pool.left, len);
}

struct id random_id_v7(int64_t now_ms)
{
	uint8_t chance[10];

	random_bytes(chance, sizeof(chance));
	return id_v7(now_ms, chance);
}

void token_new(char out[TOKEN_TEXT_SIZE])
{
	uint8_t secret[16];

	random_bytes(secret, sizeof(secret));
	sodium_bin2base64(out, TOKEN_TEXT_SIZE, secret, sizeof(secret),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	wipe(secret, sizeof(secret));
}

void token_hash(struct str token, uint8_t out[TOKEN_HASH_SIZE])
{
	struct hash hash = hash_bytes(token);

	memcpy(out, hash.bytes, TOKEN_HASH_SIZE);
}

bool bytes_equal_constant_time(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void wipe(void *secret, size_t len)
{
	sodium_memzero(secret, len);
}
