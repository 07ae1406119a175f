/* Positions at rest: see fix.h. */
#include "store/fix.h"

#include <errno.h>

#include "base/cursor.h"

enum { FORM = 1, FLAG_APPROXIMATE = 1 };

static uint8_t *put(uint8_t *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		out[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
	return out + bytes;
}

static uint8_t *put_float(uint8_t *out, float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return put(out, bits, 4);
}

void fix_encode(const struct stored_fix *fix, uint8_t out[FIX_SIZE])
{
	*out++ = FORM;
	*out++ = fix->approximate ? FLAG_APPROXIMATE : 0;
	out = put(out, (uint32_t)fix->lat_e7, 4);
	out = put(out, (uint32_t)fix->lon_e7, 4);
	out = put(out, (uint64_t)fix->at_ms, 8);
	out = put(out, (uint64_t)fix->received_at_ms, 8);
	out = put_float(out, fix->accuracy_m);
	out = put_float(out, fix->speed_kmh);
	out = put_float(out, fix->course_deg);
	put_float(out, fix->altitude_m);
}

static float take_float(struct cursor *c)
{
	uint32_t bits = cursor_u32(c);
	float value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

int fix_decode(struct str bytes, struct stored_fix *ret_fix)
{
	struct cursor c = cursor_of(bytes);
	struct stored_fix fix;
	uint8_t flags;

	if (bytes.len != FIX_SIZE || cursor_u8(&c) != FORM)
		return -EBADMSG;
	flags = cursor_u8(&c);
	fix.approximate = flags & FLAG_APPROXIMATE;
	fix.lat_e7 = (int32_t)cursor_u32(&c);
	fix.lon_e7 = (int32_t)cursor_u32(&c);
	fix.at_ms = (int64_t)cursor_u64(&c);
	fix.received_at_ms = (int64_t)cursor_u64(&c);
	fix.accuracy_m = take_float(&c);
	fix.speed_kmh = take_float(&c);
	fix.course_deg = take_float(&c);
	fix.altitude_m = take_float(&c);
	*ret_fix = fix;
	return 0;
}
