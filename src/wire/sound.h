/*
 * One frame of live sound, as a phone sends it and listeners get it (docs/protocol/sound.md): 34
 * bytes and one Opus packet of 20 ms, mono, or a gap. Pure.
 */
#ifndef WIRE_SOUND_H
#define WIRE_SOUND_H

#include "base/buf.h"
#include "base/id.h"

enum {
	SOUND_VERSION = 1,
	SOUND_FRAME_MS = 20,
	SOUND_HEADER_BYTES = 34,
	SOUND_PACKET_MAX_BYTES = 1275, /* RFC 6716 §3.2.1: the longest frame of an Opus packet */
	SOUND_FRAME_MAX_BYTES = SOUND_HEADER_BYTES + SOUND_PACKET_MAX_BYTES,
	/* Sequences stay below: 7 days of one epoch. A rendered file is as long as they say. */
	SOUND_SEQUENCE_END = 7 * 24 * 3600 * 50,
};

enum sound_flag {
	SOUND_VOICE = 1,    /* the phone's detector hears speech */
	SOUND_GAP = 2,      /* nothing was captured: `missing` frames from `sequence` on */
	SOUND_BACKFILL = 4, /* sent late */
};

struct sound_frame {
	struct id alert;
	uint32_t epoch, sequence;
	int64_t at_ms; /* device time */
	uint8_t flags;
	uint32_t missing;  /* SOUND_GAP */
	struct str packet; /* Opus, borrowed; STR_NONE for a gap */
};

/* A whole message. 0, or -EBADMSG: not a frame, or not Opus of 20 ms, mono. */
int sound_decode(struct str bytes, struct sound_frame *ret_frame);
void sound_encode(const struct sound_frame *frame, struct buf *out);
/* How many sequences the frame stands for: 1, or what is missing. */
uint32_t sound_span(const struct sound_frame *frame);

/*
 * A page of a recording, before it is sealed: up to a second of one epoch's frames, as they came.
 *   epoch (4) ‖ device (16) ‖ began (8) ‖ received (8) ‖ { length (2) ‖ frame }…
 */
struct sound_page {
	uint32_t epoch;
	struct id device;
	int64_t began_ms;    /* device time of sequence 0 */
	int64_t received_ms; /* our time of the first frame */
};
void sound_page_begin(const struct sound_page *page, struct buf *out);
void sound_page_add(struct buf *page, struct str frame);
/* *ret_rest: its frames, for sound_page_next. -EBADMSG: too short, or a time that is none. */
int sound_page_open(struct str bytes, struct sound_page *ret_page, struct str *ret_rest);
/* Takes the next frame off *rest; false at the end. *ret_bytes as it came. */
bool sound_page_next(struct str *rest, struct sound_frame *ret_frame, struct str *ret_bytes);

/* Whether the bytes are one well-formed Opus packet of 20 ms, mono (RFC 6716 §3.1, §3.4). */
bool opus_is_20_ms_mono(struct str packet);
/* 20 ms that were lost, for a decoder that was given packets with this first byte: frames of no
 * bytes (RFC 7845 §4.1). Returns the packet's length. */
size_t opus_lost(uint8_t toc, uint8_t out[2]);

#endif
