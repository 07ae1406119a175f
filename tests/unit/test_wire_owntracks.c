/* wire/owntracks: only a location is a position; a manual publish tagged "sos" is a call for help.
 */
#include "vectors.h"

#include "base/alloc.h"
#include "wire/owntracks.h"

static struct arena arena;

static int forget(void **state)
{
	arena_fini(&arena);
	return 0;
}

static struct report posted(const char *body)
{
	struct report r;

	owntracks_decode(str_from(body), &arena, &r);
	return r;
}

static void test_every_real_message_decodes_as_it_says(void **state)
{
	json_t *all = vectors_load("owntracks"), *vector;
	size_t i;

	json_array_foreach(all, i, vector)
	{
		struct report r = posted(vector_text(vector, "http_body"));

		assert_string_equal(report_kind_name(r.kind), vector_text(vector, "kind"));
		assert_str_equal(r.device, vector_text(vector, "device_id"));
		assert_str_equal(r.type, "location");
		assert_report_as_expected(vector, &r);
	}
	json_decref(all);
}

static void test_a_message_cut_at_any_byte_is_refused(void **state)
{
	json_t *all = vectors_load("owntracks"), *vector;
	size_t i;

	json_array_foreach(all, i, vector)
	{
		struct str body = str_from(vector_text(vector, "http_body"));

		for (size_t len = 0; len < body.len; len++) {
			char *copy = exact_copy(str_slice(body, 0, len));
			struct report r;

			owntracks_decode(str_of(copy, len), &arena, &r);
			assert_int_equal(r.kind, REPORT_REJECT);
			assert_false(r.sos);
			free(copy);
		}
	}
	json_decref(all);
}

static void test_only_a_location_is_a_position(void **state)
{
	static const char *const types[] = {"transition", "waypoint", "waypoints", "beacon",
					    "lwt",        "cmd",      "card",      "encrypted",
					    "steps",      "status",   "request"};
	char body[256];

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct report r;

		snprintf(body, sizeof(body),
			 "{\"_type\":\"%s\",\"lat\":46.58,\"lon\":0.34,\"tst\":1497349316,\"tid\":"
			 "\"JJ\"}",
			 types[i]);
		r = posted(body);
		assert_int_equal(r.kind, REPORT_NONE);
		assert_str_equal(r.type, types[i]);
		assert_int_equal(r.fix.source, FIX_NONE);
	}
}

static void test_a_manual_publish_tagged_sos_is_an_sos(void **state)
{
	static const char *const sos[] = {
		"{\"_type\":\"location\",\"t\":\"u\",\"tag\":\"SOS\",\"lat\":46.58,\"lon\":0.34}",
		"{\"_type\":\"location\",\"t\":\"u\",\"poi\":\"sos\"}",
		"{\"_type\":\"location\",\"t\":\"u\",\"poi\":\" Sos !\",\"lat\":\"x\",\"tst\":{}}",
		"{\"_type\":\"location\",\"t\":\"U\",\"tag\":\"sos\",\"lat\":1e300,\"lon\":[]}",
	};
	static const char *const no_sos[] = {
		"{\"_type\":\"location\",\"t\":\"p\",\"tag\":\"sos\"}",
		"{\"_type\":\"location\",\"t\":\"u\",\"tag\":\"sosie\"}",
		"{\"_type\":\"location\",\"t\":\"u\",\"desc\":\"sos\"}",
		"{\"_type\":\"waypoint\",\"t\":\"u\",\"tag\":\"sos\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(sos); i++) {
		assert_int_equal(posted(sos[i]).kind, REPORT_SOS);
		assert_true(posted(sos[i]).sos);
		assert_int_equal(posted(sos[i]).fix.source, i ? FIX_NONE : FIX_GNSS);
	}
	for (size_t i = 0; i < ARRAY_LEN(no_sos); i++)
		assert_false(posted(no_sos[i]).sos);
}

static void test_a_broken_message_that_may_be_an_sos_says_so(void **state)
{
	static const char *const bodies[] = {
		"{\"_type\":\"location\",\"tid\":\"JJ\",\"t\":\"u\",\"tag\":\"sos\"",
		"{\"t\":\"u\",\"poi\":\"SOS\",\"tid\":\"JJ\"}",
		"{\"_type\":\"location\",\"tag\":\"sos\",\"tag\":\"\",\"tid\":\"JJ\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct report r = posted(bodies[i]);

		assert_int_equal(r.kind, REPORT_REJECT);
		assert_true(r.sos);
		assert_str_equal(r.device, "JJ");
	}
	assert_int_equal(posted("not json").kind, REPORT_REJECT);
	assert_false(posted("not json").sos);
	assert_int_equal(posted("").kind, REPORT_REJECT);
	assert_int_equal(posted("[1]").kind, REPORT_REJECT);
}

static void test_the_device_is_the_topic_before_the_two_letters(void **state)
{
	assert_str_equal(
		posted("{\"_type\":\"location\",\"tid\":\"JJ\",\"topic\":\"owntracks/u/d\"}")
			.device,
		"owntracks/u/d");
	assert_str_equal(posted("{\"_type\":\"location\",\"tid\":\"JJ\"}").device, "JJ");
	assert_int_equal(posted("{\"_type\":\"location\"}").device.len, 0);
}

static void test_figures_are_read_with_their_units(void **state)
{
	struct report r =
		posted("{\"_type\":\"location\",\"lat\":46.58,\"lon\":-0.34,\"tst\":1497349316,"
		       "\"acc\":12,\"alt\":-3,\"vel\":54,\"cog\":270,\"batt\":46,\"bs\":2}");

	assert_int_equal(r.kind, REPORT_POSITION);
	assert_true(r.at_ms == 1497349316000 && r.fix.at_ms == r.at_ms);
	assert_true(r.fix.accuracy_m == 12 && r.fix.altitude_m == -3 && r.fix.speed_kmh == 54 &&
		    r.fix.course_deg == 270);
	assert_int_equal(r.fix.lon_e7, -3400000);
	assert_int_equal(r.battery_percent, 46);
	assert_true(r.charging_known && r.charging);
	assert_false(posted("{\"_type\":\"location\",\"bs\":1}").charging);
	assert_false(posted("{\"_type\":\"location\",\"bs\":0}").charging_known);
}

static void test_a_location_without_coordinates_is_a_status(void **state)
{
	assert_int_equal(posted("{\"_type\":\"location\",\"batt\":46}").kind, REPORT_STATUS);
	assert_int_equal(posted("{\"_type\":\"location\",\"lat\":0,\"lon\":0}").kind,
			 REPORT_STATUS);
	assert_int_equal(posted("{\"_type\":\"location\",\"lat\":95,\"lon\":0.34}").kind,
			 REPORT_STATUS);
}

static void test_trackers_alarms_are_kept(void **state)
{
	assert_int_equal(posted("{\"_type\":\"location\",\"t\":\"9\"}").alarms, ALARM_LOW_BATTERY);
	assert_int_equal(posted("{\"_type\":\"location\",\"t\":\"e\"}").alarms, ALARM_POWER_CUT);
	assert_int_equal(posted("{\"_type\":\"location\",\"t\":\"!\"}").kind, REPORT_ALARM);
	assert_int_equal(posted("{\"_type\":\"location\",\"t\":\"p\"}").alarms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_every_real_message_decodes_as_it_says, forget),
		cmocka_unit_test_teardown(test_a_message_cut_at_any_byte_is_refused, forget),
		cmocka_unit_test_teardown(test_only_a_location_is_a_position, forget),
		cmocka_unit_test_teardown(test_a_manual_publish_tagged_sos_is_an_sos, forget),
		cmocka_unit_test_teardown(test_a_broken_message_that_may_be_an_sos_says_so, forget),
		cmocka_unit_test_teardown(test_the_device_is_the_topic_before_the_two_letters,
					  forget),
		cmocka_unit_test_teardown(test_figures_are_read_with_their_units, forget),
		cmocka_unit_test_teardown(test_a_location_without_coordinates_is_a_status, forget),
		cmocka_unit_test_teardown(test_trackers_alarms_are_kept, forget),
	};

	return cmocka_run_group_tests_name("wire/owntracks", tests, NULL, NULL);
}
