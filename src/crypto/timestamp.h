/*
 * Time-stamps by a service (RFC 3161): that a SHA-256 existed at a time, said by somebody who is
 * not us. Bytes are DER; a reply may come from anybody.
 */
#ifndef CRYPTO_TIMESTAMP_H
#define CRYPTO_TIMESTAMP_H

#include "base/buf.h"
#include "crypto/tree.h"

/* The request for that hash, with a nonce and the service's certificate asked for. */
void timestamp_request(const struct hash *hash, struct buf *out);

struct timestamp {
	int64_t at_ms;       /* as the service says, UTC */
	char authority[200]; /* the subject of the certificate that signed, "" when there is none */
	bool is_trusted;     /* signed by a certificate that ca_file vouches for, for this use */
};
/* Whether a reply grants a stamp of that hash. ca_file: trusted certificates (PEM); NULL: none, and
 * the signature says nothing. 0; -EBADMSG: not a reply, of another hash; -EACCES: the service
 * refused; -ENOENT: ca_file cannot be read. */
int timestamp_open(struct str reply, const struct hash *hash, const char *ca_file,
		   struct timestamp *ret_timestamp);

#endif
