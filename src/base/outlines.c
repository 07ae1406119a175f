/*
 * Outlines: see outlines.h. A grid of cells of 0.02° (1.5 to 2 km): each cell names the polygons
 * whose bounds meet it. The list of (cell, polygon) is sorted, so that a cell is found by halves.
 */
#include "base/outlines.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"

enum { CELL_E7 = 200000, CELLS_ROUND = 18001, DEGREE_E7 = 10000000 };

struct polygon {
	uint32_t place, first_ring, ring_count;
	int32_t west, south, east, north;
};

struct cell {
	uint32_t number, polygon;
};

struct outlines {
	struct outline_point *points;
	size_t point_count, point_cap;
	uint32_t *ring_ends; /* in points; a ring begins where the one before it ends */
	size_t ring_count, ring_cap;
	struct polygon *polygons;
	size_t polygon_count, polygon_cap;
	struct cell *cells;
	size_t cell_count, cell_cap;
};

struct outlines *outlines_new(void)
{
	return xcalloc(1, sizeof(struct outlines));
}

void outlines_free(struct outlines *o)
{
	if (!o)
		return;
	free(o->points);
	free(o->ring_ends);
	free(o->polygons);
	free(o->cells);
	free(o);
}

size_t outlines_count(const struct outlines *o)
{
	return o->polygon_count;
}

/* Room for more elements of that size at the end of a list. */
static void *grow(void *list, size_t *cap, size_t needed, size_t size)
{
	if (needed <= *cap)
		return list;
	*cap = needed > *cap * 2 ? needed : *cap * 2;
	return xrealloc(list, *cap * size);
}

static uint32_t column_of(int32_t lon_e7)
{
	return (uint32_t)(((int64_t)lon_e7 + 180LL * DEGREE_E7) / CELL_E7);
}

static uint32_t row_of(int32_t lat_e7)
{
	return (uint32_t)(((int64_t)lat_e7 + 90LL * DEGREE_E7) / CELL_E7);
}

static uint32_t cell_of(uint32_t row, uint32_t column)
{
	return row * CELLS_ROUND + column;
}

static int measure(const struct outline_polygon *p, struct polygon *ret_polygon)
{
	uint32_t count = p->ring_count ? p->ring_ends[p->ring_count - 1] : 0;

	if (count < 3)
		return -EINVAL;
	*ret_polygon = (struct polygon){
		.west = INT32_MAX, .south = INT32_MAX, .east = INT32_MIN, .north = INT32_MIN};
	for (uint32_t i = 0; i < count; i++) {
		int32_t lon = p->points[i].lon_e7, lat = p->points[i].lat_e7;

		if (lat < -90 * DEGREE_E7 || lat > 90 * DEGREE_E7 || lon < -180 * DEGREE_E7 ||
		    lon > 180 * DEGREE_E7)
			return -ERANGE;
		ret_polygon->west = lon < ret_polygon->west ? lon : ret_polygon->west;
		ret_polygon->east = lon > ret_polygon->east ? lon : ret_polygon->east;
		ret_polygon->south = lat < ret_polygon->south ? lat : ret_polygon->south;
		ret_polygon->north = lat > ret_polygon->north ? lat : ret_polygon->north;
	}
	/* Also what keeps the products of side() within 64 bits. */
	if ((int64_t)ret_polygon->east - ret_polygon->west > OUTLINE_MAX_DEGREES * DEGREE_E7 ||
	    (int64_t)ret_polygon->north - ret_polygon->south > OUTLINE_MAX_DEGREES * DEGREE_E7)
		return -ERANGE;
	return 0;
}

static void add_cells(struct outlines *o, const struct polygon *p)
{
	uint32_t number = (uint32_t)o->polygon_count;
	uint32_t west = column_of(p->west), east = column_of(p->east);
	uint32_t south = row_of(p->south), north = row_of(p->north);
	size_t more = (size_t)(east - west + 1) * (north - south + 1);

	o->cells = grow(o->cells, &o->cell_cap, o->cell_count + more, sizeof(*o->cells));
	for (uint32_t row = south; row <= north; row++)
		for (uint32_t column = west; column <= east; column++)
			o->cells[o->cell_count++] = (struct cell){cell_of(row, column), number};
}

int outlines_add(struct outlines *o, uint32_t place, const struct outline_polygon *polygon)
{
	struct polygon p;
	uint32_t count;
	int r = measure(polygon, &p);

	if (r)
		return r;
	count = polygon->ring_ends[polygon->ring_count - 1];
	p.place = place;
	p.first_ring = (uint32_t)o->ring_count;
	p.ring_count = polygon->ring_count;
	o->ring_ends = grow(o->ring_ends, &o->ring_cap, o->ring_count + p.ring_count,
			    sizeof(*o->ring_ends));
	for (uint32_t i = 0; i < p.ring_count; i++)
		o->ring_ends[o->ring_count++] = (uint32_t)o->point_count + polygon->ring_ends[i];
	o->points = grow(o->points, &o->point_cap, o->point_count + count, sizeof(*o->points));
	memcpy(o->points + o->point_count, polygon->points, count * sizeof(*o->points));
	o->point_count += count;
	add_cells(o, &p);
	o->polygons =
		grow(o->polygons, &o->polygon_cap, o->polygon_count + 1, sizeof(*o->polygons));
	o->polygons[o->polygon_count++] = p;
	return 0;
}

static int by_cell(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->polygon > y->polygon) - (x->polygon < y->polygon);
}

void outlines_finish(struct outlines *o)
{
	if (o->cell_count)
		qsort(o->cells, o->cell_count, sizeof(*o->cells), by_cell);
}

/* Whether the way east of the position crosses the edge. */
static bool crosses(struct outline_point a, struct outline_point b, int32_t lat, int32_t lon)
{
	struct outline_point low = a, high = b;
	int64_t side;

	if ((a.lat_e7 > lat) == (b.lat_e7 > lat))
		return false;
	if (a.lat_e7 > b.lat_e7) {
		low = b;
		high = a;
	}
	if (lon < low.lon_e7 && lon < high.lon_e7)
		return true;
	if (lon >= low.lon_e7 && lon >= high.lon_e7)
		return false;
	side = ((int64_t)high.lon_e7 - low.lon_e7) * ((int64_t)lat - low.lat_e7) -
	       ((int64_t)lon - low.lon_e7) * ((int64_t)high.lat_e7 - low.lat_e7);
	return side > 0;
}

/* Within the ring or not, as a parity. */
static bool is_in_ring(const struct outline_point *points, size_t count, int32_t lat, int32_t lon)
{
	bool in = false;

	for (size_t i = 0, before = count - 1; i < count; before = i++)
		in ^= crosses(points[before], points[i], lat, lon);
	return in;
}

static bool holds(const struct outlines *o, const struct polygon *p, int32_t lat, int32_t lon)
{
	bool in = false;

	if (lat < p->south || lat > p->north || lon < p->west || lon > p->east)
		return false;
	for (uint32_t i = p->first_ring; i < p->first_ring + p->ring_count; i++) {
		uint32_t first = i ? o->ring_ends[i - 1] : 0;

		if (o->ring_ends[i] > first)
			in ^= is_in_ring(o->points + first, o->ring_ends[i] - first, lat, lon);
	}
	return in;
}

/* The first of that cell in the list, or of what follows it. */
static size_t find_cell(const struct outlines *o, uint32_t number)
{
	size_t low = 0, high = o->cell_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (o->cells[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t outlines_find(const struct outlines *o, int32_t lat_e7, int32_t lon_e7)
{
	uint32_t number, found = OUTLINES_NONE;

	if (lat_e7 < -90 * DEGREE_E7 || lat_e7 > 90 * DEGREE_E7 || lon_e7 < -180 * DEGREE_E7 ||
	    lon_e7 > 180 * DEGREE_E7)
		return OUTLINES_NONE;
	number = cell_of(row_of(lat_e7), column_of(lon_e7));
	for (size_t i = find_cell(o, number); i < o->cell_count && o->cells[i].number == number;
	     i++) {
		const struct polygon *p = &o->polygons[o->cells[i].polygon];

		if (p->place < found && holds(o, p, lat_e7, lon_e7))
			found = p->place;
	}
	return found;
}
