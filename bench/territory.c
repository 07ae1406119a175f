/*
 * territory FILE…: outlines of communes (GeoJSON), repeated with an offset until there are as many
 * as in the country; how many positions a second find their commune and its unit, as an alert does,
 * and, on a few, by looking at the bounds of every outline. Both must say the same. JSON on
 * standard output.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/outlines.h"
#include "service/atlas_private.h"
#include "wire/geojson.h"
#include "wire/json_items.h"

enum { WANTED = 35000, QUESTIONS = 2000000, COMPARED = 2000, STEP_E7 = 15000000 };

struct country {
	struct outlines *whole;
	struct outlines **each; /* one a place: nothing but bounds before its points */
	uint32_t places;
	size_t points;
	struct outline_point *corners; /* one of each */
};

static struct buf read_whole(const char *path)
{
	FILE *file = fopen(path, "re");
	struct buf b = BUF_INIT;
	size_t got;

	if (!file) {
		perror(path);
		exit(1);
	}
	while ((got = fread(buf_reserve(&b, 65536), 1, 65536, file)) > 0)
		b.len += got;
	fclose(file);
	return b;
}

static void add_polygon(struct country *c, struct outlines *one, const struct geojson_area *area,
			size_t polygon, int32_t offset_e7)
{
	size_t ring = polygon ? area->polygon_ends[polygon - 1] : 0;
	size_t first = ring ? area->ring_ends[ring - 1] : 0;
	size_t count = area->ring_ends[area->polygon_ends[polygon] - 1] - first;
	size_t rings = area->polygon_ends[polygon] - ring;
	struct outline_point *points = xcalloc(count, sizeof(*points));
	uint32_t *ends = xcalloc(rings, sizeof(*ends));
	struct outline_polygon p = {points, ends, (uint32_t)rings};

	for (size_t i = 0; i < count; i++)
		points[i] = (struct outline_point){area->points[first + i].lon_e7 + offset_e7,
						   area->points[first + i].lat_e7 - offset_e7};
	for (size_t i = 0; i < rings; i++)
		ends[i] = area->ring_ends[ring + i] - (uint32_t)first;
	if (outlines_add(c->whole, c->places, &p) || outlines_add(one, c->places, &p))
		abort();
	c->points += count;
	free(points);
	free(ends);
}

static void add_place(struct country *c, const struct geojson_area *area, int32_t offset_e7)
{
	struct outlines *one = outlines_new();

	c->each = xrealloc(c->each, (c->places + 1) * sizeof(*c->each));
	for (size_t i = 0; i < area->polygon_count; i++)
		add_polygon(c, one, area, i, offset_e7);
	outlines_finish(one);
	c->corners = xrealloc(c->corners, (c->places + 1) * sizeof(*c->corners));
	c->corners[c->places] = (struct outline_point){area->points[0].lon_e7 + offset_e7,
						       area->points[0].lat_e7 - offset_e7};
	c->each[c->places++] = one;
}

static void add_file(struct country *c, const char *path, int32_t offset_e7)
{
	struct geojson_area area = {.point_count = 0};
	struct buf file = read_whole(path);
	struct str rest = buf_str(&file), feature = STR_NONE;

	rest = str_slice(rest, json_items_start(rest, STR("features")), rest.len);
	for (ptrdiff_t used;
	     c->places < WANTED && (used = json_items_next(rest, &feature)) > 0 && feature.ptr;) {
		if (!geojson_decode(feature, &area)) {
			add_place(c, &area, offset_e7);
		}
		rest = str_slice(rest, (size_t)used, rest.len);
	}
	geojson_area_fini(&area);
	buf_fini(&file);
}

static uint64_t seed = 35;

static int32_t between(int32_t low, int32_t high)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return low + (int32_t)((seed >> 20) % (uint64_t)(high - low));
}

/* Within a kilometre of a corner of a commune: where looking is hardest. */
static struct outline_point somewhere(const struct country *c)
{
	struct outline_point p = c->corners[between(0, (int32_t)c->places)];

	return (struct outline_point){p.lon_e7 + between(-100000, 100000),
				      p.lat_e7 + between(-100000, 100000)};
}

static uint32_t look_everywhere(const struct country *c, struct outline_point p)
{
	for (uint32_t i = 0; i < c->places; i++)
		if (outlines_find(c->each[i], p.lat_e7, p.lon_e7) != OUTLINES_NONE)
			return i;
	return OUTLINES_NONE;
}

/* A commune an outline, each of a unit of its own. */
static struct atlas atlas_of(struct country *c)
{
	struct atlas a = {.communal = c->whole, .departmental = outlines_new()};

	a.communes = xcalloc(c->places, sizeof(*a.communes));
	for (a.commune_count = 0; a.commune_count < c->places; a.commune_count++) {
		struct commune *commune = &a.communes[a.commune_count];

		snprintf(commune->code, sizeof(commune->code), "%05u",
			 (unsigned)(a.commune_count % 100000));
		memcpy(commune->unit.bytes, &a.commune_count, sizeof(a.commune_count));
		commune->unit.bytes[sizeof(commune->unit.bytes) - 1] =
			1; /* none has the id of none */
	}
	outlines_finish(a.departmental);
	return a;
}

/* How many find a commune and its own unit. */
static int64_t look_up(const struct atlas *a, const struct outline_point *asked)
{
	struct atlas_place place;
	int64_t found = 0;

	for (int i = 0; i < QUESTIONS; i++)
		if (atlas_at(a, asked[i].lat_e7, asked[i].lon_e7, &place))
			found += !id_is_none(place.unit) && !place.is_default;
	return found;
}

static double per_second(int64_t count, int64_t since_us)
{
	return (double)count * 1e6 / (double)(clock_monotonic_us() - since_us);
}

int main(int argc, char **argv)
{
	struct country c = {.whole = outlines_new()};
	struct outline_point *asked = xcalloc(QUESTIONS, sizeof(*asked));
	int64_t started_us, found = 0, different = 0;
	double index_rate, plain_rate;
	struct atlas atlas;
	int copies = 0;

	for (; c.places < WANTED && argc > 1; copies++)
		for (int i = 1; i < argc; i++)
			add_file(&c, argv[i], copies * STEP_E7);
	started_us = clock_monotonic_us();
	outlines_finish(c.whole);
	fprintf(stderr, "index made in %lld ms\n",
		(long long)(clock_monotonic_us() - started_us) / 1000);
	for (int i = 0; i < QUESTIONS; i++)
		asked[i] = somewhere(&c);
	atlas = atlas_of(&c);
	started_us = clock_monotonic_us();
	found = look_up(&atlas, asked);
	index_rate = per_second(QUESTIONS, started_us);
	started_us = clock_monotonic_us();
	for (int i = 0; i < COMPARED; i++)
		different += look_everywhere(&c, asked[i]) !=
			     outlines_find(c.whole, asked[i].lat_e7, asked[i].lon_e7);
	plain_rate = per_second(COMPARED, started_us);
	printf("{\"outlines\":%u,\"points\":%zu,\"per_second\":%.0f,\"plain_per_second\":%.0f,"
	       "\"found\":%.3f,\"different\":%lld}\n",
	       c.places, c.points, index_rate, plain_rate, (double)found / QUESTIONS,
	       (long long)different);
	for (uint32_t i = 0; i < c.places; i++)
		outlines_free(c.each[i]);
	free(c.each);
	free(c.corners);
	free(asked);
	outlines_free(c.whole);
	outlines_free(atlas.departmental);
	free(atlas.communes);
	return different != 0;
}
