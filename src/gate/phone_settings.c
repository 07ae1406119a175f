/* What a telephone that is there may do, changed from elsewhere: see phone_session.h. */
#include "gate/phone_session.h"

struct settings {
	struct job job;
	struct gate *gate;
	uint64_t changes;
	struct id device;
	struct phone_facts facts;
	int error;
};

static void look_up(struct job *job, struct reader *reader)
{
	struct settings *m = (struct settings *)(void *)job;

	struct arena arena = ARENA_INIT;

	m->error = reader_phone_facts(reader, &arena, m->device, &m->facts);
	m->facts.visit = STR_NONE; /* told by itself when it changes */
	arena_fini(&arena);
}

static bool ask(struct settings *m)
{
	m->changes = m->gate->changes;
	return !readers_submit(m->gate->options.readers, &m->job);
}

/* Sound that is not taken any more has no source. */
static void follow(struct phone *p, const struct phone_facts *facts, struct sound *sound)
{
	p->no_sound = facts->no_sound;
	for (struct phone_session *s = p->sessions; s; s = s->next) {
		if (sound && p->no_sound)
			sound_source_gone(sound, s->socket);
		phone_say_settings(s, p->no_sound ? NULL : sound, facts);
	}
}

static void on_looked_up(void *arg)
{
	struct settings *m = arg;
	struct phone *p = map_get(&m->gate->phones, m->device);

	/* Changed once more: what was read may be of before. */
	if (p && !m->error && m->changes != m->gate->changes && ask(m))
		return;
	if (p && !m->error)
		follow(p, &m->facts, m->gate->options.sound);
	free(m);
}

void gate_changed(struct gate *g, struct id device)
{
	struct settings *m;

	g->changes++;
	if (!map_get(&g->phones, device))
		return;
	m = xcalloc(1, sizeof(*m));
	*m = (struct settings){.job = {look_up, on_looked_up}, .gate = g, .device = device};
	/* The readers have too much to do: the telephone learns it with its next hello. */
	if (!ask(m))
		free(m);
}
