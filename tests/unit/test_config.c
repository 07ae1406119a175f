/* daemon/config: what is wrong names its line, and the sample says what the server does without it.
 */
#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "daemon/config.h"
#include "net/tls.h"

#define DEFINITIONS TEST_DATA "/../definitions"

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

/* --- what the values mean */

/* Whether a file of these bytes says what can be done; what was said is in said, after the file's
 * name. */
static bool is_sound(const char *bytes, char said[600])
{
	struct buf why = BUF_INIT;
	struct config c;
	char wrong[300];
	bool sound;

	config_init(&c);
	if (read_bytes(&c, str_from(bytes), wrong))
		fail_msg("%s: %s", bytes, wrong);
	sound = config_is_sound(&c, &why);
	if (!sound && str_starts(buf_str(&why), str_from(c.path)))
		buf_consume(&why, strlen(c.path));
	snprintf(said, 600, "%s", buf_cstr(&why));
	buf_fini(&why);
	config_fini(&c);
	return sound;
}

static void has_a_meaning(const char *line)
{
	char bytes[1000], said[600];

	snprintf(bytes, sizeof(bytes),
		 "definitions_folder = " DEFINITIONS "\nkannel_secret = demonstration-0123\n%s\n",
		 line);
	if (!is_sound(bytes, said))
		fail_msg("%s: %s", line, said);
}

/* The second line says nothing that can be done. */
static void has_no_meaning(const char *line, const char *expected)
{
	char bytes[1000], said[600], start[300];

	snprintf(bytes, sizeof(bytes), "# c\n%s\ndefinitions_folder = " DEFINITIONS "\n", line);
	if (is_sound(bytes, said))
		fail_msg("%s: accepted", line);
	snprintf(start, sizeof(start), ", ligne 2 : « %.*s » %s", (int)(strchr(line, ' ') - line),
		 line, expected);
	if (!str_starts(str_from(said), str_from(start)))
		fail_msg("%s: « %s » does not begin with « %s »", line, said, start);
}

static void test_an_address_to_listen_on_is_numbers_and_a_port(void **state)
{
	static const char *const options[] = {"http", "https", "watch", "watch_tls", "agent_tls"};
	static const char *const wrong[] = {
		"localhost:80",   "127.0.0.1", "127.0.0.1:",     "127.0.0.1:65536",
		"127.0.0.1:http", "::1:80",    "127.0.0.1:1, ,", "127.0.0.1:1 127.0.0.1:2",
		"[127.0.0:1]:80", ":80",       "unix:/tmp/x"};
	char line[100];

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		for (size_t j = 0; j < ARRAY_LEN(wrong); j++) {
			snprintf(line, sizeof(line), "%s = %s", options[i], wrong[j]);
			has_no_meaning(line, "attend des adresses comme 0.0.0.0:5093");
		}
	has_a_meaning("watch = 0.0.0.0:5093, [::]:5094,127.0.0.1:0");
	has_a_meaning("watch =");
}

static void test_agents_without_tls_are_of_this_machine(void **state)
{
	static const char *const wrong[] = {"0.0.0.0:5095", "[::]:5095", "10.0.0.1:5095",
					    "127.0.0.1", "127.0.0.1:1, 10.0.0.1:2"};
	char line[100];

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		snprintf(line, sizeof(line), "agent = %s", wrong[i]);
		has_no_meaning(line, "attend des adresses de cette machine");
	}
	has_a_meaning("agent = 127.0.0.1:5095, [::1]:5095");
}

static void test_a_network_is_one_with_its_own_bits_only(void **state)
{
	has_no_meaning("trusted_proxies = 10.1.0.0/8", "attend seize réseaux au plus");
	has_no_meaning("trusted_proxies = proxy.example", "attend seize réseaux au plus");
	has_no_meaning("kannel_networks = 127.0.0.0/8, ", "attend seize réseaux au plus");
	has_no_meaning("kannel_networks = 127.0.0.0/8 ::1", "attend seize réseaux au plus");
	has_a_meaning("trusted_proxies = 10.0.0.0/8, 2001:db8::/32 , ::1");
	has_a_meaning("kannel_networks =");
}

static void test_an_address_of_a_page_is_one(void **state)
{
	static const char *const wrong[] = {"egide.example",     "ftp://egide.example",
					    "https://",          "https:///s",
					    "https://:443",      "https://a b",
					    "https://é.example", "https://egide.example:0",
					    "https://a:b@c.d",   "https://[::g]",
					    "https://a;b",       "https://egide.example#s",
					    "https://a.b:65536", "https://::1"};
	static const char *const options[] = {"public_url", "tile_url", "sendsms_url",
					      "backup_sendsms_url", "kannel_callback"};
	char line[100];

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		for (size_t j = 0; j < ARRAY_LEN(wrong); j++) {
			snprintf(line, sizeof(line), "%s = %s", options[i], wrong[j]);
			has_no_meaning(line, "attend une adresse comme https://");
		}
	has_no_meaning("public_url =", "attend");
	has_no_meaning("public_url = https://egide.example/", "attend");
	has_no_meaning("public_url = https://egide.example?a", "attend");
	has_no_meaning("kannel_callback = https://egide.example/%d", "attend");
	has_no_meaning("backup_kannel_callback = egide.example", "attend");
	has_a_meaning("public_url = https://egide.example/prefecture");
	has_a_meaning("public_url = http://[2001:db8::1]:8080");
	has_a_meaning("tile_url = https://tuiles.example/{z}/{x}/{y}.png?cle=a");
	has_a_meaning("tile_url =");
	has_a_meaning("sendsms_url = http://127.0.0.1:13013/cgi-bin/sendsms?smsc=a%20b");
}

static void test_a_database_is_of_a_kind_we_know(void **state)
{
	has_no_meaning("database = mysql:egide", "attend sqlite:CHEMIN");
	has_no_meaning("database = /var/lib/egide/egide.db", "attend sqlite:CHEMIN");
	has_no_meaning("database = sqlite:", "attend sqlite:CHEMIN");
	has_no_meaning("database =", "attend sqlite:CHEMIN");
	has_a_meaning("database = postgresql:dbname=egide");
}

static void test_the_number_to_listen_is_international(void **state)
{
	has_no_meaning("listen_number = 0549000000", "attend un numéro international");
	has_no_meaning("listen_number = +33549000000,5", "attend un numéro international");
	has_no_meaning("listen_number = 17", "attend un numéro international");
	has_a_meaning("listen_number = +33549000000");
	has_a_meaning("listen_number =");
}

static void test_a_gateway_without_a_secret_is_refused(void **state)
{
	has_no_meaning("kannel_secret = quinze-lettres-", "attend au moins 16 lettres");
	has_no_meaning("kannel_secret = demonstration-%d-0123456789", "attend au moins 16 lettres");
	has_no_meaning("sendsms_url = http://127.0.0.1:13013/", "demande un « kannel_secret »");
	has_no_meaning("backup_sendsms_url = http://127.0.0.1:13013/",
		       "demande un « kannel_secret »");
	has_a_meaning("backup_sendsms_url = http://127.0.0.1:13013/");
}

static bool serves(const char *option, const char *certificate, const char *key, char said[600])
{
	char bytes[1000];

	snprintf(bytes, sizeof(bytes),
		 "definitions_folder = " DEFINITIONS "\n%s = [::]:443\n"
		 "certificate_key = %s\ncertificate = %s\n",
		 option, key, certificate);
	return is_sound(bytes, said);
}

static void test_a_certificate_that_cannot_serve_names_its_line_and_its_file(void **state)
{
	char folder[] = "/tmp/egide-config.XXXXXX", said[600], command[100];

	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(tls_make_certificate("a.example", "a.pem", "a.key"), 0);
	assert_int_equal(tls_make_certificate("b.example", "b.pem", "b.key"), 0);

	assert_true(serves("https", "a.pem", "a.key", said));
	assert_true(serves("watch_tls", "a.pem", "a.key", said));
	assert_false(serves("https", "none.pem", "a.key", said));
	assert_string_equal(said,
			    ", ligne 4 : « certificate », none.pem : No such file or directory");
	assert_false(serves("https", "a.key", "a.key", said));
	assert_string_equal(said,
			    ", ligne 4 : « certificate », a.key : ce n'est pas un certificat PEM");
	assert_false(serves("watch_tls", "a.pem", "none.key", said));
	assert_string_equal(
		said, ", ligne 3 : « certificate_key », none.key : No such file or directory");
	assert_false(serves("watch_tls", "a.pem", "b.key", said));
	assert_string_equal(said,
			    ", ligne 3 : « certificate_key », b.key : ce n'est pas une clé PEM "
			    "sans mot de passe, ou pas celle du certificat");
	/* Nothing is in TLS: nothing of it is read. */
	has_a_meaning("certificate = none.pem");
	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

/* A file that no line names is asked for by the line that wants it. */
static void test_a_certificate_nobody_named_is_told_by_the_line_of_the_address(void **state)
{
	struct buf why = BUF_INIT;
	struct config c;
	char said[300];

	config_init(&c);
	assert_int_equal(read_bytes(&c, STR("# c\nwatch_tls = [::]:5094\n"), said), 0);
	free(c.certificate);
	c.certificate = str_dup(STR("/nonexistent.pem"));
	assert_false(config_is_sound(&c, &why));
	buf_consume(&why, strlen(c.path));
	assert_string_equal(buf_cstr(&why), ", ligne 2 : « certificate », /nonexistent.pem : "
					    "No such file or directory");
	buf_fini(&why);
	config_fini(&c);
}

static void test_a_ladder_that_cannot_be_climbed_is_named_with_its_place(void **state)
{
	char folder[] = "/tmp/egide-config.XXXXXX", path[100], bytes[200], said[600], expected[300];
	FILE *out;

	assert_non_null(mkdtemp(folder));
	snprintf(bytes, sizeof(bytes), "definitions_folder = %s\n", folder);
	snprintf(path, sizeof(path), "%s/ladder.json", folder);
	assert_false(is_sound(bytes, said));
	snprintf(expected, sizeof(expected), "%s : fichier illisible : No such file or directory",
		 path);
	assert_string_equal(said, expected);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs("{\n\"version\": 1,\n\"steps\": [}\n", out);
	fclose(out);
	assert_false(is_sound(bytes, said));
	snprintf(expected, sizeof(expected),
		 "%s : ligne 3, colonne 11 : ce n'est pas du JSON valable (", path);
	assert_true(str_starts(str_from(said), str_from(expected)));
	unlink(path);
	rmdir(folder);
}

static void test_what_no_line_sets_is_named_without_one(void **state)
{
	struct buf why = BUF_INIT;
	struct config c;
	char said[300];

	config_init(&c);
	assert_int_equal(read_bytes(&c, STR("readers = 3\n"), said), 0);
	assert_int_equal(config_line(&c, "readers"), 1);
	assert_int_equal(config_line(&c, "http"), 0);
	free(c.public_url);
	c.public_url = str_dup(STR("nulle part"));
	assert_false(config_is_sound(&c, &why));
	buf_consume(&why, strlen(c.path));
	assert_true(str_starts(buf_str(&why), STR(" : « public_url » attend ")));
	buf_fini(&why);
	config_fini(&c);
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
		cmocka_unit_test(test_an_address_to_listen_on_is_numbers_and_a_port),
		cmocka_unit_test(test_agents_without_tls_are_of_this_machine),
		cmocka_unit_test(test_a_network_is_one_with_its_own_bits_only),
		cmocka_unit_test(test_an_address_of_a_page_is_one),
		cmocka_unit_test(test_a_database_is_of_a_kind_we_know),
		cmocka_unit_test(test_the_number_to_listen_is_international),
		cmocka_unit_test(test_a_gateway_without_a_secret_is_refused),
		cmocka_unit_test(test_a_certificate_that_cannot_serve_names_its_line_and_its_file),
		cmocka_unit_test(
			test_a_certificate_nobody_named_is_told_by_the_line_of_the_address),
		cmocka_unit_test(test_a_ladder_that_cannot_be_climbed_is_named_with_its_place),
		cmocka_unit_test(test_what_no_line_sets_is_named_without_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
