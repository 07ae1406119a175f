/* Inside live/: the sound of an alert. */
#ifndef LIVE_SOUND_PRIVATE_H
#define LIVE_SOUND_PRIVATE_H

#include "base/map.h"
#include "live/sound.h"
#include "live/sound_ring.h"
#include "live/spans.h"

/* A page that is being filled. */
struct draft {
	struct buf plain;
	unsigned frames;
	int64_t began_ms; /* steady */
};

struct epoch {
	uint32_t number;
	struct id device;
	int64_t began_ms;         /* device time */
	uint64_t source;          /* 0: nobody sends it now */
	struct spans held, kept;  /* taken in; on disk */
	uint64_t frames, missing; /* on disk: sound, and said not to be there */
	struct draft drafts[TRACK_COUNT];
	uint32_t acked;
	int64_t acked_at_ms, window_ms; /* steady */
	unsigned in_window[TRACK_COUNT];
	struct epoch *next; /* older */
};

struct channel {
	struct id alert;
	struct epoch *epochs; /* newest first */
	unsigned epoch_count, in_flight;
	struct sound_ring ring;
	struct listener *listeners;
	bool ended, settled, failing;
	int64_t retry_at_ms; /* failing: one page is tried then */
};

struct listener {
	uint64_t id;
	struct channel *channel;
	uint64_t place; /* in the ring: what it gets next */
	uint32_t epoch, sequence;
	bool waiting; /* for room in its socket */
	struct listener *next, **at;
};

struct sound {
	struct sound_options options;
	struct map channels;  /* alert → struct channel */
	struct map listeners; /* id → struct listener */
	struct sound_figures figures;
	int64_t now_ms; /* steady: of the last tick or frame */
};

struct channel *channel_of(struct sound *s, struct id alert); /* made when it is not there */
void channel_forget(struct sound *s, struct channel *c);      /* unless it is still of use */

/* sound_listener.c */
void tell_listeners(struct sound *s, const struct channel *c);
void relay(struct sound *s, struct channel *c);

#endif
