/* Stored outlines: see outline.h. */
#include "store/outline.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/cursor.h"

void outline_put_number(struct buf *out, uint64_t number)
{
	while (number >= 0x80) {
		buf_add_byte(out, (uint8_t)(number | 0x80));
		number >>= 7;
	}
	buf_add_byte(out, (uint8_t)number);
}

static uint64_t zigzag(int64_t value)
{
	return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static int64_t unzigzag(uint64_t value)
{
	return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

void outline_put_point(struct buf *out, struct outline_point point, struct outline_point *before)
{
	outline_put_number(out, zigzag((int64_t)point.lon_e7 - before->lon_e7));
	outline_put_number(out, zigzag((int64_t)point.lat_e7 - before->lat_e7));
	*before = point;
}

static uint64_t take_number(struct cursor *c)
{
	uint64_t number = 0;

	for (unsigned shift = 0; shift < 63; shift += 7) {
		uint8_t byte = cursor_u8(c);

		number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return number;
	}
	c->failed = true;
	return 0;
}

static int32_t take_near(struct cursor *c, int32_t before)
{
	int64_t value = (int64_t)((uint64_t)before + (uint64_t)unzigzag(take_number(c)));

	if (value < INT32_MIN || value > INT32_MAX) {
		c->failed = true;
		return 0;
	}
	return (int32_t)value;
}

struct reading {
	struct cursor c;
	struct outline_point *points;
	uint32_t *ring_ends;
	size_t point_cap, ring_cap;
};

/* Each number takes a byte at least: a count beyond what is left is false. */
static size_t take_count(struct reading *r, size_t bytes_each)
{
	uint64_t count = take_number(&r->c);

	if (count > cursor_left(&r->c) / bytes_each)
		r->c.failed = true;
	return cursor_ok(&r->c) ? (size_t)count : 0;
}

static void *reserve(void *list, size_t *cap, size_t needed, size_t size)
{
	if (needed <= *cap)
		return list;
	*cap = needed * 2;
	return xrealloc(list, *cap * size);
}

static int take_polygon(struct reading *r, outline_reader *on_polygon, void *context)
{
	struct outline_point before = {0, 0};
	size_t rings = take_count(r, 1), count = 0;
	struct outline_polygon polygon;

	r->ring_ends = reserve(r->ring_ends, &r->ring_cap, rings, sizeof(*r->ring_ends));
	for (size_t ring = 0; ring < rings; ring++) {
		size_t more = take_count(r, 2);

		r->points = reserve(r->points, &r->point_cap, count + more, sizeof(*r->points));
		for (size_t i = 0; i < more; i++) {
			before.lon_e7 = take_near(&r->c, before.lon_e7);
			before.lat_e7 = take_near(&r->c, before.lat_e7);
			r->points[count++] = before;
		}
		r->ring_ends[ring] = (uint32_t)count;
	}
	if (!cursor_ok(&r->c))
		return -EBADMSG;
	polygon = (struct outline_polygon){r->points, r->ring_ends, (uint32_t)rings};
	return on_polygon(context, &polygon);
}

int outline_each_polygon(struct str packed, outline_reader *on_polygon, void *context)
{
	struct reading r = {.c = cursor_of(packed)};
	size_t polygons = take_count(&r, 1);
	int error = cursor_ok(&r.c) ? 0 : -EBADMSG;

	for (size_t i = 0; !error && i < polygons; i++)
		error = take_polygon(&r, on_polygon, context);
	if (!error && cursor_left(&r.c))
		error = -EBADMSG;
	free(r.points);
	free(r.ring_ends);
	return error;
}
