/*
 * What any device said, whatever its protocol: the value every device codec decodes
 * to, and the only thing gate/ turns into a command. Plain values; text is borrowed
 * from the bytes that were decoded.
 */
#ifndef WIRE_REPORT_H
#define WIRE_REPORT_H

#include "base/clock.h"
#include "base/str.h"

enum report_kind {
	REPORT_NONE,   /* understood, nothing to store (an echo, a question for queued voice) */
	REPORT_STATUS, /* heartbeat, battery, health figures: no position */
	REPORT_POSITION,
	REPORT_ALARM,  /* an alarm that is not a call for help, with or without a position */
	REPORT_SOS,    /* a call for help: I3 */
	REPORT_VOICE,  /* a stored voice clip, or one part of it, in `media` */
	REPORT_REJECT, /* malformed; may still have `sos` set, then it is an unverified SOS (I3) */
};

/* One bit an alarm: an SOS is never hidden by its neighbours (devices.md §0.5). */
enum report_alarm {
	ALARM_SOS = 1u << 0,
	ALARM_LOW_BATTERY = 1u << 1,
	ALARM_FENCE_EXIT = 1u << 2,
	ALARM_FENCE_ENTER = 1u << 3,
	ALARM_REMOVED = 1u << 4,
	ALARM_FALL = 1u << 5,
	ALARM_HEART_RATE = 1u << 6,
	ALARM_POWER_CUT = 1u << 7, /* charger unplugged */
	ALARM_GENERAL = 1u << 8,   /* an alarm frame that names no reason */
	ALARM_OTHER = 1u << 9,     /* a reason this codec does not know */
};

enum fix_source { FIX_NONE, FIX_GNSS, FIX_NETWORK /* last known, cell or Wi-Fi: approximate */ };

struct fix {
	enum fix_source source; /* FIX_NONE: the other members mean nothing */
	int32_t lat_e7, lon_e7; /* WGS 84, degrees × 10⁷ */
	int64_t at_ms;          /* when the device says it was there; TIME_NONE: not said */
	double accuracy_m;      /* radius; negative: not said */
	double speed_kmh;       /* negative: not said */
	double course_deg;      /* negative: not said */
	double altitude_m;      /* NAN: not said */
};

struct report_cell {
	int mcc, mnc;
	uint32_t lac, cid;
	int rssi; /* dBm; 0: not said */
};

enum { REPORT_MAX_CELLS = 16 };

struct report {
	enum report_kind kind;
	struct str device; /* identity as sent: digits of an IMEI, device id, user/device */
	struct str type;   /* the protocol's own word: "UD_LTE", "location" … */
	bool sos;          /* exactly when ALARM_SOS is in `alarms` */
	uint32_t alarms;   /* bits of enum report_alarm */
	bool stored;       /* a late report the device kept (UD2) */
	int64_t at_ms;     /* device time; TIME_NONE: the server's clock stands in */
	struct fix fix;
	int battery_percent; /* -1: not said */
	int signal_percent;  /* -1 */
	int satellites;      /* -1 */
	int steps;           /* -1 */
	bool charging_known, charging;
	unsigned cell_count;
	struct report_cell cells[REPORT_MAX_CELLS];
	struct str media;            /* REPORT_VOICE: the clip, still escaped as sent */
	struct str media_name;       /* the clip a part belongs to; STR_NONE: the clip is whole */
	int media_part, media_parts; /* part 1 of 6; both 0 when the clip is whole */
};

void report_init(struct report *r); /* everything "not said" */
/* Adds bits of enum report_alarm, keeping `sos` in step. */
void report_raise(struct report *r, uint32_t alarms);
/* SOS, else ALARM when any alarm is raised, else the kind given. */
void report_settle(struct report *r, enum report_kind otherwise);
/* Places a fix. Out of range, not a number, or 0,0 ("no idea"): no fix, and false. */
bool fix_place(struct fix *f, enum fix_source source, double lat, double lon);
const char *report_kind_name(enum report_kind kind);    /* "position" */
const char *report_alarm_name(enum report_alarm alarm); /* "low_battery" */

#endif
