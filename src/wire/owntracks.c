/* OwnTracks over HTTP: one JSON object a message. See owntracks.h and docs/protocol/owntracks.md.
 */
#include "wire/owntracks.h"

#include <math.h>

#include "wire/json_body.h"

/* Owners of trackers see these in `t`; telephones send none of them. */
static const struct {
	struct str trigger;
	enum report_alarm alarm;
} triggers[] = {
	{STR("9"), ALARM_LOW_BATTERY}, {STR("e"), ALARM_POWER_CUT}, {STR("1"), ALARM_OTHER},
	{STR("E"), ALARM_OTHER},       {STR("!"), ALARM_OTHER},     {STR("s"), ALARM_OTHER},
	{STR("h"), ALARM_OTHER},
};

static struct str text_of(const json_t *root, const char *key, struct arena *arena)
{
	return json_body_text(json_object_get(root, key), arena);
}

static double number_of(const json_t *root, const char *key, double min, double max, double other)
{
	return json_body_number(json_object_get(root, key), min, max, other);
}

static struct str device_of(const json_t *root, struct arena *arena)
{
	struct str topic = text_of(root, "topic", arena);

	return topic.len ? topic : text_of(root, "tid", arena);
}

/*
 * There is no SOS in OwnTracks: a manual publish whose tag or point of interest says so is one.
 * A tag stays until it is changed, so that only "manual" tells it from a later ping.
 */
static bool is_sos(const json_t *root, struct str trigger, struct arena *arena)
{
	return str_eq_nocase(trigger, STR("u")) &&
	       (text_holds_word(text_of(root, "tag", arena), STR("sos")) ||
		text_holds_word(text_of(root, "poi", arena), STR("sos")));
}

static void read_alarms(const json_t *root, struct arena *arena, struct report *r)
{
	struct str trigger = text_of(root, "t", arena);

	for (size_t i = 0; i < ARRAY_LEN(triggers); i++)
		if (str_eq(trigger, triggers[i].trigger))
			report_raise(r, triggers[i].alarm);
	if (is_sos(root, trigger, arena))
		report_raise(r, ALARM_SOS);
}

/* bs: 1 unplugged, 2 charging, 3 full (and plugged in). */
static void read_battery(const json_t *root, struct report *r)
{
	double level = number_of(root, "batt", 0, 100, -1), state = number_of(root, "bs", 1, 3, 0);

	r->battery_percent = (int)lround(level);
	r->charging_known = state > 0;
	r->charging = state > 1;
}

static void read_location(const json_t *root, struct arena *arena, struct report *r)
{
	double seconds = number_of(root, "tst", 0, 253402300799.0, -1);
	bool has_fix = fix_place(&r->fix, FIX_GNSS, number_of(root, "lat", -90, 90, NAN),
				 number_of(root, "lon", -180, 180, NAN));

	r->at_ms = seconds < 0 ? TIME_NONE : llround(seconds * 1000);
	r->fix.at_ms = has_fix ? r->at_ms : TIME_NONE;
	r->fix.speed_kmh = number_of(root, "vel", 0, 2000, -1);
	r->fix.course_deg = number_of(root, "cog", 0, 360, -1);
	r->fix.altitude_m = number_of(root, "alt", -1000, 100000, NAN);
	r->fix.accuracy_m = number_of(root, "acc", 0, 1e7, -1);
	read_battery(root, r);
	read_alarms(root, arena, r);
	report_settle(r, has_fix ? REPORT_POSITION : REPORT_STATUS);
}

static void reject(struct str body, struct arena *arena, struct report *r)
{
	struct str device = text_find_member(body, STR("topic"));

	if (!device.len)
		device = text_find_member(body, STR("tid"));
	r->device = str_of(arena_copy(arena, device.ptr, device.len), device.len);
	r->kind = REPORT_REJECT;
	if (text_holds_word(body, STR("sos")))
		report_raise(r, ALARM_SOS);
}

void owntracks_decode(struct str body, struct arena *arena, struct report *ret_report)
{
	json_t *root = json_body_parse(body);

	report_init(ret_report);
	ret_report->type = text_of(root, "_type", arena);
	ret_report->device = device_of(root, arena);
	if (!ret_report->type.len)
		reject(body, arena, ret_report);
	else if (str_eq(ret_report->type, STR("location")))
		read_location(root, arena, ret_report);
	json_decref(root);
}
