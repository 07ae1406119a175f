/* Message authentication codes that others chose: AML's (ETSI TS 103 625 §6) is HMAC-SHA-1, and so
 * are one-time passwords (RFC 4226). */
#ifndef CRYPTO_MAC_H
#define CRYPTO_MAC_H

#include "base/str.h"

enum { HMAC_SHA1_SIZE = 20 };

/* 0 or -ENOMEM. */
int hmac_sha1(struct str key, struct str text, uint8_t out[HMAC_SHA1_SIZE]);
/* Whether hex is the HMAC-SHA-1 of text under key. Constant time for a hex of the right length. */
bool hmac_sha1_is(struct str key, struct str text, struct str hex);

#endif
