/* How an SMS is counted: see gsm7.h. */
#include "base/gsm7.h"

#include <errno.h>

#include "base/alloc.h"

enum {
	SEPTETS_ALONE = 160,
	SEPTETS_A_PART = 153, /* the rest is the header that joins the parts again */
	UNITS_ALONE = 70,
	UNITS_A_PART = 67,
};

/* What is not ASCII in the default alphabet. */
static const uint16_t beyond_ascii[] = {
	0x00a3, 0x00a5, 0x00e8, 0x00e9, 0x00f9, 0x00ec, 0x00f2, 0x00c7, 0x00d8, 0x00f8,
	0x00c5, 0x00e5, 0x0394, 0x03a6, 0x0393, 0x039b, 0x03a9, 0x03a0, 0x03a8, 0x03a3,
	0x0398, 0x039e, 0x00c6, 0x00e6, 0x00df, 0x00c9, 0x00a4, 0x00a1, 0x00c4, 0x00d6,
	0x00d1, 0x00dc, 0x00a7, 0x00bf, 0x00e4, 0x00f6, 0x00f1, 0x00fc, 0x00e0,
};
/* Reached through an escape: two septets. */
static const uint16_t extension[] = {'\f', '^', '{', '}', '\\', '[', '~', ']', '|', 0x20ac};

static bool is_among(uint32_t character, const uint16_t *list, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (list[i] == character)
			return true;
	return false;
}

/* Takes one character off *text, which is not empty; UINT32_MAX when it is not UTF-8. */
static uint32_t take_character(struct str *text)
{
	const uint8_t *p = (const uint8_t *)text->ptr;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t character;

	if (text->len < len || !str_is_utf8(str_of(p, len)))
		return UINT32_MAX;
	character = len == 1 ? p[0] : p[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++)
		character = character << 6 | (p[i] & 0x3fu);
	*text = str_slice(*text, len, text->len);
	return character;
}

/* 0: not in the alphabet. */
static unsigned septets_of(uint32_t character)
{
	if (is_among(character, extension, ARRAY_LEN(extension)))
		return 2;
	if (character == '`')
		return 0;
	if (character == '\n' || character == '\r' || (character >= ' ' && character < 0x7f))
		return 1;
	return is_among(character, beyond_ascii, ARRAY_LEN(beyond_ascii));
}

ptrdiff_t gsm7_septets(struct str text)
{
	ptrdiff_t total = 0;

	while (text.len) {
		unsigned septets = septets_of(take_character(&text));

		if (!septets)
			return -EILSEQ;
		total += septets;
	}
	return total;
}

static size_t utf16_units(struct str text)
{
	size_t total = 0;

	while (text.len) {
		uint32_t character = take_character(&text);

		if (character == UINT32_MAX)
			break;
		total += character > 0xffff ? 2 : 1;
	}
	return total;
}

static unsigned parts(size_t len, size_t alone, size_t a_part)
{
	return len <= alone ? 1 : (unsigned)((len + a_part - 1) / a_part);
}

unsigned sms_parts(struct str text)
{
	ptrdiff_t septets = gsm7_septets(text);

	if (septets >= 0)
		return parts((size_t)septets, SEPTETS_ALONE, SEPTETS_A_PART);
	return parts(utf16_units(text), UNITS_ALONE, UNITS_A_PART);
}
