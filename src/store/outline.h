/*
 * An outline as it is stored: count of polygons, then for each its count of rings, then for each
 * its count of points, then the points; all as base-128 numbers, points as zigzag differences of
 * longitude and latitude (degrees × 10⁷) to the one before.
 */
#ifndef STORE_OUTLINE_H
#define STORE_OUTLINE_H

#include "base/buf.h"
#include "base/outlines.h"

/* Appends. */
void outline_put_number(struct buf *out, uint64_t number);
void outline_put_point(struct buf *out, struct outline_point point, struct outline_point *before);

/* Stops at the first non-zero return (returned). -EBADMSG: not an outline. */
typedef int outline_reader(void *context, const struct outline_polygon *polygon);
int outline_each_polygon(struct str packed, outline_reader *on_polygon, void *context);

#endif
