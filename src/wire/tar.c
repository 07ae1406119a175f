/* Archives of plain files: see tar.h. */
#include "wire/tar.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { NAME_AT = 0, MODE_AT = 100, SIZE_AT = 124, TIME_AT = 136, SUM_AT = 148, TYPE_AT = 156 };
enum { MAGIC_AT = 257, OWNER_AT = 108, GROUP_AT = 116, NUMBER_BYTES = 12, SUM_BYTES = 8 };

static const char magic[8] = {'u', 's', 't', 'a', 'r', '\0', '0', '0'};

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

static bool is_name(struct str name)
{
	struct str part;

	if (!name.len || name.len > TAR_NAME_MAX)
		return false;
	while (str_split(&name, '/', &part)) {
		if (!part.len || str_eq(part, STR(".")) || str_eq(part, STR("..")))
			return false;
		for (size_t i = 0; i < part.len; i++)
			if (!is_name_byte(part.ptr[i]))
				return false;
	}
	return true;
}

/* As if the sum's own place held spaces. */
static unsigned sum_of(const char *block)
{
	unsigned sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_BYTES ? ' ' : (uint8_t)block[i];
	return sum;
}

static void fill(struct buf *out, size_t len)
{
	memset(buf_reserve(out, len), 0, len);
	out->len += len;
}

static size_t padding_of(uint64_t size)
{
	return (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/* --- writing */

static void put_octal(char *block, size_t at, size_t digits, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*llo", (int)digits, (unsigned long long)value);
	memcpy(block + at, text, digits);
}

void tar_header(struct str name, uint64_t size, int64_t at_s, struct buf *out)
{
	char *block;

	assert(is_name(name) && at_s >= 0 && size < UINT64_C(1) << 33);
	fill(out, TAR_BLOCK);
	block = out->ptr + out->len - TAR_BLOCK;
	memcpy(block + NAME_AT, name.ptr, name.len);
	put_octal(block, MODE_AT, 7, 0644);
	put_octal(block, OWNER_AT, 7, 0);
	put_octal(block, GROUP_AT, 7, 0);
	put_octal(block, SIZE_AT, 11, size);
	put_octal(block, TIME_AT, 11, (uint64_t)at_s);
	block[TYPE_AT] = '0';
	memcpy(block + MAGIC_AT, magic, sizeof(magic));
	put_octal(block, SUM_AT, 6, sum_of(block));
	block[SUM_AT + 7] = ' ';
}

void tar_padding(uint64_t size, struct buf *out)
{
	fill(out, padding_of(size));
}

void tar_end(struct buf *out)
{
	fill(out, 2 * (size_t)TAR_BLOCK);
}

/* --- reading */

/* Octal digits, then zero bytes or spaces to the end of the field. */
static int take_octal(const char *block, size_t at, size_t len, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t i = 0;

	for (; i < len && block[at + i] >= '0' && block[at + i] <= '7'; i++)
		value = value * 8 + (uint64_t)(block[at + i] - '0');
	if (!i)
		return -EBADMSG;
	for (; i < len; i++)
		if (block[at + i] && block[at + i] != ' ')
			return -EBADMSG;
	*ret_value = value;
	return 0;
}

static bool is_empty(struct str bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.ptr[i])
			return false;
	return true;
}

static int open_header(const char *block, struct tar_member *m, uint64_t *ret_size)
{
	struct str name = str_of(block + NAME_AT, strnlen(block + NAME_AT, TAR_NAME_MAX + 1));
	struct str behind = str_of(block + name.len, MODE_AT - name.len);
	uint64_t sum, at_s;

	if (take_octal(block, SUM_AT, SUM_BYTES, &sum) || sum != sum_of(block) ||
	    take_octal(block, SIZE_AT, NUMBER_BYTES, ret_size) ||
	    take_octal(block, TIME_AT, NUMBER_BYTES, &at_s) || block[TYPE_AT] != '0' ||
	    memcmp(block + MAGIC_AT, magic, sizeof(magic)) != 0 || !is_name(name) ||
	    !is_empty(behind))
		return -EBADMSG;
	m->name = name;
	m->at_s = (int64_t)at_s;
	return 0;
}

int tar_next(struct str *rest, struct tar_member *ret_member)
{
	struct tar_member m;
	uint64_t size;

	if (rest->len == 2 * (size_t)TAR_BLOCK && is_empty(*rest)) {
		*rest = STR_NONE;
		return 0;
	}
	if (rest->len < TAR_BLOCK || open_header(rest->ptr, &m, &size))
		return -EBADMSG;
	*rest = str_slice(*rest, TAR_BLOCK, rest->len);
	if (size > rest->len || padding_of(size) > rest->len - size)
		return -EBADMSG;
	m.bytes = str_slice(*rest, 0, (size_t)size);
	if (!is_empty(str_slice(*rest, (size_t)size, (size_t)size + padding_of(size))))
		return -EBADMSG;
	*rest = str_slice(*rest, (size_t)size + padding_of(size), rest->len);
	*ret_member = m;
	return 1;
}
