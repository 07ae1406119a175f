/*
 * What was recorded of an alert, read from both tracks: as JSON, and rendered as Ogg Opus.
 * Blocking; for a reader's thread.
 */
#ifndef LIVE_RECORDING_H
#define LIVE_RECORDING_H

#include "base/buf.h"
#include "store/track.h"

struct recording;

/* -ENOENT: nothing, or its key is gone; -EFBIG: more than is read at once. */
int recording_read(struct vault *v, const char *folder, struct id alert,
		   struct recording **ret_recording);
/* The same from pages that were read already: plain, in the order of their track. -EBADMSG: not a
 * page; -EFBIG. recording_order: once all are there; -ENOENT: none was. */
struct recording *recording_new(struct id alert);
int recording_add(struct recording *r, enum track_kind kind, struct str page);
int recording_order(struct recording *r);
void recording_free(struct recording *r); /* NULL is fine */
/* {"seconds":…,"frames":…,"streams":[…],"gaps":[…]} of docs/protocol/sound.md. */
void recording_json(const struct recording *r, struct buf *out);
/* From now on the file is this part alone, in milliseconds of the whole. False: nothing of it is
 * there. */
bool recording_cut(struct recording *r, int64_t from_ms, int64_t to_ms);
/* Bytes from to before `to` of the file; returns how long the whole is. */
uint64_t recording_ogg(const struct recording *r, uint64_t from, uint64_t to, struct buf *out);
/* Changes whenever the file does. */
uint64_t recording_version(const struct recording *r);

#endif
