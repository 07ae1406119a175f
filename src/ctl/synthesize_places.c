/* Where the communes of a synthetic network are: said beside their name, or the middle of their
 * outline. */
#include "ctl/synthesize.h"

#include <errno.h>
#include <math.h>

#include "ctl/commands.h"
#include "wire/geojson.h"
#include "wire/json_items.h"

enum { E7 = 10000000 };

static void place(struct town *t, double lat, double lon)
{
	if (!(fabs(lat) <= 90) || !(fabs(lon) <= 180))
		return;
	t->lat_e7 = (int32_t)lround(lat * E7);
	t->lon_e7 = (int32_t)lround(lon * E7);
	t->placed = true;
}

void town_read_place(struct town *t, const json_t *commune)
{
	const json_t *lat = json_object_get(commune, "lat"), *lon = json_object_get(commune, "lon");
	const json_t *centre = json_object_get(json_object_get(commune, "centre"), "coordinates");

	if (json_is_array(centre)) {
		lon = json_array_get(centre, 0);
		lat = json_array_get(centre, 1);
	}
	if (json_is_number(lat) && json_is_number(lon))
		place(t, json_number_value(lat), json_number_value(lon));
}

/* --- the middle of an outline */

struct middle {
	double area, lat_e7, lon_e7; /* area: twice, in square degrees × 10¹⁴ */
};

/* The centroid of a ring (Bourke 1988), seen from its first point so that nothing is lost. */
static struct middle middle_of(const struct geojson_point *points, size_t count)
{
	struct middle m = {0, 0, 0};
	double x0 = points[0].lon_e7, y0 = points[0].lat_e7;

	for (size_t i = 0; i < count; i++) {
		const struct geojson_point *next = &points[(i + 1) % count];
		double x = points[i].lon_e7 - x0, y = points[i].lat_e7 - y0;
		double next_x = next->lon_e7 - x0, next_y = next->lat_e7 - y0;
		double area = x * next_y - next_x * y;

		m.area += area;
		m.lon_e7 += (x + next_x) * area;
		m.lat_e7 += (y + next_y) * area;
	}
	if (m.area) {
		m.lon_e7 = x0 + m.lon_e7 / (3 * m.area);
		m.lat_e7 = y0 + m.lat_e7 / (3 * m.area);
	}
	m.area = fabs(m.area);
	return m;
}

/* Of its largest part: an island beside it does not draw it into the sea. */
static void place_in(struct town *t, const struct geojson_area *area)
{
	struct middle largest = {0, 0, 0};
	size_t ring = 0;

	for (size_t i = 0; i < area->polygon_count; i++) {
		size_t first = ring ? area->ring_ends[ring - 1] : 0;
		struct middle m = middle_of(&area->points[first], area->ring_ends[ring] - first);

		if (m.area > largest.area)
			largest = m;
		ring = area->polygon_ends[i];
	}
	if (largest.area)
		place(t, largest.lat_e7 / E7, largest.lon_e7 / E7);
}

static int by_code(const void *key, const void *element)
{
	return strcmp(key, (*(struct town *const *)element)->code);
}

static void take_outline(struct str feature, struct town *const *sorted, size_t count)
{
	struct geojson_area area = {.point_count = 0};
	char code[COMMUNE_CODE_SIZE];
	struct town *const *found = NULL;

	if (!geojson_decode(feature, &area) && !commune_code_parse(buf_str(&area.code), code))
		found = bsearch(code, sorted, count, sizeof(struct town *), by_code);
	if (found)
		place_in(*found, &area);
	geojson_area_fini(&area);
}

static int order_by_code(const void *a, const void *b)
{
	return by_code((*(struct town *const *)a)->code, b);
}

int towns_read_outlines(struct town *towns, size_t count, struct str file)
{
	struct town **sorted = xcalloc(count + 1, sizeof(struct town *));
	struct str rest = file, item = STR_NONE;
	size_t start = json_items_start(file, STR("features"));
	ptrdiff_t used = -EBADMSG;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &towns[i];
	qsort(sorted, count, sizeof(struct town *), order_by_code);
	rest = str_slice(rest, start, rest.len);
	while (start && (used = json_items_next(rest, &item)) > 0 && item.ptr) {
		take_outline(item, sorted, count);
		rest = str_slice(rest, (size_t)used, rest.len);
	}
	free(sorted);
	return used > 0 ? 0 : -EBADMSG;
}
