/* What a visit announced beforehand makes of its time: the reminder, the clock that is set, another
 * telephone in the place of the one it was announced on. */
#include <errno.h>

#include "base/clock.h"
#include "service/house_time.h"
#include "store/visits.h"
#include "town.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

#define PIN "7031"
#define DURESS "9264"

/* Keeps `typed` in the command, as the gate does. */
static struct command *say(enum verb verb, const char *typed, int64_t duration_ms)
{
	struct command *c = command_new(verb, (struct actor){ACTOR_DEVICE, town.watch, 0, ID_NONE});

	c->text = command_keep(c, STR("Ferme des Aulnes"));
	c->name = command_keep(c, STR("M. Ferrand"));
	c->token = command_keep(c, typed ? str_from(typed) : STR_NONE);
	c->as.code.typed = c->token;
	c->as.code.at_ms = office_now_ms;
	c->as.code.duration_ms = duration_ms;
	return office_run(c);
}

static void choose_codes(void)
{
	struct command *c =
		command_new(VERB_PINS, (struct actor){ACTOR_DEVICE, town.watch, 0, ID_NONE});

	c->token = command_keep(c, STR(PIN DURESS));
	c->as.code.typed = STR("");
	c->as.code.pin = str_slice(c->token, 0, strlen(PIN));
	c->as.code.duress = str_slice(c->token, strlen(PIN), strlen(PIN DURESS));
	assert_done(office_run(c));
}

static struct visit announced(int64_t duration_ms)
{
	struct visit visit;

	assert_done(say(VERB_ANNOUNCE, NULL, duration_ms));
	assert_int_equal(visit_of_device(office_vault(), town.watch, &visit), 0);
	return visit;
}

static size_t reminders(const struct visit *visit)
{
	struct message list[4];
	size_t count = town_messages(visit->id, NULL, list, 4);

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(list[i].kind, OUTBOX_VISIT);
		/* No word of the clock, the place, the person, or an alert. */
		assert_true(str_eq(list[i].text,
				   STR("Rappel : votre rendez-vous se termine dans quelques "
				       "minutes. Confirmez ou prolongez.")));
	}
	return count;
}

static void open_town(void)
{
	town_open();
	choose_codes();
}

static void test_five_minutes_before_its_end_an_sms_reminds_once(void **state)
{
	struct visit visit;

	open_town();
	visit = announced(HOUR_MS);
	town_wait_until(visit.due_at_ms - VISIT_REMINDER_MS - 1);
	assert_int_equal(reminders(&visit), 0);
	town_wait_until(visit.due_at_ms - 1);
	assert_int_equal(reminders(&visit), 1);
	assert_int_equal(town_count("alert"), 0);
	town_wait_until(visit.due_at_ms);
	assert_int_equal(reminders(&visit), 1);
	assert_int_equal(town_count("alert"), 1);
	town_close();
}

static void test_a_visit_that_is_prolonged_reminds_again_and_a_short_one_never(void **state)
{
	struct visit visit;

	open_town();
	visit = announced(4 * MINUTE_MS);
	town_wait_until(visit.due_at_ms - 1);
	assert_int_equal(reminders(&visit), 0);
	assert_done(say(VERB_EXTEND, PIN, HOUR_MS));
	town_wait_until(visit.due_at_ms + HOUR_MS - 1);
	assert_int_equal(reminders(&visit), 1);
	assert_int_equal(town_count("alert"), 0);
	town_close();
}

/* No telephone may show anything then. */
static void test_nothing_reminds_while_help_is_on_its_way(void **state)
{
	struct visit visit;

	open_town();
	visit = announced(HOUR_MS);
	town_alert();
	town_wait_until(visit.due_at_ms);
	assert_int_equal(reminders(&visit), 0);
	town_close();
}

static void test_nothing_reminds_who_prolonged_under_duress(void **state)
{
	struct visit visit;

	open_town();
	visit = announced(HOUR_MS);
	assert_done(say(VERB_EXTEND, DURESS, HOUR_MS));
	assert_int_equal(town_count("alert"), 1);
	town_wait_until(visit.due_at_ms + HOUR_MS - 1);
	assert_int_equal(reminders(&visit), 0);
	town_close();
}

/* Whether its last reminder is still to leave: no gateway has taken it. */
static bool reminder_waits(const struct visit *visit)
{
	struct message list[4];
	size_t count = town_messages(visit->id, NULL, list, 4);

	return count && list[count - 1].next_at_ms != TIME_NONE;
}

static void test_a_reminder_that_has_not_left_does_not_leave_once_help_was_called(void **state)
{
	struct visit visit;

	open_town();
	visit = announced(HOUR_MS);
	town_wait_until(visit.due_at_ms - MINUTE_MS);
	assert_true(reminder_waits(&visit));
	town_alert();
	assert_false(reminder_waits(&visit));
	town_close();
}

static void test_a_reminder_that_has_not_left_does_not_leave_once_it_is_prolonged(void **state)
{
	struct visit visit;

	open_town();
	visit = announced(HOUR_MS);
	town_wait_until(visit.due_at_ms - MINUTE_MS);
	assert_true(reminder_waits(&visit));
	assert_done(say(VERB_EXTEND, PIN, HOUR_MS));
	assert_false(reminder_waits(&visit));
	town_close();
}

static void test_extensions_that_race_add_up_and_one_said_twice_counts_once(void **state)
{
	struct visit visit, longer;
	struct command *again;

	open_town();
	visit = announced(HOUR_MS);
	assert_done(say(VERB_EXTEND, PIN, HOUR_MS));
	again = say(VERB_EXTEND, PIN, HOUR_MS);
	assert_true(again->outcome.repeated);
	assert_true(again->outcome.right);
	office_now_ms++;
	assert_done(say(VERB_EXTEND, PIN, HOUR_MS));
	assert_int_equal(visit_load(office_vault(), visit.id, &longer), 0);
	assert_int_equal(longer.due_at_ms, visit.due_at_ms + 2 * HOUR_MS);
	town_wait_until(longer.due_at_ms - 1);
	assert_int_equal(town_count("alert"), 0);
	town_wait_until(longer.due_at_ms);
	assert_int_equal(town_count("alert"), 1);
	town_close();
}

static void test_who_is_told_that_it_is_over_is_reminded_of_nothing(void **state)
{
	struct visit visit;
	int64_t waiting;

	open_town();
	visit = announced(HOUR_MS);
	town_wait_until(visit.due_at_ms - VISIT_REMINDER_MS);
	assert_int_equal(messages_waiting(office_vault(), &waiting), 0);
	assert_int_equal(waiting, 1);
	for (int i = 0; i < 6; i++) {
		office_now_ms++;
		say(VERB_CODE, "1111", 0);
	}
	assert_int_equal(visit_of_device(office_vault(), town.watch, &visit), -ENOENT);
	assert_int_equal(messages_waiting(office_vault(), &waiting), 0);
	assert_int_equal(waiting, 0);
	/* It is due all the same. */
	town_wait_until(visit.due_at_ms);
	assert_int_equal(town_count("alert"), 1);
	town_close();
}

static void test_a_wrong_code_is_said_wrong_and_another_refusal_is_not(void **state)
{
	struct command *c;

	open_town();
	announced(HOUR_MS);
	c = say(VERB_EXTEND, PIN, 12 * (int64_t)HOUR_MS);
	assert_refused(c, PROBLEM_INVALID, "Une visite dure au plus douze heures.");
	assert_true(c->outcome.right);
	office_now_ms++;
	c = say(VERB_EXTEND, "1111", MINUTE_MS);
	assert_refused(c, PROBLEM_INVALID, "Ce code n'est pas le bon.");
	assert_false(c->outcome.right);
	town_close();
}

/* Without codes, whoever holds the telephone would end it. */
static void test_codes_are_not_taken_away_while_somebody_is_waited_for(void **state)
{
	char json[100], device[ID_TEXT_SIZE];

	open_town();
	announced(HOUR_MS);
	id_print(town.watch, device);
	snprintf(json, sizeof(json), "{\"device\":\"%s\"}", device);
	assert_refused(office_control("device.pins", json), PROBLEM_CONFLICT,
		       "Une visite annoncée de cet appareil est en cours.");
	office_now_ms++;
	assert_done(say(VERB_CODE, PIN, 0));
	assert_done(office_control("device.pins", json));
	town_close();
}

/* Who sets the clock by an hour, as daylight saving once did, makes nobody late. */
static void test_a_clock_that_is_set_leaves_it_due_as_far_away(void **state)
{
	struct visit visit, later;
	bool told = false;

	open_town();
	office_now_ms = clock_now_ms();
	visit = announced(HOUR_MS);
	clock_shift_ms(-HOUR_MS);
	house_time_follow(office_vault(), &told);
	assert_true(clock_wall_ahead_ms() < 1000);
	assert_int_equal(visit_load(office_vault(), visit.id, &later), 0);
	assert_true(later.due_at_ms - visit.due_at_ms >= HOUR_MS - 1000 &&
		    later.due_at_ms - visit.due_at_ms <= HOUR_MS + 1000);
	/* What looks at it moved along. */
	town_wait_until(later.due_at_ms - 1);
	assert_int_equal(reminders(&visit), 1);
	assert_int_equal(town_count("alert"), 0);
	town_wait_until(later.due_at_ms);
	assert_int_equal(town_count("alert"), 1);
	town_close();
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_BOTH, test_five_minutes_before_its_end_an_sms_reminds_once),
		on(ON_SQLITE, test_a_visit_that_is_prolonged_reminds_again_and_a_short_one_never),
		on(ON_SQLITE, test_nothing_reminds_while_help_is_on_its_way),
		on(ON_SQLITE, test_nothing_reminds_who_prolonged_under_duress),
		on(ON_BOTH, test_a_reminder_that_has_not_left_does_not_leave_once_help_was_called),
		on(ON_SQLITE,
		   test_a_reminder_that_has_not_left_does_not_leave_once_it_is_prolonged),
		on(ON_SQLITE, test_extensions_that_race_add_up_and_one_said_twice_counts_once),
		on(ON_SQLITE, test_who_is_told_that_it_is_over_is_reminded_of_nothing),
		on(ON_SQLITE, test_a_wrong_code_is_said_wrong_and_another_refusal_is_not),
		on(ON_SQLITE, test_codes_are_not_taken_away_while_somebody_is_waited_for),
		on(ON_BOTH, test_a_clock_that_is_set_leaves_it_due_as_far_away),
	};

	return run_on_databases("visits", tests, ARRAY_LEN(tests), db_migrate);
}
