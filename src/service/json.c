/* Writing JSON: see json.h. */
#include "service/json.h"

#include <math.h>

#include "base/paris.h"

static void add_text(struct buf *b, struct str text)
{
	static const char digits[] = "0123456789abcdef";
	size_t plain = 0;

	buf_add_byte(b, '"');
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		buf_add(b, text.ptr + plain, i - plain);
		plain = i + 1;
		if (c == '"' || c == '\\') {
			buf_add_byte(b, '\\');
			buf_add_byte(b, c);
		} else {
			char escape[6] = {'\\', 'u', '0', '0', digits[c >> 4], digits[c & 15]};

			buf_add(b, escape, sizeof(escape));
		}
	}
	buf_add(b, text.ptr + plain, text.len - plain);
	buf_add_byte(b, '"');
}

static void start(struct buf *b, const char *key)
{
	char last = b->len ? b->ptr[b->len - 1] : '{';
	size_t len = key ? strlen(key) : 0;
	char *at = buf_reserve(b, len + 4), *to = at;

	if (last != '{' && last != '[')
		*to++ = ',';
	if (key) {
		*to++ = '"';
		memcpy(to, key, len);
		to += len;
		*to++ = '"';
		*to++ = ':';
	}
	b->len += (size_t)(to - at);
}

void json_open(struct buf *b, const char *key, char bracket)
{
	start(b, key);
	buf_add_byte(b, (uint8_t)bracket);
}

void json_close(struct buf *b, char bracket)
{
	buf_add_byte(b, (uint8_t)bracket);
}

void json_text(struct buf *b, const char *key, struct str text)
{
	if (!text.ptr) {
		json_nothing(b, key);
		return;
	}
	start(b, key);
	add_text(b, text);
}

void json_filled(struct buf *b, const char *key, struct str text)
{
	json_text(b, key, text.len ? text : STR_NONE);
}

void json_word(struct buf *b, const char *key, const char *text)
{
	json_text(b, key, str_from(text));
}

/* value / 10^decimals, all its decimals written. */
static void add_decimal(struct buf *b, const char *key, int64_t value, int decimals)
{
	char text[32], *at = text + sizeof(text);
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	for (int i = 0; i < decimals; i++, left /= 10)
		*--at = (char)('0' + left % 10);
	if (decimals)
		*--at = '.';
	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (value < 0)
		*--at = '-';
	start(b, key);
	buf_add(b, at, (size_t)(text + sizeof(text) - at));
}

void json_int(struct buf *b, const char *key, int64_t value)
{
	add_decimal(b, key, value, 0);
}

void json_number(struct buf *b, const char *key, int64_t value, bool is_said)
{
	if (is_said)
		json_int(b, key, value);
	else
		json_nothing(b, key);
}

void json_bool(struct buf *b, const char *key, bool value)
{
	json_raw(b, key, value ? STR("true") : STR("false"));
}

void json_nothing(struct buf *b, const char *key)
{
	start(b, key);
	buf_add(b, "null", 4);
}

void json_time(struct buf *b, const char *key, int64_t at_ms)
{
	if (at_ms == TIME_NONE)
		json_nothing(b, key);
	else
		json_int(b, key, at_ms);
}

void json_day(struct buf *b, const char *key, int32_t day)
{
	char text[DAY_TEXT_SIZE];

	if (day == DAY_NONE) {
		json_nothing(b, key);
		return;
	}
	day_print_iso(day, text);
	json_word(b, key, text);
}

void json_id(struct buf *b, const char *key, struct id id)
{
	char text[ID_TEXT_SIZE];

	if (id_is_none(id)) {
		json_nothing(b, key);
		return;
	}
	id_print(id, text);
	json_word(b, key, text);
}

void json_e7(struct buf *b, const char *key, int32_t degrees_e7)
{
	add_decimal(b, key, degrees_e7, 7);
}

void json_signed(struct buf *b, const char *key, double value)
{
	/* What no measure of ours reaches is no measure. */
	if (isfinite(value) && fabs(value) < 1e9)
		add_decimal(b, key, llround(value * 10), 1);
	else
		json_nothing(b, key);
}

void json_measure(struct buf *b, const char *key, double value)
{
	json_signed(b, key, value < 0 ? NAN : value);
}

void json_raw(struct buf *b, const char *key, struct str json)
{
	start(b, key);
	buf_add_str(b, json.ptr ? json : STR("null"));
}
