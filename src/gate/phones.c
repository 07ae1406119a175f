/* Which telephones are there, and what happens to them from elsewhere: see phone_session.h. */
#include "gate/phone_session.h"

/* A network that comes and goes leaves dead sockets behind: the oldest gives way. */
enum { SOCKETS_A_PHONE = 4 };

void phone_link(struct phone_session *s, struct phone_session **list)
{
	s->next = *list;
	s->at = list;
	if (s->next)
		s->next->at = &s->next;
	*list = s;
}

void phone_unlink(struct phone_session *s)
{
	*s->at = s->next;
	if (s->next)
		s->next->at = s->at;
}

struct phone_session *phone_find(const struct gate *g, uint64_t socket)
{
	return map_get(&g->sockets, map_key_u64(socket));
}

/* Back among the strangers; the telephone is forgotten with its last socket. */
void phone_leave(struct phone_session *s)
{
	struct phone *p = s->phone;

	if (!p)
		return;
	if (s->gate->options.sound)
		sound_source_gone(s->gate->options.sound, s->socket);
	phone_unlink(s);
	phone_link(s, &s->gate->strangers);
	s->phone = NULL;
	s->gate->figures.phones--;
	if (--p->count)
		return;
	map_remove(&s->gate->phones, p->device);
	free(p);
}

static struct phone *phone_of(struct gate *g, struct id device)
{
	struct phone *p = map_get(&g->phones, device);

	if (p)
		return p;
	p = xcalloc(1, sizeof(*p));
	p->device = device;
	map_set(&g->phones, device, p);
	return p;
}

void phone_end(struct phone_session *s, uint16_t code, struct str reason)
{
	phone_leave(s);
	if (map_remove(&s->gate->sockets, map_key_u64(s->socket)))
		s->line->close(s, code, reason);
}

static struct phone_session *oldest_of(const struct phone *p)
{
	struct phone_session *s = p->sessions;

	while (s->next)
		s = s->next;
	return s;
}

void phone_join(struct phone_session *s, struct id device, struct id alert)
{
	struct phone *p = phone_of(s->gate, device);

	if (p->count == SOCKETS_A_PHONE)
		phone_end(oldest_of(p), 1008, STR("trop de connexions"));
	phone_unlink(s);
	phone_link(s, &p->sessions);
	s->phone = p;
	p->count++;
	s->gate->figures.phones++;
	/* What was raised over another socket meanwhile is known here before it is read. */
	if (!id_is_none(alert))
		p->alert = alert;
}

void phone_follow(struct phone *p, struct id alert)
{
	if (id_eq(p->alert, alert))
		return;
	p->alert = alert;
	for (struct phone_session *s = p->sessions; s; s = s->next)
		phone_say_alert(s, alert);
}

bool phone_locate(struct gate *g, struct id device)
{
	struct phone *p = map_get(&g->phones, device);

	for (struct phone_session *s = p ? p->sessions : NULL; s; s = s->next)
		phone_say_locate(s);
	return p && p->sessions;
}

/* --- what happens elsewhere */

void gate_forget(struct gate *g, struct id device)
{
	struct phone *p = map_get(&g->phones, device);
	unsigned count = p ? p->count : 0;

	g->changes++;
	while (count--)
		phone_end(p->sessions, 4401, STR("enrôlé ailleurs"));
}

void gate_alert_closed(struct gate *g, struct id alert)
{
	struct id device;
	void *phone;

	g->changes++;
	for (size_t at = 0; map_next(&g->phones, &at, &device, &phone);) {
		struct phone *p = phone;

		if (id_eq(p->test, alert)) {
			p->test = ID_NONE;
		} else if (id_eq(p->alert, alert)) {
			p->alert = ID_NONE;
			p->ended = alert;
		} else {
			continue;
		}
		for (struct phone_session *s = p->sessions; s; s = s->next)
			phone_say_ended(s, alert);
	}
}

void gate_alert_painted(struct gate *g, struct id alert)
{
	struct id device;
	void *phone;

	for (size_t at = 0; map_next(&g->phones, &at, &device, &phone);) {
		struct phone *p = phone;

		for (struct phone_session *s = p->sessions; s && id_eq(p->test, alert); s = s->next)
			phone_say_shown(s, alert);
	}
}

void gate_visit_missed(struct gate *g, struct id device, struct id alert)
{
	struct phone *p = map_get(&g->phones, device);

	g->changes++;
	if (p)
		phone_follow(p, alert);
}

void gate_alert_reopened(struct gate *g, struct id alert)
{
	struct id device;
	void *phone;

	/* A hello that is being checked: what was read may be of before. */
	g->changes++;
	for (size_t at = 0; map_next(&g->phones, &at, &device, &phone);) {
		struct phone *p = phone;

		if (id_is_none(p->alert) && id_eq(p->ended, alert))
			phone_follow(p, alert);
	}
}

void gate_kept(struct gate *g, uint64_t socket, uint32_t epoch, uint32_t next)
{
	struct phone_session *s = phone_find(g, socket);

	if (s)
		phone_say_kept(s, epoch, next);
}

void gate_hang_up(struct gate *g, uint64_t socket, uint16_t code)
{
	struct phone_session *s = phone_find(g, socket);

	if (s)
		phone_end(s, code, STR_NONE);
}

static void orphan(struct phone_session *list)
{
	for (struct phone_session *s = list; s; s = s->next) {
		s->gate = NULL;
		timer_stop(s->patience);
		s->patience = NULL;
	}
}

void phones_forget(struct gate *g)
{
	struct id device;
	void *phone;

	orphan(g->strangers);
	for (size_t at = 0; map_next(&g->phones, &at, &device, &phone);) {
		orphan(((struct phone *)phone)->sessions);
		free(phone);
	}
	map_fini(&g->phones);
	map_fini(&g->sockets);
}
