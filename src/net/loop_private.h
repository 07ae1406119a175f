/* What the files of net/ know of the loop and of its turns; nothing outside net/ includes this. */
#ifndef NET_LOOP_PRIVATE_H
#define NET_LOOP_PRIVATE_H

#include <stdatomic.h>

#include "base/map.h"
#include "net/loop.h"

/*
 * Order of service. A lower number is served first and a level is looked at only when those
 * before it are empty, so what peers can flood is bounded a turn: see loop_enter.
 * libevent gives PRIORITY_ESTABLISHED (the middle) to every event nobody asked for.
 */
enum { PRIORITY_MAIL, PRIORITY_ESTABLISHED, PRIORITY_ACCEPT, PRIORITIES };

enum {
	/* Read into at once; what a session leaves is copied to a buffer of its own. */
	LOOP_INPUT_BYTES = 64 * 1024,
	/* Sockets have a turn until so many callbacks, or the first that comes after so long; then
	   posts have as long. Neither keeps the other waiting for more. 64 KiB of short frames are
	   milliseconds of work for one callback. */
	LOOP_CALLBACKS_A_TURN = 64,
	LOOP_TURN_US = 2000,
	/* A TLS handshake costs about 0.4 ms. */
	LOOP_HANDSHAKES_A_TURN = 4,
	/* More than may come (LIMIT_CONNECTIONS_A_TURN): a network that is cut and comes back finds
	   room. */
	LOOP_FAREWELLS_A_TURN = 32,
};

/* Something to do once at the end of this turn. The owner embeds it, with call and arg set. */
struct turn_work {
	struct turn_work *next;
	void (*call)(void *arg);
	void *arg;
	bool queued;
};

struct mail;
struct signal_watch;
struct tcp_connection;
struct tcp_listener;

struct loop {
	struct event_base *base;
	struct event *mail_event;
	int mail_fd;
	_Atomic(struct mail *) mail;      /* newest first, pushed by any thread */
	struct mail *ready, **ready_tail; /* oldest first, the loop's own */
	atomic_bool stopping;
	struct signal_watch *signals;

	struct turn_work *work, **work_tail;
	int64_t turn_began_us, longest_turn_us;
	int64_t now_s; /* monotonic, of the turn's beginning */
	unsigned callbacks;
	unsigned accepts_left; /* shared by every listener */
	uint64_t turns;
	uint64_t last_id; /* connections, requests and WebSockets share the numbers */

	/* tcp.c */
	struct map connections;
	struct tcp_listener *listeners;
	struct tcp_connection *busy, **busy_tail; /* have something to do at the end of the turn */
	struct tcp_connection *gone, **gone_tail; /* have ended, and are freed in their turn */
	struct turn_work busy_work;
	char *input; /* LOOP_INPUT_BYTES, valid within one callback */
};

/* Every callback of net/ begins with this: it times the turn and ends it when it has been long
 * enough. */
void loop_enter(struct loop *loop);
/* The two halves of it, for a callback that knows only at its end whether it counts. */
void loop_begin(struct loop *loop);
void loop_count(struct loop *loop);
/* The turn ends after this callback, whatever else is waiting. */
void loop_end_turn_now(struct loop *loop);
/* Runs work at the end of this turn, or of the next when called from such work. */
void loop_at_turn_end(struct loop *loop, struct turn_work *work);
/* Forgets it: the owner is going. */
void loop_forget_work(struct loop *loop, struct turn_work *work);

/* tcp.c: one round of accepting on every listener, for turns so full that none had a chance. */
void tcp_accept_round(struct loop *loop);

#endif
