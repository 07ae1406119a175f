/* wire/phone: a call is a call whatever else it says (I3); the rest is taken as it is written or
 * not at all. */
#include "test.h"

#include <math.h>
#include <stdlib.h>

#include "wire/phone.h"

#define DEVICE "01a20a29-0000-7000-8000-000000000001"
#define PLACE "{\"at\":1764115200000,\"lat\":46.6401,\"lon\":0.166}"

static struct arena arena;

static int forget(void **state)
{
	arena_fini(&arena);
	return 0;
}

static struct phone_message said(const char *text)
{
	/* An exact copy: a byte too far is seen by the sanitizer. */
	size_t len = strlen(text);
	char *copy = memcpy(malloc(len + 1), text, len);
	struct phone_message m;

	phone_decode(str_of(copy, len), &arena, &m);
	free(copy);
	return m;
}

static void assert_calls(const char *text, enum report_kind kind)
{
	struct phone_message m = said(text);

	if (m.kind != PHONE_CALL || !m.report.sos || m.report.kind != kind)
		fail_msg("%s: kind %d, report %s", text, m.kind, report_kind_name(m.report.kind));
}

static void test_a_hello_says_who(void **state)
{
	struct phone_message m =
		said("{\"type\":\"hello\",\"device\":\"" DEVICE "\",\"secret\":\"s3cret\"}");
	char text[ID_TEXT_SIZE];

	assert_int_equal(m.kind, PHONE_HELLO);
	id_print(m.device, text);
	assert_string_equal(text, DEVICE);
	assert_str_equal(m.secret, "s3cret");
}

static void test_a_call_says_when_and_where(void **state)
{
	struct phone_message m = said(
		"{\"type\":\"call\",\"at\":1764115201000,\"battery\":81.6,\"position\":{\"at\":"
		"1764115200000,\"lat\":46.6401,\"lon\":-0.166,\"accuracy\":12.5,\"speed\":2,"
		"\"course\":90,\"altitude\":92}}");

	assert_int_equal(m.kind, PHONE_CALL);
	assert_int_equal(m.report.kind, REPORT_SOS);
	assert_int_equal(m.report.alarms, ALARM_SOS);
	assert_int_equal(m.report.at_ms, 1764115201000);
	assert_int_equal(m.report.battery_percent, 82);
	assert_int_equal(m.report.fix.source, FIX_GNSS);
	assert_int_equal(m.report.fix.at_ms, 1764115200000);
	assert_int_equal(m.report.fix.lat_e7, 466401000);
	assert_int_equal(m.report.fix.lon_e7, -1660000);
	assert_float_equal(m.report.fix.accuracy_m, 12.5, 1e-4);
	assert_float_equal(m.report.fix.speed_kmh, 7.2, 1e-4);
	assert_float_equal(m.report.fix.course_deg, 90, 1e-4);
	assert_float_equal(m.report.fix.altitude_m, 92, 1e-4);
}

static void test_a_call_whose_rest_is_wrong_is_still_one(void **state)
{
	assert_calls("{\"type\":\"call\",\"at\":1764115200000,\"position\":null,\"battery\":null}",
		     REPORT_SOS);
	assert_calls("{\"type\":\"call\",\"at\":1764115200000}", REPORT_SOS);
	assert_calls("{\"type\":\"call\"}", REPORT_REJECT);
	assert_calls("{\"type\":\"call\",\"at\":-1}", REPORT_REJECT);
	assert_calls("{\"type\":\"call\",\"at\":1764115200000,\"position\":7}", REPORT_REJECT);
	assert_calls("{\"type\":\"call\",\"at\":1764115200000,\"position\":{\"lat\":91}}",
		     REPORT_REJECT);
	assert_calls("{\"type\":\"call\",\"at\":1764115200000,\"battery\":101}", REPORT_REJECT);
	assert_calls("{\"type\":\"call\",\"at\":1764", REPORT_REJECT);
	assert_calls("call", REPORT_REJECT);
	/* Where it says it is is kept, whatever the battery says. */
	assert_int_equal(
		said("{\"type\":\"call\",\"battery\":-5,\"position\":" PLACE "}").report.fix.lat_e7,
		466401000);
}

static void test_a_position_is_answered_by_its_time(void **state)
{
	struct phone_message m =
		said("{\"type\":\"position\",\"position\":" PLACE ",\"battery\":50}");

	assert_int_equal(m.kind, PHONE_POSITION);
	assert_int_equal(m.report.kind, REPORT_POSITION);
	assert_int_equal(m.report.at_ms, 1764115200000);
	assert_int_equal(m.report.battery_percent, 50);
	assert_false(m.report.sos);
	assert_true(m.report.fix.accuracy_m < 0 && m.report.fix.speed_kmh < 0 &&
		    m.report.fix.course_deg < 0 && isnan(m.report.fix.altitude_m));
	/* 0,0 is nowhere: no position, and no reason to hang up. */
	m = said("{\"type\":\"position\",\"position\":{\"at\":5,\"lat\":0,\"lon\":0}}");
	assert_int_equal(m.kind, PHONE_POSITION);
	assert_int_equal(m.report.fix.source, FIX_NONE);
	assert_int_equal(m.report.at_ms, 5);
}

static void test_alive_says_how_much_battery_is_left(void **state)
{
	struct phone_message m = said("{\"type\":\"alive\",\"battery\":7}");

	assert_int_equal(m.kind, PHONE_ALIVE);
	assert_int_equal(m.report.battery_percent, 7);
	assert_int_equal(said("{\"type\":\"alive\"}").report.battery_percent, -1);
}

static void test_streaming_says_what_follows(void **state)
{
	struct phone_message m = said("{\"type\":\"streaming\",\"alert\":\"" DEVICE
				      "\",\"epoch\":4294967295,\"began\":1764115200000}");
	char text[ID_TEXT_SIZE];

	assert_int_equal(m.kind, PHONE_STREAMING);
	id_print(m.alert, text);
	assert_string_equal(text, DEVICE);
	assert_int_equal(m.epoch, UINT32_MAX);
	assert_int_equal(m.began_ms, 1764115200000);
}

static void test_a_test_is_no_call(void **state)
{
	struct phone_message m = said("{\"type\":\"test\",\"at\":1764115200000}");

	assert_int_equal(m.kind, PHONE_TEST);
	assert_int_equal(m.report.at_ms, 1764115200000);
	assert_int_equal(m.report.alarms, 0);
	assert_int_equal(m.report.kind, said("{}").report.kind);
}

static void test_a_visit_is_announced_and_prolonged(void **state)
{
	struct phone_message m =
		said("{\"type\":\"announce\",\"at\":7,\"place\":\"Ferme\",\"minutes\":1.5}");

	assert_int_equal(m.kind, PHONE_ANNOUNCE);
	assert_int_equal(m.report.at_ms, 7);
	assert_int_equal(m.duration_ms, 90000);
	assert_str_equal(m.place, "Ferme");
	assert_str_equal(m.person, "");
	m = said("{\"type\":\"announce\",\"at\":7,\"place\":\"Ferme\",\"person\":\"M. "
		 "X\",\"minutes\":0}");
	assert_int_equal(m.kind, PHONE_ANNOUNCE);
	assert_str_equal(m.person, "M. X");
	m = said("{\"type\":\"extend\",\"at\":8,\"pin\":\"1234\",\"minutes\":30}");
	assert_int_equal(m.kind, PHONE_EXTEND);
	assert_int_equal(m.duration_ms, 1800000);
	assert_str_equal(m.typed, "1234");
	/* Where no code is chosen there is none to give. */
	m = said("{\"type\":\"extend\",\"at\":8,\"pin\":null,\"minutes\":30}");
	assert_int_equal(m.kind, PHONE_EXTEND);
	assert_int_equal(m.typed.len, 0);
	assert_int_equal(said("{\"type\":\"end\",\"at\":8,\"pin\":null}").kind, PHONE_END);
}

static void test_anything_else_is_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		"{}",
		"[]",
		"7",
		"{\"type\":7}",
		"{\"type\":\"Hello\"}",
		"{\"type\":\"hello\",\"device\":\"" DEVICE "\"}",
		"{\"type\":\"hello\",\"device\":\"" DEVICE "\",\"secret\":true}",
		"{\"type\":\"hello\",\"device\":\"x\",\"secret\":\"s\"}",
		"{\"type\":\"position\"}",
		"{\"type\":\"position\",\"position\":null}",
		"{\"type\":\"position\",\"position\":{\"lat\":1,\"lon\":2}}",
		"{\"type\":\"position\",\"position\":{\"at\":1,\"lat\":1}}",
		"{\"type\":\"position\",\"position\":" PLACE ",\"battery\":\"plein\"}",
		"{\"type\":\"alive\",\"battery\":[]}",
		"{\"type\":\"streaming\",\"alert\":\"" DEVICE "\",\"epoch\":0,\"began\":1}",
		"{\"type\":\"streaming\",\"alert\":\"" DEVICE
		"\",\"epoch\":4294967296,\"began\":1}",
		"{\"type\":\"streaming\",\"alert\":\"" DEVICE "\",\"epoch\":1.5,\"began\":1}",
		"{\"type\":\"streaming\",\"alert\":\"" DEVICE "\",\"epoch\":1}",
		"{\"type\":\"streaming\",\"alert\":null,\"epoch\":1,\"began\":1}",
		"{\"type\":\"test\"}",
		"{\"type\":\"test\",\"at\":\"bientôt\"}",
		"{\"type\":\"end\",\"at\":1}",
		"{\"type\":\"end\",\"at\":1,\"pin\":\"\"}",
		"{\"type\":\"end\",\"at\":1,\"pin\":\"12345678901234567\"}",
		"{\"type\":\"announce\",\"at\":1,\"place\":\"là\"}",
		"{\"type\":\"announce\",\"at\":1,\"place\":\"là\",\"minutes\":-1}",
		"{\"type\":\"announce\",\"at\":1,\"place\":\"là\",\"minutes\":1e9}",
		"{\"type\":\"announce\",\"at\":1,\"place\":7,\"minutes\":60}",
		"{\"type\":\"announce\",\"at\":1,\"place\":\"là\",\"person\":7,\"minutes\":60}",
		"{\"type\":\"extend\",\"at\":1,\"minutes\":60}",
		"{\"type\":\"extend\",\"at\":1,\"pin\":null}",
		"{\"type\":\"alive\",\"type\":\"alive\"}",
		"{\"type\":\"alive\"",
		"{\"type\":\"called\"",
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (said(texts[i]).kind != PHONE_OTHER)
			fail_msg("%s", texts[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, forget)
	static const struct CMUnitTest tests[] = {
		TEST(test_a_hello_says_who),
		TEST(test_a_call_says_when_and_where),
		TEST(test_a_call_whose_rest_is_wrong_is_still_one),
		TEST(test_a_position_is_answered_by_its_time),
		TEST(test_alive_says_how_much_battery_is_left),
		TEST(test_streaming_says_what_follows),
		TEST(test_a_test_is_no_call),
		TEST(test_a_visit_is_announced_and_prolonged),
		TEST(test_anything_else_is_nothing),
	};

	return cmocka_run_group_tests_name("wire_phone", tests, NULL, NULL);
}
