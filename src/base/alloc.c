/* Allocation that cannot fail quietly, and arenas: see alloc.h. */
#include "base/alloc.h"

#include <stdalign.h>

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t cap;
	alignas(16) char bytes[];
};

enum { ARENA_BLOCK_BYTES = 4096 - sizeof(struct arena_block) };

static void *must(void *p)
{
	if (!p) {
		fputs("egide: out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xmalloc(size_t size)
{
	return must(malloc(size ? size : 1));
}

void *xcalloc(size_t count, size_t size)
{
	return must(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *old, size_t size)
{
	return must(realloc(old, size ? size : 1));
}

char *xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xmalloc(size), text, size);
}

void *try_malloc(size_t size)
{
	return malloc(size ? size : 1);
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t need = (size + 15) & ~(size_t)15;
	struct arena_block *block = a->head;

	if (!block || block->cap - block->used < need) {
		size_t cap = need > ARENA_BLOCK_BYTES ? need : ARENA_BLOCK_BYTES;

		block = xmalloc(sizeof(*block) + cap);
		block->next = a->head;
		block->used = 0;
		block->cap = cap;
		a->head = block;
	}
	void *p = block->bytes + block->used;
	block->used += need;
	a->used_bytes += need;
	return memset(p, 0, need);
}

char *arena_copy(struct arena *a, const void *bytes, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	if (len)
		memcpy(copy, bytes, len);
	return copy;
}

void arena_fini(struct arena *a)
{
	while (a->head) {
		struct arena_block *next = a->head->next;

		free(a->head);
		a->head = next;
	}
	a->used_bytes = 0;
}
