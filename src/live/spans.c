/* Which sequences of an epoch there are: see spans.h. */
#include "live/spans.h"

#include <errno.h>

#include "base/alloc.h"

void spans_fini(struct spans *s)
{
	free(s->list);
	*s = (struct spans){0};
}

/* The first span that ends at or after `at`. */
static size_t find(const struct spans *s, uint32_t at)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->list[middle].to < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool spans_hold(const struct spans *s, struct span span)
{
	size_t i = find(s, span.to);

	return i < s->count && s->list[i].from <= span.from;
}

/* Puts `count` spans in the place of those from `first` to before `after`. */
static void replace(struct spans *s, size_t first, size_t after, const struct span *with,
		    size_t count)
{
	size_t len = s->count - (after - first) + count;

	if (len > s->cap) {
		s->cap = s->cap ? s->cap * 2 : 4;
		s->list = xrealloc(s->list, s->cap * sizeof(*s->list));
	}
	memmove(&s->list[first + count], &s->list[after], (s->count - after) * sizeof(*s->list));
	if (count)
		memcpy(&s->list[first], with, count * sizeof(*with));
	s->count = len;
}

int spans_add(struct spans *s, struct span span)
{
	size_t first = find(s, span.from), after = first;

	while (after < s->count && s->list[after].from <= span.to)
		after++;
	if (first == after && s->count == SPANS_MAX)
		return -ENOSPC;
	if (first < after && s->list[first].from < span.from)
		span.from = s->list[first].from;
	if (first < after && s->list[after - 1].to > span.to)
		span.to = s->list[after - 1].to;
	replace(s, first, after, &span, 1);
	return 0;
}

void spans_remove(struct spans *s, struct span span)
{
	struct span rest[2];
	size_t first = find(s, span.from), after = first, count = 0;

	while (after < s->count && s->list[after].from < span.to)
		after++;
	if (first == after)
		return;
	if (s->list[first].from < span.from)
		rest[count++] = (struct span){s->list[first].from, span.from < s->list[first].to
									   ? span.from
									   : s->list[first].to};
	if (s->list[after - 1].to > span.to)
		rest[count++] = (struct span){span.to, s->list[after - 1].to};
	replace(s, first, after, rest, count);
}

uint32_t spans_next(const struct spans *s)
{
	return s->count && s->list[0].from == 0 ? s->list[0].to : 0;
}

uint32_t spans_end(const struct spans *s)
{
	return s->count ? s->list[s->count - 1].to : 0;
}
