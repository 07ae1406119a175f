/* AMR narrow band: see amr.h. The decoder is opencore-amrnb's. */
#include "wire/amr.h"

#include <errno.h>
#include <opencore-amrnb/interf_dec.h>

#include "base/cursor.h"

#define MAGIC STR("#!AMR\n")

enum {
	FRAME_SAMPLES = 160, /* 20 ms */
	MAX_FRAMES = AMR_MAX_SECONDS * 50,
	HEADER_BYTES = 44,
	SAMPLE_BYTES = 2,
};

/* Bytes of a frame by its type (RFC 4867 §3.6, octet-aligned), its first byte not counted; 0: none
 * but "no data" (15), which is silence. */
static const uint8_t frame_bytes[16] = {12, 13, 15, 17, 19, 20, 26, 31, 5};
enum { TYPE_NO_DATA = 15 };

bool amr_begins(struct str bytes)
{
	return str_starts(bytes, MAGIC);
}

static void add_u16_le(struct buf *out, unsigned value)
{
	buf_add_byte(out, (uint8_t)(value & 0xff));
	buf_add_byte(out, (uint8_t)(value >> 8 & 0xff));
}

static void add_u32_le(struct buf *out, uint32_t value)
{
	add_u16_le(out, value & 0xffff);
	add_u16_le(out, value >> 16);
}

static void add_wav_header(struct buf *out, uint32_t data_bytes)
{
	buf_add_str(out, STR("RIFF"));
	add_u32_le(out, data_bytes + HEADER_BYTES - 8);
	buf_add_str(out, STR("WAVEfmt "));
	add_u32_le(out, 16);
	add_u16_le(out, 1); /* PCM */
	add_u16_le(out, 1); /* channel */
	add_u32_le(out, AMR_RATE_HZ);
	add_u32_le(out, AMR_RATE_HZ * SAMPLE_BYTES);
	add_u16_le(out, SAMPLE_BYTES);
	add_u16_le(out, 8 * SAMPLE_BYTES);
	buf_add_str(out, STR("data"));
	add_u32_le(out, data_bytes);
}

/* How many whole frames; -EBADMSG when one is of no known kind. */
static int count_frames(struct str frames)
{
	int count = 0;

	while (frames.len && count < MAX_FRAMES) {
		unsigned type = (uint8_t)frames.ptr[0] >> 3 & 15;
		size_t len = 1u + frame_bytes[type];

		if (len == 1 && type != TYPE_NO_DATA)
			return -EBADMSG;
		if (len > frames.len)
			break;
		frames = str_slice(frames, len, frames.len);
		count++;
	}
	return count;
}

static void decode(struct str frames, int count, struct buf *out)
{
	void *decoder = Decoder_Interface_init();

	for (int i = 0; i < count; i++) {
		unsigned type = (uint8_t)frames.ptr[0] >> 3 & 15;
		short samples[FRAME_SAMPLES];

		Decoder_Interface_Decode(decoder, (const unsigned char *)frames.ptr, samples, 0);
		for (int k = 0; k < FRAME_SAMPLES; k++)
			add_u16_le(out, (unsigned short)samples[k]);
		frames = str_slice(frames, 1u + frame_bytes[type], frames.len);
	}
	Decoder_Interface_exit(decoder);
}

int amr_to_wav(struct str amr, struct buf *out)
{
	struct str frames;
	int count;

	if (!amr_begins(amr))
		return -EBADMSG;
	frames = str_slice(amr, MAGIC.len, amr.len);
	count = count_frames(frames);
	if (count <= 0)
		return -EBADMSG;
	add_wav_header(out, (uint32_t)count * FRAME_SAMPLES * SAMPLE_BYTES);
	decode(frames, count, out);
	return 0;
}
