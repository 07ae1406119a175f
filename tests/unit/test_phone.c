/* Telephone numbers as people write them. */
#include "base/phone.h"

#include <errno.h>

#include "test.h"

static const struct {
	const char *written, *e164;
} good[] = {
	{"06 12 34 56 78", "+33612345678"},
	{"0612345678", "+33612345678"},
	{"06.12.34.56.78", "+33612345678"},
	{"06-12-34-56-78", "+33612345678"},
	{"06/12/34/56/78", "+33612345678"},
	{"  06 12 34 56 78\t", "+33612345678"},
	{"06\xC2\xA0"
	 "12\xE2\x80\xAF"
	 "34 56 78",
	 "+33612345678"},
	{"+33612345678", "+33612345678"},
	{"+33 6 12 34 56 78", "+33612345678"},
	{"+33 (0)6 12 34 56 78", "+33612345678"},
	{"0033612345678", "+33612345678"},
	{"00 33 6 12 34 56 78", "+33612345678"},
	{"05 49 00 00 00", "+33549000000"},
	{"07 00 00 00 01", "+33700000001"},
	{"0692 12 34 56", "+262692123456"},
	{"0693123456", "+262693123456"},
	{"0262 12 34 56", "+262262123456"},
	{"0639 12 34 56", "+262639123456"},
	{"06 39 98 00 01", "+33639980001"},
	{"+33639980001", "+33639980001"},
	{"0269 61 00 00", "+262269610000"},
	{"0690 12 34 56", "+590690123456"},
	{"0590 12 34 56", "+590590123456"},
	{"0694 12 34 56", "+594694123456"},
	{"0594 12 34 56", "+594594123456"},
	{"0696 12 34 56", "+596696123456"},
	{"0596 12 34 56", "+596596123456"},
	{"+262 692 12 34 56", "+262692123456"},
	{"+590 690 12 34 56", "+590690123456"},
	{"00 594 694 12 34 56", "+594694123456"},
	{"+33 692 12 34 56", "+262692123456"},
	{"+33 5 96 12 34 56", "+596596123456"},
	{"+687 12 34 56", "+687123456"},
	{"+689 87 12 34 56", "+68987123456"},
	{"+681 72 12 34", "+681721234"},
	{"+508 41 12 34", "+508411234"},
	{"+32 470 12 34 56", "+32470123456"},
	{"+352 621 123 456", "+352621123456"},
	{"+593 99 123 4567", "+593991234567"}, /* Ecuador, not overseas France */
};

static void test_a_number_is_understood_as_people_write_it(void **state)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char out[PHONE_SIZE] = "";

		assert_int_equal(phone_parse(str_from(good[i].written), out), 0);
		assert_string_equal(out, good[i].e164);
	}
}

/* As telephone switches say who calls. */
static const struct {
	const char *said, *e164;
} callers[] = {
	{"0612345678", "+33612345678"},
	{"06 12 34 56 78", "+33612345678"},
	{"612345678", "+33612345678"},
	{"+33612345678", "+33612345678"},
	{"0033612345678", "+33612345678"},
	{"33612345678", "+33612345678"},
	{"tel:+33612345678", "+33612345678"},
	{"tel:+33-6-12-34-56-78", "+33612345678"},
	{"tel:0612345678;phone-context=+33", "+33612345678"},
	{"tel:612345678;phone-context=+33", "+33612345678"},
	{"tel:0549000000;ext=12", "+33549000000"},
	{"TEL:0549000000;isub=1", "+33549000000"},
	{"sip:+33612345678@op.example;user=phone", "+33612345678"},
	{"sip:0612345678@192.0.2.7:5060", "+33612345678"},
	{"sips:0033612345678@op.example", "+33612345678"},
	{"sip:+33612345678;npdi@op.example", "+33612345678"},
	{"\"Mairie\" <sip:+33549000000@op.example>;tag=a1b2", "+33549000000"},
	{"<tel:+33549000000>", "+33549000000"},
	{"05 49 00 00 00 poste 12", "+33549000000"},
	{"05 49 00 00 00 x12", "+33549000000"},
	{"0549000000,12", "+33549000000"},
	{"0549000000#12", "+33549000000"},
	{"0692123456", "+262692123456"},
	{"692123456", "+262692123456"},
	{"262692123456", "+262692123456"},
	{"+262692123456", "+262692123456"},
	{"sip:0696123456@op.example", "+596696123456"},
	{"590690123456", "+590690123456"},
	{"687123456",
	 "+33687123456"}, /* of nine digits: a mobile of France, not of New Caledonia */
	{"+687123456", "+687123456"},
	{"32470123456", "+32470123456"},
};

static void test_every_form_switches_use_meets_the_one_people_write(void **state)
{
	for (size_t i = 0; i < sizeof(callers) / sizeof(callers[0]); i++) {
		char out[PHONE_SIZE] = "";

		if (phone_parse_caller(str_from(callers[i].said), out))
			fail_msg("%s is no number", callers[i].said);
		assert_string_equal(out, callers[i].e164);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char out[PHONE_SIZE] = "";

		assert_int_equal(phone_parse_caller(str_from(good[i].written), out), 0);
		assert_string_equal(out, good[i].e164);
	}
}

static void test_a_caller_without_a_subscriber_s_number_has_none(void **state)
{
	static const char *const none[] = {"",
					   "anonymous",
					   "Anonymous <sip:anonymous@anonymous.invalid>",
					   "sip:restricted@op.example",
					   "tel:",
					   "sip:",
					   "<>",
					   "><",
					   "17",
					   "4012",
					   "sip:4012@pbx.example",
					   "tel:17;phone-context=+33",
					   "3919",
					   "012345678",
					   "1234567890",
					   "+",
					   "tel:+",
					   "06\xC2",
					   "sip:+33612345678901234567890@op.example"};
	char out[PHONE_SIZE] = "as before";

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (!phone_parse_caller(str_from(none[i]), out))
			fail_msg("%s is %s", none[i], out);
	assert_string_equal(out, "as before");
}

static void test_e164_reads_back_as_itself(void **state)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char out[PHONE_SIZE] = "", printed[PHONE_TEXT_SIZE];

		assert_int_equal(phone_parse(str_from(good[i].e164), out), 0);
		assert_string_equal(out, good[i].e164);
		phone_print(str_from(out), printed);
		assert_int_equal(phone_parse(str_from(printed), out), 0);
		assert_string_equal(out, good[i].e164);
	}
}

static void test_what_is_not_surely_a_number_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"+",
		"0",
		"00",
		"17",
		"112",
		"114",
		"3919",
		"612345678",
		"33612345678",
		"06 12 34 56 7",
		"06 12 34 56 789",
		"00 12 34 56 78",
		"+33 06 12 34 56 78",
		"+33 6 12 34 56 7",
		"+33612345678901",
		"+0612345678",
		"+262 692 12 34 5",
		"+687 12 34 5",
		"+689 87 12 34 5",
		"06 12 34 56 7a",
		"tel:0612345678",
		"(0)612345678",
		"06 (0)12 34 56 78",
		"+1 234 56 78",
		"0612345678,0612345679",
		"06_12_34_56_78",
		"+1234567890123456",
		"0612345678\n17",
		"++33612345678",
		"06+12345678",
		"12 34 56",
		"0000000000000000000000000000000000000",
		"\xEF\xBC\x90\xEF\xBC\x96 12 34 56 78",
		"06\xC2",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char out[PHONE_SIZE] = "untouched";

		assert_int_equal(phone_parse(str_from(bad[i]), out), -EINVAL);
		assert_string_equal(out, "untouched");
	}
}

static void test_a_nul_inside_is_refused(void **state)
{
	char out[PHONE_SIZE];

	assert_int_equal(phone_parse(STR("0612345678\0"), out), -EINVAL);
	assert_int_equal(phone_parse(STR("06\0"
					 "12345678"),
				     out),
			 -EINVAL);
}

static void test_numbers_are_printed_as_france_writes_them(void **state)
{
	static const struct {
		const char *e164, *printed;
	} cases[] = {
		{"+33612345678", "06 12 34 56 78"}, {"+262692123456", "0692 12 34 56"},
		{"+590690123456", "0690 12 34 56"}, {"+687123456", "+687123456"},
		{"+32470123456", "+32470123456"},   {"", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[PHONE_TEXT_SIZE];

		phone_print(str_from(cases[i].e164), out);
		assert_string_equal(out, cases[i].printed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_number_is_understood_as_people_write_it),
		cmocka_unit_test(test_every_form_switches_use_meets_the_one_people_write),
		cmocka_unit_test(test_a_caller_without_a_subscriber_s_number_has_none),
		cmocka_unit_test(test_e164_reads_back_as_itself),
		cmocka_unit_test(test_what_is_not_surely_a_number_is_refused),
		cmocka_unit_test(test_a_nul_inside_is_refused),
		cmocka_unit_test(test_numbers_are_printed_as_france_writes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
