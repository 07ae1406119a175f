/* What becomes of registrations with time: what is said and when, what is answered, what ends and
 * is taken back, and what is left of it. */
#include <errno.h>

#include <jansson.h>

#include "core/access.h"
#include "service/mandates.h"
#include "service/people_index.h"
#include "service/terms.h"
#include "store/deadlines.h"
#include "store/own.h"
#include "store/people.h"
#include "store/terms.h"
#include "town.h"

enum { HOUR_MS = 3600 * 1000, DAY_MS = 24 * HOUR_MS };

#define OFFICIAL_PHONE "+33639981234"

static struct id official;

static const char *about(const char *more)
{
	static char json[300];
	char text[ID_TEXT_SIZE];

	id_print(official, text);
	snprintf(json, sizeof(json), "{\"official\":\"%s\"%s}", text, more);
	return json;
}

#define VERIFIED ",\"verified\":\"oui\""

static struct command *counter(const char *name, const char *more)
{
	return office_account(ROLE_COUNTER, name, about(more));
}

static struct command *counter_of(struct id room, const char *name, const char *more)
{
	struct command *c = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_ACCOUNT,
								   .id = town.alice.id,
								   .roles = ROLE_COUNTER,
								   .room = room});

	c->name = command_keep(c, str_from(name));
	c->text = command_keep(c, str_from(about(more)));
	return office_run(c);
}

/* Registered today until so many days from now; 0: without a date. */
static void begin(int days)
{
	char json[300], text[DAY_TEXT_SIZE] = "";

	town_open();
	if (days)
		day_print(paris_day(office_now_ms) + days, text);
	snprintf(json, sizeof(json),
		 "{\"name\":\"Élu qui finit\",\"unit\":\"Brigade\",\"phone\":\"" OFFICIAL_PHONE
		 "\",\"until\":\"%s\"}",
		 text);
	official = office_id(office_control("official.add", json));
}

static int32_t end_day(int days)
{
	return paris_day(TEST_NOW_MS) + days;
}

static void wait_until(int32_t day)
{
	town_wait_until(paris_day_begins_ms(day + 1) - 1);
}

static struct term stored(void)
{
	struct term t;

	assert_int_equal(term_load(office_vault(), official, &t), 0);
	return t;
}

static size_t said(const char *words)
{
	struct message list[16];
	size_t count = town_messages(official, OFFICIAL_PHONE, list, 16), found = 0;

	for (size_t i = 0; i < count; i++)
		found += str_find(list[i].text, words[0]) >= 0 &&
			 memmem(list[i].text.ptr, list[i].text.len, words, strlen(words)) != NULL;
	return found;
}

static struct command *answer(const char *token, bool end)
{
	struct command *c = command_new(VERB_TERM, (struct actor){.kind = ACTOR_OFFICIAL});

	c->token = command_keep(c, str_from(token));
	c->as.term.end = end;
	return office_run(c);
}

static unsigned found_by_number(void)
{
	struct id ids[4];
	unsigned count;

	assert_int_equal(officials_by_number(office_vault(), STR(OFFICIAL_PHONE), ids, 4, &count),
			 0);
	return count;
}

static unsigned found_by_name(struct people_index *index, bool ended_too)
{
	const struct people_wanted who = {STR("finit"), ended_too};
	struct id ids[4];
	unsigned count;

	assert_int_equal(people_index_search(index, office_vault(), &who, ids, 4, &count), 0);
	return count;
}

static void test_what_ends_is_said_three_times_by_day_and_then_once_more(void **state)
{
	int32_t end = end_day(200);

	begin(200);
	wait_until(end - 61);
	assert_int_equal(said("prend fin"), 0);
	wait_until(end - 60);
	assert_int_equal(said("prend fin"), 1);
	wait_until(end - 8);
	assert_int_equal(said("prend fin"), 2);
	wait_until(end);
	assert_int_equal(said("prend fin"), 3);
	assert_int_equal(stored().ended, DAY_NONE);
	assert_int_equal(found_by_number(), 1);
	wait_until(end + 1);
	assert_int_equal(stored().ended, end + 1);
	assert_int_equal(said("a pris fin"), 1);
	assert_int_equal(found_by_number(), 0);
	assert_int_equal(town_entries(official, ENTRY_TERM_WARNED, NULL), 3);
	assert_int_equal(town_entries(official, ENTRY_TERM_ENDED, NULL), 1);
	town_close();
}

/* Each between nine and five, at a moment of its own. */
static void test_nobody_is_woken_and_not_all_at_once(void **state)
{
	struct deadline list[40];
	size_t count = 0;
	int64_t first = INT64_MAX, last = 0;

	begin(0);
	for (int i = 0; i < 30; i++) {
		char json[200];

		snprintf(json, sizeof(json),
			 "{\"name\":\"Élue %d\",\"unit\":\"Brigade\",\"phone\":\"+336399820%02d\"}",
			 i, i);
		office_id(office_control("official.add", json));
	}
	assert_int_equal(deadlines_next(office_vault(), 40, list, &count), 0);
	assert_int_equal(count, 31);
	for (size_t i = 0; i < count; i++) {
		int64_t of_day =
			list[i].due_at_ms - paris_day_begins_ms(paris_day(list[i].due_at_ms));

		assert_int_equal(list[i].timer, TIMER_TERM);
		assert_in_range(of_day, 9 * HOUR_MS, 17 * HOUR_MS);
		first = of_day < first ? of_day : first;
		last = of_day > last ? of_day : last;
	}
	assert_true(last - first > HOUR_MS);
	town_close();
}

static void test_the_yearly_question_is_answered_by_its_link(void **state)
{
	int32_t asked = paris_day(TEST_NOW_MS) + 365;
	const char *token, *newer;
	struct term t;

	begin(0);
	wait_until(asked + 1);
	assert_int_equal(said("garder votre inscription"), 1);
	t = stored();
	assert_int_equal(term_task(&t), TASK_CONFIRM);
	token = town_token(official, OFFICIAL_PHONE);
	assert_done(answer(token, true));
	t = stored();
	assert_int_equal(term_task(&t), TASK_END_ASKED);
	assert_int_equal(t.ended, DAY_NONE);
	assert_int_equal(found_by_number(), 1);
	assert_done(answer(token, false));
	assert_int_equal(stored().confirmed, asked + 1);
	assert_int_equal(town_entries(official, ENTRY_TERM_END_ASKED, NULL), 1);
	assert_int_equal(town_entries(official, ENTRY_TERM_CONFIRMED, NULL), 1);
	/* A year later another link; the first is dead, and no other secret opens anything. */
	wait_until(asked + 1 + 366);
	newer = town_token(official, OFFICIAL_PHONE);
	assert_string_not_equal(token, newer);
	assert_int_equal(answer(token, true)->outcome.problem, PROBLEM_GONE);
	assert_int_equal(answer("AAAAAAAAAAAAAAAAAAAAAA", true)->outcome.problem,
			 PROBLEM_NOT_FOUND);
	assert_int_equal(town_link(newer, EVENT_CONTACT_ANSWERED, "")->outcome.problem,
			 PROBLEM_NOT_FOUND);
	assert_int_equal(town_link(newer, EVENT_UNIT_RECEIVED, "")->outcome.problem,
			 PROBLEM_NOT_FOUND);
	town_close();
}

static void test_nothing_ends_amid_an_alert(void **state)
{
	struct device_report sos;
	int32_t end = end_day(90);
	char text[ID_TEXT_SIZE], json[200];
	struct id alert;

	begin(90);
	id_print(official, text);
	snprintf(json, sizeof(json),
		 "{\"protocol\":\"watch\",\"ident\":\"8800000077\",\"label\":\"Montre\","
		 "\"official\":\"%s\",\"networks\":\"127.0.0.0/8\"}",
		 text);
	office_id(office_control("device.add", json));
	wait_until(end);
	sos = town_sos(office_now_ms);
	sos.ident = STR("8800000077");
	alert = town_say(&sos)->outcome.subject;
	wait_until(end + 2);
	assert_int_equal(stored().ended, DAY_NONE);
	assert_refused(
		counter("registration.end", VERIFIED ",\"why\":\"asked\""), PROBLEM_CONFLICT,
		"Une alerte, une visite ou un appel de cette personne est en cours : rien ne "
		"prend fin avant.");
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE));
	town_wait_until(office_now_ms + 2 * HOUR_MS);
	assert_int_equal(stored().ended, end + 3);
	town_close();
}

static void test_what_ended_is_taken_back_or_destroyed(void **state)
{
	int32_t ended = paris_day(TEST_NOW_MS);
	struct people_index *index = people_index_new();
	struct own_wish wish;
	struct arena arena = ARENA_INIT;
	struct official o;
	char more[80], day[DAY_TEXT_SIZE];

	begin(0);
	assert_int_equal(found_by_name(index, false), 1);
	in_transaction(office_vault(), own_wish_save(office_vault(), official,
						     &(struct own_wish){TEST_NOW_MS, TIME_NONE}));
	assert_int_equal(counter("registration.end", ",\"verified\":\"non\",\"why\":\"asked\"")
				 ->outcome.problem,
			 PROBLEM_INVALID);
	assert_done(counter("registration.end", VERIFIED ",\"why\":\"asked\""));
	assert_int_equal(
		counter("registration.end", VERIFIED ",\"why\":\"asked\"")->outcome.problem,
		PROBLEM_CONFLICT);
	assert_int_equal(stored().ended, ended);
	/* That they asked to leave, too, is settled. */
	assert_int_equal(own_wish_load(office_vault(), official, &wish), 0);
	assert_int_equal(wish.leave_at_ms, TIME_NONE);
	assert_int_equal(found_by_number(), 0);
	/* Corrected meanwhile, it is still not found. */
	assert_done(office_control("official.set", about(",\"household\":3")));
	assert_int_equal(found_by_number(), 0);
	assert_int_equal(found_by_name(index, false), 0);
	assert_int_equal(found_by_name(index, true), 1);
	day_print(ended - 1, day);
	snprintf(more, sizeof(more), VERIFIED ",\"until\":\"%s\"", day);
	assert_int_equal(counter("registration.prolong", more)->outcome.problem, PROBLEM_INVALID);
	assert_done(counter("registration.prolong", VERIFIED));
	assert_int_equal(found_by_number(), 1);
	assert_int_equal(found_by_name(index, false), 1);
	people_index_free(index);
	assert_int_equal(town_entries(official, ENTRY_TERM_TAKEN_BACK, NULL), 1);
	assert_done(counter("registration.end", VERIFIED ",\"why\":\"protection\""));
	/* Fifteen days; then the file, its key, and what was sent go together. */
	office_now_ms = TEST_NOW_MS + 15LL * DAY_MS - 1;
	office_keep_house();
	assert_int_equal(official_load(office_vault(), &arena, official, &o), 0);
	office_now_ms = TEST_NOW_MS + 15LL * DAY_MS;
	office_keep_house();
	assert_int_equal(official_load(office_vault(), &arena, official, &o), -ENOENT);
	assert_int_equal(town_messages(official, NULL, (struct message[1]){0}, 1), 0);
	assert_int_equal(town_entries(official, ENTRY_DELETED, NULL), 1);
	assert_int_equal(counter("registration.prolong", VERIFIED)->outcome.problem,
			 PROBLEM_INVALID);
	arena_fini(&arena);
	town_close();
}

static void test_who_is_registered_anew_is_not_taken_back_too(void **state)
{
	static const char anew[] = "{\"name\":\"Élu qui finit\",\"unit\":\"Brigade\","
				   "\"phone\":\"" OFFICIAL_PHONE "\"%s}";
	char json[200];

	begin(0);
	assert_done(counter("registration.end", VERIFIED ",\"why\":\"asked\""));
	snprintf(json, sizeof(json), anew, ",\"until\":\"01/01/2001\"");
	assert_refused(office_control("official.add", json), PROBLEM_INVALID,
		       "« until » : donnez un jour à venir.");
	snprintf(json, sizeof(json), anew, "");
	assert_done(office_control("official.add", json));
	assert_refused(counter("registration.prolong", VERIFIED), PROBLEM_CONFLICT,
		       "Cette personne est déjà inscrite de nouveau avec ce numéro.");
	assert_int_equal(found_by_number(), 1);
	town_close();
}

static void test_a_room_s_counter_has_its_own(void **state)
{
	static const struct {
		const char *name, *more;
	} commands[] = {{"registration.confirm", VERIFIED},
			{"registration.prolong", VERIFIED},
			{"registration.end", VERIFIED ",\"why\":\"asked\""}};

	/* As of an identifier that is nobody's. */
	static const char unknown[] = "« official » : élu inconnu (identifiant, ou numéro de "
				      "téléphone qu'il est seul à avoir).";

	begin(0);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		assert_refused(counter_of(town.second, commands[i].name, commands[i].more),
			       PROBLEM_INVALID, unknown);
		assert_done(counter_of(town.room, commands[i].name, commands[i].more));
	}
	town_close();
}

static void test_a_wish_to_go_on_does_not_outlast_the_day_that_was_asked_for(void **state)
{
	int32_t end = end_day(90);
	char more[80], day[DAY_TEXT_SIZE];

	begin(90);
	wait_until(end - 6);
	assert_done(answer(town_token(official, OFFICIAL_PHONE), false));
	wait_until(end);
	assert_int_equal(stored().ended, DAY_NONE);
	wait_until(end + 1);
	assert_int_equal(stored().ended, end + 1);
	assert_int_equal(stored().why, TERM_PROTECTION);
	day_print_iso(end + 365, day);
	snprintf(more, sizeof(more), VERIFIED ",\"until\":\"%s\"", day);
	assert_done(counter("registration.prolong", more));
	assert_int_equal(stored().until, end + 365);
	assert_int_equal(said("vaut jusqu'au"), 1);
	town_close();
}

SQL(deadlines_drop, "DELETE FROM deadline");

/* An older version looked no more at who wished to go on. */
static void test_a_wish_from_an_older_version_outlasts_it_no_more(void **state)
{
	int32_t end = end_day(90);

	begin(90);
	wait_until(end - 6);
	assert_done(answer(town_token(official, OFFICIAL_PHONE), false));
	assert_int_equal(db_done_after(db_query(vault_db(office_vault()), &deadlines_drop)), 0);
	wait_until(end + 30);
	assert_int_equal(stored().ended, DAY_NONE);
	assert_int_equal(terms_catch_up(office_vault()), 0);
	wait_until(end + 365);
	assert_int_not_equal(stored().ended, DAY_NONE);
	assert_int_equal(stored().why, TERM_PROTECTION);
	town_close();
}

/* A server that was down for a year does not speak at midnight, nor to all at once. */
/* A code to one's own file, or that somebody asked to leave. */
static void test_what_else_is_on_its_way_to_them_still_leaves(void **state)
{
	int64_t late_ms = TEST_NOW_MS + INT64_C(300) * DAY_MS;
	struct message m = {.kind = OUTBOX_OFFICIAL,
			    .to = STR(OFFICIAL_PHONE),
			    .text = STR("Code"),
			    .state = MESSAGE_QUEUED,
			    .created_at_ms = TEST_NOW_MS,
			    .next_at_ms = late_ms,
			    .valid_until_ms = late_ms};
	struct arena arena = ARENA_INIT;

	begin(200);
	m.id = thing_id(77);
	m.alert = m.target = official;
	in_transaction(office_vault(), message_insert(office_vault(), &m));
	wait_until(end_day(200) - 60);
	assert_int_equal(said("prend fin"), 1);
	assert_int_equal(message_load(office_vault(), &arena, m.id, &m), 0);
	assert_int_equal(m.next_at_ms, late_ms);
	arena_fini(&arena);
	town_close();
}

static void test_what_is_late_waits_for_its_moment(void **state)
{
	struct deadline d;
	size_t count;

	begin(0);
	office_now_ms += 400LL * DAY_MS + 12 * HOUR_MS;
	town_wait_until(office_now_ms);
	assert_int_equal(said("garder votre inscription"), 0);
	assert_int_equal(deadlines_next(office_vault(), 1, &d, &count), 0);
	assert_int_equal(count, 1);
	assert_true(d.due_at_ms > office_now_ms && d.due_at_ms <= office_now_ms + DAY_MS);
	town_wait_until(d.due_at_ms);
	assert_int_equal(said("garder votre inscription"), 1);
	town_close();
}

/* --- mandates of the national register */

#define FIRST_LINE "86024|SARCELLE|Ève|1970-05-06|maire|Maire|2026-03-22"
#define SAME_MANDATE "86024|Sarcelle|EVE|1970-05-06|maire||2026-03-22"
#define OTHER_LINE "86024|SARCELLE|Ève|1970-05-06|maire|Maire|2032-03-21"
#define REGISTER "\"kind\":\"rne\",\"scope\":\"maire\""

static int number_in(struct command *c, const char *key)
{
	json_t *body = json_loadb(c->outcome.json.ptr, c->outcome.json.len, 0, NULL);
	int number = (int)json_integer_value(json_object_get(body, key));

	assert_done(c);
	json_decref(body);
	return number;
}

/* Laid down; its number. */
static int lay_down(const char *line)
{
	char json[400];
	int edition = number_in(office_control("import.begin", "{" REGISTER "}"), "edition");

	snprintf(json, sizeof(json), "{" REGISTER ",\"edition\":%d,\"rows\":\"%s\"}", edition,
		 line);
	assert_done(office_control("import.rows", json));
	return edition;
}

static void expect_looked_up(int edition, bool dry_run, int gone, int back)
{
	struct command *c;
	char json[200];

	snprintf(json, sizeof(json), "{" REGISTER ",\"edition\":%d,\"dry_run\":\"%s\"}", edition,
		 dry_run ? "oui" : "non");
	c = office_control("import.registrations", json);
	assert_int_equal(number_in(c, "gone"), gone);
	assert_int_equal(number_in(c, "back"), back);
}

static int finish(int edition)
{
	char json[200];

	snprintf(json, sizeof(json), "{" REGISTER ",\"edition\":%d,\"count\":1}", edition);
	assert_done(office_control("import.finish", json));
	return edition;
}

static const char *mark_of(const char *line)
{
	static char mark[TERRITORY_MARK_SIZE];
	struct str fields[MANDATE_FIELDS];

	territory_fields(str_from(line), fields, MANDATE_FIELDS);
	mandate_mark(office_vault(), fields, mark);
	return mark;
}

static struct command *activate(const char *mark)
{
	char json[600];

	snprintf(json, sizeof(json),
		 "{\"identity\":\"oui\",\"mandate_checked\":\"oui\",\"name\":\"Ève Sarcelle\","
		 "\"phone\":\"" OFFICIAL_PHONE
		 "\",\"shared_number\":\"oui\",\"unit\":\"Brigade\",\"commune_code\":"
		 "\"86024\",\"register_mark\":\"%s\"}",
		 mark);
	return office_account(ROLE_COUNTER, "registration.activate", json);
}

/* Registered for the mandate of the first line, and another one for none. */
static void begin_with_mandate(void)
{
	begin(0);
	finish(lay_down(FIRST_LINE));
	official = office_id(activate(mark_of(SAME_MANDATE)));
}

static enum term_task task(void)
{
	struct term t = stored();

	return term_task(&t);
}

static void test_a_mandate_that_left_the_register_is_the_counter_s_to_look_into(void **state)
{
	int edition;

	begin_with_mandate();
	/* Spelt otherwise, and without the function: it is the same. */
	edition = lay_down(SAME_MANDATE);
	expect_looked_up(edition, true, 0, 0);
	expect_looked_up(finish(edition), false, 0, 0);
	edition = lay_down(OTHER_LINE);
	expect_looked_up(edition, true, 1, 0);
	/* Nothing of it counts before it is the present edition. */
	expect_looked_up(edition, false, 0, 0);
	assert_int_equal(task(), TASK_NONE);
	expect_looked_up(finish(edition), false, 1, 0);
	assert_int_equal(task(), TASK_MANDATE_GONE);
	assert_int_equal(stored().mandate_gone, paris_day(TEST_NOW_MS));
	assert_int_equal(stored().mandate_until, DAY_NONE);
	assert_int_equal(stored().ended, DAY_NONE);
	expect_looked_up(edition, false, 0, 0);
	/* The edition before, again: what nobody has settled is taken back. */
	edition = lay_down(FIRST_LINE);
	expect_looked_up(edition, true, 0, 1);
	expect_looked_up(finish(edition), false, 0, 1);
	assert_int_equal(task(), TASK_NONE);
	assert_int_equal(town_entries(official, ENTRY_TERM_MANDATE_GONE, NULL), 1);
	assert_int_equal(town_entries(official, ENTRY_TERM_MANDATE_BACK, NULL), 1);
	assert_int_equal(town_messages(official, NULL, (struct message[1]){0}, 1), 0);
	town_close();
}

static void settle(const char *way)
{
	begin_with_mandate();
	expect_looked_up(finish(lay_down(OTHER_LINE)), false, 1, 0);
	assert_done(counter(way, VERIFIED));
	assert_int_equal(task(), TASK_NONE);
	expect_looked_up(finish(lay_down(OTHER_LINE)), false, 0, 0);
	expect_looked_up(finish(lay_down(FIRST_LINE)), false, 0, 0);
	town_close();
}

static void test_a_mandate_that_goes_on_all_the_same_is_asked_about_no_more(void **state)
{
	settle("registration.confirm");
}

static void test_a_registration_that_is_prolonged_is_asked_about_no_more(void **state)
{
	settle("registration.prolong");
}

static void test_a_registration_is_prolonged_for_another_line_of_the_register(void **state)
{
	struct arena arena = ARENA_INIT;
	struct official o;
	char more[120];

	begin_with_mandate();
	expect_looked_up(finish(lay_down(OTHER_LINE)), false, 1, 0);
	/* One that is not there any more is nobody's, and nothing was done. */
	snprintf(more, sizeof(more), VERIFIED ",\"register_mark\":\"%s\"", mark_of(FIRST_LINE));
	assert_refused(counter("registration.prolong", more), PROBLEM_INVALID,
		       "Cette ligne n'est pas au répertoire pour la commune du dossier : cherchez "
		       "à nouveau.");
	assert_int_equal(task(), TASK_MANDATE_GONE);
	snprintf(more, sizeof(more), VERIFIED ",\"register_mark\":\"%s\"", mark_of(OTHER_LINE));
	assert_done(counter("registration.prolong", more));
	assert_int_equal(task(), TASK_NONE);
	assert_int_equal(official_load(office_vault(), &arena, official, &o), 0);
	assert_true(str_eq(o.mandate, STR("Maire")));
	arena_fini(&arena);
	/* From now on the editions are asked about that one. */
	expect_looked_up(finish(lay_down(OTHER_LINE)), false, 0, 0);
	expect_looked_up(finish(lay_down(FIRST_LINE)), false, 1, 0);
	assert_int_equal(task(), TASK_MANDATE_GONE);
	town_close();
}

static void test_a_mandate_ends_on_the_day_that_the_counter_sets(void **state)
{
	char more[80], day[DAY_TEXT_SIZE];

	/* The day that is proposed, set by the counter: it ends as any other, and is said before.
	 */
	begin_with_mandate();
	expect_looked_up(finish(lay_down(OTHER_LINE)), false, 1, 0);
	day_print_iso(paris_day(office_now_ms), day);
	snprintf(more, sizeof(more), VERIFIED ",\"mandate_until\":\"%s\"", day);
	assert_done(counter("registration.prolong", more));
	assert_int_equal(stored().mandate_until, paris_day(TEST_NOW_MS));
	wait_until(end_day(2));
	assert_int_equal(said("prend fin"), 1);
	assert_int_equal(stored().ended, DAY_NONE);
	wait_until(end_day(9));
	assert_int_equal(stored().why, TERM_MANDATE);
	assert_int_equal(task(), TASK_ENDED);
	/* What has ended is looked up no more. */
	expect_looked_up(finish(lay_down(FIRST_LINE)), false, 0, 0);
	town_close();
}

static void test_only_a_line_of_the_register_around_there_is_remembered(void **state)
{
	begin(0);
	finish(lay_down(FIRST_LINE));
	assert_refused(activate(mark_of(OTHER_LINE)), PROBLEM_INVALID,
		       "« register_mark » : cette ligne n’est pas au répertoire pour cette "
		       "commune : cherchez à nouveau.");
	assert_done(activate(""));
	expect_looked_up(finish(lay_down(OTHER_LINE)), false, 0, 0);
	assert_int_equal(office_control("import.registrations",
					"{\"kind\":\"communes\",\"edition\":0,\"dry_run\":\"non\"}")
				 ->outcome.problem,
			 PROBLEM_INVALID);
	town_close();
}

static void set_ahead(int days)
{
	office_now_ms += days * (int64_t)DAY_MS;
	office_ahead_ms += days * (int64_t)DAY_MS;
}

/* Neither said nor ended; and each comes at its day once the clock is right again. */
static void test_by_a_clock_years_ahead_nothing_ends_and_nobody_is_told(void **state)
{
	int32_t end = end_day(200);

	begin(200);
	set_ahead(1000);
	wait_until(end_day(1003));
	assert_int_equal(said("prend fin"), 0);
	assert_int_equal(stored().ended, DAY_NONE);
	set_ahead(-1000);
	office_keep_house();
	wait_until(end - 61);
	assert_int_equal(said("prend fin"), 0);
	wait_until(end - 60);
	assert_int_equal(said("prend fin"), 1);
	wait_until(end + 1);
	assert_int_equal(stored().ended, end + 1);
	town_close();
}

static void test_once_the_date_is_confirmed_what_was_put_off_is_said(void **state)
{
	char json[60], day[DAY_TEXT_SIZE];

	begin(200);
	set_ahead(1000);
	wait_until(end_day(1003));
	day_print(paris_day(office_now_ms), day);
	snprintf(json, sizeof(json), "{\"date\":\"%s\"}", day);
	assert_done(office_control("clock.confirm", json));
	office_keep_house();
	wait_until(end_day(1005));
	assert_int_equal(said("prend fin"), 1);
	assert_int_equal(stored().ended, DAY_NONE);
	wait_until(end_day(1020));
	assert_int_not_equal(stored().ended, DAY_NONE);
	town_close();
}

static const char *list_of_room(struct id room)
{
	struct command *c = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_ACCOUNT,
								   .id = town.alice.id,
								   .roles = ROLE_COUNTER,
								   .room = room});
	static char json[4000];

	c->name = command_keep(c, STR("registration.terms"));
	c->text = command_keep(c, STR("{}"));
	assert_done(office_run(c));
	snprintf(json, sizeof(json), "%.*s", STR_FMT(c->outcome.json));
	return json;
}

SQL(terms_undo, "UPDATE official SET term_registered = NULL");
SQL(rooms_forget, "UPDATE unit SET room = NULL");

/* Those of before there were terms, all registered in the same minute. */
static void test_the_first_looks_at_an_import_are_spread(void **state)
{
	enum { MANY = 60, MINUTE_MS = 60000 };
	struct deadline list[MANY + 4];
	size_t count;

	begin(0);
	for (int i = 0; i < MANY; i++) {
		char json[200];

		snprintf(json, sizeof(json),
			 "{\"name\":\"Élue %d\",\"unit\":\"Brigade\",\"phone\":\"+336399820%02d\"}",
			 i, i);
		office_id(office_control("official.add", json));
	}
	assert_int_equal(db_done_after(db_query(vault_db(office_vault()), &terms_undo)), 0);
	assert_int_equal(db_done_after(db_query(vault_db(office_vault()), &deadlines_drop)), 0);
	assert_int_equal(terms_catch_up(office_vault()), 0);
	assert_int_equal(deadlines_next(office_vault(), MANY + 4, list, &count), 0);
	assert_true(count > MANY);
	for (size_t i = 0; i < count; i++) {
		int64_t of_day =
			list[i].due_at_ms - paris_day_begins_ms(paris_day(list[i].due_at_ms));

		assert_in_range(of_day, 9 * HOUR_MS, 17 * HOUR_MS);
		if (i > 3)
			assert_true(list[i].due_at_ms - list[i - 4].due_at_ms > MINUTE_MS);
	}
	assert_true(list[count - 1].due_at_ms - list[0].due_at_ms > 7 * (int64_t)DAY_MS);
	town_close();
}

/* Such a unit is of the oldest room. */
static void test_the_task_of_a_unit_without_a_room_is_seen(void **state)
{
	struct id rooms[4], first, other;
	char text[ID_TEXT_SIZE];

	begin(0);
	memcpy(rooms, (struct id[]){town.room, town.neighbour, town.second, town.zone},
	       sizeof(rooms));
	first = rooms[0];
	/* Made in one millisecond, they are in the order of chance. */
	for (size_t i = 1; i < ARRAY_LEN(rooms); i++)
		if (memcmp(rooms[i].bytes, first.bytes, sizeof(first.bytes)) < 0)
			first = rooms[i];
	other = id_eq(first, town.room) ? town.neighbour : town.room;
	assert_int_equal(db_done_after(db_query(vault_db(office_vault()), &rooms_forget)), 0);
	office_crash();
	assert_done(counter("registration.end", VERIFIED ",\"why\":\"asked\""));
	id_print(official, text);
	assert_non_null(strstr(list_of_room(first), text));
	assert_null(strstr(list_of_room(other), text));
	town_close();
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_BOTH, test_what_ends_is_said_three_times_by_day_and_then_once_more),
		on(ON_SQLITE, test_nobody_is_woken_and_not_all_at_once),
		on(ON_SQLITE, test_the_yearly_question_is_answered_by_its_link),
		on(ON_SQLITE, test_nothing_ends_amid_an_alert),
		on(ON_BOTH, test_what_ended_is_taken_back_or_destroyed),
		on(ON_BOTH, test_who_is_registered_anew_is_not_taken_back_too),
		on(ON_SQLITE, test_a_room_s_counter_has_its_own),
		on(ON_SQLITE, test_a_wish_to_go_on_does_not_outlast_the_day_that_was_asked_for),
		on(ON_BOTH, test_a_wish_from_an_older_version_outlasts_it_no_more),
		on(ON_SQLITE, test_what_is_late_waits_for_its_moment),
		on(ON_SQLITE, test_what_else_is_on_its_way_to_them_still_leaves),
		on(ON_BOTH, test_a_mandate_that_left_the_register_is_the_counter_s_to_look_into),
		on(ON_BOTH, test_a_mandate_that_goes_on_all_the_same_is_asked_about_no_more),
		on(ON_SQLITE, test_a_registration_that_is_prolonged_is_asked_about_no_more),
		on(ON_BOTH, test_a_registration_is_prolonged_for_another_line_of_the_register),
		on(ON_BOTH, test_a_mandate_ends_on_the_day_that_the_counter_sets),
		on(ON_BOTH, test_by_a_clock_years_ahead_nothing_ends_and_nobody_is_told),
		on(ON_SQLITE, test_once_the_date_is_confirmed_what_was_put_off_is_said),
		on(ON_BOTH, test_the_first_looks_at_an_import_are_spread),
		on(ON_BOTH, test_the_task_of_a_unit_without_a_room_is_seen),
		on(ON_SQLITE, test_only_a_line_of_the_register_around_there_is_remembered),
	};

	return run_on_databases("terms", tests, ARRAY_LEN(tests), db_migrate);
}
