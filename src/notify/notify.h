/*
 * The sender of SMS: one thread with its own read connection, from outbox rows to Kannel's HTTP
 * interface (docs/protocol/sms.md). It works from its rows: a restart, a lost wake-up or a dead
 * gateway delay a message, they never lose it. Sending is at least once: dying between the
 * gateway's answer and the commit of that answer sends the message again.
 */
#ifndef NOTIFY_NOTIFY_H
#define NOTIFY_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct command;
struct keyring;
struct ladder;
struct notify;
struct service;

struct notify_gateway {
	const char *sendsms_url; /* "http://127.0.0.1:13013/cgi-bin/sendsms"; NULL or "": none */
	const char *user, *password; /* Kannel's sendsms-user */
	const char *from;            /* what the telephone shows as sender */
	const char *callback_url;    /* "http://127.0.0.1:8080/kannel/receipt", seen from it */
};

struct notify_options {
	struct notify_gateway gateway; /* without any, every message fails */
	/* Tried at once when the first does not accept. What it leaves out (NULL or "") is the
	 * first's. */
	struct notify_gateway backup;
	const char *callback_secret; /* letters, digits, - and _ : Kannel expands % itself */
	int max_parallel;            /* requests at once; 0: 8 */
	int connect_timeout_ms;      /* 0: 2,000 */
	int total_timeout_ms;        /* 0: 5,000 */
	int first_retry_ms;          /* 0: 2,000; doubled at each attempt, 30 s at most */

	const char *database_url;
	const struct keyring *ring;                                      /* outlives notify */
	const struct ladder *ladder;                                     /* outlives notify */
	int (*submit)(struct service *service, struct command *command); /* service_submit */
	struct service *service;
};

/* Whether it may be a callback_secret: at least 16 such characters. */
bool notify_secret_is_plain(const char *secret);
/* Opens its reader and starts its thread. 0 or -errno (logged); options are copied. */
int notify_start(const struct notify_options *options, struct notify **ret_notify);
/* Any thread, after a commit that changed the outbox. Coalesces. */
void notify_wake(struct notify *n);
/*
 * Starts nothing more, waits for the requests under way (at most total_timeout_ms), submits what
 * became of them, ends the thread: before service_close. The executor's last answers still come to
 * it until notify_free.
 */
void notify_stop(struct notify *n);
void notify_free(struct notify *n); /* after the service's last batch was delivered; NULL is fine */

struct notify_figures { /* for /metrics: totals since start, but the last two */
	uint64_t requests, accepted, failed, refused, expired, simulated, backup;
	uint64_t under_way;   /* rows between being read and having their outcome on disk */
	bool gateway_answers; /* the last request was answered, whatever it said */
};
void notify_figures(const struct notify *n, struct notify_figures *ret_figures);

#endif
