/* The report every device codec decodes to: see report.h. */
#include "wire/report.h"

#include <math.h>

#include "base/alloc.h"

void report_init(struct report *r)
{
	*r = (struct report){
		.kind = REPORT_NONE,
		.at_ms = TIME_NONE,
		.fix = {.source = FIX_NONE,
			.at_ms = TIME_NONE,
			.accuracy_m = -1,
			.speed_kmh = -1,
			.course_deg = -1,
			.altitude_m = NAN},
		.battery_percent = -1,
		.signal_percent = -1,
		.satellites = -1,
		.steps = -1,
	};
}

void report_raise(struct report *r, uint32_t alarms)
{
	r->alarms |= alarms;
	r->sos = (r->alarms & ALARM_SOS) != 0;
}

void report_settle(struct report *r, enum report_kind otherwise)
{
	r->kind = r->sos ? REPORT_SOS : r->alarms ? REPORT_ALARM : otherwise;
}

bool fix_place(struct fix *f, enum fix_source source, double lat, double lon)
{
	int32_t lat_e7, lon_e7;

	/* Written so that NaN fails too. */
	if (!(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180))
		return false;
	lat_e7 = (int32_t)lround(lat * 1e7);
	lon_e7 = (int32_t)lround(lon * 1e7);
	if (lat_e7 == 0 && lon_e7 == 0)
		return false;
	f->source = source;
	f->lat_e7 = lat_e7;
	f->lon_e7 = lon_e7;
	return true;
}

const char *report_kind_name(enum report_kind kind)
{
	static const char *const names[] = {
		[REPORT_NONE] = "none",         [REPORT_STATUS] = "status",
		[REPORT_POSITION] = "position", [REPORT_ALARM] = "alarm",
		[REPORT_SOS] = "sos",           [REPORT_VOICE] = "voice",
		[REPORT_REJECT] = "reject",
	};

	return names[kind];
}

const char *report_alarm_name(enum report_alarm alarm)
{
	static const struct {
		enum report_alarm alarm;
		const char *name;
	} names[] = {
		{ALARM_SOS, "sos"},
		{ALARM_LOW_BATTERY, "low_battery"},
		{ALARM_FENCE_EXIT, "fence_exit"},
		{ALARM_FENCE_ENTER, "fence_enter"},
		{ALARM_REMOVED, "removed"},
		{ALARM_FALL, "fall"},
		{ALARM_HEART_RATE, "heart_rate"},
		{ALARM_POWER_CUT, "power_cut"},
		{ALARM_GENERAL, "general"},
		{ALARM_OTHER, "other"},
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].alarm == alarm)
			return names[i].name;
	return NULL;
}
