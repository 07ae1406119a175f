/* core/ladder: a ladder that would leave somebody alone is refused. */
#include "test.h"

#include <errno.h>

#include "base/alloc.h"
#include "core/ladder.h"

static struct ladder good(void)
{
	struct ladder ladder;

	ladder_default(&ladder);
	return ladder;
}

static void assert_refused(const struct ladder *ladder, const char *because)
{
	char why[160] = "";

	assert_int_equal(ladder_check(ladder, why), -EINVAL);
	if (!strstr(why, because))
		fail_msg("« %s » does not say « %s »", why, because);
}

static void test_the_default_ladder_is_the_one_of_the_prefectures(void **state)
{
	static const int after_s[] = {5, 10, 20, 45, 60};
	struct ladder ladder = good();
	char why[160];

	assert_int_equal(ladder_check(&ladder, why), 0);
	assert_int_equal(ladder.step_count, ARRAY_LEN(after_s));
	for (size_t i = 0; i < ARRAY_LEN(after_s); i++)
		assert_int_equal(ladder.steps[i].after_s, after_s[i]);
	assert_int_equal(ladder.contact_answer_s, 60);
	assert_int_equal(ladder.message_validity_s, 600);
	assert_int_equal(ladder.take_over_free_s, 20);
}

static void test_times_outside_a_second_and_an_hour_are_refused(void **state)
{
	static const int wrong[] = {0, -1, 3601, INT32_MAX};
	struct ladder ladder;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		int *const places[] = {&ladder.steps[4].after_s,   &ladder.contact_answer_s,
				       &ladder.message_validity_s, &ladder.unit_receipt_s,
				       &ladder.take_over_free_s,   &ladder.duplicate_s,
				       &ladder.device_silent_s,    &ladder.message_sent_s};

		for (size_t place = 0; place < ARRAY_LEN(places); place++) {
			ladder = good();
			*places[place] = wrong[i];
			assert_refused(&ladder, "3600 secondes");
		}
	}
}

static void test_steps_out_of_order_are_refused(void **state)
{
	struct ladder ladder = good();

	ladder.steps[2].after_s = 9;
	assert_refused(&ladder, "croissants");
	ladder = good();
	ladder.steps[2].unless = UNLESS_ACTED;
	assert_refused(&ladder, "croissants");
	ladder = good();
	ladder.steps[3].unless = UNLESS_ACTED;
	ladder.steps[3].after_s = 61;
	assert_refused(&ladder, "croissants");
	ladder = good();
	ladder.steps[2].after_s = 10; /* two at once is fine */
	assert_int_equal(ladder_check(&ladder, (char[160]){0}), 0);
}

static void test_a_ladder_needs_names_and_a_step_for_what_nobody_claims(void **state)
{
	struct ladder ladder = good();

	ladder.step_count = 0;
	assert_refused(&ladder, "échelons");
	ladder.step_count = LADDER_MAX_STEPS + 1;
	assert_refused(&ladder, "échelons");
	ladder = good();
	ladder.steps[1].name[0] = '\0';
	assert_refused(&ladder, "nom");
	ladder = good();
	ladder.steps[1].label[0] = '\0';
	assert_refused(&ladder, "libellé");
	ladder = good();
	memcpy(ladder.steps[1].name, ladder.steps[0].name, sizeof(ladder.steps[0].name));
	assert_refused(&ladder, "neighbour");
	ladder = good();
	ladder.step_count = 1;
	assert_refused(&ladder, "personne ne prend");
}

static void test_what_has_fired_is_known_by_the_names_of_the_steps(void **state)
{
	struct ladder before = good(), now = good();

	assert_int_equal(ladder_carry_over(0x1f, &before, &now), 0x1f);
	assert_int_equal(ladder_carry_over(0x05, &before, &now), 0x05);
	/* A step before all others, and "second" gone. */
	memmove(&now.steps[1], &now.steps[0], 2 * sizeof(now.steps[0]));
	snprintf(now.steps[0].name, sizeof(now.steps[0].name), "first");
	assert_int_equal(ladder_carry_over(0x01, &before, &now), 0x02);
	assert_int_equal(ladder_carry_over(0x04, &before, &now), 0x00);
	assert_int_equal(ladder_carry_over(0x1f, &before, &now), 0x1e);
	before.step_count = 0;
	assert_int_equal(ladder_carry_over(0x1f, &before, &now), 0);
}

static void test_ladders_climb_alike_but_for_what_they_say(void **state)
{
	struct ladder before = good(), now = good();

	now.steps[0].label[0] = 'X';
	now.steps[0].message_duty = false;
	now.steps[0].show = TARGET_ZONE;
	assert_true(ladder_climbs_alike(&before, &now));
	now.steps[3].after_s++;
	assert_false(ladder_climbs_alike(&before, &now));
	now = good();
	now.steps[3].name[0] = 'X';
	assert_false(ladder_climbs_alike(&before, &now));
	now = good();
	now.steps[1].unless = UNLESS_PAINTED;
	assert_false(ladder_climbs_alike(&before, &now));
	now = good();
	now.step_count--;
	assert_false(ladder_climbs_alike(&before, &now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_default_ladder_is_the_one_of_the_prefectures),
		cmocka_unit_test(test_times_outside_a_second_and_an_hour_are_refused),
		cmocka_unit_test(test_steps_out_of_order_are_refused),
		cmocka_unit_test(test_a_ladder_needs_names_and_a_step_for_what_nobody_claims),
		cmocka_unit_test(test_what_has_fired_is_known_by_the_names_of_the_steps),
		cmocka_unit_test(test_ladders_climb_alike_but_for_what_they_say),
	};

	return cmocka_run_group_tests_name("core: ladder", tests, NULL, NULL);
}
