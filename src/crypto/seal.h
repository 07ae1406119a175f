/*
 * Sealed columns. A master key (a file outside the data folder, mode 0600) wraps one data key
 * a dossier; values are sealed with the dossier's key by XChaCha20-Poly1305. The purpose label
 * ("alert.fix") is authenticated with the value, so that a value cannot be moved to another column.
 *
 *   sealed value: 0x01 ‖ key id (16) ‖ nonce (24) ‖ ciphertext ‖ tag (16)
 *   wrapped key:  0x01 ‖ master key number (4, big endian) ‖ nonce (24) ‖ ciphertext (32) ‖ tag
 * (16)
 *
 * Key file, text: one line a master key, "NUMBER HEX(32 bytes)", the highest number wraps new keys;
 * lines that start with # are comments. Rotation adds a line and rewraps.
 */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include "base/buf.h"
#include "base/id.h"

enum { SEAL_OVERHEAD = 1 + 16 + 24 + 16, WRAPPED_KEY_SIZE = 1 + 4 + 24 + 32 + 16 };
enum { BLIND_SIZE = 32 };

struct keyring; /* master keys, in locked memory */

/* -ENOENT, -EACCES (mode not 0600 or owner not us), -EBADMSG (a line that does not parse:
 * *ret_line). */
int keyring_open(const char *path, struct keyring **ret_ring, unsigned *ret_line);
/* Creates the file (0600, fsynced, -EEXIST if there) with one new key. */
int keyring_create(const char *path);
/* Adds a new master key to the file, which becomes the current one (written beside, fsynced,
 * renamed). */
int keyring_rotate(const char *path);
void keyring_free(struct keyring *ring); /* wipes */
uint32_t keyring_current(const struct keyring *ring);

struct data_key {
	struct id id;
	uint8_t bytes[32];
};

void data_key_new(struct id id, struct data_key *ret_key);
void data_key_wrap(const struct keyring *ring, const struct data_key *key,
		   uint8_t out[WRAPPED_KEY_SIZE]);
/* -EBADMSG: altered, or wrapped by a master key this ring does not have. */
int data_key_unwrap(const struct keyring *ring, struct id id, struct str wrapped,
		    struct data_key *ret_key);
uint32_t wrapped_key_master(struct str wrapped); /* 0 when malformed */

/* Appends the sealed value to out. */
void seal(const struct data_key *key, struct str label, struct str plain, struct buf *out);
/* Appends the plain value to out. -EBADMSG: altered, other key or other label. */
int unseal(const struct data_key *key, struct str label, struct str sealed, struct buf *out);
/* The id of the data key a value was sealed with; -EBADMSG when it is not a sealed value. */
int sealed_key_id(struct str sealed, struct id *ret_id);

/* Blind index: HMAC-SHA-256 under a key derived from the OLDEST master key, so that rotation keeps
 * it. */
void blind_index(const struct keyring *ring, struct str label, struct str text,
		 uint8_t out[BLIND_SIZE]);

#endif
