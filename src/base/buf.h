/* A growable byte buffer with an optional cap. The owner calls buf_fini. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/str.h"

struct buf {
	char *ptr;
	size_t len;
	size_t cap;
};
#define BUF_INIT ((struct buf){NULL, 0, 0})

void buf_fini(struct buf *b);
void buf_reset(struct buf *b); /* empties, keeps the memory */
/* Room for len more bytes; returns where they go. The caller adds to b->len what it wrote. */
char *buf_reserve(struct buf *b, size_t len);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_add_str(struct buf *b, struct str s);
void buf_add_byte(struct buf *b, uint8_t byte);
void buf_add_u16(struct buf *b, uint16_t value); /* big endian, as the next two */
void buf_add_u32(struct buf *b, uint32_t value);
void buf_add_u64(struct buf *b, uint64_t value);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Drops the first len bytes, keeping the rest at the front. */
void buf_consume(struct buf *b, size_t len);
struct str buf_str(const struct buf *b); /* borrows */
/* NUL-terminates in place (not counted in len) and returns the text, still owned by b. */
const char *buf_cstr(struct buf *b);

#endif
