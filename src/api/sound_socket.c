/*
 * GET /api/alerts/{id}/sound: the WebSocket of one who listens. It is accepted first; nothing is
 * sent before its session and the alert have been looked up and the journal says who listens (I9).
 */
#include <errno.h>

#include "api/api_private.h"
#include "base/limits.h"

enum {
	PING_S = 15,
	TICK_MS = 250,
	RECHECK_MS = 30000,
	MAX_MESSAGE_BYTES = 4096,
	MAX_BACKLOG_BYTES = 256 * 1024,
	/* Frames stay in the ring, not in the socket, beyond this. */
	SOCKET_BYTES = 8 * 1024,
	ALERTS_AT_START = 4096,
};

struct hearer {
	struct api *api;
	uint64_t socket;
	struct hearer *next, **at; /* of the api */
	struct str token;
	struct id alert;
	struct actor who; /* once joined */
	int64_t since_ms; /* steady */
	bool joined, looking;
};

struct hearing {
	struct job job;
	struct api *api;
	uint64_t socket;
	struct arena arena;
	struct str token;
	struct id alert;
	struct session_account who;
	int session_error, alert_error;
	bool open;
};

static void on_message(void *session, struct websocket *w, bool binary, struct str message)
{
	/* {"type":"alive"}: the page tells only that it is there. */
	if (binary)
		websocket_close(w, 1003, STR("texte attendu"));
}

static void hearer_free(struct hearer *h)
{
	*h->at = h->next;
	if (h->next)
		h->next->at = h->at;
	explicit_bzero((char *)h->token.ptr, h->token.len);
	free((char *)h->token.ptr);
	free(h);
}

static struct command *hearing_command(const struct hearer *h, enum alert_event event)
{
	struct command *c = command_new(VERB_ALERT, h->who);

	c->subject = h->alert;
	c->as.alert.event = event;
	return c;
}

static void note_left(const struct hearer *h)
{
	struct command *c = hearing_command(h, EVENT_SOUND_LEFT);

	c->as.alert.seconds = (int)((clock_monotonic_ms() - h->since_ms) / 1000);
	if (service_submit(h->api->options.service, c))
		command_free(c);
}

static void on_close(void *session, uint64_t id)
{
	struct hearer *h = session;

	sound_leave(h->api->sound, id);
	if (h->joined)
		note_left(h);
	hearer_free(h);
}

static void on_drain(void *session, struct websocket *w)
{
	struct hearer *h = session;

	sound_drained(h->api->sound, websocket_id(w));
}

/* --- who it is */

static void look_up(struct job *job, struct reader *reader)
{
	struct hearing *m = (struct hearing *)(void *)job;

	m->session_error = reader_session(reader, &m->arena, m->token, clock_now_ms(), &m->who);
	if (!m->session_error)
		m->alert_error = reader_hear(reader, &m->arena, &m->who, m->alert, &m->open);
}

static void on_noted(struct command *c)
{
	struct api *a = c->context;
	struct websocket *w = websocket_find(a->http, c->context_id);

	if (w && c->outcome.problem) {
		((struct hearer *)websocket_session(w))->joined = false;
		websocket_close(w, 1013, STR("réessayez"));
	} else if (w) {
		sound_listen(a->sound, c->context_id, c->subject);
	}
	command_free(c);
}

/* Two lines a listening, its beginning and its end; they are what tells the room that who listens
 * has changed. */
static void note(struct hearer *h, struct websocket *w, const struct session_account *who)
{
	struct command *c;

	h->who = (struct actor){ACTOR_ACCOUNT, who->id, who->roles, who->room};
	h->since_ms = clock_monotonic_ms();
	c = hearing_command(h, EVENT_SOUND_LISTENED);
	c->context = h->api;
	c->context_id = h->socket;
	c->on_done = on_noted;
	h->joined = true;
	if (!service_submit(h->api->options.service, c))
		return;
	h->joined = false;
	websocket_close(w, 1013, STR("réessayez"));
	command_free(c);
}

static void admit(struct hearing *m, struct websocket *w)
{
	struct hearer *h = websocket_session(w);
	int error = m->session_error ? m->session_error : m->alert_error;

	h->looking = false;
	if (m->session_error == -ENOENT)
		websocket_close(w, 4401, STR("session terminée"));
	else if (m->alert_error == -ENOENT)
		websocket_close(w, 4404, STR("alerte inconnue"));
	else if (error && !h->joined)
		websocket_close(w, 1013, STR("réessayez"));
	else if (!m->api->options.may_listen)
		websocket_close(w, 4403, STR("écoute non autorisée"));
	else if (!error && !h->joined)
		note(h, w, &m->who);
}

static void on_looked_up(void *arg)
{
	struct hearing *m = arg;
	struct websocket *w = websocket_find(m->api->http, m->socket);

	if (w)
		admit(m, w);
	arena_fini(&m->arena);
	free(m);
}

static bool ask_who(struct hearer *h)
{
	struct hearing *m = xcalloc(1, sizeof(*m));

	*m = (struct hearing){.job = {look_up, on_looked_up},
			      .api = h->api,
			      .socket = h->socket,
			      .alert = h->alert};
	m->token = str_of(arena_copy(&m->arena, h->token.ptr, h->token.len), h->token.len);
	h->looking = !readers_submit(h->api->options.readers, &m->job);
	if (!h->looking) {
		arena_fini(&m->arena);
		free(m);
	}
	return h->looking;
}

static void recheck(void *arg)
{
	struct api *a = arg;

	for (struct hearer *h = a->hearers; h; h = h->next)
		if (h->joined && !h->looking)
			ask_who(h);
	talk_recheck(a);
}

void open_sound(struct request *q, const struct http_request *r)
{
	static const struct websocket_handlers handlers = {on_message, on_close, on_drain};
	struct api *a = q->api;
	struct hearer *h;
	struct websocket *w;
	struct id alert;

	if (!path_id(q, 0, &alert))
		return;
	h = xcalloc(1, sizeof(*h));
	*h = (struct hearer){.api = a, .next = a->hearers, .at = &a->hearers, .alert = alert};
	h->token = str_of(str_dup(q->token), q->token.len);
	if (h->next)
		h->next->at = &h->next;
	a->hearers = h;
	w = websocket_accept(a->http, r, &handlers, h, MAX_MESSAGE_BYTES, MAX_BACKLOG_BYTES,
			     PING_S);
	if (w) {
		h->socket = websocket_id(w);
		if (!ask_who(h))
			websocket_close(w, 1013, STR("réessayez"));
	} else {
		hearer_free(h);
	}
	request_free(q);
}

static void end_hearing(struct hearer *h)
{
	struct websocket *w = websocket_find(h->api->http, h->socket);

	if (w)
		websocket_close(w, 4401, STR("session terminée"));
}

void sound_end_session(struct api *a, struct str token)
{
	for (struct hearer *h = a->hearers; h; h = h->next)
		if (str_eq(h->token, token))
			end_hearing(h);
}

void sound_end_account(struct api *a, struct id account)
{
	for (struct hearer *h = a->hearers; h; h = h->next)
		if (h->joined && id_eq(h->who.id, account))
			end_hearing(h);
}

static bool is_listed(const struct id *list, size_t count, struct id account)
{
	for (size_t i = 0; i < count; i++)
		if (id_eq(list[i], account))
			return true;
	return false;
}

size_t sound_hearers(const struct api *a, struct id alert, struct id *list, size_t cap)
{
	size_t count = 0;

	for (const struct hearer *h = a->hearers; h && count < cap; h = h->next)
		if (h->joined && id_eq(h->alert, alert) && !is_listed(list, count, h->who.id))
			list[count++] = h->who.id;
	return count;
}

/* --- what the sound asks of us */

static void send_ack(void *context, uint64_t source, uint32_t epoch, uint32_t next)
{
	struct api *a = context;
	const struct device_port *devices = &a->options.devices;

	devices->kept(devices->context, source, epoch, next);
}

static void close_source(void *context, uint64_t source, uint16_t code)
{
	struct api *a = context;
	const struct device_port *devices = &a->options.devices;

	devices->hang_up(devices->context, source, code);
}

static void send_text(void *context, uint64_t listener, struct str text)
{
	struct api *a = context;
	struct websocket *w = websocket_find(a->http, listener);

	if (w)
		websocket_send(w, false, text);
}

static bool send_frame(void *context, uint64_t listener, struct str frame)
{
	struct api *a = context;
	struct websocket *w = websocket_find(a->http, listener);

	/* Whoever is gone is about to be told so: nothing waits for it. */
	if (!w)
		return true;
	if (websocket_backlog(w) > SOCKET_BYTES)
		return false;
	websocket_send(w, true, frame);
	return true;
}

static void on_recorded_noted(struct command *c)
{
	struct api *a = c->context;

	/* Else it is summed up again at the next start. */
	if (!c->outcome.problem)
		sound_settled(a->sound, c->subject, c->context_id);
	command_free(c);
}

static void recorded(void *context, struct id alert, uint64_t sum, struct str json)
{
	struct api *a = context;
	struct command *c = command_new(VERB_RECORDED, (struct actor){.kind = ACTOR_SYSTEM});

	c->subject = alert;
	c->text = command_keep(c, json);
	c->context = a;
	c->context_id = sum;
	c->on_done = on_recorded_noted;
	if (service_submit(a->options.service, c))
		command_free(c);
}

static void on_tick(void *arg)
{
	struct api *a = arg;

	sound_tick(a->sound, clock_monotonic_ms());
}

/* --- alerts that were closed or reopened */

void sound_follow(struct api *a, const struct batch *batch)
{
	for (const struct publication *p = batch->published; p; p = p->next) {
		if (p->kind == ENTRY_CLOSED)
			sound_end(a->sound, p->alert);
		if (p->kind == ENTRY_REOPENED)
			sound_reopen(a->sound, p->alert);
		/* Another holds it, or a silent device calls in it: whoever talks asks again. */
		if (p->kind == ENTRY_CLOSED || p->kind == ENTRY_TAKEN_OVER ||
		    p->kind == ENTRY_TRIGGERED)
			talk_end(a, p->alert);
	}
}

static void look_whether_open(struct job *job, struct reader *reader)
{
	struct hearing *m = (struct hearing *)(void *)job;

	m->alert_error = reader_hear(reader, &m->arena, NULL, m->alert, &m->open);
}

static void on_looked_whether_open(void *arg)
{
	struct hearing *m = arg;

	if (!m->alert_error && !m->open)
		sound_end(m->api->sound, m->alert);
	arena_fini(&m->arena);
	free(m);
}

/* An alert may have been closed just before the server ended. */
static void end_what_is_closed(struct api *a)
{
	struct id *alerts = xcalloc(ALERTS_AT_START, sizeof(*alerts));
	size_t count = sound_alerts(a->sound, alerts, ALERTS_AT_START);

	for (size_t i = 0; i < count; i++) {
		struct hearing *m = xcalloc(1, sizeof(*m));

		*m = (struct hearing){.job = {look_whether_open, on_looked_whether_open},
				      .api = a,
				      .alert = alerts[i]};
		if (readers_submit(a->options.readers, &m->job))
			free(m);
	}
	free(alerts);
}

int sound_socket_new(struct api *a)
{
	struct sound_options options = {.recorder = a->options.recorder,
					.most_bytes = LIMIT_SOUND_ALERT_BYTES,
					.ack = send_ack,
					.close_source = close_source,
					.listener_text = send_text,
					.listener_frame = send_frame,
					.recorded = recorded,
					.context = a};
	int error = sound_new(&options, &a->sound);

	if (error)
		return error;
	on_tick(a);
	end_what_is_closed(a);
	a->sound_tick = timer_start(a->options.loop, TICK_MS, true, on_tick, a);
	a->sound_recheck = timer_start(a->options.loop, RECHECK_MS, true, recheck, a);
	return 0;
}
