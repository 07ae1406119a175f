/*
 * What is read: every answer in every state an alert can be in is what the API's schemas say, and
 * shows nothing to whom it is not for.
 */
#include <errno.h>

#include "base/alloc.h"
#include "core/access.h"
#include "crypto/random.h"
#include "service/reader.h"
#include "store/devices.h"
#include "town.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS };

static struct arena arena;

static struct session_account as(struct actor actor)
{
	return (struct session_account){.id = actor.id,
					.room = actor.room,
					.roles = actor.roles,
					.login = STR("essai"),
					.name = STR("Essai")};
}

/* Answers live until the next question. */
static struct answer ask(reader_question *question, const struct actor *who,
			 struct question subject)
{
	struct session_account account = who ? as(*who) : (struct session_account){0};
	struct answer answer = {0};

	arena_fini(&arena);
	if (!subject.limit)
		subject.limit = 50;
	assert_int_equal(question(office_reader(), &arena, who ? &account : NULL, office_now_ms,
				  &subject, &answer),
			 0);
	return answer;
}

static json_t *read_answer(const char *schema, reader_question *question, const struct actor *who,
			   struct question subject)
{
	struct answer answer = ask(question, who, subject);

	if (answer.problem)
		fail_msg("problem %d: %.*s", answer.problem, STR_FMT(answer.detail));
	return read_as(schema, answer.json);
}

static void assert_readable(const char *schema, reader_question *question, const struct actor *who,
			    struct question subject)
{
	json_decref(read_answer(schema, question, who, subject));
}

static void assert_problem(enum problem problem, reader_question *question, const struct actor *who,
			   struct question subject)
{
	struct answer answer = ask(question, who, subject);

	assert_int_equal(answer.problem, problem);
	assert_true(answer.detail.len > 0);
	assert_int_equal(answer.json.len, 0);
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* Everything that can be read about the alert. */
static void assert_all_is_readable(struct id alert)
{
	struct question one = {.subject = alert};

	assert_readable("Detail", reader_alert, &town.alice, one);
	assert_readable("Detail", reader_control_alert, NULL, one);
	assert_readable("AlertList", reader_alerts, &town.alice,
			(struct question){.state = STR("open")});
	assert_readable("AlertList", reader_alerts, &town.alice,
			(struct question){.state = STR("closed")});
	assert_readable("AlertList", reader_control_alerts, NULL,
			(struct question){.state = STR("open")});
	assert_readable("Trail", reader_trail, &town.alice, one);
	assert_readable("UnitList", reader_units, &town.alice, one);
	assert_readable("UnitList", reader_units, &town.alice, (struct question){0});
	assert_readable("DeviceList", reader_devices, &town.alice, (struct question){0});
}

static void close_alert(struct id alert)
{
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_INTERVENTION));
}

static void dispatch(struct id alert, struct id unit)
{
	assert_done(town_event(town.alice, alert, NULL, EVENT_DISPATCH, .unit = unit));
}

/* ---- every state ---- */

static void test_every_answer_is_well_formed_in_every_state(void **state)
{
	static const enum alert_event words[] = {EVENT_UNIT_RECEIVED, EVENT_UNIT_EN_ROUTE,
						 EVENT_UNIT_ARRIVED};
	const char *follow, *patrol;
	struct id alert;

	town_open();
	alert = town_alert();
	assert_all_is_readable(alert);
	follow = town_token(alert, FIRST_PHONE);
	assert_readable("Follow", reader_follow, NULL,
			(struct question){.token = str_from(follow)});
	town_wait_until(office_now_ms + 50 * SECOND_MS);
	assert_all_is_readable(alert);
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_all_is_readable(alert);
	dispatch(alert, town.brigade);
	patrol = town_token(alert, BRIGADE_PHONE);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		assert_all_is_readable(alert);
		assert_readable("Patrol", reader_patrol, NULL,
				(struct question){.token = str_from(patrol)});
		assert_done(town_link(patrol, words[i], NULL));
	}
	assert_all_is_readable(alert);
	assert_done(town_link(follow, EVENT_CONTACT_ANSWERED, NULL));
	assert_readable("Follow", reader_follow, NULL,
			(struct question){.token = str_from(follow)});
	town_event(town.alice, alert, "Note", EVENT_NOTE);
	town_event(town.alice, alert, "locate", EVENT_DEVICE_ASKED);
	assert_all_is_readable(alert);
	close_alert(alert);
	assert_all_is_readable(alert);
	assert_done(town_event(town.alice, alert, "Suite", EVENT_REOPEN));
	assert_all_is_readable(alert);
	close_alert(alert);
	office_now_ms += MINUTE_MS;
	assert_all_is_readable(town_alert()); /* with a history */
	town_close();
}

static int keep_alert(void *context, struct id id)
{
	struct id **next = context;

	*(*next)++ = id;
	return 0;
}

static void test_an_official_s_alerts_open_or_over_come_newest_first(void **state)
{
	struct id list[4] = {ID_NONE}, *next = list, first, second, third;

	town_open();
	first = town_alert();
	assert_done(town_event(town.alice, first, NULL, EVENT_CLAIM));
	close_alert(first);
	office_now_ms += MINUTE_MS;
	second = town_alert();
	assert_done(town_event(town.alice, second, NULL, EVENT_CLAIM));
	close_alert(second);
	office_now_ms += MINUTE_MS;
	third = town_alert();
	assert_done(town_event(town.alice, first, "Suite", EVENT_REOPEN));
	assert_int_equal(alerts_of_official(office_vault(), town.official, 3, keep_alert, &next),
			 0);
	assert_int_equal(next - list, 3);
	assert_true(id_eq(list[0], third));
	assert_true(id_eq(list[1], second));
	assert_true(id_eq(list[2], first));
	next = list;
	assert_int_equal(alerts_of_official(office_vault(), town.official, 1, keep_alert, &next),
			 0);
	assert_true(next - list == 1 && id_eq(list[0], third));
	town_close();
}

static void test_an_alert_about_which_little_is_known_is_well_formed(void **state)
{
	struct device_report report;
	struct id alert;

	town_open();
	assert_done(office_control("official.remove", "{\"official\":\"+33639980010\"}"));
	assert_done(office_control("device.set", "{\"device\":\"watch:" TOWN_WATCH
						 "\",\"unit\":\"Patrouille\"}"));
	report = town_sos(TIME_NONE);
	report.position.known = false;
	report.battery_percent = report.signal_percent = -1;
	alert = town_say(&report)->outcome.subject;
	assert_all_is_readable(alert);
	assert_done(town_event(town.chief, alert, NULL, EVENT_CLAIM));
	town_close();
}

static void test_a_test_alert_is_well_formed(void **state)
{
	struct command *test;

	town_open();
	test = command_new(VERB_TEST_ALERT, town.alice);
	test->subject = town.watch;
	assert_done(office_run(test));
	assert_all_is_readable(test->outcome.subject);
	town_close();
}

static size_t simulated_of(struct id alert, const struct actor *who)
{
	json_t *detail = read_answer("Detail", who ? reader_alert : reader_control_alert, who,
				     (struct question){.subject = alert});
	size_t count = json_array_size(json_object_get(detail, "simulated"));

	json_decref(detail);
	return count;
}

static void test_the_room_reads_what_a_test_would_have_sent(void **state)
{
	struct command *test;
	json_t *detail, *list;
	struct id alert;
	char *token;

	town_open();
	test = command_new(VERB_TEST_ALERT, town.alice);
	test->subject = town.watch;
	assert_done(office_run(test));
	alert = test->outcome.subject;
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	office_now_ms += SECOND_MS;
	dispatch(alert, town.brigade);
	detail = read_answer("Detail", reader_alert, &town.alice,
			     (struct question){.subject = alert});
	list = json_object_get(detail, "simulated");
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(text_of(json_array_get(list, 0), "kind"), "contact");
	assert_string_equal(text_of(json_array_get(list, 1), "kind"), "unit");
	token = strstr(text_of(json_array_get(list, 1), "text"), "/p/");
	assert_non_null(token);
	assert_string_equal(token + 3, town_token(alert, BRIGADE_PHONE));
	json_decref(detail);
	/* Whoever only looks, and the command line, have no use for links. */
	assert_int_equal(simulated_of(alert, NULL), 0);
	alert = town_alert();
	assert_int_equal(simulated_of(alert, &town.alice), 0);
	town_close();
}

static void test_texts_come_back_as_they_were_written(void **state)
{
	static const char name[] =
		"D’Artagnan « Élu » \\ \"guillemets\" </script> 中\xf0\x9f\x9a\x93";
	static const char note[] = "ligne 1\nligne 2\t\x01\x1f\x7f \"fin\"\\";
	struct id alert;
	json_t *body, *detail, *entries;
	char *json;

	town_open();
	body = json_pack("{s:s, s:s, s:s}", "official", "+33639980010", "name", name, "remarks",
			 name);
	json = json_dumps(body, 0);
	assert_done(office_control("official.set", json));
	free(json);
	json_decref(body);
	alert = town_alert();
	assert_is("Entry", office_published()->json);
	assert_done(town_event(town.alice, alert, note, EVENT_NOTE));
	assert_is("Entry", office_published()->json);
	detail = read_answer("Detail", reader_alert, &town.alice,
			     (struct question){.subject = alert});
	assert_string_equal(text_of(json_object_get(detail, "official"), "name"), name);
	assert_string_equal(text_of(detail, "remarks"), name);
	entries = json_object_get(detail, "entries");
	assert_string_equal(
		text_of(json_object_get(json_array_get(entries, json_array_size(entries) - 1),
					"body"),
			"text"),
		note);
	json_decref(detail);
	town_close();
}

static void test_the_detail_says_who_answered_and_what_is_refused(void **state)
{
	struct id alert;
	json_t *detail, *contact;

	town_open();
	alert = town_alert();
	assert_done(town_event(town.bruno, alert, NULL, EVENT_CLAIM));
	assert_done(town_link(town_token(alert, FIRST_PHONE), EVENT_CONTACT_ANSWERED, NULL));
	detail = read_answer("Detail", reader_alert, &town.alice,
			     (struct question){.subject = alert});
	contact = json_array_get(json_object_get(detail, "contacts"), 0);
	assert_string_equal(text_of(contact, "state"), "on_it");
	assert_string_equal(text_of(contact, "name"), "Première Confiance");
	assert_string_equal(
		text_of(json_array_get(json_object_get(detail, "contacts"), 1), "state"),
		"waiting");
	assert_string_equal(text_of(json_object_get(detail, "refusals"), "claim"),
			    "L'alerte est déjà prise en charge par une autre personne.");
	assert_null(json_object_get(json_object_get(detail, "refusals"), "take_over"));
	assert_null(json_object_get(json_object_get(detail, "refusals"), "call_back"));
	json_decref(detail);
	town_close();
}

/* ---- whom it is for ---- */

static void test_another_room_reads_nothing_before_it_is_shown(void **state)
{
	struct question one = {0}, open = {.state = STR("open")};
	json_t *list;

	town_open();
	one.subject = town_alert();
	assert_problem(PROBLEM_NOT_FOUND, reader_alert, &town.nadia, one);
	assert_problem(PROBLEM_NOT_FOUND, reader_trail, &town.nadia, one);
	assert_problem(PROBLEM_NOT_FOUND, reader_units, &town.nadia, one);
	list = read_answer("AlertList", reader_alerts, &town.nadia, open);
	assert_int_equal(json_array_size(json_object_get(list, "alerts")), 0);
	json_decref(list);
	town_wait_until(office_now_ms + 5 * SECOND_MS);
	assert_readable("Detail", reader_alert, &town.nadia, one);
	list = read_answer("AlertList", reader_alerts, &town.nadia, open);
	assert_int_equal(json_array_size(json_object_get(list, "alerts")), 1);
	json_decref(list);
	town_close();
}

static void test_a_role_that_handles_no_alert_reads_none(void **state)
{
	struct actor administrator;
	struct question one = {0};

	town_open();
	one.subject = town_alert();
	administrator = town.alice;
	administrator.roles = 4;
	assert_problem(PROBLEM_FORBIDDEN, reader_alerts, &administrator,
		       (struct question){.state = STR("open")});
	assert_problem(PROBLEM_NOT_FOUND, reader_alert, &administrator, one);
	assert_problem(PROBLEM_NOT_FOUND, reader_trail, &administrator, one);
	assert_problem(PROBLEM_FORBIDDEN, reader_units, &administrator, one);
	assert_problem(PROBLEM_FORBIDDEN, reader_devices, &administrator, one);
	town_close();
}

static struct actor auditor(void)
{
	return (struct actor){.kind = ACTOR_ACCOUNT, .id = new_id(), .roles = ROLE_AUDITOR};
}

static int64_t number_of(const json_t *lines, size_t at)
{
	return json_integer_value(json_object_get(json_array_get(lines, at), "number"));
}

/* How many lines have that text there; all come newest first. */
static int lines_with(const json_t *lines, const char *key, const char *text)
{
	size_t at;
	json_t *line;
	int count = 0;

	json_array_foreach(lines, at, line)
	{
		if (at)
			assert_true(number_of(lines, at) < number_of(lines, at - 1));
		count += !strcmp(text_of(line, key), text);
	}
	return count;
}

static void test_an_auditor_reads_who_did_what_and_nothing_that_was_said(void **state)
{
	struct actor who = auditor();
	struct answer answer;
	json_t *page, *lines;
	struct id alert;

	town_open();
	alert = town_alert();
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_done(town_event(town.alice, alert, "Vue à la fenêtre", EVENT_NOTE));
	assert_done(office_control("official.set", "{\"official\":\"+33639980010\","
						   "\"address\":\"2 rue du Moulin\"}"));
	answer = ask(reader_journal, &who, (struct question){0});
	assert_true(id_eq(answer.subject, who.id));
	assert_false(answer.often);
	page = read_as("Journal", answer.json);
	lines = json_object_get(page, "lines");
	assert_int_equal(lines_with(lines, "kind", "alert.raised"), 1);
	assert_int_equal(lines_with(lines, "kind", "alert.noted"), 1);
	assert_int_equal(lines_with(lines, "kind", "fix"), 0);
	assert_true(lines_with(lines, "command", "official.set") == 1);
	assert_true(lines_with(lines, "what", "official") >= 1);
	assert_null(memmem(answer.json.ptr, answer.json.len, "Moulin", 6));
	assert_null(memmem(answer.json.ptr, answer.json.len, "Vue", 3));
	json_decref(page);

	answer = ask(reader_journal, &who, (struct question){.subject = alert});
	assert_true(id_eq(answer.subject, alert));
	page = read_as("Journal", answer.json);
	lines = json_object_get(page, "lines");
	assert_int_equal(lines_with(lines, "kind", "alert.claimed"), 1);
	assert_int_equal(lines_with(lines, "kind", "changed"), 0);
	json_decref(page);
	page = read_answer("Journal", reader_journal, &who,
			   (struct question){.actor = town.alice.id});
	lines = json_object_get(page, "lines");
	assert_int_equal(json_array_size(lines), 2);
	assert_string_equal(text_of(json_object_get(json_array_get(lines, 0), "actor"), "name"),
			    "Alice Marchand");
	json_decref(page);
	page = read_answer("Journal", reader_journal, &who,
			   (struct question){.actor = town.bruno.id, .subject = alert});
	assert_int_equal(json_array_size(json_object_get(page, "lines")), 0);
	assert_true(json_is_null(json_object_get(page, "next")));
	json_decref(page);
	town_close();
}

static void test_the_journal_is_read_page_by_page_to_its_first_line(void **state)
{
	struct actor who = auditor();
	int64_t before = 0, seen = 0, last = INT64_MAX;

	town_open();
	town_alert();
	do {
		json_t *page = read_answer("Journal", reader_journal, &who,
					   (struct question){.before = before, .limit = 3});
		json_t *lines = json_object_get(page, "lines");

		for (size_t i = 0; i < json_array_size(lines); i++, seen++) {
			assert_true(number_of(lines, i) < last);
			last = number_of(lines, i);
		}
		before = json_integer_value(json_object_get(page, "next"));
		json_decref(page);
	} while (before);
	assert_int_equal(last, 1);
	assert_int_equal(seen, town_count("journal WHERE list <> 1"));
	town_close();
}

static void test_only_an_auditor_reads_the_journal(void **state)
{
	struct actor who;

	town_open();
	for (uint32_t role = 1; role < ROLE_AUDITOR; role <<= 1) {
		who = town.alice;
		who.roles = role;
		assert_problem(PROBLEM_FORBIDDEN, reader_journal, &who, (struct question){0});
	}
	town_close();
}

static size_t listed(const char *what)
{
	json_t *list = read_answer("AlertList", reader_alerts, &town.alice,
				   (struct question){.state = STR("open")});
	size_t count = json_array_size(json_object_get(list, what));

	json_decref(list);
	return count;
}

static void ring(const char *key)
{
	struct command *c = command_new(VERB_SWITCH, (struct actor){.kind = ACTOR_SWITCH});

	c->key = command_keep(c, str_from(key));
	c->number = command_keep(c, STR("0639980077"));
	c->as.call.room = command_keep(c, STR("Salle"));
	c->as.call.event = CALL_RANG;
	assert_int_equal(office_run(c)->outcome.problem, PROBLEM_NONE);
}

static void test_what_is_damaged_hides_nothing_else_that_is_open(void **state)
{
	struct db *db;

	town_open();
	db = vault_db(office_vault());
	town_alert();
	ring("one");
	assert_int_equal(listed("calls"), 1);
	assert_int_equal(db_execute(db, "UPDATE emergency_call SET face = id"), 0);
	assert_int_equal(db_execute(db, "UPDATE device_last SET fix = device, fix_at = 1"), 0);
	ring("two");
	assert_int_equal(listed("alerts"), 1);
	assert_int_equal(listed("calls"), 1);
	assert_int_equal(db_execute(db, "UPDATE alert SET face = id"), 0);
	assert_int_equal(listed("alerts"), 0);
	assert_int_equal(listed("calls"), 1);
	town_close();
}

static void test_the_list_of_open_alerts_is_a_reading_and_so_is_that_of_closed_ones(void **state)
{
	struct answer answer;

	town_open();
	answer = ask(reader_alerts, &town.alice, (struct question){.state = STR("open")});
	assert_true(id_eq(answer.subject, town.room) && answer.often);
	answer = ask(reader_alerts, &town.alice, (struct question){.state = STR("closed")});
	assert_true(id_eq(answer.subject, town.room) && !answer.often);
	town_close();
}

static struct backlog backlog_at(int64_t now_ms)
{
	struct backlog backlog;

	assert_int_equal(reader_backlog(office_reader(), now_ms, &backlog), 0);
	return backlog;
}

static void test_the_figures_count_what_waits(void **state)
{
	struct backlog b;
	struct id alert;

	town_open();
	b = backlog_at(office_now_ms);
	assert_int_equal(b.alerts + b.unclaimed + b.messages + b.deadlines, 0);
	alert = town_alert();
	b = backlog_at(office_now_ms);
	assert_int_equal(b.alerts, 1);
	assert_int_equal(b.unclaimed, 1);
	assert_int_equal(b.messages, 1);
	assert_int_equal(b.deadlines, 0);
	/* The ladder's first step was due five seconds after; the trusted person's SMS is looked at
	 * after ten, the device after ninety. */
	assert_int_equal(backlog_at(office_now_ms + 7 * SECOND_MS).deadlines, 0);
	assert_int_equal(backlog_at(office_now_ms + 8 * SECOND_MS).deadlines, 1);
	assert_int_equal(backlog_at(office_now_ms + 5 * MINUTE_MS).deadlines, 3);
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	b = backlog_at(office_now_ms);
	assert_int_equal(b.alerts, 1);
	assert_int_equal(b.unclaimed, 0);
	close_alert(alert);
	b = backlog_at(office_now_ms + 5 * MINUTE_MS);
	assert_int_equal(b.alerts + b.unclaimed + b.messages + b.deadlines, 0);
	town_close();
}

static void test_reading_by_a_link_changes_nothing(void **state)
{
	struct id alert;
	const char *follow;
	int64_t before;

	town_open();
	alert = town_alert();
	follow = town_token(alert, FIRST_PHONE);
	before = office_journal();
	for (int i = 0; i < 3; i++)
		assert_readable("Follow", reader_follow, NULL,
				(struct question){.token = str_from(follow)});
	assert_int_equal(office_journal(), before);
	assert_int_equal(town_stored(alert).alert.contacts[0].answered_at_ms, TIME_NONE);
	town_close();
}

static void test_a_link_opens_its_own_page_until_it_is_dead(void **state)
{
	struct id alert;
	struct question follow = {0}, patrol = {0};

	town_open();
	alert = town_alert();
	town_event(town.alice, alert, NULL, EVENT_CLAIM);
	dispatch(alert, town.brigade);
	follow.token = str_from(town_token(alert, FIRST_PHONE));
	patrol.token = str_from(town_token(alert, BRIGADE_PHONE));
	assert_problem(PROBLEM_NOT_FOUND, reader_patrol, NULL, follow);
	assert_problem(PROBLEM_NOT_FOUND, reader_follow, NULL, patrol);
	assert_problem(PROBLEM_NOT_FOUND, reader_follow, NULL,
		       (struct question){.token = STR("x")});
	close_alert(alert);
	assert_problem(PROBLEM_GONE, reader_follow, NULL, follow);
	assert_problem(PROBLEM_GONE, reader_patrol, NULL, patrol);
	town_event(town.alice, alert, "Suite", EVENT_REOPEN);
	assert_problem(PROBLEM_GONE, reader_follow, NULL, follow);
	assert_problem(PROBLEM_GONE, reader_patrol, NULL, patrol);
	town_close();
}

static struct id second_watch(void)
{
	return office_id(office_control(
		"device.add",
		"{\"protocol\":\"watch\",\"ident\":\"8800000016\",\"label\":\"Autre\","
		"\"official\":\"+33639980010\",\"networks\":\"127.0.0.0/8\"}"));
}

/* Where somebody said they would be is where to look for them; nobody says that they called. */
static void test_who_is_not_back_from_a_visit_is_looked_for_where_it_was(void **state)
{
	struct command *visit;
	struct message sms[1];
	json_t *follow, *patrol, *place;
	struct id alert;

	town_open();
	visit = command_new(VERB_ANNOUNCE, (struct actor){ACTOR_DEVICE, town.watch, 0, ID_NONE});
	visit->text = command_keep(visit, STR("Ferme des Aulnes"));
	visit->name = command_keep(visit, STR("M. Ferrand"));
	visit->as.code.at_ms = office_now_ms;
	visit->as.code.duration_ms = MINUTE_MS;
	assert_done(office_run(visit));
	town_wait_until(office_now_ms + MINUTE_MS);
	/* Another telephone of theirs announces one: it is not that one which was missed. */
	visit = command_new(VERB_ANNOUNCE,
			    (struct actor){ACTOR_DEVICE, second_watch(), 0, ID_NONE});
	visit->text = command_keep(visit, STR("Mairie"));
	visit->name = command_keep(visit, STR("Personne"));
	visit->as.code.at_ms = office_now_ms;
	visit->as.code.duration_ms = 60 * MINUTE_MS;
	assert_done(office_run(visit));
	assert_int_equal(alert_open_of_official(office_vault(), town.official, &alert), 0);
	assert_int_equal(town_messages(alert, FIRST_PHONE, sms, 1), 1);
	assert_true(str_starts(sms[0].text, STR("ALERTE Élue de Synthèse ne répond plus depuis la "
						"fin prévue d'une visite. La police")));
	follow = read_answer("Follow", reader_follow, NULL,
			     (struct question){.token = str_from(town_token(alert, FIRST_PHONE))});
	assert_true(json_is_true(json_object_get(follow, "missed_visit")));
	town_event(town.alice, alert, NULL, EVENT_CLAIM);
	dispatch(alert, town.brigade);
	patrol =
		read_answer("Patrol", reader_patrol, NULL,
			    (struct question){.token = str_from(town_token(alert, BRIGADE_PHONE))});
	place = json_object_get(patrol, "visit");
	assert_string_equal(text_of(place, "place"), "Ferme des Aulnes");
	assert_string_equal(text_of(place, "person"), "M. Ferrand");
	json_decref(follow);
	json_decref(patrol);
	town_close();
}

static void test_the_patrol_is_not_given_a_number_to_call_when_it_is_silent(void **state)
{
	json_t *page;
	struct id alert;

	town_open();
	for (int silent = 0; silent < 2; silent++) {
		assert_done(office_control("device.set", silent ? "{\"device\":\"watch:" TOWN_WATCH
								  "\",\"silent\":\"oui\"}"
								: "{\"device\":\"watch:" TOWN_WATCH
								  "\",\"silent\":\"non\"}"));
		alert = town_alert();
		town_event(town.alice, alert, NULL, EVENT_CLAIM);
		dispatch(alert, town.brigade);
		page = read_answer(
			"Patrol", reader_patrol, NULL,
			(struct question){.token = str_from(town_token(alert, BRIGADE_PHONE))});
		assert_string_equal(text_of(page, "phone"), silent ? "" : "+33639980010");
		assert_string_equal(text_of(page, "access"), "Portail vert");
		json_decref(page);
		close_alert(alert);
		office_now_ms += MINUTE_MS;
	}
	town_close();
}

/* Whether the page names nobody and no place, and says where the mission stands. */
static void assert_mission_over(const char *token, const char *state)
{
	static const char *const personal[] = {"Synth", "Maire", "Portail",
					       "glise", "46.57", "+3363998001"};
	struct answer answer =
		ask(reader_patrol, NULL, (struct question){.token = str_from(token)});
	json_t *page;

	assert_int_equal(answer.problem, PROBLEM_NONE);
	for (size_t i = 0; i < ARRAY_LEN(personal); i++)
		assert_null(
			memmem(answer.json.ptr, answer.json.len, personal[i], strlen(personal[i])));
	assert_true(id_is_none(answer.subject));
	page = read_as("Patrol", answer.json);
	assert_string_equal(text_of(json_object_get(page, "dispatch"), "state"), state);
	assert_string_equal(text_of(json_object_get(page, "room"), "name"), "Salle");
	json_decref(page);
}

static void test_a_mission_that_is_over_shows_neither_person_nor_place(void **state)
{
	const char *declined, *cancelled;
	struct id alert;

	town_open();
	alert = town_alert();
	town_event(town.alice, alert, NULL, EVENT_CLAIM);
	dispatch(alert, town.brigade);
	declined = town_token(alert, BRIGADE_PHONE);
	assert_done(town_link(declined, EVENT_UNIT_EN_ROUTE, NULL));
	assert_readable("Patrol", reader_patrol, NULL,
			(struct question){.token = str_from(declined)});
	assert_done(town_link(declined, EVENT_UNIT_DECLINED, "En panne"));
	assert_mission_over(declined, "declined");
	office_now_ms += SECOND_MS;
	dispatch(alert, town.brigade);
	cancelled = town_token(alert, BRIGADE_PHONE);
	assert_done(town_event(town.alice, alert, NULL, EVENT_UNIT_CANCEL,
			       .target = town_stored(alert).alert.dispatches[1].id));
	assert_mission_over(cancelled, "cancelled");
	assert_mission_over(declined, "declined");
	close_alert(alert);
	assert_problem(PROBLEM_GONE, reader_patrol, NULL,
		       (struct question){.token = str_from(cancelled)});
	town_close();
}

static void test_a_position_nobody_knows_any_more_is_null_on_every_page(void **state)
{
	struct device_report report;
	json_t *page;
	struct id alert;

	town_open();
	report = town_sos(office_now_ms);
	report.position.known = false;
	alert = town_say(&report)->outcome.subject;
	town_event(town.alice, alert, NULL, EVENT_CLAIM);
	dispatch(alert, town.brigade);
	page = read_answer("Patrol", reader_patrol, NULL,
			   (struct question){.token = str_from(town_token(alert, BRIGADE_PHONE))});
	assert_true(json_is_null(json_object_get(page, "fix")));
	json_decref(page);
	assert_all_is_readable(alert);
	town_close();
}

/* ---- lists ---- */

static void test_units_come_competent_first_then_by_distance(void **state)
{
	struct question one = {0};
	json_t *page, *units;

	town_open();
	one.subject = town_alert();
	page = read_answer("UnitList", reader_units, &town.alice, one);
	units = json_object_get(page, "units");
	assert_int_equal(json_array_size(units), 2); /* rooms are not sent */
	assert_string_equal(text_of(json_array_get(units, 0), "name"), "Brigade");
	assert_true(json_is_true(json_object_get(json_array_get(units, 0), "competent")));
	assert_true(json_integer_value(json_object_get(json_array_get(units, 1), "distance_m")) >
		    9000);
	json_decref(page);
	town_close();
}

static void test_closed_alerts_are_paged_by_their_number(void **state)
{
	json_t *page;
	struct question older = {.state = STR("closed"), .limit = 2};

	town_open();
	for (int i = 0; i < 5; i++) {
		struct id alert = town_alert();

		town_event(town.alice, alert, NULL, EVENT_CLAIM);
		close_alert(alert);
		office_now_ms += MINUTE_MS;
	}
	for (int expected = 5; expected > 0; expected -= 2) {
		json_t *alerts;

		page = read_answer("AlertList", reader_alerts, &town.alice, older);
		alerts = json_object_get(page, "alerts");
		assert_int_equal(json_array_size(alerts), expected > 1 ? 2 : 1);
		assert_int_equal(
			json_integer_value(json_object_get(json_array_get(alerts, 0), "ref")),
			expected);
		older.before = expected - 1;
		json_decref(page);
	}
	town_close();
}

static void test_the_lane_is_in_the_list(void **state)
{
	struct device_report report;
	json_t *page;

	town_open();
	report = town_sos(office_now_ms);
	report.ident = STR("9999999999");
	town_say(&report);
	page = read_answer("AlertList", reader_alerts, &town.alice,
			   (struct question){.state = STR("open")});
	assert_int_equal(json_array_size(json_object_get(page, "unverified")), 1);
	assert_int_equal(json_array_size(json_object_get(page, "alerts")), 0);
	json_decref(page);
	town_close();
}

/* ---- consoles that come back (I8) ---- */

static void test_coming_back_gives_every_entry_that_was_published(void **state)
{
	struct publication *list;
	struct id alert;
	int64_t number = 0, head, epoch, last;
	int found = 0;

	town_open();
	assert_int_equal(reader_head(office_reader(), &epoch, &head), 0);
	last = number = head;
	alert = town_alert();
	town_wait_until(office_now_ms + 50 * SECOND_MS);
	town_event(town.alice, alert, NULL, EVENT_CLAIM);
	close_alert(alert);
	assert_int_equal(reader_head(office_reader(), &epoch, &head), 0);
	do {
		assert_int_equal(reader_entries(office_reader(), number, 3, &list, &number), 0);
		for (const struct publication *p = list; p; p = p->next, found++) {
			assert_int_equal(p->number, ++last);
			assert_int_equal(p->epoch, epoch);
			assert_true(id_eq(p->alert, alert));
			assert_is("Entry", p->json);
		}
		publication_free(list);
	} while (number < head);
	assert_int_equal(number, head);
	assert_true(found >= 9);
	assert_int_equal(reader_entries(office_reader(), head, 3, &list, &number), 0);
	assert_null(list);
	assert_int_equal(number, head);
	town_close();
}

static void test_coming_back_passes_over_what_is_for_nobody_s_screen(void **state)
{
	struct publication *list;
	int64_t number, head, epoch;

	town_open();
	assert_int_equal(reader_head(office_reader(), &epoch, &head), 0);
	assert_true(head > 0); /* the registry's lines */
	assert_int_equal(reader_entries(office_reader(), 0, 1000, &list, &number), 0);
	assert_null(list);
	assert_int_equal(number, head);
	town_close();
}

/* ---- senders, the clock, sessions ---- */

static void test_senders_and_the_clock_see_what_is_due(void **state)
{
	struct outgoing *messages;
	struct due due[8];
	size_t count;
	int64_t next_ms;

	town_open();
	town_alert();
	arena_fini(&arena);
	assert_int_equal(reader_messages_due(office_reader(), &arena, office_now_ms, 8, &messages,
					     &count, &next_ms),
			 0);
	assert_int_equal(count, 1);
	assert_str_equal(messages[0].to, FIRST_PHONE);
	assert_int_equal(next_ms, INT64_MAX);
	town_sent(messages[0].id, MESSAGE_FAILED, office_now_ms + 2000);
	assert_int_equal(reader_messages_due(office_reader(), &arena, office_now_ms, 8, &messages,
					     &count, &next_ms),
			 0);
	assert_int_equal(count, 1); /* the second person's */
	assert_str_equal(messages[0].to, SECOND_PHONE);
	assert_int_equal(next_ms, office_now_ms + 2000);
	assert_int_equal(reader_deadlines(office_reader(), 8, due, &count), 0);
	assert_int_equal(count, 3);
	assert_int_equal(due[0].due_at_ms, office_now_ms + 5 * SECOND_MS);
	arena_fini(&arena);
	town_close();
}

static void test_a_message_that_cannot_be_opened_holds_up_no_other(void **state)
{
	struct outgoing *messages;
	int64_t next_ms;
	size_t count;

	town_open();
	town_alert();
	/* The first person's is still due; both are once it has failed, then one is altered. */
	arena_fini(&arena);
	assert_int_equal(reader_messages_due(office_reader(), &arena, office_now_ms, 8, &messages,
					     &count, &next_ms),
			 0);
	assert_int_equal(count, 1);
	town_sent(messages[0].id, MESSAGE_FAILED, office_now_ms);
	assert_int_equal(db_execute(vault_db(office_vault()),
				    "UPDATE outbox SET body = id WHERE attempts > 0"),
			 0);
	assert_int_equal(reader_messages_due(office_reader(), &arena, office_now_ms, 8, &messages,
					     &count, &next_ms),
			 0);
	assert_int_equal(count, 1);
	assert_str_equal(messages[0].to, SECOND_PHONE);
	arena_fini(&arena);
	town_close();
}

static void test_a_device_is_its_secret_s(void **state)
{
	struct command *added;
	struct id device;
	const char *secret;

	town_open();
	added = office_control("device.add", "{\"protocol\":\"osmand\",\"label\":\"Téléphone\","
					     "\"official\":\"+33639980010\"}");
	secret = office_answer(added, "secret");
	assert_int_equal(reader_device_credential(office_reader(), PROTOCOL_OSMAND,
						  str_from(office_answer(added, "ident")),
						  str_from(secret), &device),
			 0);
	assert_true(id_eq(device, office_id(added)));
	assert_int_equal(reader_device_credential(office_reader(), PROTOCOL_OSMAND,
						  str_from(office_answer(added, "ident")), STR(""),
						  &device),
			 -ENOENT);
	assert_int_equal(reader_device_credential(office_reader(), PROTOCOL_OWNTRACKS,
						  str_from(office_answer(added, "ident")),
						  str_from(secret), &device),
			 -ENOENT);
	/* A watch has no secret: it cannot be taken for one that has. */
	assert_int_equal(reader_device_credential(office_reader(), PROTOCOL_WATCH, STR(TOWN_WATCH),
						  STR(""), &device),
			 -ENOENT);
	town_close();
}

static void test_a_telephone_is_its_secret_s_and_is_told_what_is_open(void **state)
{
	struct phone_facts facts;
	struct id phone, watch;

	town_open();
	phone = office_id(office_control("device.add", "{\"protocol\":\"phone\",\"label\":\"P\","
						       "\"official\":\"+33639980010\"}"));
	assert_int_equal(reader_phone(office_reader(), &arena, phone, STR(""), &facts), -ENOENT);
	assert_int_equal(device_set_secret(office_vault(), phone, STR("secret")), 0);
	assert_int_equal(reader_phone(office_reader(), &arena, phone, STR("secret"), &facts), 0);
	assert_true(facts.silent);
	assert_true(id_is_none(facts.alert));
	assert_int_equal(reader_phone(office_reader(), &arena, phone, STR("Secret"), &facts),
			 -ENOENT);
	assert_int_equal(reader_phone(office_reader(), &arena, town.room, STR("secret"), &facts),
			 -ENOENT);
	/* What the wearer's watch raised is what a call of the telephone would join. */
	watch = town_alert();
	assert_int_equal(reader_phone(office_reader(), &arena, phone, STR("secret"), &facts), 0);
	assert_true(id_eq(facts.alert, watch));
	/* Another kind of device does not speak here, whatever its secret. */
	assert_int_equal(device_set_secret(office_vault(), town.watch, STR("secret")), 0);
	assert_int_equal(reader_phone(office_reader(), &arena, town.watch, STR("secret"), &facts),
			 -ENOENT);
	town_close();
}

static void test_the_session_says_who_and_where(void **state)
{
	struct actor nowhere;

	town_open();
	assert_readable("Session", reader_session_json, &town.chief, (struct question){0});
	nowhere = town.alice;
	nowhere.room = ID_NONE;
	assert_readable("Session", reader_session_json, &nowhere, (struct question){0});
	town_close();
}

/* Whichever question comes first after the database went away brings the reader back. */
static int ask_head(struct reader *reader)
{
	int64_t epoch, number;

	return reader_head(reader, &epoch, &number);
}

static int ask_credential(struct reader *reader)
{
	struct id device;

	return reader_device_credential(reader, PROTOCOL_OSMAND, STR("personne"), STR("rien"),
					&device);
}

static int ask_device(struct reader *reader)
{
	struct id device;

	return reader_device(reader, STR("watch:" TOWN_WATCH), &device);
}

static void comes_back(int (*question)(struct reader *reader))
{
	int64_t until_ms = clock_monotonic_ms() + 10000;
	int before, after;
	struct db *other;

	town_open();
	before = question(office_reader());
	other = open_other(DB_WRITER);
	db_execute(other, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
			  " WHERE pid <> pg_backend_pid() AND datname = current_database()");
	db_close(other);
	do
		after = question(office_reader());
	while (after != before && clock_monotonic_ms() < until_ms);
	assert_int_equal(after, before);
	office_crash();
	town_close();
}

static void test_the_head_brings_a_reader_back(void **state)
{
	comes_back(ask_head);
}

static void test_a_credential_brings_a_reader_back(void **state)
{
	comes_back(ask_credential);
}

static void test_a_device_brings_a_reader_back(void **state)
{
	comes_back(ask_device);
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_BOTH, test_every_answer_is_well_formed_in_every_state),
		on(ON_BOTH, test_what_is_damaged_hides_nothing_else_that_is_open),
		on(ON_BOTH, test_an_official_s_alerts_open_or_over_come_newest_first),
		on(ON_BOTH, test_an_alert_about_which_little_is_known_is_well_formed),
		on(ON_BOTH, test_a_test_alert_is_well_formed),
		on(ON_BOTH, test_the_room_reads_what_a_test_would_have_sent),
		on(ON_BOTH, test_texts_come_back_as_they_were_written),
		on(ON_BOTH, test_the_detail_says_who_answered_and_what_is_refused),
		on(ON_BOTH, test_another_room_reads_nothing_before_it_is_shown),
		on(ON_BOTH, test_a_role_that_handles_no_alert_reads_none),
		on(ON_BOTH, test_an_auditor_reads_who_did_what_and_nothing_that_was_said),
		on(ON_BOTH, test_the_journal_is_read_page_by_page_to_its_first_line),
		on(ON_BOTH, test_only_an_auditor_reads_the_journal),
		on(ON_BOTH, test_the_figures_count_what_waits),
		on(ON_BOTH,
		   test_the_list_of_open_alerts_is_a_reading_and_so_is_that_of_closed_ones),
		on(ON_BOTH, test_reading_by_a_link_changes_nothing),
		on(ON_BOTH, test_a_link_opens_its_own_page_until_it_is_dead),
		on(ON_BOTH, test_who_is_not_back_from_a_visit_is_looked_for_where_it_was),
		on(ON_BOTH, test_the_patrol_is_not_given_a_number_to_call_when_it_is_silent),
		on(ON_BOTH, test_a_mission_that_is_over_shows_neither_person_nor_place),
		on(ON_BOTH, test_a_position_nobody_knows_any_more_is_null_on_every_page),
		on(ON_BOTH, test_units_come_competent_first_then_by_distance),
		on(ON_BOTH, test_closed_alerts_are_paged_by_their_number),
		on(ON_BOTH, test_the_lane_is_in_the_list),
		on(ON_BOTH, test_coming_back_gives_every_entry_that_was_published),
		on(ON_BOTH, test_coming_back_passes_over_what_is_for_nobody_s_screen),
		on(ON_BOTH, test_senders_and_the_clock_see_what_is_due),
		on(ON_BOTH, test_a_message_that_cannot_be_opened_holds_up_no_other),
		on(ON_BOTH, test_a_device_is_its_secret_s),
		on(ON_BOTH, test_a_telephone_is_its_secret_s_and_is_told_what_is_open),
		on(ON_BOTH, test_the_session_says_who_and_where),
		on(ON_POSTGRES, test_the_head_brings_a_reader_back),
		on(ON_POSTGRES, test_a_credential_brings_a_reader_back),
		on(ON_POSTGRES, test_a_device_brings_a_reader_back),
	};

	return run_on_databases("service_reader", tests, ARRAY_LEN(tests), db_migrate);
}
