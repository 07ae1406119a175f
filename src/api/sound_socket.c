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
	MAX_MESSAGE_BYTES = 4096,
	MAX_BACKLOG_BYTES = 256 * 1024,
	/* Frames stay in the ring, not in the socket, beyond this. */
	SOCKET_BYTES = 8 * 1024,
	ALERTS_AT_START = 4096,
};

struct hearer {
	struct guest guest;
	int64_t since_ms; /* steady */
};

static void on_message(void *session, struct websocket *w, bool binary, struct str message)
{
	/* {"type":"alive"}: the page tells only that it is there. */
	if (binary)
		websocket_close(w, 1003, STR("texte attendu"));
}

static struct command *hearing_command(const struct hearer *h, enum alert_event event)
{
	struct command *c = command_new(VERB_ALERT, h->guest.who);

	c->subject = h->guest.alert;
	c->as.alert.event = event;
	return c;
}

static void note_left(const struct hearer *h)
{
	struct command *c = hearing_command(h, EVENT_SOUND_LEFT);

	c->as.alert.seconds = (int)((clock_monotonic_ms() - h->since_ms) / 1000);
	if (service_submit(h->guest.api->options.service, c))
		command_free(c);
}

static void on_close(void *session, uint64_t id)
{
	struct hearer *h = session;

	sound_leave(h->guest.api->sound, id);
	if (h->guest.joined)
		note_left(h);
	guest_free(&h->guest);
}

static void on_drain(void *session, struct websocket *w)
{
	struct hearer *h = session;

	sound_drained(h->guest.api->sound, websocket_id(w));
}

/* --- who it is */

static void on_noted(struct command *c)
{
	struct api *a = c->context;
	struct websocket *w = websocket_find(a->http, c->context_id);

	if (w && c->outcome.problem) {
		((struct guest *)websocket_session(w))->joined = false;
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

	h->guest.who = (struct actor){ACTOR_ACCOUNT, who->id, who->roles, who->room};
	h->since_ms = clock_monotonic_ms();
	c = hearing_command(h, EVENT_SOUND_LISTENED);
	c->context = h->guest.api;
	c->context_id = h->guest.socket;
	c->on_done = on_noted;
	h->guest.joined = true;
	if (!service_submit(h->guest.api->options.service, c))
		return;
	h->guest.joined = false;
	websocket_close(w, 1013, STR("réessayez"));
	command_free(c);
}

static void admit(struct guest *g, struct websocket *w, const struct admission *m)
{
	int error = m->session_error ? m->session_error : m->alert_error;

	if (m->session_error == -ENOENT)
		websocket_close(w, 4401, STR("session terminée"));
	else if (m->alert_error == -ENOENT)
		websocket_close(w, 4404, STR("alerte inconnue"));
	else if (error && !g->joined)
		websocket_close(w, 1013, STR("réessayez"));
	else if (!m->api->options.may_listen)
		websocket_close(w, 4403, STR("écoute non autorisée"));
	else if (!error && !g->joined)
		note((struct hearer *)g, w, &m->who);
}

void open_sound(struct request *q, const struct http_request *r)
{
	static const struct guest_socket socket = {{on_message, on_close, on_drain},
						   MAX_MESSAGE_BYTES,
						   MAX_BACKLOG_BYTES,
						   PING_S,
						   admit};
	struct hearer *h;
	struct id alert;

	if (!path_id(q, 0, &alert))
		return;
	h = xcalloc(1, sizeof(*h));
	h->guest.alert = alert;
	guest_open(&h->guest, GUEST_HEARER, q, r, &socket);
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

	for (const struct guest *g = a->guests[GUEST_HEARER]; g && count < cap; g = g->next)
		if (g->joined && id_eq(g->alert, alert) && !is_listed(list, count, g->who.id))
			list[count++] = g->who.id;
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
	websocket_send_now(w, frame);
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

/*
 * Another holds it, or somebody asks for silence near the person: whoever talks asks again. Nobody
 * who watches the telephone can tell by it which code was typed.
 */
static bool ends_talk(enum entry_kind kind)
{
	static const enum entry_kind kinds[] = {ENTRY_CLOSED,     ENTRY_TAKEN_OVER, ENTRY_ACCEPTED,
						ENTRY_RELEASED,   ENTRY_TRIGGERED,  ENTRY_MERGED,
						ENTRY_UNMERGED,   ENTRY_SILENCED,   ENTRY_END_ASKED,
						ENTRY_END_DURESS, ENTRY_END_REFUSED};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

void sound_follow(struct api *a, const struct batch *batch)
{
	for (const struct publication *p = batch->published; p; p = p->next) {
		if (p->kind == ENTRY_CLOSED)
			sound_end(a->sound, p->alert);
		if (p->kind == ENTRY_REOPENED)
			sound_reopen(a->sound, p->alert);
		if (ends_talk(p->kind))
			talk_end(a, p->alert);
	}
}

static void look_whether_open(struct job *job, struct reader *reader)
{
	struct admission *m = (struct admission *)(void *)job;

	m->alert_error = reader_hear(reader, &m->arena, NULL, m->alert, &m->open);
}

static void on_looked_whether_open(void *arg)
{
	struct admission *m = arg;

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
		struct admission *m = xcalloc(1, sizeof(*m));

		*m = (struct admission){.job = {look_whether_open, on_looked_whether_open},
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
	return 0;
}
