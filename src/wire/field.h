/*
 * Fields of a text protocol: cut at the commas; a number when one is there, and what stands for
 * it when there is none.
 */
#ifndef WIRE_FIELD_H
#define WIRE_FIELD_H

#include "base/limits.h"
#include "base/str.h"

/* What is beyond the cap is left. Text is borrowed. */
struct fields {
	size_t count;
	struct str at[LIMIT_DEVICE_FIELDS];
};

void fields_cut(struct str data, struct fields *ret_fields);
/* Without the spaces around it; STR_NONE beyond the last. */
struct str fields_get(const struct fields *f, size_t i);

/* Spaces around the number are accepted; `other` when it is no number or outside the bounds. */
int64_t field_i64(struct str text, int64_t min, int64_t max, int64_t other);
int field_int(struct str text, int min, int max, int other);
double field_double(struct str text, double min, double max, double other);
/* "12.5" as 13; percentages only, -1 when it is none. */
int field_percent(struct str text);

#endif
