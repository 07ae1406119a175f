/* Inside service/: whose files a counter may open. */
#ifndef SERVICE_COUNTER_H
#define SERVICE_COUNTER_H

#include "base/id.h"

struct directory;

/* A counter that has an operations room is of that room's units; one without, of the whole
 * registry. */
bool counter_reaches(const struct directory *d, struct id room, struct id unit);

#endif
