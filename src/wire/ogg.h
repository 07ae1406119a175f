/*
 * Writes Ogg Opus (RFC 3533, RFC 7845): one logical stream, mono, packets of 20 ms, a page a
 * second. The same packets give the same bytes.
 */
#ifndef WIRE_OGG_H
#define WIRE_OGG_H

#include "base/buf.h"

enum { OGG_SEGMENTS = 255, OGG_PAGE_PACKETS = 50, OGG_PRE_SKIP = 312 };

struct ogg_writer {
	uint32_t serial, page, crc_table[256];
	uint16_t pre_skip; /* samples at the beginning that are decoded and not played */
	uint64_t granule;  /* 48 kHz samples to the end of what was added */
	unsigned packets, segments;
	uint8_t lacing[OGG_SEGMENTS];
	struct buf body;
	/* Of all that is written only the bytes from `from` to before `to` are kept in out. */
	uint64_t from, to, written;
	struct buf *out;
};

/* Begins with both header packets. comments: "NAME=value" each, UTF-8. pre_skip is set before: the
 * encoder's delay, OGG_PRE_SKIP, and what a decoder needs to settle (RFC 7845 §4.6). */
void ogg_begin(struct ogg_writer *w, uint32_t serial, const struct str *comments, size_t count);
void ogg_add(struct ogg_writer *w, struct str packet);
/* The last page, marked as such; frees what the writer holds. */
void ogg_end(struct ogg_writer *w);

#endif
