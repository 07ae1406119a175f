/*
 * Live sound of the load tool: streams at the pace of microphones, those who listen, and how old
 * what they hear is. What is sent and heard is the same whatever server carries it: sound.c for
 * ours, icecast.c for Icecast.
 */
#ifndef BENCH_STREAMS_H
#define BENCH_STREAMS_H

#include "modes.h"

enum { STREAM_FRAME_US = 20000, STREAM_FRAMES_A_SECOND = 50 };

struct carrier {
	/* s->count streams, each heard by s->consoles; returns when all are being served. */
	void (*open)(const struct settings *s);
	void (*send)(size_t stream, uint32_t sequence, struct str packet);
	/* One listener more. c->index says of which stream, as for all: stream_of. */
	void (*join)(struct client *c, size_t index);
	/* How many frames are on disk when all has come; NULL: none is kept. */
	uint64_t (*stored)(void);
};

/* Runs them for s->seconds and prints the result; s->late: who comes after that. */
void streams_run(const struct settings *s, const struct carrier *carrier);
size_t stream_of(size_t listener);
/* Called by the carrier: that listener got a frame. */
void stream_heard(size_t listener, uint32_t sequence);

/* Opus packets of the file, each behind two bytes of its length, big endian. */
void packets_read(const char *path);
struct str packet_at(uint32_t sequence); /* again from the first behind the last */

#endif
