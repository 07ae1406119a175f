/*
 * A track of an alert's sound: a file that is only appended to, of pages sealed with the alert's
 * data key (docs/protocol/sound.md). A recording has two, FOLDER/ALERT-ID/live and …/backfill.
 *
 *   page: "EGP1" ‖ number (4, big endian, from 0) ‖ length (4) ‖ sealed bytes
 *
 * The seal's label names the alert, the track and the number, so that no page can be moved, doubled
 * or left out unseen; leaf `number` of the track's hash tree (crypto/tree.h) is that of the plain
 * bytes. Only the last page can be torn: each is on disk before the next is written. While a track
 * is open for appending, zeroes may follow that page: the file grows by more than a page at a time.
 */
#ifndef STORE_TRACK_H
#define STORE_TRACK_H

#include "crypto/tree.h"
#include "store/vault.h"

enum track_kind { TRACK_LIVE, TRACK_BACKFILL, TRACK_COUNT };
enum { TRACK_PAGE_MAX_BYTES = 128 * 1024 };

struct track_name {
	const char *folder; /* of all recordings */
	struct id alert;
	enum track_kind kind;
};

/* Its file's path; false: does not fit. */
bool track_path(const struct track_name *name, char *out, size_t size);

/* Each whole page in order. Not 0: reading ends with that. */
typedef int track_page(void *context, uint32_t number, struct str plain);

struct track_end {
	uint64_t bytes; /* where the last whole page ends */
	uint32_t pages; /* the number after it */
	bool damaged;   /* something before it could not be read */
};
/* 0 (an absent file has no pages), -ENOENT when the alert's key is gone, -errno. ret_end may be
 * NULL. */
int track_read(struct vault *v, const struct track_name *name, track_page *each, void *context,
	       struct track_end *ret_end);

struct track;

/* For appending: makes folder and file, cuts a torn page off the end. */
int track_open(struct vault *v, const struct track_name *name, struct track **ret_track);
/* Writes a page, which is on disk after track_sync only. After an error the track must be closed:
 * opening it again finds what is whole. */
int track_append(struct track *t, struct vault *v, struct str plain);
int track_sync(struct track *t);
uint32_t track_pages(const struct track *t);
struct hash track_root(const struct track *t);
void track_close(struct track *t); /* NULL is fine */

#endif
