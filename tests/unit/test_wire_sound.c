/* wire/sound: only whole frames of 20 ms, mono, are taken, whatever the bytes. */
#include "vectors.h"

#include "wire/sound.h"

enum { HEX_CAP = 4096 };

static struct str frame_of(json_t *vector, uint8_t bytes[HEX_CAP])
{
	const char *hex = json_string_value(json_object_get(vector, "input_hex"));
	ptrdiff_t len = hex_decode(str_from(hex), bytes, HEX_CAP);

	assert_true(len >= 0);
	return str_of(bytes, (size_t)len);
}

static void test_every_frame_is_taken_or_not_as_it_says(void **state)
{
	json_t *all = vectors_load("sound"), *vector;
	uint8_t bytes[HEX_CAP];
	size_t i;

	json_array_foreach(all, i, vector)
	{
		struct sound_frame frame;
		bool taken = !sound_decode(frame_of(vector, bytes), &frame);

		if (taken != json_is_true(json_object_get(vector, "valid")))
			fail_msg("%s", json_string_value(json_object_get(vector, "id")));
	}
	json_decref(all);
}

static void test_what_is_taken_is_written_again_as_it_came(void **state)
{
	json_t *all = vectors_load("sound"), *vector;
	uint8_t bytes[HEX_CAP];
	size_t i;

	json_array_foreach(all, i, vector)
	{
		struct str came = frame_of(vector, bytes);
		struct sound_frame frame;
		struct buf again = BUF_INIT;

		if (sound_decode(came, &frame))
			continue;
		sound_encode(&frame, &again);
		assert_true(str_eq(buf_str(&again), came));
		buf_fini(&again);
	}
	json_decref(all);
}

static void test_fields_are_where_the_table_says(void **state)
{
	static const uint8_t bytes[] = {1,    5,    0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6,
					0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf,
					0,    0,    1,    2,    0,    0,    3,    4,    0,
					0,    1,    2,    3,    4,    5,    6,    0xf8, 'x'};
	struct sound_frame f;

	assert_int_equal(sound_decode(str_of(bytes, sizeof(bytes)), &f), 0);
	assert_int_equal(f.flags, SOUND_VOICE | SOUND_BACKFILL);
	assert_int_equal(f.alert.bytes[0], 0xa0);
	assert_int_equal(f.alert.bytes[15], 0xaf);
	assert_int_equal(f.epoch, 0x102);
	assert_int_equal(f.sequence, 0x304);
	assert_int_equal(f.at_ms, 0x10203040506);
	assert_int_equal(f.packet.len, 2);
	assert_int_equal(sound_span(&f), 1);
}

static void test_a_frame_cut_anywhere_is_refused_or_shorter_sound(void **state)
{
	struct sound_frame gap = {.epoch = 1, .flags = SOUND_GAP, .missing = 3}, read;
	struct buf b = BUF_INIT;

	sound_encode(&gap, &b);
	for (size_t len = 0; len < b.len; len++)
		assert_int_not_equal(sound_decode(str_of(b.ptr, len), &read), 0);
	assert_int_equal(sound_decode(buf_str(&b), &read), 0);
	assert_int_equal(sound_span(&read), 3);
	buf_fini(&b);
}

/* Times of pages are subtracted: none may be so far from another that it cannot be. */
static void test_a_page_of_no_time_is_refused(void **state)
{
	static const struct {
		int64_t began_ms, received_ms;
		bool is_page;
	} cases[] = {
		{0, 0, true},          {TIME_LAST_MS, TIME_LAST_MS, true},
		{-1, 0, false},        {0, -1, false},
		{INT64_MIN, 0, false}, {TIME_LAST_MS + 1, 0, false},
		{0, INT64_MAX, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sound_page page = {.epoch = 1,
					  .began_ms = cases[i].began_ms,
					  .received_ms = cases[i].received_ms};
		struct buf b = BUF_INIT;
		struct str rest;

		sound_page_begin(&page, &b);
		assert_int_equal(sound_page_open(buf_str(&b), &page, &rest) == 0, cases[i].is_page);
		buf_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_frame_is_taken_or_not_as_it_says),
		cmocka_unit_test(test_what_is_taken_is_written_again_as_it_came),
		cmocka_unit_test(test_fields_are_where_the_table_says),
		cmocka_unit_test(test_a_frame_cut_anywhere_is_refused_or_shorter_sound),
		cmocka_unit_test(test_a_page_of_no_time_is_refused),
	};

	return cmocka_run_group_tests_name("wire/sound", tests, NULL, NULL);
}
