/* Numbers of text protocols: see field.h. */
#include "wire/field.h"

#include <math.h>

int64_t field_i64(struct str text, int64_t min, int64_t max, int64_t other)
{
	int64_t value;

	return str_parse_i64(str_trim(text), min, max, &value) ? other : value;
}

int field_int(struct str text, int min, int max, int other)
{
	return (int)field_i64(text, min, max, other);
}

double field_double(struct str text, double min, double max, double other)
{
	double value;

	return str_parse_double(str_trim(text), min, max, &value) ? other : value;
}

int field_percent(struct str text)
{
	return (int)lround(field_double(text, 0, 100, -1));
}
