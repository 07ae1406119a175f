/*
 * The newest frames of an alert, each kept once for all its listeners, who hold a place in it.
 * Bounded in bytes: whoever is too slow finds that its place is gone.
 */
#ifndef LIVE_SOUND_RING_H
#define LIVE_SOUND_RING_H

#include "base/str.h"

enum { RING_BYTES = 24 * 1024 };

struct ring_frame {
	uint32_t epoch, sequence, len;
	char bytes[];
};

/* A place is where a frame begins, in bytes since the first frame of all. */
struct sound_ring {
	char *bytes;                  /* NULL before the first frame */
	uint64_t first, newest, next; /* what is there; next: of the frame to come */
};

void ring_fini(struct sound_ring *ring);
/* bytes: SOUND_FRAME_MAX_BYTES at most. */
void ring_push(struct sound_ring *ring, uint32_t epoch, uint32_t sequence, struct str bytes);
/* NULL: not yet. place: not before first. */
const struct ring_frame *ring_at(const struct sound_ring *ring, uint64_t place);
uint64_t ring_after(const struct sound_ring *ring, uint64_t place);

#endif
