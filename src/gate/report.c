/* From what wire/ decoded to a command. */
#include "gate/gate_private.h"

#include <math.h>

/*
 * Which alarms are calls for help: an SOS, a fall, and an alarm that names no reason (a frame "AL"
 * with an empty status exists in the field: devices.md §0.4). The rest is told with the next
 * position.
 */
enum { CALLS_FOR_HELP = ALARM_SOS | ALARM_FALL | ALARM_GENERAL };

static struct position position_of(const struct fix *fix)
{
	return (struct position){
		.known = fix->source != FIX_NONE,
		.approximate = fix->source == FIX_NETWORK,
		.lat_e7 = fix->lat_e7,
		.lon_e7 = fix->lon_e7,
		.at_ms = fix->at_ms,
		.accuracy_m = fix->accuracy_m,
		.speed_kmh = fix->speed_kmh,
		.course_deg = fix->course_deg,
		.altitude_m = fix->altitude_m,
	};
}

struct command *report_command(enum protocol protocol, const struct report *report,
			       const struct address *peer)
{
	struct command *c = command_new(VERB_REPORT, (struct actor){.kind = ACTOR_DEVICE});

	c->as.report = (struct device_report){
		.protocol = protocol,
		.ident = command_keep(c, report->device),
		.call_for_help = report->sos || report->alarms & CALLS_FOR_HELP,
		.malformed = report->kind == REPORT_REJECT,
		.stored = report->stored,
		.reasons = report->alarms | (report->sos ? ALARM_SOS : 0),
		.at_ms = report->at_ms,
		.position = position_of(&report->fix),
		.battery_percent = report->battery_percent,
		.signal_percent = report->signal_percent,
	};
	memcpy(c->as.report.source, peer->ip, sizeof(peer->ip));
	return c;
}
