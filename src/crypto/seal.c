/* Sealed values, wrapped keys and the blind index: see seal.h. The key file is keyring.c. */
#include "crypto/seal.h"

#include <assert.h>
#include <errno.h>

#include <sodium.h>

#include "base/cursor.h"
#include "crypto/keyring.h"
#include "crypto/random.h"

enum {
	FORMAT = 1,
	NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	SEALED_HEADER_SIZE = 1 + 16,
	WRAPPED_HEADER_SIZE = 1 + 4,
	LABEL_MAX = 64,
	AUTHENTICATED_MAX = SEALED_HEADER_SIZE + LABEL_MAX,
};

_Static_assert(SEAL_OVERHEAD == SEALED_HEADER_SIZE + NONCE_SIZE + TAG_SIZE, "seal.h");
_Static_assert(sizeof(((struct data_key *)0)->bytes) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
	       "seal.h");

/* What is authenticated with a value but not hidden: its clear header, then what it belongs to. */
struct authenticated {
	uint8_t bytes[AUTHENTICATED_MAX];
	size_t len;
};

static struct authenticated authenticate(const uint8_t *header, size_t header_size,
					 struct str owner)
{
	struct authenticated a;

	assert(header_size + owner.len <= sizeof(a.bytes));
	memcpy(a.bytes, header, header_size);
	if (owner.len)
		memcpy(a.bytes + header_size, owner.ptr, owner.len);
	a.len = header_size + owner.len;
	return a;
}

/* Writes nonce ‖ ciphertext ‖ tag. */
static void encrypt(const uint8_t key[32], const struct authenticated *a, struct str plain,
		    uint8_t *out)
{
	random_bytes(out, NONCE_SIZE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE_SIZE, NULL,
						   (const uint8_t *)plain.ptr, plain.len, a->bytes,
						   a->len, NULL, out, key);
}

/* `in` is nonce ‖ ciphertext ‖ tag; out holds in.len - NONCE_SIZE - TAG_SIZE bytes. */
static int decrypt(const uint8_t key[32], const struct authenticated *a, struct str in,
		   uint8_t *out)
{
	const uint8_t *bytes = (const uint8_t *)in.ptr;

	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, bytes + NONCE_SIZE,
						       in.len - NONCE_SIZE, a->bytes, a->len, bytes,
						       key))
		return -EBADMSG;
	return 0;
}

static void put_u32(uint8_t *out, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(value >> (24 - 8 * i));
}

void data_key_new(struct id id, struct data_key *ret_key)
{
	ret_key->id = id;
	random_bytes(ret_key->bytes, sizeof(ret_key->bytes));
}

void data_key_wrap(const struct keyring *ring, const struct data_key *key,
		   uint8_t out[WRAPPED_KEY_SIZE])
{
	const struct master_key *master = &ring->keys[ring->current];
	struct authenticated a;

	out[0] = FORMAT;
	put_u32(out + 1, master->number);
	a = authenticate(out, WRAPPED_HEADER_SIZE, str_of(key->id.bytes, sizeof(key->id.bytes)));
	encrypt(master->bytes, &a, str_of(key->bytes, sizeof(key->bytes)),
		out + WRAPPED_HEADER_SIZE);
}

uint32_t wrapped_key_master(struct str wrapped)
{
	struct cursor c = cursor_of(wrapped);

	if (wrapped.len != WRAPPED_KEY_SIZE || cursor_u8(&c) != FORMAT)
		return 0;
	return cursor_u32(&c);
}

int data_key_unwrap(const struct keyring *ring, struct id id, struct str wrapped,
		    struct data_key *ret_key)
{
	const struct master_key *master = keyring_find(ring, wrapped_key_master(wrapped));
	struct authenticated a;
	uint8_t bytes[32];

	if (!master)
		return -EBADMSG;
	a = authenticate((const uint8_t *)wrapped.ptr, WRAPPED_HEADER_SIZE,
			 str_of(id.bytes, sizeof(id.bytes)));
	if (decrypt(master->bytes, &a, str_slice(wrapped, WRAPPED_HEADER_SIZE, wrapped.len), bytes))
		return -EBADMSG;
	ret_key->id = id;
	memcpy(ret_key->bytes, bytes, sizeof(bytes));
	wipe(bytes, sizeof(bytes));
	return 0;
}

void seal(const struct data_key *key, struct str label, struct str plain, struct buf *out)
{
	uint8_t *at = (uint8_t *)buf_reserve(out, plain.len + SEAL_OVERHEAD);
	struct authenticated a;

	at[0] = FORMAT;
	memcpy(at + 1, key->id.bytes, sizeof(key->id.bytes));
	a = authenticate(at, SEALED_HEADER_SIZE, label);
	encrypt(key->bytes, &a, plain, at + SEALED_HEADER_SIZE);
	out->len += plain.len + SEAL_OVERHEAD;
}

int unseal(const struct data_key *key, struct str label, struct str sealed, struct buf *out)
{
	struct authenticated a;
	struct id id;
	size_t len;

	if (sealed_key_id(sealed, &id) || !id_eq(id, key->id))
		return -EBADMSG;
	len = sealed.len - SEAL_OVERHEAD;
	a = authenticate((const uint8_t *)sealed.ptr, SEALED_HEADER_SIZE, label);
	if (decrypt(key->bytes, &a, str_slice(sealed, SEALED_HEADER_SIZE, sealed.len),
		    (uint8_t *)buf_reserve(out, len + 1)))
		return -EBADMSG;
	out->len += len;
	return 0;
}

int sealed_key_id(struct str sealed, struct id *ret_id)
{
	if (sealed.len < SEAL_OVERHEAD || sealed.ptr[0] != FORMAT)
		return -EBADMSG;
	memcpy(ret_id->bytes, sealed.ptr + 1, sizeof(ret_id->bytes));
	return 0;
}

void blind_index(const struct keyring *ring, struct str label, struct str text,
		 uint8_t out[BLIND_SIZE])
{
	crypto_auth_hmacsha256_state hmac = ring->blind;

	/* The zero byte keeps ("ab", "c") and ("a", "bc") apart: a label holds none. */
	crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)label.ptr, label.len);
	crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)"", 1);
	crypto_auth_hmacsha256_update(&hmac, (const uint8_t *)text.ptr, text.len);
	crypto_auth_hmacsha256_final(&hmac, out);
	wipe(&hmac, sizeof(hmac));
}
