/* The newest frames of an alert: see sound_ring.h. */
#include "live/sound_ring.h"

#include <assert.h>

#include "base/alloc.h"
#include "wire/sound.h"

/* Where the place, counted round, is before the end but the frame is not, it goes on beyond it. */
enum { BEYOND_BYTES = sizeof(struct ring_frame) + SOUND_FRAME_MAX_BYTES };

static struct ring_frame *frame_at(const struct sound_ring *ring, uint64_t place)
{
	return (struct ring_frame *)(void *)(ring->bytes + place % RING_BYTES);
}

/* With what aligns the one behind it. */
static size_t size_of(size_t len)
{
	size_t align = _Alignof(struct ring_frame);

	return (sizeof(struct ring_frame) + len + align - 1) / align * align;
}

void ring_fini(struct sound_ring *ring)
{
	free(ring->bytes);
	*ring = (struct sound_ring){0};
}

uint64_t ring_after(const struct sound_ring *ring, uint64_t place)
{
	return place + size_of(frame_at(ring, place)->len);
}

void ring_push(struct sound_ring *ring, uint32_t epoch, uint32_t sequence, struct str bytes)
{
	size_t size = size_of(bytes.len);
	struct ring_frame *frame;

	assert(bytes.len <= SOUND_FRAME_MAX_BYTES);
	if (!ring->bytes)
		ring->bytes = xmalloc(RING_BYTES + BEYOND_BYTES);
	while (ring->next + size - ring->first > RING_BYTES)
		ring->first = ring_after(ring, ring->first);
	frame = frame_at(ring, ring->next);
	*frame = (struct ring_frame){epoch, sequence, (uint32_t)bytes.len};
	memcpy(frame->bytes, bytes.ptr, bytes.len);
	ring->newest = ring->next;
	ring->next += size;
}

const struct ring_frame *ring_at(const struct sound_ring *ring, uint64_t place)
{
	return place < ring->next ? frame_at(ring, place) : NULL;
}
