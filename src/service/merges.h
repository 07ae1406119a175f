/* Inside service/: alerts of one event, handled as one. */
#ifndef SERVICE_MERGES_H
#define SERVICE_MERGES_H

#include "service/case.h"

/* Devices that call in one event: a watch, a telephone, those of a household. */
enum { MERGED_MAX = 32 };

/*
 * What became of an alert since c->before becomes of the others of its event: whoever has it, or
 * nobody, its end and its coming back go to those under it; who sees it and its silence go to all
 * of them. The command's outcome stays as it is. 0 or -errno.
 */
int merges_follow(struct work *w, struct command *command, struct case_file *c);

/*
 * Refuses the closing of an alert while one under it has called again and the closing's text does
 * not name it by its number. 0 or -errno.
 */
int merges_may_close(struct work *w, struct command *command, const struct alert *alert);

#endif
