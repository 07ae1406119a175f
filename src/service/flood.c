/* Counting frames of unknown sources: see flood.h. */
#include "service/flood.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/network.h"

/* Sources remembered: beyond, the table starts anew (a flood from more addresses than that is cut
 * by the listener). */
enum { SOURCES = 4096, MINUTE_MS = 60000 };

struct source {
	int64_t minute_ms, admitted, held_back;
};

struct flood {
	struct map sources;
	int per_minute;
};

struct flood *flood_new(int per_minute)
{
	struct flood *f = xcalloc(1, sizeof(*f));

	f->per_minute = per_minute;
	return f;
}

static void forget(struct flood *f)
{
	struct id key;
	void *source;

	for (size_t at = 0; map_next(&f->sources, &at, &key, &source);)
		free(source);
	map_fini(&f->sources);
}

void flood_free(struct flood *f)
{
	if (!f)
		return;
	forget(f);
	free(f);
}

bool flood_admits(struct flood *f, const uint8_t source[16], int64_t now_ms, int64_t *ret_frames)
{
	struct id key = address_source(source);
	struct source *s = map_get(&f->sources, key);

	if (!s) {
		if (f->sources.len >= SOURCES)
			forget(f);
		s = xcalloc(1, sizeof(*s));
		s->minute_ms = now_ms;
		map_set(&f->sources, key, s);
	}
	if (now_ms - s->minute_ms >= MINUTE_MS || now_ms < s->minute_ms) {
		s->minute_ms = now_ms;
		s->admitted = 0;
	}
	if (s->admitted >= f->per_minute) {
		s->held_back++;
		return false;
	}
	s->admitted++;
	*ret_frames = 1 + s->held_back;
	s->held_back = 0;
	return true;
}
