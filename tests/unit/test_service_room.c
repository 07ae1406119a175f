/*
 * What people do to alerts: operators, trusted persons, patrols; the ladder and the SMS in between.
 */
#include "base/alloc.h"
#include "base/gsm7.h"
#include "service/problem.h"
#include "store/deadlines.h"
#include "store/links.h"
#include "town.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, LIST = 16 };

static const char absent[] = "Cette alerte n'existe pas, ou n'est pas visible de votre salle.";
static const char dead_link[] =
	"Ce lien n'est plus valable : l'alerte est terminée, ou le lien a été retiré.";

static struct command *claim(struct actor who, struct id alert)
{
	return town_event(who, alert, NULL, EVENT_CLAIM);
}

static struct id claimed_alert(void)
{
	struct id alert = town_alert();

	assert_done(claim(town.alice, alert));
	return alert;
}

static struct id dispatch(struct id alert, struct id unit)
{
	struct case_of c;

	assert_done(town_event(town.alice, alert, NULL, EVENT_DISPATCH, .unit = unit));
	c = town_stored(alert);
	for (unsigned i = 0; i < c.alert.dispatch_count; i++)
		if (id_eq(c.alert.dispatches[i].unit, unit))
			return c.alert.dispatches[i].id;
	return ID_NONE;
}

static struct command *close_alert(struct id alert)
{
	return town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_INTERVENTION);
}

/* ---- operators ---- */

static void test_a_claim_is_published_with_who_has_it(void **state)
{
	struct command *command;
	json_t *entry, *holder;

	town_open();
	command = claim(town.alice, town_alert());
	assert_done(command);
	entry = read_as("Entry", office_published()->json);
	assert_string_equal(json_string_value(json_object_get(entry, "kind")), "alert.claimed");
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(entry, "actor"), "name")),
		"Alice Marchand");
	holder = json_object_get(json_object_get(json_object_get(entry, "card"), "claim"),
				 "account");
	assert_string_equal(json_string_value(json_object_get(holder, "name")), "Alice Marchand");
	json_decref(entry);
	assert_int_equal(command->outcome.number, office_published()->number);
	town_close();
}

static void test_claiming_twice_is_harmless_and_claiming_another_s_is_refused(void **state)
{
	struct id alert;

	town_open();
	alert = claimed_alert();
	assert_done(claim(town.alice, alert));
	assert_refused(claim(town.bruno, alert), PROBLEM_CONFLICT,
		       "L'alerte est déjà prise en charge par une autre personne.");
	assert_int_equal(town_entries(alert, ENTRY_CLAIMED, NULL), 1);
	town_close();
}

static void test_a_take_over_is_free_for_twenty_seconds_then_needs_a_reason(void **state)
{
	struct id alert;
	const char *body;

	town_open();
	alert = claimed_alert();
	assert_refused(town_event(town.alice, alert, NULL, EVENT_TAKE_OVER), PROBLEM_CONFLICT,
		       "Vous avez déjà cette alerte en charge.");
	office_now_ms += 20 * SECOND_MS;
	assert_done(town_event(town.bruno, alert, NULL, EVENT_TAKE_OVER));
	office_now_ms += 20 * SECOND_MS + 1;
	assert_refused(town_event(town.alice, alert, NULL, EVENT_TAKE_OVER), PROBLEM_REASON_NEEDED,
		       "Indiquez pourquoi vous reprenez cette alerte.");
	assert_done(town_event(town.alice, alert, "Relève", EVENT_TAKE_OVER));
	assert_int_equal(town_entries(alert, ENTRY_TAKEN_OVER, &body), 2);
	assert_string_equal(body, "{\"from\":\"Bruno Petit\",\"reason\":\"Relève\"}");
	town_close();
}

static void test_another_room_sees_nothing_of_an_alert(void **state)
{
	struct id alert;

	town_open();
	alert = town_alert();
	assert_refused(claim(town.nadia, alert), PROBLEM_NOT_FOUND, absent);
	assert_refused(town_event(town.nadia, alert, NULL, EVENT_PAINT), PROBLEM_NOT_FOUND, absent);
	assert_refused(claim(town.alice, new_id()), PROBLEM_NOT_FOUND, absent);
	/* The ladder shows it to them: then they may. */
	town_wait_until(office_now_ms + 5 * SECOND_MS);
	assert_done(claim(town.nadia, alert));
	town_close();
}

static void test_who_has_no_right_to_handle_is_told_so(void **state)
{
	struct actor auditor;
	struct id alert;

	town_open();
	alert = town_alert();
	auditor = town.alice;
	auditor.roles = 8;
	assert_refused(claim(auditor, alert), PROBLEM_NOT_FOUND, absent);
	auditor.roles = 0;
	assert_refused(claim(auditor, alert), PROBLEM_NOT_FOUND, absent);
	town_close();
}

static void test_only_a_unit_that_exists_and_is_no_room_is_sent(void **state)
{
	struct id alert;

	town_open();
	alert = town_alert();
	assert_refused(town_event(town.alice, alert, NULL, EVENT_DISPATCH, .unit = town.brigade),
		       PROBLEM_CONFLICT, "Prenez d'abord l'alerte en charge.");
	claim(town.alice, alert);
	assert_refused(town_event(town.alice, alert, NULL, EVENT_DISPATCH, .unit = town.room),
		       PROBLEM_INVALID, "Choisissez une unité qui peut être envoyée.");
	assert_refused(town_event(town.alice, alert, NULL, EVENT_DISPATCH, .unit = new_id()),
		       PROBLEM_INVALID, "Choisissez une unité qui peut être envoyée.");
	assert_refused(town_event(town.bruno, alert, NULL, EVENT_DISPATCH, .unit = town.brigade),
		       PROBLEM_CONFLICT,
		       "L'alerte est déjà prise en charge par une autre personne.");
	dispatch(alert, town.brigade);
	assert_refused(town_event(town.alice, alert, NULL, EVENT_DISPATCH, .unit = town.brigade),
		       PROBLEM_CONFLICT, "Cette unité est déjà engagée sur l'alerte.");
	assert_done(town_event(town.chief, alert, NULL, EVENT_DISPATCH, .unit = town.patrol));
	town_close();
}

static void test_notes_and_closing_need_their_texts(void **state)
{
	struct id alert;
	const char *body;

	town_open();
	alert = claimed_alert();
	assert_refused(town_event(town.alice, alert, NULL, EVENT_NOTE), PROBLEM_INVALID,
		       "Un texte est nécessaire.");
	assert_done(town_event(town.bruno, alert, "Voisine jointe : « tout va bien »\n\"sûr\"",
			       EVENT_NOTE));
	town_entries(alert, ENTRY_NOTED, &body);
	assert_string_equal(body,
			    "{\"text\":\"Voisine jointe : « tout va bien »\\u000a\\\"sûr\\\"\"}");
	assert_refused(town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_OTHER),
		       PROBLEM_INVALID, "Un texte est nécessaire.");
	assert_refused(
		town_event(town.bruno, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_INTERVENTION),
		PROBLEM_CONFLICT, "L'alerte est déjà prise en charge par une autre personne.");
	assert_done(
		town_event(town.alice, alert, "Exercice", EVENT_CLOSE, .outcome = OUTCOME_OTHER));
	town_entries(alert, ENTRY_CLOSED, &body);
	assert_string_equal(body, "{\"outcome\":\"other\",\"text\":\"Exercice\"}");
	town_close();
}

static void test_what_is_closed_is_reopened_with_a_reason(void **state)
{
	struct id alert;

	town_open();
	alert = claimed_alert();
	assert_refused(town_event(town.alice, alert, "Suite", EVENT_REOPEN), PROBLEM_CONFLICT,
		       "L'alerte est déjà ouverte.");
	assert_done(close_alert(alert));
	assert_refused(claim(town.bruno, alert), PROBLEM_CONFLICT,
		       "L'alerte est close. Rouvrez-la pour agir.");
	assert_refused(town_event(town.bruno, alert, NULL, EVENT_REOPEN), PROBLEM_INVALID,
		       "Un texte est nécessaire.");
	assert_done(town_event(town.bruno, alert, "Il rappelle", EVENT_REOPEN));
	assert_true(id_eq(town_stored(alert).alert.claimed_by, town.bruno.id));
	town_close();
}

static void test_a_refusal_writes_nothing(void **state)
{
	struct id alert;
	int64_t before;

	town_open();
	alert = claimed_alert();
	before = office_journal();
	claim(town.bruno, alert);
	claim(town.nadia, alert);
	town_event(town.alice, alert, NULL, EVENT_NOTE);
	assert_int_equal(office_journal(), before);
	assert_null(office_published());
	town_close();
}

static void test_a_test_needs_a_device_of_the_room_and_one_at_a_time(void **state)
{
	struct command *test;

	town_open();
	for (int i = 0; i < 3; i++) {
		test = command_new(VERB_TEST_ALERT, i == 0 ? town.nadia : town.alice);
		test->subject = town.watch;
		office_run(test);
		if (i == 0)
			assert_refused(test, PROBLEM_NOT_FOUND,
				       "Cet appareil n'est pas connu de votre salle.");
		else if (i == 1)
			assert_done(test);
		else
			assert_refused(test, PROBLEM_CONFLICT,
				       "Un essai de cet appareil est déjà en cours : "
				       "terminez-le d'abord.");
	}
	town_close();
}

/* ---- the ladder ---- */

static void test_nobody_claims_and_it_climbs_to_the_zone(void **state)
{
	struct message list[LIST];
	struct case_of c;
	struct id alert;
	int64_t from_ms;
	const char *body;

	town_open();
	alert = town_alert();
	from_ms = office_now_ms;
	town_wait_until(from_ms + 5 * SECOND_MS - 1);
	assert_int_equal(town_entries(alert, ENTRY_CLIMBED, NULL), 0);
	town_wait_until(from_ms + 5 * SECOND_MS);
	assert_int_equal(town_entries(alert, ENTRY_CLIMBED, &body), 1);
	assert_string_equal(body,
			    "{\"step\":\"neighbour\",\"target\":\"Salle voisine\",\"duty\":true}");
	assert_int_equal(office_published()->room_count, 2);
	town_wait_until(from_ms + 45 * SECOND_MS);
	assert_int_equal(town_entries(alert, ENTRY_CLIMBED, NULL), 4);
	c = town_stored(alert);
	assert_int_equal(c.alert.room_count, 4);
	assert_true(alert_shown_to(&c.alert, town.zone));
	assert_int_equal(town_messages(alert, DUTY_PHONE, list, LIST), 2);
	town_close();
}

static void test_the_ladder_goes_on_where_it_was_after_each_crash(void **state)
{
	struct id alert;
	int64_t from_ms;

	town_open();
	alert = town_alert();
	from_ms = office_now_ms;
	for (int64_t at = 1; at <= 50; at++) {
		office_crash();
		town_wait_until(from_ms + at * SECOND_MS);
	}
	assert_int_equal(town_entries(alert, ENTRY_CLIMBED, NULL), 4);
	assert_int_equal(town_stored(alert).alert.level, 4);
	town_close();
}

/* The default ladder with a step before all others, "neighbour" gone, "second" at 30 s. */
static struct ladder edited_ladder(void)
{
	struct ladder ladder;

	ladder_default(&ladder);
	snprintf(ladder.steps[0].name, sizeof(ladder.steps[0].name), "early");
	ladder.steps[0].after_s = 4;
	memmove(&ladder.steps[2], &ladder.steps[1], 4 * sizeof(ladder.steps[0]));
	ladder.step_count = 6;
	snprintf(ladder.steps[1].name, sizeof(ladder.steps[1].name), "later");
	ladder.steps[1].unless = UNLESS_CLAIMED;
	ladder.steps[3].after_s = 30;
	return ladder;
}

static void assert_climbed(struct id alert, int times, const char *step)
{
	const char *body;
	char said[64];

	snprintf(said, sizeof(said), "{\"step\":\"%s\"", step);
	assert_int_equal(town_entries(alert, ENTRY_CLIMBED, &body), times);
	if (strncmp(body, said, strlen(said)) != 0)
		fail_msg("%s is not of %s", body, step);
}

static void test_a_ladder_edited_while_an_alert_climbs_fires_what_comes_next_once(void **state)
{
	struct ladder ladder, edited = edited_ladder();
	struct deadline next;
	struct id alert;
	int64_t from_ms;
	size_t count;

	town_open();
	ladder_default(&ladder);
	office_restart(&ladder);
	alert = town_alert();
	from_ms = office_now_ms;
	town_wait_until(from_ms + 10 * SECOND_MS);
	assert_climbed(alert, 2, "supervisor");
	office_restart(&edited);
	/* What is new and due already fires at once; what has fired does not. */
	assert_int_equal(deadlines_next(office_vault(), 1, &next, &count), 0);
	assert_int_equal(next.due_at_ms, from_ms + 4 * SECOND_MS);
	town_wait_until(from_ms + 11 * SECOND_MS);
	assert_climbed(alert, 4, "later");
	office_restart(&edited);
	town_wait_until(from_ms + 30 * SECOND_MS - 1);
	assert_climbed(alert, 4, "later");
	town_wait_until(from_ms + 30 * SECOND_MS);
	assert_climbed(alert, 5, "second");
	office_restart(&edited);
	town_wait_until(from_ms + 40 * SECOND_MS);
	assert_climbed(alert, 5, "second");
	town_wait_until(from_ms + 45 * SECOND_MS);
	assert_climbed(alert, 6, "zone");
	assert_int_equal(town_stored(alert).alert.climbed, 0x1f);
	town_close();
}

static void test_a_claimed_alert_follows_an_edited_ladder_too(void **state)
{
	struct ladder ladder, edited = edited_ladder();
	struct id alert;
	int64_t from_ms;

	town_open();
	ladder_default(&ladder);
	office_restart(&ladder);
	alert = town_alert();
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	from_ms = office_now_ms;
	edited.steps[5].after_s = 90;
	office_restart(&edited);
	town_wait_until(from_ms + 90 * SECOND_MS - 1);
	assert_int_equal(town_entries(alert, ENTRY_CLIMBED, NULL), 0);
	town_wait_until(from_ms + 90 * SECOND_MS);
	assert_climbed(alert, 1, "inactive");
	town_close();
}

static void test_an_edited_ladder_leaves_a_line_and_closed_alerts_as_they_are(void **state)
{
	struct ladder ladder, edited = edited_ladder();
	struct id alert;
	int64_t number, version;

	town_open();
	ladder_default(&ladder);
	number = office_journal();
	office_restart(&ladder);
	assert_int_equal(office_journal(), number);
	alert = town_alert();
	town_wait_until(office_now_ms + 10 * SECOND_MS);
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_FALSE_ALARM));
	version = town_stored(alert).alert.version;
	number = office_journal();
	office_restart(&edited);
	assert_int_equal(office_journal(), number + 1);
	assert_int_equal(town_stored(alert).alert.version, version);
	office_restart(&edited);
	assert_int_equal(office_journal(), number + 1);
	assert_int_equal(town_count("deadline"), 0);
	town_close();
}

static void test_a_room_without_a_duty_officer_says_that_nobody_was_called(void **state)
{
	struct message list[LIST];
	struct id alert;
	const char *body;

	town_open();
	assert_done(office_control("unit.set", "{\"unit\":\"Salle\",\"duty_phone\":\"\"}"));
	alert = town_alert();
	town_wait_until(office_now_ms + 5 * SECOND_MS);
	town_entries(alert, ENTRY_CLIMBED, &body);
	assert_string_equal(body,
			    "{\"step\":\"neighbour\",\"target\":\"Salle voisine\",\"duty\":false}");
	assert_int_equal(town_messages(alert, NULL, list, LIST), 1);
	town_close();
}

static void test_a_deadline_that_was_moved_fires_nothing(void **state)
{
	struct deadline stale;
	struct command *timer;
	struct id alert;
	size_t count;

	town_open();
	alert = town_alert();
	assert_int_equal(deadlines_next(office_vault(), 1, &stale, &count), 0);
	claim(town.alice, alert);
	office_now_ms = stale.due_at_ms;
	timer = command_new(VERB_TIMER, (struct actor){.kind = ACTOR_SYSTEM});
	timer->subject = stale.alert;
	timer->as.timer.kind = stale.timer;
	timer->as.timer.step = stale.step;
	timer->as.timer.due_at_ms = stale.due_at_ms;
	assert_done(office_run(timer));
	assert_int_equal(town_entries(alert, ENTRY_CLIMBED, NULL), 0);
	town_close();
}

/* ---- trusted persons ---- */

static void test_the_second_person_is_asked_after_a_minute_without_an_answer(void **state)
{
	struct message list[LIST];
	struct id alert;
	int64_t from_ms;

	town_open();
	alert = claimed_alert();
	from_ms = office_now_ms;
	town_messages(alert, FIRST_PHONE, list, LIST);
	assert_done(town_receipt(list[0].id, 8));
	town_wait_until(from_ms + MINUTE_MS - 1);
	assert_int_equal(town_messages(alert, SECOND_PHONE, list, LIST), 0);
	town_wait_until(from_ms + MINUTE_MS);
	assert_int_equal(town_messages(alert, SECOND_PHONE, list, LIST), 1);
	assert_int_equal(town_messages(alert, FIRST_PHONE, list, LIST), 1);
	town_close();
}

static struct message message_to(struct id alert, const char *number)
{
	struct message list[LIST];

	assert_int_equal(town_messages(alert, number, list, LIST), 1);
	return list[0];
}

/* Kannel takes it while its line is down. */
static void test_an_sms_the_operator_does_not_take_goes_by_the_second_gateway(void **state)
{
	struct message m;
	struct id alert;
	int64_t from_ms;

	town_open();
	alert = claimed_alert();
	from_ms = office_now_ms;
	m = message_to(alert, FIRST_PHONE);
	assert_done(town_sent(m.id, MESSAGE_ACCEPTED, TIME_NONE));
	m = message_to(alert, FIRST_PHONE);
	assert_int_equal(m.route, 1);
	assert_int_equal(m.next_at_ms, from_ms + 10 * SECOND_MS);
	town_wait_until(from_ms + 10 * SECOND_MS - 1);
	assert_int_equal(town_entries(alert, ENTRY_MESSAGE_LATE, NULL), 0);
	town_wait_until(from_ms + 10 * SECOND_MS);
	message_to(alert, SECOND_PHONE);
	assert_int_equal(town_entries(alert, ENTRY_MESSAGE_LATE, NULL), 1);
	/* The second gateway's refusal does not make failed what the first still has. */
	assert_done(town_sent(m.id, MESSAGE_FAILED, office_now_ms + 2000));
	m = message_to(alert, FIRST_PHONE);
	assert_int_equal(m.state, MESSAGE_ACCEPTED);
	assert_int_equal(m.route, 1);
	assert_int_equal(m.next_at_ms, office_now_ms + 2000);
	/* Nor does the first operator's refusal take away the second's next try. */
	assert_done(town_receipt(m.id, 16));
	m = message_to(alert, FIRST_PHONE);
	assert_int_equal(m.next_at_ms, office_now_ms);
	assert_int_equal(town_entries(alert, ENTRY_MESSAGE_FAILED, NULL), 0);
	assert_done(town_sent_by(1, m.id, MESSAGE_ACCEPTED, TIME_NONE));
	m = message_to(alert, FIRST_PHONE);
	assert_int_equal(m.state, MESSAGE_ACCEPTED);
	assert_int_equal(m.next_at_ms, TIME_NONE);
	assert_done(town_receipt_by(1, m.id, 2));
	assert_int_equal(town_entries(alert, ENTRY_MESSAGE_FAILED, NULL), 1);
	town_close();
}

static void test_an_sms_the_first_operator_refuses_goes_by_the_second_gateway_at_once(void **state)
{
	struct message m;
	struct id alert;

	town_open();
	alert = claimed_alert();
	m = message_to(alert, FIRST_PHONE);
	assert_done(town_sent(m.id, MESSAGE_ACCEPTED, TIME_NONE));
	office_now_ms += SECOND_MS;
	assert_done(town_receipt(m.id, 16));
	m = message_to(alert, FIRST_PHONE);
	assert_int_equal(m.route, 1);
	assert_int_equal(m.next_at_ms, office_now_ms);
	assert_done(town_sent_by(1, m.id, MESSAGE_ACCEPTED, TIME_NONE));
	assert_done(town_receipt_by(1, m.id, 1));
	assert_int_equal(message_to(alert, FIRST_PHONE).state, MESSAGE_DELIVERED);
	town_close();
}

/* Their SMS is no part of the alert's machine, and goes the same ways. */
static void test_the_duty_officers_sms_goes_by_the_second_gateway_too(void **state)
{
	struct message list[LIST];
	struct id alert;

	town_open();
	alert = town_alert();
	town_wait_until(office_now_ms + 5 * SECOND_MS);
	assert_int_equal(town_messages(alert, DUTY_PHONE, list, LIST), 1);
	assert_done(town_sent(list[0].id, MESSAGE_ACCEPTED, TIME_NONE));
	town_messages(alert, DUTY_PHONE, list, LIST);
	assert_int_equal(list[0].route, 1);
	assert_int_equal(list[0].next_at_ms, office_now_ms + 10 * SECOND_MS);
	assert_done(town_receipt(list[0].id, 8));
	town_messages(alert, DUTY_PHONE, list, LIST);
	assert_int_equal(list[0].next_at_ms, TIME_NONE);
	town_close();
}

static void test_a_device_that_falls_silent_and_comes_back_is_on_the_timeline(void **state)
{
	struct device_report heartbeat = town_sos(TIME_NONE);
	struct command *command;
	struct id alert;
	int64_t from_ms;

	town_open();
	alert = claimed_alert();
	from_ms = office_now_ms;
	heartbeat.call_for_help = false;
	heartbeat.position.known = false;
	heartbeat.reasons = 0;
	town_wait_until(from_ms + 60 * SECOND_MS);
	command = town_say(&heartbeat);
	assert_done(command);
	assert_true(command->outcome.in_alert);
	town_wait_until(from_ms + 150 * SECOND_MS - 1);
	assert_int_equal(town_entries(alert, ENTRY_DEVICE_LOST, NULL), 0);
	town_wait_until(from_ms + 150 * SECOND_MS);
	assert_int_equal(town_entries(alert, ENTRY_DEVICE_LOST, NULL), 1);
	assert_true(town_stored(alert).alert.device_lost);
	assert_done(town_say(&heartbeat));
	assert_int_equal(town_entries(alert, ENTRY_DEVICE_BACK, NULL), 1);
	assert_done(town_say(&heartbeat));
	assert_int_equal(town_entries(alert, ENTRY_DEVICE_BACK, NULL), 1);
	town_close();
}

static void test_the_next_person_is_asked_at_once_when_an_sms_fails(void **state)
{
	struct message list[LIST];
	struct id alert;

	town_open();
	alert = claimed_alert();
	town_messages(alert, FIRST_PHONE, list, LIST);
	assert_done(town_sent(list[0].id, MESSAGE_FAILED, office_now_ms + 2000));
	assert_int_equal(town_messages(alert, SECOND_PHONE, list, LIST), 1);
	assert_int_equal(town_entries(alert, ENTRY_MESSAGE_FAILED, NULL), 1);
	town_close();
}

static void test_the_next_person_is_asked_when_the_one_asked_leaves_the_list(void **state)
{
	struct message list[LIST];
	struct id alert;
	const char *token;
	char json[80], id[ID_TEXT_SIZE];

	town_open();
	alert = claimed_alert();
	id_print(town.first_contact, id);
	snprintf(json, sizeof(json), "{\"contact\":\"%s\"}", id);
	token = town_token(alert, FIRST_PHONE);
	assert_done(office_control("contact.remove", json));
	assert_is("Entry", office_published()->json);
	assert_int_equal(town_messages(alert, SECOND_PHONE, list, LIST), 1);
	assert_refused(town_link(token, EVENT_CONTACT_ANSWERED, NULL), PROBLEM_GONE, dead_link);
	town_close();
}

static void test_a_person_is_reached_in_every_open_alert_of_the_official(void **state)
{
	struct message list[LIST];
	struct id older, newer;
	char json[80], id[ID_TEXT_SIZE];

	town_open();
	older = claimed_alert();
	town_wait_until(office_now_ms + MINUTE_MS); /* the second person is asked */
	assert_done(close_alert(older));
	newer = claimed_alert();
	assert_done(town_event(town.alice, older, "Suite", EVENT_REOPEN));
	assert_done(town_event(town.alice, older, NULL, EVENT_CONTACT_ASK,
			       .target = town.second_contact));
	/* Asked in the older one only: that is the one it answers. */
	assert_done(town_reply(SECOND_PHONE, "OK", "1"));
	assert_int_equal(town_entries(older, ENTRY_CONTACT_ANSWERED, NULL), 1);
	assert_int_equal(town_entries(newer, ENTRY_CONTACT_ANSWERED, NULL), 0);
	id_print(town.first_contact, id);
	snprintf(json, sizeof(json), "{\"contact\":\"%s\"}", id);
	assert_done(office_control("contact.remove", json));
	assert_int_equal(town_entries(newer, ENTRY_LINK_REVOKED, NULL), 1);
	assert_int_equal(town_messages(newer, SECOND_PHONE, list, LIST), 1);
	town_close();
}

static void test_answering_by_link_says_i_am_on_it(void **state)
{
	struct message list[LIST];
	const char *token;
	struct id alert;

	town_open();
	alert = claimed_alert();
	token = town_token(alert, FIRST_PHONE);
	assert_done(town_link(token, EVENT_CONTACT_ANSWERED, NULL));
	assert_is("Entry", office_published()->json);
	assert_done(town_link(token, EVENT_CONTACT_ANSWERED, NULL));
	assert_int_equal(town_entries(alert, ENTRY_CONTACT_ANSWERED, NULL), 1);
	town_wait_until(office_now_ms + 10 * MINUTE_MS);
	assert_int_equal(town_messages(alert, SECOND_PHONE, list, LIST), 0);
	town_close();
}

static void test_a_link_does_only_what_it_is_for(void **state)
{
	struct id alert;
	const char *follow, *patrol;

	town_open();
	alert = claimed_alert();
	dispatch(alert, town.brigade);
	follow = town_token(alert, FIRST_PHONE);
	patrol = town_token(alert, BRIGADE_PHONE);
	assert_refused(town_link(follow, EVENT_UNIT_ARRIVED, NULL), PROBLEM_NOT_FOUND,
		       "Ce lien n'existe pas.");
	assert_refused(town_link(follow, EVENT_CLOSE, NULL), PROBLEM_NOT_FOUND,
		       "Ce lien n'existe pas.");
	assert_refused(town_link(patrol, EVENT_CONTACT_ANSWERED, NULL), PROBLEM_NOT_FOUND,
		       "Ce lien n'existe pas.");
	assert_refused(town_link(patrol, EVENT_UNIT_CANCEL, NULL), PROBLEM_NOT_FOUND,
		       "Ce lien n'existe pas.");
	assert_refused(town_link("AAAAAAAAAAAAAAAAAAAAAA", EVENT_CONTACT_ANSWERED, NULL),
		       PROBLEM_NOT_FOUND, "Ce lien n'existe pas.");
	town_close();
}

static void test_links_die_when_the_alert_closes_and_stay_dead(void **state)
{
	struct id alert;
	const char *follow, *patrol;

	town_open();
	alert = claimed_alert();
	dispatch(alert, town.brigade);
	follow = town_token(alert, FIRST_PHONE);
	patrol = town_token(alert, BRIGADE_PHONE);
	assert_done(close_alert(alert));
	assert_refused(town_link(follow, EVENT_CONTACT_ANSWERED, NULL), PROBLEM_GONE, dead_link);
	assert_refused(town_link(patrol, EVENT_UNIT_RECEIVED, NULL), PROBLEM_GONE, dead_link);
	assert_done(town_event(town.alice, alert, "Suite", EVENT_REOPEN));
	assert_refused(town_link(follow, EVENT_CONTACT_ANSWERED, NULL), PROBLEM_GONE, dead_link);
	office_now_ms += SECOND_MS;
	assert_done(town_event(town.alice, alert, NULL, EVENT_CONTACT_ASK,
			       .target = town.first_contact));
	assert_done(town_link(town_token(alert, FIRST_PHONE), EVENT_CONTACT_ANSWERED, NULL));
	town_close();
}

static void test_a_revoked_link_is_dead_and_its_sms_is_not_sent_any_more(void **state)
{
	struct message list[LIST];
	struct id alert;
	const char *token;

	town_open();
	alert = claimed_alert();
	token = town_token(alert, FIRST_PHONE);
	assert_done(town_event(town.alice, alert, NULL, EVENT_LINK_REVOKE,
			       .target = town.first_contact));
	assert_refused(town_link(token, EVENT_CONTACT_ANSWERED, NULL), PROBLEM_GONE, dead_link);
	town_messages(alert, FIRST_PHONE, list, LIST);
	assert_int_equal(list[0].next_at_ms, TIME_NONE);
	town_close();
}

static void test_asking_again_takes_the_place_of_the_sms_not_sent_yet(void **state)
{
	struct message list[LIST];
	struct id alert;

	town_open();
	alert = claimed_alert();
	office_now_ms += SECOND_MS;
	assert_done(town_event(town.alice, alert, NULL, EVENT_CONTACT_ASK,
			       .target = town.first_contact));
	assert_int_equal(town_messages(alert, FIRST_PHONE, list, LIST), 2);
	assert_int_equal(list[0].next_at_ms, TIME_NONE);
	assert_int_equal(list[1].next_at_ms, office_now_ms);
	town_close();
}

static void test_the_sms_of_a_unit_called_back_is_not_sent_any_more(void **state)
{
	struct message list[LIST];
	struct id alert, sent;

	town_open();
	alert = claimed_alert();
	sent = dispatch(alert, town.brigade);
	assert_done(town_event(town.alice, alert, NULL, EVENT_UNIT_CANCEL, .target = sent));
	assert_int_equal(town_messages(alert, BRIGADE_PHONE, list, LIST), 1);
	assert_int_equal(list[0].next_at_ms, TIME_NONE);
	town_close();
}

static void test_closing_stops_what_is_not_sent(void **state)
{
	struct message list[LIST];
	struct id alert;
	size_t count;

	town_open();
	alert = claimed_alert();
	dispatch(alert, town.brigade);
	assert_done(close_alert(alert));
	count = town_messages(alert, NULL, list, LIST);
	assert_int_equal(count, 2);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(list[i].next_at_ms, TIME_NONE);
	assert_int_equal(town_count("deadline"), 0);
	town_close();
}

static void test_ok_by_sms_says_i_am_on_it(void **state)
{
	static const char *const words[] = {"OK", " ok.", "Ok j'y vais", "OK!"};
	char key[8];

	town_open();
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		struct id alert = claimed_alert();

		snprintf(key, sizeof(key), "%zu", i);
		for (int twice = 0; twice < 2; twice++) /* the gateway repeats */
			assert_done(town_reply("06 39 98 00 11", words[i], key));
		assert_int_equal(town_entries(alert, ENTRY_CONTACT_ANSWERED, NULL), 1);
		assert_int_equal(town_entries(alert, ENTRY_NOTED, NULL), 0);
		assert_done(close_alert(alert));
		office_now_ms += MINUTE_MS;
	}
	town_close();
}

static void test_another_reply_is_a_note(void **state)
{
	struct id alert;
	const char *body;

	town_open();
	alert = claimed_alert();
	assert_done(town_reply("0639980011", "Okapi, qui est-ce ?", "1"));
	assert_int_equal(town_entries(alert, ENTRY_CONTACT_ANSWERED, NULL), 0);
	assert_int_equal(town_entries(alert, ENTRY_NOTED, &body), 1);
	assert_string_equal(body, "{\"text\":\"Okapi, qui est-ce ?\"}");
	town_close();
}

static void test_a_reply_of_who_was_not_asked_is_nothing(void **state)
{
	struct id alert;

	town_open();
	alert = claimed_alert();
	assert_done(town_reply(SECOND_PHONE, "OK", "1"));
	assert_done(town_reply("+33600000000", "OK", "2"));
	assert_done(town_reply("36179", "STOP", "3"));
	assert_int_equal(town_entries(alert, ENTRY_CONTACT_ANSWERED, NULL), 0);
	close_alert(alert);
	assert_done(town_reply(FIRST_PHONE, "OK", "4"));
	assert_int_equal(town_entries(alert, ENTRY_CONTACT_ANSWERED, NULL), 0);
	town_close();
}

/* ---- SMS: what became of them ---- */

static enum message_state state_of_first(struct id alert)
{
	return town_stored(alert).alert.contacts[0].message;
}

static void test_receipts_join_in_any_order_and_twice(void **state)
{
	struct message list[LIST];
	struct id alert;

	town_open();
	alert = claimed_alert();
	town_messages(alert, FIRST_PHONE, list, LIST);
	assert_done(town_receipt(list[0].id, 8)); /* before the gateway's own answer */
	assert_int_equal(state_of_first(alert), MESSAGE_SENT);
	assert_done(town_receipt(list[0].id, 8));
	assert_done(town_receipt(list[0].id, 1));
	assert_done(town_sent(list[0].id, MESSAGE_ACCEPTED, TIME_NONE));
	assert_int_equal(state_of_first(alert), MESSAGE_DELIVERED);
	assert_int_equal(town_entries(alert, ENTRY_MESSAGE_SENT, NULL), 1);
	assert_int_equal(town_entries(alert, ENTRY_MESSAGE_DELIVERED, NULL), 1);
	assert_int_equal(town_entries(alert, ENTRY_MESSAGE_ACCEPTED, NULL), 0);
	assert_done(town_receipt(new_id(), 1));
	town_close();
}

static void test_what_was_delivered_is_not_sent_again_when_the_answer_is_lost(void **state)
{
	struct message list[LIST];
	struct id alert;

	town_open();
	alert = claimed_alert();
	town_messages(alert, FIRST_PHONE, list, LIST);
	assert_done(town_receipt(list[0].id, 1));
	assert_done(town_sent(list[0].id, MESSAGE_FAILED, office_now_ms + 2000));
	town_messages(alert, FIRST_PHONE, list, LIST);
	assert_int_equal(list[0].state, MESSAGE_DELIVERED);
	assert_int_equal(list[0].next_at_ms, TIME_NONE);
	assert_int_equal(town_messages(alert, SECOND_PHONE, list, LIST), 0);
	town_close();
}

static void test_a_failed_sms_to_the_duty_officer_is_told_and_the_next_step_fires(void **state)
{
	struct message list[LIST];
	struct id alert;
	const char *body;

	town_open();
	alert = town_alert();
	town_wait_until(office_now_ms + 5 * SECOND_MS);
	assert_int_equal(town_messages(alert, DUTY_PHONE, list, LIST), 1);
	/* By the last way there is. */
	assert_done(town_sent_by(1, list[0].id, MESSAGE_ACCEPTED, TIME_NONE));
	assert_done(town_receipt_by(1, list[0].id, 2));
	assert_int_equal(town_entries(alert, ENTRY_MESSAGE_FAILED, &body), 1);
	assert_string_equal(body, "{\"unit\":\"Salle\",\"duty\":true,\"error\":\"non remis par "
				  "l'opérateur\"}");
	assert_is("Entry", office_published()->json);
	assert_int_equal(town_entries(alert, ENTRY_CLIMBED, &body), 2);
	assert_non_null(strstr(body, "\"step\":\"supervisor\""));
	assert_true(town_stored(alert).alert.duty_failed);
	assert_int_equal(town_messages(alert, DUTY_PHONE, list, LIST), 2);
	assert_done(town_receipt(list[1].id, 1));
	assert_false(town_stored(alert).alert.duty_failed);
	town_wait_until(office_now_ms + 9 * SECOND_MS);
	assert_int_equal(town_entries(alert, ENTRY_CLIMBED, &body), 2);
	town_close();
}

/* ---- SMS: their texts ---- */

static void assert_sms_is_short(const struct message *m)
{
	if (gsm7_septets(m->text) < 0)
		fail_msg("UCS-2: %.*s", STR_FMT(m->text));
	if (sms_parts(m->text) > 2)
		fail_msg("%u parts: %.*s", sms_parts(m->text), STR_FMT(m->text));
}

static void test_every_sms_is_plain_and_two_parts_at_most(void **state)
{
	struct message list[LIST];
	struct id alert;
	char json[1200], name[190];
	size_t count;

	town_open();
	/* Accents, decomposed accents, what GSM has not, and as long as the registry takes. */
	snprintf(name, sizeof(name), "%s",
		 "E\xcc\x81lo\xc3\xafse-Ma\xc3\xabva `d\xe2\x80\x99\xc5\x92uvre "
		 "[{~^|}] \xe2\x82\xac \xe4\xb8\xad \xf0\x9f\x9a\x93 ");
	while (strlen(name) < sizeof(name) - 12)
		strncat(name, "Saint-Jean-", sizeof(name) - strlen(name) - 1);
	snprintf(json, sizeof(json),
		 "{\"official\":\"+33639980010\",\"name\":\"%s\",\"commune\":\"%.*s\"}", name, 120,
		 "Saint-Germain-de-Tallevende-la-Lande-Vaumont-Saint-Remy-en-Bouzemont-Saint-"
		 "Genest-et-Isson");
	assert_done(office_control("official.set", json));
	assert_done(office_control("device.set",
				   "{\"device\":\"watch:" TOWN_WATCH "\",\"silent\":\"oui\"}"));
	alert = claimed_alert();
	dispatch(alert, town.brigade);
	town_wait_until(office_now_ms + 5 * MINUTE_MS);
	count = town_messages(alert, NULL, list, LIST);
	assert_true(count >= 4);
	for (size_t i = 0; i < count; i++)
		assert_sms_is_short(&list[i]);
	town_close();
}

static void test_a_name_keeps_the_accents_that_an_sms_has(void **state)
{
	struct message list[LIST];
	struct id alert;

	town_open();
	assert_done(office_control("official.set", "{\"official\":\"+33639980010\","
						   "\"name\":\"Renée Loïs "
						   "E\xcc\x81lo d\xe2\x80\x99\xc5\x92uvre\"}"));
	alert = town_alert();
	town_messages(alert, FIRST_PHONE, list, LIST);
	assert_true(str_starts(list[0].text,
			       STR("ALERTE Renée Lois Elo d'Oeuvre a demandé de l'aide.")));
	town_close();
}

/* ---- patrols ---- */

static void test_each_word_of_a_patrol_is_a_line(void **state)
{
	static const enum alert_event words[] = {EVENT_UNIT_RECEIVED, EVENT_UNIT_EN_ROUTE,
						 EVENT_UNIT_ARRIVED};
	static const char *const kinds[] = {"unit.received", "unit.en_route", "unit.arrived"};
	const char *token;
	struct id alert;

	town_open();
	alert = claimed_alert();
	dispatch(alert, town.brigade);
	token = town_token(alert, BRIGADE_PHONE);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		json_t *entry;

		assert_done(town_link(token, words[i], NULL));
		entry = read_as("Entry", office_published()->json);
		assert_string_equal(json_string_value(json_object_get(entry, "kind")), kinds[i]);
		assert_string_equal(
			json_string_value(json_object_get(json_object_get(entry, "actor"), "name")),
			"Brigade");
		json_decref(entry);
	}
	assert_int_equal(town_stored(alert).alert.state, ALERT_ON_SCENE);
	assert_refused(town_link(token, EVENT_UNIT_DECLINED, NULL), PROBLEM_CONFLICT,
		       "L'unité a déjà dépassé cette étape ou n'est plus engagée.");
	town_close();
}

static void test_a_patrol_that_says_nothing_for_a_minute_climbs(void **state)
{
	struct message list[LIST];
	struct id alert;

	town_open();
	alert = claimed_alert();
	dispatch(alert, town.brigade);
	town_wait_until(office_now_ms + MINUTE_MS);
	assert_int_equal(town_entries(alert, ENTRY_UNIT_SILENT, NULL), 1);
	assert_int_equal(town_messages(alert, DUTY_PHONE, list, LIST), 1);
	town_close();
}

static void test_a_patrol_that_declines_says_why(void **state)
{
	struct id alert;
	const char *body;

	town_open();
	alert = claimed_alert();
	dispatch(alert, town.brigade);
	assert_done(town_link(town_token(alert, BRIGADE_PHONE), EVENT_UNIT_DECLINED,
			      "Sur un accident"));
	assert_int_equal(town_entries(alert, ENTRY_UNIT_DECLINED, &body), 1);
	assert_non_null(strstr(body, "\"unit\":\"Brigade\""));
	assert_non_null(strstr(body, "\"reason\":\"Sur un accident\""));
	assert_int_equal(town_stored(alert).alert.state, ALERT_CLAIMED);
	town_close();
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_BOTH, test_a_claim_is_published_with_who_has_it),
		on(ON_BOTH, test_claiming_twice_is_harmless_and_claiming_another_s_is_refused),
		on(ON_BOTH, test_a_take_over_is_free_for_twenty_seconds_then_needs_a_reason),
		on(ON_BOTH, test_another_room_sees_nothing_of_an_alert),
		on(ON_BOTH, test_who_has_no_right_to_handle_is_told_so),
		on(ON_BOTH, test_only_a_unit_that_exists_and_is_no_room_is_sent),
		on(ON_BOTH, test_notes_and_closing_need_their_texts),
		on(ON_BOTH, test_what_is_closed_is_reopened_with_a_reason),
		on(ON_BOTH, test_a_refusal_writes_nothing),
		on(ON_BOTH, test_a_test_needs_a_device_of_the_room_and_one_at_a_time),
		on(ON_BOTH, test_nobody_claims_and_it_climbs_to_the_zone),
		on(ON_BOTH, test_the_ladder_goes_on_where_it_was_after_each_crash),
		on(ON_BOTH, test_a_ladder_edited_while_an_alert_climbs_fires_what_comes_next_once),
		on(ON_BOTH, test_a_claimed_alert_follows_an_edited_ladder_too),
		on(ON_BOTH, test_an_edited_ladder_leaves_a_line_and_closed_alerts_as_they_are),
		on(ON_BOTH, test_a_room_without_a_duty_officer_says_that_nobody_was_called),
		on(ON_BOTH, test_a_deadline_that_was_moved_fires_nothing),
		on(ON_BOTH, test_the_second_person_is_asked_after_a_minute_without_an_answer),
		on(ON_BOTH, test_an_sms_the_operator_does_not_take_goes_by_the_second_gateway),
		on(ON_BOTH,
		   test_an_sms_the_first_operator_refuses_goes_by_the_second_gateway_at_once),
		on(ON_BOTH, test_the_duty_officers_sms_goes_by_the_second_gateway_too),
		on(ON_BOTH, test_a_device_that_falls_silent_and_comes_back_is_on_the_timeline),
		on(ON_BOTH, test_the_next_person_is_asked_at_once_when_an_sms_fails),
		on(ON_BOTH, test_the_next_person_is_asked_when_the_one_asked_leaves_the_list),
		on(ON_BOTH, test_a_person_is_reached_in_every_open_alert_of_the_official),
		on(ON_BOTH, test_answering_by_link_says_i_am_on_it),
		on(ON_BOTH, test_a_link_does_only_what_it_is_for),
		on(ON_BOTH, test_links_die_when_the_alert_closes_and_stay_dead),
		on(ON_BOTH, test_a_revoked_link_is_dead_and_its_sms_is_not_sent_any_more),
		on(ON_BOTH, test_asking_again_takes_the_place_of_the_sms_not_sent_yet),
		on(ON_BOTH, test_the_sms_of_a_unit_called_back_is_not_sent_any_more),
		on(ON_BOTH, test_closing_stops_what_is_not_sent),
		on(ON_BOTH, test_ok_by_sms_says_i_am_on_it),
		on(ON_BOTH, test_another_reply_is_a_note),
		on(ON_BOTH, test_a_reply_of_who_was_not_asked_is_nothing),
		on(ON_BOTH, test_receipts_join_in_any_order_and_twice),
		on(ON_BOTH, test_what_was_delivered_is_not_sent_again_when_the_answer_is_lost),
		on(ON_BOTH, test_a_failed_sms_to_the_duty_officer_is_told_and_the_next_step_fires),
		on(ON_BOTH, test_every_sms_is_plain_and_two_parts_at_most),
		on(ON_BOTH, test_a_name_keeps_the_accents_that_an_sms_has),
		on(ON_BOTH, test_each_word_of_a_patrol_is_a_line),
		on(ON_BOTH, test_a_patrol_that_says_nothing_for_a_minute_climbs),
		on(ON_BOTH, test_a_patrol_that_declines_says_why),
	};

	return run_on_databases("service_room", tests, ARRAY_LEN(tests), db_migrate);
}
