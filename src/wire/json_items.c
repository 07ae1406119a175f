/* Objects of a long array: see json_items.h. */
#include "wire/json_items.h"

#include <errno.h>

#include "base/limits.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip(struct str bytes, size_t at, bool commas)
{
	while (at < bytes.len && (is_space(bytes.ptr[at]) || (commas && bytes.ptr[at] == ',')))
		at++;
	return at;
}

/* After the string that opens at `at`; bytes.len + 1 when it has no end. */
static size_t string_end(struct str bytes, size_t at)
{
	for (at++; at < bytes.len; at++) {
		if (bytes.ptr[at] == '\\')
			at++;
		else if (bytes.ptr[at] == '"')
			return at + 1;
	}
	return bytes.len + 1;
}

/* Where the array of this member opens, when the string at `at` is its name. */
static size_t member_array(struct str bytes, size_t at, size_t end, struct str member)
{
	if (!str_eq(str_slice(bytes, at + 1, end - 1), member))
		return 0;
	at = skip(bytes, end, false);
	if (at >= bytes.len || bytes.ptr[at] != ':')
		return 0;
	at = skip(bytes, at + 1, false);
	return at < bytes.len && bytes.ptr[at] == '[' ? at + 1 : 0;
}

size_t json_items_start(struct str bytes, struct str member)
{
	size_t at = skip(bytes, str_starts(bytes, STR("\xEF\xBB\xBF")) ? 3 : 0, false);

	if (at < bytes.len && bytes.ptr[at] == '[')
		return at + 1;
	while (at < bytes.len) {
		size_t end, found;

		if (bytes.ptr[at] != '"') {
			at++;
			continue;
		}
		end = string_end(bytes, at);
		if (end > bytes.len)
			return 0;
		found = member_array(bytes, at, end, member);
		if (found)
			return found;
		at = end;
	}
	return 0;
}

ptrdiff_t json_items_next(struct str bytes, struct str *ret_item)
{
	size_t start = skip(bytes, 0, true), at = start;
	int depth = 0;

	if (at >= bytes.len)
		return 0;
	if (bytes.ptr[at] == ']') {
		*ret_item = STR_NONE;
		return (ptrdiff_t)at + 1;
	}
	if (bytes.ptr[at] != '{')
		return -EBADMSG;
	while (at < bytes.len) {
		char c = bytes.ptr[at];

		at = c == '"' ? string_end(bytes, at) : at + 1;
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		if (!depth && at <= bytes.len) {
			*ret_item = str_slice(bytes, start, at);
			return (ptrdiff_t)at;
		}
	}
	return bytes.len - start > LIMIT_JSON_ITEM_BYTES ? -EMSGSIZE : 0;
}
