/*
 * Registrations being prepared: an invitation is a code and a draft, empty at first. A draft is a
 * dossier of its own: its key seals what the official wrote, and is destroyed with it.
 */
#ifndef STORE_DRAFTS_H
#define STORE_DRAFTS_H

#include "base/alloc.h"
#include "store/vault.h"

struct draft_file {
	struct id id;
	struct id official; /* whose file it corrects; ID_NONE: a registration */
	struct str body;    /* JSON object of fields; arena; empty: nothing was written yet */
	int64_t changed_at_ms;
};

/* Makes its key too. code: as it was given. */
int draft_insert(struct vault *v, struct id id, struct str code, int64_t now_ms,
		 int64_t expires_at_ms);
/* Of a file that exists: no code leads to it. One an official. */
int draft_insert_correction(struct vault *v, struct id id, struct id official, int64_t now_ms,
			    int64_t expires_at_ms);
int draft_save(struct vault *v, struct id id, struct str body, int64_t now_ms);
/* 0, -ENOENT (none, used, or too old). */
int draft_load(struct vault *v, struct arena *arena, struct id id, int64_t now_ms,
	       struct draft_file *ret_draft);
/* Whose file it corrects, as draft_load says: nothing is unsealed for it. */
int draft_corrects(struct vault *v, struct id id, int64_t now_ms, struct id *ret_official);
int draft_by_code(struct vault *v, struct str code, int64_t now_ms, struct id *ret_draft);
/* Each that something was written in, newest first, at most limit. */
int drafts_written(struct vault *v, int64_t now_ms, int limit, id_reader *on_draft, void *context);
/* Corrections that wait, who has waited longest first. */
int drafts_corrections(struct vault *v, int64_t now_ms, int limit, id_reader *on_draft,
		       void *context);
/* The correction that waits of that official, too old or not; -ENOENT. */
int draft_of_official(struct vault *v, struct id official, struct id *ret_draft);
/* With its key: nothing of it can be read any more. -ENOENT: it is no draft, and keeps its key. */
int draft_delete(struct vault *v, struct id id);
int drafts_purge(struct vault *v, int64_t now_ms); /* those that are too old */

#endif
