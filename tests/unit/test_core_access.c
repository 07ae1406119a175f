/* core/access: the whole matrix, spelled out; whoever changes the table changes it here too. */
#include "test.h"

#include <errno.h>

#include "base/alloc.h"
#include "core/access.h"

enum { ROLES = 5, RELATIONS = 3 };

/* For each right and relation: o(perator) s(upervisor) a(dministrator) j (auditor of the journal)
 * c(ounter), or . */
static const struct {
	enum right right;
	const char *name;
	const char *none, *room, *self;
} matrix[] = {
	{RIGHT_ALERT_READ, "alert read", ".....", "os...", "....."},
	{RIGHT_ALERT_HANDLE, "alert handle", ".....", "os...", "....."},
	{RIGHT_ALERT_HANDLE_OTHERS, "handle others'", ".....", ".s...", "....."},
	{RIGHT_ALERT_EXPORT, "alert export", ".....", ".s...", "....."},
	{RIGHT_ALERT_TEST, "alert test", ".....", "os...", "....."},
	{RIGHT_CALL_READ, "call read", ".....", "os...", "....."},
	{RIGHT_CALL_HANDLE, "call handle", ".....", "os...", "....."},
	{RIGHT_CALL_HANDLE_OTHERS, "calls of others", ".....", ".s...", "....."},
	{RIGHT_UNVERIFIED_READ, "unverified lane", ".....", "os...", "....."},
	{RIGHT_UNITS_READ, "units", ".....", "os...", "....."},
	{RIGHT_TERRITORY_READ, "territory", "os...", "os...", "os..."},
	{RIGHT_MANDATES_READ, "mandates", "....c", "....c", "....c"},
	{RIGHT_REGISTER, "register", "....c", "....c", "....c"},
	{RIGHT_TERMS_READ, "terms", "..a.c", "..a.c", "..a.c"},
	{RIGHT_OWN_FILE, "own file", ".....", ".....", "....."},
	{RIGHT_DEVICES_READ, "devices", ".....", "os...", "....."},
	{RIGHT_ACCOUNTS, "accounts", "..a..", "..a..", "..a.."},
	{RIGHT_AUDIT, "audit", "...j.", "...j.", "...j."},
	{RIGHT_HOLD_READ, "hold", ".....", ".s...", "....."},
	{RIGHT_CONFIRM_READING, "confirm reading", "..aj.", "..aj.", "..aj."},
	{RIGHT_SESSION, "session", ".....", ".....", "osajc"},
};

static bool expected(size_t row, uint32_t roles, enum relation relation)
{
	const char *cells[RELATIONS] = {matrix[row].none, matrix[row].room, matrix[row].self};

	for (int role = 0; role < ROLES; role++)
		if (roles & 1u << role && cells[relation][role] != '.')
			return true;
	return false;
}

static void test_every_set_of_roles_has_the_rights_of_the_table_and_no_other(void **state)
{
	assert_int_equal(ARRAY_LEN(matrix), RIGHT_COUNT);
	for (size_t row = 0; row < ARRAY_LEN(matrix); row++) {
		assert_int_equal(matrix[row].right, row);
		for (uint32_t roles = 0; roles < 1u << ROLES; roles++)
			for (int relation = 0; relation < RELATIONS; relation++)
				if (access_allows(roles, matrix[row].right,
						  (enum relation)relation) !=
				    expected(row, roles, (enum relation)relation))
					fail_msg("%s, roles %x, relation %d", matrix[row].name,
						 roles, relation);
	}
}

static void test_a_right_or_a_role_that_does_not_exist_gives_nothing(void **state)
{
	assert_false(access_allows(ROLE_ALL, RIGHT_COUNT, RELATION_ROOM));
	assert_false(access_allows(ROLE_ALL, (enum right) - 1, RELATION_SELF));
	assert_false(access_allows(1u << ROLES, RIGHT_SESSION, RELATION_SELF));
}

static void test_roles_round_trip_through_their_names(void **state)
{
	char text[64];
	uint32_t back;

	for (uint32_t roles = 1; roles <= ROLE_ALL; roles++) {
		roles_print(roles, text);
		assert_int_equal(roles_parse(str_from(text), &back), 0);
		assert_int_equal(back, roles);
	}
	roles_print(0, text);
	assert_string_equal(text, "");
	assert_string_equal(role_name(ROLE_AUDITOR), "auditor");
}

static void test_a_role_that_is_misspelt_is_refused(void **state)
{
	static const char *const wrong[] = {"",    ",", "operator,", "Operator", "operator;auditor",
					    "root"};
	uint32_t roles = 77;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(roles_parse(str_from(wrong[i]), &roles), -EINVAL);
	assert_int_equal(roles, 77);
	assert_int_equal(roles_parse(STR(" auditor , operator"), &roles), 0);
	assert_int_equal(roles, ROLE_AUDITOR | ROLE_OPERATOR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_set_of_roles_has_the_rights_of_the_table_and_no_other),
		cmocka_unit_test(test_a_right_or_a_role_that_does_not_exist_gives_nothing),
		cmocka_unit_test(test_roles_round_trip_through_their_names),
		cmocka_unit_test(test_a_role_that_is_misspelt_is_refused),
	};

	return cmocka_run_group_tests_name("core: access", tests, NULL, NULL);
}
