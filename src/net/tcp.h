/*
 * TCP and TLS connections that devices open. A connection is known outside net/ by a
 * 64-bit id that is never used twice: a late answer to a closed one does nothing.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "base/network.h"
#include "net/loop.h"
#include "net/tls.h"

struct tcp_listener;
struct tcp_connection;

struct tcp_handlers {
	/* A new connection; returns what the other callbacks get as session, NULL to refuse
	 * (closes). */
	void *(*on_open)(void *context, struct tcp_connection *c);
	/* Everything received and not consumed yet, contiguous. Returns bytes consumed; the rest
	 * comes again with more. */
	size_t (*on_data)(void *session, struct tcp_connection *c, struct str bytes);
	/* The connection ends and bytes were left: the last look at them. Nothing can be sent any
	 * more. May be NULL. */
	void (*on_rest)(void *session, struct tcp_connection *c, struct str bytes);
	/*
	 * Once, last: the session frees itself. reason: "peer closed", "idle", "too large", "slow"
	 * (did not read), "error", "shutdown", or what tcp_close was given.
	 */
	void (*on_close)(void *session, uint64_t id, const char *reason);
};

struct tcp_options {
	const char *address;     /* "0.0.0.0:5093", "[::]:5093", "unix:/run/egide/control" */
	struct tls_server *tls;  /* NULL: plain */
	int idle_timeout_s;      /* no byte received for so long: closed; 0: never */
	size_t max_input_bytes;  /* unconsumed input beyond this closes: "too large" */
	size_t max_output_bytes; /* a peer that does not read beyond this is closed */
	size_t max_connections;  /* of this listener; 0: only the descriptor limit */
	size_t max_per_source;   /* connections from one source (address_source); 0: no cap */
};

/* Whether it is such an address, numbers only, "unix:" apart. Nothing is opened. */
bool tcp_address_is_valid(struct str address);
/*
 * A socket file is open to its owner only (0600) and removed on close; its folder exists. One that
 * a dead server left is replaced, a live one's is -EADDRINUSE. 0 or -errno (-EADDRINUSE…). Accepts
 * at most LIMIT_CONNECTIONS_A_TURN a turn; stops accepting at the descriptor limit, never spins.
 */
int tcp_listen(struct loop *loop, const struct tcp_options *options,
	       const struct tcp_handlers *handlers, void *context,
	       struct tcp_listener **ret_listener);
/*
 * Stops accepting and closes its connections: every on_close ("shutdown") has come when it returns.
 * Not from a callback of those connections. NULL is fine.
 */
void tcp_listener_close(struct tcp_listener *l);
uint16_t tcp_listener_port(const struct tcp_listener *l); /* the real one, after ":0" */
size_t tcp_listener_connections(const struct tcp_listener *l);

uint64_t tcp_id(const struct tcp_connection *c);
struct tcp_connection *tcp_find(struct loop *loop,
				uint64_t id);      /* NULL when gone; valid this turn only */
void *tcp_session(const struct tcp_connection *c); /* what on_open returned */
const struct address *tcp_peer(const struct tcp_connection *c);
/* Who connected, as the kernel knows it. -EINVAL when it is no Unix socket. */
int tcp_peer_uid(const struct tcp_connection *c, unsigned *ret_uid);
/* Copies; leaves at the end of the turn, together with what else this turn sends. */
void tcp_send(struct tcp_connection *c, struct str bytes);
/* Bytes that have not left yet. */
size_t tcp_backlog(const struct tcp_connection *c);
/*
 * At most so many bytes are read at a time, so that many who send without end come round quickly;
 * 0: as many as there are. TLS hands out whole records all the same.
 */
void tcp_share(struct tcp_connection *c, uint32_t bytes);
/* Stop and resume reading from this peer: back-pressure. */
void tcp_pause(struct tcp_connection *c, bool paused);
/*
 * Closes at the end of the turn, after what was sent has left (at most 5 s). on_close still comes,
 * with this reason (a literal); nothing is received meanwhile.
 */
void tcp_close(struct tcp_connection *c, const char *reason);

#endif
