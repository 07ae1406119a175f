/*
 * What telephones and agents say (docs/protocol/phone.md). Nobody is heard before the hello was
 * checked; a call for help and a position are answered when they are on disk (I1).
 */
#include <errno.h>

#include "base/cursor.h"
#include "gate/phone_session.h"
#include "wire/phone.h"

enum {
	HELLO_WITHIN_MS = 5000,
	/* After a hello that is nobody's: a call may be on its way behind it. */
	REFUSED_AFTER_MS = 1000,
	/* What comes behind a hello that is being checked. */
	MAX_EARLY_BYTES = 4096,
	/* Reports of one socket on their way to the disk; what comes beyond is not answered, so
	 * that it comes again. Calls have the last ones to themselves. */
	PENDING_MOST = 64,
	PENDING_REPORTS = 32,
	/* Frames that are none, before the socket is closed: some come behind the end of an alert.
	 */
	BAD_FRAMES = 50,
	/* A fix later than this is of a clock that is wrong. */
	AHEAD_MS = 60000,
	/* Of one socket whose hello is nobody's. */
	STRANGE_CALLS = 4,
};

/* A hello being checked. */
struct greeting {
	struct job job;
	struct gate *gate;
	uint64_t socket, changes;
	struct arena arena;
	struct id device;
	struct phone_facts facts;
	struct str secret;
	int error;
};

/* --- what it says */

void phone_hand_over(struct phone_session *s, struct command *c)
{
	c->context = s->gate;
	c->context_id = s->socket;
	if (service_submit(s->gate->options.service, c))
		command_free(c);
	else
		s->pending++;
}

struct phone_session *phone_done(struct command *command)
{
	struct gate *g = command->context;
	struct phone_session *s = phone_find(g, command->context_id);

	if (s)
		s->pending--;
	return command->outcome.problem || command->outcome.unverified ? NULL : s;
}

static void on_called(struct command *command)
{
	const struct outcome *o = &command->outcome;
	struct gate *g = command->context;
	struct phone *p = map_get(&g->phones, command->actor.id);
	/* A repeat that comes when its alert has been closed already. */
	bool is_over = o->repeated && !o->in_alert;
	struct phone_session *s = phone_done(command);

	if (!o->problem) {
		g->figures.alerts += !o->repeated && !o->unverified;
		g->figures.unverified += o->unverified;
		if (p && !is_over && !o->unverified)
			p->alert = o->subject;
	}
	if (s) {
		phone_say_called(s, command->as.report.at_ms, o->subject);
		if (is_over)
			phone_say_ended(s, o->subject);
	}
	command_free(command);
}

static void on_placed(struct command *command)
{
	struct phone_session *s = phone_done(command);

	if (s)
		phone_say_stored(s, command->as.report.at_ms);
	command_free(command);
}

static void on_alive(struct command *command)
{
	phone_done(command);
	command_free(command);
}

/* Where it was while there was no network comes after where it is. */
static bool is_late(struct phone_session *s, const struct report *report)
{
	if (report->fix.source == FIX_NONE || report->fix.at_ms > clock_now_ms() + AHEAD_MS)
		return false;
	if (report->fix.at_ms < s->newest_fix_ms)
		return true;
	s->newest_fix_ms = report->fix.at_ms;
	return false;
}

static void submit(struct phone_session *s, struct phone_message *m)
{
	struct command *c;

	if (s->pending >= (m->kind == PHONE_CALL ? PENDING_MOST : PENDING_REPORTS))
		return;
	m->report.stored = is_late(s, &m->report);
	c = report_command(PROTOCOL_PHONE, &m->report, &s->peer);
	c->actor.id = c->as.report.authenticated = s->phone->device;
	c->as.report.can_wait = m->kind == PHONE_ALIVE;
	c->on_done = m->kind == PHONE_CALL       ? on_called
		     : m->kind == PHONE_POSITION ? on_placed
						 : on_alive;
	phone_hand_over(s, c);
}

/* --- sound */

/* NULL: none is taken of it. */
static struct sound *sound_of(const struct phone_session *s)
{
	return s->phone->no_sound ? NULL : s->gate->options.sound;
}

/* Of the alert that is open: what comes behind its end is for nothing any more. */
static void stream(struct phone_session *s, const struct phone_message *m)
{
	struct sound *sound = sound_of(s);

	if (!sound || !id_eq(m->alert, s->phone->alert))
		return;
	if (sound_open(sound, m->alert, s->phone->device, m->epoch, m->began_ms, s->socket) ==
	    -EEXIST)
		phone_end(s, 1008, STR("séquence d'un autre appareil"));
}

static void take_frame(struct phone_session *s, struct str frame)
{
	struct sound *sound = sound_of(s);

	s->gate->figures.frames++;
	if (!sound || id_is_none(s->phone->alert))
		return;
	switch (sound_frame(sound, s->phone->alert, s->phone->device, frame,
			    clock_monotonic_ms())) {
	case SOUND_TAKEN:
	case SOUND_REFUSED:
		return;
	case SOUND_BAD:
		s->gate->figures.rejected++;
		if (++s->bad_frames > BAD_FRAMES)
			phone_end(s, 1008, STR("trames inattendues"));
		return;
	case SOUND_TOO_FAST:
		phone_end(s, 1008, STR("trop vite"));
	}
}

static void hear(struct phone_session *s, struct str text)
{
	struct arena arena = ARENA_INIT;
	struct phone_message m;

	s->gate->figures.frames++;
	phone_decode(text, &arena, &m);
	s->gate->figures.rejected += m.kind == PHONE_OTHER || m.report.kind == REPORT_REJECT;
	if (m.kind == PHONE_ALIVE)
		phone_say_now(s);
	if (m.kind == PHONE_OTHER || m.kind == PHONE_HELLO)
		phone_end(s, 1008, STR("message inattendu"));
	else if (m.kind == PHONE_STREAMING)
		stream(s, &m);
	else if (m.kind == PHONE_END || m.kind == PHONE_PINS)
		phone_submit_code(s, &m);
	else if (m.kind == PHONE_TEST)
		phone_submit_test(s, &m);
	else if (m.kind == PHONE_ANNOUNCE || m.kind == PHONE_EXTEND)
		phone_submit_visit(s, &m);
	else
		submit(s, &m);
	arena_fini(&arena);
}

/* --- the hello */

/* A call right behind a hello that is nobody's is heard all the same, in the lane (I4). */
static void hear_stranger(struct phone_session *s, struct str text)
{
	struct arena arena = ARENA_INIT;
	struct phone_message m;
	char ident[ID_TEXT_SIZE];
	struct command *c;

	id_print(s->stranger, ident);
	phone_decode(text, &arena, &m);
	if (m.kind == PHONE_CALL && s->strange_calls++ < STRANGE_CALLS) {
		m.report.device = str_from(ident);
		c = report_command(PROTOCOL_PHONE, &m.report, &s->peer);
		if (service_submit(s->gate->options.service, c))
			command_free(c);
		else
			s->gate->figures.unverified++;
	}
	arena_fini(&arena);
}

static void on_known(struct phone_session *s, const struct greeting *m)
{
	struct cursor early = cursor_of(buf_str(&s->early));

	struct phone_facts facts = m->facts;

	phone_join(s, m->device, facts.alert);
	s->phone->no_sound = facts.no_sound;
	facts.alert = s->phone->alert;
	phone_say_welcome(s, sound_of(s), &facts);
	if (facts.follows && id_eq(facts.alert, m->facts.alert))
		phone_say_alert(s, facts.alert);
	while (s->phone && cursor_left(&early))
		hear(s, cursor_take(&early, cursor_u32(&early)));
	buf_fini(&s->early);
}

static void on_refused(void *arg)
{
	struct phone_session *s = arg;

	phone_end(s, 4401, STR("appareil inconnu"));
}

static void on_unknown(struct phone_session *s, const struct greeting *m)
{
	struct cursor early = cursor_of(buf_str(&s->early));

	s->refused = true;
	s->stranger = m->device;
	while (cursor_left(&early))
		hear_stranger(s, cursor_take(&early, cursor_u32(&early)));
	buf_fini(&s->early);
	s->patience = timer_start(s->gate->options.loop, REFUSED_AFTER_MS, false, on_refused, s);
}

static void check(struct job *job, struct reader *reader)
{
	struct greeting *m = (struct greeting *)(void *)job;

	m->error = reader_phone(reader, &m->arena, m->device, m->secret, &m->facts);
}

static void greeting_free(struct greeting *m)
{
	if (m->secret.len)
		explicit_bzero((char *)(uintptr_t)m->secret.ptr, m->secret.len);
	arena_fini(&m->arena);
	free(m);
}

/* False: too many questions are waiting. */
static bool ask(struct greeting *m)
{
	m->changes = m->gate->changes;
	return !readers_submit(m->gate->options.readers, &m->job);
}

static void on_checked(void *arg)
{
	struct greeting *m = arg;
	struct phone_session *s = phone_find(m->gate, m->socket);

	/* An alert was closed or a secret changed meanwhile: what was read may be of before. */
	if (s && !m->error && m->changes != m->gate->changes && ask(m))
		return;
	if (s && !m->error && m->changes == m->gate->changes)
		on_known(s, m);
	else if (s && m->error == -ENOENT)
		on_unknown(s, m);
	else if (s)
		phone_end(s, 1013, STR("réessayez"));
	greeting_free(m);
}

static void greet(struct phone_session *s, struct str text)
{
	struct greeting *g = xcalloc(1, sizeof(*g));
	struct phone_message m;

	*g = (struct greeting){.job = {check, on_checked}, .gate = s->gate, .socket = s->socket};
	phone_decode(text, &g->arena, &m);
	g->device = m.device;
	g->secret = m.secret;
	s->greeted = m.kind == PHONE_HELLO;
	if (s->greeted && ask(g)) {
		timer_stop(s->patience);
		s->patience = NULL;
		return;
	}
	if (s->greeted)
		phone_end(s, 1013, STR("réessayez"));
	else
		phone_end(s, 1008, STR("bonjour attendu"));
	greeting_free(g);
}

/* What does not fit is not answered: it comes again. */
static void keep_early(struct phone_session *s, struct str text)
{
	if (s->early.len + text.len > MAX_EARLY_BYTES)
		return;
	buf_add_u32(&s->early, (uint32_t)text.len);
	buf_add_str(&s->early, text);
}

/* --- what carries it */

void phone_hear(struct phone_session *s, bool binary, struct str message)
{
	if (binary && s->phone)
		take_frame(s, message);
	else if (binary)
		phone_end(s, 1008, STR("bonjour attendu"));
	else if (s->phone)
		hear(s, message);
	else if (s->refused)
		hear_stranger(s, message);
	else if (s->greeted)
		keep_early(s, message);
	else
		greet(s, message);
}

static void on_late(void *arg)
{
	struct phone_session *s = arg;

	phone_end(s, 4408, STR("bonjour attendu"));
}

void phone_open(struct phone_session *s, struct gate *g, const struct phone_line *line,
		uint64_t socket, const struct address *peer)
{
	*s = (struct phone_session){.gate = g,
				    .line = line,
				    .socket = socket,
				    .peer = *peer,
				    .newest_fix_ms = TIME_NONE};
	s->patience = timer_start(g->options.loop, HELLO_WITHIN_MS, false, on_late, s);
	map_set(&g->sockets, map_key_u64(socket), s);
	phone_link(s, &g->strangers);
}

void phone_gone(struct phone_session *s)
{
	if (s->gate) {
		phone_leave(s);
		phone_unlink(s);
		map_remove(&s->gate->sockets, map_key_u64(s->socket));
	}
	timer_stop(s->patience);
	buf_fini(&s->early);
}
