/* Message authentication codes: see mac.h. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "crypto/mac.h"

enum { SHA1_SIZE = 20 };

bool hmac_sha1_is(struct str key, struct str text, struct str hex)
{
	uint8_t wanted[SHA1_SIZE], given[SHA1_SIZE];
	unsigned len = 0;

	if (hex.len != 2 * SHA1_SIZE || hex_decode(hex, given, sizeof(given)) != SHA1_SIZE)
		return false;
	if (!HMAC(EVP_sha1(), key.ptr, (int)key.len, (const uint8_t *)text.ptr, text.len, wanted,
		  &len) ||
	    len != SHA1_SIZE)
		return false;
	return !CRYPTO_memcmp(wanted, given, SHA1_SIZE);
}
