/*
 * The envelope of the watch protocol: frames out of a stream, escapes, commands.
 * What a frame says is in watch_report.c. See watch.h and docs/protocol/watch.md.
 */
#include "wire/watch.h"

#include <assert.h>
#include <errno.h>

#include "base/alloc.h"
#include "base/limits.h"

enum {
	ID_MAX = 32,   /* a device sends 10 or 15 digits; the server judges what it knows */
	INDEX_MAX = 8, /* four hexadecimal digits */
	/* "[MM*ID*IIII*LLLL*": a beginning whose end may still be on its way is no longer. */
	ENVELOPE_MAX = 4 + ID_MAX + 1 + INDEX_MAX + 1 + 4 + 1,
	NOISE_MAX = 1024 /* noise is given up at a ']' or after this, so it is looked at once */
};

/* Escaped as 7D and the place in this list, from 1. */
static const char escaped_bytes[] = {0x7D, '[', ']', ',', '*'};

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* "[XX*", or as much of it as there is. */
static bool may_start_frame(struct str s)
{
	return (s.len < 1 || s.ptr[0] == '[') && (s.len < 2 || is_alphanumeric(s.ptr[1])) &&
	       (s.len < 3 || is_alphanumeric(s.ptr[2])) && (s.len < 4 || s.ptr[3] == '*');
}

static bool starts_frame(struct str s)
{
	return s.len >= 4 && may_start_frame(s);
}

static bool is_token_char(char c)
{
	return c > ' ' && c < 0x7F && c != '[' && c != ']' && c != ',';
}

/* Takes "TOKEN*" off *rest; a token is 1 to max visible characters. */
static bool take_token(struct str *rest, size_t max, struct str *ret_token)
{
	ptrdiff_t star = str_find(str_slice(*rest, 0, max + 1), '*');

	if (star < 1)
		return false;
	for (ptrdiff_t i = 0; i < star; i++)
		if (!is_token_char(rest->ptr[i]))
			return false;
	*ret_token = str_slice(*rest, 0, (size_t)star);
	*rest = str_slice(*rest, (size_t)star + 1, rest->len);
	return true;
}

static bool read_length(struct str token, size_t *ret_length)
{
	uint64_t value;

	if (token.len != 4 || str_parse_hex_u64(token, UINT16_MAX, &value))
		return false;
	*ret_length = (size_t)value;
	return true;
}

/*
 * Reads "[MM*ID*LLLL*" or "[MM*ID*IIII*LLLL*" at the front of s; ret_frame->content is all
 * that follows. Fails when it is not there, or not all there yet.
 */
static bool take_envelope(struct str s, struct watch_frame *ret_frame, size_t *ret_length)
{
	struct watch_frame f = {.maker = str_slice(s, 1, 3)};
	struct str rest = str_slice(s, 4, s.len), after, second, third;

	if (!starts_frame(s) || !take_token(&rest, ID_MAX, &f.id) ||
	    !take_token(&rest, INDEX_MAX, &second))
		return false;
	after = rest;
	if (take_token(&after, 4, &third) && read_length(third, ret_length)) {
		f.index = second;
		rest = after;
	} else if (!read_length(second, ret_length)) {
		return false;
	}
	f.content = rest;
	*ret_frame = f;
	return true;
}

static bool is_media(struct str content)
{
	return str_starts(content, STR("TK,")) || str_starts(content, STR("JXTK,")) ||
	       str_starts(content, STR("img,"));
}

/* Where the next "[XX*" is, or may be once more bytes are there; how far it was looked for when
 * nowhere. */
static size_t find_start(struct str s)
{
	size_t at = 0, most = s.len < NOISE_MAX ? s.len : NOISE_MAX;

	while (at < most && !may_start_frame(str_slice(s, at, s.len)))
		at++;
	return at;
}

static bool ends_with_bracket(struct str s)
{
	while (s.len && (s.ptr[s.len - 1] == '\r' || s.ptr[s.len - 1] == '\n'))
		s.len--;
	return str_ends(s, STR("]"));
}

/*
 * Length of the frame at the front of s, 0 when its end is not there yet, -EBADMSG when
 * another frame begins before it ended (then *ret_skip is where). Brackets are counted, as
 * Wi-Fi names hold some; a name that holds an odd one is survived by LLLL when it is right,
 * else by the beginning of the next frame. *walk says where the last look at it got to.
 */
static ptrdiff_t find_end(struct str s, const struct watch_frame *f, size_t length,
			  struct watch_walk *walk, size_t *ret_skip)
{
	size_t told_end = f ? (size_t)(f->content.ptr - s.ptr) + length : 0;
	size_t settled = s.len > ENVELOPE_MAX ? s.len - ENVELOPE_MAX : 0;
	size_t depth = walk->depth, unused;
	struct watch_frame next;

	for (size_t i = walk->at; i < s.len; i++) {
		if (i == settled)
			*walk = (struct watch_walk){i, depth};
		if (s.ptr[i] == '[') {
			if (i > 0 && take_envelope(str_slice(s, i, s.len), &next, &unused)) {
				*ret_skip = i;
				return ends_with_bracket(str_slice(s, 0, i)) ? (ptrdiff_t)i
									     : -EBADMSG;
			}
			depth++;
		} else if (s.ptr[i] == ']' && (--depth == 0 || (f && i == told_end))) {
			return (ptrdiff_t)i + 1;
		}
	}
	return 0;
}

/*
 * Bytes before any frame: kept until a ']' or NOISE_MAX shows that they are none. What may be an
 * alarm goes out alone, the rest in one piece.
 */
static ptrdiff_t give_up_noise(struct str noise, bool is_all, struct str *ret_raw, size_t *ret_skip)
{
	ptrdiff_t bracket = str_find(noise, ']');

	if (is_all && bracket < 0 && noise.len < NOISE_MAX)
		return 0;
	*ret_skip = bracket < 0 ? noise.len : (size_t)bracket + 1;
	if (bracket >= 0 && !watch_may_be_sos(noise)) {
		*ret_skip = noise.len;
		while (noise.ptr[*ret_skip - 1] != ']')
			--*ret_skip;
	}
	*ret_raw = str_slice(noise, 0, *ret_skip);
	return -EBADMSG;
}

ptrdiff_t watch_walk_on(struct str stream, struct watch_walk *walk, struct str *ret_raw,
			size_t *ret_skip)
{
	size_t start = find_start(stream), length = 0, limit = LIMIT_WATCH_TEXT_BYTES, skip = 0;
	struct str noise = str_slice(stream, 0, start), s = str_slice(stream, start, stream.len);
	struct watch_frame f;
	bool known = take_envelope(s, &f, &length);
	bool only_noise = start == stream.len || start == NOISE_MAX;
	ptrdiff_t end;

	if (only_noise || watch_may_be_sos(noise))
		return give_up_noise(noise, only_noise, ret_raw, ret_skip);
	if (known && is_media(f.content))
		limit = LIMIT_WATCH_FRAME_BYTES;
	end = find_end(s, known ? &f : NULL, length, start ? &(struct watch_walk){0} : walk, &skip);
	if ((end == 0 && s.len >= limit) || end > (ptrdiff_t)limit)
		return -EMSGSIZE;
	if (end < 0) {
		*ret_raw = str_slice(s, 0, skip);
		*ret_skip = start + skip;
		return -EBADMSG;
	}
	/* Noise does not wait with the frame behind it, to be looked at again with every byte. */
	if (end == 0 && start) {
		*ret_raw = noise;
		*ret_skip = start;
		return -EBADMSG;
	}
	if (end == 0)
		return 0;
	*ret_raw = str_slice(s, 0, (size_t)end);
	return (ptrdiff_t)start + end;
}

ptrdiff_t watch_next_frame(struct str stream, struct str *ret_raw, size_t *ret_skip)
{
	return watch_walk_on(stream, &(struct watch_walk){0}, ret_raw, ret_skip);
}

/* What LLLL counts is the bytes as sent; some firmware counts them before escaping. */
static bool length_is_right(struct str content, size_t length)
{
	size_t escapes = 0;

	for (size_t i = 0; i < content.len; i++)
		escapes += content.ptr[i] == escaped_bytes[0];
	return length == content.len || length == content.len - escapes;
}

int watch_split(struct str raw, struct watch_frame *ret_frame)
{
	struct watch_frame f;
	size_t length;

	while (raw.len && (raw.ptr[raw.len - 1] == '\r' || raw.ptr[raw.len - 1] == '\n'))
		raw.len--;
	if (!str_ends(raw, STR("]")) || !take_envelope(raw, &f, &length) || f.content.len == 0)
		return -EBADMSG;
	f.content.len--;
	f.length_lies = !length_is_right(f.content, length);
	*ret_frame = f;
	return 0;
}

void watch_command_indexed(struct str maker, struct str id, struct str index, struct str content,
			   struct buf *out)
{
	assert(content.len <= WATCH_MAX_CONTENT_BYTES);
	buf_add_byte(out, '[');
	buf_add_str(out, maker);
	buf_add_byte(out, '*');
	buf_add_str(out, id);
	buf_add_byte(out, '*');
	if (index.ptr) {
		buf_add_str(out, index);
		buf_add_byte(out, '*');
	}
	buf_printf(out, "%04zx*", content.len);
	buf_add_str(out, content);
	buf_add_byte(out, ']');
}

void watch_command(struct str maker, struct str id, struct str content, struct buf *out)
{
	watch_command_indexed(maker, id, STR_NONE, content, out);
}

void watch_escape(struct str bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes.len; i++) {
		const char *hit = memchr(escaped_bytes, bytes.ptr[i], sizeof(escaped_bytes));

		if (hit) {
			buf_add_byte(out, (uint8_t)escaped_bytes[0]);
			buf_add_byte(out, (uint8_t)(hit - escaped_bytes + 1));
		} else {
			buf_add_byte(out, (uint8_t)bytes.ptr[i]);
		}
	}
}

int watch_unescape(struct str escaped, struct buf *out)
{
	size_t before = out->len;

	for (size_t i = 0; i < escaped.len; i++) {
		uint8_t byte = (uint8_t)escaped.ptr[i], code;

		if (byte == escaped_bytes[0]) {
			code = i + 1 < escaped.len ? (uint8_t)escaped.ptr[++i] : 0;
			if (code < 1 || code > sizeof(escaped_bytes)) {
				out->len = before;
				return -EBADMSG;
			}
			byte = (uint8_t)escaped_bytes[code - 1];
		}
		buf_add_byte(out, byte);
	}
	return (int)(out->len - before);
}

int watch_ask(const struct watch_frame *to, enum watch_request request, int argument,
	      struct buf *out)
{
	/*
	 * The numbers are cleared one by one: a watch echoes the word of each command, and the
	 * echo of a plain "SOS" could not be told from a call for help.
	 */
	static const char *const discreet[] = {"SOSSMS,0", "SOS1,", "SOS2,", "SOS3,", "profile,4"};
	char content[32];

	switch (request) {
	case WATCH_LOCATE:
		watch_command_indexed(to->maker, to->id, to->index, STR("CR"), out);
		break;
	case WATCH_INTERVAL:
		if (argument < 60 || argument > 65535)
			return -ERANGE;
		snprintf(content, sizeof(content), "UPLOAD,%d", argument);
		watch_command_indexed(to->maker, to->id, to->index, str_from(content), out);
		break;
	case WATCH_DISCREET:
		for (size_t i = 0; i < ARRAY_LEN(discreet); i++)
			watch_command_indexed(to->maker, to->id, to->index, str_from(discreet[i]),
					      out);
		break;
	}
	return 0;
}

void watch_ask_to_dial(const struct watch_frame *to, struct str number, struct buf *out)
{
	struct buf content = BUF_INIT;

	buf_printf(&content, "MONITOR,%.*s", STR_FMT(number));
	watch_command_indexed(to->maker, to->id, to->index, buf_str(&content), out);
	buf_fini(&content);
}
