/* Texts of a telephone: see phone.h. */
#include "wire/phone.h"

#include <math.h>

#include "base/clock.h"
#include "base/limits.h"
#include "wire/json_body.h"

static double number_of(const json_t *object, const char *key, double min, double max, double other)
{
	return json_body_number(json_object_get(object, key), min, max, other);
}

/* Whether the member is a time; *ret_ms is left alone when it is not. */
static bool read_time(const json_t *object, const char *key, int64_t *ret_ms)
{
	double ms = number_of(object, key, 0, TIME_LAST_MS, -1);

	if (ms < 0)
		return false;
	*ret_ms = llround(ms);
	return true;
}

/* Null and absent: not said. False: it is neither that nor a percentage. */
static bool read_battery(const json_t *message, struct report *r)
{
	json_t *battery = json_object_get(message, "battery");
	double percent = json_body_number(battery, 0, 100, -1);

	r->battery_percent = (int)lround(percent);
	return percent >= 0 || !battery || json_is_null(battery);
}

/* False: it is no position. One without a place (0,0) is one that says nothing. */
static bool read_position(const json_t *position, struct fix *fix)
{
	double lat = number_of(position, "lat", -90, 90, NAN);
	double lon = number_of(position, "lon", -180, 180, NAN);
	double speed_ms = number_of(position, "speed", 0, 1000, -1);
	int64_t at_ms;

	if (!json_is_object(position) || isnan(lat) || isnan(lon) ||
	    !read_time(position, "at", &at_ms))
		return false;
	fix_place(fix, FIX_GNSS, lat, lon);
	fix->at_ms = at_ms;
	fix->accuracy_m = number_of(position, "accuracy", 0, 1e8, -1);
	fix->speed_kmh = speed_ms < 0 ? -1 : speed_ms * 3.6;
	fix->course_deg = number_of(position, "course", 0, 360, -1);
	fix->altitude_m = number_of(position, "altitude", -1000, 100000, NAN);
	return true;
}

static enum phone_kind read_hello(const json_t *message, struct arena *arena,
				  struct phone_message *m)
{
	json_t *device = json_object_get(message, "device");
	json_t *secret = json_object_get(message, "secret");

	if (!json_is_string(device) || !json_is_string(secret))
		return PHONE_OTHER;
	m->secret = json_body_text(secret, arena);
	return id_parse(json_body_text(device, arena), &m->device) ? PHONE_OTHER : PHONE_HELLO;
}

/* Whatever else it says (I3). */
static enum phone_kind read_call(const json_t *message, struct report *r)
{
	json_t *position = json_object_get(message, "position");
	bool whole = read_time(message, "at", &r->at_ms);

	whole &= read_battery(message, r);
	if (position && !json_is_null(position))
		whole &= read_position(position, &r->fix);
	report_raise(r, ALARM_SOS);
	report_settle(r, REPORT_SOS);
	if (!whole)
		r->kind = REPORT_REJECT;
	return PHONE_CALL;
}

static enum phone_kind read_place(const json_t *message, struct report *r)
{
	if (!read_position(json_object_get(message, "position"), &r->fix) ||
	    !read_battery(message, r))
		return PHONE_OTHER;
	r->at_ms = r->fix.at_ms;
	r->kind = r->fix.source == FIX_NONE ? REPORT_STATUS : REPORT_POSITION;
	return PHONE_POSITION;
}

static enum phone_kind read_alive(const json_t *message, struct report *r)
{
	r->kind = REPORT_STATUS;
	return read_battery(message, r) ? PHONE_ALIVE : PHONE_OTHER;
}

static enum phone_kind read_streaming(const json_t *message, struct phone_message *m)
{
	json_t *alert = json_object_get(message, "alert"),
	       *epoch = json_object_get(message, "epoch");
	json_int_t number = json_integer_value(epoch);

	if (!json_is_string(alert) || number <= 0 || number > UINT32_MAX ||
	    id_parse(str_of(json_string_value(alert), json_string_length(alert)), &m->alert) ||
	    !read_time(message, "began", &m->began_ms))
		return PHONE_OTHER;
	m->epoch = (uint32_t)number;
	return PHONE_STREAMING;
}

/* A code is never empty; whoever holds none yet says null. */
static bool read_code(const json_t *message, const char *key, struct arena *arena,
		      struct str *ret_code)
{
	json_t *code = json_object_get(message, key);

	if (!json_is_string(code) || !json_string_length(code) ||
	    json_string_length(code) > LIMIT_PIN_BYTES)
		return false;
	*ret_code = json_body_text(code, arena);
	return true;
}

/* What was typed; null where no code is chosen. */
static bool read_typed(const json_t *message, struct arena *arena, struct phone_message *m)
{
	return read_time(message, "at", &m->report.at_ms) &&
	       (json_is_null(json_object_get(message, "pin")) ||
		read_code(message, "pin", arena, &m->typed));
}

static enum phone_kind read_end(const json_t *message, struct arena *arena, struct phone_message *m)
{
	return read_typed(message, arena, m) ? PHONE_END : PHONE_OTHER;
}

/* How long is too long is the service's to say, in words. */
static bool read_duration(const json_t *message, struct phone_message *m)
{
	double minutes = number_of(message, "minutes", 0, 1e6, -1);

	m->duration_ms = llround(minutes * 60000);
	return minutes >= 0;
}

static enum phone_kind read_announce(const json_t *message, struct arena *arena,
				     struct phone_message *m)
{
	json_t *place = json_object_get(message, "place");
	json_t *person = json_object_get(message, "person");
	bool names = person && !json_is_null(person);

	if (!json_is_string(place) || (names && !json_is_string(person)) ||
	    !read_time(message, "at", &m->report.at_ms) || !read_duration(message, m))
		return PHONE_OTHER;
	m->place = json_body_text(place, arena);
	m->person = names ? json_body_text(person, arena) : STR("");
	return PHONE_ANNOUNCE;
}

static enum phone_kind read_extend(const json_t *message, struct arena *arena,
				   struct phone_message *m)
{
	return read_typed(message, arena, m) && read_duration(message, m) ? PHONE_EXTEND
									  : PHONE_OTHER;
}

static enum phone_kind read_pins(const json_t *message, struct arena *arena,
				 struct phone_message *m)
{
	const json_t *current = json_object_get(message, "current");
	bool has_current = current && !json_is_null(current);

	if (!read_time(message, "at", &m->report.at_ms) ||
	    !read_code(message, "pin", arena, &m->pin) ||
	    !read_code(message, "duress", arena, &m->duress) ||
	    (has_current && !read_code(message, "current", arena, &m->typed)))
		return PHONE_OTHER;
	return PHONE_PINS;
}

static enum phone_kind read_message(const json_t *message, struct arena *arena,
				    struct phone_message *m)
{
	m->report.type = json_body_text(json_object_get(message, "type"), arena);
	if (str_eq(m->report.type, STR("hello")))
		return read_hello(message, arena, m);
	if (str_eq(m->report.type, STR("call")))
		return read_call(message, &m->report);
	if (str_eq(m->report.type, STR("position")))
		return read_place(message, &m->report);
	if (str_eq(m->report.type, STR("alive")))
		return read_alive(message, &m->report);
	if (str_eq(m->report.type, STR("streaming")))
		return read_streaming(message, m);
	if (str_eq(m->report.type, STR("end")))
		return read_end(message, arena, m);
	if (str_eq(m->report.type, STR("pins")))
		return read_pins(message, arena, m);
	if (str_eq(m->report.type, STR("test")))
		return read_time(message, "at", &m->report.at_ms) ? PHONE_TEST : PHONE_OTHER;
	if (str_eq(m->report.type, STR("announce")))
		return read_announce(message, arena, m);
	if (str_eq(m->report.type, STR("extend")))
		return read_extend(message, arena, m);
	return PHONE_OTHER;
}

/* What cannot be read may be what is left of a call. */
static enum phone_kind read_wreck(struct str text, struct report *r)
{
	if (!text_holds_word(text, STR("call")))
		return PHONE_OTHER;
	report_raise(r, ALARM_SOS);
	r->kind = REPORT_REJECT;
	return PHONE_CALL;
}

void phone_decode(struct str text, struct arena *arena, struct phone_message *ret_message)
{
	json_t *message = json_body_parse(text);

	*ret_message = (struct phone_message){.kind = PHONE_OTHER};
	report_init(&ret_message->report);
	ret_message->kind = message ? read_message(message, arena, ret_message)
				    : read_wreck(text, &ret_message->report);
	json_decref(message);
}
