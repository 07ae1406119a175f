/* A frame of live sound: see sound.h. */
#include "wire/sound.h"

#include <errno.h>

#include "base/clock.h"
#include "base/cursor.h"

enum { OPUS_STEREO = 4, OPUS_VBR = 0x80, OPUS_PADDED = 0x40, OPUS_FRAME_MAX_BYTES = 1275 };

/* RFC 6716 §3.1, table 2: how long each of the packet's frames is, in units of 2.5 ms. */
static unsigned frame_quarters(unsigned config)
{
	static const uint8_t silk[] = {4, 8, 16, 24}, celt[] = {1, 2, 4, 8};

	if (config < 12)
		return silk[config & 3];
	if (config < 16)
		return config & 1 ? 8 : 4;
	return celt[config & 3];
}

/* §3.2.1: a length of one or two bytes. */
static size_t frame_length(struct cursor *c)
{
	size_t first = cursor_u8(c);

	return first < 252 ? first : first + 4 * (size_t)cursor_u8(c);
}

/* §3.2.5: how many bytes of padding end the packet. */
static size_t padding_length(struct cursor *c)
{
	size_t total = 0;
	uint8_t byte;

	do {
		byte = cursor_u8(c);
		total += byte == 255 ? 254 : byte;
	} while (byte == 255 && cursor_ok(c));
	return total;
}

/* §3.2.5: code 3, `count` frames said by a byte of its own. */
static bool many_frames_fit(struct cursor *c, unsigned wanted)
{
	uint8_t said = cursor_u8(c);
	unsigned count = said & 0x3f;
	size_t padding = said & OPUS_PADDED ? padding_length(c) : 0, left, used = 0;

	if (!cursor_ok(c) || count != wanted)
		return false;
	for (unsigned i = 1; said & OPUS_VBR && i < count; i++)
		used += frame_length(c);
	left = cursor_left(c);
	if (!cursor_ok(c) || left < padding + used)
		return false;
	left -= padding;
	if (said & OPUS_VBR)
		return left - used <= OPUS_FRAME_MAX_BYTES;
	return left % count == 0 && left / count <= OPUS_FRAME_MAX_BYTES;
}

static bool two_frames_fit(struct cursor *c)
{
	size_t first = frame_length(c);

	return cursor_ok(c) && first <= cursor_left(c);
}

bool opus_is_20_ms_mono(struct str packet)
{
	struct cursor c = cursor_of(packet);
	uint8_t toc = cursor_u8(&c);
	unsigned quarters = frame_quarters(toc >> 3);

	if (!cursor_ok(&c) || toc & OPUS_STEREO || packet.len > SOUND_PACKET_MAX_BYTES)
		return false;
	switch (toc & 3) {
	case 0:
		return quarters == 8;
	case 1:
		return quarters == 4 && cursor_left(&c) % 2 == 0;
	case 2:
		return quarters == 4 && two_frames_fit(&c);
	default:
		return quarters <= 8 && many_frames_fit(&c, 8 / quarters);
	}
}

size_t opus_lost(uint8_t toc, uint8_t out[2])
{
	unsigned quarters = frame_quarters(toc >> 3);

	out[0] = toc & 0xf8;
	if (quarters >= 8)
		return 1;
	out[0] |= 3;
	out[1] = (uint8_t)(8 / quarters);
	return 2;
}

static bool is_plausible(const struct sound_frame *f)
{
	if (!f->epoch || f->sequence >= SOUND_SEQUENCE_END || f->at_ms < 0 ||
	    f->at_ms > TIME_LAST_MS)
		return false;
	if (f->flags & ~(SOUND_VOICE | SOUND_GAP | SOUND_BACKFILL))
		return false;
	if (!(f->flags & SOUND_GAP))
		return opus_is_20_ms_mono(f->packet);
	return !(f->flags & SOUND_VOICE) && f->missing &&
	       f->missing <= SOUND_SEQUENCE_END - f->sequence;
}

int sound_decode(struct str bytes, struct sound_frame *ret_frame)
{
	struct cursor c = cursor_of(bytes);
	uint8_t version = cursor_u8(&c);
	struct sound_frame f = {.flags = cursor_u8(&c)};
	struct str alert = cursor_take(&c, sizeof(f.alert.bytes));

	f.epoch = cursor_u32(&c);
	f.sequence = cursor_u32(&c);
	f.at_ms = (int64_t)cursor_u64(&c);
	if (f.flags & SOUND_GAP)
		f.missing = cursor_u32(&c);
	else
		f.packet = cursor_take(&c, cursor_left(&c));
	if (!cursor_ok(&c) || cursor_left(&c) || version != SOUND_VERSION || !is_plausible(&f))
		return -EBADMSG;
	memcpy(f.alert.bytes, alert.ptr, sizeof(f.alert.bytes));
	*ret_frame = f;
	return 0;
}

void sound_encode(const struct sound_frame *f, struct buf *out)
{
	buf_add_byte(out, SOUND_VERSION);
	buf_add_byte(out, f->flags);
	buf_add(out, f->alert.bytes, sizeof(f->alert.bytes));
	buf_add_u32(out, f->epoch);
	buf_add_u32(out, f->sequence);
	buf_add_u64(out, (uint64_t)f->at_ms);
	if (f->flags & SOUND_GAP)
		buf_add_u32(out, f->missing);
	else
		buf_add_str(out, f->packet);
}

uint32_t sound_span(const struct sound_frame *f)
{
	return f->flags & SOUND_GAP ? f->missing : 1;
}

void sound_page_begin(const struct sound_page *page, struct buf *out)
{
	buf_add_u32(out, page->epoch);
	buf_add(out, page->device.bytes, sizeof(page->device.bytes));
	buf_add_u64(out, (uint64_t)page->began_ms);
	buf_add_u64(out, (uint64_t)page->received_ms);
}

void sound_page_add(struct buf *page, struct str frame)
{
	buf_add_u16(page, (uint16_t)frame.len);
	buf_add_str(page, frame);
}

int sound_page_open(struct str bytes, struct sound_page *ret_page, struct str *ret_rest)
{
	struct cursor c = cursor_of(bytes);
	struct sound_page page = {.epoch = cursor_u32(&c)};
	struct str device = cursor_take(&c, sizeof(page.device.bytes));

	page.began_ms = (int64_t)cursor_u64(&c);
	page.received_ms = (int64_t)cursor_u64(&c);
	if (!cursor_ok(&c) || page.began_ms < 0 || page.began_ms > TIME_LAST_MS ||
	    page.received_ms < 0 || page.received_ms > TIME_LAST_MS)
		return -EBADMSG;
	memcpy(page.device.bytes, device.ptr, sizeof(page.device.bytes));
	*ret_page = page;
	*ret_rest = cursor_take(&c, cursor_left(&c));
	return 0;
}

bool sound_page_next(struct str *rest, struct sound_frame *ret_frame, struct str *ret_bytes)
{
	struct cursor c = cursor_of(*rest);
	struct str bytes = cursor_take(&c, cursor_u16(&c));

	if (!cursor_ok(&c) || sound_decode(bytes, ret_frame))
		return false;
	*ret_bytes = bytes;
	*rest = cursor_take(&c, cursor_left(&c));
	return true;
}
