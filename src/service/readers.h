/*
 * The reader threads (each with its own read connection) and the password thread: jobs go in from
 * the loop, come back to it by the hook.
 */
#ifndef SERVICE_READERS_H
#define SERVICE_READERS_H

#include "service/reader.h"

struct readers;

/* Embed it as the first member of what the job is about. */
struct job {
	void (*run)(
		struct job *job,
		struct reader *reader); /* on a reader thread; reader NULL on the password thread */
	void (*on_done)(void *job);     /* on the loop thread */
};

struct readers_options {
	const char *database_url;
	const struct keyring *ring;
	const struct ladder *ladder;
	unsigned threads;
	/* How a finished job gets back: loop_post of the daemon. */
	void (*post)(void *context, void (*call)(void *arg), void *arg);
	void *context;
	struct atlas_shelf *atlas_shelf; /* NULL: no territory */
};

int readers_start(const struct readers_options *options, struct readers **ret_readers);
/* Finishes what is queued, ends the threads. What comes back from it may still submit: -ESHUTDOWN.
 */
void readers_stop(struct readers *r);
void readers_free(struct readers *r); /* after readers_stop; NULL is fine */
/* 0, -EAGAIN (too many waiting: answer 503) or -ESHUTDOWN; then the caller keeps the job. */
int readers_submit(struct readers *r, struct job *job);
/* The same on the password thread: argon2 takes 100 ms and 64 MiB, one at a time. Few may wait. */
int readers_submit_password(struct readers *r, struct job *job);

#endif
