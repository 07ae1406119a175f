/* Writes Ogg Opus: see ogg.h. */
#include "wire/ogg.h"

enum {
	FIRST_PAGE = 2,
	LAST_PAGE = 4,
	PACKET_SAMPLES = 960,
	CRC_AT = 22,
};

/* RFC 3533 §6: polynomial 0x04c11db7, nothing reflected, from 0. */
static void make_crc_table(struct ogg_writer *w)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i << 24;

		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
		w->crc_table[i] = crc;
	}
}

static uint32_t crc_of(const struct ogg_writer *w, struct str bytes)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < bytes.len; i++)
		crc = (crc << 8) ^ w->crc_table[(crc >> 24) ^ (uint8_t)bytes.ptr[i]];
	return crc;
}

/* Ogg is little endian. */
static void add_little(struct buf *b, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_add_byte(b, (uint8_t)(value >> (8 * i)));
}

static void emit(struct ogg_writer *w, struct str bytes)
{
	uint64_t first = w->written, end = first + bytes.len;

	w->written = end;
	if (end <= w->from || first >= w->to)
		return;
	buf_add_str(w->out, str_slice(bytes, w->from > first ? w->from - first : 0,
				      w->to < end ? w->to - first : bytes.len));
}

static void write_page(struct ogg_writer *w, unsigned flags)
{
	struct buf page = BUF_INIT;
	uint32_t crc;

	buf_add_str(&page, STR("OggS"));
	buf_add_byte(&page, 0);
	buf_add_byte(&page, (uint8_t)flags);
	add_little(&page, w->granule, 8);
	add_little(&page, w->serial, 4);
	add_little(&page, w->page++, 4);
	add_little(&page, 0, 4);
	buf_add_byte(&page, (uint8_t)w->segments);
	buf_add(&page, w->lacing, w->segments);
	buf_add_str(&page, buf_str(&w->body));
	crc = crc_of(w, buf_str(&page));
	for (unsigned i = 0; i < 4; i++)
		page.ptr[CRC_AT + i] = (char)(crc >> (8 * i));
	emit(w, buf_str(&page));
	buf_fini(&page);
	buf_reset(&w->body);
	w->segments = w->packets = 0;
}

static void add_packet(struct ogg_writer *w, struct str packet)
{
	size_t left = packet.len;

	for (; left >= 255; left -= 255)
		w->lacing[w->segments++] = 255;
	w->lacing[w->segments++] = (uint8_t)left;
	buf_add_str(&w->body, packet);
	w->packets++;
}

/* RFC 7845 §5.1. */
static void write_head(struct ogg_writer *w)
{
	struct buf head = BUF_INIT;

	buf_add_str(&head, STR("OpusHead"));
	buf_add_byte(&head, 1);
	buf_add_byte(&head, 1);
	add_little(&head, w->pre_skip, 2);
	add_little(&head, 48000, 4);
	add_little(&head, 0, 2);
	buf_add_byte(&head, 0);
	add_packet(w, buf_str(&head));
	write_page(w, FIRST_PAGE);
	buf_fini(&head);
}

/* RFC 7845 §5.2; kept to what one page holds. */
static void write_tags(struct ogg_writer *w, const struct str *comments, size_t count)
{
	enum { ROOM = 254 * 255, VENDOR_AND_COUNT = 32 };
	struct buf tags = BUF_INIT;
	size_t fit = 0, len = VENDOR_AND_COUNT;

	while (fit < count && len + 4 + comments[fit].len <= ROOM)
		len += 4 + comments[fit++].len;
	buf_add_str(&tags, STR("OpusTags"));
	add_little(&tags, 5, 4);
	buf_add_str(&tags, STR("egide"));
	add_little(&tags, fit, 4);
	for (size_t i = 0; i < fit; i++) {
		add_little(&tags, comments[i].len, 4);
		buf_add_str(&tags, comments[i]);
	}
	add_packet(w, buf_str(&tags));
	write_page(w, 0);
	buf_fini(&tags);
}

void ogg_begin(struct ogg_writer *w, uint32_t serial, const struct str *comments, size_t count)
{
	w->serial = serial;
	make_crc_table(w);
	write_head(w);
	write_tags(w, comments, count);
}

void ogg_add(struct ogg_writer *w, struct str packet)
{
	/* The page before is written only now: the last one must be marked as the last. */
	if (w->packets == OGG_PAGE_PACKETS || w->segments + packet.len / 255 + 1 > OGG_SEGMENTS)
		write_page(w, 0);
	add_packet(w, packet);
	w->granule += PACKET_SAMPLES;
}

void ogg_end(struct ogg_writer *w)
{
	write_page(w, LAST_PAGE);
	buf_fini(&w->body);
}
