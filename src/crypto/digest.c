/* SHA-256 piece by piece: see digest.h. */
#include "crypto/digest.h"

/* As in tree.c: these allocate nothing and cannot fail. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/alloc.h"

struct digest {
	SHA256_CTX sha;
};

struct digest *digest_new(void)
{
	struct digest *d = xcalloc(1, sizeof(*d));

	SHA256_Init(&d->sha);
	return d;
}

void digest_add(struct digest *d, struct str bytes)
{
	SHA256_Update(&d->sha, bytes.ptr, bytes.len);
}

void digest_end(struct digest *d, struct hash *ret_hash)
{
	struct hash hash;

	if (!d)
		return;
	SHA256_Final(hash.bytes, &d->sha);
	free(d);
	if (ret_hash)
		*ret_hash = hash;
}
