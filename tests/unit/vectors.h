/* Vectors of tests/vectors, one JSON object a line. The caller frees them with json_decref. */
#ifndef TESTS_UNIT_VECTORS_H
#define TESTS_UNIT_VECTORS_H

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "test.h"
#include "wire/report.h"

static inline json_t *vectors_load(const char *name)
{
	json_t *all = json_array();
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), TEST_DATA "/vectors/%s.jsonl", name);
	file = fopen(path, "r");
	assert_non_null(file);
	for (;;) {
		json_error_t error;
		json_t *one = json_loadf(file, JSON_DISABLE_EOF_CHECK, &error);

		if (!one)
			break;
		json_array_append_new(all, one);
	}
	fclose(file);
	assert_true(json_array_size(all) > 0);
	return all;
}

static inline const char *vector_text(const json_t *vector, const char *key)
{
	const char *text = json_string_value(json_object_get(vector, key));

	return text ? text : "";
}

static inline bool vector_is(const json_t *vector, const char *key, const char *value)
{
	return strcmp(vector_text(vector, key), value) == 0;
}

/* Hexadecimal to bytes; the caller calls buf_fini. */
static inline struct buf bytes_of(const char *hex)
{
	struct buf b = BUF_INIT;
	size_t size = strlen(hex) / 2;

	b.len = (size_t)hex_decode(str_from(hex), (uint8_t *)buf_reserve(&b, size), size);
	assert_int_equal(b.len, size);
	return b;
}

/*
 * Bytes at the very end of their own heap block, so that a read past them is seen by the
 * address sanitizer. Freed with free().
 */
static inline char *exact_copy(struct str bytes)
{
	char *copy = malloc(bytes.len ? bytes.len : 1);

	assert_non_null(copy);
	if (bytes.len)
		memcpy(copy, bytes.ptr, bytes.len);
	return copy;
}

/* Position, time, speed and the first alarm of a vector's "expected", against a report. */
static inline void assert_report_as_expected(const json_t *vector, const struct report *r)
{
	static const struct {
		const char *theirs;
		uint32_t alarm;
	} alarms[] = {{"sos", ALARM_SOS},
		      {"lowBattery", ALARM_LOW_BATTERY},
		      {"fallDown", ALARM_FALL | ALARM_HEART_RATE},
		      {"removing", ALARM_REMOVED},
		      {"geofenceExit", ALARM_FENCE_EXIT},
		      {"geofenceEnter", ALARM_FENCE_ENTER},
		      {"powerCut", ALARM_POWER_CUT},
		      {"general", ALARM_GENERAL}};
	json_t *expected = json_object_get(vector, "expected");
	json_t *attributes = json_object_get(expected, "attributes");
	json_t *battery = json_object_get(attributes, "batteryLevel");
	const char *time = vector_text(expected, "deviceTime"),
		   *alarm = vector_text(attributes, "alarm");
	double lat = json_number_value(json_object_get(expected, "lat"));
	double lon = json_number_value(json_object_get(expected, "lon"));
	bool has_fix =
		json_is_false(json_object_get(expected, "outdated")) && (lat != 0 || lon != 0);
	char at[TIME_TEXT_SIZE];

	assert_int_equal(r->fix.source != FIX_NONE, has_fix);
	if (has_fix) {
		double speed = json_number_value(json_object_get(expected, "speed_kn")) * 1.852;

		assert_true(fabs(r->fix.lat_e7 / 1e7 - lat) < 1e-7);
		assert_true(fabs(r->fix.lon_e7 / 1e7 - lon) < 1e-7);
		assert_int_equal(r->fix.source == FIX_GNSS,
				 json_is_true(json_object_get(expected, "valid")));
		/* That server converts with 0.539957 knots a km/h. */
		assert_true(fabs(fmax(r->fix.speed_kmh, 0) - speed) < 1e-4 * (1 + speed));
		assert_true(fabs(fmax(r->fix.course_deg, 0) -
				 json_number_value(json_object_get(expected, "course"))) < 1e-6);
	}
	if (strlen(time) == 24) {
		time_print(r->at_ms, at);
		assert_string_equal(at, time);
	} else {
		assert_true(r->at_ms == TIME_NONE);
	}
	if (battery)
		assert_int_equal(r->battery_percent, lround(json_number_value(battery)));
	for (size_t i = 0; i < sizeof(alarms) / sizeof(alarms[0]); i++)
		if (strcmp(alarm, alarms[i].theirs) == 0)
			assert_true(r->alarms & alarms[i].alarm);
	assert_int_equal(r->sos, json_is_true(json_object_get(expected, "sos")));
}

static inline void assert_cells_as_expected(const json_t *vector, const struct report *r)
{
	json_t *network = json_object_get(json_object_get(vector, "expected"), "network");
	json_t *cells = json_object_get(network, "cells"), *cell;
	size_t i;

	assert_int_equal(r->cell_count, json_array_size(cells));
	/* That server keeps them in no order. */
	json_array_foreach(cells, i, cell)
	{
		bool found = false;

		for (unsigned k = 0; k < r->cell_count; k++) {
			const struct report_cell *c = &r->cells[k];

			found |= c->mcc == json_integer_value(json_object_get(cell, "mcc")) &&
				 c->mnc == json_integer_value(json_object_get(cell, "mnc")) &&
				 c->lac == json_integer_value(json_object_get(cell, "lac")) &&
				 c->cid == json_integer_value(json_object_get(cell, "cid")) &&
				 c->rssi == json_integer_value(json_object_get(cell, "rssi"));
		}
		assert_true(found);
	}
}

#endif
