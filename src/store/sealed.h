/* Inside store/: sealed columns that hold one text, or several under numbered tags. */
#ifndef STORE_SEALED_H
#define STORE_SEALED_H

#include "base/cursor.h"
#include "store/vault.h"

struct stored_fix;

/* A sealed text into a fixed array: NULL reads as "". -EBADMSG when altered or longer than size
 * - 1. */
int unseal_text(struct vault *v, struct str label, struct str sealed, char *out, size_t size);
/* A plain text of the same kind; -EBADMSG when it does not fit. */
int copy_text(struct str text, char *out, size_t size);

/* A position, sealed; of the first column of the only row, which is released. */
int seal_fix(struct vault *v, struct id dossier, struct str label, const struct stored_fix *fix,
	     struct buf *sealed);
int fix_after(struct vault *v, struct query *q, struct str label, struct stored_fix *ret_fix);

/* A record: (tag (1) ‖ length (2, big endian) ‖ text)*. A tag is never reused; an unknown one is
 * skipped. */
void record_put(struct buf *record, uint8_t tag,
		struct str text); /* an empty text is not written */
int record_next(struct cursor *record, uint8_t *ret_tag,
		struct str *ret_text); /* 1, 0 at the end, -EBADMSG */

/* After an UPDATE … WHERE version = …: 0, or -ESTALE when nothing was changed. */
int updated_one(struct vault *v, struct query *q);
/* After a DELETE … WHERE id = …: 0, or -ENOENT when there was no such row: whose key then is no
 * business of this table's. */
int deleted_one(struct vault *v, struct query *q);
/* One row or -ENOENT. The caller reads the columns, then db_done. */
int step_to_row(struct query *q);
/* The first column of the only row, then releases; -ENOENT without one. */
int id_after(struct query *q, struct id *ret_id);
int i64_after(struct query *q, int64_t *ret_value);
/* The ids first, at most limit, then on_id for each: it may use the same statement. Stops at its
 * first non-zero return (returned). */
int each_id_after(struct query *q, int limit, id_reader *on_id, void *context);
/* Keyset paging: ID_NONE comes before every id, where bind_id would bind NULL. */
void bind_after(struct query *q, int at, const struct id *after);

#endif
