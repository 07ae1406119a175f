/* core/alert by example: what operators, units and trusted persons do, one sentence a test. */
#include "test.h"

#include <errno.h>

#include "base/alloc.h"
#include "core/alert.h"

static const int64_t START_MS = 1800000000000;

/* An alert of one official with three trusted persons, as the service hands it in. */
struct scene {
	struct ladder ladder;
	struct alert alert;
	struct decision said;
	int64_t now_ms;
};

static struct id id_of(const char *name)
{
	struct id id = {{0x42}};

	memcpy(id.bytes + 1, name, strlen(name));
	return id;
}

#define WHEN(scene, ...) apply(scene, (struct alert_command){__VA_ARGS__})

static enum refusal apply(struct scene *s, struct alert_command command)
{
	return alert_apply(&s->alert, &command, &s->ladder, s->now_ms, &s->said);
}

static bool says(const struct scene *s, enum entry_kind kind)
{
	for (unsigned i = 0; i < s->said.entry_count; i++)
		if (s->said.entries[i].kind == kind)
			return true;
	return false;
}

static const struct effect *has_effect(const struct scene *s, enum effect_kind kind)
{
	for (unsigned i = 0; i < s->said.effect_count; i++)
		if (s->said.effects[i].kind == kind)
			return &s->said.effects[i];
	return NULL;
}

static struct reach *contact(struct scene *s, const char *name)
{
	return alert_contact(&s->alert, id_of(name));
}

static struct dispatch *unit(struct scene *s, const char *name)
{
	return alert_dispatch(&s->alert, id_of(name));
}

static struct scene raised(void)
{
	struct scene s = {.now_ms = START_MS};
	static const char *const names[] = {"third", "first", "second"};
	static const int ranks[] = {3, 1, 2};

	ladder_default(&s.ladder);
	s.alert.id = id_of("alert");
	s.alert.device = id_of("watch");
	s.alert.rooms[s.alert.room_count++] = id_of("room");
	for (unsigned i = 0; i < 3; i++) {
		s.alert.contacts[i].contact = id_of(names[i]);
		s.alert.contacts[i].rank = ranks[i];
	}
	s.alert.contact_count = 3;
	assert_int_equal(WHEN(&s, .event = EVENT_RAISE, .reasons = 1), REFUSAL_NONE);
	return s;
}

static struct scene claimed(void)
{
	struct scene s = raised();

	assert_int_equal(WHEN(&s, .event = EVENT_CLAIM, .by = id_of("anne")), REFUSAL_NONE);
	return s;
}

static struct scene sent(void)
{
	struct scene s = claimed();

	assert_int_equal(WHEN(&s, .event = EVENT_DISPATCH, .by = id_of("anne"),
			      .target = id_of("car"), .unit = id_of("brigade")),
			 REFUSAL_NONE);
	return s;
}

static struct scene closed(void)
{
	struct scene s = sent();

	assert_int_equal(WHEN(&s, .event = EVENT_CLOSE, .by = id_of("anne"),
			      .outcome = OUTCOME_INTERVENTION),
			 REFUSAL_NONE);
	return s;
}

/* --- which event is refused in which state: the whole table */

static struct scene in_state(enum alert_state state)
{
	struct scene s = state == ALERT_RAISED    ? raised()
			 : state == ALERT_CLAIMED ? claimed()
			 : state == ALERT_CLOSED  ? closed()
						  : sent();

	if (state == ALERT_ON_SCENE)
		assert_int_equal(WHEN(&s, .event = EVENT_UNIT_ARRIVED, .target = id_of("car")),
				 REFUSAL_NONE);
	assert_int_equal(s.alert.state, state);
	return s;
}

static struct id usual_target(enum alert_event event)
{
	switch (event) {
	case EVENT_DISPATCH:
		return id_of("another car");
	case EVENT_CONTACT_ANSWERED:
	case EVENT_CONTACT_ASK:
	case EVENT_LINK_REVOKE:
	case EVENT_TIMER_CONTACT:
		return id_of("first");
	default:
		return id_of("car");
	}
}

#define OK REFUSAL_NONE
#define CLOSED REFUSAL_CLOSED
#define NO REFUSAL_NOT_CLAIMED
#define WHO REFUSAL_UNKNOWN_TARGET
#define BACK REFUSAL_STEP_BACK
#define APART REFUSAL_NOT_MERGED

static void test_each_event_is_refused_where_the_table_says(void **state)
{
	static const struct {
		enum alert_event event;
		enum refusal
			expected[ALERT_STATES]; /* raised, claimed, engaged, on scene, closed */
	} rows[] = {
		{EVENT_TRIGGER, {OK, OK, OK, OK, CLOSED}},
		{EVENT_PAINT, {OK, OK, OK, OK, OK}},
		{EVENT_CLAIM, {OK, OK, OK, OK, CLOSED}},
		{EVENT_TAKE_OVER, {NO, REFUSAL_YOURS, REFUSAL_YOURS, REFUSAL_YOURS, CLOSED}},
		{EVENT_OFFER, {NO, OK, OK, OK, CLOSED}},
		{EVENT_OFFER_WITHDRAW, {NO, OK, OK, OK, CLOSED}},
		{EVENT_ACCEPT, {NO, REFUSAL_YOURS, REFUSAL_YOURS, REFUSAL_YOURS, CLOSED}},
		{EVENT_RELEASE, {NO, OK, OK, OK, CLOSED}},
		{EVENT_MERGE, {OK, OK, OK, OK, CLOSED}},
		{EVENT_TAKE_IN, {NO, OK, OK, OK, CLOSED}},
		{EVENT_UNMERGE, {APART, APART, APART, APART, CLOSED}},
		{EVENT_LET_GO, {OK, OK, OK, OK, CLOSED}},
		{EVENT_FOLLOW, {APART, APART, APART, APART, CLOSED}},
		{EVENT_SHARE, {OK, OK, OK, OK, CLOSED}},
		{EVENT_CLOSE_WITH, {APART, APART, APART, APART, CLOSED}},
		{EVENT_REOPEN_WITH,
		 {REFUSAL_NOT_CLOSED, REFUSAL_NOT_CLOSED, REFUSAL_NOT_CLOSED, REFUSAL_NOT_CLOSED,
		  APART}},
		{EVENT_DISPATCH, {NO, OK, OK, OK, CLOSED}},
		{EVENT_UNIT_RECEIVED, {WHO, WHO, OK, BACK, CLOSED}},
		{EVENT_UNIT_EN_ROUTE, {WHO, WHO, OK, BACK, CLOSED}},
		{EVENT_UNIT_ARRIVED, {WHO, WHO, OK, OK, CLOSED}},
		{EVENT_UNIT_DECLINED, {WHO, WHO, OK, BACK, CLOSED}},
		{EVENT_UNIT_CANCEL, {NO, WHO, OK, OK, CLOSED}},
		{EVENT_NOTE, {OK, OK, OK, OK, OK}},
		{EVENT_CALLED, {OK, OK, OK, OK, CLOSED}},
		{EVENT_CLOSE, {NO, OK, OK, OK, CLOSED}},
		{EVENT_REOPEN,
		 {REFUSAL_NOT_CLOSED, REFUSAL_NOT_CLOSED, REFUSAL_NOT_CLOSED, REFUSAL_NOT_CLOSED,
		  OK}},
		{EVENT_CONTACT_ANSWERED, {OK, OK, OK, OK, CLOSED}},
		{EVENT_CONTACT_ASK, {OK, OK, OK, OK, CLOSED}},
		{EVENT_LINK_REVOKE, {OK, OK, OK, OK, OK}},
		{EVENT_DEVICE_ASKED, {OK, OK, OK, OK, CLOSED}},
		{EVENT_DEVICE_UNREACHED, {OK, OK, OK, OK, OK}},
		{EVENT_DEVICE_HEARD, {OK, OK, OK, OK, OK}},
		{EVENT_END_ASKED, {OK, OK, OK, OK, CLOSED}},
		{EVENT_END_DURESS, {OK, OK, OK, OK, CLOSED}},
		{EVENT_END_REFUSED, {OK, OK, OK, OK, CLOSED}},
		{EVENT_VISIT_MISSED, {OK, OK, OK, OK, CLOSED}},
		{EVENT_MESSAGE, {WHO, WHO, OK, OK, OK}},
		{EVENT_DUTY_MESSAGE, {OK, OK, OK, OK, OK}},
		{EVENT_SOUND_LISTENED, {OK, OK, OK, OK, OK}},
		{EVENT_SOUND_LEFT, {OK, OK, OK, OK, OK}},
		{EVENT_SOUND_MARKED, {OK, OK, OK, OK, OK}},
		{EVENT_TALK_BEGAN, {NO, OK, OK, OK, CLOSED}},
		{EVENT_TALK_ENDED, {OK, OK, OK, OK, OK}},
		{EVENT_TIMER_LADDER, {OK, OK, OK, OK, OK}},
		{EVENT_TIMER_CONTACT, {OK, OK, OK, OK, OK}},
		{EVENT_TIMER_UNIT, {OK, OK, OK, OK, OK}},
		{EVENT_TIMER_DEVICE, {OK, OK, OK, OK, OK}},
		{EVENT_TIMER_TEST, {OK, OK, OK, OK, OK}},
	};

	assert_int_equal(ARRAY_LEN(rows), EVENT_COUNT - 1); /* all but the raising */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (int at = 0; at < ALERT_STATES; at++) {
			struct scene s = in_state((enum alert_state)at);
			enum refusal got = WHEN(&s, .event = rows[i].event, .by = id_of("anne"),
						.target = usual_target(rows[i].event),
						.unit = id_of("other"), .message = MESSAGE_SENT,
						.outcome = OUTCOME_VERIFIED_SAFE, .has_text = true);

			if (got != rows[i].expected[at])
				fail_msg("event %d in state %s: %d, not %d", (int)rows[i].event,
					 alert_state_name((enum alert_state)at), (int)got,
					 (int)rows[i].expected[at]);
		}
	}
}

static void test_only_the_holder_or_a_supervisor_sends_cancels_and_closes(void **state)
{
	static const enum alert_event events[] = {EVENT_DISPATCH, EVENT_UNIT_CANCEL, EVENT_CLOSE};

	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		struct scene s = sent();
		struct id target = usual_target(events[i]);

		assert_int_equal(WHEN(&s, .event = events[i], .by = id_of("bruno"),
				      .target = target, .unit = id_of("other"),
				      .outcome = OUTCOME_OTHER, .has_text = true),
				 REFUSAL_CLAIMED);
		assert_int_equal(WHEN(&s, .event = events[i], .by = id_of("chief"),
				      .target = target, .unit = id_of("other"),
				      .outcome = OUTCOME_OTHER, .has_text = true,
				      .is_supervisor = true),
				 REFUSAL_NONE);
	}
}

/* --- raising and triggering */

static void test_raising_asks_the_first_person_and_arms_the_first_step(void **state)
{
	struct scene s = raised();

	assert_true(says(&s, ENTRY_RAISED));
	assert_int_equal(contact(&s, "first")->message, MESSAGE_QUEUED);
	assert_int_equal(contact(&s, "second")->message, MESSAGE_NONE);
	assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms == START_MS + 5000);
	assert_false(s.alert.silent);
}

static void test_a_second_press_joins_and_a_silent_device_makes_the_alert_silent(void **state)
{
	struct scene s = closed();

	assert_int_equal(WHEN(&s, .event = EVENT_TRIGGER), REFUSAL_CLOSED);
	s = sent();
	assert_int_equal(WHEN(&s, .event = EVENT_TRIGGER, .reasons = 4, .no_call_back = true),
			 REFUSAL_NONE);
	assert_int_equal(s.alert.triggers, 2);
	assert_int_equal(s.alert.reasons, 5);
	assert_true(s.alert.silent);
	assert_int_equal(WHEN(&s, .event = EVENT_TRIGGER), REFUSAL_NONE);
	assert_true(s.alert.silent);
	assert_int_equal(s.alert.state, ALERT_ENGAGED);
}

/* --- the official's code asks for the end */

static void test_a_code_closes_nothing_and_a_new_call_takes_it_back(void **state)
{
	struct scene s = sent();

	assert_int_equal(WHEN(&s, .event = EVENT_END_ASKED), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_END_ASKED));
	assert_int_equal(s.alert.state, ALERT_ENGAGED);
	assert_null(has_effect(&s, EFFECT_DEADLINE_CLEAR));
	assert_true(alert_warnings(&s.alert, &s.ladder, s.now_ms) & WARNING_END_ASKED);
	assert_int_equal(WHEN(&s, .event = EVENT_TRIGGER), REFUSAL_NONE);
	assert_false(alert_warnings(&s.alert, &s.ladder, s.now_ms) & WARNING_END_ASKED);
	/* A wrong code is a line, and nothing else. */
	assert_int_equal(WHEN(&s, .event = EVENT_END_REFUSED, .step = 2), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_END_REFUSED));
	assert_int_equal(s.alert.ending, ENDING_NONE);
}

/* Claimed, a unit on its way: whoever the ladder calls next is called all the same, once. */
static void test_duress_calls_more_help_at_once_and_nothing_calms_it(void **state)
{
	struct scene s = sent();
	const struct effect *shown;

	s.alert.silent = false;
	assert_int_equal(WHEN(&s, .event = EVENT_END_DURESS), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_END_DURESS));
	assert_true(says(&s, ENTRY_CLIMBED));
	shown = has_effect(&s, EFFECT_SHOW_ROOM);
	assert_non_null(shown);
	assert_int_equal(shown->room, TARGET_NEIGHBOUR);
	assert_non_null(has_effect(&s, EFFECT_MESSAGE_DUTY));
	assert_true(s.alert.silent);
	assert_int_equal(s.alert.level, 1);
	assert_int_equal(WHEN(&s, .event = EVENT_END_DURESS), REFUSAL_NONE);
	assert_int_equal(WHEN(&s, .event = EVENT_END_ASKED), REFUSAL_NONE);
	assert_int_equal(WHEN(&s, .event = EVENT_TRIGGER), REFUSAL_NONE);
	assert_int_equal(s.alert.level, 1);
	assert_int_equal(alert_warnings(&s.alert, &s.ladder, s.now_ms) &
				 (WARNING_DURESS | WARNING_END_ASKED),
			 WARNING_DURESS);
}

static void test_duress_climbs_nothing_when_everybody_has_been_called(void **state)
{
	struct scene s = raised();

	s.alert.climbed = (1u << s.ladder.step_count) - 1;
	assert_int_equal(WHEN(&s, .event = EVENT_END_DURESS), REFUSAL_NONE);
	assert_false(says(&s, ENTRY_CLIMBED));
	assert_true(says(&s, ENTRY_END_DURESS));
}

/* --- the ladder */

static enum refusal fire(struct scene *s, int step)
{
	return WHEN(s, .event = EVENT_TIMER_LADDER, .step = step);
}

static void test_an_alert_nobody_sees_climbs_to_the_top(void **state)
{
	static const struct {
		int after_s;
		enum ladder_target shown;
		bool duty;
	} expected[] = {{5, TARGET_NEIGHBOUR, true},
			{10, TARGET_NEIGHBOUR, true},
			{20, TARGET_SECOND, false},
			{45, TARGET_ZONE, false}};
	struct scene s = raised();

	for (int step = 0; step < 4; step++) {
		s.now_ms = START_MS + expected[step].after_s * 1000;
		assert_int_equal(fire(&s, step), REFUSAL_NONE);
		assert_true(says(&s, ENTRY_CLIMBED));
		assert_int_equal(has_effect(&s, EFFECT_SHOW_ROOM)->room, expected[step].shown);
		assert_int_equal(has_effect(&s, EFFECT_MESSAGE_DUTY) != NULL, expected[step].duty);
		assert_int_equal(s.alert.level, step + 1);
	}
	assert_non_null(has_effect(&s, EFFECT_DEADLINE_CLEAR));
}

static void duty_sms(struct scene *s, enum message_state state)
{
	assert_int_equal(
		WHEN(s, .event = EVENT_DUTY_MESSAGE, .target = id_of("room"), .message = state),
		REFUSAL_NONE);
}

static void test_a_duty_officer_who_cannot_be_told_is_not_waited_for(void **state)
{
	struct scene s = raised();

	s.now_ms = START_MS + 5000;
	fire(&s, 0);
	s.now_ms = START_MS + 5300;
	duty_sms(&s, MESSAGE_FAILED);
	assert_true(says(&s, ENTRY_MESSAGE_FAILED) && says(&s, ENTRY_CLIMBED));
	assert_int_equal(s.alert.climbed, 3);
	assert_non_null(has_effect(&s, EFFECT_MESSAGE_DUTY));
	assert_int_equal(has_effect(&s, EFFECT_DEADLINE_SET)->step, 2);
	assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms == START_MS + 20000);
	assert_true(alert_warnings(&s.alert, &s.ladder, s.now_ms) & WARNING_SMS_FAILED);
	/* The call of that step fails too; the next one calls another room, and waits its time. */
	duty_sms(&s, MESSAGE_FAILED);
	assert_int_equal(s.alert.climbed, 7);
	assert_int_equal(has_effect(&s, EFFECT_SHOW_ROOM)->room, TARGET_SECOND);
	assert_int_equal(has_effect(&s, EFFECT_DEADLINE_SET)->step, 3);
	duty_sms(&s, MESSAGE_FAILED);
	assert_int_equal(s.alert.climbed, 7);
	/* What had been armed for the step that fired early does nothing. */
	s.now_ms = START_MS + 10000;
	fire(&s, 1);
	assert_int_equal(s.said.entry_count, 0);
}

static void
test_an_sms_that_reaches_the_duty_officer_ends_the_warning_and_climbs_nothing(void **state)
{
	static const enum message_state good[] = {MESSAGE_ACCEPTED, MESSAGE_SENT,
						  MESSAGE_DELIVERED};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct scene s = raised();

		s.now_ms = START_MS + 5000;
		fire(&s, 0);
		s.alert.duty_failed = true;
		duty_sms(&s, good[i]);
		assert_int_equal(s.said.entry_count, 1);
		assert_int_equal(s.alert.climbed, 1);
		assert_false(alert_warnings(&s.alert, &s.ladder, s.now_ms) & WARNING_SMS_FAILED);
	}
}

static void test_a_failed_call_for_what_has_come_since_climbs_nothing(void **state)
{
	struct scene s = raised();

	/* Seen since, which the step waited for; the next waits for a claim, its time. */
	s.now_ms = START_MS + 5000;
	fire(&s, 0);
	WHEN(&s, .event = EVENT_PAINT);
	duty_sms(&s, MESSAGE_FAILED);
	assert_int_equal(s.alert.climbed, 1);
	/* Claimed: what comes after a claim is counted from it. */
	WHEN(&s, .event = EVENT_CLAIM, .by = id_of("anne"));
	duty_sms(&s, MESSAGE_FAILED);
	assert_int_equal(s.alert.climbed, 1);
	assert_true(alert_warnings(&s.alert, &s.ladder, s.now_ms) & WARNING_SMS_FAILED);
	/* Before any step there is nobody who was called. */
	s = raised();
	duty_sms(&s, MESSAGE_FAILED);
	assert_int_equal(s.alert.climbed, 0);
	/* Closed: the timeline says it, and nothing else happens; reopened, it is forgotten. */
	s = closed();
	duty_sms(&s, MESSAGE_FAILED);
	assert_int_equal(s.said.entry_count, 1);
	assert_int_equal(s.said.effect_count, 0);
	WHEN(&s, .event = EVENT_REOPEN, .by = id_of("anne"), .has_text = true);
	assert_false(alert_warnings(&s.alert, &s.ladder, s.now_ms) & WARNING_SMS_FAILED);
}

static void test_a_step_fires_neither_early_nor_out_of_date_and_stays_armed(void **state)
{
	struct scene s = raised();

	s.now_ms = START_MS + 4999;
	fire(&s, 0);
	assert_int_equal(s.said.entry_count, 0);
	assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms == START_MS + 5000);
	s.now_ms = START_MS + 5000;
	fire(&s, 3);
	assert_int_equal(s.said.entry_count, 0);
	assert_int_equal(has_effect(&s, EFFECT_DEADLINE_SET)->step, 0);
	fire(&s, -1);
	fire(&s, 99);
	assert_int_equal(s.alert.level, 0);
}

static void test_a_painted_alert_skips_the_step_for_unpainted_ones(void **state)
{
	struct scene s = raised();

	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("first"), .message = MESSAGE_SENT);
	WHEN(&s, .event = EVENT_PAINT);
	assert_true(says(&s, ENTRY_PAINTED));
	assert_int_equal(has_effect(&s, EFFECT_DEADLINE_SET)->step, 1);
	WHEN(&s, .event = EVENT_PAINT);
	assert_int_equal(s.said.entry_count, 0);
	s.now_ms = START_MS + 7000;
	assert_int_equal(alert_warnings(&s.alert, &s.ladder, s.now_ms), 0);
	s.now_ms = START_MS + 10000;
	assert_int_equal(alert_warnings(&s.alert, &s.ladder, s.now_ms), WARNING_NOT_CLAIMED);
}

static void test_a_claim_without_an_act_climbs_after_a_minute(void **state)
{
	struct scene s = claimed();

	assert_int_equal(has_effect(&s, EFFECT_DEADLINE_SET)->step, 4);
	s.now_ms += 60000;
	fire(&s, 4);
	assert_non_null(has_effect(&s, EFFECT_MESSAGE_DUTY));
	assert_true(id_eq(s.alert.claimed_by, id_of("anne")));
}

static void test_what_the_holder_does_counts_as_an_act_and_what_others_do_does_not(void **state)
{
	static const enum alert_event events[] = {EVENT_NOTE, EVENT_CONTACT_ASK};

	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		struct scene s = claimed();
		struct id target = usual_target(events[i]);

		WHEN(&s, .event = events[i], .by = id_of("bruno"), .target = target,
		     .has_text = true);
		assert_true(s.alert.acted_at_ms == TIME_NONE);
		WHEN(&s, .event = events[i], .by = id_of("anne"), .target = target,
		     .has_text = true);
		assert_true(s.alert.acted_at_ms == s.now_ms);
		s.now_ms += 60000;
		fire(&s, 4);
		assert_int_equal(s.said.entry_count, 0);
	}
}

/* --- taking over, closing, reopening */

static void test_taking_over_is_free_for_twenty_seconds(void **state)
{
	struct scene s = claimed();

	s.now_ms += 20000;
	assert_int_equal(WHEN(&s, .event = EVENT_TAKE_OVER, .by = id_of("bruno")), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_TAKEN_OVER));
	s.now_ms += 20001;
	assert_int_equal(WHEN(&s, .event = EVENT_TAKE_OVER, .by = id_of("anne")),
			 REFUSAL_REASON_NEEDED);
	assert_int_equal(WHEN(&s, .event = EVENT_TAKE_OVER, .by = id_of("anne"), .has_text = true),
			 REFUSAL_NONE);
	assert_true(s.alert.claimed_at_ms == s.now_ms);
}

static void test_a_note_a_reopening_and_the_outcome_other_need_words(void **state)
{
	struct scene s = sent();

	assert_int_equal(WHEN(&s, .event = EVENT_NOTE), REFUSAL_TEXT_NEEDED);
	assert_int_equal(
		WHEN(&s, .event = EVENT_CLOSE, .by = id_of("anne"), .outcome = OUTCOME_OTHER),
		REFUSAL_TEXT_NEEDED);
	s = closed();
	assert_int_equal(WHEN(&s, .event = EVENT_REOPEN, .by = id_of("bruno")),
			 REFUSAL_TEXT_NEEDED);
}

/* A test that nobody asked for in the room: nobody there has to close it, and nobody is left with
 * it. */
static void test_a_test_that_its_device_asked_for_ends_by_itself(void **state)
{
	struct scene s = {.now_ms = START_MS};
	int64_t due_at_ms = TIME_NONE;

	ladder_default(&s.ladder);
	s.alert.test = true;
	WHEN(&s, .event = EVENT_RAISE, .ends_itself = true);
	for (unsigned i = 0; i < s.said.effect_count; i++)
		if (s.said.effects[i].timer == TIMER_TEST)
			due_at_ms = s.said.effects[i].due_at_ms;
	assert_int_equal(due_at_ms, START_MS + 8000);
	WHEN(&s, .event = EVENT_CLAIM, .by = id_of("anne"));
	s.now_ms = due_at_ms - 1;
	WHEN(&s, .event = EVENT_TIMER_TEST, .outcome = OUTCOME_TEST);
	assert_true(alert_is_open(&s.alert));
	assert_int_equal(s.said.effect_count, 1); /* too early: armed again */
	s.now_ms = due_at_ms;
	WHEN(&s, .event = EVENT_TIMER_TEST, .outcome = OUTCOME_TEST);
	assert_int_equal(s.alert.state, ALERT_CLOSED);
	assert_int_equal(s.alert.outcome, OUTCOME_TEST);
	assert_true(says(&s, ENTRY_CLOSED));
	WHEN(&s, .event = EVENT_TIMER_TEST, .outcome = OUTCOME_TEST);
	assert_int_equal(s.said.entry_count, 0);
}

static void test_no_such_end_comes_to_any_other_alert(void **state)
{
	struct scene s = raised();

	s.now_ms += 3600 * 1000;
	WHEN(&s, .event = EVENT_TIMER_TEST, .outcome = OUTCOME_TEST);
	assert_true(alert_is_open(&s.alert));
}

static void test_closing_ends_units_links_messages_and_deadlines(void **state)
{
	struct scene s = closed();
	unsigned cleared = 0;

	for (unsigned i = 0; i < s.said.effect_count; i++)
		cleared += s.said.effects[i].kind == EFFECT_DEADLINE_CLEAR &&
			   id_is_none(s.said.effects[i].target);
	assert_int_equal(cleared, TIMER_KINDS);
	assert_non_null(has_effect(&s, EFFECT_LINKS_END));
	assert_non_null(has_effect(&s, EFFECT_MESSAGES_CANCEL));
	assert_int_equal(unit(&s, "car")->state, DISPATCH_CANCELLED);
	assert_true(unit(&s, "car")->received_at_ms == TIME_NONE);
	assert_true(contact(&s, "first")->link_revoked);
	assert_false(contact(&s, "second")->link_revoked);
}

static void test_a_unit_that_was_there_stays_arrived_when_the_alert_closes(void **state)
{
	struct scene s = in_state(ALERT_ON_SCENE);

	WHEN(&s, .event = EVENT_CLOSE, .by = id_of("anne"), .outcome = OUTCOME_INTERVENTION);
	assert_int_equal(unit(&s, "car")->state, DISPATCH_ARRIVED);
	assert_true(unit(&s, "car")->ended_at_ms == s.now_ms);
}

static void test_whoever_reopens_has_it_and_a_minute_to_act(void **state)
{
	struct scene s = sent();

	WHEN(&s, .event = EVENT_UNIT_DECLINED, .target = id_of("car"));
	WHEN(&s, .event = EVENT_CLOSE, .by = id_of("anne"), .outcome = OUTCOME_FALSE_ALARM);
	s.now_ms += 3600000;
	assert_int_equal(WHEN(&s, .event = EVENT_REOPEN, .by = id_of("bruno"), .has_text = true),
			 REFUSAL_NONE);
	assert_int_equal(s.alert.state, ALERT_CLAIMED);
	assert_true(id_eq(s.alert.claimed_by, id_of("bruno")));
	assert_int_equal(s.alert.level, 0);
	assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms == s.now_ms + 60000);
	assert_int_equal(
		alert_warnings(&s.alert, &s.ladder, s.now_ms) &
			(WARNING_NOT_PAINTED | WARNING_NOT_CLAIMED | WARNING_UNIT_DECLINED),
		0);
}

/* --- trusted persons */

static void test_the_next_person_is_asked_after_a_minute_by_rank(void **state)
{
	struct scene s = raised();

	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("first"), .message = MESSAGE_SENT);
	assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms == s.now_ms + 60000);
	s.now_ms += 59999;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	assert_int_equal(s.said.entry_count, 0);
	s.now_ms += 1;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	assert_true(says(&s, ENTRY_CONTACT_SILENT));
	assert_int_equal(contact(&s, "second")->message, MESSAGE_QUEUED);
	assert_int_equal(contact(&s, "third")->message, MESSAGE_NONE);
	assert_true(alert_warnings(&s.alert, &s.ladder, s.now_ms) & WARNING_CONTACT_SILENT);
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("third")); /* never asked */
	assert_false(contact(&s, "third")->silent);
}

static void test_an_undelivered_message_goes_on_at_once_and_only_once(void **state)
{
	struct scene s = raised();

	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("first"), .message = MESSAGE_FAILED);
	assert_true(says(&s, ENTRY_MESSAGE_FAILED));
	assert_int_equal(contact(&s, "second")->message, MESSAGE_QUEUED);
	s.now_ms += 60000;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	assert_int_equal(contact(&s, "third")->message, MESSAGE_NONE);

	/* The other way round: the failure is learnt after the minute. */
	s = raised();
	s.now_ms += 60000;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("first"), .message = MESSAGE_FAILED);
	assert_int_equal(contact(&s, "third")->message, MESSAGE_NONE);
	assert_int_equal(alert_warnings(&s.alert, &s.ladder, s.now_ms) &
				 (WARNING_SMS_FAILED | WARNING_CONTACT_SILENT),
			 WARNING_SMS_FAILED);
}

static void test_when_an_sms_has_not_left_the_next_is_asked_and_only_once(void **state)
{
	struct scene s = raised();
	int64_t asked_at_ms = s.now_ms;

	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("first"), .message = MESSAGE_ACCEPTED);
	assert_null(has_effect(&s, EFFECT_DEADLINE_SET));
	s.now_ms += 9999;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	assert_int_equal(s.said.entry_count, 0);
	s.now_ms += 1;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	assert_true(says(&s, ENTRY_MESSAGE_LATE));
	assert_int_equal(contact(&s, "second")->message, MESSAGE_QUEUED);
	assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms == asked_at_ms + 60000);
	/* It leaves at last: nothing changes, the person has until their minute is over. */
	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("first"), .message = MESSAGE_SENT);
	assert_null(has_effect(&s, EFFECT_DEADLINE_SET));
	s.now_ms = asked_at_ms + 60000;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	assert_true(says(&s, ENTRY_CONTACT_SILENT));
	assert_int_equal(contact(&s, "third")->message, MESSAGE_NONE);
}

static void test_an_answer_stops_the_chain(void **state)
{
	struct scene s = raised();

	WHEN(&s, .event = EVENT_CONTACT_ANSWERED, .target = id_of("first"));
	assert_non_null(has_effect(&s, EFFECT_DEADLINE_CLEAR));
	s.now_ms += 60000;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("first"), .message = MESSAGE_FAILED);
	assert_int_equal(contact(&s, "second")->message, MESSAGE_NONE);
	assert_int_equal(WHEN(&s, .event = EVENT_CONTACT_ASK, .target = id_of("first")),
			 REFUSAL_ON_IT);
}

static void test_whoever_lost_their_link_neither_counts_nor_is_asked_by_the_chain(void **state)
{
	struct scene s = raised();

	WHEN(&s, .event = EVENT_LINK_REVOKE, .target = id_of("second"));
	assert_int_equal(contact(&s, "third")->message, MESSAGE_NONE);
	WHEN(&s, .event = EVENT_CONTACT_ANSWERED, .target = id_of("first"));
	WHEN(&s, .event = EVENT_LINK_REVOKE, .target = id_of("first"));
	assert_non_null(has_effect(&s, EFFECT_LINK_REVOKE));
	assert_int_equal(contact(&s, "third")->message, MESSAGE_QUEUED);
	assert_int_equal(contact(&s, "second")->message, MESSAGE_NONE);

	/* The operator asks all the same: a new link, a new answer to wait for. */
	assert_int_equal(WHEN(&s, .event = EVENT_CONTACT_ASK, .target = id_of("first")),
			 REFUSAL_NONE);
	assert_false(contact(&s, "first")->link_revoked);
	assert_true(contact(&s, "first")->answered_at_ms == TIME_NONE);
	assert_int_equal(contact(&s, "first")->attempts, 2);
}

static void test_the_chain_goes_on_when_the_awaited_person_loses_their_link(void **state)
{
	struct scene s = raised();

	WHEN(&s, .event = EVENT_LINK_REVOKE, .target = id_of("first"));
	assert_int_equal(contact(&s, "second")->message, MESSAGE_QUEUED);
	WHEN(&s, .event = EVENT_CONTACT_ANSWERED, .target = id_of("first"));
	assert_true(says(&s, ENTRY_CONTACT_ANSWERED));
	assert_null(has_effect(&s, EFFECT_DEADLINE_CLEAR));
}

/* Every order in which a set of receipts can come. */
static enum message_state after_receipts(const enum message_state *order, unsigned count)
{
	struct scene s = raised();

	for (unsigned i = 0; i < count; i++)
		assert_int_equal(WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("first"),
				      .message = order[i]),
				 REFUSAL_NONE);
	return contact(&s, "first")->message;
}

static void permute(enum message_state *order, unsigned at, unsigned count,
		    enum message_state expected)
{
	if (at == count)
		assert_int_equal(after_receipts(order, count), expected);
	for (unsigned i = at; i < count; i++) {
		enum message_state kept = order[at];

		order[at] = order[i];
		order[i] = kept;
		permute(order, at + 1, count, expected);
		order[i] = order[at];
		order[at] = kept;
	}
}

static void test_receipts_in_any_order_end_alike(void **state)
{
	for (unsigned set = 1; set < 1u << 3; set++) {
		enum message_state order[8], best = MESSAGE_QUEUED;
		unsigned count = 0;

		for (int message = MESSAGE_SENT; message <= MESSAGE_FAILED; message++) {
			if (!(set & 1u << (message - MESSAGE_SENT)))
				continue;
			order[count++] = (enum message_state)message;
			best = (enum message_state)message;
		}
		order[count++] = order[0]; /* one of them twice */
		if (set & 1u << (MESSAGE_DELIVERED - MESSAGE_SENT))
			best = MESSAGE_DELIVERED;
		permute(order, 0, count, best);
	}
	assert_int_equal(after_receipts((enum message_state[]){MESSAGE_NONE, MESSAGE_QUEUED}, 2),
			 MESSAGE_QUEUED);
}

static void test_another_attempt_that_the_gateway_takes_is_no_failure_any_more(void **state)
{
	assert_int_equal(
		after_receipts((enum message_state[]){MESSAGE_FAILED, MESSAGE_ACCEPTED}, 2),
		MESSAGE_ACCEPTED);
	assert_int_equal(after_receipts((enum message_state[]){MESSAGE_FAILED, MESSAGE_SENT}, 2),
			 MESSAGE_FAILED);
}

static void test_a_receipt_for_somebody_never_asked_changes_nothing(void **state)
{
	struct scene s = raised();

	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("second"), .message = MESSAGE_DELIVERED);
	assert_int_equal(s.said.entry_count, 0);
	assert_int_equal(contact(&s, "second")->message, MESSAGE_NONE);
}

/* --- units */

static void test_a_unit_goes_forward_and_saying_it_twice_is_harmless(void **state)
{
	struct scene s = sent();

	s.now_ms += 1000;
	WHEN(&s, .event = EVENT_UNIT_EN_ROUTE, .target = id_of("car"));
	assert_true(unit(&s, "car")->received_at_ms == s.now_ms);
	WHEN(&s, .event = EVENT_UNIT_EN_ROUTE, .target = id_of("car"));
	assert_int_equal(s.said.entry_count, 0);
	assert_int_equal(WHEN(&s, .event = EVENT_UNIT_RECEIVED, .target = id_of("car")),
			 REFUSAL_STEP_BACK);
	WHEN(&s, .event = EVENT_UNIT_ARRIVED, .target = id_of("car"));
	assert_int_equal(s.alert.state, ALERT_ON_SCENE);
	assert_int_equal(WHEN(&s, .event = EVENT_UNIT_DECLINED, .target = id_of("car")),
			 REFUSAL_STEP_BACK);
}

static void test_when_all_decline_the_alert_waits_for_another_unit(void **state)
{
	struct scene s = sent();

	WHEN(&s, .event = EVENT_UNIT_DECLINED, .target = id_of("car"));
	assert_int_equal(s.alert.state, ALERT_CLAIMED);
	assert_true(alert_warnings(&s.alert, &s.ladder, s.now_ms) & WARNING_UNIT_DECLINED);
	assert_int_equal(WHEN(&s, .event = EVENT_DISPATCH, .by = id_of("anne"),
			      .target = id_of("van"), .unit = id_of("brigade")),
			 REFUSAL_NONE);
	assert_false(alert_warnings(&s.alert, &s.ladder, s.now_ms) & WARNING_UNIT_DECLINED);
}

static void test_the_room_calling_a_unit_back_is_no_receipt(void **state)
{
	struct scene s = sent();

	WHEN(&s, .event = EVENT_UNIT_CANCEL, .by = id_of("anne"), .target = id_of("car"));
	assert_int_equal(unit(&s, "car")->state, DISPATCH_CANCELLED);
	assert_true(unit(&s, "car")->received_at_ms == TIME_NONE);
	assert_int_equal(WHEN(&s, .event = EVENT_UNIT_RECEIVED, .target = id_of("car")),
			 REFUSAL_STEP_BACK);
}

static void test_a_units_sms_that_has_not_left_is_said_once(void **state)
{
	struct scene s = sent();

	s.now_ms += 10000;
	WHEN(&s, .event = EVENT_TIMER_UNIT, .target = id_of("car"));
	assert_true(says(&s, ENTRY_MESSAGE_LATE));
	assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms == s.now_ms + 50000);
	WHEN(&s, .event = EVENT_TIMER_UNIT, .target = id_of("car"));
	assert_int_equal(s.said.entry_count, 0);
	s.now_ms += 50000;
	WHEN(&s, .event = EVENT_TIMER_UNIT, .target = id_of("car"));
	assert_true(says(&s, ENTRY_UNIT_SILENT));

	s = sent();
	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("car"), .message = MESSAGE_FAILED);
	assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms == s.now_ms + 60000);
	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("car"), .message = MESSAGE_ACCEPTED);
	s.now_ms += 10000;
	WHEN(&s, .event = EVENT_TIMER_UNIT, .target = id_of("car"));
	assert_int_equal(s.said.entry_count, 0);
}

static void test_a_unit_that_says_nothing_for_a_minute_climbs_once(void **state)
{
	struct scene s = sent();

	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("car"), .message = MESSAGE_SENT);
	s.now_ms += 59999;
	WHEN(&s, .event = EVENT_TIMER_UNIT, .target = id_of("car"));
	assert_int_equal(s.said.entry_count, 0);
	s.now_ms += 1;
	WHEN(&s, .event = EVENT_TIMER_UNIT, .target = id_of("car"));
	assert_true(says(&s, ENTRY_UNIT_SILENT));
	assert_non_null(has_effect(&s, EFFECT_MESSAGE_DUTY));
	assert_int_equal(s.alert.level, 1);
	assert_true(alert_warnings(&s.alert, &s.ladder, s.now_ms) & WARNING_UNIT_SILENT);
	WHEN(&s, .event = EVENT_TIMER_UNIT, .target = id_of("car"));
	assert_int_equal(s.said.entry_count, 0);
}

static void test_a_unit_is_sent_once_at_a_time_and_twelve_are_enough(void **state)
{
	struct scene s = sent();
	char name[] = "car-a", other[] = "unit-a";

	assert_int_equal(WHEN(&s, .event = EVENT_DISPATCH, .by = id_of("anne"),
			      .target = id_of("van"), .unit = id_of("brigade")),
			 REFUSAL_UNIT_ALREADY);
	for (int i = 1; i < ALERT_MAX_DISPATCHES; i++) {
		name[4] = other[5] = (char)('a' + i);
		assert_int_equal(WHEN(&s, .event = EVENT_DISPATCH, .by = id_of("anne"),
				      .target = id_of(name), .unit = id_of(other)),
				 REFUSAL_NONE);
	}
	assert_int_equal(WHEN(&s, .event = EVENT_DISPATCH, .by = id_of("anne"),
			      .target = id_of("more"), .unit = id_of("more")),
			 REFUSAL_FULL);
}

/* --- the device */

static void test_a_device_not_heard_is_said_once_and_so_is_its_return(void **state)
{
	struct scene s = raised();
	int64_t heard_at_ms = s.now_ms + 5000;

	s.now_ms += 90000;
	WHEN(&s, .event = EVENT_TIMER_DEVICE, .heard_at_ms = heard_at_ms);
	assert_int_equal(s.said.entry_count, 0);
	assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms == heard_at_ms + 90000);
	s.now_ms = heard_at_ms + 90000;
	WHEN(&s, .event = EVENT_TIMER_DEVICE, .heard_at_ms = heard_at_ms);
	assert_true(says(&s, ENTRY_DEVICE_LOST));
	assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms == s.now_ms + 90000);
	s.now_ms += 90000;
	WHEN(&s, .event = EVENT_TIMER_DEVICE, .heard_at_ms = heard_at_ms);
	assert_int_equal(s.said.entry_count, 0);
	WHEN(&s, .event = EVENT_DEVICE_HEARD);
	assert_true(says(&s, ENTRY_DEVICE_BACK));
	WHEN(&s, .event = EVENT_DEVICE_HEARD);
	assert_int_equal(s.said.entry_count, 0);
}

/* A telephone that reports each five minutes: said three times, then it is known to be so. */
static void test_a_device_that_comes_back_may_be_silent_for_longer(void **state)
{
	struct scene s = raised();
	int64_t heard_at_ms = s.now_ms;
	unsigned losses = 0;

	for (int report = 0; report < 12; report++) {
		while (s.now_ms + 90000 < heard_at_ms + 300000) {
			s.now_ms += 90000;
			WHEN(&s, .event = EVENT_TIMER_DEVICE, .heard_at_ms = heard_at_ms);
			losses += says(&s, ENTRY_DEVICE_LOST);
			assert_true(has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms <=
				    s.now_ms + 90000);
		}
		s.now_ms = heard_at_ms = heard_at_ms + 300000;
		WHEN(&s, .event = EVENT_DEVICE_HEARD);
	}
	assert_int_equal(losses, 2);
	s.now_ms += 360000;
	WHEN(&s, .event = EVENT_TIMER_DEVICE, .heard_at_ms = heard_at_ms);
	assert_true(says(&s, ENTRY_DEVICE_LOST));
}

static void test_a_device_never_heard_of_is_waited_for_from_the_raising(void **state)
{
	struct scene s = raised();

	s.now_ms += 89999;
	WHEN(&s, .event = EVENT_TIMER_DEVICE, .heard_at_ms = TIME_NONE);
	assert_int_equal(s.said.entry_count, 0);
	s.now_ms += 1;
	WHEN(&s, .event = EVENT_TIMER_DEVICE, .heard_at_ms = TIME_NONE);
	assert_true(says(&s, ENTRY_DEVICE_LOST));
}

/* --- the end of a shift */

static void test_what_is_offered_stays_its_holders_until_another_accepts_it(void **state)
{
	struct scene s = sent();

	assert_int_equal(WHEN(&s, .event = EVENT_ACCEPT, .by = id_of("bruno")),
			 REFUSAL_NOT_OFFERED);
	assert_int_equal(WHEN(&s, .event = EVENT_OFFER, .by = id_of("bruno")), REFUSAL_CLAIMED);
	assert_int_equal(WHEN(&s, .event = EVENT_OFFER, .by = id_of("anne")), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_OFFERED));
	assert_true(id_eq(s.alert.claimed_by, id_of("anne")));
	assert_int_equal(WHEN(&s, .event = EVENT_OFFER, .by = id_of("anne")), REFUSAL_NONE);
	assert_int_equal(s.said.entry_count, 0);
	assert_int_equal(WHEN(&s, .event = EVENT_OFFER_WITHDRAW, .by = id_of("anne")),
			 REFUSAL_NONE);
	assert_int_equal(WHEN(&s, .event = EVENT_ACCEPT, .by = id_of("bruno")),
			 REFUSAL_NOT_OFFERED);
	WHEN(&s, .event = EVENT_OFFER, .by = id_of("anne"));
	s.now_ms += 3600 * 1000;
	assert_int_equal(WHEN(&s, .event = EVENT_ACCEPT, .by = id_of("bruno")), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_ACCEPTED));
	assert_true(id_eq(s.alert.claimed_by, id_of("bruno")));
	assert_int_equal(s.alert.offered_at_ms, TIME_NONE);
	assert_int_equal(s.alert.state, ALERT_ENGAGED);
}

/* Its holder may have gone home. */
static void test_what_is_offered_and_not_accepted_climbs_as_if_nobody_had_it(void **state)
{
	struct scene s = sent();
	const struct effect *armed;

	WHEN(&s, .event = EVENT_OFFER, .by = id_of("anne"));
	armed = has_effect(&s, EFFECT_DEADLINE_SET);
	assert_non_null(armed);
	assert_int_equal(armed->timer, TIMER_LADDER);
	assert_true(armed->due_at_ms > s.now_ms + 60 * 1000);
	s.now_ms = armed->due_at_ms;
	assert_int_equal(WHEN(&s, .event = EVENT_TIMER_LADDER, .step = armed->step), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_CLIMBED));
	/* Still theirs to give, and over once somebody has it. */
	assert_true(id_eq(s.alert.claimed_by, id_of("anne")));
	assert_int_equal(WHEN(&s, .event = EVENT_ACCEPT, .by = id_of("bruno")), REFUSAL_NONE);
	WHEN(&s, .event = EVENT_NOTE, .by = id_of("bruno"), .has_text = true);
	WHEN(&s, .event = EVENT_OFFER, .by = id_of("bruno"));
	WHEN(&s, .event = EVENT_OFFER_WITHDRAW, .by = id_of("bruno"));
	assert_null(has_effect(&s, EFFECT_DEADLINE_SET));
}

static void test_taking_over_what_is_offered_needs_no_reason(void **state)
{
	struct scene s = claimed();

	WHEN(&s, .event = EVENT_OFFER, .by = id_of("anne"));
	s.now_ms += 3600 * 1000;
	assert_int_equal(WHEN(&s, .event = EVENT_TAKE_OVER, .by = id_of("bruno")), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_ACCEPTED));
}

static void test_what_is_released_climbs_as_a_new_one_and_its_units_go_on(void **state)
{
	struct scene s = sent();
	const struct effect *armed;

	s.now_ms += 3600 * 1000;
	assert_int_equal(WHEN(&s, .event = EVENT_RELEASE, .by = id_of("bruno")), REFUSAL_CLAIMED);
	assert_int_equal(WHEN(&s, .event = EVENT_RELEASE, .by = id_of("anne")), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_RELEASED));
	assert_int_equal(s.alert.state, ALERT_RAISED);
	armed = has_effect(&s, EFFECT_DEADLINE_SET);
	assert_non_null(armed);
	assert_int_equal(armed->timer, TIMER_LADDER);
	/* Nobody has seen it: the first step is that of a new one. */
	assert_int_equal(armed->step, 0);
	assert_int_equal(armed->due_at_ms, s.now_ms + s.ladder.steps[0].after_s * 1000LL);
	assert_int_equal(WHEN(&s, .event = EVENT_UNIT_ARRIVED, .target = id_of("car")),
			 REFUSAL_NONE);
	assert_int_equal(s.alert.state, ALERT_RAISED);
	assert_int_equal(WHEN(&s, .event = EVENT_CLAIM, .by = id_of("bruno")), REFUSAL_NONE);
	assert_int_equal(s.alert.state, ALERT_ON_SCENE);
}

/* --- two alerts of one event */

static void test_a_merged_alert_pages_nobody_and_is_heard_all_the_same(void **state)
{
	struct scene s = raised();

	assert_int_equal(WHEN(&s, .event = EVENT_MERGE, .by = id_of("anne"),
			      .target = id_of("other"), .ref = 12, .asks_same = true),
			 REFUSAL_NONE);
	assert_true(says(&s, ENTRY_MERGED));
	assert_null(has_effect(&s, EFFECT_DEADLINE_SET));
	assert_null(has_effect(&s, EFFECT_LINKS_END));
	assert_int_equal(s.alert.merged_ref, 12);
	assert_int_equal(WHEN(&s, .event = EVENT_TRIGGER, .reasons = 1), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_TRIGGERED));
	assert_int_equal(s.said.effect_count, 0);
	s.now_ms += 3600 * 1000;
	assert_int_equal(WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first")),
			 REFUSAL_NONE);
	assert_int_equal(WHEN(&s, .event = EVENT_TIMER_LADDER, .step = 0), REFUSAL_NONE);
	assert_int_equal(s.said.entry_count, 0);
	assert_int_equal(WHEN(&s, .event = EVENT_CONTACT_ANSWERED, .target = id_of("first")),
			 REFUSAL_NONE);
	assert_true(says(&s, ENTRY_CONTACT_ANSWERED));
}

static void test_what_is_merged_is_handled_under_the_other_one_only(void **state)
{
	static const enum alert_event events[] = {EVENT_TAKE_OVER, EVENT_OFFER,  EVENT_RELEASE,
						  EVENT_DISPATCH,  EVENT_CLOSE,  EVENT_CLAIM,
						  EVENT_MERGE,     EVENT_TAKE_IN};
	struct scene s = claimed();

	assert_int_equal(
		WHEN(&s, .event = EVENT_MERGE, .by = id_of("bruno"), .target = id_of("other")),
		REFUSAL_CLAIMED);
	WHEN(&s, .event = EVENT_MERGE, .by = id_of("anne"), .target = id_of("other"));
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		assert_int_equal(WHEN(&s, .event = events[i], .by = id_of("anne"),
				      .target = id_of("x"), .has_text = true),
				 REFUSAL_MERGED);
	assert_int_equal(WHEN(&s, .event = EVENT_FOLLOW, .by = id_of("bruno")), REFUSAL_NONE);
	assert_true(id_eq(s.alert.claimed_by, id_of("bruno")));
	assert_int_equal(WHEN(&s, .event = EVENT_CLOSE_WITH, .outcome = OUTCOME_INTERVENTION),
			 REFUSAL_NONE);
	assert_int_equal(s.alert.state, ALERT_CLOSED);
	assert_int_equal(WHEN(&s, .event = EVENT_REOPEN_WITH, .by = id_of("bruno")), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_REOPENED) && id_eq(s.alert.claimed_by, id_of("bruno")));
	assert_false(id_is_none(s.alert.merged_into));
	assert_non_null(has_effect(&s, EFFECT_DEADLINE_SET)); /* its device is waited for */
	WHEN(&s, .event = EVENT_CLOSE_WITH, .outcome = OUTCOME_INTERVENTION);
	assert_int_equal(WHEN(&s, .event = EVENT_REOPEN, .by = id_of("anne"), .has_text = true),
			 REFUSAL_NONE);
	assert_true(id_is_none(s.alert.merged_into));
}

static void test_duress_under_another_alert_stands_alone_and_calls(void **state)
{
	struct scene s = claimed();

	WHEN(&s, .event = EVENT_MERGE, .by = id_of("anne"), .target = id_of("other"));
	assert_int_equal(WHEN(&s, .event = EVENT_END_DURESS), REFUSAL_NONE);
	assert_true(id_is_none(s.alert.merged_into));
	assert_true(says(&s, ENTRY_UNMERGED) && says(&s, ENTRY_CLIMBED));
	for (unsigned i = 0; i < s.said.entry_count; i++)
		assert_int_equal(s.said.entries[i].of_itself,
				 s.said.entries[i].kind == ENTRY_UNMERGED);
	assert_true(s.alert.silent);
	assert_int_equal(WHEN(&s, .event = EVENT_CLOSE_WITH, .outcome = OUTCOME_FALSE_ALARM),
			 REFUSAL_NOT_MERGED);
	assert_int_equal(WHEN(&s, .event = EVENT_DISPATCH, .by = id_of("anne"),
			      .target = id_of("car"), .unit = id_of("brigade")),
			 REFUSAL_NONE);
}

static void test_where_one_must_hear_no_sound_none_of_them_does(void **state)
{
	static const enum alert_event events[] = {EVENT_TAKE_IN, EVENT_MERGE, EVENT_SHARE};

	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		struct scene s = claimed();

		WHEN(&s, .event = events[i], .by = id_of("anne"), .target = id_of("other"));
		assert_false(s.alert.silent || says(&s, ENTRY_SILENCED));
		s = claimed();
		WHEN(&s, .event = events[i], .by = id_of("anne"), .target = id_of("other"),
		     .no_call_back = true);
		assert_true(s.alert.silent && says(&s, ENTRY_SILENCED));
		assert_int_equal(WHEN(&s, .event = EVENT_TALK_BEGAN, .by = id_of("anne")),
				 REFUSAL_SILENT);
		WHEN(&s, .event = EVENT_SHARE, .no_call_back = true);
		assert_int_equal(s.said.entry_count, 0);
	}
}

static void test_taking_another_in_is_nothing_done_for_the_ladder(void **state)
{
	struct scene s = claimed();

	assert_int_equal(
		WHEN(&s, .event = EVENT_TAKE_IN, .by = id_of("anne"), .target = id_of("other")),
		REFUSAL_NONE);
	assert_true(says(&s, ENTRY_TOOK_IN));
	assert_true(s.alert.acted_at_ms == TIME_NONE);
}

static void test_whoever_sees_one_sees_them_all_or_they_are_not_merged(void **state)
{
	static const enum alert_event events[] = {EVENT_TAKE_IN, EVENT_MERGE};
	struct id rooms[ALERT_MAX_ROOMS];

	for (unsigned i = 0; i < ALERT_MAX_ROOMS; i++)
		rooms[i] = id_of(((const char *[]){"a", "b", "c", "d", "e", "f", "g", "h"})[i]);
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		struct scene s = claimed();
		unsigned own = s.alert.room_count;

		assert_int_equal(WHEN(&s, .event = events[i], .by = id_of("anne"),
				      .target = id_of("other"), .rooms = rooms,
				      .room_count = ALERT_MAX_ROOMS),
				 own ? REFUSAL_ROOMS : REFUSAL_NONE);
		assert_int_equal(WHEN(&s, .event = events[i], .by = id_of("anne"),
				      .target = id_of("other"), .rooms = rooms,
				      .room_count = ALERT_MAX_ROOMS - own),
				 REFUSAL_NONE);
		assert_int_equal(s.alert.room_count, ALERT_MAX_ROOMS);
	}
}

static void test_a_room_that_comes_to_see_it_later_is_a_line_of_it(void **state)
{
	struct scene s = claimed();
	struct id rooms[] = {id_of("neighbour"), id_of("neighbour")};

	WHEN(&s, .event = EVENT_SHARE, .rooms = rooms, .room_count = 2);
	assert_int_equal(s.said.entry_count, 1);
	assert_true(says(&s, ENTRY_SHOWN) && alert_shown_to(&s.alert, rooms[0]));
	assert_true(s.said.entries[0].of_itself && id_eq(s.said.entries[0].target, rooms[0]));
}

static void test_what_called_again_under_another_is_not_closed_unseen(void **state)
{
	struct scene s = claimed();

	WHEN(&s, .event = EVENT_MERGE, .by = id_of("anne"), .target = id_of("other"));
	assert_int_equal(alert_calls_unseen(&s.alert), 0);
	WHEN(&s, .event = EVENT_TRIGGER, .reasons = 1);
	assert_int_equal(alert_calls_unseen(&s.alert), 1);
	assert_int_equal(WHEN(&s, .event = EVENT_CLOSE_WITH, .outcome = OUTCOME_INTERVENTION),
			 REFUSAL_CALLED_AGAIN);
	assert_int_equal(WHEN(&s, .event = EVENT_CLOSE_WITH, .outcome = OUTCOME_INTERVENTION,
			      .has_text = true),
			 REFUSAL_NONE);
	WHEN(&s, .event = EVENT_REOPEN_WITH, .by = id_of("anne"));
	assert_int_equal(alert_calls_unseen(&s.alert), 0);
	assert_int_equal(WHEN(&s, .event = EVENT_CLOSE_WITH, .outcome = OUTCOME_INTERVENTION),
			 REFUSAL_NONE);
}

static void test_its_own_trusted_persons_are_asked_where_the_other_asks_others(void **state)
{
	struct scene s = raised();

	WHEN(&s, .event = EVENT_MERGE, .by = id_of("anne"), .target = id_of("other"));
	assert_null(has_effect(&s, EFFECT_DEADLINE_SET));
	s.now_ms += 3600 * 1000;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	assert_true(says(&s, ENTRY_CONTACT_SILENT) || says(&s, ENTRY_MESSAGE_LATE));
	assert_int_equal(contact(&s, "second")->message, MESSAGE_QUEUED);
}

static void test_who_was_asked_before_has_the_whole_time_again(void **state)
{
	struct scene s = raised();
	int64_t whole_ms;

	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("first"), .message = MESSAGE_SENT);
	whole_ms = has_effect(&s, EFFECT_DEADLINE_SET)->due_at_ms - s.now_ms;
	WHEN(&s, .event = EVENT_MERGE, .by = id_of("anne"), .target = id_of("other"),
	     .asks_same = true);
	s.now_ms += 3600 * 1000;
	WHEN(&s, .event = EVENT_UNMERGE, .by = id_of("anne"));
	assert_int_equal(contact(&s, "second")->message, MESSAGE_NONE);
	s.now_ms += whole_ms - 1;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	assert_int_equal(s.said.entry_count, 0);
	s.now_ms++;
	WHEN(&s, .event = EVENT_TIMER_CONTACT, .target = id_of("first"));
	assert_true(says(&s, ENTRY_CONTACT_SILENT));
	assert_int_equal(contact(&s, "second")->message, MESSAGE_QUEUED);
}

static void test_what_is_unmerged_stands_alone_and_climbs_again(void **state)
{
	struct scene s = raised();

	WHEN(&s, .event = EVENT_MERGE, .by = id_of("anne"), .target = id_of("other"));
	s.now_ms += 600 * 1000;
	assert_int_equal(WHEN(&s, .event = EVENT_UNMERGE, .by = id_of("bruno")), REFUSAL_CLAIMED);
	assert_int_equal(WHEN(&s, .event = EVENT_UNMERGE, .by = id_of("anne")), REFUSAL_NONE);
	assert_true(says(&s, ENTRY_UNMERGED));
	assert_true(id_is_none(s.alert.merged_into));
	assert_true(id_eq(s.alert.claimed_by, id_of("anne")));
	assert_non_null(has_effect(&s, EFFECT_DEADLINE_SET));
	assert_int_equal(WHEN(&s, .event = EVENT_DISPATCH, .by = id_of("anne"),
			      .target = id_of("car"), .unit = id_of("brigade")),
			 REFUSAL_NONE);
}

/* --- warnings and names */

static void test_a_message_that_does_not_leave_is_warned_of_after_ten_seconds(void **state)
{
	struct scene s = sent();

	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("first"), .message = MESSAGE_SENT);
	assert_int_equal(alert_warnings(&s.alert, &s.ladder, s.now_ms + 9999), 0);
	assert_int_equal(alert_warnings(&s.alert, &s.ladder, s.now_ms + 10000), WARNING_SMS_UNSENT);
	/* Our gateway has it, the operator has not. */
	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("car"), .message = MESSAGE_ACCEPTED);
	assert_int_equal(alert_warnings(&s.alert, &s.ladder, s.now_ms + 10001), WARNING_SMS_UNSENT);
	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("car"), .message = MESSAGE_SENT);
	assert_int_equal(alert_warnings(&s.alert, &s.ladder, s.now_ms + 10001), 0);
	WHEN(&s, .event = EVENT_MESSAGE, .target = id_of("car"), .message = MESSAGE_FAILED);
	assert_int_equal(alert_warnings(&s.alert, &s.ladder, s.now_ms + 10001), WARNING_SMS_FAILED);
}

static void test_outcomes_round_trip_through_their_names(void **state)
{
	enum alert_outcome outcome;

	for (int i = OUTCOME_NONE + 1; i < OUTCOME_COUNT; i++) {
		assert_int_equal(
			alert_outcome_parse(str_from(alert_outcome_name((enum alert_outcome)i)),
					    &outcome),
			0);
		assert_int_equal(outcome, i);
	}
	assert_int_equal(alert_outcome_parse(STR(""), &outcome), -EINVAL);
	assert_int_equal(alert_outcome_parse(STR("Test"), &outcome), -EINVAL);
}

static void test_every_kind_of_entry_has_a_name_of_its_own(void **state)
{
	unsigned known = 0;

	for (int a = 0; a < 256; a++) {
		const char *name = entry_kind_name((enum entry_kind)a);

		known += name != NULL;
		for (int b = 0; name && b < a; b++)
			if (entry_kind_name((enum entry_kind)b))
				assert_string_not_equal(name, entry_kind_name((enum entry_kind)b));
	}
	assert_int_equal(known, 101);
	assert_null(entry_kind_name(ENTRY_NONE));
	assert_int_equal(entry_kind_class(ENTRY_POSITION), ENTRY_FIX);
	assert_int_equal(entry_kind_class((enum entry_kind)99), ENTRY_AUDIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_event_is_refused_where_the_table_says),
		cmocka_unit_test(test_only_the_holder_or_a_supervisor_sends_cancels_and_closes),
		cmocka_unit_test(test_raising_asks_the_first_person_and_arms_the_first_step),
		cmocka_unit_test(
			test_a_second_press_joins_and_a_silent_device_makes_the_alert_silent),
		cmocka_unit_test(test_a_code_closes_nothing_and_a_new_call_takes_it_back),
		cmocka_unit_test(test_duress_calls_more_help_at_once_and_nothing_calms_it),
		cmocka_unit_test(test_duress_climbs_nothing_when_everybody_has_been_called),
		cmocka_unit_test(test_an_alert_nobody_sees_climbs_to_the_top),
		cmocka_unit_test(test_a_duty_officer_who_cannot_be_told_is_not_waited_for),
		cmocka_unit_test(
			test_an_sms_that_reaches_the_duty_officer_ends_the_warning_and_climbs_nothing),
		cmocka_unit_test(test_a_failed_call_for_what_has_come_since_climbs_nothing),
		cmocka_unit_test(test_a_step_fires_neither_early_nor_out_of_date_and_stays_armed),
		cmocka_unit_test(test_a_painted_alert_skips_the_step_for_unpainted_ones),
		cmocka_unit_test(test_a_claim_without_an_act_climbs_after_a_minute),
		cmocka_unit_test(
			test_what_the_holder_does_counts_as_an_act_and_what_others_do_does_not),
		cmocka_unit_test(test_taking_over_is_free_for_twenty_seconds),
		cmocka_unit_test(test_a_merged_alert_pages_nobody_and_is_heard_all_the_same),
		cmocka_unit_test(test_what_is_merged_is_handled_under_the_other_one_only),
		cmocka_unit_test(test_duress_under_another_alert_stands_alone_and_calls),
		cmocka_unit_test(test_where_one_must_hear_no_sound_none_of_them_does),
		cmocka_unit_test(test_what_is_unmerged_stands_alone_and_climbs_again),
		cmocka_unit_test(test_taking_another_in_is_nothing_done_for_the_ladder),
		cmocka_unit_test(test_whoever_sees_one_sees_them_all_or_they_are_not_merged),
		cmocka_unit_test(test_a_room_that_comes_to_see_it_later_is_a_line_of_it),
		cmocka_unit_test(test_what_called_again_under_another_is_not_closed_unseen),
		cmocka_unit_test(
			test_its_own_trusted_persons_are_asked_where_the_other_asks_others),
		cmocka_unit_test(test_who_was_asked_before_has_the_whole_time_again),
		cmocka_unit_test(test_what_is_offered_stays_its_holders_until_another_accepts_it),
		cmocka_unit_test(test_what_is_offered_and_not_accepted_climbs_as_if_nobody_had_it),
		cmocka_unit_test(test_taking_over_what_is_offered_needs_no_reason),
		cmocka_unit_test(test_what_is_released_climbs_as_a_new_one_and_its_units_go_on),
		cmocka_unit_test(test_a_note_a_reopening_and_the_outcome_other_need_words),
		cmocka_unit_test(test_closing_ends_units_links_messages_and_deadlines),
		cmocka_unit_test(test_a_test_that_its_device_asked_for_ends_by_itself),
		cmocka_unit_test(test_no_such_end_comes_to_any_other_alert),
		cmocka_unit_test(test_a_unit_that_was_there_stays_arrived_when_the_alert_closes),
		cmocka_unit_test(test_whoever_reopens_has_it_and_a_minute_to_act),
		cmocka_unit_test(test_the_next_person_is_asked_after_a_minute_by_rank),
		cmocka_unit_test(test_an_undelivered_message_goes_on_at_once_and_only_once),
		cmocka_unit_test(test_when_an_sms_has_not_left_the_next_is_asked_and_only_once),
		cmocka_unit_test(test_an_answer_stops_the_chain),
		cmocka_unit_test(
			test_whoever_lost_their_link_neither_counts_nor_is_asked_by_the_chain),
		cmocka_unit_test(test_the_chain_goes_on_when_the_awaited_person_loses_their_link),
		cmocka_unit_test(test_receipts_in_any_order_end_alike),
		cmocka_unit_test(
			test_another_attempt_that_the_gateway_takes_is_no_failure_any_more),
		cmocka_unit_test(test_a_receipt_for_somebody_never_asked_changes_nothing),
		cmocka_unit_test(test_a_unit_goes_forward_and_saying_it_twice_is_harmless),
		cmocka_unit_test(test_when_all_decline_the_alert_waits_for_another_unit),
		cmocka_unit_test(test_the_room_calling_a_unit_back_is_no_receipt),
		cmocka_unit_test(test_a_units_sms_that_has_not_left_is_said_once),
		cmocka_unit_test(test_a_unit_that_says_nothing_for_a_minute_climbs_once),
		cmocka_unit_test(test_a_device_not_heard_is_said_once_and_so_is_its_return),
		cmocka_unit_test(test_a_device_that_comes_back_may_be_silent_for_longer),
		cmocka_unit_test(test_a_device_never_heard_of_is_waited_for_from_the_raising),
		cmocka_unit_test(test_a_unit_is_sent_once_at_a_time_and_twelve_are_enough),
		cmocka_unit_test(test_a_message_that_does_not_leave_is_warned_of_after_ten_seconds),
		cmocka_unit_test(test_outcomes_round_trip_through_their_names),
		cmocka_unit_test(test_every_kind_of_entry_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests_name("core: alert", tests, NULL, NULL);
}
