/* One field of a text protocol: a number when it is one, and what stands for it when it is not. */
#ifndef WIRE_FIELD_H
#define WIRE_FIELD_H

#include "base/str.h"

/* Spaces around the number are accepted; `other` when it is no number or outside the bounds. */
int64_t field_i64(struct str text, int64_t min, int64_t max, int64_t other);
int field_int(struct str text, int min, int max, int other);
double field_double(struct str text, double min, double max, double other);
/* "12.5" as 13; percentages only, -1 when it is none. */
int field_percent(struct str text);

#endif
