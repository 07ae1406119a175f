/* Message authentication codes that others chose: AML's (ETSI TS 103 625 §6) is HMAC-SHA-1. */
#ifndef CRYPTO_MAC_H
#define CRYPTO_MAC_H

#include "base/str.h"

/* Whether hex is the HMAC-SHA-1 of text under key. Constant time for a hex of the right length. */
bool hmac_sha1_is(struct str key, struct str text, struct str hex);

#endif
