/* Voice clips of an alert's watch, part by part as they came; sealed with the alert's key. */
#ifndef STORE_CLIPS_H
#define STORE_CLIPS_H

#include "base/limits.h"
#include "store/vault.h"

struct clip_part {
	struct id alert;
	struct str
		name; /* what the device calls the clip; of a whole one, anything that is its own */
	int part, parts; /* 1 of 1 */
	int64_t at_ms;
	struct str sound; /* AMR as it came, unescaped */
};

/*
 * Keeps a part, once: *ret_is_new false when it was known. *ret_clip: the clip it belongs to;
 * *ret_have: how many of its parts are there now.
 */
int clip_part_add(struct vault *v, const struct clip_part *part, struct id *ret_clip,
		  bool *ret_is_new, int *ret_have);
/* Deletes them all; how many parts there were. */
int clips_delete(struct vault *v, struct id alert, int64_t *ret_count);
/* How many parts the alert has: for the cap. */
int clip_parts_of(struct vault *v, struct id alert, int64_t *ret_count);
/* The alert's clips, oldest first, at most cap; how many, or -errno. */
int clips_of(struct vault *v, struct id alert, struct id *ret_list, int cap);
/* Its parts in order, one after the other, appended to out. -ENOENT: no such clip in that alert. */
int clip_load(struct vault *v, struct id alert, struct id clip, struct buf *out);

#endif
