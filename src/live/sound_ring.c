/* The newest frames of an alert: see sound_ring.h. */
#include "live/sound_ring.h"

#include "base/alloc.h"

static void drop_oldest(struct sound_ring *ring)
{
	struct ring_frame *frame = ring->frames[ring->first % RING_FRAMES];

	ring->frames[ring->first++ % RING_FRAMES] = NULL;
	ring->bytes -= sizeof(*frame) + frame->len;
	free(frame);
}

void ring_fini(struct sound_ring *ring)
{
	while (ring->first < ring->next)
		drop_oldest(ring);
}

void ring_push(struct sound_ring *ring, uint32_t epoch, uint32_t sequence, struct str bytes)
{
	size_t size = sizeof(struct ring_frame) + bytes.len;
	struct ring_frame *frame;

	while (ring->first < ring->next &&
	       (ring->bytes + size > RING_BYTES || ring->next - ring->first == RING_FRAMES))
		drop_oldest(ring);
	frame = xmalloc(size);
	frame->epoch = epoch;
	frame->sequence = sequence;
	frame->len = bytes.len;
	memcpy(frame->bytes, bytes.ptr, bytes.len);
	ring->frames[ring->next++ % RING_FRAMES] = frame;
	ring->bytes += size;
}

const struct ring_frame *ring_at(const struct sound_ring *ring, uint64_t place)
{
	return place >= ring->first && place < ring->next ? ring->frames[place % RING_FRAMES]
							  : NULL;
}
