/*
 * Outlines of communes: which one a position is on. Pure.
 *
 * Exact on borders: coordinates are whole numbers (degrees × 10⁷), the side of an edge is computed
 * without rounding and in one direction whoever's edge it is, and an edge counts with its lower end
 * but not its upper one. So a position on a border that two outlines share is on exactly one of
 * them, as if it were a hair further east and north; an enclave is a hole of what surrounds it.
 */
#ifndef BASE_OUTLINES_H
#define BASE_OUTLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outline_point {
	int32_t lon_e7, lat_e7;
};

/* One polygon: its outer ring, then its holes; not closed: the last point is followed by the first.
 * Islands are polygons of the same place. */
struct outline_polygon {
	const struct outline_point *points;
	const uint32_t *ring_ends; /* points before this index: ring 0 ends at ring_ends[0]… */
	uint32_t ring_count;
};

struct outlines;

enum { OUTLINE_MAX_DEGREES = 20 };
#define OUTLINES_NONE UINT32_MAX

struct outlines *outlines_new(void);
void outlines_free(struct outlines *o); /* NULL is fine */
/* Copies. -ERANGE: wider than OUTLINE_MAX_DEGREES, or outside of the Earth; -EINVAL: no ring. */
int outlines_add(struct outlines *o, uint32_t place, const struct outline_polygon *polygon);
/* After the last one, before the first question. */
void outlines_finish(struct outlines *o);
/* The place whose outline holds the position; where outlines overlap, the smallest number.
 * OUTLINES_NONE: none does. */
uint32_t outlines_find(const struct outlines *o, int32_t lat_e7, int32_t lon_e7);
size_t outlines_count(const struct outlines *o); /* polygons */

#endif
