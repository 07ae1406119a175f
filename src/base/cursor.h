/*
 * Bytes to integers, with a sticky error: read every field, then check once.
 * After the first short read every later read returns 0 and cursor_ok is false.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include "base/str.h"

struct cursor {
	const uint8_t *ptr;
	size_t len;
	size_t at;
	bool failed;
};

struct cursor cursor_of(struct str bytes);
bool cursor_ok(const struct cursor *c);
size_t cursor_left(const struct cursor *c);
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c); /* big endian, as the next two */
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);
struct str cursor_take(struct cursor *c, size_t len); /* borrows; STR_NONE when short */

#endif
