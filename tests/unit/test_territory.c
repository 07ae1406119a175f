/* store/territory: editions of what is imported, on both databases. */
#include "registry.h"

#include <errno.h>

#include "base/alloc.h"
#include "store/territory.h"

static const struct territory_set competence = {TERRITORY_COMPETENCE, {NULL, 0}};
static struct vault *vault;

static struct edition begun(const struct territory_set *set)
{
	struct edition edition;
	int64_t number;

	assert_int_equal(edition_start(vault, set, &number), 0);
	assert_int_equal(edition_load(vault, set, &edition), 0);
	assert_int_equal(edition.last, number);
	return edition;
}

static enum row_state put(const struct territory_set *set, const struct edition *edition,
			  const char *text)
{
	struct str rest = str_from(text), code;
	enum row_state state;

	assert_true(str_split(&rest, '|', &code));
	assert_int_equal(territory_put(vault, set, edition, code, str_from(text), &state), 0);
	return state;
}

static void finish(const struct territory_set *set, struct edition edition)
{
	edition.rows = 1;
	assert_int_equal(edition_finish(vault, set, &edition), 0);
}

static int add_text(void *context, struct str code, struct str text)
{
	buf_printf(context, "%.*s ", STR_FMT(text));
	return 0;
}

static void expect_present(const char *texts)
{
	struct buf all = BUF_INIT;

	assert_int_equal(territory_each(vault, TERRITORY_COMPETENCE, add_text, &all), 0);
	assert_str_equal(buf_str(&all), texts);
	buf_fini(&all);
}

static void expect_changes(const struct edition *edition, enum row_change change, const char *texts)
{
	struct changes changes = {.number = edition->last, .change = change, .limit = 10};
	struct buf all = BUF_INIT;

	assert_int_equal(territory_changes(vault, &competence, &changes, add_text, &all), 0);
	assert_str_equal(buf_str(&all), texts);
	buf_fini(&all);
}

static void sweep(void)
{
	struct buf keep = BUF_INIT;
	struct str after = STR("");
	bool done = false;

	while (!done)
		assert_int_equal(territory_sweep(vault, &competence, &after, &keep, &done), 0);
	buf_fini(&keep);
}

static int64_t stored(void)
{
	SQL(all_rows, "SELECT COUNT(*) FROM territory_line");
	int64_t count = 0;

	assert_int_equal(db_number_after(db_query(vault_db(vault), &all_rows), 0, &count), 0);
	return count;
}

static void in_office(void (*test)(void))
{
	vault = open_vault();
	assert_int_equal(db_begin(vault_db(vault)), 0);
	test();
	assert_int_equal(db_commit(vault_db(vault)), 0);
	close_vault(vault);
}

static void one_edition_after_another(void)
{
	struct edition e = begun(&competence);
	int64_t replaced;

	assert_int_equal(put(&competence, &e, "86001|a"), ROW_NEW);
	assert_int_equal(put(&competence, &e, "86002|b"), ROW_NEW);
	assert_int_equal(put(&competence, &e, "86002|b"), ROW_TWICE);
	expect_present("");
	finish(&competence, e);
	expect_present("86001|a 86002|b ");
	e = begun(&competence);
	assert_int_equal(put(&competence, &e, "86001|a"), ROW_KNOWN);
	assert_int_equal(put(&competence, &e, "86002|c"), ROW_NEW);
	assert_int_equal(put(&competence, &e, "86003|d"), ROW_NEW);
	expect_present("86001|a 86002|b ");
	expect_changes(&e, CHANGE_ENDS, "86002|b ");
	expect_changes(&e, CHANGE_GONE, "");
	expect_changes(&e, CHANGE_BEGINS, "86002|c 86003|d ");
	assert_int_equal(territory_count_replaced(vault, &competence, e.last, &replaced), 0);
	assert_int_equal(replaced, 1);
	finish(&competence, e);
	expect_present("86001|a 86002|c 86003|d ");
	sweep();
	assert_int_equal(stored(), 3);
	expect_present("86001|a 86002|c 86003|d ");
}

static int keep_text(void *context, struct str code, struct str text)
{
	struct buf *last = context;

	buf_reset(last);
	buf_add_str(last, text);
	return 0;
}

/* However many lines are about one code, a page of them goes on behind the last one. */
static void lines_of_one_code_by_pages(void)
{
	enum { LINES = 7, PAGE = 2 };
	struct edition e = begun(&competence);
	struct buf last = BUF_INIT, all = BUF_INIT, text = BUF_INIT;
	char mark[TERRITORY_MARK_SIZE] = "";
	int pages = 0;

	put(&competence, &e, "86001|before");
	for (int i = 0; i < LINES; i++) {
		buf_reset(&text);
		buf_printf(&text, "86002|%d", i);
		assert_int_equal(put(&competence, &e, buf_cstr(&text)), ROW_NEW);
	}
	put(&competence, &e, "86003|behind");
	for (size_t had = SIZE_MAX; all.len != had; pages++) {
		struct changes changes = {.number = e.last,
					  .change = CHANGE_BEGINS,
					  .after = str_slice(buf_str(&last), 0, 5),
					  .after_mark = str_from(mark),
					  .limit = PAGE};

		had = all.len;
		assert_int_equal(territory_changes(vault, &competence, &changes, add_text, &all),
				 0);
		assert_int_equal(territory_changes(vault, &competence, &changes, keep_text, &last),
				 0);
		territory_mark(vault, TERRITORY_COMPETENCE, buf_str(&last), mark);
	}
	assert_int_equal(pages, (LINES + 2 + PAGE - 1) / PAGE + 1);
	assert_int_equal(all.len,
			 strlen("86001|before 86003|behind ") + LINES * strlen("86002|0 "));
	buf_fini(&last);
	buf_fini(&all);
	buf_fini(&text);
}

/* What an edition left that was never finished counts in none, whatever comes after. */
static void one_given_up(void)
{
	struct edition first = begun(&competence), given_up, again;

	put(&competence, &first, "86001|a");
	put(&competence, &first, "86002|b");
	finish(&competence, first);
	given_up = begun(&competence);
	assert_int_equal(put(&competence, &given_up, "86001|a"), ROW_KNOWN);
	assert_int_equal(put(&competence, &given_up, "86009|z"), ROW_NEW);
	again = begun(&competence);
	expect_present("86001|a 86002|b ");
	assert_int_equal(edition_finish(vault, &competence, &given_up), -ESTALE);
	assert_int_equal(put(&competence, &again, "86002|b"), ROW_KNOWN);
	assert_int_equal(put(&competence, &again, "86009|z"), ROW_NEW);
	expect_present("86001|a 86002|b ");
	expect_changes(&again, CHANGE_ENDS, "86001|a ");
	expect_changes(&again, CHANGE_GONE, "86001|a ");
	finish(&competence, again);
	expect_present("86002|b 86009|z ");
	sweep();
	assert_int_equal(stored(), 2);
	/* One that ended and comes back does not count before its edition does. */
	first = begun(&competence);
	assert_int_equal(put(&competence, &first, "86001|a"), ROW_NEW);
	expect_present("86002|b 86009|z ");
}

static void expect_said_anew(const char *code, const struct edition *edition, bool expected)
{
	bool anew;

	assert_int_equal(
		territory_said_anew(vault, &competence, str_from(code), edition->current, &anew),
		0);
	assert_int_equal(anew, expected);
}

/* The one before is imported again, over one that had begun to change units. */
static void one_that_stopped(void)
{
	struct edition first = begun(&competence), stopped, again;

	put(&competence, &first, "86001|a");
	put(&competence, &first, "86002|b");
	put(&competence, &first, "86003|c");
	assert_int_equal(edition_begin_units(vault, &competence, first.last), 0);
	finish(&competence, first);
	stopped = begun(&competence);
	assert_int_equal(stopped.unfinished, 0);
	put(&competence, &stopped, "86001|a");
	put(&competence, &stopped, "86002|other");
	put(&competence, &stopped, "86009|z");
	assert_int_equal(edition_begin_units(vault, &competence, stopped.last), 0);
	again = begun(&competence);
	assert_int_equal(again.unfinished, stopped.last);
	assert_int_equal(edition_begin_units(vault, &competence, again.last), 0);
	put(&competence, &again, "86001|a");
	put(&competence, &again, "86002|b");
	put(&competence, &again, "86003|c");
	expect_changes(&again, CHANGE_ABSENT, "86009|z ");
	expect_changes(&again, CHANGE_PRESENT, "86001|a 86002|b 86003|c ");
	expect_said_anew("86002", &again, true);
	expect_said_anew("86003", &again, false);
	assert_int_equal(edition_load(vault, &competence, &again), 0);
	assert_int_equal(again.unfinished, stopped.last);
	finish(&competence, again);
	assert_int_equal(edition_load(vault, &competence, &again), 0);
	assert_int_equal(again.unfinished, 0);
}

static void parts_of_a_kind(void)
{
	const struct territory_set vienne = {TERRITORY_COMPETENCE, STR("86")};
	struct edition all = begun(&competence), part = begun(&vienne);

	put(&competence, &all, "17001|a");
	finish(&competence, all);
	put(&vienne, &part, "86001|b");
	finish(&vienne, part);
	expect_present("17001|a 86001|b ");
	part = begun(&vienne);
	put(&vienne, &part, "86002|c");
	finish(&vienne, part);
	expect_present("17001|a 86002|c ");
}

static void a_long_list(void)
{
	struct edition e = begun(&competence);
	char text[32];

	for (int i = 0; i < 1300; i++) {
		snprintf(text, sizeof(text), "%05d|x", i);
		put(&competence, &e, text);
	}
	finish(&competence, e);
	e = begun(&competence);
	put(&competence, &e, "00700|x");
	finish(&competence, e);
	sweep();
	assert_int_equal(stored(), 1);
}

static void test_an_edition_counts_whole_and_once_it_is_finished(void **state)
{
	in_office(one_edition_after_another);
}

static void test_an_edition_given_up_leaves_nothing_that_counts(void **state)
{
	in_office(one_given_up);
}

static void test_an_edition_that_stopped_amid_the_units_is_remembered(void **state)
{
	in_office(one_that_stopped);
}

static void test_a_departement_says_nothing_of_the_others(void **state)
{
	in_office(parts_of_a_kind);
}

static void test_what_ended_is_taken_away_page_by_page(void **state)
{
	in_office(a_long_list);
}

static void test_lines_of_one_code_come_page_by_page(void **state)
{
	in_office(lines_of_one_code_by_pages);
}

static void test_an_imported_unit_has_the_same_id_each_time(void **state)
{
	struct id a = territory_unit_id(STR("GN"), STR("1001"));
	char text[ID_TEXT_SIZE];

	assert_true(id_eq(a, territory_unit_id(STR("GN"), STR("1001"))));
	assert_false(id_eq(a, territory_unit_id(STR("PN"), STR("1001"))));
	id_print(a, text);
	assert_int_equal(text[14], '8');
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_BOTH, test_an_edition_counts_whole_and_once_it_is_finished),
		on(ON_BOTH, test_an_edition_given_up_leaves_nothing_that_counts),
		on(ON_BOTH, test_an_edition_that_stopped_amid_the_units_is_remembered),
		on(ON_BOTH, test_a_departement_says_nothing_of_the_others),
		on(ON_BOTH, test_what_ended_is_taken_away_page_by_page),
		on(ON_BOTH, test_lines_of_one_code_come_page_by_page),
		on(ON_SQLITE, test_an_imported_unit_has_the_same_id_each_time),
	};

	return run_on_databases("territory", tests, ARRAY_LEN(tests), db_migrate);
}
