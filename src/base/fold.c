/* Folding: see fold.h. */
#include "base/fold.h"

/* U+00C0 to U+017F: what letter is left, 0 for none, 1 for "ae", 2 for "oe", 3 for "ss". */
static const char latin[] = "aaaaaa\1ceeeeiiiidnooooo\0ouuuuyt\3"
			    "aaaaaa\1ceeeeiiiidnooooo\0ouuuuyty"
			    "aaaaaaccccccccddddeeeeeeeeeegggg"
			    "gggghhhhiiiiiiiiiiiijjkkklllllll"
			    "lllnnnnnnnnnoooooo\2\2rrrrrrssssss"
			    "ssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

static const char *const ligatures[] = {"", "ae", "oe", "ss"};

static size_t length_of(uint8_t first)
{
	return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* The letters a character comes down to; empty for what separates. */
static struct str letters_of(struct str c, char small[1])
{
	uint8_t first = (uint8_t)c.ptr[0];
	unsigned code;

	small[0] = c.ptr[0];
	if (first < 0x80) {
		if (first >= 'A' && first <= 'Z')
			small[0] = (char)(first - 'A' + 'a');
		return str_of(small, (small[0] >= 'a' && small[0] <= 'z') ||
					     (small[0] >= '0' && small[0] <= '9'));
	}
	code = c.len == 2 ? (first & 0x1Fu) << 6 | ((uint8_t)c.ptr[1] & 0x3Fu) : 0;
	if (code >= 0xC0 && code - 0xC0 < sizeof(latin) - 1) {
		small[0] = latin[code - 0xC0];
		return small[0] < 4 ? str_from(ligatures[(int)small[0]]) : str_of(small, 1);
	}
	/* Spaces, dashes and quotes of all kinds: U+0080 to U+00BF, U+2000 to U+206F. */
	if ((code >= 0x80 && code < 0xC0) ||
	    (c.len == 3 && first == 0xE2 &&
	     ((uint8_t)c.ptr[1] == 0x80 || (uint8_t)c.ptr[1] == 0x81)))
		return STR("");
	return c;
}

void text_fold(struct str text, char gap, struct buf *out)
{
	size_t start = out->len;
	bool apart = false;

	for (size_t at = 0; at < text.len;) {
		struct str c = str_slice(text, at, at + length_of((uint8_t)text.ptr[at]));
		struct str letters;
		char small[1];

		at += c.len;
		letters = letters_of(c, small);
		if (!letters.len) {
			apart = true;
			continue;
		}
		if (apart && gap && out->len > start)
			buf_add_byte(out, (uint8_t)gap);
		apart = false;
		buf_add_str(out, letters);
	}
}
