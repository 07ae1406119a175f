/*
 * Telephones of the load tool: agents over TCP (docs/protocol/agent.md) that call for help and send
 * sound. Telephone i is the device telephone_id(first + i); seed makes them.
 */
#ifndef BENCH_TELEPHONES_H
#define BENCH_TELEPHONES_H

#include "base/id.h"
#include "modes.h"

/* Seed and load both know it, without telling each other. */
static inline struct id telephone_id(uint64_t number)
{
	uint8_t chance[10] = {0};

	for (unsigned i = 0; i < sizeof(number); i++)
		chance[2 + i] = (uint8_t)(number >> 8 * (7 - i));
	return id_v7(0, chance);
}

/* s->count of them; each has an open alert when this returns. */
void telephones_open(const struct settings *s);
size_t telephone_count(void);
struct id telephone_alert(size_t index);
/* All say that they stream, from sequence 0, which was captured so long ago. */
void telephones_stream(int64_t ago_ms);
/* flags: wire/sound.h. */
void telephone_send(size_t index, uint32_t sequence, uint8_t flags, struct str packet);
/* Waits until all that was sent is acknowledged, five seconds at most; how many frames are. */
uint64_t telephones_acknowledged(void);

#endif
