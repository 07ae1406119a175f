/* base/: parsers are strict, time survives leap days, maps and queues keep what they are given. */
#include "test.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "base/id.h"
#include "base/map.h"
#include "base/queue.h"

static void test_integers_outside_their_range_are_refused(void **state)
{
	int64_t value = 7;

	assert_int_equal(str_parse_i64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &value),
			 0);
	assert_true(value == INT64_MIN);
	assert_int_equal(str_parse_i64(STR("9223372036854775808"), INT64_MIN, INT64_MAX, &value),
			 -ERANGE);
	assert_int_equal(str_parse_i64(STR("12a"), 0, 100, &value), -EINVAL);
	assert_int_equal(str_parse_i64(STR(""), 0, 100, &value), -EINVAL);
	assert_int_equal(str_parse_i64(STR("-"), 0, 100, &value), -EINVAL);
	assert_int_equal(str_parse_i64(STR("101"), 0, 100, &value), -ERANGE);
	assert_int_equal(str_parse_i64(STR("+42"), 0, 100, &value), 0);
	assert_int_equal(value, 42);
}

static void test_doubles_accept_no_hexadecimal_infinity_or_nan(void **state)
{
	double value;

	assert_int_equal(str_parse_double(STR("46.58"), -90, 90, &value), 0);
	assert_true(value > 46.57 && value < 46.59);
	assert_int_equal(str_parse_double(STR("0x10"), -90, 90, &value), -EINVAL);
	assert_int_equal(str_parse_double(STR("nan"), -90, 90, &value), -EINVAL);
	assert_int_equal(str_parse_double(STR("inf"), -90, 90, &value), -EINVAL);
	assert_int_equal(str_parse_double(STR("1e999"), -90, 90, &value), -ERANGE);
	assert_int_equal(str_parse_double(STR("90.1"), -90, 90, &value), -ERANGE);
	assert_int_equal(str_parse_double(STR("1.2.3"), -90, 90, &value), -EINVAL);
}

static void test_utf8_refuses_overlong_surrogate_and_truncated(void **state)
{
	assert_true(str_is_utf8(STR("Chalandray, élu·e 🛡")));
	assert_false(str_is_utf8(STR("\xC0\xAF")));
	assert_false(str_is_utf8(STR("\xED\xA0\x80")));
	assert_false(str_is_utf8(STR("\xF4\x90\x80\x80")));
	assert_false(str_is_utf8(STR("\xE2\x82")));
	assert_false(str_is_utf8(str_of("a\0b", 3)));
}

static void test_time_round_trips_through_text(void **state)
{
	static const char *const texts[] = {"1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z",
					    "2000-03-01T00:00:00.000Z", "1969-12-31T23:59:59.001Z"};
	char out[TIME_TEXT_SIZE];
	int64_t at;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(time_parse(str_from(texts[i]), &at), 0);
		time_print(at, out);
		assert_string_equal(out, texts[i]);
	}
	assert_int_equal(time_parse(STR("2025-06-15T15:45:12+02:00"), &at), 0);
	time_print(at, out);
	assert_string_equal(out, "2025-06-15T13:45:12.000Z");
	assert_int_equal(time_parse(STR("2023-02-29T00:00:00Z"), &at), -EINVAL);
	assert_int_equal(time_parse(STR("2023-02-28T24:00:00Z"), &at), -EINVAL);
	assert_int_equal(time_parse(STR("2023-02-28"), &at), -EINVAL);
}

static void test_ids_round_trip_and_sort_by_time(void **state)
{
	uint8_t chance[10] = {0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9};
	struct id early = id_v7(1000, chance), late = id_v7(1001, chance), back;
	char text[ID_TEXT_SIZE];

	id_print(early, text);
	assert_int_equal(id_parse(str_from(text), &back), 0);
	assert_true(id_eq(early, back));
	assert_true(memcmp(early.bytes, late.bytes, 16) < 0);
	assert_int_equal(early.bytes[6] >> 4, 7);
	assert_int_equal(early.bytes[8] >> 6, 2);
	assert_int_equal(id_parse(STR("0190-bad"), &back), -EINVAL);
}

static void test_a_short_cursor_stays_failed(void **state)
{
	struct cursor c = cursor_of(str_of("\x01\x02\x03", 3));

	assert_int_equal(cursor_u16(&c), 0x0102);
	assert_int_equal(cursor_u32(&c), 0);
	assert_false(cursor_ok(&c));
	assert_int_equal(cursor_u8(&c), 0);
	assert_false(cursor_ok(&c));
}

static void test_map_keeps_what_random_changes_leave(void **state)
{
	static int present[512];
	struct map m = MAP_INIT;
	uint64_t seed = 42;
	size_t expected = 0;

	for (int round = 0; round < 20000; round++) {
		size_t key;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		key = (seed >> 33) % ARRAY_LEN(present);
		if (seed >> 63)
			map_set(&m, map_key_u64(key), &present[key]);
		else
			map_remove(&m, map_key_u64(key));
		present[key] = (int)(seed >> 63);
	}
	for (size_t key = 0; key < ARRAY_LEN(present); key++) {
		assert_ptr_equal(map_get(&m, map_key_u64(key)),
				 present[key] ? &present[key] : NULL);
		expected += (size_t)present[key];
	}
	assert_int_equal(m.len, expected);
	map_fini(&m);
}

static void test_queue_serves_the_first_lane_first_and_refuses_when_full(void **state)
{
	struct queue *q = queue_new(2, 2);
	int a, b, c;

	assert_int_equal(queue_push(q, 1, &a), 0);
	assert_int_equal(queue_push(q, 1, &b), 0);
	assert_int_equal(queue_push(q, 1, &c), -EAGAIN);
	assert_int_equal(queue_push(q, 0, &c), 0);
	assert_ptr_equal(queue_pop(q, 0), &c);
	queue_close(q);
	assert_int_equal(queue_push(q, 0, &c), -ESHUTDOWN);
	assert_ptr_equal(queue_pop(q, -1), &a);
	assert_ptr_equal(queue_pop(q, -1), &b);
	assert_null(queue_pop(q, -1));
	queue_free(q);
}

static void test_buffer_consumes_from_the_front(void **state)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "%s=%d", "key", 42);
	buf_consume(&b, 4);
	assert_str_equal(buf_str(&b), "42");
	buf_consume(&b, 10);
	assert_int_equal(b.len, 0);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers_outside_their_range_are_refused),
		cmocka_unit_test(test_doubles_accept_no_hexadecimal_infinity_or_nan),
		cmocka_unit_test(test_utf8_refuses_overlong_surrogate_and_truncated),
		cmocka_unit_test(test_time_round_trips_through_text),
		cmocka_unit_test(test_ids_round_trip_and_sort_by_time),
		cmocka_unit_test(test_a_short_cursor_stays_failed),
		cmocka_unit_test(test_map_keeps_what_random_changes_leave),
		cmocka_unit_test(test_queue_serves_the_first_lane_first_and_refuses_when_full),
		cmocka_unit_test(test_buffer_consumes_from_the_front),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
