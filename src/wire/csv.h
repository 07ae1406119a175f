/*
 * Tables as text (RFC 4180), with the faults official files have: separated by semicolons, commas
 * or tabs, ends of lines of any kind, a byte order mark, Windows-1252 instead of UTF-8, spaces
 * around values, quotes within unquoted ones.
 */
#ifndef WIRE_CSV_H
#define WIRE_CSV_H

#include "base/buf.h"

enum { CSV_MAX_FIELDS = 64 };

struct csv_row {
	size_t count;
	struct str at[CSV_MAX_FIELDS]; /* UTF-8, without control characters or spaces around */
};

/* Of a line: the one of ; , and tab that it has most of outside quotes; ';' when it has none. */
char csv_separator(struct str line);
/* The length of a byte order mark at the beginning: 3, or 0. */
size_t csv_mark(struct str bytes);

/*
 * The next record. >0: bytes used; 0: it has no end yet (never when is_last); -EMSGSIZE: no end
 * within LIMIT_CSV_LINE_BYTES, or more than CSV_MAX_FIELDS. An empty line has no field. The row's
 * text is in `scratch`, until the next call.
 */
ptrdiff_t csv_next(struct str bytes, bool is_last, char separator, struct buf *scratch,
		   struct csv_row *ret_row);
/* The bytes up to the end of the line, to go on after an error; all there are when none ends. */
size_t csv_skip_line(struct str bytes);

#endif
