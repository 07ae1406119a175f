/* base/gsm7: what an SMS costs is counted as the network counts it. */
#include "test.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/gsm7.h"

static void test_septets_are_counted_as_the_alphabet_says(void **state)
{
	static const struct {
		const char *text;
		ptrdiff_t septets;
	} rows[] = {
		{"", 0},
		{"ALERTE ELU", 10},
		{"@£$¥èéùìòÇ\nØø\rÅå", 16},
		{"ΔΦΓΛΩΠΨΣΘΞÆæßÉ", 14},
		{"!\"#¤%&'()*+,-./0123456789:;<=>?¡", 32},
		{"ÄÖÑÜ§¿äöñüà", 11},
		{"^{}\\[~]|€", 18},
		{"https://egide.example/s/aZ09-_", 30},
		{"ê", -EILSEQ},
		{"ç", -EILSEQ},
		{"`", -EILSEQ},
		{"’", -EILSEQ},
		{"🛡", -EILSEQ},
		{"a\tb", -EILSEQ},
		{"\x7f", -EILSEQ},
		{"\xc3", -EILSEQ},
		{"\xa9", -EILSEQ},
		{"\xff", -EILSEQ},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(gsm7_septets(str_from(rows[i].text)), rows[i].septets);
}

static unsigned parts_of(const char *character, size_t times)
{
	char text[2048];
	size_t len = strlen(character);

	assert_true(times * len < sizeof(text));
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * len, character, len);
	return sms_parts(str_of(text, times * len));
}

static void test_a_text_is_cut_where_the_network_cuts_it(void **state)
{
	assert_int_equal(parts_of("a", 0), 1);
	assert_int_equal(parts_of("a", 160), 1);
	assert_int_equal(parts_of("a", 161), 2);
	assert_int_equal(parts_of("a", 306), 2);
	assert_int_equal(parts_of("a", 307), 3);
	assert_int_equal(parts_of("€", 80), 1);
	assert_int_equal(parts_of("€", 81), 2);
	assert_int_equal(parts_of("ê", 70), 1);
	assert_int_equal(parts_of("ê", 71), 2);
	assert_int_equal(parts_of("ê", 134), 2);
	assert_int_equal(parts_of("ê", 135), 3);
	assert_int_equal(parts_of("🛡", 35), 1);
	assert_int_equal(parts_of("🛡", 36), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_septets_are_counted_as_the_alphabet_says),
		cmocka_unit_test(test_a_text_is_cut_where_the_network_cuts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
