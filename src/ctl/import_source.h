/* A file that is imported, row by row, whatever its size: memory stays the same. */
#ifndef CTL_IMPORT_SOURCE_H
#define CTL_IMPORT_SOURCE_H

#include "ctl/import_kinds.h"

struct hash;
struct import_source;

/* mandate: of the register's files, else NULL. 0, -errno, or -EBADMSG: it has not the columns of
 * that kind, *ret_why says which, in French, until the next call. */
int import_open(const struct import_kind *kind, const char *path, const char *mandate,
		struct import_source **ret_source, const char **ret_why);
void import_close(struct import_source *s); /* NULL is fine */

/* The next line, or object: what it gives in *ret_rows (lines of import_kinds.h), until the next
 * call. 1; 0 at the end; -errno. */
struct import_line {
	int64_t number; /* in the file, from 1; of an object: where it begins */
	enum row_made made;
	struct str rows;
	const char *why; /* ROW_REJECTED */
};
int import_next(struct import_source *s, struct import_line *ret_line);
/* Bytes read, and of the file: how far it is. */
void import_progress(const struct import_source *s, int64_t *ret_done, int64_t *ret_total);
/* SHA-256 of the whole file; reads what follows its last line. Nothing is read from it after that.
 */
int import_digest(struct import_source *s, struct hash *ret_hash);

#endif
