/* Fields of text protocols: see field.h. */
#include "wire/field.h"

#include <math.h>

#include "base/alloc.h"

void fields_cut(struct str data, struct fields *ret_fields)
{
	struct fields *f = ret_fields;

	f->count = 0;
	while (f->count < ARRAY_LEN(f->at) && str_split(&data, ',', &f->at[f->count]))
		f->count++;
}

struct str fields_get(const struct fields *f, size_t i)
{
	return i < f->count ? str_trim(f->at[i]) : STR_NONE;
}

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
