/*
 * GET /api/feed: the WebSocket of a console. It is accepted first, then its session is looked up; nothing
 * is sent before that.
 */
#include <errno.h>

#include "api/api_private.h"
#include "base/limits.h"
#include "core/access.h"

enum { PING_S = 15, MAX_EARLY_BYTES = 4096 };

/* One console's socket. Messages that come before the session is known wait, a few. */
struct console {
	struct api *api;
	uint64_t socket;
	bool joined;
	struct buf early;
};

struct admission {
	struct job job;
	struct api *api;
	uint64_t socket;
	struct arena arena;
	struct str token;
	struct session_account who;
	int error;
};

static void on_message(void *session, struct websocket *w, bool binary, struct str message)
{
	struct console *c = session;

	if (binary) {
		websocket_close(w, 1003, STR("texte attendu"));
		return;
	}
	if (c->joined) {
		if (feed_message(c->api->feed, c->socket, message))
			websocket_close(w, 1008, STR("message inattendu"));
		return;
	}
	/* Only the hello may come early. */
	if (c->early.len || message.len > MAX_EARLY_BYTES)
		websocket_close(w, 1008, STR("trop tôt"));
	else
		buf_add_str(&c->early, message);
}

static void on_close(void *session, uint64_t id)
{
	struct console *c = session;

	feed_leave(c->api->feed, id);
	buf_fini(&c->early);
	free(c);
}

static void look_up(struct job *job, struct reader *reader)
{
	struct admission *m = (struct admission *)(void *)job;

	m->error = reader_session(reader, &m->arena, m->token, clock_now_ms(), &m->who);
}

static void admit(struct admission *m, struct websocket *w)
{
	struct console *c = websocket_session(w);
	struct actor actor = {ACTOR_ACCOUNT, m->who.id, m->who.roles, m->who.room};

	if (m->error == -ENOENT) {
		websocket_close(w, 4401, STR("session terminée"));
	} else if (m->error) {
		websocket_close(w, 1013, STR("réessayez"));
	} else if (!access_allows(actor.roles, RIGHT_ALERT_READ, RELATION_ROOM) || id_is_none(actor.room)) {
		websocket_close(w, 4403, STR("pas opérateur"));
	} else {
		feed_join(m->api->feed, m->socket, actor);
		c->joined = true;
		if (c->early.len && feed_message(m->api->feed, m->socket, buf_str(&c->early)))
			websocket_close(w, 1008, STR("message inattendu"));
		buf_fini(&c->early);
	}
}

static void on_looked_up(void *arg)
{
	struct admission *m = arg;
	struct websocket *w = websocket_find(m->api->http, m->socket);

	if (w)
		admit(m, w);
	arena_fini(&m->arena);
	free(m);
}

void open_feed(struct request *q, const struct http_request *r)
{
	static const struct websocket_handlers handlers = {on_message, on_close, NULL};
	struct api *a = q->api;
	struct console *c = xcalloc(1, sizeof(*c));
	struct admission *m = xcalloc(1, sizeof(*m));
	struct websocket *w;

	c->api = a;
	w = websocket_accept(a->http, r, &handlers, c, LIMIT_WS_MESSAGE_BYTES, LIMIT_WS_BACKLOG_BYTES, PING_S);
	if (!w) {
		free(c);
		free(m);
	} else {
		c->socket = websocket_id(w);
		*m = (struct admission){.job = {look_up, on_looked_up}, .api = a, .socket = c->socket};
		m->token = str_of(arena_copy(&m->arena, q->token.ptr, q->token.len), q->token.len);
		if (readers_submit(a->options.readers, &m->job)) {
			websocket_close(w, 1013, STR("réessayez"));
			arena_fini(&m->arena);
			free(m);
		}
	}
	/* The socket has taken the request: it gets no other answer. */
	arena_fini(&q->arena);
	free(q);
}

/* --- what the feed asks of us */

static void send(void *context, uint64_t subscriber, struct str text)
{
	struct api *a = context;
	struct websocket *w = websocket_find(a->http, subscriber);

	if (w)
		websocket_send(w, false, text);
}

static void close_socket(void *context, uint64_t subscriber, uint16_t code)
{
	struct api *a = context;
	struct websocket *w = websocket_find(a->http, subscriber);

	if (w)
		websocket_close(w, code, STR_NONE);
}

static void painted(void *context, struct actor actor, struct id alert)
{
	struct api *a = context;
	struct command *c = command_new(VERB_ALERT, actor);

	c->subject = alert;
	c->as.alert.event = EVENT_PAINT;
	if (service_submit(a->options.service, c))
		command_free(c);
}

int feed_socket_new(struct api *a)
{
	struct feed_options options = {.readers = a->options.readers, .send = send, .close = close_socket,
				       .painted = painted, .context = a};

	a->feed = feed_new(&options);
	return 0;
}
