/*
 * Visits announced beforehand (core/visit.h), while they run and a little longer. Each is a dossier
 * of its own: where and whom are sealed with a key that goes with it.
 */
#ifndef STORE_VISITS_H
#define STORE_VISITS_H

#include "base/alloc.h"
#include "core/visit.h"
#include "store/vault.h"

/* What the official wrote; in the arena of who loads it. */
struct visit_words {
	struct str place, person;
};

/* Makes the dossier's key too. */
int visit_insert(struct vault *v, const struct visit *visit, const struct visit_words *words);
/* All but whose it is, and the words. */
int visit_update(struct vault *v, const struct visit *visit);
int visit_load(struct vault *v, struct id id, struct visit *ret_visit); /* -ENOENT */
/* What cannot be opened (altered, purged) reads as two empty texts: no call waits for it. */
int visit_load_words(struct vault *v, struct arena *arena, struct id id,
		     struct visit_words *ret_words);

/* The one its telephone knows of, open or missed; -ENOENT. */
int visit_of_device(struct vault *v, struct id device, struct visit *ret_visit);
/* Those that run, of the official or else of the device, into list; *ret_count at most cap. */
enum { VISITS_RUNNING = 8 };
int visits_running(struct vault *v, struct id official, struct id device, struct visit *list,
		   size_t cap, size_t *ret_count);
/* Where to look for whom that alert is about: of those that are not over, of the official or else
 * of the device, the one that raised it, else a missed one, else the last announced. -ENOENT. */
int visit_for_alert(struct vault *v, struct id alert, struct id official, struct id device,
		    struct visit *ret_visit);
/* Whether one runs: somebody is waited for. */
int visits_expected(struct vault *v, struct id official, struct id device, bool *ret_expected);
/* Whether any runs. */
int visits_any(struct vault *v, bool *ret_any);

/* The clock was set: each is due as far away as before. */
int visits_shift(struct vault *v, int64_t by_ms);
/* Missed ones whose alert is closed are over from now on. */
int visits_settle(struct vault *v, int64_t now_ms);
/* Deletes some that were over by then, with their keys. */
int visits_purge(struct vault *v, int64_t before_ms);

#endif
