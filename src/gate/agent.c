/*
 * Agents: telephones that are no browser, over TLS or TCP (docs/protocol/agent.md). What phone.c is
 * told and says, behind five bytes a message (wire/agent.h).
 */
#include <errno.h>

#include "base/limits.h"
#include "gate/phone_session.h"
#include "wire/agent.h"

enum {
	/* Of one that is not known, so that many who send without end come round quickly. */
	STRANGER_BYTES = 2048,
	CLOSED_TOO_LARGE = 1009, /* RFC 6455 §7.4.1 */
	CLOSED_NO_PROTOCOL = 1002,
};

struct agent {
	struct phone_session session;
	struct timer *pings;
	bool heard; /* something, since the last look */
};

static struct tcp_connection *connection_of(const struct phone_session *s)
{
	return tcp_find(s->gate->options.loop, s->socket);
}

static void write_message(struct tcp_connection *c, enum agent_kind kind, struct str payload)
{
	struct buf b = BUF_INIT;

	agent_add(kind, payload, &b);
	tcp_send(c, buf_str(&b));
	buf_fini(&b);
}

static void say(struct phone_session *s, bool binary, struct str message)
{
	struct tcp_connection *c = connection_of(s);

	if (c)
		write_message(c, binary ? AGENT_BINARY : AGENT_TEXT, message);
}

static size_t backlog(const struct phone_session *s)
{
	struct tcp_connection *c = connection_of(s);

	return c ? tcp_backlog(c) : 0;
}

static void hang_up(struct phone_session *s, uint16_t code, struct str reason)
{
	struct tcp_connection *c = connection_of(s);
	struct buf payload = BUF_INIT;

	if (!c)
		return;
	buf_add_u16(&payload, code);
	buf_add_str(&payload, reason);
	write_message(c, AGENT_CLOSE, buf_str(&payload));
	buf_fini(&payload);
	tcp_close(c, "closed");
}

static void on_silence(void *arg)
{
	struct agent *a = arg;
	struct tcp_connection *c = connection_of(&a->session);

	if (c && !a->heard)
		write_message(c, AGENT_PING, STR_NONE);
	a->heard = false;
}

static void *on_open(void *context, struct tcp_connection *c)
{
	static const struct phone_line line = {say, backlog, hang_up};
	struct agent *a = xcalloc(1, sizeof(*a));
	struct gate *g = context;

	phone_open(&a->session, g, &line, tcp_id(c), tcp_peer(c));
	a->pings = timer_start(g->options.loop, PHONE_PING_S * 1000, true, on_silence, a);
	tcp_share(c, STRANGER_BYTES);
	return a;
}

static void on_close(void *session, uint64_t id, const char *reason)
{
	struct agent *a = session;

	timer_stop(a->pings);
	phone_gone(&a->session);
	free(a);
}

static void take(struct agent *a, struct tcp_connection *c, const struct agent_message *m)
{
	switch (m->kind) {
	case AGENT_TEXT:
	case AGENT_BINARY:
		phone_hear(&a->session, m->kind == AGENT_BINARY, m->payload);
		return;
	case AGENT_PING:
		write_message(c, AGENT_PONG, m->payload);
		return;
	case AGENT_CLOSE:
		phone_end(&a->session, 1000, STR_NONE);
		return;
	case AGENT_PONG:
		return;
	}
}

static bool is_closing(const struct agent *a)
{
	return !phone_find(a->session.gate, a->session.socket);
}

static size_t on_data(void *session, struct tcp_connection *c, struct str bytes)
{
	struct agent *a = session;
	struct agent_message m;
	size_t used = 0;
	ptrdiff_t r = 1;

	a->heard = true;
	while (r > 0 && !is_closing(a)) {
		r = agent_next(str_slice(bytes, used, bytes.len), &m);
		if (r > 0)
			take(a, c, &m);
		used += r > 0 ? (size_t)r : 0;
	}
	if (r == -EMSGSIZE)
		phone_end(&a->session, CLOSED_TOO_LARGE, STR("message trop long"));
	else if (r < 0)
		phone_end(&a->session, CLOSED_NO_PROTOCOL, STR("genre inconnu"));
	if (a->session.phone)
		tcp_share(c, 0);
	return is_closing(a) ? bytes.len : used;
}

int gate_listen_agent(struct gate *g, const char *address, struct tls_server *tls,
		      uint16_t *ret_port)
{
	static const struct tcp_handlers handlers = {on_open, on_data, NULL, on_close};
	struct tcp_options options = {
		.address = address,
		.tls = tls,
		.idle_timeout_s = 3 * PHONE_PING_S,
		.max_input_bytes = AGENT_HEADER_BYTES + LIMIT_PHONE_MESSAGE_BYTES,
		.max_output_bytes = PHONE_BACKLOG_BYTES,
	};

	return gate_open_listener(g, &options, &handlers, ret_port);
}
