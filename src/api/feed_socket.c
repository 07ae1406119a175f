/*
 * GET /api/feed: the WebSocket of a console. It is accepted first, then its session is looked up;
 * nothing is sent before that.
 */
#include <errno.h>

#include "api/api_private.h"
#include "base/cursor.h"
#include "base/limits.h"

enum { PING_S = 15, MAX_EARLY_BYTES = 4096 };

/* One console's socket. Messages that come before the session is known wait, a few. */
struct console {
	struct guest guest;
	struct buf early; /* length, message; length, message… */
};

static void pass_on(struct console *c, struct websocket *w, struct str message)
{
	if (feed_message(c->guest.api->feed, c->guest.socket, message))
		websocket_close(w, 1008, STR("message inattendu"));
}

static void on_message(void *session, struct websocket *w, bool binary, struct str message)
{
	struct console *c = session;

	if (binary)
		websocket_close(w, 1003, STR("texte attendu"));
	else if (c->guest.joined)
		pass_on(c, w, message);
	else if (c->early.len + message.len > MAX_EARLY_BYTES)
		websocket_close(w, 1008, STR("trop tôt"));
	else {
		buf_add_u32(&c->early, (uint32_t)message.len);
		buf_add_str(&c->early, message);
	}
}

static void on_close(void *session, uint64_t id)
{
	struct console *c = session;

	feed_leave(c->guest.api->feed, id);
	buf_fini(&c->early);
	guest_free(&c->guest);
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

static void admit(struct guest *g, struct websocket *w, const struct admission *m)
{
	struct actor actor = {ACTOR_ACCOUNT, m->who.id, m->who.roles, m->who.room};

	if (m->session_error == -ENOENT) {
		websocket_close(w, 4401, STR("session terminée"));
	} else if (m->session_error) {
		/* A console that is in stays in: the feed still says what the executor commits. */
		if (!g->joined)
			websocket_close(w, 1013, STR("réessayez"));
	} else if (!access_allows(actor.roles, RIGHT_ALERT_READ, RELATION_ROOM) ||
		   id_is_none(actor.room)) {
		websocket_close(w, 4403, STR("pas opérateur"));
	} else if (!g->joined) {
		feed_join(m->api->feed, m->socket, actor);
		g->who = actor;
		g->joined = true;
		replay((struct console *)g, w);
	} else if (!is_same(&g->who, &actor)) {
		/* Other rights: it comes back by its cursor, with those. */
		websocket_close(w, 1013, STR("droits changés"));
	}
	if (g->joined && !m->session_error)
		note_console(m->api, &g->who);
}

void open_feed(struct request *q, const struct http_request *r)
{
	static const struct guest_socket socket = {{on_message, on_close, NULL},
						   LIMIT_WS_MESSAGE_BYTES,
						   LIMIT_WS_BACKLOG_BYTES,
						   PING_S,
						   admit};
	struct console *c = xcalloc(1, sizeof(*c));

	guest_open(&c->guest, GUEST_CONSOLE, q, r, &socket);
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
	guests_start(a);
}
