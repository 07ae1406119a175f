/* wire/osmand: query, form and JSON say the same; what is broken may still be a call for help. */
#include "vectors.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "wire/osmand.h"

static struct arena arena;

static int forget(void **state)
{
	arena_fini(&arena);
	return 0;
}

static struct report got(const char *uri)
{
	struct report r;

	osmand_decode(str_from(uri), STR_NONE, STR_NONE, &arena, &r);
	return r;
}

static struct report posted(const char *content_type, const char *body)
{
	struct report r;

	osmand_decode(STR("/"), str_from(content_type), str_from(body), &arena, &r);
	return r;
}

static struct report posted_json(const char *body)
{
	return posted("application/json", body);
}

/* The three texts of a vector's request. */
static void decode_vector(const json_t *vector, struct report *ret_report)
{
	osmand_decode(str_from(vector_text(vector, "http_uri")),
		      str_from(vector_text(vector, "http_content_type")),
		      str_from(vector_text(vector, "http_body")), &arena, ret_report);
}

static void test_every_real_request_decodes_as_it_says(void **state)
{
	json_t *all = vectors_load("osmand"), *vector;
	size_t i;

	json_array_foreach(all, i, vector)
	{
		struct report r;

		decode_vector(vector, &r);
		assert_string_equal(report_kind_name(r.kind), vector_text(vector, "kind"));
		if (r.kind == REPORT_NONE)
			continue;
		assert_str_equal(r.device, vector_text(vector, "device_id"));
		assert_report_as_expected(vector, &r);
		assert_cells_as_expected(vector, &r);
	}
	json_decref(all);
}

static void test_a_request_cut_at_any_byte_is_no_false_report(void **state)
{
	json_t *all = vectors_load("osmand"), *vector;
	size_t i;

	json_array_foreach(all, i, vector)
	{
		struct str uri = str_from(vector_text(vector, "http_uri"));
		struct str body = str_from(vector_text(vector, "http_body"));
		struct report r;

		for (size_t len = 0; len < uri.len; len++) {
			char *copy = exact_copy(str_slice(uri, 0, len));

			osmand_decode(str_of(copy, len), STR_NONE, STR_NONE, &arena, &r);
			assert_false(r.sos);
			free(copy);
		}
		for (size_t len = 0; len < body.len; len++) {
			char *copy = exact_copy(str_slice(body, 0, len));

			osmand_decode(STR("/"), STR("application/json"), str_of(copy, len), &arena,
				      &r);
			assert_int_equal(r.kind, REPORT_REJECT);
			assert_false(r.sos);
			free(copy);
		}
		arena_fini(&arena);
	}
	json_decref(all);
}

static void test_alarm_sos_is_an_sos_in_any_case_and_company(void **state)
{
	static const char *const uris[] = {
		"/?id=1&alarm=sos",
		"/?id=1&alarm=SOS&lat=46.58&lon=0.34",
		"/?alarm=%73%6Fs&id=1",
		"/?id=1&alarm=SO%53",
		"/?id=1&alarm=lowBattery&alarm=sos",
		"/?id=1&alarm=sos&alarm=lowBattery",
		"/?id=1&alarm=lowBattery,sos",
		"/?id=1&alarm=sos+button",
		"/?id=1&alarm=sosAlarm",
		"/?id=1&ALARM=Sos",
		"/?id=1&lat=nan&lon=inf&timestamp=never&alarm=sos&batt=1e999",
		"/?id=1&lat=91&lon=181&alarm=sos&%zz=%",
	};

	for (size_t i = 0; i < ARRAY_LEN(uris); i++) {
		struct report r = got(uris[i]);

		assert_int_equal(r.kind, REPORT_SOS);
		assert_true(r.sos);
		assert_str_equal(r.device, "1");
	}
	assert_int_equal(got(uris[0]).fix.source, FIX_NONE);
	assert_int_equal(got(uris[1]).fix.source, FIX_GNSS);
	assert_int_equal(got(uris[4]).alarms, ALARM_SOS | ALARM_LOW_BATTERY);
	assert_int_equal(got(uris[10]).fix.source, FIX_NONE);
}

static void test_an_sos_that_names_nobody_is_an_sos(void **state)
{
	struct report r = got("/?alarm=sos&lat=46.58&lon=0.34");

	assert_int_equal(r.kind, REPORT_SOS);
	assert_int_equal(r.device.len, 0);
}

static void test_json_holds_its_alarm_in_several_places(void **state)
{
	static const char *const bodies[] = {
		"{\"device_id\":\"1\",\"alarm\":\"sos\"}",
		"{\"device_id\":\"1\",\"location\":{\"alarm\":\"SOS\"}}",
		"{\"device_id\":1,\"location\":{\"extras\":{\"alarm\":\"sos\"}}}",
		"{\"device_id\":\"1\",\"location\":{\"alarm\":[\"lowBattery\",\"sos\"]}}",
		"{\"device_id\":\"1\",\"location\":[{\"alarm\":\"sos\"},{\"coords\":{}}]}",
		" {\"id\":\"1\",\"alarm\":\"sos\",\"lat\":1e308}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct report r = posted_json(bodies[i]);

		assert_int_equal(r.kind, REPORT_SOS);
		assert_str_equal(r.device, "1");
	}
}

static void test_broken_json_that_may_be_an_sos_says_so(void **state)
{
	static const char *const bodies[] = {
		"{\"device_id\":\"1\",\"location\":{\"alarm\":\"sos\"",
		"{\"device_id\" : \"1\",\"alarm\":\"sos\",\"alarm\":\"lowBattery\"}",
		"{\"device_id\":\"1\",\"alarm\":\"SOS\",\"lat\":NaN}",
		"{\"device_id\":\"1\",\"alarm\":\"sos\",\"name\":\"\xff\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct report r = posted_json(bodies[i]);

		assert_int_equal(r.kind, REPORT_REJECT);
		assert_true(r.sos);
		assert_str_equal(r.device, "1");
	}
	assert_false(posted_json("{\"device_id\":\"sosie\",").sos);
	assert_int_equal(posted_json("{").kind, REPORT_REJECT);
	assert_int_equal(posted_json("[]").kind, REPORT_REJECT);
}

static void test_a_broken_body_does_not_spoil_a_good_query(void **state)
{
	struct report r;

	osmand_decode(STR("/?id=1&alarm=sos"), STR("application/json"), STR("{"), &arena, &r);
	assert_int_equal(r.kind, REPORT_SOS);
	assert_str_equal(r.device, "1");
}

/* A report whose member "x" holds lists in lists. */
static enum report_kind kind_at_depth(int depth)
{
	struct buf body = BUF_INIT;
	struct report r;

	buf_printf(&body, "{\"id\":\"1\",\"x\":");
	for (int i = 1; i < depth; i++)
		buf_add_byte(&body, '[');
	for (int i = 1; i < depth; i++)
		buf_add_byte(&body, ']');
	buf_add_byte(&body, '}');
	osmand_decode(STR("/"), STR("application/json"), buf_str(&body), &arena, &r);
	buf_fini(&body);
	return r.kind;
}

static void test_json_too_deep_is_refused_before_it_is_parsed(void **state)
{
	assert_int_equal(kind_at_depth(LIMIT_JSON_DEPTH), REPORT_STATUS);
	assert_int_equal(kind_at_depth(LIMIT_JSON_DEPTH + 1), REPORT_REJECT);
	assert_int_equal(kind_at_depth(200000), REPORT_REJECT);
	/* Brackets in text are no depth. */
	assert_int_equal(
		posted_json(
			"{\"id\":\"1\",\"x\":\"\\\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"}")
			.kind,
		REPORT_STATUS);
}

static void test_json_too_long_is_refused_before_it_is_parsed(void **state)
{
	size_t size = LIMIT_HTTP_BODY_BYTES + 1;
	char *body = malloc(size);
	struct report r;

	memset(body, ' ', size);
	memcpy(body, "{\"id\":\"1\"}", 10);
	osmand_decode(STR("/"), STR("application/json"), str_of(body, size - 1), &arena, &r);
	assert_int_equal(r.kind, REPORT_STATUS);
	osmand_decode(STR("/"), STR("application/json"), str_of(body, size), &arena, &r);
	assert_int_equal(r.kind, REPORT_REJECT);
	free(body);
}

static void test_a_form_says_what_a_query_says(void **state)
{
	struct report r = posted("application/x-www-form-urlencoded",
				 "id=1&lat=46.58&lon=0.34&batt=87.4&charge=true&speed=10");

	assert_int_equal(r.kind, REPORT_POSITION);
	assert_int_equal(r.battery_percent, 87);
	assert_true(r.charging_known && r.charging);
	assert_true(fabs(r.fix.speed_kmh - 18.52) < 1e-9);
	assert_int_equal(posted("", "id=1&lat=46.58&lon=0.34").kind, REPORT_POSITION);
}

static void assert_time(const char *timestamp, const char *expected)
{
	char uri[128], at[TIME_TEXT_SIZE];
	struct report r;

	snprintf(uri, sizeof(uri), "/?id=1&lat=1&lon=1&timestamp=%s", timestamp);
	r = got(uri);
	if (!expected) {
		assert_true(r.at_ms == TIME_NONE);
		return;
	}
	time_print(r.at_ms, at);
	assert_string_equal(at, expected);
	assert_true(r.fix.at_ms == r.at_ms);
}

static void test_a_request_without_a_query_says_nothing_by_its_address(void **state)
{
	struct report r;

	osmand_decode(STR_NONE, STR_NONE, STR("id=1&lat=46.58&lon=0.34"), &arena, &r);
	assert_int_equal(r.kind, REPORT_POSITION);
	osmand_decode(STR_NONE, STR_NONE, STR_NONE, &arena, &r);
	assert_int_equal(r.kind, REPORT_NONE);
	assert_int_equal(got("/id=1&alarm=sos").kind, REPORT_NONE);
	assert_int_equal(got("/?id=1#&alarm=sos").kind, REPORT_STATUS);
}

static void test_time_is_read_in_every_form_clients_use(void **state)
{
	assert_time("1497349316", "2017-06-13T10:21:56.000Z");
	assert_time("1497349316123", "2017-06-13T10:21:56.123Z");
	assert_time("1497349316.5", "2017-06-13T10:21:56.500Z");
	assert_time("2017-06-13T10:21:56Z", "2017-06-13T10:21:56.000Z");
	assert_time("2017-06-13T10:21:56.123Z", "2017-06-13T10:21:56.123Z");
	assert_time("2017-06-13T12:21:56%2B02:00", "2017-06-13T10:21:56.000Z");
	assert_time("2017-06-13T12:21:56+02:00", "2017-06-13T10:21:56.000Z");
	assert_time("2017-06-13T12:21:56+0200", "2017-06-13T10:21:56.000Z");
	assert_time("2017-06-13T10:21:56", "2017-06-13T10:21:56.000Z");
	assert_time("2017-06-13%2010:21:56", "2017-06-13T10:21:56.000Z");
	assert_time("2017-06-13+10:21:56", "2017-06-13T10:21:56.000Z");
	assert_time("", NULL);
	assert_time("-5", NULL);
	assert_time("yesterday", NULL);
	assert_time("99999999999999999999", NULL);
}

static void test_a_fix_needs_both_coordinates_on_earth(void **state)
{
	static const char *const uris[] = {
		"/?id=1&lat=46.58",        "/?id=1&lon=0.34",
		"/?id=1&lat=0&lon=0.0",    "/?id=1&lat=90.1&lon=0.34",
		"/?id=1&lat=nan&lon=0.34", "/?id=1&lat=46.58&lon=-180.5",
		"/?id=1&location=46.58",   "/?id=1&location=46.58,0.34,5"};

	for (size_t i = 0; i < ARRAY_LEN(uris); i++) {
		struct report r = got(uris[i]);

		assert_int_equal(r.kind, REPORT_STATUS);
		assert_int_equal(r.fix.source, FIX_NONE);
	}
	assert_int_equal(got("/?id=1&location=46.58,-0.34").fix.lon_e7, -3400000);
}

static void test_what_is_said_not_valid_is_approximate(void **state)
{
	assert_int_equal(got("/?id=1&lat=1&lon=1&valid=false").fix.source, FIX_NETWORK);
	assert_int_equal(got("/?id=1&lat=1&lon=1&valid=0").fix.source, FIX_NETWORK);
	assert_int_equal(got("/?id=1&lat=1&lon=1&valid=true").fix.source, FIX_GNSS);
	assert_int_equal(got("/?valid=1&id=1&lat=1&lon=1").fix.source, FIX_GNSS);
}

static void test_other_alarms_keep_their_name_when_they_have_one(void **state)
{
	assert_int_equal(got("/?id=1&alarm=fallDown").alarms, ALARM_FALL);
	assert_int_equal(got("/?id=1&alarm=powerCut").kind, REPORT_ALARM);
	assert_int_equal(got("/?id=1&alarm=jamming").alarms, ALARM_OTHER);
	assert_int_equal(got("/?id=1&alarm=general").alarms, ALARM_GENERAL);
	assert_int_equal(got("/?id=1&alarm=").kind, REPORT_STATUS);
	assert_int_equal(got("/?id=1&alarm=0").kind, REPORT_STATUS);
}

static void test_json_tells_what_the_phone_does_not_know_by_minus_one(void **state)
{
	struct report r = posted_json(
		"{\"device_id\":\"1\",\"location\":{\"timestamp\":\"2025-06-15T13:45:12.862Z\","
		"\"coords\":{\"latitude\":46.58,\"longitude\":0.34,\"speed\":-1,\"heading\":-1,"
		"\"accuracy\":-1},\"battery\":{\"level\":-1,\"is_charging\":true}}}");

	assert_int_equal(r.kind, REPORT_POSITION);
	assert_true(r.fix.speed_kmh == -1 && r.fix.course_deg == -1 && r.fix.accuracy_m == -1);
	assert_true(isnan(r.fix.altitude_m));
	assert_int_equal(r.battery_percent, -1);
	assert_true(r.charging_known && r.charging);
}

static void test_random_bytes_hurt_nobody(void **state)
{
	static const char meaningful[] = "?&=%+id=lat=lon=alarm=sos{}[]\":,0123456789.-Tt\\u";
	uint32_t seed = 5055;

	for (int round = 0; round < 20000; round++) {
		char bytes[128];
		struct report r;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			seed = seed * 1664525u + 1013904223u;
			bytes[i] = seed >> 31 ? (char)(seed >> 16)
					      : meaningful[(seed >> 16) % (sizeof(meaningful) - 1)];
		}
		bytes[0] = round & 1 ? '{' : '/';
		osmand_decode(str_of(bytes, round & 1 ? 1 : 64), STR_NONE,
			      str_of(bytes + (round & 1 ? 0 : 64), 64), &arena, &r);
		assert_int_equal(r.sos, !!(r.alarms & ALARM_SOS));
		arena_fini(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_every_real_request_decodes_as_it_says, forget),
		cmocka_unit_test_teardown(test_a_request_cut_at_any_byte_is_no_false_report,
					  forget),
		cmocka_unit_test_teardown(test_alarm_sos_is_an_sos_in_any_case_and_company, forget),
		cmocka_unit_test_teardown(test_an_sos_that_names_nobody_is_an_sos, forget),
		cmocka_unit_test_teardown(test_json_holds_its_alarm_in_several_places, forget),
		cmocka_unit_test_teardown(test_broken_json_that_may_be_an_sos_says_so, forget),
		cmocka_unit_test_teardown(test_a_broken_body_does_not_spoil_a_good_query, forget),
		cmocka_unit_test_teardown(test_json_too_deep_is_refused_before_it_is_parsed,
					  forget),
		cmocka_unit_test_teardown(test_json_too_long_is_refused_before_it_is_parsed,
					  forget),
		cmocka_unit_test_teardown(test_a_form_says_what_a_query_says, forget),
		cmocka_unit_test_teardown(
			test_a_request_without_a_query_says_nothing_by_its_address, forget),
		cmocka_unit_test_teardown(test_time_is_read_in_every_form_clients_use, forget),
		cmocka_unit_test_teardown(test_a_fix_needs_both_coordinates_on_earth, forget),
		cmocka_unit_test_teardown(test_what_is_said_not_valid_is_approximate, forget),
		cmocka_unit_test_teardown(test_other_alarms_keep_their_name_when_they_have_one,
					  forget),
		cmocka_unit_test_teardown(test_json_tells_what_the_phone_does_not_know_by_minus_one,
					  forget),
		cmocka_unit_test_teardown(test_random_bytes_hurt_nobody, forget),
	};

	return cmocka_run_group_tests_name("wire/osmand", tests, NULL, NULL);
}
