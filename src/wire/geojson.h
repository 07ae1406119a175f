/* One feature of a GeoJSON file (RFC 7946 §3.2) whose geometry is an area: its outline, and what
 * place it is of. */
#ifndef WIRE_GEOJSON_H
#define WIRE_GEOJSON_H

#include "base/buf.h"

struct geojson_point {
	int32_t lon_e7, lat_e7;
};

struct geojson_area {
	struct buf code, name; /* of the properties; empty: it has none of the known names */
	/* Rings one after the other, not closed; a polygon is its outer ring, then its holes. */
	struct geojson_point *points;
	uint32_t *ring_ends;    /* in points */
	uint32_t *polygon_ends; /* in rings */
	size_t point_count, ring_count, polygon_count;
	size_t point_cap, ring_cap, polygon_cap;
};

/* Fills *area, which may be used again (its memory is kept). 0; -EBADMSG: not a feature; -ENOTSUP:
 * no area; -ERANGE: a position outside of the Earth. */
int geojson_decode(struct str feature, struct geojson_area *area);
void geojson_area_fini(struct geojson_area *area);

#endif
