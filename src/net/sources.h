/* Inside net/: how many connections each source has (address_source: an IPv4 address, or a /64). */
#ifndef NET_SOURCES_H
#define NET_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"

struct address;

/* Counts one more, unless the source already has `most` (0: no cap, nothing is counted). */
bool source_count(struct map *sources, const struct address *peer, size_t most);
void source_uncount(struct map *sources, const struct address *peer); /* one not counted is fine */

#endif
