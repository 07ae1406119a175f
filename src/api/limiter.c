/* Counting in spans of time: see limiter.h. */
#include "api/limiter.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/network.h"

enum { KEYS_KEPT = 10000 };

struct count {
	int64_t since_ms;
	int events;
};

struct limiter {
	struct map counts;
	int events;
	int64_t span_ms;
};

struct limiter *limiter_new(int events, int span_s)
{
	struct limiter *l = xcalloc(1, sizeof(*l));

	l->events = events;
	l->span_ms = span_s * INT64_C(1000);
	return l;
}

static void forget(struct limiter *l)
{
	struct id key;
	void *count;

	for (size_t at = 0; map_next(&l->counts, &at, &key, &count);)
		free(count);
	map_fini(&l->counts);
}

void limiter_free(struct limiter *l)
{
	if (!l)
		return;
	forget(l);
	free(l);
}

int limiter_wait_s(struct limiter *l, struct id key, int64_t now_ms)
{
	const struct count *c = map_get(&l->counts, key);

	if (!c || now_ms - c->since_ms >= l->span_ms || c->events < l->events)
		return 0;
	return (int)((l->span_ms - (now_ms - c->since_ms)) / 1000) + 1;
}

void limiter_count(struct limiter *l, struct id key, int64_t now_ms)
{
	struct count *c = map_get(&l->counts, key);

	if (!c) {
		if (l->counts.len >= KEYS_KEPT)
			forget(l);
		c = xcalloc(1, sizeof(*c));
		c->since_ms = now_ms;
		map_set(&l->counts, key, c);
	}
	if (now_ms - c->since_ms >= l->span_ms)
		*c = (struct count){now_ms, 0};
	c->events++;
}

void limiter_forgive(struct limiter *l, struct id key)
{
	struct count *c = map_get(&l->counts, key);

	if (c && c->events > 0)
		c->events--;
}

struct id limiter_address(const uint8_t ip[16])
{
	return address_source(ip);
}

/* FNV-1a, twice: a collision only makes two names share their span. */
struct id limiter_text(struct str text)
{
	uint64_t hash[2] = {14695981039346656037u, 1099511628211u};
	struct id key;

	for (size_t i = 0; i < text.len; i++) {
		hash[0] = (hash[0] ^ (uint8_t)text.ptr[i]) * 1099511628211u;
		hash[1] = (hash[1] * 31) ^ hash[0];
	}
	memcpy(key.bytes, hash, sizeof(key.bytes));
	return key;
}
