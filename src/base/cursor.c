/* Reading integers out of bytes: see cursor.h. */
#include "base/cursor.h"

struct cursor cursor_of(struct str bytes)
{
	return (struct cursor){(const uint8_t *)bytes.ptr, bytes.len, 0, false};
}

bool cursor_ok(const struct cursor *c)
{
	return !c->failed;
}

size_t cursor_left(const struct cursor *c)
{
	return c->failed ? 0 : c->len - c->at;
}

struct str cursor_take(struct cursor *c, size_t len)
{
	if (c->failed || c->len - c->at < len) {
		c->failed = true;
		return STR_NONE;
	}
	c->at += len;
	return str_of(c->ptr + c->at - len, len);
}

static uint64_t take_big_endian(struct cursor *c, size_t bytes)
{
	struct str part = cursor_take(c, bytes);
	uint64_t value = 0;

	for (size_t i = 0; i < part.len; i++)
		value = value << 8 | (uint8_t)part.ptr[i];
	return value;
}

uint8_t cursor_u8(struct cursor *c)
{
	return (uint8_t)take_big_endian(c, 1);
}

uint16_t cursor_u16(struct cursor *c)
{
	return (uint16_t)take_big_endian(c, 2);
}

uint32_t cursor_u32(struct cursor *c)
{
	return (uint32_t)take_big_endian(c, 4);
}

uint64_t cursor_u64(struct cursor *c)
{
	return take_big_endian(c, 8);
}
