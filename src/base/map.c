/* Open addressing with linear probing and backward-shift deletion: see map.h. */
#include "base/map.h"

#include "base/alloc.h"

struct map_slot {
	struct id key;
	void *value; /* NULL: free slot */
};

static size_t hash_key(struct id key)
{
	uint64_t a, b;

	memcpy(&a, key.bytes, 8);
	memcpy(&b, key.bytes + 8, 8);
	a = (a ^ (b * 0x9E3779B97F4A7C15u)) * 0xBF58476D1CE4E5B9u;
	return (size_t)(a ^ a >> 29);
}

void map_fini(struct map *m)
{
	free(m->slots);
	*m = MAP_INIT;
}

/* Where key is, or the free slot where it would go. */
static size_t slot_of(const struct map *m, struct id key)
{
	size_t i = hash_key(key) & (m->size - 1);

	while (m->slots[i].value && !id_eq(m->slots[i].key, key))
		i = (i + 1) & (m->size - 1);
	return i;
}

void *map_get(const struct map *m, struct id key)
{
	return m->size ? m->slots[slot_of(m, key)].value : NULL;
}

static void grow(struct map *m)
{
	struct map bigger = {NULL, m->len, m->size ? m->size * 2 : 16};

	bigger.slots = xcalloc(bigger.size, sizeof(struct map_slot));
	for (size_t i = 0; i < m->size; i++)
		if (m->slots[i].value)
			bigger.slots[slot_of(&bigger, m->slots[i].key)] = m->slots[i];
	free(m->slots);
	*m = bigger;
}

void *map_set(struct map *m, struct id key, void *value)
{
	struct map_slot *slot;
	void *old;

	if ((m->len + 1) * 4 > m->size * 3)
		grow(m);
	slot = &m->slots[slot_of(m, key)];
	old = slot->value;
	m->len += !old;
	*slot = (struct map_slot){key, value};
	return old;
}

void *map_remove(struct map *m, struct id key)
{
	size_t hole, i;
	void *old;

	if (!m->size)
		return NULL;
	hole = slot_of(m, key);
	old = m->slots[hole].value;
	if (!old)
		return NULL;
	m->slots[hole].value = NULL;
	m->len--;
	for (i = (hole + 1) & (m->size - 1); m->slots[i].value; i = (i + 1) & (m->size - 1)) {
		size_t home = hash_key(m->slots[i].key) & (m->size - 1);

		/* Move back whatever may not stay beyond the hole in its probe sequence. */
		if (((i - home) & (m->size - 1)) >= ((i - hole) & (m->size - 1))) {
			m->slots[hole] = m->slots[i];
			m->slots[i].value = NULL;
			hole = i;
		}
	}
	return old;
}

bool map_next(const struct map *m, size_t *at, struct id *ret_key, void **ret_value)
{
	for (; *at < m->size; ++*at) {
		if (m->slots[*at].value) {
			*ret_key = m->slots[*at].key;
			*ret_value = m->slots[(*at)++].value;
			return true;
		}
	}
	return false;
}

struct id map_key_u64(uint64_t number)
{
	struct id key = ID_NONE;

	memcpy(key.bytes, &number, sizeof(number));
	return key;
}
