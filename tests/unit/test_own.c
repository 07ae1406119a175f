/* An official's own file: codes and their caps, what nobody may see or end while help is on its
 * way, leaving. */
#include "base/gsm7.h"
#include "core/access.h"
#include "crypto/random.h"
#include "store/devices.h"
#include "store/drafts.h"
#include "store/own.h"
#include "store/people.h"
#include "town.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, DAY_MS = 24 * HOUR_MS };

#define PHONE "+33639980010"
#define ASKED "{\"phone\":\"" PHONE "\"}"

static char session[TOKEN_TEXT_SIZE];

/* By nobody in particular: with the secret `token`. */
static struct command *say(const char *name, const char *token, const char *json)
{
	struct command *c = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_SYSTEM});

	c->name = command_keep(c, str_from(name));
	c->token = command_keep(c, str_from(token));
	c->text = command_keep(c, str_from(json));
	return office_run(c);
}

static struct command *own(const char *name, const char *json)
{
	return say(name, session, json);
}

static void refused(const struct command *command, enum problem problem)
{
	assert_int_equal(command->outcome.problem, problem);
}

static size_t messages(struct message *ret_last)
{
	struct message list[32];
	size_t count = town_messages(town.official, NULL, list, 32);

	if (count && ret_last)
		*ret_last = list[count - 1];
	return count;
}

/* Not one letter that would make it three times as long. */
static void assert_two_sms_at_most(void)
{
	struct message list[32];
	size_t count = town_messages(town.official, NULL, list, 32);

	for (size_t i = 0; i < count; i++) {
		int septets = (int)gsm7_septets(list[i].text);

		assert_true(septets > 0 && septets <= 2 * 153);
	}
}

static const char *answer_with_code(const char *request)
{
	static char json[128];
	struct message last;
	ptrdiff_t at;

	assert_true(messages(&last) > 0);
	at = str_find(last.text, 'c');
	assert_true(at >= 0 &&
		    str_starts(str_slice(last.text, (size_t)at, last.text.len), STR("code ")));
	snprintf(json, sizeof(json), "{\"request\":\"%s\",\"code\":\"%.6s\"}", request,
		 last.text.ptr + at + 5);
	return json;
}

static void open_file(void)
{
	struct command *asked;

	office_now_ms++; /* messages are in the order of time */
	asked = say("own.code", "", ASKED);
	assert_done(asked);
	token_new(session);
	assert_done(own("own.open", answer_with_code(office_answer(asked, "request"))));
}

static bool shows(struct command *command, const char *word)
{
	struct str json = command->outcome.json;

	assert_done(command);
	return memmem(json.ptr, json.len, word, strlen(word));
}

static struct command *counter(const char *name, const char *format, struct id id)
{
	char text[ID_TEXT_SIZE], json[400];

	id_print(id, text);
	snprintf(json, sizeof(json), format, text);
	return office_account(ROLE_COUNTER, name, json);
}

static void test_a_code_is_good_for_ten_minutes_and_a_session_for_thirty(void **state)
{
	struct command *asked;
	struct message last;

	town_open();
	asked = say("own.code", "", ASKED);
	assert_int_equal(messages(&last), 1);
	assert_true(str_eq(last.to, STR(PHONE)) && last.kind == OUTBOX_OFFICIAL);
	office_now_ms += 10 * MINUTE_MS;
	token_new(session);
	refused(own("own.open", answer_with_code(office_answer(asked, "request"))),
		PROBLEM_CODE_REFUSED);
	open_file();
	office_now_ms += 30 * MINUTE_MS - 1;
	assert_true(shows(own("own.show", ""), "Portail vert"));
	office_now_ms++;
	refused(own("own.show", ""), PROBLEM_SESSION_NEEDED);
	/* What was sent is not kept: it may hold a code. */
	office_now_ms += 25 * HOUR_MS;
	open_file();
	assert_int_equal(messages(NULL), 1);
	town_close();
}

/* What is written down takes the disk its time: the same for a number that is nobody's. */
static void test_a_wrong_code_is_counted_whosever_the_number_is(void **state)
{
	static const char *const numbers[] = {PHONE, "+33639989999"};
	int64_t before;

	town_open();
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		char json[128];
		struct command *asked;

		snprintf(json, sizeof(json), "{\"phone\":\"%s\"}", numbers[i]);
		asked = say("own.code", "", json);
		assert_done(asked);
		snprintf(json, sizeof(json), "{\"request\":\"%s\",\"code\":\"wrong!\"}",
			 office_answer(asked, "request"));
		for (int tries = 0; tries < 6; tries++) {
			before = db_all_changes(vault_db(office_vault()));
			token_new(session);
			refused(own("own.open", json), PROBLEM_CODE_REFUSED);
			assert_int_equal(db_all_changes(vault_db(office_vault())) != before,
					 tries < 5);
		}
	}
	town_close();
}

static void test_five_wrong_codes_and_the_right_one_opens_nothing(void **state)
{
	struct command *asked;
	const char *right;
	char wrong[128];

	town_open();
	asked = say("own.code", "", ASKED);
	right = answer_with_code(office_answer(asked, "request"));
	snprintf(wrong, sizeof(wrong), "{\"request\":\"%s\",\"code\":\"abcdef\"}",
		 office_answer(asked, "request"));
	token_new(session);
	for (int i = 0; i < 5; i++)
		refused(own("own.open", wrong), PROBLEM_CODE_REFUSED);
	refused(own("own.open", right), PROBLEM_CODE_REFUSED);
	/* Another request has its own. */
	open_file();
	town_close();
}

static void test_a_number_has_three_codes_an_hour_and_eight_a_day_whosever_it_is(void **state)
{
	static const char *const asked[] = {ASKED, "{\"phone\":\"+33639980099\"}"};

	town_open();
	for (int n = 0; n < 2; n++) {
		for (int i = 0; i < 11; i++) {
			struct command *c = say("own.code", "", asked[n]);

			if (i == 3 || i == 7 || i == 10)
				refused(c, PROBLEM_TOO_MANY);
			else
				assert_done(c);
			if (i == 3 || i == 7)
				office_now_ms += HOUR_MS;
		}
		office_now_ms += DAY_MS;
	}
	assert_int_equal(messages(NULL), 8);
	town_close();
}

static void test_a_number_that_two_share_or_that_is_not_the_main_one_opens_nothing(void **state)
{
	town_open();
	assert_done(office_control("official.set", "{\"official\":\"" PHONE "\",\"other_phones\":"
						   "\"+33639980098\"}"));
	assert_done(say("own.code", "", "{\"phone\":\"+33639980098\"}"));
	assert_int_equal(messages(NULL), 0);
	assert_done(office_control("official.add", "{\"name\":\"Colocataire\",\"unit\":\"Brigade\","
						   "\"phone\":\"" PHONE "\"}"));
	assert_done(say("own.code", "", ASKED));
	assert_int_equal(messages(NULL), 0);
	town_close();
}

static void test_no_account_and_no_control_acts_in_the_place_of_the_official(void **state)
{
	town_open();
	open_file();
	refused(office_control("own.leave", "{}"), PROBLEM_SESSION_NEEDED);
	refused(office_account(ROLE_ALL, "own.show", "{}"), PROBLEM_FORBIDDEN);
	refused(say("own.show", "", "{}"), PROBLEM_SESSION_NEEDED);
	town_close();
}

static void choose_codes(void)
{
	struct command *c =
		command_new(VERB_PINS, (struct actor){ACTOR_DEVICE, town.watch, 0, ID_NONE});

	c->token = command_keep(c, STR("70319264"));
	c->as.code.typed = STR("");
	c->as.code.pin = str_slice(c->token, 0, 4);
	c->as.code.duress = str_slice(c->token, 4, 8);
	assert_done(office_run(c));
}

static struct command *open_by_phone(const char *code)
{
	char device[ID_TEXT_SIZE], json[200];

	id_print(town.watch, device);
	snprintf(json, sizeof(json),
		 "{\"device\":\"%s\",\"secret\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"code\":\"%s\"}",
		 device, code);
	token_new(session);
	return own("own.phone", json);
}

static void
test_a_linked_telephone_opens_it_with_its_code_and_calls_for_help_under_duress(void **state)
{
	struct command *right, *duress;

	town_open();
	assert_int_equal(
		device_set_secret(office_vault(), town.watch, STR("AAAAAAAAAAAAAAAAAAAAAA")), 0);
	/* Before there is a code it opens nothing by itself, whatever is typed. */
	assert_refused(open_by_phone(""), PROBLEM_CONFLICT,
		       "Aucun code n’est choisi sur ce téléphone : il n’ouvre pas votre dossier à "
		       "lui seul. Demandez un code par SMS.");
	refused(own("own.show", ""), PROBLEM_SESSION_NEEDED);
	refused(open_by_phone("7031"), PROBLEM_CODE_REFUSED);
	refused(own("own.show", ""), PROBLEM_SESSION_NEEDED);
	choose_codes();
	refused(open_by_phone(""), PROBLEM_CODE_REFUSED);
	refused(open_by_phone("1234"), PROBLEM_CODE_REFUSED);
	right = open_by_phone("7031");
	assert_true(shows(own("own.show", ""), "Portail vert"));
	assert_int_equal(town_count("alert"), 0);
	duress = open_by_phone("9264");
	assert_true(shows(own("own.show", ""), "Portail vert"));
	assert_int_equal(town_count("alert"), 1);
	/* Nobody who looks on can tell. */
	assert_true(str_eq(right->outcome.json, duress->outcome.json));
	for (int i = 0; i < 5; i++)
		refused(open_by_phone("1234"), PROBLEM_CODE_REFUSED);
	refused(open_by_phone("7031"), PROBLEM_CODE_REFUSED);
	town_close();
}

static void close_alert(struct id alert)
{
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_FALSE_ALARM));
}

static void test_a_hold_keeps_what_was_said_to_them(void **state)
{
	char held[120], id[ID_TEXT_SIZE];
	int64_t said;

	town_open();
	id_print(town.official, id);
	snprintf(held, sizeof(held), "{\"official\":\"%s\",\"reason\":\"Réquisition\"}", id);
	assert_done(office_control("hold.place", held));
	assert_done(say("own.code", "", ASKED));
	said = town_count("outbox");
	assert_true(said > 0);
	office_now_ms += 25 * 60 * (int64_t)MINUTE_MS;
	assert_done(say("own.code", "", ASKED));
	assert_int_equal(town_count("outbox"), said + 1);
	town_close();
}

/* Somebody may be looking over their shoulder: what is shown and answered is the same. */
static void
test_while_an_alert_runs_the_sheet_stays_with_the_room_and_nothing_shows_it(void **state)
{
	struct id alert;
	struct official o;
	struct arena arena = ARENA_INIT;

	town_open();
	open_file();
	assert_done(office_control("official.set", "{\"official\":\"" PHONE "\",\"places\":"
						   "\"Place du Bourg\",\"place_access\":\"Clé au "
						   "secrétariat\"}"));
	assert_true(shows(own("own.show", ""), "Clé au secrétariat"));
	assert_true(shows(own("own.show", ""), "Première Confiance"));
	office_now_ms += MINUTE_MS;
	alert = town_alert();
	assert_done(own("own.withdraw", ""));
	assert_false(shows(own("own.show", ""), "Première Confiance"));
	assert_false(shows(own("own.show", ""), "Portail vert"));
	assert_false(shows(own("own.show", ""), "Clé au secrétariat"));
	assert_false(shows(own("own.copy", ""), "Clé au secrétariat"));
	assert_true(shows(own("own.show", ""), "Place du Bourg"));
	assert_int_equal(official_load(office_vault(), &arena, town.official, &o), 0);
	assert_true(str_eq(o.access, STR("Portail vert")));
	assert_true(str_eq(o.places[0].access, STR("Clé au secrétariat")));
	assert_int_equal(town_count("contact"), 2);
	office_now_ms += MINUTE_MS;
	assert_false(shows(own("own.readings", "{}"), "own.consent"));
	close_alert(alert);
	assert_true(shows(own("own.readings", "{}"), "own.consent"));
	office_keep_house();
	assert_int_equal(official_load(office_vault(), &arena, town.official, &o), 0);
	assert_int_equal(o.access.len + o.remarks.len + o.places[0].access.len, 0);
	assert_true(str_eq(o.places[0].address, STR("Place du Bourg")));
	assert_int_equal(town_count("contact"), 0);
	assert_int_equal(town_count("own_wish"), 0);
	arena_fini(&arena);
	town_close();
}

static void test_a_sheet_that_is_withdrawn_amid_an_alert_is_nothing_for_a_counter(void **state)
{
#define CHANGE "{\"official\":\"%s\",\"verified\":\"oui\","
	struct arena arena = ARENA_INIT;
	struct command *file;
	struct official o;
	struct id alert;

	town_open();
	open_file();
	alert = town_alert();
	assert_done(own("own.withdraw", ""));
	file = counter("registration.file", "{\"official\":\"%s\"}", town.official);
	assert_false(shows(file, "Portail vert"));
	assert_false(shows(file, "Première Confiance"));
	/* What they agree to now would go with what they took back. */
	refused(counter("registration.change",
			CHANGE "\"consent\":\"oui\",\"access\":\"Porte bleue\"}", town.official),
		PROBLEM_CONFLICT);
	assert_done(counter("registration.change",
			    CHANGE "\"address\":\"Rue Neuve\",\"access\":\"\",\"contacts\":\"\"}",
			    town.official));
	assert_int_equal(official_load(office_vault(), &arena, town.official, &o), 0);
	assert_true(str_eq(o.address, STR("Rue Neuve")));
	assert_true(str_eq(o.access, STR("Portail vert")));
	assert_int_equal(town_count("contact"), 2);
	close_alert(alert);
	office_keep_house();
	assert_int_equal(town_count("contact"), 0);
	assert_done(counter("registration.change",
			    CHANGE "\"consent\":\"oui\",\"access\":\"Porte bleue\"}",
			    town.official));
	office_keep_house();
	file = counter("registration.file", "{\"official\":\"%s\"}", town.official);
	assert_true(shows(file, "Porte bleue"));
	arena_fini(&arena);
	town_close();
}

static void test_a_damaged_file_keeps_nobody_elses_sheet(void **state)
{
	struct db *db;
	struct id alert;

	town_open();
	open_file();
	db = vault_db(office_vault());
	office_id(office_control("official.add", "{\"name\":\"Autre Élue\",\"unit\":\"Brigade\","
						 "\"phone\":\"+33639982099\"}"));
	alert = town_alert();
	assert_done(own("own.withdraw", ""));
	assert_int_equal(db_execute(db, "INSERT INTO own_wish (official, withdraw_at) SELECT id, 1"
					" FROM official WHERE id NOT IN (SELECT official FROM"
					" own_wish)"),
			 0);
	assert_int_equal(db_execute(db, "UPDATE official SET body = id WHERE id IN (SELECT official"
					" FROM own_wish WHERE withdraw_at = 1)"),
			 0);
	close_alert(alert);
	assert_int_equal(town_count("contact"), 2);
	office_keep_house();
	assert_int_equal(office_failed, 1);
	assert_int_equal(town_count("contact"), 0);
	town_close();
}

static void test_a_sheet_that_is_taken_out_goes_from_the_correction_too(void **state)
{
	town_open();
	open_file();
	assert_done(own("own.correct", "{\"address\":\"Rue Neuve\",\"consent\":\"oui\",\"access\":"
				       "\"Porte bleue\",\"places\":\"Le Moulin\","
				       "\"place_access\":\"Porte jaune\"}"));
	assert_true(shows(own("own.show", ""), "Porte bleue"));
	assert_true(shows(own("own.show", ""), "Porte jaune"));
	assert_done(own("own.withdraw", ""));
	assert_false(shows(own("own.show", ""), "Porte bleue"));
	assert_false(shows(own("own.show", ""), "Porte jaune"));
	assert_true(shows(own("own.show", ""), "Le Moulin"));
	assert_true(shows(own("own.show", ""), "Rue Neuve"));
	town_close();
}

static void test_trusted_persons_who_stay_in_a_correction_keep_their_agreement(void **state)
{
	struct id draft;
	struct contact *contacts;
	struct arena arena = ARENA_INIT;
	unsigned count;

	town_open();
	open_file();
	assert_done(own("own.correct", "{\"consent\":\"oui\",\"contacts\":\"Nouvelle;amie;"
				       "0639980044\\nConfiance;mari;" FIRST_PHONE "\"}"));
	assert_int_equal(draft_of_official(office_vault(), town.official, &draft), 0);
	assert_done(counter("registration.correct",
			    "{\"draft\":\"%s\",\"accept\":\"oui\",\"person_checked\":\"oui\","
			    "\"consent\":\"oui\",\"contacts\":\"Nouvelle;amie;0639980044\\n"
			    "Confiance;mari;" FIRST_PHONE "\"}",
			    draft));
	assert_int_equal(contacts_of(office_vault(), &arena, town.official, &contacts, &count), 0);
	assert_int_equal(count, 2);
	assert_true(contacts[0].accepted_at_ms == TIME_NONE &&
		    str_eq(contacts[0].name, STR("Nouvelle")));
	assert_true(id_eq(contacts[1].id, town.first_contact) &&
		    contacts[1].accepted_at_ms != TIME_NONE && contacts[1].rank == 2 &&
		    str_eq(contacts[1].relation, STR("mari")));
	arena_fini(&arena);
	town_close();
}

#define END "{\"official\":\"%s\",\"end\":\"oui\",\"person_checked\":\"oui\""

static void test_a_protection_ends_after_a_week_by_the_counter_and_never_amid_an_alert(void **state)
{
	struct arena arena = ARENA_INIT;
	struct device watch;
	struct official o;
	struct id alert;

	town_open();
	open_file();
	assert_done(own("own.leave", ""));
	assert_done(own("own.stay", ""));
	assert_done(own("own.leave", ""));
	assert_done(own("own.correct", "{\"address\":\"Rue Neuve\"}"));
	assert_done(own("own.withdraw", ""));
	assert_int_equal(messages(NULL), 6);
	assert_two_sms_at_most();
	office_now_ms += 7 * DAY_MS - 1;
	refused(counter("registration.leave", END ",\"devices_returned\":\"oui\"}", town.official),
		PROBLEM_CONFLICT);
	office_now_ms++;
	refused(counter("registration.leave", END "}", town.official), PROBLEM_INVALID);
	alert = town_alert();
	refused(counter("registration.leave", END ",\"devices_returned\":\"oui\"}", town.official),
		PROBLEM_CONFLICT);
	close_alert(alert);
	assert_done(
		counter("registration.leave", END ",\"devices_returned\":\"oui\"}", town.official));
	assert_int_equal(official_load(office_vault(), &arena, town.official, &o), 0);
	assert_true(o.ended);
	assert_int_equal(device_load(office_vault(), town.watch, &watch), 0);
	assert_false(watch.enabled);
	assert_int_equal(town_count("own_session") + town_count("own_wish"), 0);
	refused(own("own.show", ""), PROBLEM_SESSION_NEEDED);
	arena_fini(&arena);
	town_close();
}

static void test_who_has_the_telephone_does_not_use_up_the_sms_of_the_house(void **state)
{
	int asked = 0;

	town_open();
	open_file();
	while (asked < 100 && own("own.leave", "")->outcome.problem == PROBLEM_NONE) {
		assert_done(own("own.stay", ""));
		asked++;
	}
	assert_in_range(asked, 3, 25);
	assert_in_range(town_count("outbox"), 40, 44);
	refused(own("own.withdraw", ""), PROBLEM_TOO_MANY);
	office_now_ms += DAY_MS + 1;
	open_file();
	assert_done(own("own.leave", ""));
	town_close();
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_BOTH, test_a_code_is_good_for_ten_minutes_and_a_session_for_thirty),
		on(ON_BOTH, test_a_wrong_code_is_counted_whosever_the_number_is),
		on(ON_BOTH, test_five_wrong_codes_and_the_right_one_opens_nothing),
		on(ON_SQLITE, test_a_number_has_three_codes_an_hour_and_eight_a_day_whosever_it_is),
		on(ON_SQLITE,
		   test_a_number_that_two_share_or_that_is_not_the_main_one_opens_nothing),
		on(ON_BOTH,
		   test_a_linked_telephone_opens_it_with_its_code_and_calls_for_help_under_duress),
		on(ON_SQLITE, test_no_account_and_no_control_acts_in_the_place_of_the_official),
		on(ON_SQLITE, test_a_hold_keeps_what_was_said_to_them),
		on(ON_BOTH,
		   test_while_an_alert_runs_the_sheet_stays_with_the_room_and_nothing_shows_it),
		on(ON_BOTH, test_a_sheet_that_is_withdrawn_amid_an_alert_is_nothing_for_a_counter),
		on(ON_BOTH, test_a_damaged_file_keeps_nobody_elses_sheet),
		on(ON_BOTH, test_a_sheet_that_is_taken_out_goes_from_the_correction_too),
		on(ON_BOTH, test_trusted_persons_who_stay_in_a_correction_keep_their_agreement),
		on(ON_BOTH,
		   test_a_protection_ends_after_a_week_by_the_counter_and_never_amid_an_alert),
		on(ON_SQLITE, test_who_has_the_telephone_does_not_use_up_the_sms_of_the_house),
	};

	return run_on_databases("own", tests, ARRAY_LEN(tests), db_migrate);
}
