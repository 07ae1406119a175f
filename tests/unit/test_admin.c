/* Administration commands: what each does, what each refuses, and what the journal says of it. */
#include <errno.h>
#include <jansson.h>

#include "base/alloc.h"
#include "core/access.h"
#include "core/entry.h"
#include "office.h"
#include "service/admin.h"
#include "store/accounts.h"
#include "store/devices.h"
#include "store/enrolments.h"
#include "store/journal.h"
#include "store/units.h"

#define HASH "$argon2id$v=19$m=8192,t=1,p=1$c2VsZGVzZWw$aGFjaGFnZQ"

static const char *with_id(const char *format, struct id id)
{
	static char json[600];
	char text[ID_TEXT_SIZE];
	const char *hole = strchr(format, '@');

	id_print(id, text);
	snprintf(json, sizeof(json), "%.*s%s%s", (int)(hole - format), format, text, hole + 1);
	return json;
}

static void assert_refused(struct command *command, enum problem problem, const char *field)
{
	if (command->outcome.problem != problem)
		fail_msg("%.*s %.*s: problem %d, %.*s", STR_FMT(command->name),
			 STR_FMT(command->text), command->outcome.problem,
			 STR_FMT(command->outcome.detail));
	assert_true(command->outcome.detail.len > 0);
	if (!str_eq(command->outcome.field, str_from(field)))
		fail_msg("%.*s %.*s: field %.*s", STR_FMT(command->name), STR_FMT(command->text),
			 STR_FMT(command->outcome.field));
	assert_null(command->outcome.json.ptr);
}

static void assert_done(struct command *command)
{
	if (command->outcome.problem)
		fail_msg("%.*s: %.*s", STR_FMT(command->name), STR_FMT(command->outcome.detail));
	assert_true(command->outcome.json.len >= 2);
}

static json_t *answer_of(struct command *command)
{
	json_t *body;

	assert_done(command);
	body = json_loadb(command->outcome.json.ptr, command->outcome.json.len,
			  JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(body);
	return body;
}

/* ---- units ---- */

static void test_a_unit_is_added_with_everything_that_was_given(void **state)
{
	struct unit unit;
	struct id room, second;

	office_open();
	room = office_room();
	second = office_id(office_control(
		"unit.add",
		"{\"name\":\"Seconde "
		"salle\",\"kind\":\"room\",\"neighbour\":\"Salle\",\"second\":\"Salle\",\"zone\":"
		"null,"
		"\"phone\":\"05 49 00 00 "
		"01\",\"duty_phone\":\"06.00.00.00.01\",\"lat\":46.5802,\"lon\":\"-0.3404\","
		"\"available\":false}"));
	assert_int_equal(unit_load(office_vault(), second, &unit), 0);
	assert_string_equal(unit.name, "Seconde salle");
	assert_true(id_eq(unit.neighbour, room) && id_eq(unit.second, room) &&
		    id_is_none(unit.zone));
	assert_string_equal(unit.phone, "+33549000001");
	assert_string_equal(unit.duty_phone, "+33600000001");
	assert_int_equal(unit.lat_e7, 465802000);
	assert_int_equal(unit.lon_e7, -3404000);
	assert_true(unit.placed && !unit.available);
	office_close();
}

static void test_a_unit_changes_only_where_it_was_told_to(void **state)
{
	struct unit unit;
	struct id brigade;

	office_open();
	office_room();
	brigade = office_id(office_control(
		"unit.add", "{\"name\":\"Brigade\",\"kind\":\"brigade\",\"room\":\"Salle\","
			    "\"phone\":\"0549000002\",\"lat\":46,\"lon\":0.5}"));
	assert_done(office_control(
		"unit.set", "{\"unit\":\"Brigade\",\"name\":\"Brigade B\",\"available\":\"non\"}"));
	assert_int_equal(unit_load(office_vault(), brigade, &unit), 0);
	assert_string_equal(unit.name, "Brigade B");
	assert_string_equal(unit.phone, "+33549000002");
	assert_true(unit.placed && !unit.available);
	assert_done(office_control(
		"unit.set",
		with_id("{\"unit\":\"@\",\"phone\":null,\"lat\":\"\",\"lon\":\"\"}", brigade)));
	assert_int_equal(unit_load(office_vault(), brigade, &unit), 0);
	assert_string_equal(unit.phone, "");
	assert_true(!unit.placed && !unit.available);
	office_close();
}

static void test_units_are_listed_with_the_names_of_their_rooms(void **state)
{
	json_t *body, *brigade;

	office_open();
	office_room();
	office_brigade();
	body = answer_of(office_control("unit.list", "{}"));
	assert_int_equal(json_array_size(json_object_get(body, "units")), 2);
	brigade = json_array_get(json_object_get(body, "units"), 0);
	assert_string_equal(json_string_value(json_object_get(brigade, "name")), "Brigade");
	assert_string_equal(json_string_value(json_object_get(brigade, "kind")), "brigade");
	assert_string_equal(json_string_value(json_object_get(brigade, "room")), "Salle");
	assert_true(json_is_null(json_object_get(brigade, "phone")));
	json_decref(body);
	office_close();
}

static void test_a_unit_is_removed_once_nothing_names_it(void **state)
{
	office_open();
	office_room();
	office_brigade();
	assert_refused(office_control("unit.remove", "{\"unit\":\"Salle\"}"), PROBLEM_CONFLICT,
		       NULL);
	assert_done(office_control("unit.remove", "{\"unit\":\"Brigade\"}"));
	assert_done(office_control("unit.remove", "{\"unit\":\"Salle\"}"));
	assert_refused(office_control("unit.remove", "{\"unit\":\"Salle\"}"), PROBLEM_INVALID,
		       "unit");
	office_close();
}

/* ---- accounts ---- */

static void test_an_account_is_added_set_closed_and_opened_again(void **state)
{
	uint8_t token[TOKEN_HASH_SIZE];
	struct account account;
	struct id id, room;

	office_open();
	room = office_room();
	id = office_id(office_control(
		"account.add",
		"{\"login\":\"op.1\",\"name\":\"Opératrice 1\",\"roles\":[\"operator\","
		"\"auditor\"],\"room\":\"Salle\",\"password_hash\":\"" HASH "\"}"));
	assert_int_equal(account_load(office_vault(), id, &account), 0);
	assert_string_equal(account.login, "op.1");
	assert_string_equal(account.name, "Opératrice 1");
	assert_string_equal(account.password, HASH);
	assert_int_equal(account.roles, ROLE_OPERATOR | ROLE_AUDITOR);
	assert_true(id_eq(account.room, room) && !account.disabled);

	token_hash(STR("jeton"), token);
	in_transaction(office_vault(),
		       session_insert(office_vault(), token, id, TEST_NOW_MS, TEST_NOW_MS + 1));
	assert_done(office_control("account.set",
				   "{\"account\":\"op.1\",\"roles\":\"operator,auditor\","
				   "\"name\":\"Cheffe\"}"));
	assert_int_equal(session_account(office_vault(), token, TEST_NOW_MS, &account), 0);
	assert_string_equal(account.name, "Cheffe");
	assert_int_equal(account.roles, ROLE_OPERATOR | ROLE_AUDITOR);

	assert_done(office_control("account.disable", "{\"account\":\"op.1\"}"));
	assert_int_equal(session_account(office_vault(), token, TEST_NOW_MS, &account), -ENOENT);
	assert_done(office_control("account.enable", "{\"account\":\"op.1\"}"));
	assert_int_equal(account_load(office_vault(), id, &account), 0);
	assert_false(account.disabled);
	/* Closing the account ended its sessions for good. */
	assert_int_equal(session_account(office_vault(), token, TEST_NOW_MS, &account), -ENOENT);
	office_close();
}

static void test_other_rights_end_the_sessions(void **state)
{
	static const char *const changes[] = {"\"roles\":\"operator,auditor\"",
					      "\"room\":\"Autre\""};
	uint8_t token[TOKEN_HASH_SIZE];
	struct account account;
	struct id id;

	office_open();
	office_room();
	assert_done(office_control("unit.add", "{\"name\":\"Autre\",\"kind\":\"room\"}"));
	id = office_id(office_control("account.add",
				      "{\"login\":\"op.1\",\"name\":\"A\",\"roles\":\"operator\","
				      "\"room\":\"Salle\",\"password_hash\":\"" HASH "\"}"));
	token_hash(STR("jeton"), token);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		char json[200];

		in_transaction(office_vault(), session_insert(office_vault(), token, id,
							      TEST_NOW_MS, TEST_NOW_MS + 1));
		snprintf(json, sizeof(json), "{\"account\":\"op.1\",%s}", changes[i]);
		assert_done(office_control("account.set", json));
		assert_int_equal(session_account(office_vault(), token, TEST_NOW_MS, &account),
				 -ENOENT);
	}
	office_close();
}

static void test_a_new_password_ends_the_sessions(void **state)
{
	uint8_t token[TOKEN_HASH_SIZE];
	struct account account;
	struct id id;

	office_open();
	id = office_id(office_control(
		"account.add", "{\"login\":\"admin\",\"name\":\"A\",\"roles\":\"administrator\","
			       "\"password_hash\":\"" HASH "\"}"));
	token_hash(STR("jeton"), token);
	in_transaction(office_vault(),
		       session_insert(office_vault(), token, id, TEST_NOW_MS, TEST_NOW_MS + 1));
	assert_done(office_control("account.password",
				   "{\"account\":\"admin\",\"password_hash\":\"" HASH "x\"}"));
	assert_int_equal(session_account(office_vault(), token, TEST_NOW_MS, &account), -ENOENT);
	assert_int_equal(account_load(office_vault(), id, &account), 0);
	assert_string_equal(account.password, HASH "x");
	office_close();
}

static void test_a_long_list_comes_in_pages(void **state)
{
	json_t *first, *rest;
	char next[128];

	office_open();
	for (int i = 0; i < 3; i++) {
		char json[300];

		snprintf(json, sizeof(json),
			 "{\"login\":\"a%d\",\"name\":\"A\",\"roles\":\"auditor\",\"password_"
			 "hash\":\"%s\"}",
			 i, HASH);
		assert_done(office_control("account.add", json));
	}
	first = answer_of(office_control("account.list", "{\"limit\":2}"));
	assert_int_equal(json_array_size(json_object_get(first, "accounts")), 2);
	snprintf(next, sizeof(next), "{\"limit\":2,\"after\":\"%s\"}",
		 json_string_value(json_object_get(first, "next")));
	rest = answer_of(office_control("account.list", next));
	assert_int_equal(json_array_size(json_object_get(rest, "accounts")), 1);
	assert_true(json_is_null(json_object_get(rest, "next")));
	json_decref(first);
	json_decref(rest);
	office_close();
}

/* ---- officials and contacts ---- */

static void test_an_official_is_added_shown_and_changed(void **state)
{
	json_t *body;
	struct id id;

	office_open();
	office_room();
	office_brigade();
	id = office_id(office_control(
		"official.add",
		"{\"name\":\"Élue de "
		"Synthèse\",\"unit\":\"Brigade\",\"phone\":\"0600000011\",\"mandate\":\"Maire\","
		"\"commune\":\"Essai\",\"commune_code\":\"86999\",\"other_phones\":[\"05 49 00 00 "
		"11\",\"0692 00 00 11\"],"
		"\"address\":\"1, "
		"chemin\\nd'Essai\",\"access\":\"portail\",\"remarks\":\"chien\",\"household\":"
		"3}"));
	assert_done(office_control(
		"official.set",
		"{\"official\":\"0692 00 00 11\",\"remarks\":\"\",\"household\":null}"));
	body = answer_of(office_control("official.show", with_id("{\"official\":\"@\"}", id)));
	assert_string_equal(json_string_value(json_object_get(body, "name")), "Élue de Synthèse");
	assert_string_equal(json_string_value(json_object_get(body, "unit")), "Brigade");
	assert_string_equal(json_string_value(json_object_get(body, "phone")), "+33600000011");
	assert_string_equal(json_string_value(json_object_get(body, "address")),
			    "1, chemin\nd'Essai");
	assert_true(json_is_null(json_object_get(body, "remarks")));
	assert_true(json_is_null(json_object_get(body, "household")));
	assert_string_equal(
		json_string_value(json_array_get(json_object_get(body, "other_phones"), 1)),
		"+262692000011");
	json_decref(body);
	body = answer_of(office_control("official.list", "{}"));
	assert_int_equal(json_array_size(json_object_get(body, "officials")), 1);
	json_decref(body);
	office_close();
}

static void set_official(const char *fields)
{
	struct buf json = BUF_INIT;

	buf_printf(&json, "{\"official\":\"0600000011\",%s}", fields);
	assert_done(office_control("official.set", buf_cstr(&json)));
	buf_fini(&json);
}

/* Of the answer to official.show: "kind address (access)" a place, then the mandates. */
static void assert_lists(const char *expected)
{
	json_t *body = answer_of(office_control("official.show", "{\"official\":\"0600000011\"}"));
	struct buf said = BUF_INIT;
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(body, "places"), i, one)
	{
		const char *access = json_string_value(json_object_get(one, "access"));

		buf_printf(&said, "%s %s (%s)\n", json_string_value(json_object_get(one, "kind")),
			   json_string_value(json_object_get(one, "address")),
			   access ? access : "");
	}
	json_array_foreach(json_object_get(body, "other_mandates"), i, one)
		buf_printf(&said, "%s\n", json_string_value(one));
	assert_string_equal(buf_cstr(&said), expected);
	buf_fini(&said);
	json_decref(body);
}

static void test_mandates_and_places_are_kept_in_their_order(void **state)
{
	office_open();
	office_room();
	office_brigade();
	office_official();
	assert_lists("");
	set_official("\"other_mandates\":\" Conseillère départementale \\n\\nSénatrice\","
		     "\"places\":\"place du Bourg\\n 2, rue Ailleurs \\nLe Moulin\\n\","
		     "\"place_kinds\":\"town_hall,,second_home\","
		     "\"place_access\":\"\\n code 12 \\n\"");
	assert_lists("town_hall place du Bourg ()\nother 2, rue Ailleurs (code 12)\n"
		     "second_home Le Moulin ()\nConseillère départementale\nSénatrice\n");
	set_official("\"other_mandates\":null,\"places\":\"\\n\"");
	assert_lists("");
	office_close();
}

static void test_a_place_that_stays_keeps_what_is_known_of_it(void **state)
{
	office_open();
	office_room();
	office_brigade();
	office_official();
	set_official("\"places\":\"A\\nB\",\"place_kinds\":[\"duty\",\"work\"],"
		     "\"place_access\":\"porte\\ncour\"");
	set_official("\"places\":\"C\\nB\\nA\"");
	assert_lists("other C ()\nwork B (cour)\nduty A (porte)\n");
	set_official("\"place_access\":\"rampe\"");
	assert_lists("other C (rampe)\nwork B ()\nduty A ()\n");
	set_official("\"place_kinds\":\"town_hall\"");
	assert_lists("town_hall C (rampe)\nother B ()\nother A ()\n");
	office_close();
}

static void test_which_line_of_a_list_is_wrong_is_said(void **state)
{
	static const struct {
		const char *fields, *detail;
	} wrong[] = {
		{"\"other_mandates\":\"a\\nb\\nc\\nd\\ne\"",
		 "« other_mandates » : quatre mandats au plus, un par ligne."},
		{"\"other_mandates\":\"a\\n\\nb\\tc\"",
		 "« other_mandates » : mandat 2 : caractère de contrôle non admis."},
		{"\"places\":\"a\\nb\\nc\\nd\\ne\\nf\\ng\"",
		 "« places » : six adresses au plus, une par ligne."},
		{"\"places\":\"a\\n\\nc\"", "« places » : adresse 2 : l’adresse manque."},
		{"\"places\":\"a\\nb\\u0007\"",
		 "« places » : adresse 2 : caractère de contrôle non admis."},
		{"\"places\":\"a\",\"place_kinds\":\"work,duty\"",
		 "« places » : adresse 2 : l’adresse manque."},
		{"\"places\":\"a\",\"place_access\":\"\\n\\ncode\"",
		 "« places » : adresse 2 : l’adresse manque."},
		{"\"place_access\":\"code\"", "« places » : adresse 1 : l’adresse manque."},
		{"\"place_access\":\"1\\n2\\n3\\n4\\n5\\n6\\n7\"",
		 "« place_access » : six adresses au plus, une par ligne."},
		{"\"places\":\"a\",\"place_kinds\":\"grotte\"",
		 "« place_kinds » : second_home, town_hall, duty, work ou other attendu pour "
		 "chaque adresse."},
	};
	struct buf json = BUF_INIT;

	office_open();
	office_room();
	office_brigade();
	office_official();
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct command *command;

		buf_reset(&json);
		buf_printf(&json, "{\"official\":\"0600000011\",%s}", wrong[i].fields);
		command = office_control("official.set", buf_cstr(&json));
		assert_int_equal(command->outcome.problem, PROBLEM_INVALID);
		assert_str_equal(command->outcome.detail, wrong[i].detail);
	}
	buf_reset(&json);
	buf_printf(&json, "{\"official\":\"0600000011\",\"places\":\"a\\n%0501d\"}", 0);
	assert_str_equal(office_control("official.set", buf_cstr(&json))->outcome.detail,
			 "« places » : adresse 2 : texte trop long (500 octets au plus).");
	buf_fini(&json);
	assert_lists("");
	office_close();
}

static void test_a_number_two_officials_share_names_neither(void **state)
{
	office_open();
	office_room();
	office_brigade();
	office_official();
	office_official();
	assert_refused(office_control("official.show", "{\"official\":\"0600000011\"}"),
		       PROBLEM_INVALID, "official");
	office_close();
}

static void test_a_removed_official_leaves_nothing_but_the_fact(void **state)
{
	struct id official;
	int64_t before;

	office_open();
	office_room();
	office_brigade();
	before = office_rows();
	official = office_official();
	assert_done(office_control(
		"contact.add",
		with_id("{\"official\":\"@\",\"name\":\"P\",\"phone\":\"0600000021\"}", official)));
	assert_done(office_control("official.remove", with_id("{\"official\":\"@\"}", official)));
	assert_int_equal(office_rows(), before);
	assert_refused(office_control("official.show", with_id("{\"official\":\"@\"}", official)),
		       PROBLEM_INVALID, "official");
	office_close();
}

static void test_an_invited_person_counts_once_they_accept(void **state)
{
	struct contact *list;
	struct arena arena = ARENA_INIT;
	struct id official, invited;
	unsigned count;

	office_open();
	office_room();
	office_brigade();
	official = office_official();
	assert_done(office_control(
		"contact.add",
		"{\"official\":\"0600000011\",\"name\":\"Proche 1\",\"phone\":\"0600000021\","
		"\"relation\":\"voisine\"}"));
	invited = office_id(office_control(
		"contact.invite",
		"{\"official\":\"0600000011\",\"name\":\"Proche 2\",\"phone\":\"0600000022\"}"));
	assert_int_equal(contacts_of(office_vault(), &arena, official, &list, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(list[0].accepted_at_ms, TEST_NOW_MS);
	assert_int_equal(list[1].rank, 2);
	assert_true(list[1].accepted_at_ms == TIME_NONE);
	assert_done(office_control("contact.accept", with_id("{\"contact\":\"@\"}", invited)));
	assert_int_equal(contacts_of(office_vault(), &arena, official, &list, &count), 0);
	assert_int_equal(list[1].accepted_at_ms, TEST_NOW_MS);
	assert_refused(office_control("contact.accept", with_id("{\"contact\":\"@\"}", invited)),
		       PROBLEM_CONFLICT, NULL);
	assert_done(office_control("contact.remove", with_id("{\"contact\":\"@\"}", invited)));
	assert_int_equal(contacts_of(office_vault(), &arena, official, &list, &count), 0);
	assert_int_equal(count, 1);
	arena_fini(&arena);
	office_close();
}

static void test_contacts_are_listed_by_rank_and_the_seventh_is_refused(void **state)
{
	json_t *body;
	char json[200];

	office_open();
	office_room();
	office_brigade();
	office_official();
	for (int i = 6; i >= 1; i--) {
		snprintf(json, sizeof(json),
			 "{\"official\":\"0600000011\",\"name\":\"P%d\",\"phone\":\"060000002%d\","
			 "\"rank\":%d}",
			 i, i, i);
		assert_done(office_control("contact.add", json));
	}
	assert_refused(
		office_control(
			"contact.add",
			"{\"official\":\"0600000011\",\"name\":\"P7\",\"phone\":\"0600000027\"}"),
		PROBLEM_CONFLICT, NULL);
	body = answer_of(office_control("contact.list", "{\"official\":\"0600000011\"}"));
	assert_int_equal(json_array_size(json_object_get(body, "contacts")), 6);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(json_object_get(body, "contacts"), 0), "name")),
			    "P1");
	json_decref(body);
	office_close();
}

/* ---- devices ---- */

static void test_a_watch_is_added_without_a_secret(void **state)
{
	struct device device;
	struct id id;

	office_open();
	office_room();
	office_brigade();
	office_official();
	id = office_id(office_control(
		"device.add",
		"{\"protocol\":\"watch\",\"ident\":\"3900000001\",\"label\":\"Montre\","
		"\"official\":\"0600000011\",\"networks\":[\"10.0.0.0/8\","
		"\"2001:db8::/32\"],\"silent\":true}"));
	assert_int_equal(device_load(office_vault(), id, &device), 0);
	assert_string_equal(device.ident, "3900000001");
	assert_string_equal(device.networks, "10.0.0.0/8,2001:db8::/32");
	assert_true(device.silent && device.enabled && !device.has_secret);
	assert_refused(office_control("device.credential", "{\"device\":\"watch:3900000001\"}"),
		       PROBLEM_INVALID, "device");
	office_close();
}

static void test_a_telephone_gets_an_identity_and_a_secret_seen_once(void **state)
{
	struct command *added, *renewed;
	struct id id;

	office_open();
	office_room();
	added = office_control(
		"device.add",
		"{\"protocol\":\"owntracks\",\"label\":\"Téléphone\",\"unit\":\"Salle\"}");
	id = office_id(added);
	assert_int_equal(strlen(office_answer(added, "ident")), 10);
	assert_int_equal(
		device_check_secret(office_vault(), id, str_from(office_answer(added, "secret"))),
		0);
	renewed = office_control("device.credential", with_id("{\"device\":\"@\"}", id));
	assert_string_equal(office_answer(renewed, "ident"), office_answer(added, "ident"));
	assert_int_equal(
		device_check_secret(office_vault(), id, str_from(office_answer(renewed, "secret"))),
		0);
	assert_int_equal(
		device_check_secret(office_vault(), id, str_from(office_answer(added, "secret"))),
		-EACCES);
	office_close();
}

/* ---- telephones ---- */

enum { HALF_AN_HOUR_MS = 30 * 60 * 1000 };

static struct command *enrol(const char *code)
{
	struct command *command = command_new(VERB_ENROLMENT, (struct actor){.kind = ACTOR_SYSTEM});

	command->token = command_keep(command, str_from(code));
	return office_run(command);
}

static void assert_not_enrolled(const char *code)
{
	int64_t journal = office_journal();

	assert_refused(enrol(code), PROBLEM_NOT_FOUND, NULL);
	assert_int_equal(office_journal(), journal);
}

/* A telephone of the room. */
static struct id phone_open(void)
{
	struct command *added;

	office_open();
	office_room();
	added = office_control(
		"device.add",
		"{\"protocol\":\"phone\",\"label\":\"Téléphone\",\"unit\":\"Salle\"}");
	assert_string_equal(office_answer(added, "secret"), "");
	assert_int_equal(strlen(office_answer(added, "ident")), 10);
	return office_id(added);
}

static const char *new_code(struct id device)
{
	struct command *command =
		office_control("device.code", with_id("{\"device\":\"@\"}", device));

	assert_done(command);
	return office_answer(command, "code");
}

static void assert_secret(struct id device, struct command *enrolled, int expected)
{
	assert_int_equal(device_check_secret(office_vault(), device,
					     str_from(office_answer(enrolled, "secret"))),
			 expected);
}

static void test_a_telephone_is_silent_and_has_no_secret_until_it_is_enrolled(void **state)
{
	struct id id = phone_open();
	struct device device;
	struct command *enrolled;
	const char *code;

	assert_int_equal(device_load(office_vault(), id, &device), 0);
	assert_true(device.silent && device.enabled && !device.has_secret);
	code = new_code(id);
	assert_int_equal(strlen(code), 9);
	assert_int_equal(code[4], '-');
	enrolled = enrol(code);
	assert_done(enrolled);
	assert_string_equal(office_answer(enrolled, "label"), "Téléphone");
	assert_secret(id, enrolled, 0);
	assert_true(id_eq(enrolled->outcome.subject, id));
	assert_true(enrolled->actor.kind == ACTOR_DEVICE && id_eq(enrolled->actor.id, id));
	office_close();
}

static void
test_a_code_serves_once_and_the_next_telephone_takes_the_place_of_the_first(void **state)
{
	struct id id = phone_open();
	const char *code = new_code(id);
	struct command *first = enrol(code), *second;

	assert_done(first);
	assert_not_enrolled(code);
	second = enrol(new_code(id));
	assert_done(second);
	assert_secret(id, second, 0);
	assert_secret(id, first, -EACCES);
	office_close();
}

static void test_a_code_is_over_with_the_next_one_and_after_half_an_hour(void **state)
{
	struct id id = phone_open();
	const char *old = new_code(id), *code = new_code(id);

	assert_not_enrolled(old);
	office_now_ms += HALF_AN_HOUR_MS;
	assert_not_enrolled(code);
	code = new_code(id);
	office_now_ms += HALF_AN_HOUR_MS - 1;
	assert_done(enrol(code));
	office_close();
}

static void test_a_code_is_read_as_it_may_be_typed(void **state)
{
	static const char *const wrong[] = {"",          "-",          "0000-000", "0000-00000",
					    "0000-000U", "0000\n0000", "0000-000é"};
	struct id id = phone_open();

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_not_enrolled(wrong[i]);
	assert_int_equal(enrolment_insert(office_vault(), id, STR("01ABCDEF"), office_now_ms + 1),
			 0);
	assert_done(enrol(" olab cd-ef "));
	office_close();
}

static void test_what_is_no_telephone_has_no_code_and_a_removed_one_none_left(void **state)
{
	struct id id = phone_open(), other;
	const char *code = new_code(id);

	other = office_id(office_control("device.add", "{\"protocol\":\"osmand\",\"label\":\"T\","
						       "\"unit\":\"Salle\"}"));
	assert_refused(office_control("device.code", with_id("{\"device\":\"@\"}", other)),
		       PROBLEM_INVALID, "device");
	assert_done(office_control("device.remove", with_id("{\"device\":\"@\"}", id)));
	assert_not_enrolled(code);
	assert_int_equal(enrolment_load(office_vault(), STR("01ABCDEF"), 0, &other), -ENOENT);
	office_close();
}

static void test_no_code_outlives_a_restoration_or_its_time_in_the_database(void **state)
{
	struct id id = phone_open();

	assert_int_equal(enrolment_insert(office_vault(), id, STR("01ABCDEF"), 9), 0);
	assert_int_equal(enrolments_purge(office_vault(), 8), 0);
	assert_int_equal(enrolment_load(office_vault(), STR("01ABCDEF"), 8, &id), 0);
	assert_int_equal(enrolments_purge(office_vault(), 9), 0);
	assert_int_equal(enrolment_load(office_vault(), STR("01ABCDEF"), 8, &id), -ENOENT);
	assert_int_equal(enrolment_insert(office_vault(), id, STR("01ABCDEF"), 9), 0);
	assert_int_equal(enrolments_delete_all(office_vault()), 0);
	assert_int_equal(enrolment_load(office_vault(), STR("01ABCDEF"), 8, &id), -ENOENT);
	office_close();
}

static void test_a_device_is_changed_stopped_and_removed(void **state)
{
	struct device device;
	json_t *body, *row;
	struct id id;

	office_open();
	office_room();
	office_brigade();
	office_official();
	id = office_id(office_control("device.add", "{\"protocol\":\"osmand\",\"ident\":\"tel-1\","
						    "\"label\":\"T\",\"unit\":\"Brigade\"}"));
	assert_done(office_control(
		"device.set",
		"{\"device\":\"osmand:tel-1\",\"official\":\"0600000011\",\"unit\":null}"));
	assert_done(office_control("device.disable", "{\"device\":\"osmand:tel-1\"}"));
	body = answer_of(office_control("device.list", "{\"official\":\"0600000011\"}"));
	row = json_array_get(json_object_get(body, "devices"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "official_name")),
			    "Élue de Synthèse");
	assert_true(json_is_false(json_object_get(row, "enabled")));
	assert_true(json_is_true(json_object_get(row, "credential")));
	json_decref(body);
	assert_done(office_control("device.enable", "{\"device\":\"osmand:tel-1\"}"));
	assert_int_equal(device_load(office_vault(), id, &device), 0);
	assert_true(device.enabled && id_is_none(device.unit));
	assert_done(office_control("device.remove", "{\"device\":\"osmand:tel-1\"}"));
	assert_int_equal(device_load(office_vault(), id, &device), -ENOENT);
	body = answer_of(office_control("device.list", ""));
	assert_int_equal(json_array_size(json_object_get(body, "devices")), 0);
	json_decref(body);
	office_close();
}

/* ---- what is refused ---- */

/* On a registry of: Salle, Brigade, an official (0600000011) with a contact (0600000021, rank 1),
 * account op1, watch:1. */
static const struct bad {
	const char *name, *json, *field;
} bad[] = {
	{"unit.add", "", "name"},
	{"unit.add", "{", NULL},
	{"unit.add", "[]", NULL},
	{"unit.add", "null", NULL},
	{"unit.add", "{\"name\":\"X\",\"name\":\"Y\",\"kind\":\"room\"}", NULL},
	{"unit.add", "{\"name\":\"X\xff\",\"kind\":\"room\"}", NULL},
	{"unit.add", "{\"name\":\"X\xc3\",\"kind\":\"room\"}", NULL},
	{"unit.add", "{\"name\":\"X\\u0000\",\"kind\":\"room\"}", NULL},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\"}}", NULL},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"colour\":\"red\"}", "colour"},
	{"unit.add", "{\"kind\":\"room\"}", "name"},
	{"unit.add", "{\"name\":\"X\"}", "kind"},
	{"unit.add", "{\"name\":\"\",\"kind\":\"room\"}", "name"},
	{"unit.add", "{\"name\":\"  \",\"kind\":\"room\"}", "name"},
	{"unit.add", "{\"name\":null,\"kind\":\"room\"}", "name"},
	{"unit.add", "{\"name\":{},\"kind\":\"room\"}", "name"},
	{"unit.add", "{\"name\":[\"X\"],\"kind\":\"room\"}", "name"},
	{"unit.add", "{\"name\":\"X\\nY\",\"kind\":\"room\"}", "name"},
	{"unit.add", "{\"name\":\"Salle\",\"kind\":\"room\"}", "name"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"Room\"}", "kind"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"room\":\"Salle\"}", "room"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"brigade\"}", "room"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"brigade\",\"room\":\"Brigade\"}", "room"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"brigade\",\"room\":\"Nulle part\"}", "room"},
	{"unit.add",
	 "{\"name\":\"X\",\"kind\":\"brigade\",\"room\":\"00000000-0000-7000-8000-000000000000\"}",
	 "room"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"brigade\",\"room\":\"Salle\",\"zone\":\"Salle\"}",
	 "zone"},
	{"unit.add",
	 "{\"name\":\"X\",\"kind\":\"brigade\",\"room\":\"Salle\",\"duty_phone\":\"0600000001\"}",
	 "duty_phone"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"phone\":\"17\"}", "phone"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"phone\":612345678}", "phone"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"lat\":46.5}", "lon"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"lon\":\"0.5\"}", "lat"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"lat\":91,\"lon\":0}", "lat"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"lat\":\"46,5\",\"lon\":0}", "lat"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"lat\":1,\"lon\":-180.1}", "lon"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"available\":\"yes\"}", "available"},
	{"unit.add", "{\"name\":\"X\",\"kind\":\"room\",\"available\":1}", "available"},
	{"unit.set", "{\"name\":\"X\"}", "unit"},
	{"unit.set", "{\"unit\":\"X\"}", "unit"},
	{"unit.set", "{\"unit\":\"Brigade\",\"name\":\"Salle\"}", "name"},
	{"unit.set", "{\"unit\":\"Brigade\",\"name\":\"\"}", "name"},
	{"unit.set", "{\"unit\":\"Brigade\",\"kind\":\"room\"}", "kind"},
	{"unit.set", "{\"unit\":\"Brigade\",\"room\":null}", "room"},
	{"unit.set", "{\"unit\":\"Salle\",\"neighbour\":\"Salle\"}", "neighbour"},
	{"unit.list", "{\"limit\":1}", "limit"},
	{"unit.remove", "{}", "unit"},

	{"account.add", "{\"login\":\"x\",\"name\":\"X\",\"roles\":\"auditor\"}", "password_hash"},
	{"account.add",
	 "{\"login\":\"x\",\"name\":\"X\",\"roles\":\"auditor\",\"password_hash\":\"motdepasse\"}",
	 "password_hash"},
	{"account.add",
	 "{\"login\":\"x\",\"name\":\"X\",\"roles\":\"auditor\",\"password_hash\":\"$argon2id$ \"}",
	 "password_hash"},
	{"account.add",
	 "{\"login\":\"x\",\"name\":\"X\",\"roles\":\"auditor\",\"password\":\"motdepasse\"}",
	 "password"},
	{"account.add",
	 "{\"login\":\"op1\",\"name\":\"X\",\"roles\":\"auditor\",\"password_hash\":\"" HASH "\"}",
	 "login"},
	{"account.add",
	 "{\"login\":\"É\",\"name\":\"X\",\"roles\":\"auditor\",\"password_hash\":\"" HASH "\"}",
	 "login"},
	{"account.add",
	 "{\"login\":\"X\",\"name\":\"X\",\"roles\":\"auditor\",\"password_hash\":\"" HASH "\"}",
	 "login"},
	{"account.add",
	 "{\"login\":\"x y\",\"name\":\"X\",\"roles\":\"auditor\",\"password_hash\":\"" HASH "\"}",
	 "login"},
	{"account.add",
	 "{\"login\":\"x\",\"name\":\"X\",\"roles\":\"root\",\"password_hash\":\"" HASH "\"}",
	 "roles"},
	{"account.add",
	 "{\"login\":\"x\",\"name\":\"X\",\"roles\":[],\"password_hash\":\"" HASH "\"}", "roles"},
	{"account.add",
	 "{\"login\":\"x\",\"name\":\"X\",\"roles\":[\"auditor,operator\"],\"password_hash\":"
	 "\"" HASH "\"}",
	 "roles"},
	{"account.add",
	 "{\"login\":\"x\",\"name\":\"X\",\"roles\":[1],\"password_hash\":\"" HASH "\"}", "roles"},
	{"account.add",
	 "{\"login\":\"x\",\"name\":\"X\",\"roles\":\"operator\",\"password_hash\":\"" HASH "\"}",
	 "room"},
	{"account.add",
	 "{\"login\":\"x\",\"name\":\"X\",\"roles\":\"operator\",\"room\":\"Brigade\",\"password_"
	 "hash\":\"" HASH "\"}",
	 "room"},
	{"account.set", "{\"account\":\"op2\",\"name\":\"X\"}", "account"},
	{"account.set", "{\"account\":\"op1\",\"room\":null}", "room"},
	{"account.set", "{\"account\":\"op1\",\"roles\":\"\"}", "roles"},
	{"account.set", "{\"account\":\"op1\",\"name\":\"\"}", "name"},
	{"account.set", "{\"account\":\"op1\",\"login\":\"op3\"}", "login"},
	{"account.set", "{\"account\":\"op1\",\"password_hash\":\"" HASH "\"}", "password_hash"},
	{"account.password", "{\"account\":\"op1\"}", "password_hash"},
	{"account.disable", "{\"account\":\"nobody\"}", "account"},
	{"account.list", "{\"limit\":101}", "limit"},
	{"account.list", "{\"limit\":-1}", "limit"},
	{"account.list", "{\"limit\":1.5}", "limit"},
	{"account.list", "{\"after\":\"x\"}", "after"},

	{"official.add", "{\"unit\":\"Brigade\",\"phone\":\"0600000012\"}", "name"},
	{"official.add", "{\"name\":\"X\",\"phone\":\"0600000012\"}", "unit"},
	{"official.add", "{\"name\":\"X\",\"unit\":\"Brigade\"}", "phone"},
	{"official.add", "{\"name\":\"X\",\"unit\":\"Salle\",\"phone\":\"0600000012\"}", "unit"},
	{"official.add", "{\"name\":\"X\",\"unit\":\"Brigade\",\"phone\":\"06 00\"}", "phone"},
	{"official.add",
	 "{\"name\":\"X\",\"unit\":\"Brigade\",\"phone\":\"0600000012\",\"other_phones\":"
	 "\"0600000013,17\"}",
	 "other_phones"},
	{"official.add",
	 "{\"name\":\"X\",\"unit\":\"Brigade\",\"phone\":\"0600000012\",\"other_phones\":"
	 "\"0600000013,\"}",
	 "other_phones"},
	{"official.add",
	 "{\"name\":\"X\",\"unit\":\"Brigade\",\"phone\":\"0600000012\",\"other_phones\":["
	 "\"0600000001\",\"0600000002\",\"0600000003\",\"0600000004\",\"0600000005\"]}",
	 "other_phones"},
	{"official.add",
	 "{\"name\":\"X\",\"unit\":\"Brigade\",\"phone\":\"0600000012\",\"household\":100}",
	 "household"},
	{"official.add",
	 "{\"name\":\"X\",\"unit\":\"Brigade\",\"phone\":\"0600000012\",\"household\":\"deux\"}",
	 "household"},
	{"official.add",
	 "{\"name\":\"X\",\"unit\":\"Brigade\",\"phone\":\"0600000012\",\"commune_code\":"
	 "\"860000\"}",
	 "commune_code"},
	{"official.add",
	 "{\"name\":\"X\",\"unit\":\"Brigade\",\"phone\":\"0600000012\",\"address\":\"a\\u0007\"}",
	 "address"},
	{"official.set", "{\"official\":\"0600000011\",\"name\":\"\"}", "name"},
	{"official.set", "{\"official\":\"0600000011\",\"phone\":null}", "phone"},
	{"official.set", "{\"official\":\"0600000011\",\"unit\":null}", "unit"},
	{"official.set", "{\"official\":\"0600000099\",\"name\":\"X\"}", "official"},
	{"official.set", "{\"name\":\"X\"}", "official"},
	{"official.show", "{\"official\":\"Élue de Synthèse\"}", "official"},
	{"official.remove", "{\"official\":\"00000000-0000-7000-8000-000000000000\"}", "official"},
	{"official.list", "{\"after\":true}", "after"},

	{"contact.add", "{\"official\":\"0600000011\",\"name\":\"X\"}", "phone"},
	{"contact.add", "{\"official\":\"0600000011\",\"phone\":\"0600000022\"}", "name"},
	{"contact.add", "{\"name\":\"X\",\"phone\":\"0600000022\"}", "official"},
	{"contact.add", "{\"official\":\"0600000011\",\"name\":\"X\",\"phone\":\"06 00 00 00 21\"}",
	 "phone"},
	{"contact.add",
	 "{\"official\":\"0600000011\",\"name\":\"X\",\"phone\":\"0600000022\",\"rank\":1}",
	 "rank"},
	{"contact.add",
	 "{\"official\":\"0600000011\",\"name\":\"X\",\"phone\":\"0600000022\",\"rank\":0}",
	 "rank"},
	{"contact.add",
	 "{\"official\":\"0600000011\",\"name\":\"X\",\"phone\":\"0600000022\",\"rank\":7}",
	 "rank"},
	{"contact.invite", "{\"official\":\"0600000011\",\"name\":\"X\",\"phone\":\"x\"}", "phone"},
	{"contact.accept", "{\"contact\":\"0600000021\"}", "contact"},
	{"contact.remove", "{\"contact\":\"00000000-0000-7000-8000-000000000000\"}", "contact"},
	{"contact.list", "{}", "official"},

	{"device.add",
	 "{\"protocol\":\"watch\",\"label\":\"X\",\"unit\":\"Salle\",\"networks\":\"10.0.0.0/8\"}",
	 "ident"},
	{"device.add",
	 "{\"protocol\":\"watch\",\"ident\":\"1\",\"label\":\"X\",\"unit\":\"Salle\",\"networks\":"
	 "\"10.0.0.0/8\"}",
	 "ident"},
	{"device.add",
	 "{\"protocol\":\"watch\",\"ident\":\"2\",\"label\":\"X\",\"unit\":\"Salle\"}", "networks"},
	{"device.add",
	 "{\"protocol\":\"watch\",\"ident\":\"2\",\"label\":\"X\",\"networks\":\"10.0.0.0/8\"}",
	 "official"},
	{"device.add",
	 "{\"protocol\":\"watch\",\"ident\":\"2\",\"unit\":\"Salle\",\"networks\":\"10.0.0.0/8\"}",
	 "label"},
	{"device.add",
	 "{\"protocol\":\"watch\",\"ident\":\"2\",\"label\":\"X\",\"unit\":\"Salle\",\"networks\":"
	 "\"10.0.0.0/33\"}",
	 "networks"},
	{"device.add",
	 "{\"protocol\":\"watch\",\"ident\":\"2\",\"label\":\"X\",\"unit\":\"Salle\",\"networks\":"
	 "\"partout\"}",
	 "networks"},
	{"device.add",
	 "{\"protocol\":\"watch\",\"ident\":\"a:b\",\"label\":\"X\",\"unit\":\"Salle\","
	 "\"networks\":\"10.0.0.0/8\"}",
	 "ident"},
	{"device.add", "{\"protocol\":\"gt06\",\"ident\":\"2\",\"label\":\"X\",\"unit\":\"Salle\"}",
	 "protocol"},
	{"device.add", "{\"protocol\":\"osmand\",\"label\":\"X\",\"official\":\"0600000099\"}",
	 "official"},
	{"device.set", "{\"device\":\"watch:1\",\"ident\":\"2\"}", "ident"},
	{"device.set", "{\"device\":\"watch:1\",\"label\":\"\"}", "label"},
	{"device.set", "{\"device\":\"watch:1\",\"networks\":\"\"}", "networks"},
	{"device.set", "{\"device\":\"watch:1\",\"unit\":\"\"}", "official"},
	{"device.set", "{\"device\":\"watch\",\"label\":\"X\"}", "device"},
	{"device.set", "{\"device\":\"watch:2\",\"label\":\"X\"}", "device"},
	{"device.set", "{\"device\":\"osmand:1\",\"label\":\"X\"}", "device"},
	{"device.enable", "{}", "device"},
	{"device.disable", "{\"device\":7}", "device"},
	{"device.credential", "{\"device\":\"watch:1\"}", "device"},
	{"device.remove", "{\"device\":\"watch:\"}", "device"},
	{"device.list", "{\"official\":\"0600000099\"}", "official"},
};

static void fill_registry(void)
{
	office_open();
	office_room();
	office_brigade();
	office_official();
	assert_done(office_control("contact.add", "{\"official\":\"0600000011\",\"name\":\"P\","
						  "\"phone\":\"0600000021\",\"rank\":1}"));
	assert_done(office_control(
		"account.add",
		"{\"login\":\"op1\",\"name\":\"O\",\"roles\":\"operator\",\"room\":\"Salle\","
		"\"password_hash\":\"" HASH "\"}"));
	assert_done(office_control(
		"device.add",
		"{\"protocol\":\"watch\",\"ident\":\"1\",\"label\":\"M\",\"unit\":\"Salle\","
		"\"networks\":\"127.0.0.1\"}"));
}

static void test_a_bad_field_is_named_and_nothing_is_done(void **state)
{
	int64_t journal, rows;

	fill_registry();
	journal = office_journal();
	rows = office_rows();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_refused(office_control(bad[i].name, bad[i].json), PROBLEM_INVALID,
			       bad[i].field);
		assert_int_equal(office_journal(), journal);
		assert_int_equal(office_rows(), rows);
	}
	office_close();
}

static void test_every_field_has_a_cap(void **state)
{
	char *long_text = xmalloc(4001), *json = xmalloc(8000);

	memset(long_text, 'a', 4000);
	long_text[4000] = '\0';
	fill_registry();
	for (const struct admin_command *row = admin_commands; row->name; row++) {
		for (int i = 0; i < ADMIN_MAX_FIELDS && row->fields[i].name; i++) {
			/* The lines of an import: the cap of the body is theirs. */
			if (row->fields[i].max == LIMIT_HTTP_BODY_BYTES)
				continue;
			snprintf(json, 8000, "{\"%s\":\"%s\"}", row->fields[i].name, long_text);
			assert_refused(office_control(row->name, json), PROBLEM_INVALID,
				       row->fields[i].name);
		}
	}
	free(long_text);
	free(json);
	office_close();
}

static void test_a_body_over_the_cap_is_too_large(void **state)
{
	size_t size = 256 * 1024;
	char *json = xmalloc(size + 64);

	memset(json, ' ', size + 1);
	memcpy(json, "{}", 2);
	json[size + 1] = '\0';
	office_open();
	assert_refused(office_control("unit.list", json), PROBLEM_TOO_LARGE, NULL);
	free(json);
	office_close();
}

static void test_an_unknown_command_is_not_found(void **state)
{
	office_open();
	assert_refused(office_control("unit.explode", "{}"), PROBLEM_NOT_FOUND, NULL);
	assert_refused(office_control("", "{}"), PROBLEM_NOT_FOUND, NULL);
	office_close();
}

static void test_only_an_administrator_administers(void **state)
{
	office_open();
	for (const struct admin_command *row = admin_commands; row->name; row++)
		assert_refused(office_account(ROLE_ALL & ~(ROLE_ADMINISTRATOR | ROLE_COUNTER |
							   ROLE_AUDITOR),
					      row->name, "{}"),
			       PROBLEM_FORBIDDEN, NULL);
	/* The auditor settles what an administrator asked of a legal hold. */
	for (const struct admin_command *row = admin_commands; row->name; row++)
		if (strcmp(row->name, "hold.list") && strcmp(row->name, "hold.settle"))
			assert_refused(office_account(ROLE_AUDITOR, row->name, "{}"),
				       PROBLEM_FORBIDDEN, NULL);
	/* The counter registers officials, and nothing else; who holds a code has no account. */
	for (const struct admin_command *row = admin_commands; row->name; row++) {
		bool is_theirs = !strcmp(row->name, "registration.invite") ||
				 !strcmp(row->name, "registration.find") ||
				 !strcmp(row->name, "registration.activate") ||
				 !strcmp(row->name, "registration.terms") ||
				 !strcmp(row->name, "registration.confirm") ||
				 !strcmp(row->name, "registration.prolong") ||
				 !strcmp(row->name, "registration.end") ||
				 !strcmp(row->name, "registration.requests") ||
				 !strcmp(row->name, "registration.correct") ||
				 !strcmp(row->name, "registration.leave") ||
				 !strcmp(row->name, "registration.file") ||
				 !strcmp(row->name, "registration.change") ||
				 !strcmp(row->name, "registration.telephone") ||
				 !strcmp(row->name, "registration.withdraw-telephone");

		if (!is_theirs)
			assert_refused(office_account(ROLE_COUNTER, row->name, "{}"),
				       PROBLEM_FORBIDDEN, NULL);
	}
	assert_done(office_account(ROLE_COUNTER, "registration.invite", "{}"));
	assert_done(office_account(ROLE_ADMINISTRATOR, "unit.add",
				   "{\"name\":\"Salle\",\"kind\":\"room\"}"));
	office_close();
}

/* ---- the journal ---- */

struct trace {
	int count;
	struct arena arena;
	struct entry entries[8];
};

static int keep_entry(void *context, const struct entry *entry)
{
	struct trace *trace = context;
	struct entry *kept = &trace->entries[trace->count % 8];

	*kept = *entry;
	kept->body = (struct str){arena_copy(&trace->arena, entry->body.ptr, entry->body.len),
				  entry->body.len};
	trace->count++;
	return 0;
}

static void test_each_change_is_one_line_of_the_journal_and_says_what_changed(void **state)
{
	struct trace trace = {.count = 0};
	struct id official, contact;

	office_open();
	office_room();
	office_brigade();
	official = office_official();
	contact = office_id(office_control(
		"contact.add",
		"{\"official\":\"0600000011\",\"name\":\"P\",\"phone\":\"0600000021\"}"));
	assert_int_equal(journal_after(office_vault(), 2, 10, keep_entry, &trace), 0);
	assert_int_equal(trace.count, 2);
	assert_int_equal(trace.entries[0].kind, ENTRY_CREATED);
	assert_int_equal(trace.entries[0].actor_kind, ACTOR_CONTROL);
	assert_true(id_eq(trace.entries[0].subject, official));
	assert_str_equal(trace.entries[0].body,
			 with_id("{\"what\":\"official\",\"command\":\"official.add\",\"fields\":{"
				 "\"name\":\"Élue de "
				 "Synthèse\",\"unit\":\"@\",\"phone\":\"+33600000011\"}}",
				 office_id(office_control("unit.set", "{\"unit\":\"Brigade\"}"))));
	assert_true(id_eq(trace.entries[1].subject, official) &&
		    id_eq(trace.entries[1].target, contact));
	arena_fini(&trace.arena);
	office_close();
}

static void test_no_secret_is_in_the_journal(void **state)
{
	struct trace trace = {.count = 0};
	struct command *device, *enrolled;
	const char *code;
	struct id phone;

	office_open();
	office_room();
	assert_done(office_control(
		"account.add",
		"{\"login\":\"a\",\"name\":\"A\",\"roles\":\"auditor\",\"password_hash\":\"" HASH
		"\"}"));
	device = office_control("device.add",
				"{\"protocol\":\"osmand\",\"label\":\"T\",\"unit\":\"Salle\"}");
	assert_done(device);
	phone = office_id(office_control(
		"device.add", "{\"protocol\":\"phone\",\"label\":\"P\",\"unit\":\"Salle\"}"));
	code = new_code(phone);
	enrolled = enrol(code);
	assert_int_equal(journal_after(office_vault(), 0, 8, keep_entry, &trace), 0);
	assert_int_equal(trace.count, 6);
	for (int i = 0; i < trace.count; i++) {
		assert_null(strstr(trace.entries[i].body.ptr, "argon2"));
		assert_null(strstr(trace.entries[i].body.ptr, code));
		assert_null(strstr(trace.entries[i].body.ptr, office_answer(enrolled, "secret")));
		assert_null(strstr(trace.entries[i].body.ptr, office_answer(device, "secret")));
	}
	assert_non_null(strstr(trace.entries[1].body.ptr, "\"password_hash\":true"));
	arena_fini(&trace.arena);
	office_close();
}

static void test_reading_personal_data_is_one_line_of_the_journal(void **state)
{
	static const char *const reads[] = {"account.list", "official.list", "official.show",
					    "contact.list", "device.list"};
	struct trace trace = {.count = 0};
	int64_t before;

	fill_registry();
	before = office_journal();
	for (size_t i = 0; i < ARRAY_LEN(reads); i++)
		assert_done(office_control(
			reads[i], i == 2 || i == 3 ? "{\"official\":\"0600000011\"}" : "{}"));
	assert_int_equal(office_journal(), before + (int64_t)ARRAY_LEN(reads));
	assert_int_equal(journal_after(office_vault(), before, 8, keep_entry, &trace), 0);
	for (int i = 0; i < trace.count; i++)
		assert_int_equal(trace.entries[i].kind, ENTRY_READ);
	arena_fini(&trace.arena);
	office_close();
}

/* ---- the table itself ---- */

static void test_every_command_and_field_is_explained(void **state)
{
	for (const struct admin_command *row = admin_commands; row->name; row++) {
		assert_ptr_equal(admin_command_find(str_from(row->name)), row);
		assert_non_null(strchr(row->name, '.'));
		/* Programs alone say the others. */
		if (!row->summary)
			assert_true(str_starts(str_from(row->name), STR("import.")) ||
				    str_starts(str_from(row->name), STR("registration.")) ||
				    str_starts(str_from(row->name), STR("own.")) ||
				    !strcmp(row->name, "hold.settle"));
		assert_true((!row->summary || strlen(row->summary) > 5) && row->handle);
		for (int i = 0; i < ADMIN_MAX_FIELDS && row->fields[i].name; i++)
			assert_true(strlen(row->fields[i].help) > 2);
	}
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_BOTH, test_a_unit_is_added_with_everything_that_was_given),
		on(ON_BOTH, test_a_unit_changes_only_where_it_was_told_to),
		on(ON_BOTH, test_units_are_listed_with_the_names_of_their_rooms),
		on(ON_BOTH, test_a_unit_is_removed_once_nothing_names_it),
		on(ON_BOTH, test_an_account_is_added_set_closed_and_opened_again),
		on(ON_BOTH, test_other_rights_end_the_sessions),
		on(ON_BOTH, test_a_new_password_ends_the_sessions),
		on(ON_BOTH, test_a_long_list_comes_in_pages),
		on(ON_BOTH, test_an_official_is_added_shown_and_changed),
		on(ON_BOTH, test_mandates_and_places_are_kept_in_their_order),
		on(ON_SQLITE, test_a_place_that_stays_keeps_what_is_known_of_it),
		on(ON_SQLITE, test_which_line_of_a_list_is_wrong_is_said),
		on(ON_BOTH, test_a_number_two_officials_share_names_neither),
		on(ON_BOTH, test_a_removed_official_leaves_nothing_but_the_fact),
		on(ON_BOTH, test_an_invited_person_counts_once_they_accept),
		on(ON_BOTH, test_contacts_are_listed_by_rank_and_the_seventh_is_refused),
		on(ON_BOTH, test_a_watch_is_added_without_a_secret),
		on(ON_BOTH, test_a_telephone_gets_an_identity_and_a_secret_seen_once),
		on(ON_BOTH, test_a_telephone_is_silent_and_has_no_secret_until_it_is_enrolled),
		on(ON_BOTH,
		   test_a_code_serves_once_and_the_next_telephone_takes_the_place_of_the_first),
		on(ON_BOTH, test_a_code_is_over_with_the_next_one_and_after_half_an_hour),
		on(ON_BOTH, test_a_code_is_read_as_it_may_be_typed),
		on(ON_BOTH, test_what_is_no_telephone_has_no_code_and_a_removed_one_none_left),
		on(ON_BOTH, test_no_code_outlives_a_restoration_or_its_time_in_the_database),
		on(ON_BOTH, test_a_device_is_changed_stopped_and_removed),
		on(ON_BOTH, test_a_bad_field_is_named_and_nothing_is_done),
		on(ON_SQLITE, test_every_field_has_a_cap),
		on(ON_SQLITE, test_a_body_over_the_cap_is_too_large),
		on(ON_SQLITE, test_an_unknown_command_is_not_found),
		on(ON_SQLITE, test_only_an_administrator_administers),
		on(ON_BOTH, test_each_change_is_one_line_of_the_journal_and_says_what_changed),
		on(ON_BOTH, test_no_secret_is_in_the_journal),
		on(ON_BOTH, test_reading_personal_data_is_one_line_of_the_journal),
		on(ON_SQLITE, test_every_command_and_field_is_explained),
	};

	return run_on_databases("admin", tests, ARRAY_LEN(tests), db_migrate);
}
