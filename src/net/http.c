/*
 * The HTTP server: see http.h. evhttp parses and writes; what it lacks is here: accepting in small
 * groups, a deadline for the whole request, answers by number, and no memory of a client that left.
 */
#include "net/http_private.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "net/socket.h"
#include "net/sources.h"

static void enter_stage(struct http_connection *c, enum http_stage stage)
{
	c->stage = stage;
	c->since_s = (uint32_t)c->door->server->loop->now_s;
}

static struct id key_of(const struct evhttp_connection *native)
{
	return map_key_u64((uintptr_t)native);
}

/* --- accepting: evhttp takes a connection as it comes, we take it over at the end of the turn */

/* The first byte of a request starts its clock. */
static void on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *arg)
{
	struct http_connection *c = arg;

	if (!info->n_added)
		return;
	loop_enter(c->door->server->loop);
	if (c->stage == HTTP_WAITING)
		enter_stage(c, HTTP_ARRIVING);
}

static struct bufferevent *transport_new(struct event_base *base, struct tls_server *tls)
{
	struct bufferevent *bev;
	SSL *session;

	if (!tls) {
		bev = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	} else {
		session = tls_server_session(tls);
		bev = session ? bufferevent_openssl_socket_new(base, -1, session,
							       BUFFEREVENT_SSL_ACCEPTING,
							       BEV_OPT_CLOSE_ON_FREE)
			      : NULL;
		if (bev)
			bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	}
	/* Given NULL, evhttp would go on in the clear. */
	if (!bev)
		abort();
	return bev;
}

/* evhttp asks for the transport of a connection it has just accepted. */
static struct bufferevent *on_accepted(struct event_base *base, void *arg)
{
	struct http_door *door = arg;
	struct http_server *s = door->server;
	struct http_connection *c = xcalloc(1, sizeof(*c));
	/* The handshake will be libevent's, so it is the accepts that are held back. */
	unsigned cost = door->tls ? LIMIT_CONNECTIONS_A_TURN / LOOP_HANDSHAKES_A_TURN : 1;

	loop_enter(s->loop);
	c->door = door;
	c->bev = transport_new(base, door->tls);
	*s->fresh_tail = c;
	s->fresh_tail = &c->next_fresh;
	s->loop->accepts_left -= cost < s->loop->accepts_left ? cost : s->loop->accepts_left;
	if (!s->loop->accepts_left) {
		door->paused = true;
		evconnlistener_disable(door->listener);
	}
	/* Nothing happens to it before adopt has seen it; the reference is for when evhttp gives it
	 * up. */
	bufferevent_incref(c->bev);
	loop_end_turn_now(s->loop);
	loop_at_turn_end(s->loop, &s->work);
	return c->bev;
}

static void on_native_closed(struct evhttp_connection *native, void *arg)
{
	struct http_connection *c = arg;
	struct http_server *s = c->door->server;

	map_remove(&s->natives, key_of(native));
	if (c->counted)
		source_uncount(&s->per_source, &c->peer);
	if (c->request) {
		map_remove(&s->requests, map_key_u64(c->request_id));
		/* A request cut from its connection is ours to free; evhttp frees the others. */
		if (!evhttp_request_get_connection(c->request))
			evhttp_request_free(c->request);
	}
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	s->count--;
	free(c);
}

static void set_limits(struct http_connection *c)
{
	const struct http_options *o = &c->door->server->options;
	struct timeval write_limit = {HTTP_WRITE_S, 0};

	/* While an answer is written evhttp reads on without looking: this bounds what it keeps. */
	bufferevent_setwatermark(c->bev, EV_READ, 0,
				 o->max_header_bytes + o->max_body_bytes + 4096);
	bufferevent_set_timeouts(c->bev, NULL, &write_limit);
}

static bool is_admitted(struct http_connection *c)
{
	struct http_server *s = c->door->server;

	if (s->options.max_connections && s->count > s->options.max_connections)
		return false;
	if (networks_hold(&s->options.trusted_proxies, &c->peer))
		return true;
	c->counted = source_count(&s->per_source, &c->peer, s->options.max_per_source);
	return c->counted;
}

static void adopt(struct http_connection *c)
{
	struct http_server *s = c->door->server;
	struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(from);
	void *native;

	bufferevent_getcb(c->bev, NULL, NULL, NULL, &native);
	bufferevent_decref(c->bev);
	if (!native) {
		free(c);
		return;
	}
	c->native = native;
	evhttp_connection_set_closecb(c->native, on_native_closed, c);
	map_set(&s->natives, key_of(c->native), c);
	c->next = s->first;
	c->at = &s->first;
	if (c->next)
		c->next->at = &c->next;
	s->first = c;
	s->count++;
	c->door->starved = false;
	socket_tune(bufferevent_getfd(c->bev));
	getpeername(bufferevent_getfd(c->bev), (void *)&from, &len);
	c->peer = socket_address((void *)&from);
	enter_stage(c, HTTP_WAITING);
	set_limits(c);
	evbuffer_add_cb(bufferevent_get_input(c->bev), on_input, c);
	if (!is_admitted(c))
		evhttp_connection_free(c->native);
}

static void on_turn_end(void *arg)
{
	struct http_server *s = arg;

	while (s->fresh) {
		struct http_connection *c = s->fresh;

		s->fresh = c->next_fresh;
		adopt(c);
	}
	s->fresh_tail = &s->fresh;
	for (struct http_door *d = s->doors; d; d = d->next)
		if (d->paused && !event_pending(&d->retry_event, EV_TIMEOUT, NULL)) {
			d->paused = false;
			evconnlistener_enable(d->listener);
		}
	websockets_work(s);
}

static void on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct http_door *door = arg;
	struct timeval soon = {0, SOCKET_RETRY_MS * 1000};

	if (!door->starved)
		log_warning("http.starved", "connections=%zu errno=%d", door->server->count, errno);
	door->starved = true;
	evconnlistener_disable(listener);
	event_add(&door->retry_event, &soon);
}

static void on_retry(int fd, short what, void *arg)
{
	struct http_door *door = arg;

	loop_enter(door->server->loop);
	evconnlistener_enable(door->listener);
}

/* --- requests and answers */

static void on_answered(struct evhttp_request *request, void *arg)
{
	struct http_connection *c = arg;
	struct evbuffer *input = bufferevent_get_input(c->bev);

	/* Pipelined bytes are here already; evhttp looks at them in the next turn. */
	enter_stage(c, evbuffer_get_length(input) ? HTTP_ARRIVING : HTTP_WAITING);
}

static bool status_has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

struct release {
	void (*call)(void *owner);
	void *owner;
};

static void on_body_sent(const void *data, size_t len, void *arg)
{
	struct release *r = arg;

	r->call(r->owner);
	free(r);
}

static void add_body(struct evbuffer *output, const struct http_response *response)
{
	struct release *r;

	if (!response->release) {
		evbuffer_add(output, response->body.ptr, response->body.len);
		return;
	}
	r = xmalloc(sizeof(*r));
	*r = (struct release){response->release, response->owner};
	evbuffer_add_reference(output, response->body.ptr, response->body.len, on_body_sent, r);
}

static void add_headers(struct http_connection *c, const struct http_response *response)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(c->request);
	struct buf text = BUF_INIT;

	for (const char *const *h = response->headers; h && *h; h += 2)
		evhttp_add_header(headers, h[0], h[1]);
	if (response->content_type.len) {
		buf_add_str(&text, response->content_type);
		evhttp_add_header(headers, "Content-Type", buf_cstr(&text));
	}
	/* evhttp counts the body of the other methods itself. */
	if (evhttp_request_get_command(c->request) == EVHTTP_REQ_HEAD &&
	    status_has_body(response->status)) {
		buf_reset(&text);
		buf_printf(&text, "%zu", response->body.len);
		evhttp_add_header(headers, "Content-Length", buf_cstr(&text));
	}
	buf_fini(&text);
}

void http_answer(struct http_connection *c, const struct http_response *response, bool then_close)
{
	struct evhttp_request *request = c->request;

	map_remove(&c->door->server->requests, map_key_u64(c->request_id));
	add_headers(c, response);
	if (then_close)
		evhttp_add_header(evhttp_request_get_output_headers(request), "Connection",
				  "close");
	if (evhttp_request_get_command(request) != EVHTTP_REQ_HEAD && response->body.len &&
	    status_has_body(response->status))
		add_body(evhttp_request_get_output_buffer(request), response);
	else if (response->release)
		response->release(response->owner);
	enter_stage(c, HTTP_ANSWERING);
	c->request = NULL;
	evhttp_request_set_on_complete_cb(request, on_answered, c);
	evhttp_send_reply(request, response->status, NULL, NULL);
}

bool http_reply(struct http_server *s, uint64_t id, const struct http_response *response)
{
	struct http_connection *c = map_get(&s->requests, map_key_u64(id));

	if (!c) {
		if (response->release)
			response->release(response->owner);
		return false;
	}
	http_answer(c, response, false);
	return true;
}

void http_flush_now(struct http_connection *c)
{
	struct evbuffer *output = bufferevent_get_output(c->bev);
	size_t len = evbuffer_get_length(output);
	SSL *session = bufferevent_openssl_get_ssl(c->bev);

	if (!len)
		return;
	evbuffer_unfreeze(output, 1);
	if (!session)
		evbuffer_write(output, bufferevent_getfd(c->bev));
	else if (SSL_is_init_finished(session))
		SSL_write(session, evbuffer_pullup(output, -1), (int)len);
	evbuffer_freeze(output, 1);
}

static void on_native_request(struct evhttp_request *request, void *arg)
{
	struct http_door *door = arg;
	struct http_server *s = door->server;
	struct http_connection *c =
		map_get(&s->natives, key_of(evhttp_request_get_connection(request)));
	struct arena arena = ARENA_INIT;
	struct http_request r;
	int refused;

	loop_enter(s->loop);
	enter_stage(c, HTTP_HANDLED);
	c->request = request;
	c->request_id = ++s->loop->last_id;
	map_set(&s->requests, map_key_u64(c->request_id), c);
	refused = http_request_fill(c, &arena, &r);
	if (refused)
		http_answer(c, &(struct http_response){.status = refused}, true);
	else
		s->on_request(s->context, &r);
	/* 15,000 WebSockets do not keep the headers they came with. */
	if (c->websocket)
		evhttp_clear_headers(evhttp_request_get_input_headers(request));
	arena_fini(&arena);
}

/* --- deadlines */

static bool is_overdue(const struct http_connection *c, uint32_t now_s)
{
	uint32_t passed_s = now_s - c->since_s;

	if (c->stage == HTTP_WAITING)
		return passed_s >= HTTP_IDLE_S;
	return c->stage == HTTP_ARRIVING &&
	       passed_s >= (uint32_t)c->door->server->options.read_timeout_s;
}

static void on_sweep(int fd, short what, void *arg)
{
	struct http_server *s = arg;
	struct http_connection *c, *next;

	loop_enter(s->loop);
	for (c = s->first; c; c = next) {
		next = c->next;
		if (c->websocket)
			websocket_sweep(c->websocket, (uint32_t)s->loop->now_s);
		else if (is_overdue(c, (uint32_t)s->loop->now_s))
			evhttp_connection_free(c->native);
	}
}

/* --- the server */

struct http_server *http_server_new(struct loop *loop, const struct http_options *options,
				    void (*on_request)(void *context, const struct http_request *r),
				    void *context)
{
	struct http_server *s = xcalloc(1, sizeof(*s));
	struct timeval period = {1, 0};

	s->loop = loop;
	s->options = *options;
	s->on_request = on_request;
	s->context = context;
	s->work = (struct turn_work){.call = on_turn_end, .arg = s};
	s->busy_tail = &s->busy;
	s->fresh_tail = &s->fresh;
	event_assign(&s->sweep_event, loop->base, -1, EV_PERSIST, on_sweep, s);
	event_add(&s->sweep_event, &period);
	return s;
}

static struct evhttp *evhttp_for(struct http_door *door)
{
	const struct http_options *o = &door->server->options;
	struct evhttp *evhttp = evhttp_new(door->server->loop->base);

	evhttp_set_max_headers_size(evhttp, (ssize_t)o->max_header_bytes);
	evhttp_set_max_body_size(evhttp, (ssize_t)o->max_body_bytes);
	evhttp_set_default_content_type(evhttp, NULL);
	/* OPTIONS reaches the caller as HTTP_OTHER; TRACE, CONNECT and the unknown get 501 from
	 * evhttp. */
	evhttp_set_allowed_methods(evhttp, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST |
						   EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH |
						   EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS);
	/* A body over the cap is read to its end and thrown away, else the close resets our 413. */
	evhttp_set_flags(evhttp, EVHTTP_SERVER_LINGERING_CLOSE);
	evhttp_set_gencb(evhttp, on_native_request, door);
	evhttp_set_bevcb(evhttp, on_accepted, door);
	return evhttp;
}

int http_listen(struct http_server *s, const char *address, struct tls_server *tls,
		uint16_t *ret_port)
{
	struct http_door *door;
	uint16_t port;
	int fd, r;

	r = socket_listen(address, &fd, &port);
	if (r < 0)
		return r;
	door = xcalloc(1, sizeof(*door));
	door->server = s;
	door->tls = tls;
	door->evhttp = evhttp_for(door);
	door->listener = evconnlistener_new(s->loop->base, NULL, NULL,
					    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	evhttp_bind_listener(door->evhttp, door->listener);
	evconnlistener_set_error_cb(door->listener, on_accept_error);
	event_assign(&door->retry_event, s->loop->base, -1, 0, on_retry, door);
	door->next = s->doors;
	s->doors = door;
	if (ret_port)
		*ret_port = port;
	return 0;
}

/* Whoever was answered in the last turn has their answer, the others a refusal. */
static void refuse_pending(struct http_server *s)
{
	struct http_response gone = {.status = 503};

	for (struct http_connection *c = s->first; c; c = c->next) {
		if (c->request)
			http_answer(c, &gone, true);
		http_flush_now(c);
	}
}

void http_server_free(struct http_server *s)
{
	if (!s)
		return;
	on_turn_end(s);
	loop_forget_work(s->loop, &s->work);
	event_del(&s->sweep_event);
	websockets_end_all(s);
	refuse_pending(s);
	while (s->doors) {
		struct http_door *door = s->doors;

		s->doors = door->next;
		event_del(&door->retry_event);
		evhttp_free(door->evhttp); /* closes the listener and every connection */
		free(door);
	}
	assert(!s->count);
	map_fini(&s->natives);
	map_fini(&s->per_source);
	map_fini(&s->requests);
	map_fini(&s->websockets);
	free(s);
}

size_t http_server_connections(const struct http_server *s)
{
	return s->count;
}
