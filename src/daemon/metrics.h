/* The figures of every room as Prometheus text. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include "base/buf.h"

struct server;
void metrics_write(struct server *s, struct buf *out);

#endif
