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

/* Joined: its line is asked for, or written. */
struct talker {
	struct guest guest;
	struct id device;
	bool may_talk;               /* its line is on disk */
	int64_t since_ms, window_ms; /* steady */
	unsigned in_window;
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
	struct command *c = command_new(VERB_ALERT, t->guest.who);

	c->subject = t->guest.alert;
	c->as.alert.event = event;
	return c;
}

static void note_ended(const struct talker *t)
{
	struct command *c = talk_command(t, EVENT_TALK_ENDED);

	c->as.alert.seconds = (int)((clock_monotonic_ms() - t->since_ms) / 1000);
	if (service_submit(t->guest.api->options.service, c))
		command_free(c);
}

static bool is_there(const struct talker *t, struct str frame)
{
	const struct device_port *devices = &t->guest.api->options.devices;

	return devices->talk(devices->context, t->device, t->guest.alert, frame);
}

static void begin(struct talker *t, struct websocket *w, const struct command *c)
{
	t->device = c->outcome.phone;
	t->may_talk = true;
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
		t->guest.joined = false;
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

	c->context = t->guest.api;
	c->context_id = t->guest.socket;
	c->on_done = on_noted;
	t->guest.joined = true;
	if (!service_submit(t->guest.api->options.service, c))
		return;
	t->guest.joined = false;
	websocket_close(w, 1013, STR("réessayez"));
	command_free(c);
}

/* --- who it is */

static bool is_taken(const struct guest *mine)
{
	for (const struct guest *g = mine->api->guests[GUEST_TALKER]; g; g = g->next)
		if (g != mine && g->joined && id_eq(g->alert, mine->alert))
			return true;
	return false;
}

static void admit(struct guest *g, struct websocket *w, const struct admission *m)
{
	if (m->session_error == -ENOENT) {
		websocket_close(w, 4401, STR("session terminée"));
	} else if (m->alert_error == -ENOENT) {
		websocket_close(w, 4404, STR("alerte inconnue"));
	} else if (g->joined) {
		return;
	} else if (m->session_error || m->alert_error) {
		websocket_close(w, 1013, STR("réessayez"));
	} else if (!m->api->options.may_listen) {
		websocket_close(w, 4403, STR("son non autorisé"));
	} else if (is_taken(g)) {
		refuse(w, STR("Quelqu'un parle déjà à cette personne."));
	} else {
		g->who = (struct actor){ACTOR_ACCOUNT, m->who.id, m->who.roles, m->who.room};
		note((struct talker *)g, w);
	}
}

void talk_end(struct api *a, struct id alert)
{
	for (struct guest *g = a->guests[GUEST_TALKER]; g; g = g->next) {
		struct websocket *w = websocket_find(a->http, g->socket);

		if (w && g->joined && id_eq(g->alert, alert))
			refuse(w, STR("L'alerte a changé : demandez de nouveau la parole."));
	}
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
	if (sound_decode(message, &f) || (f.flags & SOUND_GAP) || !id_eq(f.alert, t->guest.alert)) {
		websocket_close(w, 1008, STR("trame inattendue"));
		return;
	}
	if (is_too_fast(t)) {
		websocket_close(w, 1008, STR("trop vite"));
		return;
	}
	if (t->may_talk && !is_there(t, message))
		refuse(w, STR("Le téléphone n'est plus connecté."));
}

static void on_close(void *session, uint64_t id)
{
	struct talker *t = session;

	if (t->may_talk)
		note_ended(t);
	guest_free(&t->guest);
}

void open_talk(struct request *q, const struct http_request *r)
{
	static const struct guest_socket socket = {
		{on_message, on_close, NULL}, MAX_MESSAGE_BYTES, MAX_BACKLOG_BYTES, PING_S, admit};
	struct talker *t;
	struct id alert;

	if (!path_id(q, 0, &alert))
		return;
	t = xcalloc(1, sizeof(*t));
	t->guest.alert = alert;
	guest_open(&t->guest, GUEST_TALKER, q, r, &socket);
}
