/*
 * The recorder: one thread that writes pages of sound to the tracks of their alert (store/track.h).
 * What waits is written together, each track is synced once, and only then is the loop told.
 */
#ifndef LIVE_RECORDER_H
#define LIVE_RECORDER_H

#include "base/buf.h"
#include "store/track.h"

struct recorder;

struct recorder_options {
	const char *folder; /* of all recordings; made when it is not there */
	const char *database_url;
	const struct keyring *ring;
	uint64_t reserve_bytes; /* of the disk: alerts have them, sound never */
	/* Back to the loop: loop_post of the daemon. */
	void (*post)(void *context, void (*call)(void *arg), void *arg);
	void *context;
};

/* A page found on disk. */
typedef void recorder_found(void *context, struct id alert, enum track_kind kind, struct str plain);

enum recorder_work {
	RECORD_PAGE,
	RECORD_LOAD, /* reads what there is of an alert that goes on: it is not settled any more */
	RECORD_END,  /* sums up; more pages may still come */
	RECORD_SETTLE, /* its line is in the journal: not read again at start */
};

struct recorder_job {
	enum recorder_work work;
	struct id alert;
	enum track_kind kind;  /* RECORD_PAGE */
	struct buf plain;      /* RECORD_PAGE: owned */
	recorder_found *found; /* RECORD_LOAD: each page, on the recorder's thread */
	int error;
	uint32_t pages[TRACK_COUNT];    /* RECORD_END */
	struct hash roots[TRACK_COUNT]; /* RECORD_END */
	void (*on_done)(void *job);     /* on the loop thread; frees it by recorder_job_free */
	void *context;                  /* of found */
};

void recorder_job_free(struct recorder_job *job);

/* 0 or -errno (logged). The thread does not run yet. */
int recorder_new(const struct recorder_options *options, struct recorder **ret_recorder);
/* Before recorder_start: every page of what is not settled, torn ends cut off. */
int recorder_load(struct recorder *r, recorder_found *found, void *context);
int recorder_start(struct recorder *r);
/* 0, -EAGAIN or -ESHUTDOWN; then the job stays the caller's. */
int recorder_submit(struct recorder *r, struct recorder_job *job);
/* Writes what waits, ends the thread. Its last answers have been posted. */
void recorder_stop(struct recorder *r);
void recorder_free(struct recorder *r); /* NULL is fine */
/* What is free of the disk beyond the reserve; any thread. */
uint64_t recorder_room_bytes(const struct recorder *r);

#endif
