/* Codes that people read and type: see spoken_code.h. */
#include "service/spoken_code.h"

#include "crypto/random.h"

/* Crockford's: no letter that reads like a digit. 32 of them. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void code_new(size_t len, char *out)
{
	uint8_t chance[CODE_LEN_MAX];

	random_bytes(chance, sizeof(chance));
	for (size_t i = 0; i < len; i++)
		out[i] = alphabet[chance[i] & 31];
	out[len] = '\0';
	wipe(chance, sizeof(chance));
}

void code_print(const char *code, char out[CODE_SHOWN_SIZE])
{
	size_t len = 0;

	for (size_t i = 0; code[i]; i++) {
		if (i && i % 4 == 0)
			out[len++] = '-';
		out[len++] = code[i];
	}
	out[len] = '\0';
}

struct str code_read(struct str typed, size_t wanted, char out[CODE_LEN_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < typed.len; i++) {
		char c = typed.ptr[i];

		if (c == '-' || c == ' ')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
		if (len == wanted || !c || !memchr(alphabet, c, sizeof(alphabet) - 1))
			return STR_NONE;
		out[len++] = c;
	}
	return len == wanted ? str_of(out, len) : STR_NONE;
}
