/* The figures of every room as Prometheus text. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include "base/buf.h"

struct backlog;
struct server;
/* backlog NULL: its figures are left out. */
void metrics_write(struct server *s, const struct backlog *backlog, struct buf *out);

#endif
