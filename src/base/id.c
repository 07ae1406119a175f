/* UUID version 7: see id.h. */
#include "base/id.h"

#include <errno.h>

struct id id_v7(int64_t now_ms, const uint8_t random[10])
{
	struct id id;

	for (int i = 0; i < 6; i++)
		id.bytes[i] = (uint8_t)(now_ms >> (40 - 8 * i));
	memcpy(id.bytes + 6, random, 10);
	id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0F) | 0x70);
	id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3F) | 0x80);
	return id;
}

bool id_eq(struct id a, struct id b)
{
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

bool id_is_none(struct id a)
{
	return id_eq(a, ID_NONE);
}

/* Bytes before which the text form has a hyphen. */
static bool hyphen_before(int byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void id_print(struct id a, char out[ID_TEXT_SIZE])
{
	char *p = out;

	for (int i = 0; i < 16; i++) {
		if (hyphen_before(i))
			*p++ = '-';
		hex_encode(a.bytes + i, 1, p);
		p += 2;
	}
}

int id_parse(struct str text, struct id *ret_id)
{
	struct id id;
	size_t at = 0;

	if (text.len != ID_TEXT_SIZE - 1)
		return -EINVAL;
	for (int i = 0; i < 16; i++) {
		if (hyphen_before(i) && text.ptr[at++] != '-')
			return -EINVAL;
		if (hex_decode(str_slice(text, at, at + 2), id.bytes + i, 1) != 1)
			return -EINVAL;
		at += 2;
	}
	*ret_id = id;
	return 0;
}
