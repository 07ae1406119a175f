/* What each kind of import reads, and the lines it makes of it (service/admin_import.c). No I/O. */
#ifndef CTL_IMPORT_KINDS_H
#define CTL_IMPORT_KINDS_H

#include <jansson.h>

#include "base/buf.h"
#include "wire/csv.h"

enum { IMPORT_MAX_COLUMNS = 16, IMPORT_NAMES = 4 };

struct import_column {
	/* Folded (base/fold.h), as files name it; the first is the one messages name. */
	const char *names[IMPORT_NAMES];
	bool needed; /* the column; its values may still be empty */
};

/* One line of the file, by column of the kind; what the file does not have is empty. */
struct import_values {
	struct str at[IMPORT_MAX_COLUMNS];
	struct str mandate; /* of the whole file, for the register of officials: "maire" */
};

enum row_made { ROW_MADE, ROW_PASSED, ROW_REJECTED };

/* Appends "code|…" to out; ROW_PASSED: not what is imported, nothing is said of it. *ret_why:
 * French, why it was rejected. */
typedef enum row_made make_row(const struct import_values *values, struct buf *out,
			       const char **ret_why);
/* The same of an object of a JSON file; may append several lines. */
typedef enum row_made make_rows(struct str object, struct buf *out, const char **ret_why);

struct import_kind {
	const char *name;    /* as the server calls it too */
	const char *summary; /* French, what files */
	const char *things;  /* French, plural */
	const struct import_column *columns;
	make_row *make;
	make_rows *make_json; /* NULL: no JSON form */
	bool is_of_units;     /* changes units of the house too */
	bool has_room;        /* room= may be given */
	bool is_keyed;        /* one line a code */
	bool is_in_parts;     /* a file of one département says nothing of the others */
	bool has_mandate;     /* a file a mandate, each a part of its own; mandate= or its name */
};

extern const struct import_kind import_kinds[];
extern const size_t import_kind_count;

/* What mandate a file of the register is of, by its name; NULL: it does not say. */
const char *import_mandate(const char *file);

/* Which column of the file each column of the kind is; -1: none. NULL, or the name of one that is
 * needed and missing. */
const char *import_find_columns(const struct import_kind *kind, const struct csv_row *header,
				int columns[IMPORT_MAX_COLUMNS]);

#endif
