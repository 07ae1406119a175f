/* Inside live/: the sound of an alert. sound.c takes frames in, sound_disk.c keeps them,
 * sound_end.c sums them up, sound_listener.c gives them to those who listen. */
#ifndef LIVE_SOUND_PRIVATE_H
#define LIVE_SOUND_PRIVATE_H

#include "base/log.h"
#include "base/map.h"
#include "live/sound.h"
#include "live/sound_ring.h"
#include "live/spans.h"
#include "wire/sound.h"

enum {
	MAX_EPOCHS = 256, /* the microphone is opened anew each time the page is */
	PAGE_FRAMES = 50,
	PAGE_BYTES = 8 * 1024,
};

/* A page that is being filled. */
struct draft {
	struct buf plain;
	unsigned frames;
	int64_t began_ms; /* steady */
};

struct epoch {
	uint32_t number;
	struct id device;
	int64_t began_ms;          /* device time */
	int64_t age_ms, opened_ms; /* how old it was when it was announced, and when that was:
				      steady */
	uint64_t source;           /* 0: nobody sends it now */
	bool is_live;              /* that source sends it as it is captured */
	struct spans held, kept;   /* taken in; on disk */
	uint64_t frames, missing;  /* on disk: sound, and said not to be there */
	struct draft drafts[TRACK_COUNT];
	uint32_t acked;
	int64_t acked_at_ms; /* steady */
	struct epoch *next;  /* older */
};

/* A device that sends sound of the alert: how fast, over all its epochs. */
struct sender {
	struct id device;
	int64_t window_ms; /* steady */
	unsigned in_window[TRACK_COUNT];
	struct sender *next;
};

struct channel {
	struct id alert;
	struct epoch *epochs; /* newest first */
	struct sender *senders;
	unsigned epoch_count, in_flight;
	uint64_t bytes; /* of pages, before they are sealed */
	uint64_t sum;   /* which end it is summed up for; 0: none */
	struct sound_ring ring;
	struct listener *listeners;
	/* loaded: what a former opening or start has left on disk is among the epochs. */
	bool loading, loaded;
	/* full: what comes is heard, not kept any more. */
	bool ended, settled, failing, full;
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
	uint64_t sums;
	int64_t now_ms; /* steady: of the last tick or frame */
};

/* --- sound.c */
struct channel *channel_of(struct sound *s, struct id alert); /* made when it is not there */
void channel_free(struct channel *c);
void channel_forget(struct sound *s, struct channel *c); /* unless it is still of use */
struct epoch *epoch_of(const struct channel *c, uint32_t number);
struct epoch *epoch_new(struct channel *c, uint32_t number, struct id device, int64_t began_ms);
void epoch_free(struct epoch *e);
struct span span_of(const struct sound_frame *f);

/* --- sound_disk.c */
struct errand {
	struct recorder_job job;
	struct sound *sound;
	struct channel *found; /* RECORD_LOAD: not among those of the sound */
	uint64_t sum;          /* RECORD_END: which one */
};
int disk_submit(struct sound *s, struct channel *c, struct errand errand);
/* Whose errand comes back. */
struct channel *disk_answered(struct errand *d);
void disk_log(const struct channel *c, enum log_level level, const char *event);
/* What the recorder has found of it. */
void disk_found(void *context, struct id alert, enum track_kind kind, struct str plain);
/* What is on disk of an alert that may have had sound before. */
void disk_load(struct sound *s, struct channel *c);
/* 0; else it cannot be kept now. */
int disk_keep(struct sound *s, struct channel *c, struct epoch *e, enum track_kind kind,
	      const struct sound_frame *f, struct str bytes);
/* Pages that were begun then or before. */
void disk_flush(struct sound *s, struct channel *c, int64_t older_than_ms);
/* Once and for all: what comes from now on is not kept. */
void disk_fill(struct sound *s, struct channel *c);

/* --- sound_listener.c */
void tell_listeners(struct sound *s, const struct channel *c);
void relay(struct sound *s, struct channel *c);

#endif
