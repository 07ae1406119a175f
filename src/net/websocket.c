/*
 * WebSocket (RFC 6455) on a connection taken over from evhttp: see http.h. wslay reads frames; its
 * context holds 8 KiB, so one exists only while a frame or a message is partly here. What we send
 * needs no mask and no copy of wslay's: the header is two to ten bytes. Plain sockets are written
 * at the end of the turn, TLS ones by libevent.
 */
#include "net/http_private.h"

#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <sys/socket.h>
#include <wslay/wslay.h>

#include "base/alloc.h"
#include "base/buf.h"

enum { KEY_TEXT = 24, KEY_BYTES = 16, HEADER_MOST = 10, REASON_MOST = 123, SENT_NOW_MOST = 2048 };

enum websocket_stage { WEBSOCKET_OPEN, WEBSOCKET_CLOSING, WEBSOCKET_DEAD };

struct websocket {
	struct http_server *server;
	struct http_connection *connection;
	struct websocket *next_busy;
	int fd; /* -1: TLS */
	const struct websocket_handlers *handlers;
	void *session;
	uint64_t id;
	wslay_event_context_ptr reader; /* NULL between messages */
	uint64_t fed, framed; /* bytes given to the reader, bytes of the frames it began */
	size_t max_message_bytes, max_backlog_bytes;
	uint32_t heard_s, pinged_s, closing_s;
	int ping_s;
	uint8_t stage;
	bool busy, fragmented;
	bool queued; /* the output may hold something */
};

static struct evbuffer *output_of(const struct websocket *w)
{
	return bufferevent_get_output(w->connection->bev);
}

static uint32_t now_of(const struct websocket *w)
{
	return (uint32_t)w->server->loop->now_s;
}

/* --- the end of the turn */

static void make_busy(struct websocket *w)
{
	loop_at_turn_end(w->server->loop, &w->server->work);
	if (w->busy)
		return;
	w->busy = true;
	w->next_busy = NULL;
	*w->server->busy_tail = w;
	w->server->busy_tail = &w->next_busy;
}

static void end(struct websocket *w)
{
	if (w->stage == WEBSOCKET_DEAD)
		return;
	w->stage = WEBSOCKET_DEAD;
	map_remove(&w->server->websockets, map_key_u64(w->id));
	bufferevent_disable(w->connection->bev, EV_READ | EV_WRITE);
	make_busy(w);
}

/* Plain sockets only: bufferevent_openssl writes by itself. */
static void write_some(struct websocket *w)
{
	struct bufferevent *bev = w->connection->bev;
	struct evbuffer *output = output_of(w);

	if (bufferevent_openssl_get_ssl(bev) || !evbuffer_get_length(output) ||
	    bufferevent_get_enabled(bev) & EV_WRITE)
		return;
	evbuffer_unfreeze(output, 1);
	if (evbuffer_write(output, bufferevent_getfd(bev)) < 0 && errno != EAGAIN && errno != EINTR)
		end(w);
	evbuffer_freeze(output, 1);
	/* The kernel's buffer is full: libevent goes on when there is room. */
	if (w->stage != WEBSOCKET_DEAD && evbuffer_get_length(output))
		bufferevent_enable(bev, EV_WRITE);
}

static void drained(struct websocket *w)
{
	if (!w->queued || evbuffer_get_length(output_of(w)))
		return;
	w->queued = false;
	if (w->stage == WEBSOCKET_OPEN && w->handlers->on_drain)
		w->handlers->on_drain(w->session, w);
}

static void websocket_free(struct websocket *w)
{
	struct http_connection *c = w->connection;

	w->handlers->on_close(w->session, w->id);
	wslay_event_context_free(w->reader);
	c->websocket = NULL;
	free(w);
	evhttp_connection_free(c->native); /* frees c in on_native_closed */
}

static void finish_turn(struct websocket *w)
{
	if (w->stage == WEBSOCKET_DEAD) {
		websocket_free(w);
		return;
	}
	/* Who dies of it is busy again, and is freed when its turn comes. */
	write_some(w);
	drained(w);
}

static struct websocket *take_busy(struct http_server *s)
{
	struct websocket *w = s->busy;

	s->busy = w->next_busy;
	if (!s->busy)
		s->busy_tail = &s->busy;
	w->busy = false;
	return w;
}

void websockets_work(struct http_server *s)
{
	size_t count = 0;

	/* Only those that are here now: who sends from on_drain waits for the next turn. */
	for (struct websocket *w = s->busy; w; w = w->next_busy)
		count++;
	while (count-- && s->busy) {
		struct websocket *w = take_busy(s);

		finish_turn(w);
	}
}

/* --- sending */

/* Its length. */
static size_t make_header(uint8_t opcode, size_t payload_len, uint8_t header[HEADER_MOST])
{
	unsigned len = 2, extended = payload_len < 126 ? 0 : payload_len < 65536 ? 2 : 8;

	header[0] = 0x80 | opcode;
	header[1] = (uint8_t)(!extended ? payload_len : extended == 2 ? 126 : 127);
	for (unsigned i = 0; i < extended; i++)
		header[len++] = (uint8_t)(payload_len >> 8 * (extended - 1 - i));
	return len;
}

static void queue(struct websocket *w, const void *bytes, size_t len)
{
	evbuffer_add(output_of(w), bytes, len);
	w->queued = true;
	make_busy(w);
}

static void add_frame(struct websocket *w, uint8_t opcode, struct str payload)
{
	uint8_t header[HEADER_MOST];

	queue(w, header, make_header(opcode, payload.len, header));
	queue(w, payload.ptr, payload.len);
}

static void send_close(struct websocket *w, uint16_t code, struct str reason)
{
	char payload[2 + REASON_MOST] = {(char)(code >> 8), (char)code};
	size_t len = reason.len < REASON_MOST ? reason.len : REASON_MOST;

	if (len)
		memcpy(payload + 2, reason.ptr, len);
	add_frame(w, WSLAY_CONNECTION_CLOSE, str_of(payload, 2 + len));
	w->stage = WEBSOCKET_CLOSING;
	w->closing_s = now_of(w);
}

void websocket_close(struct websocket *w, uint16_t code, struct str reason)
{
	if (w->stage != WEBSOCKET_OPEN)
		return;
	map_remove(&w->server->websockets, map_key_u64(w->id));
	send_close(w, code, reason);
}

bool websocket_send(struct websocket *w, bool binary, struct str message)
{
	if (w->stage != WEBSOCKET_OPEN)
		return false;
	add_frame(w, binary ? WSLAY_BINARY_FRAME : WSLAY_TEXT_FRAME, message);
	if (websocket_backlog(w) > w->max_backlog_bytes)
		write_some(w);
	if (websocket_backlog(w) > w->max_backlog_bytes)
		websocket_close(w, 1013, STR("backlog"));
	return w->stage == WEBSOCKET_OPEN;
}

/* Nothing of it waits for the end of the turn unless something does already. */
bool websocket_send_now(struct websocket *w, struct str message)
{
	uint8_t frame[HEADER_MOST + SENT_NOW_MOST];
	size_t len;
	ssize_t sent;

	if (w->queued || w->fd < 0 || message.len > SENT_NOW_MOST)
		return websocket_send(w, true, message);
	if (w->stage != WEBSOCKET_OPEN)
		return false;
	len = make_header(WSLAY_BINARY_FRAME, message.len, frame);
	memcpy(frame + len, message.ptr, message.len);
	len += message.len;
	sent = send(w->fd, frame, len, MSG_NOSIGNAL);
	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		end(w);
	else if (sent < (ssize_t)len)
		queue(w, frame + (sent > 0 ? sent : 0), len - (size_t)(sent > 0 ? sent : 0));
	return w->stage == WEBSOCKET_OPEN;
}

/* --- receiving */

static ssize_t on_wanted(wslay_event_context_ptr reader, uint8_t *to, size_t len, int flags,
			 void *arg)
{
	struct websocket *w = arg;
	int n = evbuffer_remove(bufferevent_get_input(w->connection->bev), to, len);

	if (n <= 0) {
		wslay_event_set_error(reader, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	w->fed += (uint64_t)n;
	return n;
}

/* Pongs, and close frames when the peer is wrong or says goodbye. */
static ssize_t on_reply(wslay_event_context_ptr reader, const uint8_t *bytes, size_t len, int flags,
			void *arg)
{
	struct websocket *w = arg;

	evbuffer_add(output_of(w), bytes, len);
	w->queued = true;
	return (ssize_t)len;
}

static void on_frame(wslay_event_context_ptr reader,
		     const struct wslay_event_on_frame_recv_start_arg *frame, void *arg)
{
	struct websocket *w = arg;
	unsigned extended = frame->payload_length < 126 ? 0 : frame->payload_length < 65536 ? 2 : 8;

	w->framed += 2 + extended + 4 + frame->payload_length;
	if (!wslay_is_ctrl_frame(frame->opcode))
		w->fragmented = !frame->fin;
}

static void on_frame_message(wslay_event_context_ptr reader,
			     const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
	struct websocket *w = arg;
	bool binary = m->opcode == WSLAY_BINARY_FRAME;

	if (w->stage == WEBSOCKET_OPEN && (binary || m->opcode == WSLAY_TEXT_FRAME))
		w->handlers->on_message(w->session, w, binary, str_of(m->msg, m->msg_length));
}

static const struct wslay_event_callbacks reading = {
	.recv_callback = on_wanted,
	.send_callback = on_reply,
	.on_frame_recv_start_callback = on_frame,
	.on_msg_recv_callback = on_frame_message,
};

/* Between two messages nothing is kept. */
static void drop_reader(struct websocket *w)
{
	if (w->fed != w->framed || w->fragmented)
		return;
	wslay_event_context_free(w->reader);
	w->reader = NULL;
}

/* The peer said goodbye, or did what RFC 6455 forbids and wslay has an answer queued. */
static void stop_reading(struct websocket *w)
{
	bool goodbye = wslay_event_get_close_received(w->reader);

	if (w->stage == WEBSOCKET_CLOSING && goodbye) {
		end(w);
		return;
	}
	map_remove(&w->server->websockets, map_key_u64(w->id));
	w->stage = WEBSOCKET_CLOSING;
	w->closing_s = now_of(w);
	write_some(w);
	if (goodbye && !websocket_backlog(w))
		end(w);
}

static void read_frames(struct websocket *w)
{
	bool was_open = w->stage == WEBSOCKET_OPEN;

	if (!w->reader) {
		w->fed = w->framed = 0;
		if (wslay_event_context_server_init(&w->reader, &reading, w) < 0)
			abort();
		wslay_event_config_set_max_recv_msg_length(w->reader, w->max_message_bytes);
	}
	if (wslay_event_recv(w->reader) < 0) {
		end(w);
		return;
	}
	/* After our own close frame nothing may follow it. */
	if (was_open && w->stage == WEBSOCKET_OPEN)
		wslay_event_send(w->reader);
	/* Pings whose pongs nobody reads; half a backlog more, because one batch is bounded. */
	if (websocket_backlog(w) > w->max_backlog_bytes + w->max_backlog_bytes / 2) {
		end(w);
		return;
	}
	if (!wslay_event_get_read_enabled(w->reader))
		stop_reading(w);
	else
		drop_reader(w);
}

static void on_readable(struct bufferevent *bev, void *arg)
{
	struct websocket *w = ((struct http_connection *)arg)->websocket;

	w->heard_s = now_of(w);
	/* Wrong once is wrong for good: the rest is thrown away until the peer has closed. */
	if (w->reader && !wslay_event_get_read_enabled(w->reader))
		evbuffer_drain(bufferevent_get_input(bev),
			       evbuffer_get_length(bufferevent_get_input(bev)));
	else
		read_frames(w);
	make_busy(w);
}

static void on_writable(struct bufferevent *bev, void *arg)
{
	struct websocket *w = ((struct http_connection *)arg)->websocket;

	loop_enter(w->server->loop);
	if (!bufferevent_openssl_get_ssl(bev))
		bufferevent_disable(bev, EV_WRITE);
	drained(w);
	/* Our answer to a goodbye has left. */
	if (w->stage == WEBSOCKET_CLOSING && w->reader && wslay_event_get_close_received(w->reader))
		end(w);
}

static void on_native_event(struct bufferevent *bev, short what, void *arg)
{
	struct websocket *w = ((struct http_connection *)arg)->websocket;

	loop_enter(w->server->loop);
	if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT))
		end(w);
}

void websocket_sweep(struct websocket *w, uint32_t now_s)
{
	uint32_t silent_s = now_s - w->heard_s, unasked_s = now_s - w->pinged_s;
	uint32_t ping_s = (uint32_t)w->ping_s;

	if (w->stage == WEBSOCKET_CLOSING && now_s - w->closing_s >= WEBSOCKET_LINGER_S)
		end(w);
	if (w->stage != WEBSOCKET_OPEN || !ping_s)
		return;
	if (silent_s >= 3 * ping_s) {
		end(w);
	} else if (silent_s >= ping_s && unasked_s >= ping_s) {
		w->pinged_s = now_s;
		add_frame(w, WSLAY_PING, STR(""));
	}
}

void websockets_end_all(struct http_server *s)
{
	for (struct http_connection *c = s->first; c; c = c->next)
		if (c->websocket) {
			websocket_close(c->websocket, 1001, STR(""));
			http_flush_now(c);
			end(c->websocket);
		}
	while (s->busy)
		websocket_free(take_busy(s));
}

/* --- the handshake, RFC 6455 §4.2 */

static bool has_token(struct str list, struct str token)
{
	struct str part;

	while (str_split(&list, ',', &part))
		if (str_eq_nocase(str_trim(part), token))
			return true;
	return false;
}

static bool key_is_valid(struct str key)
{
	uint8_t bytes[KEY_TEXT];

	/* 16 bytes in base 64 end with "==", which EVP_DecodeBlock counts as two bytes more. */
	return key.len == KEY_TEXT && str_ends(key, STR("==")) &&
	       EVP_DecodeBlock(bytes, (const uint8_t *)key.ptr, KEY_TEXT) == KEY_BYTES + 2;
}

static void accept_key(struct str key, char out[32])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	uint8_t text[KEY_TEXT + sizeof(guid) - 1], digest[SHA_DIGEST_LENGTH];

	memcpy(text, key.ptr, KEY_TEXT);
	memcpy(text + KEY_TEXT, guid, sizeof(guid) - 1);
	SHA1(text, sizeof(text), digest);
	EVP_EncodeBlock((uint8_t *)out, digest, sizeof(digest));
}

/* 0, or the status to refuse with. */
static int check_upgrade(const struct http_request *r)
{
	if (r->method != HTTP_GET || !has_token(http_header(r, "Upgrade"), STR("websocket")) ||
	    !has_token(http_header(r, "Connection"), STR("upgrade")) ||
	    !str_eq(http_header(r, "Sec-WebSocket-Version"), STR("13")))
		return 426;
	return key_is_valid(http_header(r, "Sec-WebSocket-Key")) ? 0 : 400;
}

static void refuse(struct http_connection *c, int status)
{
	static const char *const headers[] = {"Upgrade", "websocket", "Sec-WebSocket-Version", "13",
					      NULL};
	struct http_response response = {.status = status, .headers = headers};

	http_answer(c, &response, true);
}

/* From here on evhttp has nothing to say on this connection but its end. */
static void take_over(struct http_connection *c, const char *accepted)
{
	static const struct timeval stalled = {HTTP_WRITE_S, 0};

	map_remove(&c->door->server->requests, map_key_u64(c->request_id));
	c->request = NULL;
	c->stage = HTTP_UPGRADED;
	bufferevent_setcb(c->bev, on_readable, on_writable, on_native_event, c);
	bufferevent_set_timeouts(c->bev, NULL, &stalled);
	if (!bufferevent_openssl_get_ssl(c->bev))
		bufferevent_disable(c->bev, EV_WRITE);
	else
		bufferevent_enable(c->bev, EV_WRITE);
	evbuffer_add_printf(bufferevent_get_output(c->bev),
			    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
			    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
			    accepted);
	bufferevent_enable(c->bev, EV_READ);
	/* What came behind the request waits in the buffer already. */
	if (evbuffer_get_length(bufferevent_get_input(c->bev)))
		bufferevent_trigger(c->bev, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
}

struct websocket *websocket_accept(struct http_server *s, const struct http_request *r,
				   const struct websocket_handlers *handlers, void *session,
				   size_t max_message_bytes, size_t max_backlog_bytes, int ping_s)
{
	struct http_connection *c = map_get(&s->requests, map_key_u64(r->id));
	int status = check_upgrade(r);
	struct websocket *w;
	char accepted[32];

	assert(c && c->request == r->native);
	if (status) {
		refuse(c, status);
		return NULL;
	}
	accept_key(http_header(r, "Sec-WebSocket-Key"), accepted);
	w = xcalloc(1, sizeof(*w));
	w->server = s;
	w->connection = c;
	w->handlers = handlers;
	w->session = session;
	w->id = ++s->loop->last_id;
	w->max_message_bytes = max_message_bytes;
	w->max_backlog_bytes = max_backlog_bytes;
	w->ping_s = ping_s;
	w->heard_s = w->pinged_s = now_of(w);
	w->fd = bufferevent_openssl_get_ssl(c->bev) ? -1 : bufferevent_getfd(c->bev);
	w->queued = true; /* our answer to the request */
	c->websocket = w;
	map_set(&s->websockets, map_key_u64(w->id), w);
	take_over(c, accepted);
	make_busy(w);
	return w;
}

void *websocket_session(const struct websocket *w)
{
	return w->session;
}

uint64_t websocket_id(const struct websocket *w)
{
	return w->id;
}

struct websocket *websocket_find(struct http_server *s, uint64_t id)
{
	return map_get(&s->websockets, map_key_u64(id));
}

size_t websocket_backlog(const struct websocket *w)
{
	return w->queued ? evbuffer_get_length(output_of(w)) : 0;
}

size_t websocket_count(const struct http_server *s)
{
	return s->websockets.len;
}
