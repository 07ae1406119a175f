/*
 * Small allocations abort on failure: their size is ours. A size a peer chose is
 * capped first (limits.h) and goes through try_malloc, which may return NULL.
 */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

#include "base/banned.h"

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);
void *try_malloc(size_t size);

/*
 * An arena: everything made for one request or command dies with it. Grows by
 * blocks; init with ARENA_INIT, allocations are aligned to 16 bytes and zeroed.
 */
struct arena_block;
struct arena {
	struct arena_block *head;
	size_t used_bytes;
};
#define ARENA_INIT ((struct arena){NULL, 0})

void *arena_alloc(struct arena *a, size_t size);
char *arena_copy(struct arena *a, const void *bytes, size_t len); /* NUL added after the copy */
void arena_fini(struct arena *a);

#define container_of(member_ptr, type, member) \
	((type *)(void *)((char *)(member_ptr)-offsetof(type, member)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
