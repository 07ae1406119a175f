/* What becomes of open alerts when somebody edited the ladder while the server was down. */
#ifndef SERVICE_LADDER_CHANGE_H
#define SERVICE_LADDER_CHANGE_H

#include "service/work.h"

/*
 * In a transaction of its own, before anything else is carried out. When the ladder is not the one
 * open alerts climbed under: what has fired is carried over by the steps' names, each alert waits
 * for the step that comes next now, the journal has a line. 0 or -errno.
 */
int ladder_follow(struct work *w);

#endif
