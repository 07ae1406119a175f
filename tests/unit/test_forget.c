/* What the table of retention makes go at its moment, not before; what a legal hold keeps; and that
 * the tree still verifies. */
#include <errno.h>

#include "core/access.h"
#include "service/reader.h"
#include "store/journal.h"
#include "store/keeping.h"
#include "store/people.h"
#include "town.h"

enum { DAY_MS = 24 * 3600 * 1000 };

/* As often as something goes. */
static void housekeeping(void)
{
	while (office_keep_house())
		;
	assert_int_equal(office_failed, 0);
}

static bool goes_at(int64_t at_ms, const char *table, int64_t left)
{
	office_now_ms = at_ms - 1;
	housekeeping();
	if (town_count(table) == left)
		return false;
	office_now_ms = at_ms;
	housekeeping();
	return town_count(table) == left;
}

static struct id closed_alert(void)
{
	struct id alert = town_alert();

	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_done(town_event(town.alice, alert, "Un mot", EVENT_NOTE));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE));
	return alert;
}

static const char *held(const char *subject, const char *reason)
{
	static char json[200];

	snprintf(json, sizeof(json), "{%s,\"reason\":\"%s\"}", subject, reason);
	return json;
}

static const char *about_official(void)
{
	static char text[80];
	char id[ID_TEXT_SIZE];

	id_print(town.official, id);
	snprintf(text, sizeof(text), "\"official\":\"%s\"", id);
	return text;
}

static int verified(void)
{
	int64_t number;

	return journal_verify(office_vault(), NULL, &number);
}

static void test_a_trail_an_sms_and_an_alert_go_each_at_its_moment(void **state)
{
	const char *body;
	struct id alert;
	int64_t closed_ms;

	town_open();
	alert = closed_alert();
	closed_ms = office_now_ms;
	assert_true(goes_at(closed_ms + 30LL * DAY_MS, "outbox", 0));
	assert_int_equal(town_count("receipt"), 0);
	/* 365 days: no 29 February is among them. */
	office_now_ms = closed_ms + 365LL * DAY_MS - 1;
	housekeeping();
	assert_int_equal(town_entries(alert, ENTRY_POSITION, &body), 1);
	assert_true(strlen(body) > 0);
	office_now_ms++;
	housekeeping();
	assert_int_equal(town_entries(alert, ENTRY_POSITION, &body), 1);
	assert_string_equal(body, "");
	assert_int_equal(town_entries(alert, ENTRY_NOTED, &body), 1);
	assert_true(strlen(body) > 0);
	assert_true(goes_at(closed_ms + 731LL * DAY_MS, "alert", 0));
	for (const char *const *table =
		     (const char *const[]){"link", "alert_contact", "deadline", NULL};
	     *table; table++)
		assert_int_equal(town_count(*table), 0);
	assert_int_equal(town_entries(alert, ENTRY_NOTED, &body), 1);
	assert_string_equal(body, "");
	assert_int_equal(town_entries(alert, ENTRY_DELETED, &body), 1);
	assert_string_equal(body, "{\"what\":\"alert\"}");
	assert_int_equal(verified(), 0);
	town_close();
}

static void test_what_is_open_goes_at_no_moment(void **state)
{
	town_open();
	town_alert();
	office_now_ms += 4000LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 1);
	assert_true(town_count("outbox") > 0);
	town_close();
}

static const char *answer_to(struct id subject, const char *lift)
{
	static char json[200];
	char id[ID_TEXT_SIZE];

	id_print(subject, id);
	snprintf(json, sizeof(json), "{\"subject\":\"%s\",\"lift\":\"%s\",\"reason\":\"Vérifié\"}",
		 id, lift);
	return json;
}

static void test_one_person_does_not_lift_a_hold_and_two_do(void **state)
{
	struct command *both;

	town_open();
	closed_alert();
	assert_done(office_control("hold.place", held(about_official(), "Réquisition")));
	assert_refused(office_account(ROLE_AUDITOR, "hold.settle", answer_to(town.official, "oui")),
		       PROBLEM_NOT_FOUND, "Cette levée n'attend plus.");
	both = office_account(ROLE_ADMINISTRATOR | ROLE_AUDITOR, "hold.lift",
			      held(about_official(), "Classé"));
	assert_done(both);
	assert_refused(office_control("hold.lift", held(about_official(), "Encore")),
		       PROBLEM_CONFLICT,
		       "La levée est déjà demandée : un auditeur la confirme, ou non, sur la page "
		       "/journal.");
	office_now_ms += 1500LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 1);
	/* Neither who asked, whatever else they are, nor who is at the machine, nor who is none. */
	assert_refused(office_as(both->actor, "hold.settle", answer_to(town.official, "oui")),
		       PROBLEM_CONFLICT,
		       "Vous l'avez demandé : une autre personne doit confirmer.");
	assert_refused(office_control("hold.settle", answer_to(town.official, "oui")),
		       PROBLEM_FORBIDDEN,
		       "La levée d'une retenue légale est confirmée par un auditeur, sur la page "
		       "/journal.");
	assert_refused(
		office_account(ROLE_ADMINISTRATOR, "hold.settle", answer_to(town.official, "oui")),
		PROBLEM_FORBIDDEN, "Ce compte n'administre pas le registre.");
	/* An auditor may say no; then it is asked anew. */
	assert_done(office_account(ROLE_AUDITOR, "hold.settle", answer_to(town.official, "non")));
	assert_refused(office_account(ROLE_AUDITOR, "hold.settle", answer_to(town.official, "oui")),
		       PROBLEM_NOT_FOUND, "Cette levée n'attend plus.");
	assert_done(office_control("hold.lift", held(about_official(), "Classé")));
	assert_done(office_control("hold.keep", held(about_official(), "Erreur")));
	assert_int_equal(town_entries(town.official, ENTRY_HOLD_KEPT, NULL), 2);
	assert_done(office_control("hold.lift", held(about_official(), "Classé")));
	assert_done(office_account(ROLE_AUDITOR, "hold.settle", answer_to(town.official, "oui")));
	assert_int_equal(town_entries(town.official, ENTRY_HOLD_LIFT_ASKED, NULL), 3);
	assert_int_equal(town_entries(town.official, ENTRY_HOLD_LIFTED, NULL), 1);
	housekeeping();
	assert_int_equal(town_count("alert"), 0);
	town_close();
}

static void test_a_hold_on_a_person_keeps_their_alerts_until_it_is_lifted(void **state)
{
	struct arena arena = ARENA_INIT;
	struct official o;

	town_open();
	closed_alert();
	assert_refused(office_account(ROLE_OPERATOR, "hold.place", held(about_official(), "Non")),
		       PROBLEM_FORBIDDEN, "Ce compte n'administre pas le registre.");
	assert_int_equal(office_control("hold.place", "{\"reason\":\"De qui ?\"}")->outcome.problem,
			 PROBLEM_INVALID);
	assert_done(office_account(ROLE_ADMINISTRATOR, "hold.place",
				   held(about_official(), "Réquisition")));
	assert_int_equal(
		office_control("hold.place", held(about_official(), "Encore"))->outcome.problem,
		PROBLEM_CONFLICT);
	office_now_ms += 1500LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 1);
	assert_true(town_count("outbox") > 0);
	assert_int_equal(
		office_control("official.remove", held(about_official(), "x"))->outcome.problem,
		PROBLEM_INVALID);
	assert_int_equal(official_load(office_vault(), &arena, town.official, &o), 0);
	arena_fini(&arena);
	assert_int_equal(town_entries(town.official, ENTRY_HOLD_PLACED, NULL), 1);
	assert_done(office_control("hold.lift", held(about_official(), "Classé")));
	assert_done(office_account(ROLE_AUDITOR, "hold.settle", answer_to(town.official, "oui")));
	housekeeping();
	assert_int_equal(town_count("alert"), 0);
	assert_int_equal(town_count("outbox"), 0);
	assert_int_equal(town_count("legal_hold"), 0);
	assert_int_equal(verified(), 0);
	town_close();
}

static void test_a_hold_on_an_alert_keeps_that_one(void **state)
{
	struct id first;
	char subject[40];

	town_open();
	first = closed_alert();
	office_now_ms += DAY_MS;
	closed_alert();
	snprintf(subject, sizeof(subject), "\"alert\":%lld",
		 (long long)town_stored(first).alert.ref);
	assert_done(office_control("hold.place", held(subject, "Réquisition")));
	office_now_ms += 800LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 1);
	assert_true(id_eq(town_stored(first).alert.id, first));
	town_close();
}

/* Of another official, handled under the town's alert; both are closed. */
static struct id merged_alert(void)
{
	struct device_report report = town_sos(office_now_ms);
	struct command *merge = command_new(VERB_MERGE, town.alice);
	struct id first = town_alert(), alert;

	office_id(office_control("official.add", "{\"name\":\"Élu de Synthèse 2\",\"phone\":"
						 "\"+33639981001\",\"unit\":\"Brigade\"}"));
	office_id(office_control("device.add",
				 "{\"protocol\":\"watch\",\"ident\":\"8900000001\",\"label\":"
				 "\"Montre 2\",\"official\":\"+33639981001\","
				 "\"networks\":\"127.0.0.0/8,2001:db8::/32\"}"));
	report.ident = STR("8900000001");
	alert = town_say(&report)->outcome.subject;
	assert_done(town_event(town.alice, first, NULL, EVENT_CLAIM));
	merge->subject = alert;
	merge->as.merge.into = first;
	merge->text = command_keep(merge, STR("Même foyer"));
	assert_done(office_run(merge));
	assert_done(
		town_event(town.alice, first, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE));
	return alert;
}

/* What was done for one of them is in the file of the first, and who read it in the audit. */
static void test_a_hold_keeps_what_was_merged_with_what_is_held(void **state)
{
	struct command *read = command_new(VERB_READ, town.alice);
	struct id alert, first;
	const char *body;
	char subject[40];

	town_open();
	alert = merged_alert();
	first = town_stored(alert).alert.merged_into;
	read->actor = town.alice;
	read->subject = first;
	read->name = command_keep(read, STR("/api/alerts/{id}"));
	assert_done(office_run(read));
	snprintf(subject, sizeof(subject), "\"alert\":%lld",
		 (long long)town_stored(alert).alert.ref);
	assert_done(office_control("hold.place", held(subject, "Réquisition")));
	office_now_ms += 1500LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 2);
	assert_true(town_count("outbox") > 0);
	assert_int_equal(town_entries(first, ENTRY_READ, &body), 1);
	assert_true(strlen(body) > 0);
	assert_done(office_control("hold.lift", held(subject, "Classé")));
	assert_done(office_account(ROLE_AUDITOR, "hold.settle", answer_to(alert, "oui")));
	housekeeping();
	assert_int_equal(town_count("alert"), 0);
	assert_int_equal(town_count("outbox"), 0);
	assert_int_equal(verified(), 0);
	town_close();
}

static void test_lines_of_the_audit_say_nothing_after_three_years_but_are_there(void **state)
{
	const char *body;
	int64_t number;

	town_open();
	assert_int_equal(town_entries(town.official, ENTRY_CREATED, &body), 3);
	assert_true(strlen(body) > 0);
	number = office_journal();
	office_now_ms += 1096LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_entries(town.official, ENTRY_CREATED, &body), 3);
	assert_string_equal(body, "");
	assert_true(office_journal() >= number);
	assert_int_equal(verified(), 0);
	/* The file itself is not what was said of it. */
	assert_int_equal(town_count("official"), 1);
	town_close();
}

/* Lines that look old, behind some that are not, take none of those with them. */
static void test_a_clock_that_was_set_back_makes_no_line_older(void **state)
{
	const char *body;
	int64_t now_ms, number;

	town_open();
	now_ms = office_now_ms;
	number = office_journal();
	office_now_ms -= 4000LL * DAY_MS;
	for (int64_t i = 0; i < 2 * number; i++) {
		struct command *read = command_new(VERB_READ, town.alice);

		read->subject = town.official;
		assert_done(office_run(read));
	}
	office_now_ms = now_ms;
	housekeeping();
	assert_int_equal(town_entries(town.official, ENTRY_CREATED, &body), 3);
	assert_true(strlen(body) > 0);
	office_now_ms += 1096LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_entries(town.official, ENTRY_CREATED, &body), 3);
	assert_string_equal(body, "");
	town_close();
}

static void test_a_file_is_read_when_what_was_merged_under_it_is_gone(void **state)
{
	struct command *part;
	struct arena arena = ARENA_INIT;
	struct answer answer = {0};
	struct question question = {.limit = 50};
	struct id alert;

	town_open();
	alert = merged_alert();
	question.subject = town_stored(alert).alert.merged_into;
	assert_done(town_event(town.alice, question.subject, "Encore", EVENT_REOPEN));
	part = command_new(VERB_MERGE, town.alice);
	part->subject = alert;
	assert_done(office_run(part));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE));
	office_now_ms += 800LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 1);
	assert_int_equal(
		reader_alert(office_reader(), &arena, NULL, office_now_ms, &question, &answer), 0);
	assert_int_equal(answer.problem, 0);
	assert_true(answer.urgent);
	arena_fini(&arena);
	town_close();
}

/* The machine starts with a clock that lost its battery; then it is set right. */
static void test_what_was_closed_by_a_clock_that_was_behind_is_no_older(void **state)
{
	const char *body;
	struct id alert;
	int64_t now_ms;

	town_open();
	now_ms = office_now_ms;
	office_now_ms -= 4000LL * DAY_MS;
	alert = closed_alert();
	office_now_ms = now_ms;
	housekeeping();
	assert_int_equal(town_count("alert"), 1);
	assert_int_equal(town_entries(alert, ENTRY_POSITION, &body), 1);
	assert_true(strlen(body) > 0);
	office_now_ms += 731LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 0);
	town_close();
}

struct lines {
	enum entry_kind kind;
	const char *with; /* in their body; NULL: whatever they say */
	int count;
};

static int count_line(void *context, const struct entry *e)
{
	struct lines *l = context;

	l->count += e->kind == l->kind &&
		    (!l->with ||
		     (e->body.len && memmem(e->body.ptr, e->body.len, l->with, strlen(l->with))));
	return 0;
}

static int lines_of(enum entry_kind kind, const char *with)
{
	struct lines l = {kind, with, 0};

	assert_int_equal(journal_after(office_vault(), 0, 10000, count_line, &l), 0);
	return l.count;
}

static void set_ahead(int64_t by_ms)
{
	office_now_ms += by_ms;
	office_ahead_ms += by_ms;
}

static const char *today(int64_t day_more)
{
	static char json[80];
	char text[DAY_TEXT_SIZE];

	day_print(paris_day(office_now_ms) + (int32_t)day_more, text);
	snprintf(json, sizeof(json), "{\"date\":\"%s\",\"reason\":\"Serveur arrêté\"}", text);
	return json;
}

/* Of the file of a person, of an alert, its SMS, positions, lines: all that has a date. */
static void test_a_clock_set_years_ahead_destroys_nothing_until_it_is_confirmed(void **state)
{
	const char *body;
	struct id alert;
	int64_t sms;

	town_open();
	alert = closed_alert();
	sms = town_count("outbox");
	housekeeping();
	set_ahead(1500LL * DAY_MS);
	housekeeping();
	office_now_ms += DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 1);
	assert_int_equal(town_count("outbox"), sms);
	assert_int_equal(town_entries(alert, ENTRY_POSITION, &body), 1);
	assert_true(strlen(body) > 0);
	assert_int_equal(lines_of(ENTRY_DATE_DOUBTED, NULL), 1);
	/* It starts anew: no more believed than before. */
	office_crash();
	housekeeping();
	assert_int_equal(town_count("alert"), 1);
	/* Help comes all the same. */
	town_alert();
	assert_int_equal(town_count("alert"), 2);
	assert_refused(office_account(ROLE_OPERATOR, "clock.confirm", today(0)), PROBLEM_FORBIDDEN,
		       "Ce compte n'administre pas le registre.");
	assert_int_equal(office_control("clock.confirm", today(1))->outcome.problem,
			 PROBLEM_INVALID);
	housekeeping();
	assert_int_equal(town_count("alert"), 2);
	assert_done(office_account(ROLE_ADMINISTRATOR, "clock.confirm", today(0)));
	assert_int_equal(lines_of(ENTRY_DATE_CONFIRMED, "Serveur arrêté"), 1);
	housekeeping();
	assert_int_equal(town_count("alert"), 1);
	office_crash();
	housekeeping();
	assert_int_equal(verified(), 0);
	town_close();
}

static void test_a_clock_that_is_set_right_again_is_believed_as_before(void **state)
{
	town_open();
	closed_alert();
	housekeeping();
	set_ahead(1500LL * DAY_MS);
	housekeeping();
	set_ahead(-1500LL * DAY_MS);
	housekeeping();
	assert_int_equal(town_count("alert"), 1);
	office_now_ms += 731LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 0);
	assert_int_equal(lines_of(ENTRY_DATE_DOUBTED, NULL), 1);
	town_close();
}

/* From now on no alert there is can be deleted. */
static void clamp_alerts(void)
{
	struct db *db = vault_db(office_vault());

	assert_int_equal(db_execute(db, "CREATE TABLE clamp (alert blob REFERENCES alert (id))"),
			 0);
	if (db_is_sqlite(db))
		assert_int_equal(db_execute(db,
					    "CREATE TRIGGER clamp_alert BEFORE DELETE ON alert WHEN"
					    " OLD.id IN (SELECT alert FROM clamp) BEGIN SELECT"
					    " RAISE(ABORT, 'clamped'); END"),
				 0);
	assert_int_equal(db_execute(db, "INSERT INTO clamp SELECT id FROM alert"), 0);
}

/* More of them than go at a time, and older than what can go. */
static void test_what_cannot_go_holds_up_nothing_else(void **state)
{
	enum { CLAMPED = 18 };
	const char *body;
	struct id alert;

	town_open();
	for (int i = 0; i < CLAMPED; i++) {
		alert = closed_alert();
		office_now_ms += DAY_MS / 24;
	}
	clamp_alerts();
	closed_alert();
	assert_int_equal(town_count("alert"), CLAMPED + 1);
	office_now_ms += 1500LL * DAY_MS;
	office_keep_house();
	assert_int_equal(office_failed, 16);
	/* Nothing of it was done by half. */
	assert_int_equal(town_entries(alert, ENTRY_NOTED, &body), 1);
	assert_true(strlen(body) > 0);
	assert_int_equal(town_entries(alert, ENTRY_DELETED, NULL), 0);
	office_keep_house();
	assert_int_equal(office_failed, 2);
	assert_int_equal(town_count("alert"), CLAMPED);
	/* The other categories have gone on. */
	assert_int_equal(town_count("outbox"), 0);
	assert_int_equal(town_entries(alert, ENTRY_POSITION, &body), 1);
	assert_string_equal(body, "");
	office_keep_house();
	assert_int_equal(office_failed, 16);
	assert_int_equal(verified(), 0);
	assert_int_equal(db_execute(vault_db(office_vault()), "DROP TABLE clamp"), 0);
	town_close();
}

static void test_what_was_merged_goes_as_one(void **state)
{
	struct keeping sealed = {.state = KEEPING_SEALED, .delete_at_ms = TIME_NONE};

	town_open();
	sealed.alert = merged_alert();
	sealed.at_ms = office_now_ms;
	assert_int_equal(keeping_save(office_vault(), &sealed), 0);
	office_now_ms += 800LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 2);
	sealed.state = KEEPING_DELETED;
	assert_int_equal(keeping_save(office_vault(), &sealed), 0);
	office_now_ms += DAY_MS;
	housekeeping();
	assert_int_equal(town_count("alert"), 0);
	town_close();
}

static void test_a_trail_that_goes_on_after_a_reopening_goes_too(void **state)
{
	struct device_report report;
	const char *body;
	struct id alert;

	town_open();
	alert = closed_alert();
	office_now_ms += 366LL * DAY_MS;
	housekeeping();
	assert_done(town_event(town.alice, alert, "Rappel", EVENT_REOPEN));
	report = town_sos(office_now_ms);
	assert_done(town_say(&report));
	assert_int_equal(town_entries(alert, ENTRY_POSITION, &body), 2);
	assert_true(strlen(body) > 0);
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE));
	office_now_ms += 366LL * DAY_MS;
	housekeeping();
	assert_int_equal(town_entries(alert, ENTRY_POSITION, &body), 2);
	assert_string_equal(body, "");
	town_close();
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_BOTH, test_a_trail_an_sms_and_an_alert_go_each_at_its_moment),
		on(ON_SQLITE, test_what_is_open_goes_at_no_moment),
		on(ON_BOTH, test_one_person_does_not_lift_a_hold_and_two_do),
		on(ON_BOTH, test_a_hold_on_a_person_keeps_their_alerts_until_it_is_lifted),
		on(ON_SQLITE, test_a_hold_on_an_alert_keeps_that_one),
		on(ON_BOTH, test_a_hold_keeps_what_was_merged_with_what_is_held),
		on(ON_BOTH, test_lines_of_the_audit_say_nothing_after_three_years_but_are_there),
		on(ON_BOTH, test_a_clock_that_was_set_back_makes_no_line_older),
		on(ON_BOTH, test_what_was_closed_by_a_clock_that_was_behind_is_no_older),
		on(ON_BOTH, test_a_clock_set_years_ahead_destroys_nothing_until_it_is_confirmed),
		on(ON_BOTH, test_what_was_merged_goes_as_one),
		on(ON_SQLITE, test_a_trail_that_goes_on_after_a_reopening_goes_too),
		on(ON_BOTH, test_what_cannot_go_holds_up_nothing_else),
		on(ON_SQLITE, test_a_clock_that_is_set_right_again_is_believed_as_before),
		on(ON_BOTH, test_a_file_is_read_when_what_was_merged_under_it_is_gone),
	};

	return run_on_databases("forget", tests, ARRAY_LEN(tests), db_migrate);
}
