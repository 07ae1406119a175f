/*
 * GET /api/alerts/{id}/talk: the voice of the one who holds the alert, to the telephone that
 * called. Accepted first; nothing is passed on before the decision is committed and the journal
 * says who talks. One talker an alert.
 */
#include <errno.h>

#include "api/api_private.h"
#include "base/limits.h"
#include "wire/sound.h"

enum {
	PING_S = 15,
	MAX_MESSAGE_BYTES = SOUND_FRAME_MAX_BYTES,
	MAX_BACKLOG_BYTES = 64 * 1024,
	WINDOW_MS = 5000,
	/* RFC 6455 §5.5: a control frame holds 125 bytes, two of them the code. */
	MAX_REASON_BYTES = 123,
};

enum talk_state { TALK_ASKED, TALK_NOTED, TALK_OPEN };

struct talker {
	struct api *api;
	uint64_t socket;
	struct talker *next, **at; /* of the api */
	struct str token;
	struct id alert, device;
	struct actor who;
	enum talk_state state;
	int64_t since_ms, window_ms; /* steady */
	unsigned in_window;
	bool looking;
};

struct talking {
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

static void refuse(struct websocket *w, struct str why)
{
	size_t len = why.len < MAX_REASON_BYTES ? why.len : MAX_REASON_BYTES;

	/* Never in the middle of a character. */
	while (len < why.len && len && ((uint8_t)why.ptr[len] & 0xc0) == 0x80)
		len--;
	websocket_close(w, 4409, str_slice(why, 0, len));
}

/* --- the two lines of the timeline */

static struct command *talk_command(const struct talker *t, enum alert_event event)
{
	struct command *c = command_new(VERB_ALERT, t->who);

	c->subject = t->alert;
	c->as.alert.event = event;
	return c;
}

static void note_ended(const struct talker *t)
{
	struct command *c = talk_command(t, EVENT_TALK_ENDED);

	c->as.alert.seconds = (int)((clock_monotonic_ms() - t->since_ms) / 1000);
	if (service_submit(t->api->options.service, c))
		command_free(c);
}

static bool is_there(const struct talker *t, struct str frame)
{
	const struct device_port *devices = &t->api->options.devices;

	return devices->talk(devices->context, t->device, t->alert, frame);
}

static void begin(struct talker *t, struct websocket *w, const struct command *c)
{
	t->device = c->outcome.device;
	t->state = TALK_OPEN;
	t->since_ms = clock_monotonic_ms();
	if (is_there(t, STR_NONE))
		websocket_send(w, false, STR("{\"type\":\"talk\"}"));
	else
		refuse(w, STR("Le téléphone n'est pas connecté."));
}

static void on_noted(struct command *c)
{
	struct api *a = c->context;
	struct websocket *w = websocket_find(a->http, c->context_id);
	struct talker *t = w ? websocket_session(w) : NULL;

	if (t && c->outcome.problem)
		t->state = TALK_ASKED;
	if (t && !c->outcome.problem)
		begin(t, w, c);
	else if (t && c->outcome.problem == PROBLEM_UNAVAILABLE)
		websocket_close(w, 1013, STR("réessayez"));
	else if (t)
		refuse(w, c->outcome.detail);
	command_free(c);
}

static void note(struct talker *t, struct websocket *w)
{
	struct command *c = talk_command(t, EVENT_TALK_BEGAN);

	c->context = t->api;
	c->context_id = t->socket;
	c->on_done = on_noted;
	t->state = TALK_NOTED;
	if (!service_submit(t->api->options.service, c))
		return;
	t->state = TALK_ASKED;
	websocket_close(w, 1013, STR("réessayez"));
	command_free(c);
}

/* --- who it is */

static void look_up(struct job *job, struct reader *reader)
{
	struct talking *m = (struct talking *)(void *)job;

	m->session_error = reader_session(reader, &m->arena, m->token, clock_now_ms(), &m->who);
	if (!m->session_error)
		m->alert_error = reader_hear(reader, &m->arena, &m->who, m->alert, &m->open);
}

static bool is_taken(const struct talker *mine)
{
	for (const struct talker *t = mine->api->talkers; t; t = t->next)
		if (t != mine && t->state != TALK_ASKED && id_eq(t->alert, mine->alert))
			return true;
	return false;
}

static void admit(struct talker *t, struct websocket *w, const struct talking *m)
{
	t->looking = false;
	if (m->session_error == -ENOENT) {
		websocket_close(w, 4401, STR("session terminée"));
	} else if (m->alert_error == -ENOENT) {
		websocket_close(w, 4404, STR("alerte inconnue"));
	} else if (t->state != TALK_ASKED) {
		return;
	} else if (m->session_error || m->alert_error) {
		websocket_close(w, 1013, STR("réessayez"));
	} else if (!m->api->options.may_listen) {
		websocket_close(w, 4403, STR("son non autorisé"));
	} else if (is_taken(t)) {
		refuse(w, STR("Quelqu'un parle déjà à cette personne."));
	} else {
		t->who = (struct actor){ACTOR_ACCOUNT, m->who.id, m->who.roles, m->who.room};
		note(t, w);
	}
}

static void on_looked_up(void *arg)
{
	struct talking *m = arg;
	struct websocket *w = websocket_find(m->api->http, m->socket);

	if (w)
		admit(websocket_session(w), w, m);
	arena_fini(&m->arena);
	free(m);
}

static bool ask_who(struct talker *t)
{
	struct talking *m = xcalloc(1, sizeof(*m));

	*m = (struct talking){.job = {look_up, on_looked_up},
			      .api = t->api,
			      .socket = t->socket,
			      .alert = t->alert};
	m->token = str_of(arena_copy(&m->arena, t->token.ptr, t->token.len), t->token.len);
	t->looking = !readers_submit(t->api->options.readers, &m->job);
	if (!t->looking) {
		arena_fini(&m->arena);
		free(m);
	}
	return t->looking;
}

void talk_recheck(struct api *a)
{
	for (struct talker *t = a->talkers; t; t = t->next)
		if (t->state == TALK_OPEN && !t->looking)
			ask_who(t);
}

void talk_end(struct api *a, struct id alert)
{
	for (struct talker *t = a->talkers; t; t = t->next) {
		struct websocket *w = websocket_find(a->http, t->socket);

		if (w && t->state != TALK_ASKED && id_eq(t->alert, alert))
			refuse(w, STR("L'alerte a changé : demandez de nouveau la parole."));
	}
}

static void end_talker(struct talker *t)
{
	struct websocket *w = websocket_find(t->api->http, t->socket);

	if (w)
		websocket_close(w, 4401, STR("session terminée"));
}

void talk_end_session(struct api *a, struct str token)
{
	for (struct talker *t = a->talkers; t; t = t->next)
		if (str_eq(t->token, token))
			end_talker(t);
}

void talk_end_account(struct api *a, struct id account)
{
	for (struct talker *t = a->talkers; t; t = t->next)
		if (t->state != TALK_ASKED && id_eq(t->who.id, account))
			end_talker(t);
}

/* --- the socket */

static bool is_too_fast(struct talker *t)
{
	int64_t now_ms = clock_monotonic_ms();

	if (now_ms - t->window_ms >= WINDOW_MS) {
		t->window_ms = now_ms;
		t->in_window = 0;
	}
	return ++t->in_window > LIMIT_TALK_FRAMES;
}

static void on_message(void *session, struct websocket *w, bool binary, struct str message)
{
	struct talker *t = session;
	struct sound_frame f;

	/* {"type":"alive"}: the page tells only that it is there. */
	if (!binary)
		return;
	if (sound_decode(message, &f) || (f.flags & SOUND_GAP) || !id_eq(f.alert, t->alert)) {
		websocket_close(w, 1008, STR("trame inattendue"));
		return;
	}
	if (is_too_fast(t)) {
		websocket_close(w, 1008, STR("trop vite"));
		return;
	}
	if (t->state == TALK_OPEN && !is_there(t, message))
		refuse(w, STR("Le téléphone n'est plus connecté."));
}

static void talker_free(struct talker *t)
{
	*t->at = t->next;
	if (t->next)
		t->next->at = t->at;
	explicit_bzero((char *)t->token.ptr, t->token.len);
	free((char *)t->token.ptr);
	free(t);
}

static void on_close(void *session, uint64_t id)
{
	struct talker *t = session;

	if (t->state == TALK_OPEN)
		note_ended(t);
	talker_free(t);
}

void open_talk(struct request *q, const struct http_request *r)
{
	static const struct websocket_handlers handlers = {on_message, on_close, NULL};
	struct api *a = q->api;
	struct websocket *w;
	struct talker *t;
	struct id alert;

	if (!path_id(q, 0, &alert))
		return;
	t = xcalloc(1, sizeof(*t));
	*t = (struct talker){.api = a, .next = a->talkers, .at = &a->talkers, .alert = alert};
	t->token = str_of(str_dup(q->token), q->token.len);
	if (t->next)
		t->next->at = &t->next;
	a->talkers = t;
	w = websocket_accept(a->http, r, &handlers, t, MAX_MESSAGE_BYTES, MAX_BACKLOG_BYTES,
			     PING_S);
	if (w) {
		t->socket = websocket_id(w);
		if (!ask_who(t))
			websocket_close(w, 1013, STR("réessayez"));
	} else {
		talker_free(t);
	}
	request_free(q);
}
