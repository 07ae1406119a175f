/*
 * Connections of the load tool: thousands in one thread, each with its callbacks. Plain TCP or TLS
 * to a port of 127.0.0.1. A connection that fails ends the program: a bench with holes measures
 * nothing.
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "base/buf.h"

struct client;
struct ssl_st;

struct client_calls {
	void (*on_open)(struct client *c);
	/* Everything received and not consumed; returns bytes consumed. */
	size_t (*on_data)(struct client *c, struct str bytes);
};

enum client_state { CLIENT_CLOSED, CLIENT_CONNECTING, CLIENT_SHAKING, CLIENT_OPEN };

struct client {
	const struct client_calls *calls;
	size_t index; /* the owner's */
	int fd;
	enum client_state state;
	struct ssl_st *tls; /* NULL: plain */
	struct buf in, out;
};

void clients_init(void); /* raises the descriptor limit */
/* From one of 64 source addresses, by index. */
void client_connect(struct client *c, const struct client_calls *calls, size_t index, uint16_t port,
		    bool tls);
void client_send(struct client *c, struct str bytes);
void client_close(struct client *c);

/* Serves connections until the monotonic time, or until something came when it is not reached:
 * once. */
void clients_poll(int64_t until_us);

/*
 * Opens `count` of them, at most 256 at a time, and returns when all are open. c: the first of an
 * array.
 */
void clients_open(struct client *c, size_t count, const struct client_calls *calls, uint16_t port,
		  bool tls);

void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
