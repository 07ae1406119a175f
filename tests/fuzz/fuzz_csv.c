/* A table as text: every record, whole and in pieces. */
#include "fuzz.h"

#include "base/limits.h"
#include "wire/csv.h"

static void must_be_row(const struct csv_row *row)
{
	must(row->count <= CSV_MAX_FIELDS);
	for (size_t i = 0; i < row->count; i++) {
		must(!row->at[i].len || str_is_utf8(row->at[i]));
		must(str_find(row->at[i], '\n') < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = str_of(data, size);
	char separator = csv_separator(rest);
	struct buf scratch = BUF_INIT;
	struct csv_row row;

	rest = str_slice(rest, csv_mark(rest), rest.len);
	while (rest.len) {
		ptrdiff_t part = csv_next(str_slice(rest, 0, rest.len / 2), false, separator,
					  &scratch, &row);
		ptrdiff_t used = csv_next(rest, true, separator, &scratch, &row);

		must(used != 0 && used <= (ptrdiff_t)rest.len);
		/* What was whole in the half is the same in the whole, but for a line end cut in
		 * two. */
		must(part <= 0 || used == part || used == part + 1);
		if (used < 0)
			used = (ptrdiff_t)csv_skip_line(rest);
		else
			must_be_row(&row);
		rest = str_slice(rest, (size_t)used, rest.len);
	}
	buf_fini(&scratch);
	return 0;
}
