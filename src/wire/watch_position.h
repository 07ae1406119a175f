/*
 * The list of a position, which UD, AL and their like share: date, time, validity, place,
 * figures, status, cells, Wi-Fi names, accuracy (docs/protocol/watch.md). For watch_report.c.
 */
#ifndef WIRE_WATCH_POSITION_H
#define WIRE_WATCH_POSITION_H

#include "wire/field.h"
#include "wire/report.h"

/* From this bit on a status tells alarms; below it, states. */
enum { WATCH_FIRST_ALARM_BIT = 16 };

struct watch_position {
	bool is_list;      /* what was read is a position list */
	bool status_known; /* an alarm whose status is not known may be an SOS */
	uint32_t status;
};

bool watch_is_position(const struct fields *f);

/* Reads the list as far as it goes into r, but for its kind. */
struct watch_position watch_read_position(const struct fields *f, struct report *r);

/* A status is 8 hexadecimal digits, 4 on old watches; the last 8 if ever there are more. */
bool watch_parse_status(struct str text, uint32_t *ret_status);

#endif
