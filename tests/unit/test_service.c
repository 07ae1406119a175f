/*
 * What devices say and what becomes of it: alerts, the unverified lane, the trail, and the
 * executor's groups.
 */
#include <unistd.h>

#include "base/alloc.h"
#include "service/card.h"
#include "service/reader.h"
#include "store/deadlines.h"
#include "store/devices.h"
#include "store/unverified.h"
#include "town.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS };
enum { SOS = 1, LOW_BATTERY = 2 };

static struct command *say_at(int64_t now_ms, int64_t at_ms)
{
	struct device_report report = town_sos(at_ms);

	office_now_ms = now_ms;
	return town_say(&report);
}

static struct id add_device(const char *json)
{
	return office_id(office_control("device.add", json));
}

static struct arena arena;

static struct unverified only_group(void)
{
	struct unverified *list;
	size_t count;

	arena_fini(&arena);
	assert_int_equal(unverified_list(office_vault(), &arena, 0, 10, &list, &count), 0);
	assert_int_equal(count, 1);
	return list[0];
}

static void assert_nothing_was_raised(void)
{
	assert_int_equal(town_count("alert"), 0);
	assert_int_equal(town_count("deadline"), 0);
	assert_int_equal(town_count("outbox"), 0);
}

/* ---- raising ---- */

static void test_an_sos_raises_an_alert_with_its_position(void **state)
{
	struct device_report report;
	struct command *command;
	struct case_of c;
	json_t *entry, *card;

	town_open();
	report = town_sos(office_now_ms - SECOND_MS);
	command = town_say(&report);
	assert_done(command);
	assert_false(command->outcome.repeated);
	assert_true(id_eq(command->outcome.device, town.watch));
	c = town_stored(command->outcome.subject);
	assert_int_equal(c.alert.ref, 1);
	assert_int_equal(c.alert.state, ALERT_RAISED);
	assert_int_equal(c.alert.reasons, SOS);
	assert_int_equal(c.alert.raised_at_ms, office_now_ms);
	assert_int_equal(c.alert.device_at_ms, office_now_ms - SECOND_MS);
	assert_true(id_eq(c.alert.official, town.official));
	assert_true(id_eq(c.alert.unit, town.brigade));
	assert_int_equal(c.alert.room_count, 1);
	assert_true(id_eq(c.alert.rooms[0], town.room));
	assert_str_equal(c.face.official_name, "Élue de Synthèse");
	assert_str_equal(c.face.device_label, "Montre");

	entry = read_as("Entry", office_published()->json);
	assert_string_equal(json_string_value(json_object_get(entry, "kind")), "alert.raised");
	card = json_object_get(entry, "card");
	assert_float_equal(json_real_value(json_object_get(json_object_get(card, "fix"), "lat")),
			   46.5712, 1e-7);
	json_decref(entry);
	assert_int_equal(town_entries(c.alert.id, ENTRY_POSITION, NULL), 1);
	town_close();
}

static void test_raising_asks_the_first_trusted_person_and_arms_the_ladder(void **state)
{
	struct message list[4];
	struct deadline deadlines[4];
	size_t count;
	struct id alert;

	town_open();
	alert = town_alert();
	assert_int_equal(town_messages(alert, NULL, list, 4), 1);
	assert_str_equal(list[0].to, FIRST_PHONE);
	assert_int_equal(list[0].valid_until_ms, office_now_ms + 10 * MINUTE_MS);
	assert_int_equal(deadlines_next(office_vault(), 4, deadlines, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(deadlines[0].timer, TIMER_LADDER);
	assert_int_equal(deadlines[0].due_at_ms, office_now_ms + 5 * SECOND_MS);
	assert_int_equal(deadlines[1].timer, TIMER_CONTACT);
	assert_true(id_eq(deadlines[1].target, town.first_contact));
	assert_int_equal(deadlines[1].due_at_ms, office_now_ms + 10 * SECOND_MS);
	assert_int_equal(deadlines[2].timer, TIMER_DEVICE);
	assert_int_equal(deadlines[2].due_at_ms, office_now_ms + 90 * SECOND_MS);
	town_close();
}

static void test_a_second_press_joins_the_open_alert(void **state)
{
	struct id alert;
	struct command *second;
	struct message list[4];
	struct device_report report;

	town_open();
	alert = town_alert();
	report = town_sos(office_now_ms + 30 * SECOND_MS);
	report.reasons |= LOW_BATTERY;
	office_now_ms += 30 * SECOND_MS;
	second = town_say(&report);
	assert_done(second);
	assert_false(second->outcome.repeated);
	assert_true(id_eq(second->outcome.subject, alert));
	assert_int_equal(town_stored(alert).alert.triggers, 2);
	assert_int_equal(town_stored(alert).alert.reasons, SOS | LOW_BATTERY);
	assert_int_equal(town_count("alert"), 1);
	assert_int_equal(town_messages(alert, NULL, list, 4), 1);
	town_close();
}

static void test_the_same_call_sent_again_is_one_alert(void **state)
{
	struct id alert;
	struct command *again;

	town_open();
	alert = town_alert();
	for (int i = 1; i <= 5; i++) {
		again = say_at(TEST_NOW_MS + i * 10 * SECOND_MS, TEST_NOW_MS);
		assert_done(again);
		assert_true(again->outcome.repeated);
		assert_true(id_eq(again->outcome.subject, alert));
	}
	assert_int_equal(town_stored(alert).alert.triggers, 1);
	assert_int_equal(town_entries(alert, ENTRY_TRIGGERED, NULL), 0);
	town_close();
}

static void test_the_same_call_is_one_alert_after_a_crash_and_after_the_end(void **state)
{
	struct id alert;
	struct command *again;

	town_open();
	alert = town_alert();
	office_crash();
	assert_true(say_at(TEST_NOW_MS + SECOND_MS, TEST_NOW_MS)->outcome.repeated);
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_FALSE_ALARM));
	again = say_at(TEST_NOW_MS + MINUTE_MS, TEST_NOW_MS);
	assert_true(again->outcome.repeated);
	assert_true(id_eq(again->outcome.subject, alert));
	assert_int_equal(town_count("alert"), 1);
	town_close();
}

static void test_a_watch_whose_clock_is_stuck_is_heard_again_after_ten_minutes(void **state)
{
	struct id alert;
	struct command *later;

	town_open();
	alert = town_alert();
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_FALSE_ALARM));
	later = say_at(TEST_NOW_MS + 10 * MINUTE_MS + 1, TEST_NOW_MS);
	assert_done(later);
	assert_false(later->outcome.repeated);
	assert_false(id_eq(later->outcome.subject, alert));
	town_close();
}

static void test_a_call_without_a_time_repeats_only_within_the_open_alert(void **state)
{
	struct id alert;

	town_open();
	alert = say_at(TEST_NOW_MS, TIME_NONE)->outcome.subject;
	assert_true(say_at(TEST_NOW_MS + 59 * SECOND_MS, TIME_NONE)->outcome.repeated);
	assert_false(say_at(TEST_NOW_MS + 61 * SECOND_MS, TIME_NONE)->outcome.repeated);
	assert_int_equal(town_stored(alert).alert.triggers, 2);
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_FALSE_ALARM));
	assert_false(
		id_eq(say_at(TEST_NOW_MS + 62 * SECOND_MS, TIME_NONE)->outcome.subject, alert));
	town_close();
}

static void test_clocks_an_hour_off_raise_at_the_server_s_time(void **state)
{
	struct case_of c;

	town_open();
	c = town_stored(say_at(TEST_NOW_MS, TEST_NOW_MS - 60 * MINUTE_MS)->outcome.subject);
	assert_int_equal(c.alert.raised_at_ms, TEST_NOW_MS);
	assert_int_equal(c.alert.ladder_from_ms, TEST_NOW_MS);
	town_close();
}

static void test_an_sos_with_a_low_battery_raises_and_shows_both(void **state)
{
	struct device_report report;
	struct command *command;
	json_t *card;

	town_open();
	report = town_sos(office_now_ms);
	report.reasons = SOS | LOW_BATTERY;
	report.position.known = false;
	command = town_say(&report);
	card = read_as("Card", command->outcome.json);
	assert_int_equal(json_array_size(json_object_get(card, "reasons")), 2);
	assert_true(json_is_null(json_object_get(card, "fix")));
	json_decref(card);
	assert_int_equal(town_entries(command->outcome.subject, ENTRY_POSITION, NULL), 0);
	town_close();
}

static void test_a_malformed_call_of_a_known_device_raises_marked(void **state)
{
	struct device_report report;
	struct command *command;
	json_t *card;

	town_open();
	report = town_sos(TIME_NONE);
	report.malformed = true;
	command = town_say(&report);
	assert_done(command);
	card = read_as("Card", command->outcome.json);
	assert_string_equal(json_string_value(json_array_get(json_object_get(card, "reasons"), 1)),
			    "malformed");
	json_decref(card);
	town_close();
}

static void test_a_disabled_device_still_raises_marked(void **state)
{
	struct command *command;
	json_t *card;

	town_open();
	assert_done(office_control("device.disable", "{\"device\":\"watch:" TOWN_WATCH "\"}"));
	command = say_at(TEST_NOW_MS, TEST_NOW_MS);
	assert_done(command);
	assert_false(command->outcome.unverified);
	card = read_as("Card", command->outcome.json);
	assert_string_equal(json_string_value(json_array_get(json_object_get(card, "reasons"), 1)),
			    "not_granted");
	json_decref(card);
	town_close();
}

static void test_a_device_that_nobody_wears_raises_in_the_room_of_its_unit(void **state)
{
	struct device_report report;
	struct message list[1];
	struct command *command;
	struct case_of c;

	town_open();
	add_device("{\"protocol\":\"watch\",\"networks\":\"127.0.0.0/"
		   "8\",\"ident\":\"8800000099\",\"label\":\"Bouton\","
		   "\"unit\":\"Patrouille\"}");
	report = town_sos(office_now_ms);
	report.ident = STR("8800000099");
	command = town_say(&report);
	assert_done(command);
	c = town_stored(command->outcome.subject);
	assert_int_equal(c.alert.room_count, 1);
	assert_true(id_eq(c.alert.rooms[0], town.room));
	assert_is("Card", command->outcome.json);
	assert_is("Entry", office_published()->json);
	assert_int_equal(town_messages(c.alert.id, NULL, list, 1), 0);
	town_close();
}

static void test_an_official_with_little_written_down_raises_well_formed(void **state)
{
	struct device_report report;
	struct command *command;

	town_open();
	office_id(office_control("official.add",
				 "{\"name\":\"Sans Mandat\",\"unit\":\"Patrouille\","
				 "\"phone\":\"0600000077\"}"));
	add_device("{\"protocol\":\"watch\",\"networks\":\"127.0.0.0/8\",\"ident\":\"8800000077\","
		   "\"label\":\"Montre\",\"official\":\"0600000077\"}");
	report = town_sos(office_now_ms);
	report.ident = STR("8800000077");
	command = town_say(&report);
	assert_is("Card", command->outcome.json);
	assert_is("Entry", office_published()->json);
	town_close();
}

static void test_two_devices_of_one_official_are_one_alert(void **state)
{
	struct device_report report;
	struct id alert;

	town_open();
	add_device("{\"protocol\":\"watch\",\"networks\":\"127.0.0.0/8\",\"ident\":\"8800000016\","
		   "\"label\":\"Bouton\",\"official\":\"+33639980010\"}");
	alert = town_alert();
	report = town_sos(office_now_ms);
	report.ident = STR("8800000016");
	assert_true(id_eq(town_say(&report)->outcome.subject, alert));
	assert_int_equal(town_stored(alert).alert.triggers, 2);
	assert_int_equal(town_entries(alert, ENTRY_POSITION, NULL), 2);
	town_close();
}

static void test_a_silent_second_device_makes_the_alert_silent(void **state)
{
	struct device_report report;
	struct id alert;

	town_open();
	add_device("{\"protocol\":\"watch\",\"networks\":\"127.0.0.0/"
		   "8\",\"ident\":\"8800000016\",\"silent\":\"oui\","
		   "\"label\":\"Bouton\",\"official\":\"+33639980010\"}");
	alert = town_alert();
	assert_false(town_stored(alert).alert.silent);
	report = town_sos(office_now_ms);
	report.ident = STR("8800000016");
	town_say(&report);
	assert_true(town_stored(alert).alert.silent);
	town_close();
}

static void test_a_test_alert_is_not_joined_by_a_real_call(void **state)
{
	struct command *test;
	struct message list[4];
	struct id alert;

	town_open();
	test = command_new(VERB_TEST_ALERT, town.alice);
	test->subject = town.watch;
	assert_done(office_run(test));
	assert_is("Card", test->outcome.json);
	assert_int_equal(town_messages(test->outcome.subject, NULL, list, 4), 1);
	assert_true(list[0].simulated);
	assert_true(str_starts(list[0].text, STR("TEST - ")));
	alert = town_alert();
	assert_false(id_eq(alert, test->outcome.subject));
	assert_false(town_stored(alert).alert.test);
	assert_int_equal(town_messages(alert, NULL, list, 4), 1);
	assert_false(list[0].simulated);
	town_close();
}

/* As a telephone asks for it: the actor is the device itself. */
static struct command *device_test(struct id device, const char *key)
{
	struct command *test =
		command_new(VERB_TEST_ALERT, (struct actor){ACTOR_DEVICE, device, 0, ID_NONE});

	test->subject = device;
	test->key = command_keep(test, str_from(key));
	return office_run(test);
}

static void test_a_device_s_own_test_says_what_would_work_and_ends_by_itself(void **state)
{
	struct command *test;
	struct message list[1];
	struct id real, alert;

	town_open();
	test = device_test(town.watch, "test 1");
	assert_done(test);
	alert = test->outcome.subject;
	assert_true(str_eq(test->as.test.facts.room_name, STR("Salle")));
	assert_int_equal(test->as.test.facts.contacts, 2);
	assert_true(test->as.test.facts.granted);
	assert_int_equal(test->as.test.facts.sms, MESSAGE_NONE); /* its own, simulated, is none */

	/* The same asked again; another too soon; a real call meanwhile. */
	assert_true(id_eq(device_test(town.watch, "test 1")->outcome.subject, alert));
	real = town_alert();
	assert_false(id_eq(real, alert));
	assert_int_equal(town_messages(real, NULL, list, 1), 1);
	town_sent(list[0].id, MESSAGE_FAILED, TIME_NONE);

	town_wait_until(office_now_ms + 8000);
	assert_int_equal(town_stored(alert).alert.state, ALERT_CLOSED);
	assert_int_equal(town_stored(alert).alert.outcome, OUTCOME_TEST);
	assert_int_equal(town_stored(real).alert.state, ALERT_RAISED);
	assert_int_equal(device_test(town.watch, "test 2")->outcome.problem, PROBLEM_TOO_MANY);
	office_now_ms += 60 * 1000;
	test = device_test(town.watch, "test 3");
	assert_done(test);
	assert_int_equal(test->as.test.facts.sms, MESSAGE_FAILED);
	town_close();
}

static struct id start_test(void)
{
	struct command *test = command_new(VERB_TEST_ALERT, town.alice);

	test->subject = town.watch;
	assert_done(office_run(test));
	return test->outcome.subject;
}

/* A position that is not a call. */
static void watch_moves(void)
{
	struct device_report report;

	office_now_ms += SECOND_MS;
	report = town_sos(office_now_ms);
	report.call_for_help = false;
	report.reasons = 0;
	assert_done(town_say(&report));
}

static int trail_of(struct id alert)
{
	return town_entries(alert, ENTRY_POSITION, NULL);
}

static void test_positions_of_a_device_under_test_are_the_trail_of_the_test(void **state)
{
	struct device_report again;
	struct id test, alert;

	town_open();
	watch_moves();
	test = start_test();
	assert_int_equal(trail_of(test), 0);
	watch_moves();
	watch_moves();
	assert_int_equal(trail_of(test), 2);
	/* A call for help while the test runs: a real alert, and both have the position, once. */
	again = town_sos(office_now_ms);
	alert = town_say(&again)->outcome.subject;
	assert_false(id_eq(alert, test));
	assert_false(town_stored(alert).alert.test);
	assert_true(town_say(&again)->outcome.repeated);
	assert_int_equal(trail_of(alert), 1);
	assert_int_equal(trail_of(test), 3);
	watch_moves();
	assert_int_equal(trail_of(alert), 2);
	assert_int_equal(trail_of(test), 4);
	assert_done(town_event(town.alice, test, NULL, EVENT_CLAIM));
	assert_done(town_event(town.alice, test, NULL, EVENT_CLOSE, .outcome = OUTCOME_TEST));
	watch_moves();
	assert_int_equal(trail_of(alert), 3);
	assert_int_equal(trail_of(test), 4);
	town_close();
}

static void test_every_message_of_a_test_alert_is_simulated(void **state)
{
	struct command *test;
	struct message list[16];
	size_t count;

	town_open();
	test = command_new(VERB_TEST_ALERT, town.alice);
	test->subject = town.watch;
	office_run(test);
	town_wait_until(office_now_ms + 5 * MINUTE_MS);
	town_event(town.alice, test->outcome.subject, NULL, EVENT_CLAIM);
	town_event(town.alice, test->outcome.subject, NULL, EVENT_DISPATCH, .unit = town.brigade);
	town_wait_until(office_now_ms + 5 * MINUTE_MS);
	count = town_messages(test->outcome.subject, NULL, list, 16);
	assert_true(count >= 5); /* two trusted persons, the duty officer, the unit */
	for (size_t i = 0; i < count; i++)
		assert_true(list[i].simulated);
	town_close();
}

/* ---- the unverified lane (I4) ---- */

static void test_an_unknown_device_goes_to_the_lane_and_raises_nothing(void **state)
{
	struct device_report report;
	struct command *command;
	struct unverified group;

	town_open();
	report = town_sos(office_now_ms);
	report.ident = STR("9999999999");
	command = town_say(&report);
	assert_done(command);
	assert_true(command->outcome.unverified);
	group = only_group();
	assert_str_equal(group.ident, "9999999999");
	assert_str_equal(group.source, "127.0.0.1");
	assert_int_equal(group.reason, UNVERIFIED_UNKNOWN);
	assert_int_equal(group.frames, 1);
	assert_true(group.sos && group.has_fix);
	assert_null(office_published());
	assert_nothing_was_raised();
	town_close();
}

static void test_a_known_device_from_elsewhere_goes_to_the_lane_and_joins_nothing(void **state)
{
	struct device_report report;
	struct id alert;

	town_open();
	alert = town_alert();
	report = town_sos(office_now_ms + SECOND_MS);
	memcpy(report.source + 12, (uint8_t[]){192, 0, 2, 7}, 4);
	assert_true(town_say(&report)->outcome.unverified);
	assert_int_equal(only_group().reason, UNVERIFIED_OUT_OF_NETWORK);
	assert_int_equal(town_stored(alert).alert.triggers, 1);
	assert_int_equal(town_entries(alert, ENTRY_POSITION, NULL), 1);
	memcpy(report.source, (uint8_t[]){0x20, 0x01, 0x0d, 0xb8}, 4);
	memset(report.source + 4, 0, 12);
	assert_false(town_say(&report)->outcome.unverified);
	town_close();
}

static void test_a_telephone_without_its_credential_is_unverified(void **state)
{
	static const enum protocol protocols[] = {PROTOCOL_OSMAND, PROTOCOL_OWNTRACKS,
						  PROTOCOL_PHONE};

	town_open();
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++) {
		struct device_report report = town_sos(office_now_ms);
		char json[160];

		snprintf(json, sizeof(json),
			 "{\"protocol\":\"%s\",\"ident\":\"tel-1\",\"label\":\"Téléphone\","
			 "\"official\":\"+33639980010\"}",
			 protocol_name(protocols[i]));
		add_device(json);
		report.protocol = protocols[i];
		report.ident = STR("tel-1");
		assert_true(town_say(&report)->outcome.unverified);
		assert_nothing_was_raised();
		report.call_for_help = false;
		assert_true(town_say(&report)->outcome.unverified);
		assert_int_equal(town_count("device_last"), 0);
		assert_int_equal(only_group().reason, UNVERIFIED_UNKNOWN);
	}
	town_close();
}

static void test_a_telephone_with_its_credential_raises(void **state)
{
	struct device_report report;

	town_open();
	report = town_sos(office_now_ms);
	report.authenticated =
		add_device("{\"protocol\":\"osmand\",\"ident\":\"tel-1\",\"label\":\"Téléphone\","
			   "\"official\":\"+33639980010\"}");
	report.protocol = PROTOCOL_OSMAND;
	memset(report.source, 7, sizeof(report.source));
	assert_false(town_say(&report)->outcome.unverified);
	assert_int_equal(town_count("alert"), 1);
	town_close();
}

static void test_unknown_frames_are_grouped_and_limited_for_each_source(void **state)
{
	struct device_report report;

	town_open();
	report = town_sos(office_now_ms);
	report.ident = STR("9999999999");
	for (int i = 0; i < 60; i++)
		assert_done(town_say(&report));
	assert_refused(town_say(&report), PROBLEM_TOO_MANY,
		       "Trop de messages d'appareils inconnus depuis cette adresse.");
	assert_int_equal(only_group().frames, 60);
	office_now_ms += MINUTE_MS;
	assert_done(town_say(&report));
	assert_int_equal(only_group().frames, 62); /* the one held back is counted */
	report.ident = STR(TOWN_WATCH);
	assert_false(town_say(&report)->outcome.unverified);
	town_close();
}

static void test_a_frame_that_is_not_acknowledged_left_nothing(void **state)
{
	struct device_report report;
	int64_t before;

	town_open();
	report = town_sos(office_now_ms);
	report.ident = STR("9999999999");
	for (int i = 0; i < 60; i++)
		town_say(&report);
	before = office_journal();
	assert_int_equal(town_say(&report)->outcome.number, 0);
	assert_int_equal(office_journal(), before);
	town_close();
}

static void test_the_lane_is_well_formed_whatever_a_device_calls_itself(void **state)
{
	static const struct str names[] = {STR("\"\\\n\x01\x7f"), STR("\xff\xfe\xc3("), STR(""),
					   STR("éééééééééééééééééééééééééééééééaéééééééééééé")};
	struct answer answer = {0};

	town_open();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct device_report report = town_sos(office_now_ms);

		report.ident = names[i];
		assert_true(town_say(&report)->outcome.unverified);
	}
	assert_int_equal(reader_lane(office_reader(), &arena, NULL, office_now_ms, NULL, &answer),
			 0);
	assert_is("FeedUnverified", answer.json);
	arena_fini(&arena);
	town_close();
}

/* ---- positions ---- */

static struct device_last last_of(struct id device)
{
	struct device_last last;

	assert_int_equal(device_last_load(office_vault(), device, &last), 0);
	return last;
}

static struct device_report position_at(int64_t at_ms, int32_t lat_e7)
{
	struct device_report report = town_sos(at_ms);

	report.call_for_help = false;
	report.reasons = 0;
	report.position.lat_e7 = lat_e7;
	return report;
}

static void test_positions_outside_an_alert_leave_no_trail(void **state)
{
	struct device_report report;
	int64_t before;

	town_open();
	before = office_journal();
	report = position_at(office_now_ms, 465000000);
	assert_done(town_say(&report));
	assert_int_equal(office_journal(), before);
	assert_int_equal(last_of(town.watch).fix.lat_e7, 465000000);
	town_close();
}

static void test_positions_during_an_alert_are_its_trail(void **state)
{
	struct device_report report;
	struct id alert;

	town_open();
	alert = town_alert();
	report = position_at(office_now_ms + SECOND_MS, 465000000);
	office_now_ms += SECOND_MS;
	assert_done(town_say(&report));
	assert_int_equal(town_entries(alert, ENTRY_POSITION, NULL), 2);
	assert_is("Entry", office_published()->json);
	town_close();
}

static void test_a_late_position_joins_the_trail_and_is_not_the_last_one(void **state)
{
	struct device_report report;
	struct id alert;

	town_open();
	alert = town_alert();
	report = position_at(office_now_ms - 5 * MINUTE_MS, 465000000);
	report.stored = true;
	assert_done(town_say(&report));
	assert_int_equal(town_entries(alert, ENTRY_POSITION, NULL), 2);
	assert_int_equal(last_of(town.watch).fix.lat_e7, 465712000);
	town_close();
}

static void keep_house(void)
{
	office_keep_house();
	assert_int_equal(office_failed, 0);
}

static void test_a_last_position_is_forgotten_after_ten_minutes(void **state)
{
	struct device_report report;

	town_open();
	report = position_at(office_now_ms, 465000000);
	town_say(&report);
	office_now_ms += 10 * MINUTE_MS;
	keep_house();
	assert_true(last_of(town.watch).has_fix);
	office_now_ms += 1;
	keep_house();
	assert_false(last_of(town.watch).has_fix);
	town_close();
}

static void test_the_last_position_is_kept_while_an_alert_is_open(void **state)
{
	struct id alert;

	town_open();
	alert = town_alert();
	office_now_ms += 30 * MINUTE_MS;
	keep_house();
	assert_true(last_of(town.watch).has_fix);
	town_event(town.alice, alert, NULL, EVENT_CLAIM);
	town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE);
	keep_house();
	assert_false(last_of(town.watch).has_fix);
	town_close();
}

/* ---- officials who left ---- */

static void test_a_purge_waits_for_the_end_of_the_alert(void **state)
{
	struct command *purge;

	town_open();
	town_alert();
	purge = office_control("official.remove", "{\"official\":\"+33639980010\"}");
	assert_int_equal(purge->outcome.problem, PROBLEM_CONFLICT);
	town_close();
}

static void test_the_device_of_a_purged_official_still_raises(void **state)
{
	struct id alert;
	struct case_of c;

	town_open();
	alert = town_alert();
	town_event(town.alice, alert, NULL, EVENT_CLAIM);
	town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE);
	assert_done(office_control("official.remove", "{\"official\":\"+33639980010\"}"));
	c = town_stored(alert);
	assert_str_equal(c.face.official_name, "Élue de Synthèse");
	office_now_ms += MINUTE_MS;
	c = town_stored(town_alert());
	assert_true(id_is_none(c.alert.official));
	assert_int_equal(c.alert.room_count, 1);
	assert_is("Entry", office_published()->json);
	town_close();
}

/* ---- the executor ---- */

SQL(spoil, "UPDATE device SET body = $2 WHERE id = $1");

/* From now on this device cannot be read. */
static void spoil_device(struct id device)
{
	struct query *q = db_query(vault_db(office_vault()), &spoil);

	bind_id(q, 1, device);
	bind_blob(q, 2, STR("spoilt"));
	assert_int_equal(db_done_after(q), 0);
}

static void test_a_command_that_fails_leaves_its_neighbours_done(void **state)
{
	struct command *group[9];
	struct device_report report;

	town_open();
	spoil_device(add_device("{\"protocol\":\"watch\",\"networks\":\"127.0.0.0/"
				"8\",\"ident\":\"8800000066\",\"label\":"
				"\"Illisible\",\"unit\":\"Brigade\"}"));
	for (int i = 0; i < 9; i++) {
		report = town_sos(TEST_NOW_MS + i);
		report.ident = i == 4 ? STR("8800000066") : STR(TOWN_WATCH);
		group[i] = town_report_command(&report);
	}
	office_run_together(group, 9);
	for (int i = 0; i < 9; i++) {
		if (i == 4)
			assert_int_equal(group[i]->outcome.problem, PROBLEM_UNAVAILABLE);
		else
			assert_done(group[i]);
	}
	assert_int_equal(town_count("alert"), 1);
	assert_int_equal(town_stored(group[0]->outcome.subject).alert.triggers, 8);
	town_close();
}

static void test_a_group_publishes_its_entries_in_the_order_of_numbers(void **state)
{
	struct command *group[20];
	struct device_report report;
	int64_t last;

	town_open();
	last = office_journal();
	for (int i = 0; i < 20; i++) {
		report = town_sos(TEST_NOW_MS + i);
		group[i] = town_report_command(&report);
	}
	office_run_together(group, 20);
	for (const struct publication *p = office_published(); p; p = p->next) {
		assert_int_equal(p->number, ++last);
		assert_is("Entry", p->json);
	}
	assert_int_equal(last, office_journal());
	town_close();
}

static void test_units_are_known_again_after_the_database_was_away(void **state)
{
	struct db *other;

	town_open();
	other = open_other(DB_WRITER);
	/* PostgreSQL ends our connection, as when it restarts. */
	db_execute(other, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
			  "pg_backend_pid() AND datname = current_database()");
	db_close(other);
	assert_int_equal(town_stored(town_alert()).alert.room_count, 1);
	town_close();
}

static void test_units_are_known_when_the_database_goes_away_within_a_command(void **state)
{
	/* A sequence does not go back with its transaction: only the first entry ends the
	 * connection. */
	static const char *const statements[] = {
		"CREATE SEQUENCE ends",
		"CREATE FUNCTION end_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
		" IF nextval('ends') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END "
		"IF;"
		" RETURN NEW; END $$",
		("CREATE TRIGGER end_once BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION"
		 " end_once()")};
	struct db *other;
	struct id alert;

	town_open();
	other = open_other(DB_WRITER);
	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		assert_int_equal(db_execute(other, statements[i]), 0);
	db_close(other);
	alert = town_alert();
	assert_int_equal(town_stored(alert).alert.room_count, 1);
	assert_true(id_eq(town_stored(alert).alert.rooms[0], town.room));
	assert_int_equal(town_count("alert"), 1);
	town_close();
}

/* ---- the journal ---- */

static void test_a_key_of_an_operator_makes_a_repeat_harmless(void **state)
{
	struct id alert;

	town_open();
	alert = town_alert();
	town_event(town.alice, alert, NULL, EVENT_CLAIM);
	for (int i = 0; i < 2; i++) {
		struct command *note = command_new(VERB_ALERT, town.alice);

		note->subject = alert;
		note->as.alert.event = EVENT_NOTE;
		note->text = command_keep(note, STR("Vu"));
		note->key = command_keep(note, STR("clef"));
		assert_done(office_run(note));
		assert_int_equal(note->outcome.repeated, i);
		assert_is("Card", note->outcome.json);
	}
	assert_int_equal(town_entries(alert, ENTRY_NOTED, NULL), 1);
	town_close();
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_BOTH, test_an_sos_raises_an_alert_with_its_position),
		on(ON_BOTH, test_raising_asks_the_first_trusted_person_and_arms_the_ladder),
		on(ON_BOTH, test_a_second_press_joins_the_open_alert),
		on(ON_BOTH, test_the_same_call_sent_again_is_one_alert),
		on(ON_BOTH, test_the_same_call_is_one_alert_after_a_crash_and_after_the_end),
		on(ON_BOTH, test_a_watch_whose_clock_is_stuck_is_heard_again_after_ten_minutes),
		on(ON_BOTH, test_a_call_without_a_time_repeats_only_within_the_open_alert),
		on(ON_BOTH, test_clocks_an_hour_off_raise_at_the_server_s_time),
		on(ON_BOTH, test_an_sos_with_a_low_battery_raises_and_shows_both),
		on(ON_BOTH, test_a_malformed_call_of_a_known_device_raises_marked),
		on(ON_BOTH, test_a_disabled_device_still_raises_marked),
		on(ON_BOTH, test_a_device_that_nobody_wears_raises_in_the_room_of_its_unit),
		on(ON_BOTH, test_an_official_with_little_written_down_raises_well_formed),
		on(ON_BOTH, test_two_devices_of_one_official_are_one_alert),
		on(ON_BOTH, test_a_silent_second_device_makes_the_alert_silent),
		on(ON_BOTH, test_a_test_alert_is_not_joined_by_a_real_call),
		on(ON_BOTH, test_a_device_s_own_test_says_what_would_work_and_ends_by_itself),
		on(ON_BOTH, test_positions_of_a_device_under_test_are_the_trail_of_the_test),
		on(ON_BOTH, test_every_message_of_a_test_alert_is_simulated),
		on(ON_BOTH, test_an_unknown_device_goes_to_the_lane_and_raises_nothing),
		on(ON_BOTH, test_a_known_device_from_elsewhere_goes_to_the_lane_and_joins_nothing),
		on(ON_BOTH, test_a_telephone_without_its_credential_is_unverified),
		on(ON_BOTH, test_a_telephone_with_its_credential_raises),
		on(ON_BOTH, test_unknown_frames_are_grouped_and_limited_for_each_source),
		on(ON_BOTH, test_a_frame_that_is_not_acknowledged_left_nothing),
		on(ON_BOTH, test_the_lane_is_well_formed_whatever_a_device_calls_itself),
		on(ON_BOTH, test_positions_outside_an_alert_leave_no_trail),
		on(ON_BOTH, test_positions_during_an_alert_are_its_trail),
		on(ON_BOTH, test_a_late_position_joins_the_trail_and_is_not_the_last_one),
		on(ON_BOTH, test_a_last_position_is_forgotten_after_ten_minutes),
		on(ON_BOTH, test_the_last_position_is_kept_while_an_alert_is_open),
		on(ON_BOTH, test_a_purge_waits_for_the_end_of_the_alert),
		on(ON_BOTH, test_the_device_of_a_purged_official_still_raises),
		on(ON_BOTH, test_a_command_that_fails_leaves_its_neighbours_done),
		on(ON_BOTH, test_a_group_publishes_its_entries_in_the_order_of_numbers),
		on(ON_POSTGRES, test_units_are_known_again_after_the_database_was_away),
		on(ON_POSTGRES, test_units_are_known_when_the_database_goes_away_within_a_command),
		on(ON_BOTH, test_a_key_of_an_operator_makes_a_repeat_harmless),
	};

	return run_on_databases("service", tests, ARRAY_LEN(tests), db_migrate);
}
