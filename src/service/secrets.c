/* Secrets as edges meet them: see secrets.h. */
#include "service/secrets.h"

#include "base/buf.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/tree.h"

enum { MAX_BASIC = 512 };

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool basic_credential(struct arena *arena, struct str base64, struct str *ret_ident,
		      struct str *ret_secret)
{
	char *out, *to;
	unsigned bits = 0, held = 0;
	ptrdiff_t colon;
	struct str plain;

	base64 = str_trim(base64);
	while (base64.len && base64.ptr[base64.len - 1] == '=')
		base64.len--;
	if (base64.len > MAX_BASIC)
		return false;
	out = to = arena_alloc(arena, base64.len + 1);
	for (size_t i = 0; i < base64.len; i++) {
		int digit = base64_digit(base64.ptr[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (unsigned)digit;
		held += 6;
		if (held >= 8) {
			held -= 8;
			*to++ = (char)(bits >> held);
		}
	}
	plain = str_of(out, (size_t)(to - out));
	colon = str_find(plain, ':');
	if (colon < 0 || !str_is_utf8(plain))
		return false;
	*ret_ident = str_slice(plain, 0, (size_t)colon);
	*ret_secret = str_slice(plain, (size_t)colon + 1, plain.len);
	return true;
}

struct id secret_fingerprint(int protocol, struct str ident, struct str secret)
{
	struct buf b = BUF_INIT;
	struct hash hash;
	struct id id;

	buf_printf(&b, "%d %zu ", protocol, ident.len);
	buf_add_str(&b, ident);
	buf_add_str(&b, secret);
	hash = hash_bytes(buf_str(&b));
	wipe(b.ptr, b.len);
	buf_fini(&b);
	memcpy(id.bytes, hash.bytes, sizeof(id.bytes));
	return id;
}

struct str session_token_new(struct arena *arena)
{
	char token[TOKEN_TEXT_SIZE];

	token_new(token);
	return str_of(arena_copy(arena, token, strlen(token)), strlen(token));
}

bool password_check(struct str hash, struct str password, int strength)
{
	char text[PASSWORD_HASH_SIZE];

	if (!hash.len || hash.len >= sizeof(text)) {
		password_pretend(password, strength);
		return false;
	}
	memcpy(text, hash.ptr, hash.len);
	text[hash.len] = '\0';
	return password_matches(text, password);
}

struct str password_make(struct arena *arena, struct str password, int strength)
{
	char hash[PASSWORD_HASH_SIZE];

	if (password_hash(password, strength, hash))
		return STR_NONE;
	return str_of(arena_copy(arena, hash, strlen(hash)), strlen(hash));
}
