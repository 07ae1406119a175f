/*
 * Live sound: frames come in from the phones of open alerts, go to those who listen, and to the
 * recorder; the phone is told what is on disk (docs/protocol/sound.md). On the loop thread only.
 * Knows no socket: sources and listeners are 64-bit ids. Memory an alert is bounded, whatever its
 * phone sends and however slow its listeners are.
 */
#ifndef LIVE_SOUND_H
#define LIVE_SOUND_H

#include "base/str.h"
#include "live/recorder.h"

struct sound;

struct sound_options {
	struct recorder *recorder; /* loaded by sound_new, not started yet; NULL: nothing is kept */
	uint64_t most_bytes;       /* kept of an alert; what comes beyond is only heard */
	/* All of `epoch` below `next` is on disk (without a recorder: has come). */
	void (*ack)(void *context, uint64_t source, uint32_t epoch, uint32_t next);
	/* Close the phone's socket at the end of the turn: it comes back and sends again what is
	 * not on disk. */
	void (*close_source)(void *context, uint64_t source, uint16_t code);
	/* Both copy. */
	void (*listener_text)(void *context, uint64_t listener, struct str text);
	/* False: its socket has enough for now; sound_drained says when it has room. */
	bool (*listener_frame)(void *context, uint64_t listener, struct str frame);
	/* The whole recording of a closed alert: body of its journal entry. When that is committed,
	 * sound_settled, with the same sum. */
	void (*recorded)(void *context, struct id alert, uint64_t sum, struct str json);
	void *context;
};

/* Reads what the recorder finds on disk. 0 or -errno. */
int sound_new(const struct sound_options *options, struct sound **ret_sound);
void sound_free(struct sound *s); /* after recorder_stop; NULL is fine */

/* "streaming": frames of that epoch come from the device now, by this source. -ENOSPC: too many
 * epochs of the alert, its frames are only heard; -EEXIST: the epoch is another device's;
 * -ESHUTDOWN: the alert is ended. */
int sound_open(struct sound *s, struct id alert, struct id device, uint32_t epoch, int64_t began_ms,
	       uint64_t source);
void sound_source_gone(struct sound *s, uint64_t source);

enum sound_verdict {
	SOUND_TAKEN,    /* or had been */
	SOUND_REFUSED,  /* too fast, of the future, or cannot be kept: not acknowledged */
	SOUND_BAD,      /* not a frame, or of nothing that was announced: the caller counts them */
	SOUND_TOO_FAST, /* far too fast: close it, 1008 */
};
/* A whole binary message of that device. */
enum sound_verdict sound_frame(struct sound *s, struct id alert, struct id device, struct str bytes,
			       int64_t now_ms);

struct sound_stream {
	uint32_t epoch, next; /* next: the first sequence that is not on disk */
};
/* At most cap of them, the latest; how many. */
size_t sound_streams_of(const struct sound *s, struct id alert, struct sound_stream *list,
			size_t cap);

/* Four times a second, by a steady clock, as sound_frame's: pages that are a second old go to the
 * recorder, phones are acknowledged. */
void sound_tick(struct sound *s, int64_t now_ms);

/* The alert is closed: what is held is written, then summed up. */
void sound_end(struct sound *s, struct id alert);
void sound_settled(struct sound *s, struct id alert, uint64_t sum);
/* It is open again: it goes on where it was, and its next end sums up the whole. */
void sound_reopen(struct sound *s, struct id alert);

/* A listener gets what there is, the newest frames, then each as it comes. */
void sound_listen(struct sound *s, uint64_t listener, struct id alert);
void sound_leave(struct sound *s, uint64_t listener);
void sound_drained(struct sound *s, uint64_t listener);

/* Alerts that have sound not settled, for the daemon to ask at start which of them are closed. */
size_t sound_alerts(const struct sound *s, struct id *list, size_t cap);

struct sound_figures {
	size_t streams, listeners, failing;     /* failing: alerts whose sound cannot be kept now */
	uint64_t frames, refused, jumps, bytes; /* bytes: of pages that were written */
};
struct sound_figures sound_figures(const struct sound *s);

#endif
