/*
 * GET /api/feed: the WebSocket of a console. It is accepted first, then its session is looked up;
 * nothing is sent before that.
 */
#include <errno.h>

#include "api/api_private.h"
#include "base/cursor.h"
#include "base/limits.h"

/* A session that ended elsewhere (another node, its time, egidectl) ends its consoles within this.
 */
enum { PING_S = 15, MAX_EARLY_BYTES = 4096, RECHECK_MS = 30000 };

/* One console's socket. Messages that come before the session is known wait, a few. */
struct console {
	struct api *api;
	uint64_t socket;
	struct console *next, **at; /* of the api */
	struct str token;           /* of its session */
	struct actor actor;
	bool joined, looking;
	struct buf early; /* length, message; length, message… */
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

static void pass_on(struct console *c, struct websocket *w, struct str message)
{
	if (feed_message(c->api->feed, c->socket, message))
		websocket_close(w, 1008, STR("message inattendu"));
}

static void on_message(void *session, struct websocket *w, bool binary, struct str message)
{
	struct console *c = session;

	if (binary)
		websocket_close(w, 1003, STR("texte attendu"));
	else if (c->joined)
		pass_on(c, w, message);
	else if (c->early.len + message.len > MAX_EARLY_BYTES)
		websocket_close(w, 1008, STR("trop tôt"));
	else {
		buf_add_u32(&c->early, (uint32_t)message.len);
		buf_add_str(&c->early, message);
	}
}

static void console_free(struct console *c)
{
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	explicit_bzero((char *)c->token.ptr, c->token.len);
	free((char *)c->token.ptr);
	buf_fini(&c->early);
	free(c);
}

static void on_close(void *session, uint64_t id)
{
	struct console *c = session;

	feed_leave(c->api->feed, id);
	console_free(c);
}

static void look_up(struct job *job, struct reader *reader)
{
	struct admission *m = (struct admission *)(void *)job;

	m->error = reader_session(reader, &m->arena, m->token, clock_now_ms(), &m->who);
}

static void replay(struct console *c, struct websocket *w)
{
	struct cursor early = cursor_of(buf_str(&c->early));

	while (cursor_left(&early))
		pass_on(c, w, cursor_take(&early, cursor_u32(&early)));
	buf_fini(&c->early);
}

static bool is_same(const struct actor *a, const struct actor *b)
{
	return id_eq(a->id, b->id) && id_eq(a->room, b->room) && a->roles == b->roles;
}

/* What a console is told while it stays is read too (I9): one line an hour, as for the list. */
static void note_console(struct api *a, const struct actor *actor)
{
	static const char name[] = "/api/feed";
	struct buf text = BUF_INIT;
	int64_t now_ms = clock_monotonic_ms();
	struct command *c;
	struct id key;

	buf_add(&text, actor->id.bytes, sizeof(actor->id.bytes));
	buf_add_str(&text, str_from(name));
	key = limiter_text(buf_str(&text));
	buf_fini(&text);
	if (limiter_wait_s(a->list_readings, key, now_ms))
		return;
	c = command_new(VERB_READ, *actor);
	c->subject = actor->room;
	c->name = command_keep(c, str_from(name));
	if (service_submit(a->options.service, c))
		command_free(c);
	else
		limiter_count(a->list_readings, key, now_ms);
}

static void admit(struct admission *m, struct websocket *w)
{
	struct console *c = websocket_session(w);
	struct actor actor = {ACTOR_ACCOUNT, m->who.id, m->who.roles, m->who.room};

	c->looking = false;
	if (m->error == -ENOENT) {
		websocket_close(w, 4401, STR("session terminée"));
	} else if (m->error) {
		/* A console that is in stays in: the feed still says what the executor commits. */
		if (!c->joined)
			websocket_close(w, 1013, STR("réessayez"));
	} else if (!access_allows(actor.roles, RIGHT_ALERT_READ, RELATION_ROOM) ||
		   id_is_none(actor.room)) {
		websocket_close(w, 4403, STR("pas opérateur"));
	} else if (!c->joined) {
		feed_join(m->api->feed, m->socket, actor);
		c->actor = actor;
		c->joined = true;
		replay(c, w);
	} else if (!is_same(&c->actor, &actor)) {
		/* Other rights: it comes back by its cursor, with those. */
		websocket_close(w, 1013, STR("droits changés"));
	}
	if (c->joined && !m->error)
		note_console(m->api, &c->actor);
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

/* False: too many questions are waiting. */
static bool ask_who(struct console *c)
{
	struct admission *m = xcalloc(1, sizeof(*m));

	*m = (struct admission){.job = {look_up, on_looked_up}, .api = c->api, .socket = c->socket};
	m->token = str_of(arena_copy(&m->arena, c->token.ptr, c->token.len), c->token.len);
	c->looking = !readers_submit(c->api->options.readers, &m->job);
	if (!c->looking) {
		arena_fini(&m->arena);
		free(m);
	}
	return c->looking;
}

static void recheck(void *arg)
{
	struct api *a = arg;

	for (struct console *c = a->consoles; c; c = c->next)
		if (c->joined && !c->looking)
			ask_who(c);
}

void open_feed(struct request *q, const struct http_request *r)
{
	static const struct websocket_handlers handlers = {on_message, on_close, NULL};
	struct api *a = q->api;
	struct console *c = xcalloc(1, sizeof(*c));
	struct websocket *w;

	*c = (struct console){.api = a, .next = a->consoles, .at = &a->consoles};
	c->token = str_of(str_dup(q->token), q->token.len);
	if (c->next)
		c->next->at = &c->next;
	a->consoles = c;
	w = websocket_accept(a->http, r, &handlers, c, LIMIT_WS_MESSAGE_BYTES,
			     LIMIT_WS_BACKLOG_BYTES, PING_S);
	if (w) {
		c->socket = websocket_id(w);
		if (!ask_who(c))
			websocket_close(w, 1013, STR("réessayez"));
	} else {
		console_free(c);
	}
	/* The socket has taken the request: it gets no other answer. */
	request_free(q);
}

void feed_end_session(struct api *a, struct str token)
{
	for (struct console *c = a->consoles; c; c = c->next) {
		struct websocket *w =
			str_eq(c->token, token) ? websocket_find(a->http, c->socket) : NULL;

		if (w)
			websocket_close(w, 4401, STR("session terminée"));
	}
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

void feed_socket_new(struct api *a)
{
	struct feed_options options = {.readers = a->options.readers,
				       .send = send,
				       .close = close_socket,
				       .painted = painted,
				       .context = a};

	a->feed = feed_new(&options);
	a->recheck = timer_start(a->options.loop, RECHECK_MS, true, recheck, a);
}
