/* Location objects of real implementations, and of those who attack a reader of XML. */
#include "wire/pidf.h"

#include <errno.h>
#include <math.h>

#include "base/clock.h"
#include "vectors.h"

static void assert_as_expected(const json_t *vector, const struct pidf *p)
{
	json_t *expected = json_object_get(vector, "expected"),
	       *lat = json_object_get(expected, "lat");
	json_t *radius = json_object_get(expected, "radius_m");
	double near = json_number_value(json_object_get(expected, "near")) + 1e-7;

	assert_int_equal(p->located, lat != NULL);
	if (lat) {
		assert_true(fabs(p->lat_e7 / 1e7 - json_number_value(lat)) < near);
		assert_true(fabs(p->lon_e7 / 1e7 -
				 json_number_value(json_object_get(expected, "lon"))) < near);
	}
	if (radius)
		assert_true(p->radius_m == json_number_value(radius));
	if (json_object_get(expected, "address"))
		assert_string_equal(p->address, vector_text(expected, "address"));
}

static void test_every_sample_is_read_or_refused_as_it_must_be(void **state)
{
	json_t *all = vectors_load("pidf"), *vector;
	size_t i;

	json_array_foreach(all, i, vector)
	{
		struct buf bytes = bytes_of(vector_text(vector, "input_hex"));
		char *exact = exact_copy(buf_str(&bytes));
		const char *error = vector_text(vector, "error");
		int wanted = !strcmp(error, "none")  ? -ENOENT
			     : !strcmp(error, "bad") ? -EBADMSG
						     : 0;
		struct pidf p;
		int r = pidf_decode(str_of(exact, bytes.len), &p);

		if (r != wanted)
			fail_msg("%s: %d", vector_text(vector, "source"), r);
		if (!r)
			assert_as_expected(vector, &p);
		buf_fini(&bytes);
		free(exact);
	}
	json_decref(all);
}

#define PLACE(inside)                                                            \
	"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\"><location-info>" inside \
	"</location-info>"                                                       \
	"<timestamp>2026-11-23T19:18:05Z</timestamp></presence>"

static void test_the_time_of_the_place_is_read(void **state)
{
	char at[TIME_TEXT_SIZE];
	struct pidf p;

	assert_int_equal(pidf_decode(STR(PLACE("<pos>46.5 0.3</pos>")), &p), 0);
	time_print(p.at_ms, at);
	assert_string_equal(at, "2026-11-23T19:18:05.000Z");
}

static void test_places_that_are_none_are_not_taken(void **state)
{
	static const char *const none[] = {
		PLACE("<pos>46.5</pos>"),         PLACE("<pos>nan nan</pos>"),
		PLACE("<pos>91 0</pos>"),         PLACE("<pos>0 181</pos>"),
		PLACE("<pos>46.5 0.3 1 2</pos>"), PLACE("<pos>1e400 0</pos>"),
		PLACE("<posList>x y</posList>"),
	};
	struct pidf p;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(pidf_decode(str_from(none[i]), &p), -ENOENT);
}

static void test_what_attacks_a_reader_of_xml_is_refused(void **state)
{
	static const char laughs[] =
		"<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>" PLACE(
			"<pos>46.5 0.3</pos>");
	struct buf deep = BUF_INIT, large = BUF_INIT;
	struct pidf p;

	assert_int_equal(pidf_decode(str_from(laughs), &p), -EBADMSG);
	for (int i = 0; i < 100; i++)
		buf_add_str(&deep, STR("<a>"));
	assert_int_equal(pidf_decode(buf_str(&deep), &p), -EBADMSG);
	buf_add_str(&large, STR("<a>"));
	while (large.len <= LIMIT_PIDF_BYTES)
		buf_add_str(&large, STR("aaaaaaaa"));
	buf_add_str(&large, STR("</a>"));
	assert_int_equal(pidf_decode(buf_str(&large), &p), -EBADMSG);
	assert_int_equal(pidf_decode(STR("\xff\xfe<"), &p), -EBADMSG);
	buf_fini(&deep);
	buf_fini(&large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_sample_is_read_or_refused_as_it_must_be),
		cmocka_unit_test(test_the_time_of_the_place_is_read),
		cmocka_unit_test(test_places_that_are_none_are_not_taken),
		cmocka_unit_test(test_what_attacks_a_reader_of_xml_is_refused),
	};

	return cmocka_run_group_tests_name("wire: location objects", tests, NULL, NULL);
}
