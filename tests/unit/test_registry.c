/* Units, accounts, officials, contacts and devices, on both databases. */
#include <errno.h>
#include <math.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "registry.h"
#include "store/accounts.h"
#include "store/calls.h"
#include "store/devices.h"
#include "store/drafts.h"
#include "store/journal.h"
#include "store/links.h"
#include "store/sealed.h"
#include "store/units.h"

/* ---- units ---- */

static struct unit some_unit(const char *name, enum unit_kind kind)
{
	struct unit unit = {.id = new_id(), .kind = kind, .available = true, .version = 1};

	snprintf(unit.name, sizeof(unit.name), "%s", name);
	return unit;
}

static void assert_units_equal(const struct unit *a, const struct unit *b)
{
	assert_true(id_eq(a->id, b->id));
	assert_int_equal(a->kind, b->kind);
	assert_true(id_eq(a->room, b->room) && id_eq(a->neighbour, b->neighbour));
	assert_true(id_eq(a->second, b->second) && id_eq(a->zone, b->zone));
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->phone, b->phone);
	assert_string_equal(a->duty_phone, b->duty_phone);
	assert_int_equal(a->placed, b->placed);
	assert_int_equal(a->lat_e7, b->lat_e7);
	assert_int_equal(a->lon_e7, b->lon_e7);
	assert_int_equal(a->available, b->available);
	assert_int_equal(a->version, b->version);
}

static void test_a_unit_is_read_back_as_it_was_written(void **state)
{
	struct vault *v = open_vault();
	struct unit room = some_unit("Salle de la Vienne", UNIT_ROOM), read;

	room.neighbour = new_id();
	room.second = new_id();
	room.zone = new_id();
	room.placed = true;
	room.lat_e7 = 465802000;
	room.lon_e7 = -3404000;
	snprintf(room.phone, sizeof(room.phone), "+33549000001");
	snprintf(room.duty_phone, sizeof(room.duty_phone), "+33600000001");
	in_transaction(v, unit_insert(v, &room));
	assert_int_equal(unit_load(v, room.id, &read), 0);
	assert_units_equal(&read, &room);
	assert_int_equal(unit_find(v, STR("Salle de la Vienne"), &read), 0);
	assert_units_equal(&read, &room);
	close_vault(v);
}

static void test_a_unit_without_place_or_telephone_says_so(void **state)
{
	struct vault *v = open_vault();
	struct unit patrol = some_unit("Patrouille 1", UNIT_PATROL), read;

	patrol.available = false;
	patrol.room = new_id();
	in_transaction(v, unit_insert(v, &patrol));
	assert_int_equal(unit_load(v, patrol.id, &read), 0);
	assert_units_equal(&read, &patrol);
	close_vault(v);
}

static void test_a_unit_that_is_not_there_is_not_found(void **state)
{
	struct vault *v = open_vault();
	struct unit unit;

	assert_int_equal(unit_load(v, new_id(), &unit), -ENOENT);
	assert_int_equal(unit_load(v, ID_NONE, &unit), -ENOENT);
	assert_int_equal(unit_find(v, STR("Nulle part"), &unit), -ENOENT);
	close_vault(v);
}

static void test_a_stale_change_of_a_unit_is_refused(void **state)
{
	struct vault *v = open_vault();
	struct unit mine = some_unit("Brigade A", UNIT_BRIGADE), theirs;

	in_transaction(v, unit_insert(v, &mine));
	theirs = mine;
	mine.available = false;
	in_transaction(v, unit_update(v, &mine));
	assert_int_equal(mine.version, 2);
	assert_int_equal(unit_update(v, &theirs), -ESTALE);
	assert_int_equal(unit_load(v, mine.id, &theirs), 0);
	assert_units_equal(&theirs, &mine);
	close_vault(v);
}

static void test_two_units_never_have_one_name(void **state)
{
	struct vault *v = open_vault();
	struct unit a = some_unit("Brigade A", UNIT_BRIGADE),
		    b = some_unit("Brigade A", UNIT_BRIGADE);

	in_transaction(v, unit_insert(v, &a));
	assert_int_equal(unit_insert(v, &b), -EEXIST);
	close_vault(v);
}

struct names {
	char text[200];
	int stop_at, seen;
};

static int add_name(void *context, const struct unit *unit)
{
	struct names *names = context;
	size_t len = strlen(names->text);

	snprintf(names->text + len, sizeof(names->text) - len, "%s,", unit->name);
	return ++names->seen == names->stop_at ? -ECANCELED : 0;
}

static void test_units_come_by_name_until_the_reader_stops(void **state)
{
	struct vault *v = open_vault();
	struct unit c = some_unit("C", UNIT_ROOM), a = some_unit("A", UNIT_ROOM),
		    b = some_unit("B", UNIT_ROOM);
	struct names all = {.seen = 0}, two = {.stop_at = 2};

	in_transaction(v, unit_insert(v, &c));
	in_transaction(v, unit_insert(v, &a));
	in_transaction(v, unit_insert(v, &b));
	assert_int_equal(units_each(v, add_name, &all), 0);
	assert_string_equal(all.text, "A,B,C,");
	assert_int_equal(units_each(v, add_name, &two), -ECANCELED);
	assert_string_equal(two.text, "A,B,");
	close_vault(v);
}

static void test_a_unit_that_something_names_is_not_deleted(void **state)
{
	struct vault *v = open_vault();
	struct unit room = some_unit("Salle", UNIT_ROOM),
		    brigade = some_unit("Brigade", UNIT_BRIGADE);
	struct official o = {.id = new_id(),
			     .unit = brigade.id,
			     .name = STR("N"),
			     .phone = STR("+33600000001"),
			     .household = -1,
			     .version = 1};

	brigade.room = room.id;
	in_transaction(v, unit_insert(v, &room));
	in_transaction(v, unit_insert(v, &brigade));
	assert_int_equal(unit_delete(v, room.id), -ENOTEMPTY);
	in_transaction(v, official_insert(v, &o));
	assert_int_equal(unit_delete(v, brigade.id), -ENOTEMPTY);
	in_transaction(v, official_purge(v, o.id));
	in_transaction(v, unit_delete(v, brigade.id));
	in_transaction(v, unit_delete(v, room.id));
	assert_int_equal(unit_load(v, room.id, &room), -ENOENT);
	close_vault(v);
}

/* ---- accounts and sessions ---- */

static struct account some_account(const char *login)
{
	struct account account = {.id = new_id(),
				  .roles = 3,
				  .room = new_id(),
				  .created_at_ms = TEST_NOW_MS,
				  .version = 1};

	snprintf(account.login, sizeof(account.login), "%s", login);
	snprintf(account.name, sizeof(account.name), "Opératrice de Synthèse");
	snprintf(account.password, sizeof(account.password),
		 "$argon2id$v=19$m=8192,t=1,p=1$c2Vs$aGFjaGU");
	return account;
}

static void assert_accounts_equal(const struct account *a, const struct account *b)
{
	assert_true(id_eq(a->id, b->id) && id_eq(a->room, b->room));
	assert_string_equal(a->login, b->login);
	assert_string_equal(a->name, b->name);
	assert_string_equal(a->password, b->password);
	assert_int_equal(a->roles, b->roles);
	assert_int_equal(a->disabled, b->disabled);
	assert_int_equal(a->created_at_ms, b->created_at_ms);
	assert_int_equal(a->version, b->version);
}

static void test_an_account_is_found_by_id_and_by_login(void **state)
{
	struct vault *v = open_vault();
	struct account account = some_account("op1"), read;

	in_transaction(v, account_insert(v, &account));
	assert_int_equal(account_load(v, account.id, &read), 0);
	assert_accounts_equal(&read, &account);
	assert_int_equal(account_by_login(v, STR("op1"), &read), 0);
	assert_accounts_equal(&read, &account);
	assert_int_equal(account_by_login(v, STR("op"), &read), -ENOENT);
	assert_int_equal(account_load(v, new_id(), &read), -ENOENT);
	close_vault(v);
}

static void test_an_account_changes_once_a_version(void **state)
{
	struct vault *v = open_vault();
	struct account account = some_account("op1"), stale = account, read;

	in_transaction(v, account_insert(v, &account));
	account.roles = 8;
	account.room = ID_NONE;
	in_transaction(v, account_update(v, &account));
	assert_int_equal(account_update(v, &stale), -ESTALE);
	assert_int_equal(account_load(v, account.id, &read), 0);
	assert_accounts_equal(&read, &account);
	close_vault(v);
}

static int count_account(void *context, const struct account *account)
{
	struct id *ids = context;

	for (int i = 0; i < 3; i++) {
		if (id_is_none(ids[i])) {
			ids[i] = account->id;
			return 0;
		}
	}
	return -E2BIG;
}

static void test_accounts_are_listed_page_by_page(void **state)
{
	static const char *const logins[] = {"a", "b", "c"};
	struct vault *v = open_vault();
	struct id first[3] = {ID_NONE}, rest[3] = {ID_NONE};

	for (int i = 0; i < 3; i++) {
		struct account account = some_account(logins[i]);

		in_transaction(v, account_insert(v, &account));
	}
	assert_int_equal(accounts_each(v, ID_NONE, 2, count_account, first), 0);
	assert_true(!id_is_none(first[1]) && id_is_none(first[2]));
	assert_int_equal(accounts_each(v, first[1], 2, count_account, rest), 0);
	assert_true(!id_is_none(rest[0]) && id_is_none(rest[1]));
	assert_false(id_eq(rest[0], first[0]) || id_eq(rest[0], first[1]));
	close_vault(v);
}

static void test_a_session_lasts_until_it_expires(void **state)
{
	struct vault *v = open_vault();
	struct account account = some_account("op1"), read;
	uint8_t token[TOKEN_HASH_SIZE], other[TOKEN_HASH_SIZE];

	token_hash(STR("jeton"), token);
	token_hash(STR("autre"), other);
	in_transaction(v, account_insert(v, &account));
	in_transaction(v, session_insert(v, token, account.id, TEST_NOW_MS, TEST_NOW_MS + 1000));
	assert_int_equal(session_account(v, token, TEST_NOW_MS + 999, &read), 0);
	assert_accounts_equal(&read, &account);
	assert_int_equal(session_account(v, token, TEST_NOW_MS + 1000, &read), -ENOENT);
	assert_int_equal(session_account(v, other, TEST_NOW_MS, &read), -ENOENT);
	in_transaction(v, session_touch(v, token, TEST_NOW_MS + 10));
	in_transaction(v, sessions_purge(v, TEST_NOW_MS + 999));
	assert_int_equal(session_account(v, token, TEST_NOW_MS, &read), 0);
	in_transaction(v, sessions_purge(v, TEST_NOW_MS + 1000));
	assert_int_equal(session_account(v, token, TEST_NOW_MS, &read), -ENOENT);
	close_vault(v);
}

static void test_a_disabled_account_has_no_session(void **state)
{
	struct vault *v = open_vault();
	struct account account = some_account("op1"), read;
	uint8_t token[TOKEN_HASH_SIZE];

	token_hash(STR("jeton"), token);
	in_transaction(v, account_insert(v, &account));
	in_transaction(v, session_insert(v, token, account.id, TEST_NOW_MS, TEST_NOW_MS + 1000));
	account.disabled = true;
	in_transaction(v, account_update(v, &account));
	assert_int_equal(session_account(v, token, TEST_NOW_MS, &read), -ENOENT);
	close_vault(v);
}

static void test_sessions_end_one_by_one_or_all_together(void **state)
{
	struct vault *v = open_vault();
	struct account account = some_account("op1"), other = some_account("op2"), read;
	uint8_t tokens[3][TOKEN_HASH_SIZE], theirs[TOKEN_HASH_SIZE];

	token_hash(STR("theirs"), theirs);
	in_transaction(v, account_insert(v, &account));
	in_transaction(v, account_insert(v, &other));
	in_transaction(v, session_insert(v, theirs, other.id, TEST_NOW_MS, TEST_NOW_MS + 1));
	for (int i = 0; i < 3; i++) {
		token_hash(str_of(&"abc"[i], 1), tokens[i]);
		in_transaction(
			v, session_insert(v, tokens[i], account.id, TEST_NOW_MS, TEST_NOW_MS + 1));
	}
	in_transaction(v, session_delete(v, tokens[0]));
	assert_int_equal(session_account(v, tokens[0], TEST_NOW_MS, &read), -ENOENT);
	assert_int_equal(session_account(v, tokens[1], TEST_NOW_MS, &read), 0);
	in_transaction(v, sessions_delete_of(v, account.id));
	assert_int_equal(session_account(v, tokens[1], TEST_NOW_MS, &read), -ENOENT);
	assert_int_equal(session_account(v, tokens[2], TEST_NOW_MS, &read), -ENOENT);
	assert_int_equal(session_account(v, theirs, TEST_NOW_MS, &read), 0);
	close_vault(v);
}

/* ---- officials ---- */

static struct official some_official(void)
{
	return (struct official){
		.id = new_id(),
		.unit = new_id(),
		.name = STR("Élue de Synthèse"),
		.mandate = STR("Maire"),
		.commune = STR("Commune d'Essai"),
		.commune_code = STR("86999"),
		.phone = STR("+33600000011"),
		.others = {STR("+33549000011"), STR("+262692000011")},
		.other_kinds = {NUMBER_TOWN_HALL},
		.other_count = 2,
		.mandates = {STR("Conseillère départementale d'Essai"), STR("Sénatrice")},
		.mandate_count = 2,
		.places = {{PLACE_TOWN_HALL, STR("place du Bourg"), STR("porte de service")},
			   {PLACE_OTHER, STR("2, rue Ailleurs"), STR("")}},
		.place_count = 2,
		.address = STR("1, chemin du Canari"),
		.access = STR("portail bleu,\ncode au 2e contact"),
		.remarks = STR("chien"),
		.household = 0,
		.created_at_ms = TEST_NOW_MS,
		.version = 1,
	};
}

#define assert_str_same(a, b) assert_true(str_eq(a, b))

static void assert_officials_equal(const struct official *a, const struct official *b)
{
	assert_true(id_eq(a->id, b->id) && id_eq(a->unit, b->unit));
	assert_str_same(a->name, b->name);
	assert_str_same(a->mandate, b->mandate);
	assert_str_same(a->commune, b->commune);
	assert_str_same(a->commune_code, b->commune_code);
	assert_str_same(a->phone, b->phone);
	assert_int_equal(a->other_count, b->other_count);
	for (unsigned i = 0; i < a->other_count; i++) {
		assert_str_same(a->others[i], b->others[i]);
		assert_int_equal(a->other_kinds[i], b->other_kinds[i]);
	}
	assert_int_equal(a->mandate_count, b->mandate_count);
	for (unsigned i = 0; i < a->mandate_count; i++)
		assert_str_same(a->mandates[i], b->mandates[i]);
	assert_int_equal(a->place_count, b->place_count);
	for (unsigned i = 0; i < a->place_count; i++) {
		assert_int_equal(a->places[i].kind, b->places[i].kind);
		assert_str_same(a->places[i].address, b->places[i].address);
		assert_str_same(a->places[i].access, b->places[i].access);
	}
	assert_str_same(a->address, b->address);
	assert_str_same(a->access, b->access);
	assert_str_same(a->remarks, b->remarks);
	assert_int_equal(a->household, b->household);
	assert_int_equal(a->created_at_ms, b->created_at_ms);
	assert_int_equal(a->version, b->version);
}

static void test_an_official_is_read_back_as_written(void **state)
{
	struct vault *v = open_vault();
	struct official o = some_official(), bare = {.id = new_id(),
						     .name = STR("N"),
						     .phone = STR("+33600000012"),
						     .household = -1,
						     .version = 1};
	struct arena arena = ARENA_INIT;
	struct official read;

	in_transaction(v, official_insert(v, &o));
	in_transaction(v, official_insert(v, &bare));
	assert_int_equal(official_load(v, &arena, o.id, &read), 0);
	assert_officials_equal(&read, &o);
	assert_int_equal(official_load(v, &arena, bare.id, &read), 0);
	assert_officials_equal(&read, &bare);
	assert_int_equal(official_load(v, &arena, new_id(), &read), -ENOENT);
	arena_fini(&arena);
	close_vault(v);
}

SQL(official_body, "UPDATE official SET body = $2 WHERE id = $1");

static void write_body(struct vault *v, struct id id, struct str plain)
{
	struct query *q = db_query(vault_db(v), &official_body);
	struct buf sealed = BUF_INIT;

	assert_int_equal(vault_seal(v, id, STR("official.body"), plain, &sealed), 0);
	bind_id(q, 1, id);
	bind_blob(q, 2, buf_str(&sealed));
	in_transaction(v, db_done_after(q));
	buf_fini(&sealed);
}

/* Tag 11: text, one place a line, as many as it holds. */
static void test_places_of_before_they_had_kinds_are_all_read(void **state)
{
	struct vault *v = open_vault();
	struct official o = some_official(), read;
	struct arena arena = ARENA_INIT;
	struct buf plain = BUF_INIT;

	in_transaction(v, official_insert(v, &o));
	record_put(&plain, 1, o.name);
	record_put(&plain, 5, o.phone);
	record_put(&plain, 11, STR("Mairie\n\n A \nB\nC\nD\nE\nF\nG"));
	write_body(v, o.id, buf_str(&plain));
	buf_fini(&plain);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(official_load(v, &arena, o.id, &read), 0);
		assert_int_equal(read.place_count, OFFICIAL_MAX_PLACES);
		assert_str_same(read.places[0].address, STR("Mairie"));
		assert_str_same(read.places[1].address, STR("A"));
		assert_str_same(read.places[5].address, STR("E, F, G"));
		for (unsigned at = 0; at < read.place_count; at++) {
			assert_int_equal(read.places[at].kind, PLACE_OTHER);
			assert_int_equal(read.places[at].access.len, 0);
		}
		/* Written anew, they are the same. */
		in_transaction(v, official_update(v, &read));
	}
	arena_fini(&arena);
	close_vault(v);
}

static void assert_number_names(struct vault *v, const char *number, unsigned expected,
				struct id first)
{
	struct id ids[4];
	unsigned count;

	assert_int_equal(officials_by_number(v, str_from(number), ids, 4, &count), 0);
	assert_int_equal(count, expected);
	if (count)
		assert_true(id_eq(ids[0], first));
}

static void test_an_official_is_found_by_each_of_their_numbers(void **state)
{
	struct vault *v = open_vault();
	struct official o = some_official();

	in_transaction(v, official_insert(v, &o));
	assert_number_names(v, "+33600000011", 1, o.id);
	assert_number_names(v, "+33549000011", 1, o.id);
	assert_number_names(v, "+262692000011", 1, o.id);
	assert_number_names(v, "+33600000099", 0, ID_NONE);
	o.phone = STR("+33600000012");
	o.other_count = 0;
	in_transaction(v, official_update(v, &o));
	assert_number_names(v, "+33600000012", 1, o.id);
	assert_number_names(v, "+33600000011", 0, ID_NONE);
	assert_number_names(v, "+33549000011", 0, ID_NONE);
	close_vault(v);
}

static void test_a_number_two_officials_share_names_both(void **state)
{
	struct vault *v = open_vault();
	struct official a = some_official(), b = some_official();

	in_transaction(v, official_insert(v, &a));
	in_transaction(v, official_insert(v, &b));
	assert_number_names(v, "+33549000011", 2,
			    id_eq(a.id, b.id) || memcmp(&a.id, &b.id, 16) < 0 ? a.id : b.id);
	close_vault(v);
}

static int append_about(struct vault *v, struct id subject, struct id dossier, struct str body)
{
	struct entry entry = {.at_ms = TEST_NOW_MS,
			      .kind = ENTRY_CHANGED,
			      .subject = subject,
			      .actor_kind = ACTOR_CONTROL,
			      .dossier = dossier,
			      .body = body};

	return journal_append(v, &entry, 1);
}

static int find_body(void *context, const struct entry *entry)
{
	struct str *body = context;

	*body = entry->body.ptr ? STR("something") : STR_NONE;
	return 0;
}

SQL(bodies_of,
    "SELECT COUNT(*) FROM journal WHERE subject = $1 AND (body IS NOT NULL OR salt IS NOT NULL)");

static int64_t count_bodies(struct vault *v, struct id subject)
{
	struct query *q = db_query(vault_db(v), &bodies_of);
	int64_t count;

	bind_id(q, 1, subject);
	assert_int_equal(query_step(q), 1);
	count = column_i64(q, 0);
	db_done(q);
	return count;
}

static void test_a_purged_dossier_is_gone_and_the_journal_still_verifies(void **state)
{
	struct vault *v = open_vault();
	struct official o = some_official(), other = some_official();
	struct contact c = {.id = new_id(),
			    .official = o.id,
			    .rank = 1,
			    .name = STR("P"),
			    .phone = STR("+33600000021"),
			    .accepted_at_ms = TEST_NOW_MS,
			    .version = 1};
	struct device d = {.id = new_id(),
			   .official = o.id,
			   .ident = "3900000001",
			   .label = "Montre",
			   .enabled = true,
			   .version = 1};
	struct arena arena = ARENA_INIT;
	struct buf sealed = BUF_INIT;
	struct str body = STR("untouched");
	int64_t number;

	in_transaction(v, official_insert(v, &o));
	in_transaction(v, official_insert(v, &other));
	in_transaction(v, contact_insert(v, &c));
	in_transaction(v, device_insert(v, &d));
	in_transaction(v, append_about(v, o.id, o.id, STR("{\"name\":\"x\"}")));
	/* Sealed by the dossier's key, about something else. */
	in_transaction(v, append_about(v, c.id, o.id, STR("{\"name\":\"y\"}")));
	in_transaction(v, append_about(v, other.id, other.id, STR("{\"name\":\"z\"}")));

	in_transaction(v, official_purge(v, o.id));
	assert_int_equal(count_bodies(v, o.id), 0);
	assert_int_equal(count_bodies(v, other.id), 1);
	assert_int_equal(official_load(v, &arena, o.id, &o), -ENOENT);
	assert_int_equal(contact_load(v, &arena, c.id, &c), -ENOENT);
	assert_number_names(v, "+33600000011", 1, other.id);
	assert_int_equal(device_load(v, d.id, &d), 0);
	assert_true(id_is_none(d.official));
	assert_int_equal(vault_seal(v, o.id, STR("official.body"), STR("x"), &sealed), -ENOENT);
	assert_int_equal(journal_of(v, o.id, ENTRY_AUDIT, 0, 10, find_body, &body), 0);
	assert_null(body.ptr);
	assert_int_equal(journal_of(v, c.id, ENTRY_AUDIT, 0, 10, find_body, &body), 0);
	assert_null(body.ptr);
	assert_int_equal(journal_of(v, other.id, ENTRY_AUDIT, 0, 10, find_body, &body), 0);
	assert_non_null(body.ptr);
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	assert_int_equal(number, 3);
	assert_int_equal(official_load(v, &arena, other.id, &other), 0);
	buf_fini(&sealed);
	arena_fini(&arena);
	close_vault(v);
}

static int keep_id(void *context, struct id id)
{
	*(struct id *)context = id;
	return 0;
}

/* What a caller names as a draft or an official may be any dossier. */
static void test_a_key_goes_with_its_row_and_with_no_other(void **state)
{
	struct buf sealed = BUF_INIT, plain = BUF_INIT;
	struct vault *v = open_vault();
	struct id other = new_id();

	in_transaction(v, vault_new_key(v, other));
	assert_int_equal(db_begin(vault_db(v)), 0);
	assert_int_equal(vault_seal(v, other, STR("test"), STR("à garder"), &sealed), 0);
	assert_int_equal(draft_delete(v, other), -ENOENT);
	assert_int_equal(official_purge(v, other), -ENOENT);
	assert_int_equal(db_commit(vault_db(v)), 0);
	vault_forget_new_keys(v);
	assert_int_equal(vault_unseal(v, STR("test"), buf_str(&sealed), &plain), 0);
	assert_str_same(buf_str(&plain), STR("à garder"));
	buf_fini(&sealed);
	buf_fini(&plain);
	close_vault(v);
}

static void test_officials_are_listed_after_an_id(void **state)
{
	struct vault *v = open_vault();
	struct official a = some_official(), b = some_official();
	struct id first = ID_NONE, second = ID_NONE, none = ID_NONE;

	in_transaction(v, official_insert(v, &a));
	in_transaction(v, official_insert(v, &b));
	assert_int_equal(officials_each(v, ID_NONE, 1, keep_id, &first), 0);
	assert_int_equal(officials_each(v, first, 1, keep_id, &second), 0);
	assert_int_equal(officials_each(v, second, 1, keep_id, &none), 0);
	assert_true(!id_is_none(first) && !id_is_none(second) && !id_eq(first, second));
	assert_true(id_is_none(none));
	close_vault(v);
}

/* ---- contacts ---- */

static struct contact some_contact(struct id official, int rank, struct str phone)
{
	return (struct contact){.id = new_id(),
				.official = official,
				.rank = rank,
				.name = STR("Proche de Synthèse"),
				.relation = STR("voisine"),
				.phone = phone,
				.accepted_at_ms = TIME_NONE,
				.version = 1};
}

static void test_contacts_come_by_rank(void **state)
{
	struct vault *v = open_vault();
	struct official o = some_official();
	struct contact second = some_contact(o.id, 2, STR("+33600000022"));
	struct contact first = some_contact(o.id, 1, STR("+33600000021"));
	struct arena arena = ARENA_INIT;
	struct contact *list;
	unsigned count;

	in_transaction(v, official_insert(v, &o));
	in_transaction(v, contact_insert(v, &second));
	in_transaction(v, contact_insert(v, &first));
	assert_int_equal(contacts_of(v, &arena, o.id, &list, &count), 0);
	assert_int_equal(count, 2);
	assert_true(id_eq(list[0].id, first.id) && id_eq(list[1].id, second.id));
	assert_str_same(list[0].name, first.name);
	assert_str_same(list[0].relation, first.relation);
	assert_str_same(list[0].phone, first.phone);
	assert_true(list[0].accepted_at_ms == TIME_NONE);
	assert_int_equal(contacts_of(v, &arena, new_id(), &list, &count), 0);
	assert_int_equal(count, 0);
	arena_fini(&arena);
	close_vault(v);
}

static void test_a_contact_accepts_once_and_is_found_by_number_for_every_official(void **state)
{
	struct vault *v = open_vault();
	struct official a = some_official(), b = some_official();
	struct contact of_a = some_contact(a.id, 1, STR("+33600000021")), stale;
	struct contact of_b = some_contact(b.id, 1, STR("+33600000021"));
	struct arena arena = ARENA_INIT;
	struct contact *list, read;
	unsigned count;

	in_transaction(v, official_insert(v, &a));
	in_transaction(v, official_insert(v, &b));
	in_transaction(v, contact_insert(v, &of_a));
	in_transaction(v, contact_insert(v, &of_b));
	stale = of_a;
	of_a.accepted_at_ms = TEST_NOW_MS;
	in_transaction(v, contact_update(v, &of_a));
	assert_int_equal(contact_update(v, &stale), -ESTALE);
	assert_int_equal(contact_load(v, &arena, of_a.id, &read), 0);
	assert_int_equal(read.accepted_at_ms, TEST_NOW_MS);
	assert_int_equal(contact_by_number(v, &arena, STR("+33600000021"), &list, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(contact_by_number(v, &arena, STR("+33600000022"), &list, &count), 0);
	assert_int_equal(count, 0);
	in_transaction(v, contact_delete(v, of_a.id));
	assert_int_equal(contact_load(v, &arena, of_a.id, &read), -ENOENT);
	arena_fini(&arena);
	close_vault(v);
}

static void test_a_contact_needs_an_official_and_the_seventh_is_refused(void **state)
{
	struct vault *v = open_vault();
	struct official o = some_official();
	struct contact lost = some_contact(new_id(), 1, STR("+33600000021"));

	assert_int_equal(contact_insert(v, &lost), -ENOENT);
	in_transaction(v, official_insert(v, &o));
	for (int i = 1; i <= OFFICIAL_MAX_CONTACTS; i++) {
		struct contact c = some_contact(o.id, i, STR("+33600000021"));

		in_transaction(v, contact_insert(v, &c));
	}
	lost.official = o.id;
	assert_int_equal(contact_insert(v, &lost), -E2BIG);
	close_vault(v);
}

/* ---- devices ---- */

static struct device some_device(int protocol, const char *ident)
{
	struct device d = {.id = new_id(),
			   .protocol = protocol,
			   .official = new_id(),
			   .silent = true,
			   .enabled = true,
			   .created_at_ms = TEST_NOW_MS,
			   .version = 1};

	snprintf(d.ident, sizeof(d.ident), "%s", ident);
	snprintf(d.label, sizeof(d.label), "Montre d'essai");
	snprintf(d.networks, sizeof(d.networks), "10.0.0.0/8,2001:db8::/32");
	return d;
}

static void assert_devices_equal(const struct device *a, const struct device *b)
{
	assert_true(id_eq(a->id, b->id) && id_eq(a->official, b->official) &&
		    id_eq(a->unit, b->unit));
	assert_int_equal(a->protocol, b->protocol);
	assert_string_equal(a->ident, b->ident);
	assert_string_equal(a->label, b->label);
	assert_string_equal(a->networks, b->networks);
	assert_int_equal(a->silent, b->silent);
	assert_int_equal(a->enabled, b->enabled);
	assert_int_equal(a->has_secret, b->has_secret);
	assert_int_equal(a->created_at_ms, b->created_at_ms);
	assert_int_equal(a->version, b->version);
}

static void test_a_device_is_found_by_what_it_calls_itself_in_its_protocol(void **state)
{
	struct vault *v = open_vault();
	struct device d = some_device(0, "3900000001"), same_name = some_device(1, "3900000001"),
		      read;

	in_transaction(v, device_insert(v, &d));
	in_transaction(v, device_insert(v, &same_name));
	assert_int_equal(device_by_ident(v, 0, STR("3900000001"), &read), 0);
	assert_devices_equal(&read, &d);
	assert_int_equal(device_by_ident(v, 1, STR("3900000001"), &read), 0);
	assert_devices_equal(&read, &same_name);
	assert_int_equal(device_load(v, d.id, &read), 0);
	assert_devices_equal(&read, &d);
	assert_int_equal(device_by_ident(v, 2, STR("3900000001"), &read), -ENOENT);
	assert_int_equal(device_by_ident(v, 0, STR("390000000"), &read), -ENOENT);
	same_name.protocol = 0;
	assert_int_equal(device_update(v, &same_name), -EEXIST);
	close_vault(v);
}

static void test_a_stale_change_of_a_device_is_refused(void **state)
{
	struct vault *v = open_vault();
	struct device d = some_device(0, "1"), stale = d, read;

	in_transaction(v, device_insert(v, &d));
	d.enabled = false;
	d.unit = new_id();
	in_transaction(v, device_update(v, &d));
	assert_int_equal(device_update(v, &stale), -ESTALE);
	assert_int_equal(device_load(v, d.id, &read), 0);
	assert_devices_equal(&read, &d);
	close_vault(v);
}

static void test_only_its_own_secret_opens_a_device(void **state)
{
	struct vault *v = open_vault();
	struct device d = some_device(1, "1"), read;

	in_transaction(v, device_insert(v, &d));
	assert_int_equal(device_check_secret(v, d.id, STR("")), -EACCES);
	assert_int_equal(device_check_secret(v, d.id, STR("secret")), -EACCES);
	in_transaction(v, device_set_secret(v, d.id, STR("secret")));
	assert_int_equal(device_check_secret(v, d.id, STR("secret")), 0);
	assert_int_equal(device_check_secret(v, d.id, STR("Secret")), -EACCES);
	assert_int_equal(device_load(v, d.id, &read), 0);
	assert_true(read.has_secret);
	in_transaction(v, device_update(v, &d));
	assert_int_equal(device_check_secret(v, d.id, STR("secret")), 0);
	in_transaction(v, device_set_secret(v, d.id, STR("")));
	assert_int_equal(device_check_secret(v, d.id, STR("secret")), -EACCES);
	assert_int_equal(device_check_secret(v, new_id(), STR("secret")), -ENOENT);
	assert_int_equal(device_set_secret(v, new_id(), STR("secret")), -ENOENT);
	close_vault(v);
}

static int count_device(void *context, const struct device *device)
{
	++*(int *)context;
	return 0;
}

static void test_devices_are_listed_all_or_of_one_official(void **state)
{
	struct vault *v = open_vault();
	struct device a = some_device(0, "1"), b = some_device(0, "2");
	int all = 0, one = 0, page = 0;

	in_transaction(v, device_insert(v, &a));
	in_transaction(v, device_insert(v, &b));
	assert_int_equal(devices_each(v, ID_NONE, 10, count_device, &all), 0);
	assert_int_equal(devices_each(v, ID_NONE, 1, count_device, &page), 0);
	assert_int_equal(devices_of(v, a.official, count_device, &one), 0);
	assert_int_equal(all, 2);
	assert_int_equal(page, 1);
	assert_int_equal(one, 1);
	in_transaction(v, device_delete(v, a.id));
	assert_int_equal(device_load(v, a.id, &a), -ENOENT);
	close_vault(v);
}

static struct device_last heard(int64_t at_ms)
{
	return (struct device_last){.heard_at_ms = at_ms,
				    .battery_percent = 55,
				    .signal_percent = 80,
				    .has_fix = true,
				    .fix = {.lat_e7 = 465802000,
					    .lon_e7 = -3404000,
					    .at_ms = at_ms - 5,
					    .received_at_ms = at_ms,
					    .accuracy_m = 12.5F,
					    .speed_kmh = -1,
					    .course_deg = 359.5F,
					    .altitude_m = NAN,
					    .approximate = true}};
}

static void test_what_a_device_does_not_say_leaves_what_was_known(void **state)
{
	struct vault *v = open_vault();
	struct id device = new_id();
	struct device_last full = heard(TEST_NOW_MS), read;
	struct device_last beat = {
		.heard_at_ms = TEST_NOW_MS + 9, .battery_percent = -1, .signal_percent = -1};

	assert_int_equal(device_last_load(v, device, &read), -ENOENT);
	in_transaction(v, device_last_save(v, device, &full));
	in_transaction(v, device_last_save(v, device, &beat));
	assert_int_equal(device_last_load(v, device, &read), 0);
	assert_int_equal(read.heard_at_ms, TEST_NOW_MS + 9);
	assert_int_equal(read.battery_percent, 55);
	assert_int_equal(read.signal_percent, 80);
	assert_true(read.has_fix && read.fix.approximate);
	assert_int_equal(read.fix.lat_e7, 465802000);
	assert_int_equal(read.fix.lon_e7, -3404000);
	assert_int_equal(read.fix.at_ms, TEST_NOW_MS - 5);
	assert_int_equal(read.fix.received_at_ms, TEST_NOW_MS);
	assert_true(read.fix.accuracy_m == 12.5F && read.fix.speed_kmh == -1 &&
		    read.fix.course_deg == 359.5F);
	assert_true(isnan(read.fix.altitude_m));
	close_vault(v);
}

static void
test_the_last_calls_of_a_device_are_kept_and_what_it_says_later_leaves_them(void **state)
{
	struct vault *v = open_vault();
	struct id device = new_id(), alert = new_id();
	struct device_last last = heard(TEST_NOW_MS);
	struct call call = {TIME_NONE, 5, TEST_NOW_MS, alert}, later;
	struct calls calls;

	assert_int_equal(calls_load(v, device, &calls), 0);
	assert_int_equal(calls.count, 0);
	in_transaction(v, device_last_save(v, device, &last));
	for (int i = 0; i < CALLS_KEPT + 1; i++) {
		in_transaction(v, calls_add(v, device, &calls, &call));
		call.device_at_ms = TEST_NOW_MS - 7 + i;
		call.heard_at_ms++;
	}
	in_transaction(v, device_last_save(v, device, &last));
	assert_int_equal(calls_load(v, device, &calls), 0);
	assert_int_equal(calls.count, CALLS_KEPT);
	later = calls.list[0];
	assert_true(later.device_at_ms == TEST_NOW_MS && id_eq(later.alert, alert));
	assert_ptr_equal(calls_find(&calls, &later, TEST_NOW_MS + 8), &calls.list[0]);
	assert_null(calls_find(&calls, &later, TEST_NOW_MS + 9));
	later.reasons++;
	assert_null(calls_find(&calls, &later, 0));
	later = (struct call){.device_at_ms = TIME_NONE, .reasons = 5};
	assert_null(calls_find(&calls, &later, 0)); /* the oldest gave way */
	in_transaction(v, db_execute(vault_db(v), "UPDATE device_last SET calls = fix"));
	assert_int_equal(calls_load(v, device, &calls), 0);
	close_vault(v);
}

static void test_an_old_last_position_is_forgotten(void **state)
{
	struct vault *v = open_vault();
	struct id old = new_id(), recent = new_id();
	struct device_last then = heard(TEST_NOW_MS), now = heard(TEST_NOW_MS + 1), read;

	in_transaction(v, device_last_save(v, old, &then));
	in_transaction(v, device_last_save(v, recent, &now));
	in_transaction(v, device_fixes_forget(v, TEST_NOW_MS + 1));
	assert_int_equal(device_last_load(v, old, &read), 0);
	assert_false(read.has_fix);
	assert_int_equal(read.battery_percent, 55);
	assert_int_equal(device_last_load(v, recent, &read), 0);
	assert_true(read.has_fix);
	close_vault(v);
}

static void test_a_position_at_rest_has_one_form_only(void **state)
{
	struct stored_fix fix = heard(TEST_NOW_MS).fix, read;
	uint8_t flat[FIX_SIZE];

	fix.at_ms = TIME_NONE;
	fix_encode(&fix, flat);
	assert_int_equal(fix_decode(str_of(flat, FIX_SIZE), &read), 0);
	assert_true(read.at_ms == TIME_NONE);
	for (size_t len = 0; len < FIX_SIZE; len++)
		assert_int_equal(fix_decode(str_of(flat, len), &read), -EBADMSG);
	flat[0] = 2;
	assert_int_equal(fix_decode(str_of(flat, FIX_SIZE), &read), -EBADMSG);
}

/* ---- what a thief of the disk reads ---- */

static void test_nothing_personal_is_in_clear_in_the_files(void **state)
{
	static const char *const secrets[] = {
		"Synthèse",        "Canari",    "portail",    "chien",     "Maire",
		"Commune d'Essai", "86999",     "600000011",  "549000011", "692000011",
		"voisine",         "600000021", "3900000001", "Montre",    "+33",
	};
	struct vault *v = open_vault();
	struct official o = some_official();
	struct contact c = some_contact(o.id, 1, STR("+33600000021"));
	struct account account = some_account("connexion-en-clair");
	struct device d = some_device(0, "3900000001");
	struct unit unit = some_unit("Salle en clair", UNIT_ROOM);
	struct device_last last = heard(TEST_NOW_MS);

	snprintf(unit.phone, sizeof(unit.phone), "+33549000001");
	snprintf(unit.duty_phone, sizeof(unit.duty_phone), "+33600000001");
	in_transaction(v, unit_insert(v, &unit));
	in_transaction(v, account_insert(v, &account));
	in_transaction(v, official_insert(v, &o));
	in_transaction(v, contact_insert(v, &c));
	in_transaction(v, device_insert(v, &d));
	in_transaction(v, device_last_save(v, d.id, &last));
	in_transaction(v, append_about(v, o.id, o.id, STR("{\"name\":\"Élue de Synthèse\"}")));
	/* The method sees what is in clear: a login, a unit's name. */
	assert_true(database_files_hold("connexion-en-clair"));
	assert_true(database_files_hold("Salle en clair"));
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
		if (database_files_hold(secrets[i]))
			fail_msg("in clear: %s", secrets[i]);
	close_vault(v);
}

/* ---- after a restoration ---- */

static int64_t epoch_of(struct vault *v)
{
	int64_t epoch, number;

	assert_int_equal(journal_head(v, &epoch, &number, NULL), 0);
	return epoch;
}

static void test_a_new_epoch_is_its_time_and_never_one_that_was(void **state)
{
	struct vault *v = open_vault();

	assert_int_equal(epoch_of(v), 1);
	in_transaction(v, journal_new_epoch(v, TEST_NOW_MS));
	assert_int_equal(epoch_of(v), TEST_NOW_MS);
	in_transaction(v, journal_new_epoch(v, TEST_NOW_MS - 5000));
	assert_int_equal(epoch_of(v), TEST_NOW_MS + 1);
	close_vault(v);
}

static void test_all_sessions_and_all_links_end_at_once(void **state)
{
	struct link link = {LINK_FOLLOW, new_id(), new_id(), TEST_NOW_MS, TIME_NONE};
	uint8_t token[TOKEN_HASH_SIZE];
	struct vault *v = open_vault();
	int64_t sessions, links;

	token_hash(STR("jeton"), token);
	in_transaction(v, session_insert(v, token, new_id(), TEST_NOW_MS, TEST_NOW_MS + 1));
	in_transaction(v, link_insert(v, STR("un"), &link));
	in_transaction(v, link_insert(v, STR("deux"), &link));
	in_transaction(v, sessions_delete_all(v, &sessions));
	assert_int_equal(sessions, 1);
	in_transaction(v, links_end_all(v, TEST_NOW_MS + 3, &links));
	assert_int_equal(links, 2);
	assert_int_equal(link_load(v, STR("un"), &link), 0);
	assert_int_equal(link.revoked_at_ms, TEST_NOW_MS + 3);
	in_transaction(v, links_end_all(v, TEST_NOW_MS + 9, &links));
	assert_int_equal(links, 0);
	close_vault(v);
}

static void test_links_lie_in_the_order_of_time_and_old_ones_are_found(void **state)
{
	struct link link = {LINK_FOLLOW, new_id(), new_id(), TEST_NOW_MS, TIME_NONE}, found;
	char first[LINK_TOKEN_SIZE], later[LINK_TOKEN_SIZE];
	struct vault *v = open_vault();

	link_token_new(TEST_NOW_MS, first);
	link_token_new(TEST_NOW_MS + 64, later);
	assert_int_equal(strlen(first), LINK_TOKEN_SIZE - 1);
	assert_true(memcmp(first, later, LINK_TIME_LEN) < 0);
	in_transaction(v, link_insert(v, str_from(later), &link));
	in_transaction(v, link_insert(v, STR("AAAAAAAAAAAAAAAAAAAAAA"), &link));
	assert_int_equal(link_load(v, str_from(later), &found), 0);
	assert_true(id_eq(found.alert, link.alert));
	assert_int_equal(link_load(v, STR("AAAAAAAAAAAAAAAAAAAAAA"), &found), 0);
	assert_int_equal(link_load(v, str_from(first), &found), -ENOENT);
	memcpy(first, later, LINK_TIME_LEN); /* the moment alone opens nothing */
	assert_int_equal(link_load(v, str_from(first), &found), -ENOENT);
	assert_int_equal(link_load(v, STR(""), &found), -ENOENT);
	close_vault(v);
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_BOTH, test_a_unit_is_read_back_as_it_was_written),
		on(ON_BOTH, test_a_unit_without_place_or_telephone_says_so),
		on(ON_BOTH, test_a_unit_that_is_not_there_is_not_found),
		on(ON_BOTH, test_a_stale_change_of_a_unit_is_refused),
		on(ON_BOTH, test_two_units_never_have_one_name),
		on(ON_BOTH, test_units_come_by_name_until_the_reader_stops),
		on(ON_BOTH, test_a_unit_that_something_names_is_not_deleted),
		on(ON_BOTH, test_an_account_is_found_by_id_and_by_login),
		on(ON_BOTH, test_an_account_changes_once_a_version),
		on(ON_BOTH, test_accounts_are_listed_page_by_page),
		on(ON_BOTH, test_a_session_lasts_until_it_expires),
		on(ON_BOTH, test_a_disabled_account_has_no_session),
		on(ON_BOTH, test_sessions_end_one_by_one_or_all_together),
		on(ON_BOTH, test_an_official_is_read_back_as_written),
		on(ON_BOTH, test_places_of_before_they_had_kinds_are_all_read),
		on(ON_BOTH, test_an_official_is_found_by_each_of_their_numbers),
		on(ON_BOTH, test_a_number_two_officials_share_names_both),
		on(ON_BOTH, test_a_purged_dossier_is_gone_and_the_journal_still_verifies),
		on(ON_BOTH, test_a_key_goes_with_its_row_and_with_no_other),
		on(ON_BOTH, test_officials_are_listed_after_an_id),
		on(ON_BOTH, test_contacts_come_by_rank),
		on(ON_BOTH, test_a_contact_accepts_once_and_is_found_by_number_for_every_official),
		on(ON_BOTH, test_a_contact_needs_an_official_and_the_seventh_is_refused),
		on(ON_BOTH, test_a_device_is_found_by_what_it_calls_itself_in_its_protocol),
		on(ON_BOTH, test_a_stale_change_of_a_device_is_refused),
		on(ON_BOTH, test_only_its_own_secret_opens_a_device),
		on(ON_BOTH, test_devices_are_listed_all_or_of_one_official),
		on(ON_BOTH, test_what_a_device_does_not_say_leaves_what_was_known),
		on(ON_BOTH,
		   test_the_last_calls_of_a_device_are_kept_and_what_it_says_later_leaves_them),
		on(ON_BOTH, test_an_old_last_position_is_forgotten),
		on(ON_BOTH, test_a_new_epoch_is_its_time_and_never_one_that_was),
		on(ON_BOTH, test_all_sessions_and_all_links_end_at_once),
		on(ON_BOTH, test_links_lie_in_the_order_of_time_and_old_ones_are_found),
		on(ON_SQLITE, test_a_position_at_rest_has_one_form_only),
		on(ON_SQLITE, test_nothing_personal_is_in_clear_in_the_files),
	};

	return run_on_databases("registry", tests, ARRAY_LEN(tests), db_migrate);
}
