/* Message authentication codes: see mac.h. */
#include <errno.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "crypto/mac.h"

int hmac_sha1(struct str key, struct str text, uint8_t out[HMAC_SHA1_SIZE])
{
	unsigned len = 0;

	return HMAC(EVP_sha1(), key.ptr, (int)key.len, (const uint8_t *)text.ptr, text.len, out,
		    &len) && len == HMAC_SHA1_SIZE
		       ? 0
		       : -ENOMEM;
}

bool hmac_sha1_is(struct str key, struct str text, struct str hex)
{
	uint8_t wanted[HMAC_SHA1_SIZE], given[HMAC_SHA1_SIZE];

	if (hex.len != 2 * HMAC_SHA1_SIZE ||
	    hex_decode(hex, given, sizeof(given)) != HMAC_SHA1_SIZE)
		return false;
	return !hmac_sha1(key, text, wanted) && !CRYPTO_memcmp(wanted, given, HMAC_SHA1_SIZE);
}
