/* Inside service/: whose files a counter may open. */
#ifndef SERVICE_COUNTER_H
#define SERVICE_COUNTER_H

#include "base/id.h"

struct actor;
struct directory;

/* A counter that has an operations room is of that room's units; one without, of the whole
 * registry. */
bool counter_reaches(const struct directory *d, struct id room, struct id unit);
/* The same of who gives a command: only accounts are bounded. */
bool counter_actor_reaches(const struct directory *d, const struct actor *actor, struct id unit);

#endif
