/* service/definitions: a definition that is not exactly what we understand is refused, and says
 * where. */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "service/definitions.h"

#define SHIPPED TEST_DATA "/../definitions/ladder.json"

enum { PATH_SIZE = 32 };

/* A temporary file: the shipped one with its first `from` replaced by `to`. */
static void change(const char *shipped, const char *from, const char *to, char path[PATH_SIZE])
{
	char text[8192], *at;
	FILE *in = fopen(shipped, "r"), *out;

	snprintf(path, PATH_SIZE, "/tmp/egide-ladder.XXXXXX");
	out = fdopen(mkstemp(path), "w");

	assert_non_null(in);
	assert_non_null(out);
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	at = strstr(text, from);
	if (!at)
		fail_msg("« %s » is not in the shipped file", from);
	fprintf(out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	fclose(out);
}

static int load_with(const char *from, const char *to, struct ladder *ret_ladder,
		     char why[DEFINITION_WHY_SIZE])
{
	char path[PATH_SIZE];
	int r;

	change(SHIPPED, from, to, path);
	r = definitions_load_ladder(path, ret_ladder, why);
	unlink(path);
	return r;
}

static void test_the_shipped_ladder_is_the_default_one(void **state)
{
	struct ladder shipped, expected;
	char why[DEFINITION_WHY_SIZE] = "";

	if (definitions_load_ladder(SHIPPED, &shipped, why))
		fail_msg("%s", why);
	ladder_default(&expected);
	assert_memory_equal(&shipped, &expected, sizeof(expected));
}

static void test_what_is_not_understood_is_refused_and_named(void **state)
{
	static const struct {
		const char *from, *to, *said;
	} wrong[] = {
		{"\"version\": 1", "\"version\": 2", "version"},
		{"\"version\": 1,", "", "version"},
		{"\"version\": 1", "\"version\": \"1\"", "version"},
		{"\"duplicate_s\": 60,", "", "duplicate_s"},
		{"\"duplicate_s\": 60", "\"duplicate_s\": 60.5", "duplicate_s"},
		{"\"duplicate_s\": 60", "\"duplicate_s\": 4294967297", "duplicate_s"},
		{"\"duplicate_s\": 60", "\"duplicate_s\": 0", "duplicate_s"},
		{"\"duplicate_s\"", "\"duplicates\"", "duplicates : champ inconnu"},
		{"\"duplicate_s\"", "\"contact_answer_s\"", "ligne"},
		{"\"steps\": [", "\"steps\": [3,", "steps[0]"},
		{"\"name\": \"second\"", "\"name\": \"\"", "steps[2].name"},
		{"\"name\": \"second\"", "\"name\": \"abcdefghijklmnopqrstuvwxyz\"",
		 "steps[2].name"},
		{"\"name\": \"second\"", "\"name\": \"zone\"", "zone"},
		{"\"show\": \"second\"", "\"show\": \"moon\"", "steps[2].show"},
		{"\"unless\": \"acted\"", "\"unless\": null", "steps[4].unless"},
		{"\"unless\": \"acted\"", "\"unless\": \"acted\", \"loud\": true", "steps[4].loud"},
		{"\"message_duty\": true", "\"message_duty\": 1", "steps[0].message_duty"},
		{"\"after_s\": 20", "\"after_s\": 7", "croissants"},
		{"\"after_s\": 20,", "\"after_s\": 20", "ligne 6"},
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct ladder ladder = {.step_count = 77};
		char why[DEFINITION_WHY_SIZE] = "";

		assert_int_equal(load_with(wrong[i].from, wrong[i].to, &ladder, why), -EINVAL);
		if (!strstr(why, wrong[i].said))
			fail_msg("%s: « %s » does not say « %s »", wrong[i].to, why, wrong[i].said);
		assert_int_equal(ladder.step_count, 77);
	}
}

static void test_another_ladder_is_read_as_written(void **state)
{
	struct ladder ladder;
	char why[DEFINITION_WHY_SIZE];

	assert_int_equal(load_with("\"after_s\": 20", "\"after_s\": 30", &ladder, why), 0);
	assert_int_equal(ladder.steps[2].after_s, 30);
	assert_int_equal(
		load_with("\"unit_receipt_s\": 60", "\"unit_receipt_s\": 90", &ladder, why), 0);
	assert_int_equal(ladder.unit_receipt_s, 90);
}

static void test_a_file_that_cannot_be_read_says_so(void **state)
{
	struct ladder ladder;
	char why[DEFINITION_WHY_SIZE];

	assert_int_equal(definitions_load_ladder("/nonexistent/ladder.json", &ladder, why),
			 -ENOENT);
	assert_non_null(strstr(why, "illisible"));
}

/* --- retention */

static int load_retention(const char *from, const char *to, struct retention *retention,
			  char why[DEFINITION_WHY_SIZE])
{
	char path[PATH_SIZE];
	int r;

	change(TEST_DATA "/../definitions/retention.json", from, to, path);
	r = definitions_load_retention(path, retention, why);
	unlink(path);
	return r;
}

static void test_the_shipped_table_of_retention_is_the_default_one(void **state)
{
	struct retention shipped, known = retention_default();
	char why[DEFINITION_WHY_SIZE] = "";

	assert_int_equal(load_retention("P30D", "P30D", &shipped, why), 0);
	for (int i = 0; i < RETENTION_KINDS; i++)
		assert_int_equal(paris_after(1800000000000, &shipped.after[i]),
				 paris_after(1800000000000, &known.after[i]));
}

static void test_a_table_that_is_not_whole_or_not_sound_is_refused_by_line(void **state)
{
	static const struct {
		const char *from, *to, *said;
	} wrong[] = {
		{"\"version\": 2", "\"version\": 1", "version 2"},
		{"\"rules\"", "\"rule\"", "rule : champ inconnu"},
		{"\"P30D\"", "30", "ligne 4, rules[0].after"},
		{"\"P30D\"", "\"30 jours\"", "ligne 4, rules[0].after"},
		{"\"P30D\"", "\"P11Y\"", "nombre de jours"},
		{"\"P1Y\"", "\"P11Y\"", "ligne 5, rules[1].after : au plus P10Y"},
		{"\"P30D\"", "\"P6D\"", "rules[0].after : au moins P7D pour « alert_sound »"},
		{"\"asked_for\", \"after\": \"P1D\"", "\"asked_for\", \"after\": \"PT1S\"",
		 "ligne 18, rules[14].after : au moins P1D pour « own_code »"},
		{"\"P2D\"", "\"PT23H\"", "au moins P1D pour « repeat_key »"},
		{"\"P3Y\"", "\"P4Y\"", "au plus P3Y pour « audit_line »"},
		{"\"P1Y\"", "\"P1Y\", \"unless\": \"sealed\"", "rules[1].unless"},
		{"\"emergency_call\"", "\"appel\"", "ligne 7, rules[3].category"},
		{"\"emergency_call\"", "\"alert\"", "rules[3].event"},
		{"\"call_closed\"", "\"call_rang\"", "call_closed"},
		{"\"anonymise\"", "\"delete\"", "ligne 10, rules[6].action"},
		{"\"P2D\", \"action\": \"delete\"}", "\"P2D\", \"action\": \"delete\"}, {}",
		 "rules[16]"},
		{",\n    {\"category\": \"repeat_key\", \"event\": \"command_done\", \"after\": "
		 "\"P2D\", \"action\": \"delete\"}",
		 "", "« repeat_key » manque"},
	};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct retention retention;
		char why[DEFINITION_WHY_SIZE] = "";

		assert_int_equal(load_retention(wrong[i].from, wrong[i].to, &retention, why),
				 -EINVAL);
		if (!strstr(why, wrong[i].said))
			fail_msg("%s: « %s » does not say « %s »", wrong[i].to, why, wrong[i].said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_shipped_ladder_is_the_default_one),
		cmocka_unit_test(test_what_is_not_understood_is_refused_and_named),
		cmocka_unit_test(test_another_ladder_is_read_as_written),
		cmocka_unit_test(test_a_file_that_cannot_be_read_says_so),
		cmocka_unit_test(test_the_shipped_table_of_retention_is_the_default_one),
		cmocka_unit_test(test_a_table_that_is_not_whole_or_not_sound_is_refused_by_line),
	};

	return cmocka_run_group_tests_name("service: definitions", tests, NULL, NULL);
}
