/* Which sequences of an epoch there are: sorted spans that do not touch. Bounded. */
#ifndef LIVE_SPANS_H
#define LIVE_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Holes come one a lost connection; a sender that makes more is not believed. */
enum { SPANS_MAX = 256 };

struct span {
	uint32_t from, to; /* to: the first one after it */
};
struct spans {
	struct span *list;
	size_t count, cap;
};

void spans_fini(struct spans *s);
bool spans_hold(const struct spans *s, struct span span); /* all of it */
int spans_add(struct spans *s, struct span span);         /* -ENOSPC: one hole too many */
void spans_remove(struct spans *s, struct span span);
uint32_t spans_next(const struct spans *s); /* the first sequence that is missing */
uint32_t spans_end(const struct spans *s);  /* one after the highest; 0: none */

#endif
