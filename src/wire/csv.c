/* Tables as text: see csv.h. */
#include "wire/csv.h"

#include <errno.h>

#include "base/limits.h"

/* Windows-1252, 0x80 to 0x9F; what it leaves free is U+FFFD. */
static const uint16_t windows[32] = {
	0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
};

char csv_separator(struct str line)
{
	static const char candidates[] = ";,\t";
	size_t counts[3] = {0, 0, 0}, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < line.len && line.ptr[i] != '\n' && line.ptr[i] != '\r'; i++) {
		const char *found = line.ptr[i] ? strchr(candidates, line.ptr[i]) : NULL;

		if (line.ptr[i] == '"')
			quoted = !quoted;
		else if (found && !quoted)
			counts[found - candidates]++;
	}
	for (size_t i = 1; i < 3; i++)
		if (counts[i] > counts[best])
			best = i;
	return candidates[best];
}

size_t csv_mark(struct str bytes)
{
	return str_starts(bytes, STR("\xEF\xBB\xBF")) ? 3 : 0;
}

size_t csv_skip_line(struct str bytes)
{
	ptrdiff_t end = str_find(bytes, '\n');

	return end < 0 ? bytes.len : (size_t)end + 1;
}

/* --- where a record and its fields end */

struct span {
	size_t from, to;
	bool quoted;
};

static bool ends_line(char c)
{
	return c == '\n' || c == '\r';
}

/* After the quote that opens: just after the one that closes; bytes.len when none does. */
static size_t quote_end(struct str bytes, size_t at)
{
	while (at < bytes.len) {
		if (bytes.ptr[at++] != '"')
			continue;
		if (at >= bytes.len || bytes.ptr[at] != '"')
			return at;
		at++;
	}
	return bytes.len;
}

/* A field from `at` on; gives where it ends. */
static size_t find_field(struct str bytes, size_t at, char separator, struct span *ret_span)
{
	*ret_span = (struct span){at, at, at < bytes.len && bytes.ptr[at] == '"'};
	if (ret_span->quoted)
		at = quote_end(bytes, at + 1);
	while (at < bytes.len && bytes.ptr[at] != separator && !ends_line(bytes.ptr[at]))
		at++;
	ret_span->to = at;
	return at;
}

static size_t line_end_size(struct str bytes, size_t at)
{
	return bytes.ptr[at] == '\r' && at + 1 < bytes.len && bytes.ptr[at + 1] == '\n' ? 2 : 1;
}

/* --- text */

static void add_code_point(struct buf *out, unsigned code)
{
	if (code < 0x800) {
		buf_add_byte(out, (uint8_t)(0xC0 | code >> 6));
	} else {
		buf_add_byte(out, (uint8_t)(0xE0 | code >> 12));
		buf_add_byte(out, (uint8_t)(0x80 | (code >> 6 & 0x3F)));
	}
	buf_add_byte(out, (uint8_t)(0x80 | (code & 0x3F)));
}

static void add_windows(struct buf *out, uint8_t byte)
{
	if (byte < 0x80)
		buf_add_byte(out, byte);
	else
		add_code_point(out, byte < 0xA0 ? windows[byte - 0x80] : byte);
}

/* Spaces that do not break count too: files paste them in. */
static struct str trim(struct str text)
{
	static const struct str spaces[] = {
		{" ", 1}, {"\xC2\xA0", 2}, {"\xE2\x80\xAF", 3}, {"\xEF\xBB\xBF", 3}};

	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		if (str_starts(text, spaces[i]))
			return trim(str_slice(text, spaces[i].len, text.len));
		if (str_ends(text, spaces[i]))
			return trim(str_slice(text, 0, text.len - spaces[i].len));
	}
	return text;
}

/* The field's own text, appended: without its quotes, in UTF-8, a control character as a space. */
static void add_text(struct buf *out, struct str bytes, const struct span *span)
{
	struct str raw = str_slice(bytes, span->from, span->to);
	bool is_utf8 = str_is_utf8(raw), open = span->quoted;

	for (size_t i = span->quoted; i < raw.len; i++) {
		uint8_t byte = (uint8_t)raw.ptr[i];

		if (open && byte == '"') {
			/* Doubled: one of the text; alone: the end of what is quoted. */
			if (i + 1 >= raw.len || raw.ptr[i + 1] != '"') {
				open = false;
				continue;
			}
			i++;
		}
		if (byte < 0x20 || byte == 0x7F)
			buf_add_byte(out, ' ');
		else if (is_utf8)
			buf_add_byte(out, byte);
		else
			add_windows(out, byte);
	}
}

ptrdiff_t csv_next(struct str bytes, bool is_last, char separator, struct buf *scratch,
		   struct csv_row *ret_row)
{
	struct str head = str_slice(bytes, 0, LIMIT_CSV_LINE_BYTES);
	size_t starts[CSV_MAX_FIELDS + 1], at = 0;
	bool more = true;

	ret_row->count = 0;
	buf_reset(scratch);
	for (; more; ret_row->count++) {
		struct span span;

		if (ret_row->count == CSV_MAX_FIELDS)
			return -EMSGSIZE;
		at = find_field(head, at, separator, &span);
		if (at == head.len && (!is_last || head.len < bytes.len))
			return head.len == LIMIT_CSV_LINE_BYTES ? -EMSGSIZE : 0;
		starts[ret_row->count] = scratch->len;
		add_text(scratch, head, &span);
		more = at < head.len && head.ptr[at] == separator;
		at += more;
	}
	starts[ret_row->count] = scratch->len;
	for (size_t i = 0; i < ret_row->count; i++)
		ret_row->at[i] = trim(str_slice(buf_str(scratch), starts[i], starts[i + 1]));
	if (ret_row->count == 1 && !ret_row->at[0].len)
		ret_row->count = 0;
	/* A line end cut in two would leave its second half as an empty line. */
	if (at < head.len)
		at += line_end_size(head, at);
	return (ptrdiff_t)at;
}
