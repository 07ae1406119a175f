/* The list of a position: see watch_position.h. */
#include "wire/watch_position.h"

#include <math.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "wire/field.h"

/* Bit 0 is the right-most. The low half is states, the high half alarms. */
static const struct {
	unsigned bit;
	enum report_alarm alarm;
} status_bits[] = {
	{0, ALARM_LOW_BATTERY}, {1, ALARM_FENCE_EXIT},   {2, ALARM_FENCE_ENTER},
	{14, ALARM_POWER_CUT},  {16, ALARM_SOS},         {17, ALARM_LOW_BATTERY},
	{18, ALARM_FENCE_EXIT}, {19, ALARM_FENCE_ENTER}, {20, ALARM_REMOVED},
	{21, ALARM_FALL},       {22, ALARM_HEART_RATE},
};

enum { FIRST_UNKNOWN_BIT = 23 };

static void read_status(uint32_t status, struct report *r)
{
	for (size_t i = 0; i < ARRAY_LEN(status_bits); i++)
		if (status >> status_bits[i].bit & 1)
			report_raise(r, status_bits[i].alarm);
	if (status >> FIRST_UNKNOWN_BIT)
		report_raise(r, ALARM_OTHER);
}

bool watch_parse_status(struct str text, uint32_t *ret_status)
{
	uint64_t value;

	if (text.len > 8)
		text = str_slice(text, text.len - 8, text.len);
	if (str_parse_hex_u64(text, UINT32_MAX, &value))
		return false;
	*ret_status = (uint32_t)value;
	return true;
}

/*
 * The status at its place; when what stands there does not look like one (a list with a field
 * too few or too many), the one field around it that does.
 */
static bool find_status(const struct fields *f, size_t place, uint32_t *ret_status)
{
	if (fields_get(f, place).len == 8 && watch_parse_status(fields_get(f, place), ret_status))
		return true;
	for (size_t i = place > 6 ? place - 6 : 0; i <= place + 3; i++)
		if (fields_get(f, i).len == 8 && watch_parse_status(fields_get(f, i), ret_status))
			return true;
	return watch_parse_status(fields_get(f, place), ret_status);
}

/* A negative number is south or west already; its letter, often wrong then, adds nothing. */
static double coordinate(struct str number, struct str letter, const char *negative)
{
	double value = field_double(number, -180, 180, NAN);
	bool mirrored = letter.len == 1 && memchr(negative, letter.ptr[0], 2);

	return mirrored && value > 0 ? -value : value;
}

static bool is_letter_of(struct str text, const char *letters)
{
	return text.len == 0 || (text.len == 1 && memchr(letters, text.ptr[0], 4));
}

/* Reads latitude and longitude, whose letters may be empty or missing. Returns the next field. */
static size_t read_coordinates(const struct fields *f, size_t at, enum fix_source source,
			       struct report *r)
{
	struct str lat = fields_get(f, at++), north = STR_NONE, lon, east = STR_NONE;

	if (is_letter_of(fields_get(f, at), "NSns"))
		north = fields_get(f, at++);
	lon = fields_get(f, at++);
	if (is_letter_of(fields_get(f, at), "EWew"))
		east = fields_get(f, at++);
	if (fix_place(&r->fix, source, coordinate(lat, north, "Ss"), coordinate(lon, east, "Ww")))
		r->fix.at_ms = r->at_ms;
	return at;
}

/* "ddmmyy" and "hhmmss", UTC. */
static int64_t read_time(struct str date, struct str time)
{
	struct civil_time t = {
		.day = field_int(str_slice(date, 0, 2), 1, 31, 0),
		.month = field_int(str_slice(date, 2, 4), 1, 12, 0),
		.year = 2000 + field_int(str_slice(date, 4, 6), 0, 99, -2000),
		.hour = field_int(str_slice(time, 0, 2), 0, 23, -1),
		.minute = field_int(str_slice(time, 2, 4), 0, 59, -1),
		.second = field_int(str_slice(time, 4, 6), 0, 59, -1),
	};
	int64_t at_ms;

	return date.len == 6 && time.len == 6 && !civil_to_ms(&t, &at_ms) ? at_ms : TIME_NONE;
}

/* {lac, cid, strength}: a strength is sent without its minus. Returns the next field. */
static size_t read_cells(const struct fields *f, size_t at, struct report *r)
{
	int count = field_int(fields_get(f, at), 0, LIMIT_DEVICE_FIELDS, 0);
	int mcc = field_int(fields_get(f, at + 2), 0, 999, 0),
	    mnc = field_int(fields_get(f, at + 3), 0, 999, 0);

	if (count == 0)
		return f->count;
	at += 4;
	for (int i = 0; i < count && at + 1 < f->count; i++, at += 3) {
		struct report_cell cell = {
			.mcc = mcc,
			.mnc = mnc,
			.lac = (uint32_t)field_i64(fields_get(f, at), 0, UINT32_MAX, 0),
			.cid = (uint32_t)field_i64(fields_get(f, at + 1), 0, UINT32_MAX, 0),
			.rssi = field_int(fields_get(f, at + 2), -255, 255, 0),
		};

		if (cell.rssi > 0)
			cell.rssi = -cell.rssi;
		if (r->cell_count < REPORT_MAX_CELLS)
			r->cells[r->cell_count++] = cell;
	}
	return at;
}

/* After the Wi-Fi names (count, {name, address, strength}): what the watch thinks of its fix. */
static void read_accuracy(const struct fields *f, size_t at, struct report *r)
{
	int names = field_int(fields_get(f, at), 0, LIMIT_WIFI, 0);
	double accuracy = field_double(fields_get(f, at + 1 + 3 * (size_t)names), 0, 100000, -1);

	/* Said of a last known position it would be a lie. */
	if (r->fix.source == FIX_GNSS && accuracy > 0)
		r->fix.accuracy_m = accuracy;
}

static void read_figures(const struct fields *f, size_t at, struct report *r)
{
	r->fix.speed_kmh = field_double(fields_get(f, at), 0, 2000, -1);
	r->fix.course_deg = field_double(fields_get(f, at + 1), 0, 360, -1);
	r->fix.altitude_m = field_double(fields_get(f, at + 2), -1000, 100000, NAN);
	r->satellites = field_int(fields_get(f, at + 3), 0, 255, -1);
	r->signal_percent = field_int(fields_get(f, at + 4), 0, 100, -1);
	r->battery_percent = field_percent(fields_get(f, at + 5));
	r->steps = field_int(fields_get(f, at + 6), 0, INT32_MAX, -1);
}

enum { DATE, TIME, VALIDITY, LATITUDE };

bool watch_is_position(const struct fields *f)
{
	struct str validity = fields_get(f, VALIDITY);

	return f->count > LATITUDE && validity.len == 1 && memchr("AVav", validity.ptr[0], 4);
}

struct watch_position watch_read_position(const struct fields *f, struct report *r)
{
	struct watch_position p = {.is_list = watch_is_position(f)};
	bool is_gnss = str_eq_nocase(fields_get(f, VALIDITY), STR("A"));
	size_t at;

	r->at_ms = read_time(fields_get(f, DATE), fields_get(f, TIME));
	at = read_coordinates(f, LATITUDE, is_gnss ? FIX_GNSS : FIX_NETWORK, r);
	p.status_known = find_status(f, at + 8, &p.status);
	if (p.status_known)
		read_status(p.status, r);
	if (p.is_list) {
		read_figures(f, at, r);
		read_accuracy(f, read_cells(f, at + 9, r), r);
	} else {
		r->fix.source = FIX_NONE;
	}
	return p;
}
