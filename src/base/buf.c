/* A growable byte buffer: see buf.h. */
#include "base/buf.h"

#include <stdarg.h>

#include "base/alloc.h"

void buf_fini(struct buf *b)
{
	free(b->ptr);
	*b = BUF_INIT;
}

void buf_reset(struct buf *b)
{
	b->len = 0;
}

char *buf_reserve(struct buf *b, size_t len)
{
	if (!b->ptr || b->cap - b->len < len) {
		size_t cap = b->cap ? b->cap : 64;

		while (cap - b->len < len)
			cap *= 2;
		b->ptr = xrealloc(b->ptr, cap);
		b->cap = cap;
	}
	return b->ptr + b->len;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (!len)
		return;
	memcpy(buf_reserve(b, len), bytes, len);
	b->len += len;
}

void buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.ptr, s.len);
}

void buf_add_byte(struct buf *b, uint8_t byte)
{
	buf_add(b, &byte, 1);
}

static void add_big_endian(struct buf *b, uint64_t value, unsigned bytes)
{
	while (bytes--)
		buf_add_byte(b, (uint8_t)(value >> (8 * bytes)));
}

void buf_add_u16(struct buf *b, uint16_t value)
{
	add_big_endian(b, value, 2);
}

void buf_add_u32(struct buf *b, uint32_t value)
{
	add_big_endian(b, value, 4);
}

void buf_add_u64(struct buf *b, uint64_t value)
{
	add_big_endian(b, value, 8);
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list args, again;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len > 0) {
		vsnprintf(buf_reserve(b, (size_t)len + 1), (size_t)len + 1, format, again);
		b->len += (size_t)len;
	}
	va_end(again);
}

void buf_consume(struct buf *b, size_t len)
{
	if (len >= b->len) {
		b->len = 0;
		return;
	}
	memmove(b->ptr, b->ptr + len, b->len - len);
	b->len -= len;
}

struct str buf_str(const struct buf *b)
{
	return (struct str){b->ptr, b->len};
}

const char *buf_cstr(struct buf *b)
{
	*buf_reserve(b, 1) = '\0';
	return b->ptr;
}
