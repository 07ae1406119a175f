/* Telephones on their WebSockets: see phone_session.h. */
#include "base/limits.h"
#include "gate/phone_session.h"

static void say(struct phone_session *s, bool binary, struct str message)
{
	struct websocket *w = websocket_find(s->gate->options.http, s->socket);

	if (w)
		websocket_send(w, binary, message);
}

static size_t backlog(const struct phone_session *s)
{
	struct websocket *w = websocket_find(s->gate->options.http, s->socket);

	return w ? websocket_backlog(w) : 0;
}

static void hang_up(struct phone_session *s, uint16_t code, struct str reason)
{
	struct websocket *w = websocket_find(s->gate->options.http, s->socket);

	if (w)
		websocket_close(w, code, reason);
}

static void on_message(void *session, struct websocket *w, bool binary, struct str message)
{
	phone_hear(session, binary, message);
}

static void on_close(void *session, uint64_t id)
{
	phone_gone(session);
	free(session);
}

void gate_phone(struct gate *g, const struct http_request *r)
{
	static const struct websocket_handlers handlers = {on_message, on_close, NULL};
	static const struct phone_line line = {say, backlog, hang_up};
	struct phone_session *s = xcalloc(1, sizeof(*s));
	struct websocket *w =
		websocket_accept(g->options.http, r, &handlers, s, LIMIT_PHONE_MESSAGE_BYTES,
				 PHONE_BACKLOG_BYTES, PHONE_PING_S);

	if (w)
		phone_open(s, g, &line, websocket_id(w), &r->peer);
	else
		free(s);
}
