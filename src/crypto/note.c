/* Signed notes: see note.h. */
#include "crypto/note.h"

#include <assert.h>
#include <errno.h>

#include <sodium.h>

#include "base/alloc.h"
#include "crypto/keyring.h"
#include "crypto/random.h"
#include "crypto/tree.h"

enum { KEY_HASH_SIZE = 4, ALGORITHM = 1, SIGNED_SIZE = KEY_HASH_SIZE + crypto_sign_BYTES };

_Static_assert(NOTE_KEY_SIZE == crypto_sign_PUBLICKEYBYTES, "note.h");

#define DASH "\xe2\x80\x94 "

void base64_encode(struct str bytes, struct buf *out)
{
	size_t size = sodium_base64_ENCODED_LEN(bytes.len, sodium_base64_VARIANT_ORIGINAL);

	sodium_bin2base64(buf_reserve(out, size), size, (const uint8_t *)bytes.ptr, bytes.len,
			  sodium_base64_VARIANT_ORIGINAL);
	out->len += size - 1;
}

ptrdiff_t base64_decode(struct str text, uint8_t *out, size_t cap)
{
	struct buf again = BUF_INIT;
	bool is_canonical;
	size_t len;

	if (sodium_base642bin(out, cap, text.ptr, text.len, NULL, &len, NULL,
			      sodium_base64_VARIANT_ORIGINAL))
		return -EINVAL;
	/* libsodium takes bytes beyond ASCII for letters (1.0.18: 0xC1 for 'A'). */
	base64_encode(str_of(out, len), &again);
	is_canonical = str_eq(buf_str(&again), text);
	buf_fini(&again);
	return is_canonical ? (ptrdiff_t)len : -EINVAL;
}

/* --- the key */

static void secret_of(const struct keyring *ring, uint8_t secret[crypto_sign_SECRETKEYBYTES],
		      struct note_key *ret_public)
{
	uint8_t seed[BLIND_SIZE];

	_Static_assert(BLIND_SIZE == crypto_sign_SEEDBYTES, "the seed is a blind index");
	blind_index(ring, STR("egide signing key"), STR_NONE, seed);
	crypto_sign_seed_keypair(ret_public->bytes, secret, seed);
	wipe(seed, sizeof(seed));
}

struct note_key note_key_of(const struct keyring *ring)
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	struct note_key key;

	secret_of(ring, secret, &key);
	wipe(secret, sizeof(secret));
	return key;
}

static void key_hash(struct str name, const struct note_key *key, uint8_t out[KEY_HASH_SIZE])
{
	struct buf text = BUF_INIT;
	struct hash hash;

	buf_add_str(&text, name);
	buf_add_byte(&text, '\n');
	buf_add_byte(&text, ALGORITHM);
	buf_add(&text, key->bytes, sizeof(key->bytes));
	hash = hash_bytes(buf_str(&text));
	memcpy(out, hash.bytes, KEY_HASH_SIZE);
	buf_fini(&text);
}

/* --- notes */

void note_sign(const struct keyring *ring, struct str name, struct str text, struct buf *out)
{
	uint8_t secret[crypto_sign_SECRETKEYBYTES], signature[SIGNED_SIZE];
	struct note_key key;

	assert(str_ends(text, STR("\n")) && str_find(name, ' ') < 0);
	secret_of(ring, secret, &key);
	key_hash(name, &key, signature);
	crypto_sign_detached(signature + KEY_HASH_SIZE, NULL, (const uint8_t *)text.ptr, text.len,
			     secret);
	wipe(secret, sizeof(secret));
	buf_add_str(out, text);
	buf_printf(out, "\n" DASH "%.*s ", STR_FMT(name));
	base64_encode(str_of(signature, sizeof(signature)), out);
	buf_add_byte(out, '\n');
}

/* The text ends at the last empty line: it may have others. */
static bool divide(struct str note, struct str *ret_text, struct str *ret_signatures)
{
	for (size_t at = note.len; at > 1; at--)
		if (note.ptr[at - 1] == '\n' && note.ptr[at - 2] == '\n') {
			*ret_text = str_slice(note, 0, at - 1);
			*ret_signatures = str_slice(note, at, note.len);
			return true;
		}
	return false;
}

static bool vouches(struct str line, struct str name, const struct note_key *key, struct str text)
{
	uint8_t signature[SIGNED_SIZE], wanted[KEY_HASH_SIZE];
	struct str word;

	if (!str_starts(line, STR(DASH)))
		return false;
	line = str_slice(line, sizeof(DASH) - 1, line.len);
	if (!str_split(&line, ' ', &word) || !line.ptr || !str_eq(word, name))
		return false;
	key_hash(name, key, wanted);
	return base64_decode(line, signature, sizeof(signature)) == SIGNED_SIZE &&
	       !memcmp(signature, wanted, KEY_HASH_SIZE) &&
	       !crypto_sign_verify_detached(signature + KEY_HASH_SIZE, (const uint8_t *)text.ptr,
					    text.len, key->bytes);
}

int note_open(struct str note, struct str name, const struct note_key *key, struct str *ret_text)
{
	struct str text, signatures, line;

	if (!divide(note, &text, &signatures) || !str_ends(signatures, STR("\n")))
		return -EBADMSG;
	while (str_split(&signatures, '\n', &line))
		if (vouches(line, name, key, text)) {
			*ret_text = text;
			return 0;
		}
	return -EBADMSG;
}
