/* What http.c, http_request.c and websocket.c share; nothing outside net/ includes this. */
#ifndef NET_HTTP_PRIVATE_H
#define NET_HTTP_PRIVATE_H

#include "net/tls_private.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "net/http.h"
#include "net/loop_private.h"

enum {
	HTTP_IDLE_S = 75,       /* a connection kept alive without a request */
	HTTP_WRITE_S = 30,      /* a client that takes nothing of its answer for so long */
	WEBSOCKET_LINGER_S = 5, /* between our close frame and the peer's */
};

/* One listening socket. Each has an evhttp of its own, because the transport is evhttp's choice. */
struct http_door {
	struct http_door *next;
	struct http_server *server;
	struct evhttp *evhttp;
	struct evconnlistener *listener;
	struct tls_server *tls; /* NULL: plain */
	struct event retry_event;
	bool paused;  /* this turn's accepts are spent */
	bool starved; /* at the descriptor limit, and said so */
};

enum http_stage { HTTP_WAITING, HTTP_ARRIVING, HTTP_HANDLED, HTTP_ANSWERING, HTTP_UPGRADED };

struct http_connection {
	struct http_door *door;
	struct http_connection *next, **at; /* of the server */
	struct http_connection *next_fresh;
	struct bufferevent *bev;
	struct evhttp_connection *native; /* NULL until the end of the turn that accepted it */
	struct evhttp_request *request;   /* being handled, else NULL */
	struct websocket *websocket;
	uint64_t request_id;
	uint32_t since_s; /* when its stage began */
	struct address peer;
	bool counted; /* in per_source */
	enum http_stage stage;
};

struct http_server {
	struct loop *loop;
	struct http_options options;
	void (*on_request)(void *context, const struct http_request *r);
	void *context;
	struct http_door *doors;
	struct http_connection *first;
	struct http_connection *fresh, **fresh_tail; /* accepted this turn, in order */
	size_t count;
	struct map per_source; /* address → number of connections, when options.max_per_source */
	struct map natives;    /* evhttp_connection → http_connection */
	struct map requests;   /* id → http_connection */
	struct map websockets; /* id → websocket */
	struct websocket *busy, **busy_tail;
	struct turn_work work;
	struct event sweep_event;
};

/* http_request.c */
/* What must hold of a request before anybody acts on it. 0 or the status to refuse with. */
int http_request_fill(const struct http_connection *c, struct arena *arena,
		      struct http_request *ret_r);

/* http.c */
void http_answer(struct http_connection *c, const struct http_response *response, bool then_close);
/* Writes what can be written at once, without waiting for the loop: before a connection is freed.
 */
void http_flush_now(struct http_connection *c);

/* websocket.c, for http.c */
void websocket_sweep(struct websocket *w, uint32_t now_s);
void websockets_work(struct http_server *s); /* end of turn */
void websockets_end_all(struct http_server *s);

#endif
