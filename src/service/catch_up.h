/*
 * What is done once, before the first command: open alerts that a restoration or an older version
 * left without what they need.
 */
#ifndef SERVICE_CATCH_UP_H
#define SERVICE_CATCH_UP_H

#include "service/executor.h"

/*
 * After service_open, before service_start, whose thread does what is submitted here first. Whoever
 * lost their link by a restoration loses it in the alert too, by the machine's own event: the chain
 * goes on to the next person. A unit on its way without its link is a note in the alert. 0 or
 * -errno.
 */
int service_catch_up(struct service *s);

#endif
