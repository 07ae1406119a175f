/*
 * The newest frames of an alert, each kept once for all its listeners, who hold a place in it.
 * Bounded in frames and bytes: whoever is too slow finds that its place is gone.
 */
#ifndef LIVE_SOUND_RING_H
#define LIVE_SOUND_RING_H

#include "base/str.h"

enum { RING_FRAMES = 512, RING_BYTES = 24 * 1024 };

struct ring_frame {
	uint32_t epoch, sequence;
	size_t len;
	char bytes[];
};

struct sound_ring {
	struct ring_frame *frames[RING_FRAMES];
	uint64_t first, next; /* places; a frame is at place % RING_FRAMES */
	size_t bytes;
};

void ring_fini(struct sound_ring *ring);
void ring_push(struct sound_ring *ring, uint32_t epoch, uint32_t sequence, struct str bytes);
/* NULL: not there any more, or not yet. */
const struct ring_frame *ring_at(const struct sound_ring *ring, uint64_t place);

#endif
