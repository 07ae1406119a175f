/* Reports as JSON: see report_json.h. */
#include "ctl/report_json.h"

#include <jansson.h>
#include <math.h>

#include "base/alloc.h"

/* Twelve digits: a longitude to 1e-7 degree needs ten. */
enum { DIGITS = 12 };

/* What a device sent need not be UTF-8; JSON has to be. */
static json_t *text_or_null(struct str text)
{
	char *copy;
	json_t *json;

	if (!text.len)
		return json_null();
	if (str_is_utf8(text))
		return json_stringn(text.ptr, text.len);
	copy = str_dup(text);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)copy[i] < ' ' || (unsigned char)copy[i] >= 0x7F)
			copy[i] = '?';
	json = json_string(copy);
	free(copy);
	return json;
}

static json_t *number_or_null(bool known, double value)
{
	return known ? json_real(value) : json_null();
}

static json_t *count_or_null(int value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *time_or_null(int64_t at_ms)
{
	char text[TIME_TEXT_SIZE];

	if (at_ms == TIME_NONE)
		return json_null();
	time_print(at_ms, text);
	return json_string(text);
}

static json_t *alarm_names(uint32_t alarms)
{
	json_t *names = json_array();

	for (unsigned bit = 0; bit < 32; bit++)
		if (alarms >> bit & 1)
			json_array_append_new(names, json_string(report_alarm_name(1u << bit)));
	return names;
}

static json_t *cell_list(const struct report *r)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < r->cell_count; i++) {
		const struct report_cell *c = &r->cells[i];
		json_t *rssi = c->rssi ? json_integer(c->rssi) : json_null();

		json_array_append_new(list, json_pack("{si si sI sI so}", "mcc", c->mcc, "mnc",
						      c->mnc, "lac", (json_int_t)c->lac, "cid",
						      (json_int_t)c->cid, "rssi", rssi));
	}
	return list;
}

static json_t *reply_list(struct str reply)
{
	json_t *list = json_array();
	char *hex;

	if (!reply.len)
		return list;
	hex = xmalloc(2 * reply.len + 1);
	hex_encode((const uint8_t *)reply.ptr, reply.len, hex);
	json_array_append_new(list, json_string(hex));
	free(hex);
	return list;
}

static void add_fix(json_t *line, const struct report *r)
{
	const struct fix *f = &r->fix;
	bool placed = f->source != FIX_NONE;

	json_object_set_new(line, "lat", number_or_null(placed, f->lat_e7 / 1e7));
	json_object_set_new(line, "lon", number_or_null(placed, f->lon_e7 / 1e7));
	json_object_set_new(line, "valid", json_boolean(f->source == FIX_GNSS));
	json_object_set_new(line, "speed_kmh", number_or_null(f->speed_kmh >= 0, f->speed_kmh));
	json_object_set_new(line, "course", number_or_null(f->course_deg >= 0, f->course_deg));
	json_object_set_new(line, "altitude", number_or_null(!isnan(f->altitude_m), f->altitude_m));
	json_object_set_new(line, "accuracy", number_or_null(f->accuracy_m >= 0, f->accuracy_m));
}

static void add_device_state(json_t *line, const struct report *r)
{
	json_object_set_new(line, "battery", count_or_null(r->battery_percent));
	json_object_set_new(line, "charging",
			    r->charging_known ? json_boolean(r->charging) : json_null());
	json_object_set_new(line, "signal", count_or_null(r->signal_percent));
	json_object_set_new(line, "satellites", count_or_null(r->satellites));
	json_object_set_new(line, "steps", count_or_null(r->steps));
	json_object_set_new(line, "stored", json_boolean(r->stored));
	json_object_set_new(line, "cells", cell_list(r));
}

/* The clip itself is not printed: its size tells whether it is there. */
static void add_media(json_t *line, const struct report *r)
{
	if (r->kind != REPORT_VOICE)
		return;
	json_object_set_new(line, "media_bytes", json_integer((json_int_t)r->media.len));
	json_object_set_new(line, "media_name", text_or_null(r->media_name));
	json_object_set_new(line, "media_part", json_integer(r->media_part));
	json_object_set_new(line, "media_parts", json_integer(r->media_parts));
}

void report_print(const struct report *r, struct str reply, int http_status)
{
	json_t *line = json_object();

	json_object_set_new(line, "kind", json_string(report_kind_name(r->kind)));
	json_object_set_new(line, "device", text_or_null(r->device));
	json_object_set_new(line, "type", text_or_null(r->type));
	json_object_set_new(line, "at", time_or_null(r->at_ms));
	add_fix(line, r);
	add_device_state(line, r);
	json_object_set_new(line, "alarms", alarm_names(r->alarms));
	json_object_set_new(line, "sos", json_boolean(r->sos));
	json_object_set_new(line, "replies", reply_list(reply));
	add_media(line, r);
	if (http_status)
		json_object_set_new(line, "http_status", json_integer(http_status));
	json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
	putchar('\n');
	json_decref(line);
}
