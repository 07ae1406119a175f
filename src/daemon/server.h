/* The server: every room joined, from start to clean end. */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include "daemon/config.h"

/* Runs until SIGTERM or SIGINT. 0 after a clean end, or -errno of what could not be started
 * (logged). */
int server_run(const struct config *config);
void server_describe(const struct config *config, struct buf *out); /* OpenAPI */

#endif
