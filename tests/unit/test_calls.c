/* Calls to 17 as time passes, on a whole service. */
#include <errno.h>

#include "base/limits.h"
#include "core/access.h"
#include "crypto/random.h"
#include "office.h"
#include "store/emergency_calls.h"
#include "store/journal.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

static struct id ring_in(const char *room, const char *key, const char *number)
{
	struct command *c = command_new(VERB_SWITCH, (struct actor){.kind = ACTOR_SWITCH});

	c->key = command_keep(c, str_from(key));
	c->number = command_keep(c, str_from(number));
	c->text = command_keep(c, STR("17"));
	c->as.call.room = command_keep(c, str_from(room));
	c->as.call.event = CALL_RANG;
	office_run(c);
	assert_int_equal(c->outcome.problem, PROBLEM_NONE);
	return c->outcome.subject;
}

static struct id ring(const char *key, const char *number)
{
	return ring_in("", key, number);
}

/* The telephone was at that latitude (°) then. */
static void locate(const char *number, int lat, int64_t at_ms)
{
	struct command *c = command_new(VERB_LOCATION, (struct actor){.kind = ACTOR_GATEWAY});

	c->number = command_keep(c, str_from(number));
	c->as.call.position =
		(struct position){.known = true, .lat_e7 = lat * 10000000, .at_ms = at_ms};
	office_run(c);
	assert_int_equal(c->outcome.problem, PROBLEM_NONE);
}

/* Degrees; -1: not known. */
static int latitude_of(struct id call)
{
	struct stored_fix fix;

	return emergency_call_fix(office_vault(), call, &fix) ? -1 : fix.lat_e7 / 10000000;
}

static void hang_up(const char *key)
{
	struct command *c = command_new(VERB_SWITCH, (struct actor){.kind = ACTOR_SWITCH});

	c->key = command_keep(c, str_from(key));
	c->as.call.event = CALL_HUNG_UP;
	office_run(c);
}

static void minute_passes(int64_t to_ms)
{
	office_now_ms = to_ms;
	office_keep_house();
}

static int load(struct id call, struct emergency_call *ret_call)
{
	struct arena arena = ARENA_INIT;
	struct call_face face;
	int r = emergency_call_load(office_vault(), &arena, call, ret_call, &face);

	arena_fini(&arena);
	return r;
}

static enum call_state state_of(struct id call)
{
	struct emergency_call c;

	assert_int_equal(load(call, &c), 0);
	return call_state_of(&c);
}

static void test_a_missed_call_stays_a_day(void **state)
{
	struct id call;

	office_open();
	office_room();
	call = ring("one", "0639980001");
	hang_up("one");
	minute_passes(TEST_NOW_MS + DAY_MS);
	assert_int_equal(state_of(call), CALL_MISSED);
	minute_passes(TEST_NOW_MS + DAY_MS + 1);
	assert_int_equal(state_of(call), CALL_CLOSED);
	office_close();
}

static void test_a_clock_set_years_ahead_ends_no_call(void **state)
{
	struct id call;

	office_open();
	office_room();
	call = ring("one", "0639980001");
	office_keep_house();
	office_ahead_ms = 1500 * DAY_MS;
	minute_passes(TEST_NOW_MS + office_ahead_ms);
	assert_int_equal(state_of(call), CALL_RINGING);
	office_ahead_ms = 0;
	minute_passes(TEST_NOW_MS + DAY_MS + 1);
	assert_int_equal(state_of(call), CALL_CLOSED);
	office_close();
}

static void test_a_damaged_call_keeps_no_other_open(void **state)
{
	struct id call;

	office_open();
	office_room();
	ring("one", "0639980001");
	assert_int_equal(db_execute(vault_db(office_vault()), "UPDATE emergency_call SET face ="
							      " switch_key"),
			 0);
	call = ring("two", "0639980002");
	minute_passes(TEST_NOW_MS + DAY_MS + 1);
	assert_int_equal(office_failed, 1);
	assert_int_equal(state_of(call), CALL_CLOSED);
	office_close();
}

static void test_a_closed_call_is_destroyed_two_years_later_and_the_tree_verifies(void **state)
{
	struct emergency_call c;
	struct id call, other;
	int64_t closed_ms = TEST_NOW_MS + DAY_MS + 1, number;

	office_open();
	office_room();
	call = ring("one", "0639980001");
	minute_passes(closed_ms);
	office_now_ms = closed_ms + DAY_MS;
	other = ring("two", "0639980002");
	/* 29 February is among them. */
	minute_passes(closed_ms + 731 * DAY_MS - 1);
	assert_int_equal(load(call, &c), 0);
	minute_passes(closed_ms + 731 * DAY_MS);
	assert_int_equal(load(call, &c), -ENOENT);
	assert_int_equal(load(other, &c), 0);
	assert_int_equal(journal_verify(office_vault(), NULL, &number), 0);
	office_close();
}

static void test_a_name_the_switch_uses_again_is_another_call(void **state)
{
	struct id first, again;

	office_open();
	office_room();
	first = ring("1", "0639980001");
	hang_up("1");
	office_now_ms += 12 * HOUR_MS;
	assert_true(id_eq(ring("1", "0639980001"), first));
	office_now_ms += 1;
	again = ring("1", "0639980002");
	assert_false(id_eq(first, again));
	assert_int_equal(state_of(again), CALL_RINGING);
	office_close();
}

static void test_the_place_of_a_telephone_joins_its_newest_calls(void **state)
{
	struct id calls[6];
	char key[2] = "a";

	office_open();
	office_room();
	for (size_t i = 0; i < ARRAY_LEN(calls); i++, key[0]++) {
		office_now_ms += 1000;
		calls[i] = ring(key, "0639980001");
	}
	locate("0639980001", 46, office_now_ms);
	assert_int_equal(latitude_of(calls[5]), 46);
	assert_int_equal(latitude_of(calls[2]), 46);
	assert_int_equal(latitude_of(calls[1]), -1);
	office_close();
}

static void test_an_older_place_that_comes_later_does_not_wait_for_the_call(void **state)
{
	office_open();
	office_room();
	locate("0639980001", 46, TEST_NOW_MS);
	office_now_ms += 5000;
	locate("0639980001", 47, TEST_NOW_MS - 1000);
	assert_int_equal(latitude_of(ring("one", "0639980001")), 46);
	locate("0639980002", 46, TEST_NOW_MS);
	locate("0639980002", 48, TEST_NOW_MS + 1000);
	assert_int_equal(latitude_of(ring("two", "0639980002")), 48);
	/* A clock that is ahead hides nothing that is said after it. */
	locate("0639980003", 46, TEST_NOW_MS + DAY_MS);
	office_now_ms += 1000;
	locate("0639980003", 49, office_now_ms);
	assert_int_equal(latitude_of(ring("three", "0639980003")), 49);
	office_close();
}

static void claim(struct id call, struct id room)
{
	struct command *c = command_new(VERB_CALL, (struct actor){.kind = ACTOR_ACCOUNT,
								  .id = random_id_v7(TEST_NOW_MS),
								  .roles = ROLE_OPERATOR,
								  .room = room});

	c->subject = call;
	c->as.call.event = CALL_CLAIM;
	office_run(c);
	assert_int_equal(c->outcome.problem, PROBLEM_NONE);
}

/* An internal number is nobody's; a withheld one may be anybody's. */
static void test_a_number_that_cannot_be_parsed_is_not_withheld(void **state)
{
	static const struct {
		const char *number;
		enum call_state then;
	} rows[] = {{"4512", CALL_CLOSED}, {"anonymous@17.example", CALL_ENDED}, {"", CALL_ENDED}};
	struct id call, room;
	char key[16];

	office_open();
	room = office_room();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(key, sizeof(key), "call-%zu", i);
		call = ring(key, rows[i].number);
		claim(call, room);
		hang_up(key);
		assert_int_equal(state_of(call), rows[i].then);
	}
	office_close();
}

static int count_call(void *context, struct id id)
{
	++*(int *)context;
	return 0;
}

static void test_the_calls_of_another_room_hide_none(void **state)
{
	char key[16];
	int count = 0;
	struct id room;

	office_open();
	room = office_room();
	office_id(office_control("unit.add", "{\"name\":\"Autre salle\",\"kind\":\"room\"}"));
	ring_in("Salle", "ours", "0639980001");
	for (int i = 0; i < LIMIT_OPEN_CALLS; i++) {
		office_now_ms++;
		snprintf(key, sizeof(key), "theirs-%d", i);
		ring_in("Autre salle", key, "0639980002");
	}
	assert_int_equal(
		emergency_calls_open(office_vault(), room, LIMIT_OPEN_CALLS, count_call, &count),
		0);
	assert_int_equal(count, 1);
	office_close();
}

static int keep_first(void *context, struct id id)
{
	struct id *first = context;

	if (id_is_none(*first))
		*first = id;
	return 0;
}

/* Who waits is not hidden by those who are being helped. */
static void test_a_call_that_nobody_has_is_listed_before_those_that_are_held(void **state)
{
	struct id room, missed, first = ID_NONE;
	char key[16];

	office_open();
	room = office_room();
	missed = ring("missed", "0639980001");
	hang_up("missed");
	for (int i = 0; i < LIMIT_OPEN_CALLS; i++) {
		office_now_ms++;
		snprintf(key, sizeof(key), "held-%d", i);
		claim(ring(key, "0639980002"), room);
	}
	assert_int_equal(
		emergency_calls_open(office_vault(), room, LIMIT_OPEN_CALLS, keep_first, &first),
		0);
	assert_true(id_eq(first, missed));
	office_close();
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_BOTH, test_a_missed_call_stays_a_day),
		on(ON_BOTH, test_a_clock_set_years_ahead_ends_no_call),
		on(ON_BOTH, test_a_damaged_call_keeps_no_other_open),
		on(ON_BOTH, test_a_closed_call_is_destroyed_two_years_later_and_the_tree_verifies),
		on(ON_BOTH, test_a_name_the_switch_uses_again_is_another_call),
		on(ON_BOTH, test_the_place_of_a_telephone_joins_its_newest_calls),
		on(ON_BOTH, test_an_older_place_that_comes_later_does_not_wait_for_the_call),
		on(ON_SQLITE, test_a_number_that_cannot_be_parsed_is_not_withheld),
		on(ON_BOTH, test_the_calls_of_another_room_hide_none),
		on(ON_BOTH, test_a_call_that_nobody_has_is_listed_before_those_that_are_held),
	};

	return run_on_databases("calls to 17", tests, ARRAY_LEN(tests), db_migrate);
}
