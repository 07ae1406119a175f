/* Where the telephone that calls 17 is, as it says itself. */
#include "wire/aml.h"

#include <errno.h>
#include <math.h>

#include "base/clock.h"
#include "vectors.h"

static void assert_as_expected(const json_t *vector, const struct aml *a)
{
	json_t *expected = json_object_get(vector, "expected");
	json_t *radius = json_object_get(expected, "radius_m");

	assert_true(fabs(a->lat_e7 / 1e7 - json_number_value(json_object_get(expected, "lat"))) <
		    1e-7);
	assert_true(fabs(a->lon_e7 / 1e7 - json_number_value(json_object_get(expected, "lon"))) <
			    1e-7 ||
		    !json_object_get(expected, "lon"));
	if (radius)
		assert_true(a->radius_m == json_number_value(radius));
}

static int decode(const json_t *vector, struct aml *a)
{
	struct buf bytes = bytes_of(vector_text(vector, "input_hex")), text = BUF_INIT;
	char *exact = exact_copy(buf_str(&bytes));
	struct str in = str_of(exact, bytes.len);
	int r;

	if (vector_is(vector, "kind", "sms-data-7bit-hex")) {
		assert_true(aml_is_packed(in));
		assert_int_equal(aml_unpack(in, &text), 0);
		assert_str_equal(buf_str(&text),
				 vector_text(json_object_get(vector, "expected"), "text"));
		r = aml_decode_text(buf_str(&text), a);
	} else if (!strncmp(vector_text(vector, "kind"), "sms", 3)) {
		assert_true(aml_is_text(in));
		r = aml_decode_text(in, a);
	} else {
		r = aml_decode_form(in, a);
	}
	buf_fini(&text);
	buf_fini(&bytes);
	free(exact);
	return r;
}

static void test_every_vector_says_where_it_is(void **state)
{
	json_t *all = vectors_load("aml"), *vector;
	size_t i;

	json_array_foreach(all, i, vector)
	{
		struct aml a;

		if (decode(vector, &a))
			fail_msg("%s is not read", vector_text(vector, "id"));

		assert_as_expected(vector, &a);
	}
	json_decref(all);
}

static struct aml text_of(const char *text)
{
	struct aml a;

	assert_int_equal(aml_decode_text(str_from(text), &a), 0);
	return a;
}

static void test_the_time_and_the_means_are_read(void **state)
{
	struct aml a = text_of("A\"ML=1;lt=+48.82639;lg=-2.36619;rd=52;top=20191112112928;pm=G");
	char at[TIME_TEXT_SIZE];

	time_print(a.at_ms, at);
	assert_string_equal(at, "2019-11-12T11:29:28.000Z");
	assert_false(a.approximate);
	assert_true(text_of("A\"ML=1;lt=48.8;lg=2.3;pm=W").approximate);
	a = text_of("A\"ML=2;et=1593187189;lo=48.8,2.3,12;lt=-9;ls=C");
	assert_int_equal(a.at_ms, INT64_C(1593187180000));
	assert_true(a.approximate && a.radius_m == 12);
}

static void test_what_a_telephone_does_not_know_is_no_place(void **state)
{
	struct aml a;

	assert_int_equal(
		aml_decode_text(STR("A\"ML=1;lt=0.0;lg=0.0;rd=N;top=20191112112928;pm=N"), &a),
		-ENOENT);
	assert_int_equal(aml_decode_form(STR("v=1&device_number=%2B33611223344"), &a), -ENOENT);
	assert_int_equal(aml_decode_form(STR("v=1&location_latitude=48&location_longitude=2"), &a),
			 -EBADMSG);
}

static void test_wrong_fields_are_not_said_and_wrong_places_are_none(void **state)
{
	static const char *const bad[] = {
		"",
		"A\"ML",
		"A\"ML=1",
		"A\"ML=1;lt=48",
		"A\"ML=1;lt=91;lg=2",
		"A\"ML=1;lt=nan;lg=2",
		"A\"ML=1;lt=48;lg=1e9",
		"A\"ML=1;lt=0x30;lg=2",
		"A\"ML=2;lo=48.8",
		"Bonjour",
	};
	struct aml a;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(aml_decode_text(str_from(bad[i]), &a), -EBADMSG);
	a = text_of("A\"ML=1;lt=48;lg=2;rd=-4;top=20191312112928;;=;x;si=208");
	assert_true(a.radius_m < 0 && a.at_ms == TIME_NONE);
	assert_int_equal(aml_decode_form(STR("device_number=%2B336%1&location_latitude=48&"
					     "location_longitude=2"),
					 &a),
			 -EBADMSG);
}

static void test_the_signature_covers_all_that_comes_before_it(void **state)
{
	struct str said, hmac;

	assert_true(aml_form_signature(STR("v=1&hmac=zz&x=1&hmac=f64c"), &said, &hmac));
	assert_str_equal(said, "v=1&hmac=zz&x=1");
	assert_str_equal(hmac, "f64c");
	assert_false(aml_form_signature(STR("v=1"), &said, &hmac));
	assert_false(aml_form_signature(STR(""), &said, &hmac));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_vector_says_where_it_is),
		cmocka_unit_test(test_the_time_and_the_means_are_read),
		cmocka_unit_test(test_what_a_telephone_does_not_know_is_no_place),
		cmocka_unit_test(test_wrong_fields_are_not_said_and_wrong_places_are_none),
		cmocka_unit_test(test_the_signature_covers_all_that_comes_before_it),
	};

	return cmocka_run_group_tests_name("wire: AML", tests, NULL, NULL);
}
