/*
 * OsmAnd and Traccar Client: query, form or JSON, all read into the same report. See osmand.h
 * and docs/protocol/osmand.md.
 */
#include "wire/osmand.h"

#include <math.h>

#include "base/limits.h"
#include "wire/field.h"
#include "wire/json_body.h"

static const double KMH_A_KNOT = 1.852;
static const double KMH_A_METRE_A_SECOND = 3.6;

/* What has been read so far: coordinates may come in two parameters, in any order. */
struct reading {
	struct report *r;
	struct arena *arena;
	double lat, lon;
	bool is_approximate; /* valid=false */
	bool is_named;       /* by the query, whatever the body is */
	bool is_broken;      /* a body that could not be parsed */
};

static bool is_yes(struct str value)
{
	return str_eq_nocase(value, STR("true")) || str_eq(value, STR("1"));
}

static void set_device(struct reading *in, struct str value)
{
	if (!in->r->device.len)
		in->r->device = str_trim(value);
}

static void set_valid(struct reading *in, struct str value)
{
	in->is_approximate = !is_yes(value);
}

static void set_latitude(struct reading *in, struct str value)
{
	in->lat = field_double(value, -90, 90, NAN);
}

static void set_longitude(struct reading *in, struct str value)
{
	in->lon = field_double(value, -180, 180, NAN);
}

static void set_location(struct reading *in, struct str value)
{
	struct str lat;

	if (!str_split(&value, ',', &lat))
		return;
	set_latitude(in, lat);
	set_longitude(in, value);
}

/* Seconds or milliseconds since 1970: nothing was sent before 1970 + 25 days. */
static bool parse_epoch(struct str value, int64_t *ret_ms)
{
	static const double latest_ms = 253402300799999.0; /* the end of 9999 */
	double number = field_double(value, 0, latest_ms, -1);

	if (number < 0)
		return false;
	*ret_ms = llround(number <= INT32_MAX ? number * 1000 : number);
	return true;
}

/* A '+' in a query has become a space, also the one of an offset: " 02:00", " 0200". */
static void mend_offset(char *text, size_t len)
{
	if (len > 6 && text[len - 6] == ' ' && text[len - 3] == ':')
		text[len - 6] = '+';
	else if (len > 5 && text[len - 5] == ' ')
		text[len - 5] = '+';
}

/* ISO 8601, or "yyyy-MM-dd HH:mm:ss"; without an offset it is UTC. */
static bool parse_date(struct str value, struct arena *arena, int64_t *ret_ms)
{
	char *text = arena_alloc(arena, value.len + 1);

	if (value.len)
		memcpy(text, value.ptr, value.len);
	mend_offset(text, value.len);
	text[value.len] = 'Z';
	return !time_parse(str_of(text, value.len), ret_ms) ||
	       !time_parse(str_of(text, value.len + 1), ret_ms);
}

static void set_timestamp(struct reading *in, struct str value)
{
	int64_t at_ms;

	value = str_trim(value);
	if (parse_epoch(value, &at_ms) || parse_date(value, in->arena, &at_ms))
		in->r->at_ms = at_ms;
}

static void set_speed(struct reading *in, struct str value)
{
	double knots = field_double(value, 0, 1000, -1);

	in->r->fix.speed_kmh = knots < 0 ? -1 : knots * KMH_A_KNOT;
}

static void set_course(struct reading *in, struct str value)
{
	in->r->fix.course_deg = field_double(value, 0, 360, -1);
}

static void set_altitude(struct reading *in, struct str value)
{
	in->r->fix.altitude_m = field_double(value, -1000, 100000, NAN);
}

static void set_accuracy(struct reading *in, struct str value)
{
	in->r->fix.accuracy_m = field_double(value, 0, 1e7, -1);
}

static void set_battery(struct reading *in, struct str value)
{
	in->r->battery_percent = field_percent(value);
}

static void set_charge(struct reading *in, struct str value)
{
	in->r->charging_known = true;
	in->r->charging = is_yes(value);
}

static void set_event(struct reading *in, struct str value)
{
	in->r->type = value;
}

/* "mcc,mnc,lac,cid[,rssi]" */
static void add_cell(struct reading *in, struct str value)
{
	struct report_cell *cell = &in->r->cells[in->r->cell_count];
	struct str part[5] = {STR_NONE, STR_NONE, STR_NONE, STR_NONE, STR_NONE};

	if (in->r->cell_count == REPORT_MAX_CELLS)
		return;
	for (size_t i = 0; i < ARRAY_LEN(part) && str_split(&value, ',', &part[i]); i++)
		;
	if (!part[3].len)
		return;
	*cell = (struct report_cell){
		.mcc = field_int(part[0], 0, 999, 0),
		.mnc = field_int(part[1], 0, 999, 0),
		.lac = (uint32_t)field_i64(part[2], 0, UINT32_MAX, 0),
		.cid = (uint32_t)field_i64(part[3], 0, UINT32_MAX, 0),
		.rssi = field_int(part[4], -255, 0, 0),
	};
	in->r->cell_count++;
}

static bool holds_sos(struct str word)
{
	for (size_t i = 0; i + 3 <= word.len; i++)
		if (str_eq_nocase(str_slice(word, i, i + 3), STR("sos")))
			return true;
	return false;
}

/* The words of the Traccar Client. What is not among them is an alarm nobody told us about. */
static uint32_t alarm_of(struct str word)
{
	static const struct {
		struct str word;
		uint32_t alarm;
	} words[] = {
		{STR(""), 0},
		{STR("0"), 0},
		{STR("false"), 0},
		{STR("none"), 0},
		{STR("1"), ALARM_GENERAL},
		{STR("true"), ALARM_GENERAL},
		{STR("general"), ALARM_GENERAL},
		{STR("lowBattery"), ALARM_LOW_BATTERY},
		{STR("lowPower"), ALARM_LOW_BATTERY},
		{STR("geofenceExit"), ALARM_FENCE_EXIT},
		{STR("geofenceEnter"), ALARM_FENCE_ENTER},
		{STR("removing"), ALARM_REMOVED},
		{STR("tampering"), ALARM_REMOVED},
		{STR("fallDown"), ALARM_FALL},
		{STR("powerCut"), ALARM_POWER_CUT},
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eq_nocase(word, words[i].word))
			return words[i].alarm;
	return holds_sos(word) ? ALARM_SOS : ALARM_OTHER;
}

/* One word or several: "sos", "lowBattery,sos". Never fewer bits than were there (I3). */
static void add_alarms(struct reading *in, struct str value)
{
	struct str word;

	while (str_split(&value, ',', &word))
		report_raise(in->r, alarm_of(str_trim(word)));
}

static const struct parameter {
	struct str key;
	void (*apply)(struct reading *in, struct str value);
} parameters[] = {
	{STR("id"), set_device},         {STR("deviceid"), set_device},
	{STR("device_id"), set_device},  {STR("timestamp"), set_timestamp},
	{STR("valid"), set_valid},       {STR("lat"), set_latitude},
	{STR("lon"), set_longitude},     {STR("location"), set_location},
	{STR("speed"), set_speed},       {STR("bearing"), set_course},
	{STR("heading"), set_course},    {STR("altitude"), set_altitude},
	{STR("accuracy"), set_accuracy}, {STR("batt"), set_battery},
	{STR("charge"), set_charge},     {STR("cell"), add_cell},
	{STR("alarm"), add_alarms},      {STR("event"), set_event},
};

static void apply(struct reading *in, struct str key, struct str value)
{
	for (size_t i = 0; i < ARRAY_LEN(parameters); i++)
		if (str_eq_nocase(key, parameters[i].key))
			parameters[i].apply(in, value);
}

/* Undoes %41 and '+'. A '%' that announces nothing stays. */
static struct str unescape(struct str text, struct arena *arena)
{
	char *out = arena_copy(arena, text.ptr, text.len);
	uint64_t byte;
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		if (c == '%' && i + 2 < text.len &&
		    !str_parse_hex_u64(str_slice(text, i + 1, i + 3), UINT8_MAX, &byte)) {
			c = (char)byte;
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		out[len++] = c;
	}
	return str_of(out, len);
}

/* "key=value&key=value", a query or the body of a form. */
static void read_pairs(struct reading *in, struct str text)
{
	struct str pair, key;

	for (int i = 0; i < LIMIT_DEVICE_FIELDS && str_split(&text, '&', &pair); i++)
		if (str_split(&pair, '=', &key) && pair.ptr)
			apply(in, unescape(key, in->arena), unescape(pair, in->arena));
}

/* Members that are text, numbers or booleans, as if they were parameters. */
static void read_members(struct reading *in, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		struct str text = json_body_text(value, in->arena);

		if (text.ptr)
			apply(in, str_from(key), text);
	}
}

/* "alarm": "sos", or a list of them. */
static void read_alarms(struct reading *in, const json_t *object)
{
	json_t *alarm = json_object_get(object, "alarm"), *one;
	size_t i;

	add_alarms(in, json_body_text(alarm, in->arena));
	json_array_foreach(alarm, i, one) add_alarms(in, json_body_text(one, in->arena));
}

/* Metres a second here, and -1 for what the phone does not know. */
static void read_coords(struct reading *in, const json_t *coords)
{
	struct fix *fix = &in->r->fix;
	double speed = json_body_number(json_object_get(coords, "speed"), 0, 600, -1);

	if (!json_is_object(coords))
		return;
	in->lat = json_body_number(json_object_get(coords, "latitude"), -90, 90, NAN);
	in->lon = json_body_number(json_object_get(coords, "longitude"), -180, 180, NAN);
	fix->speed_kmh = speed < 0 ? -1 : speed * KMH_A_METRE_A_SECOND;
	fix->course_deg = json_body_number(json_object_get(coords, "heading"), 0, 360, -1);
	fix->accuracy_m = json_body_number(json_object_get(coords, "accuracy"), 0, 1e7, -1);
	fix->altitude_m = json_body_number(json_object_get(coords, "altitude"), -1000, 1e5, NAN);
}

/* One place of the Traccar Client: its alarm may be beside the coordinates or in the extras. */
static void read_place(struct reading *in, json_t *place)
{
	json_t *battery = json_object_get(place, "battery");
	json_t *charging = json_object_get(battery, "is_charging");
	double level = json_body_number(json_object_get(battery, "level"), 0, 1, -1);

	read_members(in, place);
	read_coords(in, json_object_get(place, "coords"));
	read_alarms(in, place);
	read_alarms(in, json_object_get(place, "extras"));
	if (level >= 0)
		in->r->battery_percent = (int)lround(level * 100);
	if (json_is_boolean(charging))
		set_charge(in, json_body_text(charging, in->arena));
}

/* The body may still tell that it is a call for help, and whose. */
static void read_broken(struct reading *in, struct str body)
{
	struct str device = text_find_member(body, STR("device_id"));

	in->is_broken = true;
	set_device(in, str_of(arena_copy(in->arena, device.ptr, device.len), device.len));
	if (text_holds_word(body, STR("sos")))
		report_raise(in->r, ALARM_SOS);
}

/* {device_id, location: {…}}; a list of places, oldest first, when some were kept. */
static void read_json(struct reading *in, struct str body)
{
	json_t *root = json_body_parse(body), *location = json_object_get(root, "location"), *place;
	size_t i;

	if (json_is_object(root)) {
		read_members(in, root);
		read_alarms(in, root);
		read_place(in, location);
		json_array_foreach(location, i, place) read_place(in, place);
	} else {
		read_broken(in, body);
	}
	json_decref(root);
}

static bool is_json(struct str content_type, struct str body)
{
	body = str_trim(body);
	return text_holds_word(content_type, STR("json")) || str_starts(body, STR("{")) ||
	       str_starts(body, STR("["));
}

static struct str query_of(struct str uri)
{
	struct str path, query = STR_NONE;

	if (str_split(&uri, '?', &path))
		str_split(&uri, '#', &query);
	return query;
}

/* A report that names nobody is nothing to store; a call for help is one all the same (I4). */
static void settle(struct reading *in)
{
	struct report *r = in->r;
	enum fix_source source = in->is_approximate ? FIX_NETWORK : FIX_GNSS;
	bool has_fix = fix_place(&r->fix, source, in->lat, in->lon);

	r->fix.at_ms = has_fix ? r->at_ms : TIME_NONE;
	if (in->is_broken && !in->is_named)
		r->kind = REPORT_REJECT;
	else if (r->sos || r->device.len)
		report_settle(r, has_fix ? REPORT_POSITION : REPORT_STATUS);
	else
		r->kind = REPORT_NONE;
}

void osmand_decode(struct str uri, struct str content_type, struct str body, struct arena *arena,
		   struct report *ret_report)
{
	struct reading in = {.r = ret_report, .arena = arena, .lat = NAN, .lon = NAN};

	report_init(ret_report);
	read_pairs(&in, query_of(uri));
	in.is_named = ret_report->device.len > 0;
	if (is_json(content_type, body))
		read_json(&in, body);
	else
		read_pairs(&in, body);
	settle(&in);
}
