/* daemon/config: what is wrong names its line, and the sample says what the server does without it.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "daemon/config.h"

/* Reads a file of these bytes into c; what was said is in said, after the file's name. */
static int read_bytes(struct config *c, struct str bytes, char said[300])
{
	char path[] = "/tmp/egide-config.XXXXXX";
	FILE *out = fdopen(mkstemp(path), "w");
	struct buf why = BUF_INIT;
	int r;

	assert_non_null(out);
	fwrite(bytes.ptr, 1, bytes.len, out);
	fclose(out);
	r = config_read(c, path, &why);
	snprintf(said, 300, "%s", why.len > strlen(path) ? buf_cstr(&why) + strlen(path) : "");
	buf_fini(&why);
	unlink(path);
	return r;
}

static void refuses(struct str bytes, const char *expected)
{
	struct config c;
	char said[300];

	config_init(&c);
	assert_int_equal(read_bytes(&c, bytes, said), -EINVAL);
	assert_string_equal(said, expected);
	config_fini(&c);
}

static void test_an_option_is_read_whatever_blanks_are_around_it(void **state)
{
	struct config c;
	char said[300];

	config_init(&c);
	assert_int_equal(read_bytes(&c,
				    STR("# a comment\r\n\r\n \t\n  http =  a = b  "
					"\r\nmap_lat=-12.5\nreaders = 8"),
				    said),
			 0);
	assert_string_equal(c.http, "a = b");
	assert_true(c.map_lat == -12.5);
	/* The last line has no end. */
	assert_int_equal(c.readers, 8);
	config_fini(&c);
}

static void test_an_empty_value_is_an_empty_text(void **state)
{
	struct config c;
	char said[300];

	config_init(&c);
	assert_int_equal(read_bytes(&c, STR("watch =\n"), said), 0);
	assert_string_equal(c.watch, "");
	config_fini(&c);
}

static void test_what_is_wrong_names_its_line(void **state)
{
	refuses(STR("http = x\n\nreaders"), ", ligne 3 : « nom = valeur » est attendu");
	refuses(STR("# c\nport = 80\n"), ", ligne 2 : l'option « port » n'existe pas");
	refuses(STR("= 80\n"), ", ligne 1 : l'option «  » n'existe pas");
	refuses(STR("http = a\nhttps = b\nhttp = a\n"),
		", ligne 3 : cette option est donnée deux fois");
}

static void test_a_number_out_of_its_range_is_refused_with_the_range(void **state)
{
	refuses(STR("readers = 0\n"), ", ligne 1 : « readers » attend un nombre entre 1 et 8");
	refuses(STR("\nreaders = 9\n"), ", ligne 2 : « readers » attend un nombre entre 1 et 8");
	refuses(STR("readers = 2 \xC3\xA0 4\n"),
		", ligne 1 : « readers » attend un nombre entre 1 et 8");
	refuses(STR("readers =\n"), ", ligne 1 : « readers » attend un nombre entre 1 et 8");
	refuses(STR("max_connections = 99999999999999999999\n"),
		", ligne 1 : « max_connections » attend un nombre entre 1 et 1000000");
	refuses(STR("map_lat = 90.1\n"),
		", ligne 1 : « map_lat » attend un nombre entre -90 et 90");
	refuses(STR("map_lat = nan\n"), ", ligne 1 : « map_lat » attend un nombre entre -90 et 90");
}

static void test_a_word_that_is_not_in_the_list_is_refused_with_the_list(void **state)
{
	refuses(STR("log_level = verbose\n"),
		", ligne 1 : « log_level » attend l'un de : debug info warning error");
	refuses(STR("log_level =\n"),
		", ligne 1 : « log_level » attend l'un de : debug info warning error");
}

static void test_bytes_that_are_not_text_are_refused(void **state)
{
	refuses(STR("http = a\nsms_from = \xE9lu\n"), ", ligne 2 : la ligne n'est pas en UTF-8");
	refuses(str_of("http = a\0b\n", 11), ", ligne 1 : la ligne n'est pas en UTF-8");
	refuses(STR("# \xFF\n"), ", ligne 1 : la ligne n'est pas en UTF-8");
}

static void test_a_line_that_is_too_long_is_refused_and_blanks_do_not_count(void **state)
{
	struct buf text = BUF_INIT;
	struct config c;
	char said[300];

	buf_add_str(&text, STR("sms_from = A"));
	for (int i = 0; i < 20000; i++)
		buf_add_byte(&text, ' ');
	buf_add_str(&text, STR("\nreaders = 3\n"));
	config_init(&c);
	assert_int_equal(read_bytes(&c, buf_str(&text), said), 0);
	assert_string_equal(c.sms_from, "A");
	assert_int_equal(c.readers, 3);
	config_fini(&c);
	buf_add_str(&text, STR("http = "));
	for (int i = 0; i < 4000; i++)
		buf_add_byte(&text, 'a');
	refuses(buf_str(&text), ", ligne 3 : la ligne est trop longue");
	buf_fini(&text);
}

static void test_a_file_that_cannot_be_read_is_named(void **state)
{
	struct buf why = BUF_INIT;
	struct config c;

	config_init(&c);
	assert_int_equal(config_read(&c, "/tmp/egide-no-such-file", &why), -ENOENT);
	assert_string_equal(buf_cstr(&why), "/tmp/egide-no-such-file : No such file or directory");
	buf_fini(&why);
	assert_true(config_read(&c, "/tmp", &why) < 0);
	buf_fini(&why);
	config_fini(&c);
}

/* Every "#name = value" of the sample, set: nothing differs from what config_init gives. */
static void test_the_sample_sets_every_option_to_its_default(void **state)
{
	struct buf sample = BUF_INIT, set = BUF_INIT;
	struct str rest, line;
	struct config c, defaults;
	char said[300];
	int options = 0;

	config_sample(&sample);
	config_init(&c);
	assert_int_equal(read_bytes(&c, buf_str(&sample), said), 0);
	config_fini(&c);

	rest = buf_str(&sample);
	while (str_split(&rest, '\n', &line)) {
		if (!str_starts(line, STR("#")) || str_starts(line, STR("# ")))
			continue;
		buf_add_str(&set, str_slice(line, 1, line.len));
		buf_add_byte(&set, '\n');
		options++;
	}
	assert_true(options > 30);
	config_init(&defaults);
	config_init(&c);
	assert_int_equal(read_bytes(&c, buf_str(&set), said), 0);
	assert_string_equal(c.data_folder, defaults.data_folder);
	assert_string_equal(c.definitions_folder, defaults.definitions_folder);
	assert_string_equal(c.https, defaults.https);
	assert_string_equal(c.log_level, defaults.log_level);
	assert_true(c.map_lat == defaults.map_lat && c.map_lon == defaults.map_lon &&
		    c.map_zoom == defaults.map_zoom);
	assert_int_equal(c.max_connections, defaults.max_connections);
	assert_int_equal(c.watch_idle_s, defaults.watch_idle_s);
	config_fini(&c);
	config_fini(&defaults);
	buf_fini(&sample);
	buf_fini(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_option_is_read_whatever_blanks_are_around_it),
		cmocka_unit_test(test_an_empty_value_is_an_empty_text),
		cmocka_unit_test(test_what_is_wrong_names_its_line),
		cmocka_unit_test(test_a_number_out_of_its_range_is_refused_with_the_range),
		cmocka_unit_test(test_a_word_that_is_not_in_the_list_is_refused_with_the_list),
		cmocka_unit_test(test_bytes_that_are_not_text_are_refused),
		cmocka_unit_test(test_a_line_that_is_too_long_is_refused_and_blanks_do_not_count),
		cmocka_unit_test(test_a_file_that_cannot_be_read_is_named),
		cmocka_unit_test(test_the_sample_sets_every_option_to_its_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
