/* The second factor: the vectors of the RFCs, and what a login makes of a code. */
#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "core/access.h"
#include "crypto/otp.h"
#include "databases.h"
#include "office.h"
#include "store/accounts.h"
#include "store/journal.h"
#include "store/second_factor.h"

#define HASH "$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$ZW1wcmVpbnRl"
#define RFC_SECRET STR("12345678901234567890")

/* RFC 4226, appendix D. */
static void test_hotp_gives_the_ten_values_of_rfc_4226(void **state)
{
	static const uint32_t wanted[] = {755224, 287082, 359152, 969429, 338314,
					  254676, 287922, 162583, 399871, 520489};

	for (uint64_t i = 0; i < ARRAY_LEN(wanted); i++) {
		uint32_t code;

		assert_int_equal(hotp(RFC_SECRET, i, 6, &code), 0);
		assert_int_equal(code, wanted[i]);
	}
}

/* RFC 6238, appendix B: its rows for SHA-1, eight digits. */
static void test_totp_gives_the_values_of_rfc_6238(void **state)
{
	static const struct {
		int64_t at_s;
		uint32_t code;
	} rows[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
		    {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t step = (uint64_t)totp_step(rows[i].at_s * 1000);
		uint32_t code;

		assert_int_equal(hotp(RFC_SECRET, step, 8, &code), 0);
		assert_int_equal(code, rows[i].code);
	}
}

static struct str code_at(struct str secret, int64_t step, char out[7])
{
	uint32_t code;

	assert_int_equal(hotp(secret, (uint64_t)step, 6, &code), 0);
	snprintf(out, 7, "%06u", code);
	return str_from(out);
}

static void test_a_code_counts_one_step_early_and_one_late_and_once(void **state)
{
	int64_t now_ms = 1111111111000, now = totp_step(now_ms), step;
	char text[7];

	for (int64_t off = -3; off <= 3; off++) {
		struct str code = code_at(RFC_SECRET, now + off, text);
		bool near = off >= -1 && off <= 1;

		assert_int_equal(totp_check(RFC_SECRET, code, now_ms, 0, &step),
				 near ? 0 : -EACCES);
		if (!near)
			continue;
		assert_int_equal(step, now + off);
		assert_int_equal(totp_check(RFC_SECRET, code, now_ms, step, &step), -EACCES);
	}
}

static void test_a_code_is_typed_as_applications_show_it(void **state)
{
	static const char *const typed[] = {"050471", "050 471", " 05 04 71 "};
	int64_t step;

	for (size_t i = 0; i < ARRAY_LEN(typed); i++)
		assert_int_equal(
			totp_check(RFC_SECRET, str_from(typed[i]), 1111111111000, 0, &step), 0);
}

static void test_what_is_no_code_is_refused(void **state)
{
	static const char *const wrong[] = {"",       "0",      "14050",  "0504711", "14O504",
					    "+14050", "-00000", " 50471", "050 71",  "٠٥٠٤٧١"};
	int64_t step;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(
			totp_check(RFC_SECRET, str_from(wrong[i]), 1111111111000, 0, &step),
			-EACCES);
}

/* RFC 4648 §10 has no text of this length: this is the secret of RFC 6238, as every tool shows it.
 */
static void test_a_secret_is_printed_in_base32(void **state)
{
	char text[OTP_SECRET_TEXT_SIZE];

	otp_secret_print((const uint8_t *)RFC_SECRET.ptr, text);
	assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

/* ---- at login ---- */

static struct id account;

static struct command *login(enum verb verb, struct str code)
{
	static int tokens;
	char token[24];
	struct command *c = command_new(verb, (struct actor){.kind = ACTOR_ACCOUNT, .id = account});

	c->subject = account;
	snprintf(token, sizeof(token), "jeton %d", ++tokens);
	c->token = command_keep(c, str_from(token));
	c->as.factor.code = command_keep(c, code);
	return office_run(c);
}

static void assert_login(struct str code, enum problem problem)
{
	assert_int_equal(login(VERB_SESSION_OPEN, code)->outcome.problem, problem);
}

static struct second_factor factor(void)
{
	struct second_factor f;

	assert_int_equal(second_factor_load(office_vault(), account, &f), 0);
	return f;
}

static struct str code_now(const uint8_t secret[OTP_SECRET_SIZE], char out[7])
{
	return code_at(str_of(secret, OTP_SECRET_SIZE), totp_step(office_now_ms), out);
}

/* An account with a second factor; its answer has the recovery codes. */
static struct command *enrolled(void)
{
	struct second_factor f;
	struct command *done;
	char code[7];

	office_open();
	account = office_id(office_control(
		"account.add", "{\"login\":\"audit\",\"name\":\"Auditrice\",\"roles\":\"auditor\","
			       "\"password_hash\":\"" HASH "\"}"));
	assert_int_equal(login(VERB_FACTOR_BEGIN, STR_NONE)->outcome.problem, PROBLEM_NONE);
	f = factor();
	assert_false(f.is_set);
	assert_login(STR_NONE, PROBLEM_NONE);
	done = login(VERB_FACTOR_CONFIRM, code_now(f.pending, code));
	assert_int_equal(done->outcome.problem, PROBLEM_NONE);
	assert_true(factor().is_set);
	/* What confirmed it is spent. */
	assert_login(str_from(code), PROBLEM_CODE_REFUSED);
	office_now_ms += 2 * OTP_STEP_MS;
	return done;
}

static void test_a_login_needs_a_code_that_was_not_used(void **state)
{
	char code[7];

	enrolled();
	assert_login(STR_NONE, PROBLEM_CODE_NEEDED);
	assert_login(STR("000000"), PROBLEM_CODE_REFUSED);
	assert_login(code_now(factor().secret, code), PROBLEM_NONE);
	assert_login(str_from(code), PROBLEM_CODE_REFUSED);
	office_crash();
	assert_login(str_from(code), PROBLEM_CODE_REFUSED);
	office_now_ms += OTP_STEP_MS;
	assert_login(code_now(factor().secret, code), PROBLEM_NONE);
	office_close();
}

static void test_ten_wrong_codes_close_the_way_for_a_quarter_of_an_hour(void **state)
{
	char code[7];

	enrolled();
	for (int i = 0; i < 9; i++) /* one was used twice in enrolled() */
		assert_login(STR("12345"), PROBLEM_CODE_REFUSED);
	assert_login(code_now(factor().secret, code), PROBLEM_TOO_MANY);
	office_now_ms += 15 * 60 * 1000 + 1;
	assert_login(code_now(factor().secret, code), PROBLEM_NONE);
	office_close();
}

/* The first of the answer. */
static struct str recovery_of(const struct command *done)
{
	ptrdiff_t at = str_find(done->outcome.json, '[');

	return str_slice(done->outcome.json, (size_t)at + 2, (size_t)at + 2 + 14);
}

static void test_a_recovery_code_serves_once(void **state)
{
	struct str recovery = recovery_of(enrolled());
	int64_t left;

	assert_login(recovery, PROBLEM_NONE);
	assert_login(recovery, PROBLEM_CODE_REFUSED);
	assert_int_equal(recovery_codes_left(office_vault(), account, &left), 0);
	assert_int_equal(left, 9);
	office_close();
}

/* Who knows the password keeps nobody out of what is theirs. */
static void test_a_recovery_code_opens_what_wrong_codes_closed(void **state)
{
	struct str recovery = recovery_of(enrolled());
	char code[7];

	for (int i = 0; i < 9; i++)
		assert_login(STR("12345"), PROBLEM_CODE_REFUSED);
	assert_login(STR("0000-0000-0000"), PROBLEM_TOO_MANY);
	assert_login(STR_NONE, PROBLEM_CODE_NEEDED);
	assert_login(recovery, PROBLEM_NONE);
	assert_login(code_now(factor().secret, code), PROBLEM_NONE);
	office_close();
}

static void test_another_application_takes_a_code_of_the_first(void **state)
{
	char code[7];

	enrolled();
	assert_int_equal(login(VERB_FACTOR_BEGIN, STR_NONE)->outcome.problem, PROBLEM_CODE_NEEDED);
	assert_int_equal(login(VERB_FACTOR_BEGIN, code_now(factor().secret, code))->outcome.problem,
			 PROBLEM_NONE);
	/* Until it has given a code, the first one stays. */
	office_now_ms += OTP_STEP_MS;
	assert_login(code_now(factor().secret, code), PROBLEM_NONE);
	assert_int_equal(
		login(VERB_FACTOR_CONFIRM, code_now(factor().pending, code))->outcome.problem,
		PROBLEM_NONE);
	office_now_ms += OTP_STEP_MS;
	assert_login(code_now(factor().secret, code), PROBLEM_NONE);
	office_close();
}

static void test_what_was_begun_is_confirmed_within_a_quarter_of_an_hour(void **state)
{
	char code[7];

	enrolled();
	login(VERB_FACTOR_BEGIN, code_now(factor().secret, code));
	office_now_ms += 15 * 60 * 1000 + 1;
	assert_int_equal(
		login(VERB_FACTOR_CONFIRM, code_now(factor().pending, code))->outcome.problem,
		PROBLEM_CONFLICT);
	office_close();
}

static void test_a_role_that_must_have_one_is_let_in_no_more_without(void **state)
{
	struct command *c;

	enrolled();
	c = office_control("account.second-factor", "{\"roles\":\"operator,auditor\"}");
	assert_string_equal(office_answer(c, "second_factor_of"), "operator,auditor");
	c = office_control("account.reset-factor",
			   "{\"account\":\"audit\",\"reason\":\"Téléphone perdu, reconnue par le "
			   "chef de salle\"}");
	assert_int_equal(c->outcome.problem, PROBLEM_NONE);
	assert_false(factor().is_set);
	assert_login(STR_NONE, PROBLEM_FACTOR_MISSING);
	office_control("account.second-factor", "{\"roles\":\"\"}");
	assert_login(STR_NONE, PROBLEM_NONE);
	office_close();
}

static void test_a_secret_put_under_another_account_does_not_open(void **state)
{
	struct second_factor f;
	struct id other;

	enrolled();
	other = office_id(office_control(
		"account.add", "{\"login\":\"autre\",\"name\":\"Autre\",\"roles\":\"auditor\","
			       "\"password_hash\":\"" HASH "\"}"));
	f = factor();
	f.account = other;
	assert_int_equal(second_factor_save(office_vault(), &f), 0);
	assert_int_equal(second_factor_load(office_vault(), other, &f), 0);
	assert_int_equal(db_execute(vault_db(office_vault()),
				    "UPDATE second_factor SET secret = (SELECT MIN(secret) FROM "
				    "second_factor)"),
			 0);
	assert_true(second_factor_load(office_vault(), other, &f) == -EBADMSG ||
		    second_factor_load(office_vault(), account, &f) == -EBADMSG);
	office_close();
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_SQLITE, test_hotp_gives_the_ten_values_of_rfc_4226),
		on(ON_SQLITE, test_totp_gives_the_values_of_rfc_6238),
		on(ON_SQLITE, test_a_code_counts_one_step_early_and_one_late_and_once),
		on(ON_SQLITE, test_a_code_is_typed_as_applications_show_it),
		on(ON_SQLITE, test_what_is_no_code_is_refused),
		on(ON_SQLITE, test_a_secret_is_printed_in_base32),
		on(ON_BOTH, test_a_login_needs_a_code_that_was_not_used),
		on(ON_BOTH, test_ten_wrong_codes_close_the_way_for_a_quarter_of_an_hour),
		on(ON_BOTH, test_a_recovery_code_serves_once),
		on(ON_BOTH, test_a_recovery_code_opens_what_wrong_codes_closed),
		on(ON_SQLITE, test_another_application_takes_a_code_of_the_first),
		on(ON_SQLITE, test_what_was_begun_is_confirmed_within_a_quarter_of_an_hour),
		on(ON_BOTH, test_a_role_that_must_have_one_is_let_in_no_more_without),
		on(ON_SQLITE, test_a_secret_put_under_another_account_does_not_open),
	};

	return run_on_databases("second factor", tests, ARRAY_LEN(tests), db_migrate);
}
