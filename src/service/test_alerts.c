/*
 * Test alerts: what a real one goes through, marked ESSAI, and nobody is called. An operator walks
 * through theirs and closes it; one that a telephone asked for ends by itself, and tells its holder
 * how far it went (docs/protocol/phone.md).
 */
#include <errno.h>

#include "core/access.h"
#include "service/directory.h"
#include "service/raise.h"
#include "store/links.h"
#include "store/outbox.h"
#include "store/people.h"

enum {
	/* Of one telephone: a room hears of it each time. */
	TEST_EVERY_MS = 60 * 1000,
	/* Open at once: whoever tests, the list of a room stays one that is read at a glance. */
	TESTS_AT_ONCE = 16,
};

/* The room a device's alerts would come up in. */
static int room_of_device(struct work *w, const struct device *device, struct id *ret_room)
{
	struct official official;
	struct id unit = device->unit;

	if (!id_is_none(device->official)) {
		int r = official_load(w->vault, w->arena, device->official, &official);

		if (r && r != -ENOENT)
			return r;
		if (!r && !id_is_none(official.unit))
			unit = official.unit;
	}
	*ret_room = directory_unit_room(w->directory, unit);
	return 0;
}

static bool may_test(const struct command *command, struct id room)
{
	const struct actor *a = &command->actor;

	return a->kind != ACTOR_ACCOUNT ||
	       access_allows(a->roles, RIGHT_ALERT_TEST,
			     id_eq(room, a->room) ? RELATION_ROOM : RELATION_NONE);
}

/* An operator's may be made at any time. */
static int refuse_often(struct work *w, struct command *command, const struct device *device)
{
	int64_t open = 0;
	struct id last;
	bool is_rested;
	int r;

	if (command->actor.kind != ACTOR_DEVICE)
		return 0;
	r = seen_lookup(w->vault, device->id, STR("test"), w->now_ms - TEST_EVERY_MS, &is_rested,
			&last);
	if (!r)
		r = alerts_count_tests(w->vault, &open);
	if (r)
		return r;
	if (!is_rested)
		command_refuse(command, PROBLEM_TOO_MANY,
			       "Un essai de ce téléphone a eu lieu il y a moins d'une minute. "
			       "Patientez, puis recommencez.");
	else if (open >= TESTS_AT_ONCE)
		command_refuse(command, PROBLEM_TOO_MANY,
			       "Beaucoup d'essais ont lieu en ce moment. Recommencez dans quelques "
			       "minutes.");
	return 0;
}

static int remember(struct work *w, struct command *command, struct id alert)
{
	int r = 0;

	if (command->key.ptr)
		r = seen_insert(w->vault, command->actor.id, command->key, alert, w->now_ms);
	if (!r && command->actor.kind == ACTOR_DEVICE)
		r = seen_insert(w->vault, command->actor.id, STR("test"), alert, w->now_ms);
	return r;
}

/* Raises it, unless one of this device runs already. Whether a real alert is open changes nothing:
 * who holds the telephone does not learn from a test that help was called. */
static int start_test(struct work *w, struct command *command, const struct device *device,
		      struct case_file *c)
{
	struct open_alerts open;
	int r = alerts_open_of_device(w->vault, device->id, &open);

	if (r)
		return r;
	if (!id_is_none(open.test)) {
		command_refuse(command, PROBLEM_CONFLICT,
			       "Un essai de cet appareil est déjà en cours : terminez-le d'abord.");
		return 0;
	}
	r = refuse_often(w, command, device);
	if (r || command->outcome.problem)
		return r;
	r = raise_alert(w, command, device, true, 0, TIME_NONE, c);
	return r ? r : remember(w, command, c->alert.id);
}

/* What else would have to work for a real call. */
static int fill_facts(struct work *w, struct command *command, const struct device *device,
		      struct id room, const struct case_file *c)
{
	struct test_facts *facts = &command->as.test.facts;
	int64_t overdue_ms = w->now_ms - w->ladder->message_sent_s * 1000LL;
	int r = message_last(w->vault, &facts->sms, &facts->sms_at_ms);

	if (r == -ENOENT) {
		facts->sms = MESSAGE_NONE;
		r = 0;
	}
	if (!r)
		r = messages_count_due(w->vault, overdue_ms, &facts->sms_late);
	facts->has_sms = w->options->sms_routes > 0;
	facts->room = room;
	facts->room_name = command_keep(command, directory_unit_name(w->directory, room));
	facts->contacts = c->alert.contact_count;
	facts->granted = device->enabled;
	facts->painted = c->alert.painted_at_ms != TIME_NONE;
	command->outcome.in_alert = alert_is_open(&c->alert);
	return r;
}

int handle_test_alert(struct work *w, struct command *command)
{
	struct device device;
	struct case_file c;
	struct id room = ID_NONE, made;
	bool is_new;
	int r = device_load(w->vault, command->subject, &device);

	if (!r)
		r = room_of_device(w, &device, &room);
	if (r && r != -ENOENT)
		return r;
	if (r || !may_test(command, room)) {
		command_refuse(command, PROBLEM_NOT_FOUND,
			       "Cet appareil n'est pas connu de votre salle.");
		return 0;
	}
	r = work_is_new(w, command, command->key, &is_new, &made);
	if (!r)
		r = is_new ? start_test(w, command, &device, &c) : case_load(w, made, &c);
	command->outcome.repeated = !is_new;
	if (r || command->outcome.problem)
		return r;
	if (command->actor.kind == ACTOR_DEVICE)
		r = fill_facts(w, command, &device, room, &c);
	return r ? r : case_finish(w, command, &c);
}
