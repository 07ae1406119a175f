/* Watches of the load tool: one connection each, on the real protocol (docs/protocol/watch.md). */
#ifndef BENCH_WATCHES_H
#define BENCH_WATCHES_H

#include "client.h"

enum frame { FRAME_LINK, FRAME_ALARM, FRAME_POSITION };

struct watches {
	struct client *clients; /* watch i is device `first` + i */
	size_t count;
	uint64_t first;
};

/* Opens them, each says it is there and is answered. on_answer: of every later answer, with the
 * index. */
void watches_open(struct watches *w, uint64_t first, size_t count, uint16_t port, bool tls,
		  void (*on_answer)(size_t index, enum frame of));
void watches_close(struct watches *w);
void watches_send(struct watches *w, size_t index, enum frame frame);

#endif
