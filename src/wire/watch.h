/*
 * The SeTracker ("Watch", Beesure, 4P-Touch, ReachFar…) protocol over TCP:
 * docs/protocol/watch.md. Frames in, frames out; no state, no I/O.
 */
#ifndef WIRE_WATCH_H
#define WIRE_WATCH_H

#include "base/buf.h"
#include "wire/report.h"

/* A frame's envelope; all text is borrowed from the input. */
struct watch_frame {
	struct str maker;   /* two characters: 3G SG CS ZJ … */
	struct str id;      /* 10 or 15 digits */
	struct str index;   /* four hex digits, or STR_NONE */
	struct str content; /* TYPE[,data] */
	bool length_lies;   /* LLLL is not the length of content: noted, never refused */
};

/* A frame's LLLL has four digits: the longest content a frame of ours can carry. */
enum { WATCH_MAX_CONTENT_BYTES = 0xFFFF };

/*
 * Finds the first frame in a stream by counting brackets (LLLL is wrong in 30 % of real
 * frames). >0: bytes used up to the end of *ret_raw (noise before it included);
 * 0: more bytes needed; <0: -EBADMSG, skip the number of bytes in *ret_skip and go on, after
 * giving *ret_raw (the bytes skipped) to watch_decode: they may be an SOS (I3);
 * -EMSGSIZE: no end within LIMIT_WATCH_FRAME_BYTES (LIMIT_WATCH_TEXT_BYTES for what is neither
 * sound nor picture), close the connection.
 */
ptrdiff_t watch_next_frame(struct str stream, struct str *ret_raw, size_t *ret_skip);

/*
 * The same for a stream that grows: *walk, zero at first and whenever bytes were taken off the
 * front, remembers how far the frame was walked, so that what arrives byte by byte costs no more
 * than what arrives at once.
 */
struct watch_walk {
	size_t at, depth;
};
ptrdiff_t watch_walk_on(struct str stream, struct watch_walk *walk, struct str *ret_raw,
			size_t *ret_skip);

/* Splits one raw frame "[..]". 0 or -EBADMSG. */
int watch_split(struct str raw, struct watch_frame *ret_frame);

/* Decodes one raw frame. Never fails: the unreadable is REPORT_REJECT, with `sos` if it may be one.
 */
void watch_decode(struct str raw, struct report *ret_report);

/* Whether bytes that are no frame may be what is left of a call for help. */
bool watch_may_be_sos(struct str bytes);

/*
 * The acknowledgement the vendor requires for this frame, appended to out; false when none.
 * An AL or SOS must be answered only after the alert is committed (I1), TK/JXTK only after
 * the clip is stored; `stored` false writes the refusal where the protocol has one (TK,0).
 */
bool watch_reply(struct str raw, bool stored, struct buf *out);

/*
 * A command frame to the device, in the maker's own form. content: "CR", "UPLOAD,60"…, at most
 * WATCH_MAX_CONTENT_BYTES; sound in it is escaped by the caller.
 */
void watch_command(struct str maker, struct str id, struct str content, struct buf *out);
/* The same for a device whose frames carry an index; STR_NONE gives the plain form. */
void watch_command_indexed(struct str maker, struct str id, struct str index, struct str content,
			   struct buf *out);

/* Escapes (7D 01…05) and back; unescape returns bytes written or -EBADMSG. */
void watch_escape(struct str bytes, struct buf *out);
int watch_unescape(struct str escaped, struct buf *out);

/* What can be asked of a watch; each makes the content of one or several frames. */
enum watch_request {
	WATCH_LOCATE,   /* CR: a fix every 20 s for 3 min */
	WATCH_INTERVAL, /* UPLOAD,seconds (60…65535) */
	WATCH_DISCREET, /* SOSSMS,0 · SOS1, SOS2, SOS3 cleared · profile,4 */
};
/*
 * Appends complete frames to out, in the envelope of a frame the device sent (maker, id, and index
 * when it has one). argument: seconds for WATCH_INTERVAL. -ERANGE outside its bounds.
 */
int watch_ask(const struct watch_frame *to, enum watch_request request, int argument,
	      struct buf *out);
/* The watch dials that number (E.164) by itself and shows nothing of it: MONITOR. */
void watch_ask_to_dial(const struct watch_frame *to, struct str number, struct buf *out);

#endif
