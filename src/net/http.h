/*
 * HTTP/1.1 server (libevent's evhttp) and WebSocket (wslay) on it. A request is answered later
 * by its id, from the loop thread; when the client has gone the answer does nothing.
 */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include "base/alloc.h"
#include "base/network.h"
#include "base/str.h"
#include "net/loop.h"
#include "net/tcp.h"
#include "net/tls.h"

struct http_server;
struct websocket;

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE, HTTP_OTHER };

/* Valid during on_request only: copy what must live longer. */
struct http_request {
	uint64_t id;
	enum http_method method;
	struct str target; /* as on the request line */
	struct str
		path; /* decoded; never holds NUL, "//", "/./" or "/../" (those are answered 400) */
	struct str query; /* still encoded */
	struct str body;
	struct str content_type;
	struct address peer; /* from X-Forwarded-For only when the peer is a trusted proxy */
	bool secure;         /* over TLS, or the trusted proxy says so */
	const void *native;
};

/* First header of that name (any case) or STR_NONE. Borrowed from the request. */
struct str http_header(const struct http_request *r, const char *name);
/* Cookie by name or STR_NONE. */
struct str http_cookie(const struct http_request *r, const char *name);
/* Parameter of a query or form body, decoded into arena; STR_NONE when absent or malformed. */
struct str http_param(struct arena *arena, struct str encoded, const char *name);

struct http_response {
	int status;
	struct str content_type; /* STR_NONE: no body */
	struct str body; /* copied, unless release is set: then it lives until release(owner) */
	const char *const *headers;   /* NULL-terminated name, value, name, value… or NULL */
	void (*release)(void *owner); /* always called once, even when the client is gone */
	void *owner;
};

struct http_options {
	size_t max_body_bytes;
	size_t max_header_bytes;
	int read_timeout_s; /* a request must be complete within this */
	size_t max_connections;
	size_t max_per_source; /* connections from one source; 0: no cap. Trusted proxies have none
				*/
	struct network_list trusted_proxies;
};

struct http_server *http_server_new(struct loop *loop, const struct http_options *options,
				    void (*on_request)(void *context, const struct http_request *r),
				    void *context);
/* Several addresses, plain or TLS, may be added. 0 or -errno. *ret_port may be NULL. */
int http_listen(struct http_server *s, const char *address, struct tls_server *tls,
		uint16_t *ret_port);
/* Pending requests get 503, WebSockets 1001. Not from a callback of this server. NULL is fine. */
void http_server_free(struct http_server *s);
size_t http_server_connections(const struct http_server *s); /* WebSockets included */

/* Answers request `id`; false when the client is gone. Every request must be answered exactly once.
 */
bool http_reply(struct http_server *s, uint64_t id, const struct http_response *response);

/* --- WebSocket (RFC 6455). Text and binary messages; pings are answered by themselves. */
struct websocket_handlers {
	void (*on_message)(void *session, struct websocket *w, bool binary, struct str message);
	void (*on_close)(void *session, uint64_t id); /* once, last */
	/* What was queued has left the process: room for more. May be NULL. */
	void (*on_drain)(void *session, struct websocket *w);
};

/*
 * Answers the request being handled with 101 (only inside on_request). NULL when it is not a valid
 * upgrade (answered 400/426 already). max_backlog_bytes queued and unread closes the socket with
 * 1013. The peer is pinged each ping_s seconds and closed when silent for three times that.
 */
struct websocket *websocket_accept(struct http_server *s, const struct http_request *r,
				   const struct websocket_handlers *handlers, void *session,
				   size_t max_message_bytes, size_t max_backlog_bytes, int ping_s);
uint64_t websocket_id(const struct websocket *w);
void *websocket_session(const struct websocket *w); /* what websocket_accept was given */
struct websocket *websocket_find(struct http_server *s, uint64_t id); /* valid this turn only */
bool websocket_send(struct websocket *w, bool binary,
		    struct str message); /* copies; false: closing */
/* The same of a binary message, written at once when nothing waits and the socket is plain: for one
 * that many sockets get in a turn. */
bool websocket_send_now(struct websocket *w, struct str message);
size_t websocket_backlog(const struct websocket *w);
void websocket_close(struct websocket *w, uint16_t code, struct str reason);
size_t websocket_count(const struct http_server *s);

#endif
