/*
 * What devices say: known ones are heard, moved on the map, and raise alerts; the others go to the
 * unverified lane (I3, I4, I5).
 */
#include <errno.h>

#include "base/network.h"
#include "service/card.h"
#include "service/flood.h"
#include "service/json.h"
#include "service/raise.h"
#include "service/reports.h"
#include "store/calls.h"
#include "store/unverified.h"

/*
 * A device repeats a call until it is answered; the same call within this time is the same one.
 * Longer would swallow a new call of a watch whose clock is stuck.
 */
enum { REPEAT_MS = 10 * 60 * 1000 };

static struct stored_fix fix_of(const struct position *p, int64_t now_ms)
{
	return (struct stored_fix){
		.lat_e7 = p->lat_e7,
		.lon_e7 = p->lon_e7,
		.at_ms = p->at_ms,
		.received_at_ms = now_ms,
		.accuracy_m = (float)p->accuracy_m,
		.speed_kmh = (float)p->speed_kmh,
		.course_deg = (float)p->course_deg,
		.altitude_m = (float)p->altitude_m,
		.approximate = p->approximate,
	};
}

static bool source_allowed(const char *networks, const uint8_t source[16])
{
	struct str rest = str_from(networks), part;
	struct network network;
	struct address address = {.port = 0};

	if (!networks[0])
		return true;
	memcpy(address.ip, source, sizeof(address.ip));
	while (str_split(&rest, ',', &part))
		if (!network_parse(str_trim(part), &network) && network_holds(&network, &address))
			return true;
	return false;
}

/* --- the unverified lane */

enum { IDENT_SHOWN_BYTES = 64 };

/* As the device said it, when it said text; cut between characters. */
static struct str shown_ident(struct work *w, struct str ident)
{
	size_t len = ident.len < IDENT_SHOWN_BYTES ? ident.len : IDENT_SHOWN_BYTES;
	char *shown;

	while (len && len < ident.len && (ident.ptr[len] & 0xC0) == 0x80)
		len--;
	if (str_is_utf8(str_of(ident.ptr, len)))
		return str_of(ident.ptr, len);
	shown = arena_copy(w->arena, ident.ptr, len);
	for (size_t i = 0; i < len; i++)
		if (shown[i] <= ' ' || shown[i] > '~')
			shown[i] = '?';
	return str_of(shown, len);
}

static int put_in_lane(struct work *w, struct command *command, enum unverified_reason reason)
{
	const struct device_report *report = &command->as.report;
	struct unverified u = {.protocol = report->protocol,
			       .reason = reason,
			       .ident = shown_ident(w, report->ident),
			       .sos = report->call_for_help,
			       .last_at_ms = w->now_ms,
			       .has_fix = report->position.known};
	struct address source = {.port = 0};
	char source_text[ADDRESS_TEXT_SIZE];
	struct id group;
	int r;

	command->outcome.unverified = true;
	if (!flood_admits(w->flood, report->source, w->now_ms, &u.frames)) {
		command_refuse(command, PROBLEM_TOO_MANY,
			       "Trop de messages d'appareils inconnus depuis cette adresse.");
		return 0;
	}
	memcpy(source.ip, report->source, sizeof(source.ip));
	address_print(&source, source_text);
	u.source = str_from(source_text);
	if (u.has_fix)
		u.fix = fix_of(&report->position, w->now_ms);
	r = unverified_add(w->vault, &u, &group);
	if (r)
		return r;
	w->lane_changed = true;
	command->outcome.subject = group;
	/* A call for help is a line of the journal, even from nobody we know. */
	if (u.sos)
		work_entry(w, command, ENTRY_UNVERIFIED, group, ID_NONE, ID_NONE, STR_NONE);
	return 0;
}

/* --- known devices */

/* A watch has no credential: its number and where it speaks from are all there is. The others
 * have one, checked at the edge: without it they are nobody, whatever they call themselves. */
static bool is_named_by_ident(enum protocol protocol)
{
	return protocol == PROTOCOL_WATCH;
}

int report_device(struct work *w, const struct device_report *report, struct device *ret_device)
{
	int r;

	if (!id_is_none(report->authenticated))
		return device_load(w->vault, report->authenticated, ret_device);
	if (!is_named_by_ident(report->protocol))
		return -ENOENT;
	r = device_by_ident(w->vault, report->protocol, report->ident, ret_device);
	if (!r && !source_allowed(ret_device->networks, report->source))
		r = -EACCES;
	return r;
}

/* A call joins the real one, or makes it: whether a test runs changes nothing for it. */
int report_alerts(struct work *w, const struct device *device, struct open_alerts *ret_open)
{
	int r = alerts_open_of_device(w->vault, device->id, ret_open);

	if (!r && id_is_none(ret_open->real))
		r = alert_open_of_official(w->vault, device->official, &ret_open->real);
	return r;
}

/* A known device, and what it said of itself in this report. */
struct heard {
	const struct device *device;
	struct device_last last;
};

/* Whether nothing of what is stored of the device is older than this report. */
static bool is_complete(const struct device_last *last)
{
	return last->has_fix && last->battery_percent >= 0 && last->signal_percent >= 0;
}

static int trigger(struct work *w, struct command *command, const struct heard *heard,
		   struct id open)
{
	const struct device *device = heard->device;
	const struct device_report *report = &command->as.report;
	struct alert_command event = {.event = EVENT_TRIGGER,
				      .no_call_back = device->silent,
				      .phone = raise_phone(device),
				      .reasons = report->reasons,
				      .device_at_ms = report->at_ms};
	struct case_file c;
	int r;

	if (report->malformed)
		event.reasons |= REASON_MALFORMED;
	if (!device->enabled)
		event.reasons |= REASON_NOT_GRANTED;
	if (id_is_none(open)) {
		r = raise_alert(w, command, device, false, event.reasons, report->at_ms, &c);
	} else {
		r = case_load(w, open, &c);
		if (!r)
			r = case_apply(w, command, &c, &event, STR_NONE);
	}
	if (is_complete(&heard->last))
		c.last = &heard->last;
	return r ? r : case_finish(w, command, &c);
}

/* From when on the same call is one that was heard. Without a device time only an open alert tells
 * repeats. */
static int64_t repeats_since(struct work *w, const struct device_report *report, struct id open)
{
	if (report->at_ms != TIME_NONE)
		return w->now_ms - REPEAT_MS;
	return id_is_none(open) ? INT64_MAX : w->now_ms - w->ladder->duplicate_s * 1000LL;
}

/* A call for help: once (I5), on the open alert or a new one. */
static int call_for_help(struct work *w, struct command *command, const struct heard *heard,
			 struct id open)
{
	const struct device_report *report = &command->as.report;
	struct call call = {report->at_ms, report->reasons, w->now_ms, ID_NONE};
	const struct call *earlier;
	struct calls calls;
	int r = calls_load(w->vault, heard->device->id, &calls);

	if (r)
		return r;
	earlier = calls_find(&calls, &call, repeats_since(w, report, open));
	if (earlier) {
		command->outcome.repeated = true;
		/* A device that was not answered in time hears what became of its call. */
		command->outcome.in_alert = id_eq(earlier->alert, open);
		command->outcome.subject = earlier->alert;
		return 0;
	}
	r = trigger(w, command, heard, open);
	call.alert = command->outcome.subject;
	return r ? r : calls_add(w->vault, heard->device->id, &calls, &call);
}

static struct str label_of(struct work *w, const struct device *device)
{
	size_t len = strlen(device->label);

	return str_of(arena_copy(w->arena, device->label, len), len);
}

/* During an alert, real or test, every position is kept: it is the trail. The rest of the alert is
 * not looked at.
 */
static void add_to_trail(struct work *w, struct command *command, const struct device *device,
			 struct id alert, const struct alert_outline *outline,
			 const struct stored_fix *fix)
{
	struct publication_draft *draft;
	struct buf b = BUF_INIT;

	fix_json(&b, NULL, fix, 0);
	draft = work_entry(w, command, ENTRY_POSITION, alert, ID_NONE, alert, work_keep(w, &b));
	draft->room_count = outline->room_count;
	memcpy(draft->rooms, outline->rooms, sizeof(draft->rooms));
	draft->actor_name = label_of(w, device);
}

/* The device of the alert had not been heard for a while: its return is a line of the timeline. */
static int say_back(struct work *w, struct command *command, struct id alert)
{
	struct alert_command event = {.event = EVENT_DEVICE_HEARD};
	struct id subject = command->outcome.subject;
	struct case_file c;
	int r = case_load(w, alert, &c);

	if (!r)
		r = case_apply(w, command, &c, &event, STR_NONE);
	if (!r)
		r = case_finish(w, command, &c);
	command->outcome.subject = subject;
	return r;
}

/* The open alert the device speaks in. */
static int look_at_alert(struct work *w, struct command *command, const struct device *device,
			 struct id alert, struct alert_outline *ret_outline)
{
	int r = alert_load_outline(w->vault, alert, ret_outline);

	command->outcome.in_alert = true;
	if (r || !ret_outline->device_lost || !id_eq(ret_outline->device, device->id))
		return r;
	return say_back(w, command, alert);
}

static int hear(struct work *w, struct command *command, const struct device *device)
{
	const struct device_report *report = &command->as.report;
	struct stored_fix fix = fix_of(&report->position, w->now_ms);
	struct heard heard = {device,
			      {.heard_at_ms = w->now_ms,
			       .battery_percent = report->battery_percent,
			       .signal_percent = report->signal_percent,
			       .has_fix = report->position.known && !report->stored,
			       .fix = fix}};
	struct open_alerts open = {ID_NONE, ID_NONE};
	struct alert_outline real, test;
	struct id before;
	int r = device_last_save(w->vault, device->id, &heard.last);

	if (!r)
		r = report_alerts(w, device, &open);
	if (!r && !id_is_none(open.real))
		r = look_at_alert(w, command, device, open.real, &real);
	if (!r && !id_is_none(open.test))
		r = look_at_alert(w, command, device, open.test, &test);
	before = open.real;
	if (!r && report->call_for_help) {
		r = call_for_help(w, command, &heard, open.real);
		open.real = command->outcome.subject;
	}
	if (r || !report->position.known || command->outcome.repeated)
		return r;
	if (!id_eq(open.real, before))
		r = alert_load_outline(w->vault, open.real, &real);
	if (!r && !id_is_none(open.real))
		add_to_trail(w, command, device, open.real, &real, &fix);
	if (!r && !id_is_none(open.test))
		add_to_trail(w, command, device, open.test, &test, &fix);
	return r;
}

int handle_report(struct work *w, struct command *command)
{
	const struct device_report *report = &command->as.report;
	struct device device;
	int r = report_device(w, report, &device);

	if (r == -ENOENT)
		return put_in_lane(w, command,
				   report->malformed ? UNVERIFIED_MALFORMED : UNVERIFIED_UNKNOWN);
	if (r == -EACCES)
		return put_in_lane(w, command, UNVERIFIED_OUT_OF_NETWORK);
	if (r)
		return r;
	command->actor = (struct actor){.kind = ACTOR_DEVICE, .id = device.id};
	command->outcome.subject = device.id;
	command->outcome.discreet = device.silent;
	return hear(w, command, &device);
}
