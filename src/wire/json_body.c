/* JSON of devices: see json_body.h. */
#include "wire/json_body.h"

#include "base/limits.h"
#include "wire/field.h"

/* The parser recurses, so the depth is counted before. */
static bool is_too_deep(struct str text)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']'))
			depth--;
		if (depth > LIMIT_JSON_DEPTH)
			return true;
	}
	return false;
}

json_t *json_body_parse(struct str body)
{
	json_error_t error;

	if (str_starts(body, STR("\xEF\xBB\xBF")))
		body = str_slice(body, 3, body.len);
	if (body.len == 0 || body.len > LIMIT_HTTP_BODY_BYTES || is_too_deep(body))
		return NULL;
	return json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, &error);
}

struct str json_body_text(const json_t *value, struct arena *arena)
{
	char number[64];
	int len;

	if (json_is_string(value)) {
		size_t size = json_string_length(value);

		return str_of(arena_copy(arena, json_string_value(value), size), size);
	}
	if (json_is_boolean(value))
		return json_is_true(value) ? STR("true") : STR("false");
	if (json_is_integer(value))
		len = snprintf(number, sizeof(number), "%lld",
			       (long long)json_integer_value(value));
	else if (json_is_real(value))
		len = snprintf(number, sizeof(number), "%.17g", json_real_value(value));
	else
		return STR_NONE;
	return str_of(arena_copy(arena, number, (size_t)len), (size_t)len);
}

double json_body_number(const json_t *value, double min, double max, double other)
{
	double number;

	if (json_is_string(value))
		return field_double(str_from(json_string_value(value)), min, max, other);
	if (!json_is_number(value))
		return other;
	number = json_number_value(value);
	return number >= min && number <= max ? number : other;
}

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool text_holds_word(struct str text, struct str word)
{
	for (size_t i = 0; i + word.len <= text.len; i++) {
		size_t end = i + word.len;

		if (str_eq_nocase(str_slice(text, i, end), word) &&
		    (i == 0 || !is_alphanumeric(text.ptr[i - 1])) &&
		    (end == text.len || !is_alphanumeric(text.ptr[end])))
			return true;
	}
	return false;
}

static struct str skip_blanks(struct str text)
{
	while (text.len && memchr(" \t\r\n", text.ptr[0], 4))
		text = str_slice(text, 1, text.len);
	return text;
}

/* ": \"value\"" */
static struct str member_value(struct str text)
{
	ptrdiff_t end;

	text = skip_blanks(text);
	if (!str_starts(text, STR(":")))
		return STR_NONE;
	text = skip_blanks(str_slice(text, 1, text.len));
	if (!str_starts(text, STR("\"")))
		return STR_NONE;
	text = str_slice(text, 1, text.len);
	end = str_find(text, '"');
	return end > 0 ? str_slice(text, 0, (size_t)end) : STR_NONE;
}

struct str text_find_member(struct str text, struct str key)
{
	struct str part, value;

	while (str_split(&text, '"', &part)) {
		if (!str_starts(text, key) ||
		    !str_starts(str_slice(text, key.len, text.len), STR("\"")))
			continue;
		value = member_value(str_slice(text, key.len + 1, text.len));
		if (value.len)
			return value;
	}
	return STR_NONE;
}
