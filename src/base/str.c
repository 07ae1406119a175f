/* Text by value and the strict parsers: see str.h. */
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>

#include "base/alloc.h"

struct str str_from(const char *text)
{
	return text ? (struct str){text, strlen(text)} : STR_NONE;
}

struct str str_of(const void *bytes, size_t len)
{
	return (struct str){bytes, len};
}

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static unsigned char ascii_lower(char byte)
{
	unsigned char c = (unsigned char)byte;

	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
			return false;
	return true;
}

int str_cmp(struct str a, struct str b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common ? memcmp(a.ptr, b.ptr, common) : 0;

	if (order)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_slice(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_slice(s, s.len - suffix.len, s.len), suffix);
}

bool str_is_empty(struct str s)
{
	return s.len == 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct str str_trim(struct str s)
{
	while (s.len && is_blank(s.ptr[0])) {
		s.ptr++;
		s.len--;
	}
	while (s.len && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct str str_slice(struct str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return s.ptr ? (struct str){s.ptr + from, to - from} : STR_NONE;
}

ptrdiff_t str_find(struct str s, char byte)
{
	const char *hit = s.len ? memchr(s.ptr, byte, s.len) : NULL;

	return hit ? hit - s.ptr : -1;
}

bool str_split(struct str *rest, char sep, struct str *ret_part)
{
	ptrdiff_t at;

	if (!rest->ptr)
		return false;
	at = str_find(*rest, sep);
	if (at < 0) {
		*ret_part = *rest;
		*rest = STR_NONE;
		return true;
	}
	*ret_part = str_slice(*rest, 0, (size_t)at);
	*rest = str_slice(*rest, (size_t)at + 1, rest->len);
	return true;
}

char *str_dup(struct str s)
{
	char *copy = xmalloc(s.len + 1);

	if (s.len)
		memcpy(copy, s.ptr, s.len);
	copy[s.len] = '\0';
	return copy;
}

int str_parse_i64(struct str s, int64_t min, int64_t max, int64_t *ret_value)
{
	bool negative = s.len && s.ptr[0] == '-';
	size_t i = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+');
	int64_t value = 0;

	if (i == s.len)
		return -EINVAL;
	for (; i < s.len; i++) {
		int digit = s.ptr[i] - '0';

		if (digit < 0 || digit > 9)
			return -EINVAL;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, digit, &value))
			return -ERANGE;
	}
	/* Built as a negative number, so that INT64_MIN parses. */
	if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
		return -ERANGE;
	if (value < min || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int str_parse_hex_u64(struct str s, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (s.len == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.len; i++) {
		int digit = hex_digit(s.ptr[i]);

		if (digit < 0)
			return -EINVAL;
		if (value >> 60)
			return -ERANGE;
		value = value << 4 | (uint64_t)digit;
	}
	if (value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int str_parse_double(struct str s, double min, double max, double *ret_value)
{
	char text[64];
	char *end;
	double value;

	if (s.len == 0)
		return -EINVAL;
	if (s.len >= sizeof(text))
		return -ERANGE;
	for (size_t i = 0; i < s.len; i++)
		if (!isdigit((unsigned char)s.ptr[i]) && !memchr("+-.eE", s.ptr[i], 5))
			return -EINVAL;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	value = strtod(text, &end);
	if (end != text + s.len)
		return -EINVAL;
	if (!isfinite(value) || value < min || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int str_parse_e7(struct str s, int most, int32_t *ret_degrees_e7)
{
	double degrees;
	int r = str_parse_double(s, -most, most, &degrees);

	if (!r)
		*ret_degrees_e7 = (int32_t)(degrees * 1e7 + (degrees < 0 ? -0.5 : 0.5));
	return r;
}

/* Length of the well-formed sequence at s, 0 when there is none (RFC 3629 §4). */
static size_t utf8_sequence(struct str s)
{
	const uint8_t *p = (const uint8_t *)s.ptr;
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	uint8_t low = 0x80, high = 0xBF;

	if (p[0] == 0 || (p[0] >= 0x80 && p[0] < 0xC2) || p[0] > 0xF4 || len > s.len)
		return 0;
	if (p[0] == 0xE0)
		low = 0xA0;
	else if (p[0] == 0xED)
		high = 0x9F;
	else if (p[0] == 0xF0)
		low = 0x90;
	else if (p[0] == 0xF4)
		high = 0x8F;
	for (size_t i = 1; i < len; i++, low = 0x80, high = 0xBF)
		if (p[i] < low || p[i] > high)
			return 0;
	return len;
}

bool str_is_utf8(struct str s)
{
	while (s.len) {
		size_t used = utf8_sequence(s);

		if (!used)
			return false;
		s.ptr += used;
		s.len -= used;
	}
	return true;
}

void hex_encode(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

ptrdiff_t hex_decode(struct str s, uint8_t *out, size_t cap)
{
	if (s.len % 2)
		return -EINVAL;
	if (s.len / 2 > cap)
		return -ENOSPC;
	for (size_t i = 0; i < s.len / 2; i++) {
		int high = hex_digit(s.ptr[2 * i]), low = hex_digit(s.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return (ptrdiff_t)(s.len / 2);
}
