/* A call to 17, whatever order things are said in. */
#include "core/emergency_call.h"

#include "test.h"

enum { SECOND_MS = 1000 };

static int64_t now_ms;

static struct id id_of(uint8_t n)
{
	return (struct id){{n}};
}

static struct emergency_call fresh(void)
{
	now_ms = 1795388400000;
	return (struct emergency_call){.id = id_of(1),
				       .room = id_of(2),
				       .rang_at_ms = TIME_NONE,
				       .answered_at_ms = TIME_NONE,
				       .ended_at_ms = TIME_NONE,
				       .claimed_at_ms = TIME_NONE,
				       .offered_at_ms = TIME_NONE,
				       .closed_at_ms = TIME_NONE};
}

/* The entry it makes; a refusal fails. */
static enum entry_kind step(struct emergency_call *c, struct call_step s)
{
	enum entry_kind kind;

	now_ms += SECOND_MS;
	assert_int_equal(call_may(c, &s, now_ms), CALL_REFUSAL_NONE);
	assert_int_equal(call_apply(c, &s, now_ms, &kind), CALL_REFUSAL_NONE);
	return kind;
}

static enum call_refusal refused(struct emergency_call *c, struct call_step s)
{
	struct emergency_call before = *c;
	enum entry_kind kind;
	enum call_refusal refusal = call_apply(c, &s, now_ms, &kind);

	assert_int_equal(kind, ENTRY_NONE);
	assert_int_equal(call_may(c, &s, now_ms), refusal);
	assert_memory_equal(&before, c, sizeof(before));
	return refusal;
}

#define step(call, what, ...) step(call, (struct call_step){.event = what, ##__VA_ARGS__})
#define refused(call, what, ...) refused(call, (struct call_step){.event = what, ##__VA_ARGS__})

static struct emergency_call rung(void)
{
	struct emergency_call c = fresh();

	assert_int_equal(step(&c, CALL_RANG), ENTRY_CALL_RANG);
	assert_int_equal(call_state_of(&c), CALL_RINGING);
	return c;
}

static void test_a_call_of_nobody_registered_ends_with_its_line(void **state)
{
	struct emergency_call c = rung();

	assert_int_equal(step(&c, CALL_ANSWERED), ENTRY_CALL_ANSWERED);
	assert_int_equal(call_state_of(&c), CALL_TALKING);
	assert_int_equal(step(&c, CALL_HUNG_UP), ENTRY_CALL_HUNG_UP);
	assert_int_equal(call_state_of(&c), CALL_CLOSED);
}

static void test_who_has_a_withheld_call_wraps_it_up(void **state)
{
	struct emergency_call held = rung(), free = rung();

	held.withheld = free.withheld = true;
	step(&held, CALL_ANSWERED, .by = id_of(7));
	step(&held, CALL_HUNG_UP);
	assert_int_equal(call_state_of(&held), CALL_ENDED);
	assert_int_equal(step(&held, CALL_IDENTIFY, .by = id_of(7), .official = id_of(9)),
			 ENTRY_CALL_IDENTIFIED);
	assert_int_equal(step(&held, CALL_JOIN, .by = id_of(7), .alert = id_of(5)),
			 ENTRY_CALL_JOINED);
	/* At an extension that is nobody's: nobody is there to wrap it up. */
	step(&free, CALL_ANSWERED);
	step(&free, CALL_HUNG_UP);
	assert_int_equal(call_state_of(&free), CALL_CLOSED);
}

static void test_a_call_that_was_kept_waits_for_its_wrap_up(void **state)
{
	struct emergency_call c = rung();

	step(&c, CALL_ANSWERED, .by = id_of(7));
	assert_int_equal(step(&c, CALL_CLAIM, .by = id_of(7)), ENTRY_CALL_CLAIMED);
	assert_int_equal(step(&c, CALL_CLAIM, .by = id_of(7)), ENTRY_NONE);
	step(&c, CALL_HUNG_UP);
	assert_int_equal(call_state_of(&c), CALL_ENDED);
	step(&c, CALL_CLOSE, .by = id_of(7));
	assert_int_equal(call_state_of(&c), CALL_CLOSED);
}

static void test_a_call_of_somebody_registered_waits_for_its_wrap_up(void **state)
{
	struct emergency_call c = rung();

	step(&c, CALL_CLAIM, .by = id_of(7), .matches = 1, .official = id_of(9));
	assert_true(id_eq(c.official, id_of(9)));
	step(&c, CALL_HUNG_UP);
	assert_int_equal(call_state_of(&c), CALL_ENDED);
	assert_int_equal(
		step(&c, CALL_CLOSE, .by = id_of(7), .follow = FOLLOW_NONE, .has_text = true),
		ENTRY_CALL_CLOSED);
	assert_int_equal(call_state_of(&c), CALL_CLOSED);
}

static void test_what_comes_of_a_call_of_somebody_registered_is_said(void **state)
{
	struct emergency_call c = rung(), joined, gone;

	step(&c, CALL_CLAIM, .by = id_of(7), .matches = 1, .official = id_of(9));
	joined = gone = c;
	assert_int_equal(refused(&c, CALL_CLOSE, .by = id_of(7)), CALL_REFUSAL_UNSAID);
	/* What the note says is not what follows; an alert that is to follow has the call first. */
	assert_int_equal(refused(&c, CALL_CLOSE, .by = id_of(7), .has_text = true),
			 CALL_REFUSAL_UNSAID);
	assert_int_equal(refused(&c, CALL_CLOSE, .by = id_of(7), .follow = FOLLOW_OPEN),
			 CALL_REFUSAL_UNSAID);
	assert_int_equal(refused(&c, CALL_CLOSE, .by = id_of(7), .follow = FOLLOW_NONE),
			 CALL_REFUSAL_WHY);
	assert_int_equal(refused(&c, CALL_CLOSE, .by = id_of(8), .follow = FOLLOW_NONE),
			 CALL_REFUSAL_TAKEN);
	step(&joined, CALL_JOIN, .by = id_of(7), .alert = id_of(5));
	assert_int_equal(step(&joined, CALL_CLOSE, .by = id_of(7)), ENTRY_CALL_CLOSED);
	assert_int_equal(step(&gone, CALL_CLOSE, .by = id_of(7), .gone = true), ENTRY_CALL_CLOSED);
}

static void test_a_missed_call_stays_until_somebody_takes_it(void **state)
{
	struct emergency_call c = rung();

	step(&c, CALL_HUNG_UP);
	assert_int_equal(call_state_of(&c), CALL_MISSED);
	assert_int_equal(refused(&c, CALL_CLOSE, .by = id_of(7)), CALL_REFUSAL_NOT_TAKEN);
	step(&c, CALL_CLAIM, .by = id_of(7));
	assert_int_equal(call_state_of(&c), CALL_ENDED);
	step(&c, CALL_CLOSE, .by = id_of(7));
	assert_int_equal(call_state_of(&c), CALL_CLOSED);
}

static void test_what_nobody_ended_or_took_ends_with_the_day(void **state)
{
	struct emergency_call c = rung();

	assert_int_equal(step(&c, CALL_EXPIRE), ENTRY_CALL_CLOSED);
	assert_int_equal(call_state_of(&c), CALL_CLOSED);
	assert_int_equal(step(&c, CALL_EXPIRE), ENTRY_NONE);
}

static void test_one_has_it_and_a_chief_may_take_it_over(void **state)
{
	struct emergency_call c = rung();

	step(&c, CALL_CLAIM, .by = id_of(7));
	assert_int_equal(refused(&c, CALL_CLAIM, .by = id_of(8)), CALL_REFUSAL_TAKEN);
	assert_int_equal(refused(&c, CALL_IDENTIFY, .by = id_of(8), .official = id_of(9)),
			 CALL_REFUSAL_TAKEN);
	assert_int_equal(step(&c, CALL_CLAIM, .by = id_of(8), .is_supervisor = true),
			 ENTRY_CALL_CLAIMED);
	assert_true(id_eq(c.claimed_by, id_of(8)));
	/* Nobody takes a call from somebody to see it vanish. */
	step(&c, CALL_HUNG_UP);
	assert_int_equal(call_state_of(&c), CALL_ENDED);
}

static void test_who_lifts_the_receiver_has_it_whoever_pressed_the_key(void **state)
{
	struct emergency_call c = rung();

	step(&c, CALL_CLAIM, .by = id_of(7));
	assert_int_equal(step(&c, CALL_ANSWERED, .by = id_of(8)), ENTRY_CALL_ANSWERED);
	assert_true(id_eq(c.claimed_by, id_of(8)));
	/* An extension nobody is known at takes nothing from who has it. */
	assert_int_equal(step(&c, CALL_ANSWERED), ENTRY_NONE);
	assert_true(id_eq(c.claimed_by, id_of(8)));
}

static void test_who_was_chosen_stays_when_another_takes_over(void **state)
{
	struct emergency_call c = rung();

	step(&c, CALL_CLAIM, .by = id_of(7), .matches = 2);
	assert_int_equal(step(&c, CALL_IDENTIFY, .by = id_of(7), .official = id_of(9)),
			 ENTRY_CALL_IDENTIFIED);
	assert_int_equal(step(&c, CALL_IDENTIFY, .by = id_of(7), .official = id_of(9)), ENTRY_NONE);
	step(&c, CALL_CLAIM, .by = id_of(8), .is_supervisor = true, .matches = 2);
	assert_true(id_eq(c.official, id_of(9)));
}

static void test_what_is_said_twice_or_too_late_changes_nothing(void **state)
{
	struct emergency_call c = rung();

	assert_int_equal(step(&c, CALL_RANG), ENTRY_NONE);
	step(&c, CALL_ANSWERED, .by = id_of(7), .matches = 1, .official = id_of(9));
	assert_int_equal(step(&c, CALL_ANSWERED, .by = id_of(7)), ENTRY_NONE);
	step(&c, CALL_HUNG_UP);
	assert_int_equal(step(&c, CALL_HUNG_UP), ENTRY_NONE);
	assert_int_equal(step(&c, CALL_ANSWERED, .by = id_of(8)), ENTRY_NONE);
	step(&c, CALL_JOIN, .by = id_of(7), .alert = id_of(5));
	assert_int_equal(step(&c, CALL_JOIN, .by = id_of(7), .alert = id_of(5)), ENTRY_NONE);
	step(&c, CALL_CLOSE, .by = id_of(7));
	assert_int_equal(step(&c, CALL_LOCATED), ENTRY_NONE);
	assert_int_equal(refused(&c, CALL_CLAIM, .by = id_of(7)), CALL_REFUSAL_CLOSED);
	assert_int_equal(refused(&c, CALL_CLOSE, .by = id_of(7)), CALL_REFUSAL_CLOSED);
}

static void test_a_call_that_is_offered_is_its_holders_until_it_is_accepted(void **state)
{
	struct emergency_call c = rung();

	step(&c, CALL_CLAIM, .by = id_of(5));
	assert_int_equal(refused(&c, CALL_ACCEPT, .by = id_of(6)), CALL_REFUSAL_NOT_OFFERED);
	assert_int_equal(refused(&c, CALL_OFFER, .by = id_of(6)), CALL_REFUSAL_TAKEN);
	assert_int_equal(step(&c, CALL_OFFER, .by = id_of(5)), ENTRY_CALL_OFFERED);
	assert_int_equal(step(&c, CALL_OFFER, .by = id_of(5)), ENTRY_NONE);
	assert_int_equal(refused(&c, CALL_ACCEPT, .by = id_of(5)), CALL_REFUSAL_NOT_OFFERED);
	assert_true(id_eq(c.claimed_by, id_of(5)));
	assert_int_equal(step(&c, CALL_WITHDRAW, .by = id_of(5)), ENTRY_CALL_OFFER_WITHDRAWN);
	assert_int_equal(refused(&c, CALL_ACCEPT, .by = id_of(6)), CALL_REFUSAL_NOT_OFFERED);
	step(&c, CALL_OFFER, .by = id_of(5));
	assert_int_equal(step(&c, CALL_ACCEPT, .by = id_of(6)), ENTRY_CALL_ACCEPTED);
	/* Who takes one that is offered accepts it. */
	step(&c, CALL_OFFER, .by = id_of(6));
	assert_int_equal(step(&c, CALL_CLAIM, .by = id_of(5)), ENTRY_CALL_ACCEPTED);
	step(&c, CALL_OFFER, .by = id_of(5));
	step(&c, CALL_CLAIM, .by = id_of(6));
	assert_true(id_eq(c.claimed_by, id_of(6)));
	assert_int_equal(c.offered_at_ms, TIME_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_of_nobody_registered_ends_with_its_line),
		cmocka_unit_test(test_who_has_a_withheld_call_wraps_it_up),
		cmocka_unit_test(test_a_call_that_was_kept_waits_for_its_wrap_up),
		cmocka_unit_test(test_a_call_of_somebody_registered_waits_for_its_wrap_up),
		cmocka_unit_test(test_what_comes_of_a_call_of_somebody_registered_is_said),
		cmocka_unit_test(test_a_missed_call_stays_until_somebody_takes_it),
		cmocka_unit_test(test_what_nobody_ended_or_took_ends_with_the_day),
		cmocka_unit_test(test_one_has_it_and_a_chief_may_take_it_over),
		cmocka_unit_test(test_who_lifts_the_receiver_has_it_whoever_pressed_the_key),
		cmocka_unit_test(test_who_was_chosen_stays_when_another_takes_over),
		cmocka_unit_test(test_what_is_said_twice_or_too_late_changes_nothing),
		cmocka_unit_test(test_a_call_that_is_offered_is_its_holders_until_it_is_accepted),
	};

	return cmocka_run_group_tests_name("core: calls to 17", tests, NULL, NULL);
}
