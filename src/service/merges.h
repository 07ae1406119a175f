/* Inside service/: alerts of one event, handled as one. */
#ifndef SERVICE_MERGES_H
#define SERVICE_MERGES_H

#include "service/work.h"

/*
 * What became of `alert` becomes of those under it: whoever has it, or nobody, and its end.
 * `before` is the alert as it was loaded. The command's outcome stays as it is. 0 or -errno.
 */
int merges_follow(struct work *w, struct command *command, const struct alert *before,
		  const struct alert *alert);

#endif
