/*
 * Deleting a recording, so that a crash may come between any two steps:
 *
 *   ALERT ── set aside ──▶ ALERT.deleted ── the database says so ──▶ ALERT.erased ──▶ nothing
 *     ▲                        │ it does not
 *     └────────────────────────┘
 *
 * Only a folder with its own name is a recording: what is set aside is neither played nor added to.
 * What is condemned (.erased) goes whatever the database says later: the alert may have new sound.
 */
#ifndef STORE_TRACK_ERASE_H
#define STORE_TRACK_ERASE_H

#include <stdbool.h>

#include "base/id.h"

/* Every recording that is there. 0 or the first of what `call` gave. */
typedef int track_found(void *context, struct id alert);
int track_each(const char *folder, track_found *call, void *context);

/* In the transaction that says it is deleted. 0 or -errno. */
int track_set_aside(const char *folder, struct id alert, bool *ret_was_there);
/* It was committed. 0 (also when nothing is aside) or -errno. */
int track_condemn(const char *folder, struct id alert);

enum track_fate {
	TRACK_STAYS_ASIDE, /* the database could not say */
	TRACK_GOES_BACK,
	TRACK_IS_CONDEMNED,
};
typedef enum track_fate track_judge(void *context, struct id alert);

/* Of everything that is set aside; renames only. 0 or the first -errno. */
int track_judge_all(const char *folder, track_judge *judge, void *context);
/* What is condemned is overwritten and unlinked: megabytes. 0 or the first -errno. */
int track_erase_all(const char *folder);

#endif
