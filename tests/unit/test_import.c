/* What official files hold, with their faults: codes, folding, tables, lines made of them. */
#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "base/commune_code.h"
#include "base/fold.h"
#include "crypto/tree.h"
#include "ctl/import_source.h"
#include "wire/json_items.h"

static void test_a_commune_code_gets_its_zeros_back(void **state)
{
	static const struct {
		const char *text, *code, *departement;
	} rows[] = {
		{"86041", "86041", "86"},   {"1004", "01004", "01"},   {"2a004", "2A004", "2A"},
		{"2B033", "2B033", "2B"},   {"97411", "97411", "974"}, {"98818", "98818", "988"},
		{" 75056 ", "75056", "75"}, {"", NULL, NULL},          {"86", NULL, NULL},
		{"860411", NULL, NULL},     {"A6041", NULL, NULL},     {"20004", NULL, NULL},
		{"2C004", NULL, NULL},      {"00123", NULL, NULL},     {"99100", NULL, NULL},
		{"2A04", NULL, NULL},       {"86O41", NULL, NULL},
	};
	char code[COMMUNE_CODE_SIZE], departement[DEPARTEMENT_CODE_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = commune_code_parse(str_from(rows[i].text), code);

		assert_int_equal(r, rows[i].code ? 0 : -EINVAL);
		if (r)
			continue;
		assert_string_equal(code, rows[i].code);
		departement_of_commune(code, departement);
		assert_string_equal(departement, rows[i].departement);
	}
}

static void test_a_code_without_its_departement_is_put_together(void **state)
{
	static const struct {
		const char *departement, *commune, *code;
	} rows[] = {
		{"1", "4", "01004"},      {"01", "004", "01004"}, {"86", "41", "86041"},
		{"2A", "4", "2A004"},     {"ZA", "101", "97101"}, {"ZD", "411", "97411"},
		{"974", "411", "97411"},  {"ZN", "818", "98818"}, {"ZX", "701", "97701"},
		{"86", "86041", "86041"}, {"99", "1", NULL},      {"86", "", NULL},
		{"86", "4x", NULL},
	};
	char code[COMMUNE_CODE_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int r = commune_code_join(str_from(rows[i].departement), str_from(rows[i].commune),
					  code);

		assert_int_equal(r, rows[i].code ? 0 : -EINVAL);
		if (!r)
			assert_string_equal(code, rows[i].code);
	}
}

static void test_words_written_differently_fold_to_the_same(void **state)
{
	static const struct {
		const char *text, *folded;
	} rows[] = {
		{"Saint-Étienne", "saint-etienne"},
		{"SAINT  ETIENNE", "saint-etienne"},
		{"Nom de l’élu", "nom-de-l-elu"},
		{"  Nom\xC2\xA0"
		 "de l'élu ",
		 "nom-de-l-elu"},
		{"L'Haÿ-les-Roses", "l-hay-les-roses"},
		{"Œuf Ægir ß", "oeuf-aegir-ss"},
		{"Łódź", "lodz"},
		{"", ""},
		{"20e", "20e"},
		{"Мир", "Мир"},
	};
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&out);
		text_fold(str_from(rows[i].text), '-', &out);
		assert_str_equal(buf_str(&out), rows[i].folded);
	}
	buf_fini(&out);
}

/* --- tables */

static void check_row(const char *bytes, char separator, const char *fields, ptrdiff_t used)
{
	struct buf scratch = BUF_INIT, joined = BUF_INIT;
	struct csv_row row;

	assert_int_equal(csv_next(str_from(bytes), true, separator, &scratch, &row), used);
	for (size_t i = 0; i < row.count; i++) {
		if (i)
			buf_add_byte(&joined, '|');
		buf_add_str(&joined, row.at[i]);
	}
	assert_str_equal(buf_str(&joined), fields);
	buf_fini(&scratch);
	buf_fini(&joined);
}

static void test_a_table_is_read_with_the_faults_files_have(void **state)
{
	check_row("a;b;c\nd", ';', "a|b|c", 6);
	check_row("a;b;c\r\nd", ';', "a|b|c", 7);
	check_row("a\tb\rc", '\t', "a|b", 4);
	check_row("a;;", ';', "a||", 3);
	check_row("\"a;b\";c\n", ';', "a;b|c", 8);
	check_row("\"dit \"\"oui\"\"\";c", ';', "dit \"oui\"|c", 15);
	check_row("\"deux\nlignes\";c\n", ';', "deux lignes|c", 16);
	check_row("le \"bon\" mot;c\n", ';', "le \"bon\" mot|c", 15);
	check_row("\"\"\"seul", ';', "\"seul", 7);
	check_row(" \xC2\xA0 a \xE2\x80\xAF;b\n", ';', "a|b", 12);
	check_row("Gen\xE7"
		  "ay;\x80 10\x92;\xC2\xA0\n",
		  ';', "Gençay|€ 10’|", 16);
	check_row("\n", ';', "", 1);
	check_row("\r\n", ';', "", 2);
}

static void test_a_record_that_is_not_whole_waits_and_one_without_end_is_refused(void **state)
{
	static char endless[70000];
	struct buf scratch = BUF_INIT;
	struct csv_row row;

	assert_int_equal(csv_next(STR("a;b"), false, ';', &scratch, &row), 0);
	assert_int_equal(csv_next(STR("a;\"b\nc"), false, ';', &scratch, &row), 0);
	memset(endless, 'x', sizeof(endless));
	endless[0] = '"';
	endless[100] = '\n';
	assert_int_equal(csv_next(str_of(endless, sizeof(endless)), true, ';', &scratch, &row),
			 -EMSGSIZE);
	assert_int_equal(csv_skip_line(str_of(endless, sizeof(endless))), 101);
	memset(endless, ';', sizeof(endless));
	assert_int_equal(csv_next(str_of(endless, 200), true, ';', &scratch, &row), -EMSGSIZE);
	buf_fini(&scratch);
}

static void test_the_separator_is_the_one_there_is_most_of_outside_quotes(void **state)
{
	assert_int_equal(csv_separator(STR("a;b,c;d\ne,f,g,h")), ';');
	assert_int_equal(csv_separator(STR("a,b;\"c;d;e\",f")), ',');
	assert_int_equal(csv_separator(STR("a\tb\tc,d")), '\t');
	assert_int_equal(csv_separator(STR("seul")), ';');
}

/* --- JSON, object by object */

static void test_objects_of_a_list_come_one_by_one(void **state)
{
	struct str text =
		STR("{\"type\":\"x\",\"features\" : [ {\"a\":\"]}\\\"{\"} ,\n{\"b\":[{}]}]}");
	struct str item;
	ptrdiff_t used;

	text = str_slice(text, json_items_start(text, STR("features")), text.len);
	used = json_items_next(text, &item);
	assert_str_equal(item, "{\"a\":\"]}\\\"{\"}");
	text = str_slice(text, (size_t)used, text.len);
	used = json_items_next(text, &item);
	assert_str_equal(item, "{\"b\":[{}]}");
	text = str_slice(text, (size_t)used, text.len);
	assert_true(json_items_next(text, &item) > 0);
	assert_null(item.ptr);
	assert_int_equal(json_items_next(STR("{\"a\":\"b"), &item), 0);
	assert_int_equal(json_items_next(STR("  12"), &item), -EBADMSG);
	assert_int_equal(json_items_start(STR("{\"features\":3}"), STR("features")), 0);
	assert_int_equal(json_items_start(STR(" [ {"), STR("features")), 2);
}

/* --- lines of each kind */

static const struct import_kind *kind_of(const char *name)
{
	for (size_t i = 0; i < import_kind_count; i++)
		if (!strcmp(import_kinds[i].name, name))
			return &import_kinds[i];
	fail_msg("no kind %s", name);
	return NULL;
}

/* The line made of a header and a record; "!why" when it is rejected. */
static void check_made(const char *name, const char *header, const char *record, const char *made)
{
	const struct import_kind *kind = kind_of(name);
	struct buf scratch = BUF_INIT, out = BUF_INIT;
	struct import_values values;
	int columns[IMPORT_MAX_COLUMNS];
	const char *why = "";
	struct csv_row row;

	csv_next(str_from(header), true, ';', &scratch, &row);
	assert_null(import_find_columns(kind, &row, columns));
	csv_next(str_from(record), true, ';', &scratch, &row);
	for (int i = 0; kind->columns[i].names[0]; i++)
		values.at[i] = columns[i] >= 0 && (size_t)columns[i] < row.count
				       ? row.at[columns[i]]
				       : STR("");
	if (kind->make(&values, &out, &why) == ROW_REJECTED) {
		buf_reset(&out);
		buf_printf(&out, "!%s", why);
	}
	assert_str_equal(buf_str(&out), made);
	buf_fini(&scratch);
	buf_fini(&out);
}

static void test_units_competences_and_communes_become_lines(void **state)
{
	static const char gn[] = "identifiant_public_unite;service;adresse_geographique;telephone;"
				 "departement;code_commune_insee;geocodage_x_GPS;geocodage_y_GPS";
	static const char pn[] = "service;telephone;code_commune_insee;geocodage_x_GPS;"
				 "geocodage_y_GPS";
	static const char competence[] = "code_commune;libelle_commune;institution;id_service;"
					 "service";

	check_made("gendarmerie", gn, "1001;Brigade;x;05 49 00 00 00;86;86139;0.12;46.43",
		   "1001|Brigade|+33549000000|86139|464300000|1200000");
	/* No number; a telephone nobody can call; nowhere on Earth; a zero lost. */
	check_made("gendarmerie", gn, "0;Brigade de Gençay;x;17;1;1004;200;46.43",
		   "brigade-de-gencay@01|Brigade de Gençay||01004|464300000|");
	check_made("gendarmerie", gn, "1;;;;;86139", "!nom absent ou trop long");
	check_made("gendarmerie", gn, "1;X;;;;99999", "!code INSEE de commune inconnu");
	check_made("police", pn,
		   "Commissariat de police d'Oyonnax;+33 4 74 77 47 33;01283;5.65;46.25",
		   "commissariat-de-police-d-oyonnax@01|Commissariat de police d'Oyonnax|"
		   "+33474774733|01283|462500000|56500000");
	check_made("competence", competence, "86139;Lusignan;GN;1001;Brigade",
		   "86139|GN|1001|Brigade");
	check_made("competence", competence, "1283;Oyonnax;PN;;Commissariat de Police d’Oyonnax",
		   "01283|PN|commissariat-de-police-d-oyonnax@01|Commissariat de Police d’Oyonnax");
	check_made("competence", competence, "86139;;XX;;y",
		   "!institution inconnue (GN ou PN attendu)");
	check_made("communes", "TYPECOM;COM;REG;LIBELLE;COMPARENT", "COM;86041;75;Chaunay;",
		   "86041|Chaunay|75|0|");
	check_made("communes", "code;nom;region;population;codes_postaux",
		   "29019;Brest;53;139000;\"29200, 2920, 29240\"",
		   "29019|Brest|53|139000||29200 29240");
	check_made("communes", "TYPECOM;COM;REG;LIBELLE;COMPARENT", "COMD;86999;75;Ancienne;86041",
		   "86999|Ancienne|75|0|86041");
}

static void test_a_commune_brings_its_former_codes(void **state)
{
	struct buf out = BUF_INIT;
	const char *why = "";

	assert_int_equal(
		kind_of("communes")
			->make_json(STR("{\"code\":\"86115\",\"nom\":\"Jaunay-Marigny\",\"region\":"
					"\"75\",\"type\":\"commune-actuelle\",\"population\":7000,"
					"\"codesPostaux\":[\"86130\",7,\"86|40\"],"
					"\"anciensCodes\":[\"86115\",\"86146\"]}"),
				    &out, &why),
		ROW_MADE);
	assert_str_equal(buf_str(&out),
			 "86115|Jaunay-Marigny|75|7000||86130\n86146|Jaunay-Marigny|75|0|86115");
	buf_fini(&out);
}

static void test_the_digest_is_of_the_whole_file(void **state)
{
	/* What follows the list is of the file too. */
	const char *text = "[{\"code\":\"86115\",\"nom\":\"Jaunay\",\"region\":\"75\","
			   "\"type\":\"commune-actuelle\"}]\n\n  \n";
	struct hash expected = hash_bytes(str_from(text)), hash;
	const char *folder = getenv("TMPDIR"), *why = NULL;
	struct import_source *source;
	struct import_line line;
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/egide-import-%d", folder ? folder : "/tmp", (int)getpid());
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(import_open(kind_of("communes"), path, NULL, &source, &why), 0);
	assert_int_equal(import_next(source, &line), 1);
	assert_int_equal(import_next(source, &line), 0);
	assert_int_equal(import_digest(source, &hash), 0);
	assert_true(hash_eq(&hash, &expected));
	import_close(source);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_commune_code_gets_its_zeros_back),
		cmocka_unit_test(test_a_code_without_its_departement_is_put_together),
		cmocka_unit_test(test_words_written_differently_fold_to_the_same),
		cmocka_unit_test(test_a_table_is_read_with_the_faults_files_have),
		cmocka_unit_test(
			test_a_record_that_is_not_whole_waits_and_one_without_end_is_refused),
		cmocka_unit_test(test_the_separator_is_the_one_there_is_most_of_outside_quotes),
		cmocka_unit_test(test_objects_of_a_list_come_one_by_one),
		cmocka_unit_test(test_units_competences_and_communes_become_lines),
		cmocka_unit_test(test_a_commune_brings_its_former_codes),
		cmocka_unit_test(test_the_digest_is_of_the_whole_file),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}
