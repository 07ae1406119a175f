/* A watch's recording as a browser plays it: the tone that was recorded comes out. */
#include <errno.h>

#include "vectors.h"

#include "base/alloc.h"
#include "wire/amr.h"

enum { HEADER = 44, FRAME_BYTES = 33 - 1 };

static struct buf recording(size_t number)
{
	json_t *all = vectors_load("amr"), *one = json_array_get(all, number);
	struct buf amr = BUF_INIT;
	size_t len = strlen(vector_text(one, "input_hex")) / 2;

	hex_decode(str_from(vector_text(one, "input_hex")), (uint8_t *)buf_reserve(&amr, len), len);
	amr.len = len;
	json_decref(all);
	return amr;
}

static int sample(const struct buf *wav, size_t at)
{
	const uint8_t *p = (const uint8_t *)wav->ptr + HEADER + 2 * at;

	return (int16_t)(p[0] | p[1] << 8);
}

static void test_the_tone_that_was_recorded_comes_out(void **state)
{
	struct buf amr = recording(0), wav = BUF_INIT;
	unsigned crossings = 0;
	double power = 0;

	assert_int_equal(amr_to_wav(buf_str(&amr), &wav), 0);
	assert_int_equal(wav.len, HEADER + 20 * 160 * 2);
	assert_memory_equal(wav.ptr, "RIFF", 4);
	/* Past the decoder's beginning: 440 Hz cross zero 880 times a second. */
	for (size_t i = 800; i < 3200 - 1; i++) {
		crossings += (sample(&wav, i) < 0) != (sample(&wav, i + 1) < 0);
		power += (double)sample(&wav, i) * sample(&wav, i);
	}
	assert_in_range(crossings, 880 * 3 / 10 - 6, 880 * 3 / 10 + 6);
	assert_true(sqrt(power / 2400) > 4000);
	buf_fini(&amr);
	buf_fini(&wav);
}

static void test_a_frame_cut_by_the_end_is_dropped(void **state)
{
	struct buf amr = recording(0), wav = BUF_INIT;

	for (size_t len = 0; len < amr.len; len++) {
		int r = amr_to_wav(str_of(amr.ptr, len), &wav);
		size_t frames = len < 6 ? 0 : (len - 6) / FRAME_BYTES;

		assert_int_equal(r, frames ? 0 : -EBADMSG);
		assert_int_equal(wav.len, frames ? HEADER + frames * 320 : 0);
		buf_reset(&wav);
	}
	buf_fini(&amr);
	buf_fini(&wav);
}

static void test_what_is_no_recording_is_refused(void **state)
{
	static const char *const bytes[] = {"", "#!AMR", "#!AMR\n", "RIFF....WAVE", "#!AMR\n\x48"};
	struct buf wav = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(bytes); i++)
		assert_int_equal(amr_to_wav(str_from(bytes[i]), &wav), -EBADMSG);
	assert_int_equal(wav.len, 0);
	buf_fini(&wav);
}

static void test_a_frame_without_data_is_silence(void **state)
{
	struct buf amr = recording(1), wav = BUF_INIT;

	assert_int_equal(amr_to_wav(buf_str(&amr), &wav), 0);
	for (size_t i = 0; i < 160; i++)
		assert_in_range(abs(sample(&wav, i)), 0, 64);
	buf_fini(&amr);
	buf_fini(&wav);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_tone_that_was_recorded_comes_out),
		cmocka_unit_test(test_a_frame_cut_by_the_end_is_dropped),
		cmocka_unit_test(test_what_is_no_recording_is_refused),
		cmocka_unit_test(test_a_frame_without_data_is_silence),
	};

	return cmocka_run_group_tests_name("wire: amr", tests, NULL, NULL);
}
