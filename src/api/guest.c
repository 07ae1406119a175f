/* Sockets of accounts: see api_private.h. */
#include "api/api_private.h"

enum { RECHECK_MS = 30000 };

static void look_up(struct job *job, struct reader *reader)
{
	struct admission *m = (struct admission *)(void *)job;

	m->session_error = reader_session(reader, &m->arena, m->token, clock_now_ms(), &m->who);
	if (!m->session_error && !id_is_none(m->alert))
		m->alert_error = reader_hear(reader, &m->arena, &m->who, m->alert, &m->open);
}

static void on_looked_up(void *arg)
{
	struct admission *m = arg;
	struct websocket *w = websocket_find(m->api->http, m->socket);
	struct guest *g = w ? websocket_session(w) : NULL;

	if (g) {
		g->looking = false;
		g->admit(g, w, m);
	}
	arena_fini(&m->arena);
	free(m);
}

/* False: too many questions are waiting. */
static bool ask_who(struct guest *g)
{
	struct admission *m = xcalloc(1, sizeof(*m));

	*m = (struct admission){.job = {look_up, on_looked_up},
				.api = g->api,
				.socket = g->socket,
				.alert = g->alert};
	m->token = str_of(arena_copy(&m->arena, g->token.ptr, g->token.len), g->token.len);
	g->looking = !readers_submit(g->api->options.readers, &m->job);
	if (!g->looking) {
		arena_fini(&m->arena);
		free(m);
	}
	return g->looking;
}

void guest_open(struct guest *g, enum guest_kind kind, struct request *q,
		const struct http_request *r, const struct guest_socket *how)
{
	struct api *a = q->api;
	struct guest **list = &a->guests[kind];
	struct websocket *w;

	g->api = a;
	g->admit = how->admit;
	g->token = str_of(str_dup(q->token), q->token.len);
	g->next = *list;
	g->at = list;
	if (g->next)
		g->next->at = &g->next;
	*list = g;
	w = websocket_accept(a->http, r, &how->handlers, g, how->max_message_bytes,
			     how->max_backlog_bytes, how->ping_s);
	if (w) {
		g->socket = websocket_id(w);
		if (!ask_who(g))
			websocket_close(w, 1013, STR("réessayez"));
	} else {
		guest_free(g);
	}
	/* The socket has taken the request: it gets no other answer. */
	request_free(q);
}

void guest_free(struct guest *g)
{
	*g->at = g->next;
	if (g->next)
		g->next->at = g->at;
	explicit_bzero((char *)g->token.ptr, g->token.len);
	free((char *)g->token.ptr);
	free(g);
}

static void recheck(void *arg)
{
	struct api *a = arg;

	for (int kind = 0; kind < GUEST_KINDS; kind++)
		for (struct guest *g = a->guests[kind]; g; g = g->next)
			if (g->joined && !g->looking)
				ask_who(g);
}

static void end(struct guest *g)
{
	struct websocket *w = websocket_find(g->api->http, g->socket);

	if (w)
		websocket_close(w, 4401, STR("session terminée"));
}

void guests_end_session(struct api *a, struct str token)
{
	for (int kind = 0; kind < GUEST_KINDS; kind++)
		for (struct guest *g = a->guests[kind]; g; g = g->next)
			if (str_eq(g->token, token))
				end(g);
}

void guests_end_account(struct api *a, struct id account)
{
	for (int kind = 0; kind < GUEST_KINDS; kind++)
		for (struct guest *g = a->guests[kind]; g; g = g->next)
			if (g->joined && id_eq(g->who.id, account))
				end(g);
}

void guests_start(struct api *a)
{
	a->recheck = timer_start(a->options.loop, RECHECK_MS, true, recheck, a);
}
