/* Features that are areas: see geojson.h. */
#include "wire/geojson.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

#include "base/alloc.h"

/* How files name the INSEE code, and the name. */
static const char *const code_names[] = {"code",      "code_insee", "INSEE_COM",
					 "insee_com", "INSEE_DEP",  "insee_dep",
					 "insee",     "codgeo",     "code_commune"};
static const char *const name_names[] = {"nom",     "name",    "NOM",         "NOM_COM",
					 "nom_com", "NOM_DEP", "nom_officiel"};

static void take_text(const json_t *properties, const char *const *names, size_t count,
		      struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < count && !out->len; i++) {
		const json_t *value = json_object_get(properties, names[i]);

		if (json_is_string(value))
			buf_add(out, json_string_value(value), json_string_length(value));
	}
}

/* Room for one more element at the end of a list. */
static void *grow(void *list, size_t *cap, size_t count, size_t size)
{
	if (count < *cap)
		return list;
	*cap = *cap ? *cap * 2 : 64;
	return xrealloc(list, *cap * size);
}

static int take_point(const json_t *position, struct geojson_area *area)
{
	const json_t *lon = json_array_get(position, 0), *lat = json_array_get(position, 1);
	double east = json_number_value(lon), north = json_number_value(lat);

	if (!json_is_number(lon) || !json_is_number(lat))
		return -EBADMSG;
	if (!(fabs(east) <= 180) || !(fabs(north) <= 90))
		return -ERANGE;
	area->points =
		grow(area->points, &area->point_cap, area->point_count, sizeof(*area->points));
	area->points[area->point_count++] =
		(struct geojson_point){(int32_t)lround(east * 1e7), (int32_t)lround(north * 1e7)};
	return 0;
}

static int take_ring(const json_t *ring, struct geojson_area *area)
{
	size_t first = area->point_count, i;
	const json_t *position;

	if (!json_is_array(ring))
		return -EBADMSG;
	json_array_foreach((json_t *)(uintptr_t)ring, i, position)
	{
		int r = take_point(position, area);

		if (r)
			return r;
	}
	/* The last position is the first again. */
	if (area->point_count > first + 1 &&
	    !memcmp(&area->points[first], &area->points[area->point_count - 1],
		    sizeof(area->points[0])))
		area->point_count--;
	area->ring_ends =
		grow(area->ring_ends, &area->ring_cap, area->ring_count, sizeof(*area->ring_ends));
	area->ring_ends[area->ring_count++] = (uint32_t)area->point_count;
	return 0;
}

static int take_polygon(const json_t *rings, struct geojson_area *area)
{
	const json_t *ring;
	size_t i;

	if (!json_array_size(rings))
		return -EBADMSG;
	json_array_foreach((json_t *)(uintptr_t)rings, i, ring)
	{
		int r = take_ring(ring, area);

		if (r)
			return r;
	}
	area->polygon_ends = grow(area->polygon_ends, &area->polygon_cap, area->polygon_count,
				  sizeof(*area->polygon_ends));
	area->polygon_ends[area->polygon_count++] = (uint32_t)area->ring_count;
	return 0;
}

static int take_geometry(const json_t *geometry, struct geojson_area *area)
{
	const char *type = json_string_value(json_object_get(geometry, "type"));
	const json_t *coordinates = json_object_get(geometry, "coordinates"), *polygon;
	size_t i;
	int r = 0;

	area->point_count = area->ring_count = area->polygon_count = 0;
	if (type && !strcmp(type, "Polygon"))
		return take_polygon(coordinates, area);
	if (!type || strcmp(type, "MultiPolygon") != 0 || !json_array_size(coordinates))
		return -ENOTSUP;
	json_array_foreach((json_t *)(uintptr_t)coordinates, i, polygon)
	{
		r = take_polygon(polygon, area);
		if (r)
			break;
	}
	return r;
}

int geojson_decode(struct str text, struct geojson_area *area)
{
	json_t *feature = json_loadb(text.ptr, text.len, 0, NULL);
	const json_t *properties = json_object_get(feature, "properties");
	int r = -EBADMSG;

	if (json_is_object(feature)) {
		take_text(properties, code_names, ARRAY_LEN(code_names), &area->code);
		take_text(properties, name_names, ARRAY_LEN(name_names), &area->name);
		r = take_geometry(json_object_get(feature, "geometry"), area);
	}
	json_decref(feature);
	return r;
}

void geojson_area_fini(struct geojson_area *area)
{
	buf_fini(&area->code);
	buf_fini(&area->name);
	free(area->points);
	free(area->ring_ends);
	free(area->polygon_ends);
}
