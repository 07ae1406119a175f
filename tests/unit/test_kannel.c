/* api/kannel: Kannel's callbacks become commands, and nothing else does. */
#include "test.h"

#include "api/kannel.h"

#define ID_TEXT "0198c0de-0000-7000-8000-00000000002a"
#define SECRET STR("demonstration-0123456789")
#define OURS "&secret=demonstration-0123456789"

static struct command *made; /* freed by the next call */

static bool receipt(const char *query)
{
	command_free(made);
	made = NULL;
	return kannel_receipt_command(str_from(query), SECRET, &made);
}

static bool inbound(const char *query)
{
	command_free(made);
	made = NULL;
	return kannel_inbound_command(str_from(query), SECRET, &made);
}

static int forget(void **state)
{
	command_free(made);
	made = NULL;
	return 0;
}

static void test_a_receipt_names_its_message_and_its_mask(void **state)
{
	struct id id;

	assert_int_equal(id_parse(STR(ID_TEXT), &id), 0);
	assert_true(receipt("id=" ID_TEXT "&d=8" OURS));
	assert_int_equal(made->verb, VERB_RECEIPT);
	assert_int_equal(made->actor.kind, ACTOR_GATEWAY);
	assert_true(id_eq(made->subject, id));
	assert_int_equal(made->as.message.bits, 8);
	assert_true(receipt("secret=demonstration-0123456789&d=66&smsc=a%20b&id=" ID_TEXT));
	assert_int_equal(made->as.message.bits, 66);
}

static void test_a_receipt_with_a_piece_missing_or_malformed_is_refused(void **state)
{
	static const char *const queries[] = {
		"",
		"id=" ID_TEXT OURS,
		"d=8" OURS,
		"id=" ID_TEXT "&d=" OURS,
		"id=" ID_TEXT "&d=0" OURS,
		"id=" ID_TEXT "&d=128" OURS,
		"id=" ID_TEXT "&d=-1" OURS,
		"id=" ID_TEXT "&d=8x" OURS,
		"id=" ID_TEXT "&d=%d" OURS,
		"id=" ID_TEXT "0&d=8" OURS,
		"id=42&d=8" OURS,
	};

	for (size_t i = 0; i < ARRAY_LEN(queries); i++)
		assert_false(receipt(queries[i]));
}

static void test_without_our_secret_nothing_is_made(void **state)
{
	assert_false(receipt("id=" ID_TEXT "&d=8"));
	assert_false(receipt("id=" ID_TEXT "&d=8&secret="));
	assert_false(receipt("id=" ID_TEXT "&d=8&secret=demonstration-012345678"));
	assert_false(receipt("id=" ID_TEXT "&d=8&secret=demonstration-01234567890"));
	assert_false(receipt("id=" ID_TEXT "&d=8&secret=Demonstration-0123456789"));
	assert_false(inbound("from=%2B33639980001&text=OK&id=1&secret=x"));
	assert_false(inbound("from=%2B33639980001&text=OK&id=1"));
	assert_false(kannel_receipt_command(STR("id=" ID_TEXT "&d=8&secret="), STR_NONE, &made));
}

static void test_an_inbound_sms_has_its_sender_its_text_and_its_key(void **state)
{
	assert_true(inbound(
		"from=%2B33639980001&to=36111&text=OK+j%27arrive+%C3%A9&id=abc-1&ts=1" OURS));
	assert_int_equal(made->verb, VERB_INBOUND);
	assert_str_equal(made->number, "+33639980001");
	assert_str_equal(made->text, "OK j'arrive é");
	assert_str_equal(made->key, "abc-1");
}

static void test_a_sender_is_written_as_the_network_meant_it(void **state)
{
	static const char *const rows[][2] = {
		{"33639980001", "+33639980001"}, {"+33639980001", "+33639980001"},
		{"0639980001", "0639980001"},    {"36111", "36111"},
		{"Operateur", "Operateur"},
	};
	char query[200];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(query, sizeof(query), "from=%s&text=OK&id=1" OURS, rows[i][0]);
		assert_true(inbound(query));
		assert_str_equal(made->number, rows[i][1]);
	}
}

static void test_bytes_that_are_not_text_become_question_marks(void **state)
{
	static const char *const rows[][2] = {
		{"a%FFb", "a?b"},
		{"%C3", "?"},
		{"%C3%28", "?("},
		{"a%00b", "a?b"},
		{"%ED%A0%80", "???"},
		{"%F0%9F%9B%A1", "🛡"},
		{"100%", "100%"},
		{"%4", "%4"},
		{"%zz", "%zz"},
		{"l1%0Al2", "l1\nl2"},
		{"", ""},
	};
	char query[200];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(query, sizeof(query), "from=33639980001&id=1&text=%s" OURS, rows[i][0]);
		assert_true(inbound(query));
		assert_str_equal(made->text, rows[i][1]);
	}
}

static void test_a_long_text_is_cut_between_two_characters(void **state)
{
	char query[8192] = "from=33639980001&id=1" OURS "&text=a";
	size_t len = strlen(query);

	for (int i = 0; i < 1200; i++)
		len += (size_t)snprintf(query + len, sizeof(query) - len, "%%C3%%A9");
	assert_true(inbound(query));
	assert_int_equal(made->text.len, 1999);
	assert_true(str_is_utf8(made->text));
}

static void test_an_inbound_sms_with_a_piece_missing_is_refused(void **state)
{
	static const char *const queries[] = {
		"",
		"from=33639980001&id=1" OURS,
		"from=33639980001&text=OK" OURS,
		"from=33639980001&text=OK&id=" OURS,
		"text=OK&id=1" OURS,
		"from=&text=OK&id=1" OURS,
		"from=123456789012345678901234567890123&text=OK&id=1" OURS,
		"from=33639980001&text=OK"
		"&id=12345678901234567890123456789012345678901234567890123456789012345" OURS,
	};

	for (size_t i = 0; i < ARRAY_LEN(queries); i++)
		assert_false(inbound(queries[i]));
}

static void test_every_truncation_of_a_query_is_taken_or_refused_whole(void **state)
{
	static const char query[] = "secret=demonstration-0123456789&from=%2B33639980001&id=1"
				    "&text=%C3%A9%FF";

	for (size_t len = 0; len < sizeof(query) - 1; len++) {
		char *copy = xmalloc(len ? len : 1); /* exactly as long: a read beyond it is seen */

		memcpy(copy, query, len);
		command_free(made);
		made = NULL;
		if (kannel_inbound_command(str_of(copy, len), SECRET, &made)) {
			assert_str_equal(made->number, "+33639980001");
			assert_true(str_is_utf8(made->text));
		}
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_a_receipt_names_its_message_and_its_mask, forget),
		cmocka_unit_test_teardown(
			test_a_receipt_with_a_piece_missing_or_malformed_is_refused, forget),
		cmocka_unit_test_teardown(test_without_our_secret_nothing_is_made, forget),
		cmocka_unit_test_teardown(test_an_inbound_sms_has_its_sender_its_text_and_its_key,
					  forget),
		cmocka_unit_test_teardown(test_a_sender_is_written_as_the_network_meant_it, forget),
		cmocka_unit_test_teardown(test_bytes_that_are_not_text_become_question_marks,
					  forget),
		cmocka_unit_test_teardown(test_a_long_text_is_cut_between_two_characters, forget),
		cmocka_unit_test_teardown(test_an_inbound_sms_with_a_piece_missing_is_refused,
					  forget),
		cmocka_unit_test_teardown(
			test_every_truncation_of_a_query_is_taken_or_refused_whole, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
