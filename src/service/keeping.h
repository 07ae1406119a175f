/* What is kept of an alert's sound: sealing by two persons, deletion by the retention rule. */
#ifndef SERVICE_KEEPING_H
#define SERVICE_KEEPING_H

#include "service/case.h"
#include "store/keeping.h"
#include "store/portion.h"

/* The alert has sound from now on: what was deleted, and comes again, counts from its next closing.
 */
int keeping_begin(struct work *w, const struct alert *alert);
/* The same for a recording that no line speaks of (the server fell before it was written, and does
 * not record any more). -ENOENT: there is no such alert. Outside the executor, before it runs. */
int keeping_adopt(struct vault *v, int days, int64_t now_ms, struct id alert);
/* It was closed or reopened: the date moves. */
int keeping_follow(struct work *w, const struct alert *alert);
/* An alert was merged under another: they are kept as one. */
int keeping_unite_event(struct work *w, struct command *command, const struct alert *first,
			const struct alert *merged);
/* Deletes what is due: rows now, files set aside for who erases them (store/track.h). */
int keeping_delete_due(struct work *w, struct command *command, struct portion *portion);

/* Whether there is sound of it, or a telephone of it may be recorded at this moment. 0 or -errno.
 */
int keeping_has_sound(struct vault *v, const struct alert *alert, bool may_record, bool *ret_has);
/* What is answered, while the alert is open, where nobody may listen. */
extern const char keeping_clip_refused[], keeping_archive_refused[];

/* When it was deleted; TIME_NONE: it was not, or there is new sound. 0 or -errno. */
int keeping_deleted_at(struct vault *v, struct id alert, int64_t *ret_at_ms);

struct directory;
/* "keeping": {…} or null, of docs/protocol/api.md. */
int keeping_json(struct vault *v, const struct directory *directory, const struct alert *alert,
		 struct buf *b);

#endif
