/*
 * The live feed: consoles that follow the journal (docs/protocol/api.md). On the loop thread only.
 * Knows no socket: a subscriber is a 64-bit id that `send` reaches.
 *
 * A subscriber first reads from the journal what it has missed, slice by slice, on a reader thread;
 * when it has reached what the feed has, it is live. Each entry is checked against the subscriber's
 * room.
 */
#ifndef LIVE_FEED_H
#define LIVE_FEED_H

#include "core/access.h"
#include "service/executor.h"
#include "service/readers.h"

struct feed;

struct feed_options {
	struct readers *readers;
	/* Copies the text. A subscriber that is gone or too slow is its owner's to close: not
	 * within the call. */
	void (*send)(void *context, uint64_t subscriber, struct str text);
	/* Close it with this code, at the end of the turn: feed_leave must not come within the
	 * call. */
	void (*close)(void *context, uint64_t subscriber, uint16_t code);
	/* A console painted an alert on a visible screen with sound: becomes EVENT_PAINT of that
	 * account. */
	void (*painted)(void *context, struct actor actor, struct id alert);
	void *context;
};

struct feed *feed_new(const struct feed_options *options);
void feed_free(struct feed *f);

/* A new console, before its hello. Takes copies. */
void feed_join(struct feed *f, uint64_t subscriber, struct actor actor);
void feed_leave(struct feed *f, uint64_t subscriber);
/* A text message from the console. -EBADMSG: not one of ours; close it. */
int feed_message(struct feed *f, uint64_t subscriber, struct str text);

/* What was committed: the batch's publications are sent on; the batch stays the caller's. */
void feed_publish(struct feed *f, const struct batch *batch);
/* The journal's head at start. */
void feed_start(struct feed *f, int64_t epoch, int64_t number);
/* A message that is no entry, to every console whose account has the right in its room. */
void feed_broadcast(struct feed *f, enum right right, struct str message);
/* Each 2 s: a beat for everybody, so that silence means a lost connection. */
void feed_beat(struct feed *f, int64_t now_ms);
/* Ends every subscriber of the account (logged out everywhere, disabled): code 4401. */
void feed_end_account(struct feed *f, struct id account);

/* Accounts whose consoles show that room up to this number of the journal; *ret_ready: those of
 * them whose screen is visible and can sound. */
size_t feed_screens(const struct feed *f, struct id room, int64_t number, size_t *ret_ready);

struct feed_figures {
	size_t subscribers, live, visible;
};
void feed_figures(const struct feed *f, struct feed_figures *ret_figures);

#endif
