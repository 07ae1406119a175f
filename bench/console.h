/*
 * Consoles of the load tool: WebSocket clients of the feed, which tell what they were shown. With
 * the bare server they get the watch's frames themselves.
 */
#ifndef BENCH_CONSOLE_H
#define BENCH_CONSOLE_H

#include "client.h"

enum told { TOLD_ALERT, TOLD_POSITION };
enum { CONSOLES_MAX = 64 };

struct console_options {
	uint16_t port;
	const char *login, *password; /* NULL login: the bare server */
	/* device: the identity of the watch, which is also its label. NULL: nobody listens. */
	void (*on_told)(enum told what, uint64_t device);
};

/* A connection to 127.0.0.1, for one request; never fails. */
int connect_blocking(uint16_t port);
/* Logs in and returns the value of the Cookie header, in static memory. */
const char *console_log_in(const struct console_options *options);
/* The request that opens a WebSocket, appended to out. */
void console_request(const struct console_options *options, const char *path, const char *cookie,
		     struct buf *out);
/* Bytes of the head of an answer that begins with `wanted`; 0: it is not all there. */
size_t http_answered(struct str bytes, struct str wanted);
/* Header and payload lengths of the WebSocket frame at the front; false when it is not all there.
 */
bool console_frame(struct str bytes, size_t *ret_header, size_t *ret_payload);
void console_send(struct client *c, uint8_t opcode, struct str text);

/* Opens them; returns when every one is being served. */
void consoles_open(const struct console_options *options, unsigned count);
/* clients_poll, and the consoles say they are present each 2 s. */
void consoles_poll(int64_t until_us);

#endif
