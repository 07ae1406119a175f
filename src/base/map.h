/* A hash map from byte keys (16 bytes or 8 bytes) to pointers; not shared between threads. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/id.h"

struct map_slot;
struct map {
	struct map_slot *slots;
	size_t len, size;
};
#define MAP_INIT ((struct map){NULL, 0, 0})

void map_fini(struct map *m);                      /* the values stay the caller's */
void *map_get(const struct map *m, struct id key); /* NULL: absent */
/* Sets key to value (not NULL) and returns the value it replaces, or NULL. */
void *map_set(struct map *m, struct id key, void *value);
void *map_remove(struct map *m, struct id key); /* returns what was there, or NULL */
/* Walks the map: start with *at = 0; false at the end. Do not change the map meanwhile. */
bool map_next(const struct map *m, size_t *at, struct id *ret_key, void **ret_value);

/* A number as a key. */
struct id map_key_u64(uint64_t number);

#endif
