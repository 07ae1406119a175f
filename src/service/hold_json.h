/* A legal hold as those see it who may know of it. */
#ifndef SERVICE_HOLD_JSON_H
#define SERVICE_HOLD_JSON_H

#include "base/buf.h"
#include "store/holds.h"

/* A Hold of docs/protocol/api.md, under that key; null where nothing is held. `of`: what of what is
 * looked at is held. Who placed it is said by their roles. 0 or -errno. */
int hold_json(struct vault *v, struct arena *arena, const char *key, struct id subject,
	      const char *of, struct buf *b);

#endif
