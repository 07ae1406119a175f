/* Connections by source: see sources.h. */
#include "net/sources.h"

#include "base/network.h"

/* The number itself is the map's value: no allocation a source. */
bool source_count(struct map *sources, const struct address *peer, size_t most)
{
	struct id key = address_source(peer->ip);
	uintptr_t count;

	if (!most)
		return true;
	count = (uintptr_t)map_get(sources, key);
	if (count >= most)
		return false;
	map_set(sources, key, (void *)(count + 1));
	return true;
}

void source_uncount(struct map *sources, const struct address *peer)
{
	struct id key = address_source(peer->ip);
	uintptr_t count = (uintptr_t)map_remove(sources, key);

	if (count > 1)
		map_set(sources, key, (void *)(count - 1));
}
