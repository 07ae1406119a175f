/*
 * Signed notes (C2SP signed-note): a text, and below it who vouches for it by Ed25519.
 *
 *   TEXT, which ends with a line feed
 *   (an empty line)
 *   — NAME BASE64(key hash (4) ‖ signature (64))
 *
 * key hash: the first bytes of SHA-256(NAME ‖ 0x0A ‖ 0x01 ‖ public key). The house has one key,
 * made from its oldest master key, as the blind index: a rotation keeps it.
 */
#ifndef CRYPTO_NOTE_H
#define CRYPTO_NOTE_H

#include "base/buf.h"

struct keyring;

enum { NOTE_KEY_SIZE = 32 };

struct note_key {
	uint8_t bytes[NOTE_KEY_SIZE];
};

/* The public half of the house's key. */
struct note_key note_key_of(const struct keyring *ring);
/* Appends the signed note. name has neither spaces nor '+'; text ends with a line feed. */
void note_sign(const struct keyring *ring, struct str name, struct str text, struct buf *out);
/* *ret_text: what the key vouches for, in note. -EBADMSG: not a note, or of nobody with this name
 * and key. */
int note_open(struct str note, struct str name, const struct note_key *key, struct str *ret_text);

/* RFC 4648 §4, padded. */
void base64_encode(struct str bytes, struct buf *out);
/* Bytes written, or -EINVAL: not well-formed, something left over, more than cap. */
ptrdiff_t base64_decode(struct str text, uint8_t *out, size_t cap);

#endif
