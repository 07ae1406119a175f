/* Commands, the table of problems, sessions, and the lines of the control socket. */
#include <errno.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "core/entry.h"
#include "crypto/random.h"
#include "office.h"
#include "service/control.h"
#include "service/directory.h"
#include "service/problem.h"
#include "store/accounts.h"
#include "store/journal.h"

#define HASH "$argon2id$v=19$m=8192,t=1,p=1$c2VsZGVzZWw$aGFjaGFnZQ"

/* ---- commands and problems ---- */

static void test_a_command_keeps_its_own_copies(void **state)
{
	struct command *c = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_CONTROL});
	char text[] = "unit.add";

	c->name = command_keep(c, str_from(text));
	memset(text, 'x', sizeof(text));
	assert_str_equal(c->name, "unit.add");
	assert_null(command_keep(c, STR_NONE).ptr);
	command_invalid(c, "name", "trop long");
	assert_int_equal(c->outcome.problem, PROBLEM_INVALID);
	assert_str_equal(c->outcome.field, "name");
	assert_str_equal(c->outcome.detail, "trop long");
	c->token = command_keep(c, STR("secret"));
	command_free(c);
	command_free(NULL);
}

static void test_protocol_names_read_back(void **state)
{
	enum protocol read;

	for (int i = 0; i < PROTOCOL_COUNT; i++) {
		assert_int_equal(protocol_parse(str_from(protocol_name((enum protocol)i)), &read),
				 0);
		assert_int_equal(read, i);
	}
	assert_int_equal(protocol_parse(STR(""), &read), -EINVAL);
	assert_int_equal(protocol_parse(STR("Watch"), &read), -EINVAL);
	assert_string_equal(protocol_name(PROTOCOL_CALL + 1), "");
}

static void test_every_problem_has_a_name_a_status_and_a_title(void **state)
{
	for (int i = PROBLEM_INVALID; i < PROBLEM_COUNT; i++) {
		const struct problem_row *row = problem_row((enum problem)i);

		assert_true(row->status >= 400 && row->status < 600);
		assert_true(*row->name && *row->title);
		for (int j = PROBLEM_INVALID; j < i; j++)
			assert_string_not_equal(row->name, problem_row((enum problem)j)->name);
	}
	assert_int_equal(problem_row(PROBLEM_COUNT)->status, 503);
}

static void test_every_refusal_is_a_problem_with_a_sentence(void **state)
{
	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
		assert_int_not_equal(refusal_problem((enum refusal)i), PROBLEM_NONE);
		assert_true(strlen(refusal_text((enum refusal)i)) > 10);
	}
	assert_int_equal(refusal_problem(REFUSAL_NONE), PROBLEM_NONE);
	assert_int_equal(refusal_problem(REFUSAL_REASON_NEEDED), PROBLEM_REASON_NEEDED);
}

static void test_what_storage_cannot_do_now_is_unavailable(void **state)
{
	assert_int_equal(error_problem(0), PROBLEM_NONE);
	assert_int_equal(error_problem(-ENOENT), PROBLEM_NOT_FOUND);
	assert_int_equal(error_problem(-ESTALE), PROBLEM_CONFLICT);
	assert_int_equal(error_problem(-EEXIST), PROBLEM_CONFLICT);
	assert_int_equal(error_problem(-ENOSPC), PROBLEM_UNAVAILABLE);
	assert_int_equal(error_problem(-EIO), PROBLEM_UNAVAILABLE);
	assert_int_equal(error_problem(-EPIPE), PROBLEM_UNAVAILABLE);
}

/* ---- sessions ---- */

static struct id make_account(void)
{
	return office_id(office_control(
		"account.add", "{\"login\":\"audit\",\"name\":\"Auditrice\",\"roles\":\"auditor\","
			       "\"password_hash\":\"" HASH "\"}"));
}

static struct command *session(enum verb verb, struct id account, const char *token)
{
	struct command *c = command_new(verb, (struct actor){.kind = ACTOR_ACCOUNT, .id = account});

	c->subject = account;
	c->token = command_keep(c, str_from(token));
	return office_run(c);
}

static int whose(const char *token, int64_t now_ms)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	struct account account;

	token_hash(str_from(token), hash);
	return session_account(office_vault(), hash, now_ms, &account);
}

static int keep_kind(void *context, const struct entry *entry)
{
	*(struct entry *)context = *entry;
	return 0;
}

static void assert_last_entry(enum entry_kind kind, struct id subject)
{
	struct entry last = {.number = 0};

	assert_int_equal(journal_after(office_vault(), office_journal() - 1, 1, keep_kind, &last),
			 0);
	assert_int_equal(last.kind, kind);
	assert_true(id_eq(last.subject, subject));
}

static void test_a_session_opens_lasts_its_hours_and_closes(void **state)
{
	struct id account;

	office_open();
	account = make_account();
	assert_int_equal(session(VERB_SESSION_OPEN, account, "jeton")->outcome.problem,
			 PROBLEM_NONE);
	assert_last_entry(ENTRY_LOGIN, account);
	assert_int_equal(whose("jeton", TEST_NOW_MS + 12 * 3600 * 1000 - 1), 0);
	assert_int_equal(whose("jeton", TEST_NOW_MS + 12 * 3600 * 1000), -ENOENT);
	assert_int_equal(session(VERB_SESSION_CLOSE, account, "jeton")->outcome.problem,
			 PROBLEM_NONE);
	assert_last_entry(ENTRY_LOGOUT, account);
	assert_int_equal(whose("jeton", TEST_NOW_MS), -ENOENT);
	assert_int_equal(session(VERB_SESSION_CLOSE, account, "jeton")->outcome.problem,
			 PROBLEM_SESSION_NEEDED);
	office_close();
}

static void test_logging_out_everywhere_ends_every_session_of_the_account(void **state)
{
	struct id account;

	office_open();
	account = make_account();
	session(VERB_SESSION_OPEN, account, "un");
	session(VERB_SESSION_OPEN, account, "deux");
	assert_int_equal(session(VERB_SESSION_CLOSE, account, "")->outcome.problem, PROBLEM_NONE);
	assert_last_entry(ENTRY_LOGOUT, account);
	assert_int_equal(whose("un", TEST_NOW_MS), -ENOENT);
	assert_int_equal(whose("deux", TEST_NOW_MS), -ENOENT);
	office_close();
}

static void test_a_closed_or_unknown_account_opens_no_session(void **state)
{
	struct id account;
	int64_t before;

	office_open();
	account = make_account();
	office_control("account.disable", "{\"account\":\"audit\"}");
	before = office_journal();
	assert_int_equal(session(VERB_SESSION_OPEN, account, "jeton")->outcome.problem,
			 PROBLEM_LOGIN_REFUSED);
	assert_int_equal(session(VERB_SESSION_OPEN, new_id(), "jeton")->outcome.problem,
			 PROBLEM_LOGIN_REFUSED);
	assert_int_equal(office_journal(), before);
	office_close();
}

static void test_a_refused_login_and_a_reading_are_lines_of_the_audit(void **state)
{
	struct command *c = command_new(VERB_SESSION_REFUSED, (struct actor){.kind = ACTOR_SYSTEM});
	struct id subject = new_id();

	office_open();
	c->name = command_keep(c, STR("intrus"));
	assert_int_equal(office_run(c)->outcome.problem, PROBLEM_NONE);
	assert_last_entry(ENTRY_LOGIN_REFUSED, ID_NONE);
	c = command_new(VERB_READ, (struct actor){.kind = ACTOR_ACCOUNT, .id = new_id()});
	c->subject = subject;
	c->name = command_keep(c, STR("alert"));
	assert_int_equal(office_run(c)->outcome.problem, PROBLEM_NONE);
	assert_last_entry(ENTRY_READ, subject);
	office_close();
}

/* ---- the directory ---- */

static void test_the_directory_keeps_its_places_when_names_change(void **state)
{
	struct directory *d;
	const struct unit *unit;
	struct id room, account;

	office_open();
	room = office_room();
	account = make_account();
	assert_int_equal(directory_load(office_vault(), &d), 0);
	unit = directory_unit(d, room);
	assert_str_equal(directory_unit_name(d, room), "Salle");
	assert_str_equal(directory_account_name(d, account), "Auditrice");
	assert_str_equal(directory_unit_name(d, account), "");
	assert_str_equal(directory_account_name(d, ID_NONE), "");

	office_control("unit.set", "{\"unit\":\"Salle\",\"name\":\"Grande salle\"}");
	assert_int_equal(directory_refresh_unit(d, office_vault(), room), 0);
	assert_ptr_equal(directory_unit(d, room), unit);
	assert_str_equal(directory_unit_name(d, room), "Grande salle");

	office_control("unit.remove", "{\"unit\":\"Grande salle\"}");
	assert_int_equal(directory_refresh_unit(d, office_vault(), room), 0);
	assert_null(directory_unit(d, room));
	directory_free(d);
	office_close();
}

static void test_a_reloaded_directory_forgets_what_is_gone(void **state)
{
	struct directory *d;
	struct id room, second;

	office_open();
	room = office_room();
	assert_int_equal(directory_load(office_vault(), &d), 0);
	office_control("unit.remove", "{\"unit\":\"Salle\"}");
	second = office_room();
	assert_int_equal(directory_reload(d, office_vault()), 0);
	assert_null(directory_unit(d, room));
	assert_non_null(directory_unit(d, second));
	directory_free(d);
	office_close();
}

/* ---- lines of the control socket ---- */

static void test_a_request_gives_up_its_password(void **state)
{
	struct arena arena = ARENA_INIT;
	struct control_request r;
	const char *why;

	assert_int_equal(
		control_parse(
			&arena,
			STR("{\"command\":\"account.password\",\"arguments\":{\"account\":\"op1\","
			    "\"password\":\"un mot de passe\"}}"),
			&r, &why),
		0);
	assert_str_equal(r.name, "account.password");
	assert_str_equal(r.password, "un mot de passe");
	assert_str_equal(r.arguments, "{\"account\":\"op1\"}");
	assert_str_equal(control_with_hash(&arena, &r, STR(HASH)),
			 "{\"password_hash\":\"" HASH "\",\"account\":\"op1\"}");
	arena_fini(&arena);
}

static void test_a_request_may_have_no_argument(void **state)
{
	struct arena arena = ARENA_INIT;
	struct control_request r;
	const char *why;

	assert_int_equal(control_parse(&arena, STR("{\"command\":\"unit.list\"}"), &r, &why), 0);
	assert_str_equal(r.arguments, "{}");
	assert_null(r.password.ptr);
	assert_str_equal(control_with_hash(&arena, &r, STR("x")), "{\"password_hash\":\"x\"}");
	arena_fini(&arena);
}

static void test_a_bad_request_is_told_why(void **state)
{
	static const char *const bad_lines[] = {
		"",
		"x",
		"[]",
		"{}",
		"{\"command\":7}",
		"{\"command\":\"a\",\"more\":1}",
		"{\"command\":\"a\",\"arguments\":[]}",
		"{\"command\":\"a\",\"arguments\":{},\"more\":1}",
		"{\"command\":\"a\",\"command\":\"b\"}",
		"{\"command\":\"\xff\"}",
		"{\"command\":\"a\",\"arguments\":{\"password\":7}}",
		"{\"command\":\"a\",\"arguments\":{\"password\":\"court\"}}",
		"{\"command\":\"a\",\"arguments\":{\"password_hash\":\"$argon2id$\"}}",
		"{\"command\":\"a\"} {\"command\":\"b\"}",
	};
	struct arena arena = ARENA_INIT;
	struct control_request r;

	for (size_t i = 0; i < ARRAY_LEN(bad_lines); i++) {
		const char *why = NULL;

		assert_int_equal(control_parse(&arena, str_from(bad_lines[i]), &r, &why), -EINVAL);
		assert_true(why && strlen(why) > 10);
	}
	arena_fini(&arena);
}

static void test_an_answer_is_one_line(void **state)
{
	struct outcome done = {.json = STR("{\"id\":1}")}, empty = {.problem = PROBLEM_NONE};
	struct outcome refused = {.problem = PROBLEM_INVALID,
				  .detail = STR("« phone » :\nnon"),
				  .field = STR("phone")};
	struct buf out = BUF_INIT;

	control_answer(&done, &out);
	control_answer(&empty, &out);
	assert_string_equal(buf_cstr(&out), "{\"result\":{\"id\":1}}\n{\"result\":{}}\n");
	buf_reset(&out);
	control_answer(&refused, &out);
	assert_string_equal(buf_cstr(&out),
			    "{\"problem\":\"invalid\",\"title\":\"Demande incorrecte\",\"detail\":"
			    "\"« phone » :\\u000anon\",\"field\":\"phone\"}\n");
	buf_fini(&out);
}

/* --- turns */

static struct command *false_call(void)
{
	struct command *c = command_new(VERB_REPORT, (struct actor){.kind = ACTOR_DEVICE});

	c->as.report = (struct device_report){
		.protocol = PROTOCOL_WATCH, .malformed = true, .call_for_help = true};
	return c;
}

static void test_a_flood_of_calls_leaves_the_others_their_turns(void **state)
{
	enum { CALLS = 1000 };
	struct command *list[CALLS + 2];
	int before_reading = 0, before_refusal = 0;

	office_open();
	for (int i = 0; i < CALLS; i++)
		list[i] = false_call();
	list[CALLS] = command_new(VERB_READ, (struct actor){.kind = ACTOR_CONTROL});
	list[CALLS + 1] = command_new(VERB_SESSION_REFUSED, (struct actor){.kind = ACTOR_SYSTEM});
	list[CALLS + 1]->name = STR("inconnu");
	office_run_together(list, CALLS + 2);
	for (int i = 0; i < CALLS; i++) {
		before_reading += list[i]->done_us < list[CALLS]->done_us;
		before_refusal += list[i]->done_us < list[CALLS + 1]->done_us;
	}
	/* Hands of people wait for seven calls, what nobody waits for for fifteen; and one group.
	 */
	assert_true(before_reading <= 7 + LIMIT_COMMIT_GROUP);
	assert_true(before_refusal <= 15 + LIMIT_COMMIT_GROUP);
	office_close();
}

static void test_the_addresses_of_one_subscriber_share_one_allowance(void **state)
{
	struct command *last = NULL;

	office_open();
	for (int i = 0; i < 61; i++) {
		last = false_call();
		last->as.report.source[0] = 0x20;
		last->as.report.source[15] = (uint8_t)i;
		office_run(last);
	}
	assert_int_equal(last->outcome.problem, PROBLEM_TOO_MANY);
	/* The neighbour's is their own. */
	last = false_call();
	last->as.report.source[0] = 0x20;
	last->as.report.source[7] = 1;
	assert_int_equal(office_run(last)->outcome.problem, PROBLEM_NONE);
	office_close();
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_SQLITE, test_a_command_keeps_its_own_copies),
		on(ON_SQLITE, test_protocol_names_read_back),
		on(ON_SQLITE, test_every_problem_has_a_name_a_status_and_a_title),
		on(ON_SQLITE, test_every_refusal_is_a_problem_with_a_sentence),
		on(ON_SQLITE, test_what_storage_cannot_do_now_is_unavailable),
		on(ON_BOTH, test_a_session_opens_lasts_its_hours_and_closes),
		on(ON_BOTH, test_logging_out_everywhere_ends_every_session_of_the_account),
		on(ON_BOTH, test_a_closed_or_unknown_account_opens_no_session),
		on(ON_BOTH, test_a_refused_login_and_a_reading_are_lines_of_the_audit),
		on(ON_SQLITE, test_the_directory_keeps_its_places_when_names_change),
		on(ON_SQLITE, test_a_reloaded_directory_forgets_what_is_gone),
		on(ON_SQLITE, test_a_request_gives_up_its_password),
		on(ON_SQLITE, test_a_request_may_have_no_argument),
		on(ON_SQLITE, test_a_bad_request_is_told_why),
		on(ON_SQLITE, test_an_answer_is_one_line),
		on(ON_SQLITE, test_a_flood_of_calls_leaves_the_others_their_turns),
		on(ON_SQLITE, test_the_addresses_of_one_subscriber_share_one_allowance),
	};

	return run_on_databases("command", tests, ARRAY_LEN(tests), db_migrate);
}
