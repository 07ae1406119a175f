/*
 * A connection, shared by tcp.c (listeners, accepting, sweeping) and tcp_connection.c
 * (reading, writing, ending).
 *
 *   accept ──► HANDSHAKE ──► OPEN ──► CLOSING ──► DEAD ──► freed at the end of a turn
 *     └─ plain ──────────────►┘└────────────────────►┘
 */
#ifndef NET_TCP_PRIVATE_H
#define NET_TCP_PRIVATE_H

#include "net/tls_private.h"

#include <event2/event.h>
#include <event2/event_struct.h>

#include "base/buf.h"
#include "net/loop_private.h"
#include "net/tcp.h"

enum {
	TCP_HANDSHAKE_S = 10, /* a TLS handshake that takes longer is dropped */
	TCP_LINGER_S = 5,     /* after tcp_close, for what was sent to leave */
	/* Handshakes that wait for their turn before no more TLS connections are accepted. */
	TCP_HANDSHAKES_WAITING = 64,
};

enum stage { STAGE_HANDSHAKE, STAGE_OPEN, STAGE_CLOSING, STAGE_DEAD };

struct tcp_listener {
	struct loop *loop;
	struct tcp_listener *next;
	struct event accept_event, retry_event, sweep_event;
	struct tcp_options options;
	const struct tcp_handlers *handlers;
	void *context;
	struct tcp_connection *first;
	size_t count;
	struct map per_source; /* address → number of connections, when options.max_per_source */
	size_t handshakes_waiting;
	uint16_t port;
	char *path;   /* of a socket file; NULL */
	bool starved; /* at the descriptor limit, and said so */
};

/* 15,000 of these are idle at a time: no buffer while nothing waits, no timer of its own. */
struct tcp_connection {
	struct event event;
	struct tcp_listener *listener;
	struct tcp_connection *next, **at; /* of the listener */
	struct tcp_connection *next_busy;
	void *session;
	uint64_t id;
	SSL *tls;
	const char *reason;
	struct buf in, out;
	uint32_t heard_s; /* last byte received; from tcp_close on, when that was */
	uint32_t share;   /* bytes read at a time; 0: all */
	struct address peer;
	uint8_t stage;
	uint8_t watched; /* EV_READ, EV_WRITE */
	bool busy : 1;   /* on one of the loop's lists */
	bool paused : 1, blocked : 1 /* the kernel's buffer is full */,
		again : 1 /* deliver what is kept */, handshake_ready : 1;
};

/* Takes fd; the peer may be refused. */
void connection_open(struct tcp_listener *l, int fd, const struct address *peer);
/* The one way a connection ends: at the end of a turn. The first reason stays. */
void connection_end(struct tcp_connection *c, const char *reason);
/* Now; only when none of its callbacks is running. */
void connection_free(struct tcp_connection *c);
void connections_work(void *arg); /* the loop's end of turn */
/* Frees so many of those that have ended. */
void connections_bury(struct loop *loop, size_t most);

/* The address is added to the listener's count, or taken off. False: the source has too many. */

#endif
