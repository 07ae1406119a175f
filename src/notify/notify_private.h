/* Inside notify/: the thread's state and a row under way. Everything here belongs to the thread. */
#ifndef NOTIFY_NOTIFY_PRIVATE_H
#define NOTIFY_NOTIFY_PRIVATE_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/limits.h"
#include "base/map.h"
#include "base/queue.h"
#include "notify/notify.h"
#include "service/command.h"
#include "service/reader.h"

struct route {
	struct notify_gateway gateway; /* its texts are ours */
	int64_t silent_until_ms; /* monotonic: it let a request time out, the others need not wait
				    as long */
};

struct notify {
	struct notify_options options; /* its texts are ours */
	struct route routes[LIMIT_SMS_ROUTES];
	unsigned route_count;
	struct reader *reader; /* NULL: to be opened again */
	CURLM *multi;
	struct map under_way;
	unsigned requests;     /* running */
	bool look;             /* rows may be due that have not been seen */
	int64_t look_at_ms;    /* monotonic */
	int64_t rested_at_ms;  /* not read again before; monotonic */
	struct queue *answers; /* commands the executor is done with, from the loop thread */
	pthread_t thread;
	_Atomic bool woken, stopping;
	struct {
		_Atomic uint64_t requests, accepted, failed, refused, expired, simulated, backup,
			under_way;
		_Atomic bool gateway_answers;
	} figures;
};

/*
 * A row under way, from being read until its outcome is committed: meanwhile it is still due in the
 * table, and being in the map keeps it from being sent twice. Owned by the map, under its message's
 * id.
 */
struct sending {
	struct notify *notify;
	struct arena arena;
	struct outgoing message;
	CURL *easy; /* its request, while there is one */
	unsigned route;
	bool again; /* a route that did not take it may do so later */
	int64_t started_us;
	/* What became of it, from `decided` on. */
	bool decided, submitted;
	enum message_state state;
	int64_t retry_at_ms;
	const char *text;     /* why it failed, or NULL */
	int64_t submit_at_ms; /* monotonic: not before */
};

/* Takes the row under way: a request, or an outcome at once. */
void sending_begin(struct notify *n, const struct outgoing *message);
/* Its request has ended: an outcome, or the other route. */
void sending_on_request(struct sending *s, CURLcode code);
/* Hands its outcome to the executor, once more. */
void sending_submit(struct sending *s);
/* The executor has answered. May free it. */
void sending_on_answer(struct sending *s, const struct command *command);
/* Ends its request, and forgets the row: it stays due in the table unless its outcome is there. */
void sending_free(struct sending *s);

#endif
