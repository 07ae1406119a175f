/* The card of an alert: see card.h. */
#include "service/card.h"

#include "service/atlas.h"
#include "service/command.h"
#include "service/json.h"

/* In the order of the bits of enum report_alarm (wire/report.h), which a device's alarms arrive as.
 */
static const char *const reason_names[] = {
	"sos",       "low_battery", "fence_exit", "fence_enter", "removed", "fall", "heart_rate",
	"power_cut", "general",     "other",      NULL,          NULL,      NULL,   NULL,
	NULL,        NULL,          "malformed",  "not_granted", "duress",  "visit"};

void reasons_json(struct buf *out, const char *key, uint32_t reasons)
{
	json_open(out, key, '[');
	for (size_t i = 0; i < sizeof(reason_names) / sizeof(reason_names[0]); i++)
		if (reasons & 1u << i && reason_names[i])
			json_word(out, NULL, reason_names[i]);
	json_close(out, ']');
}

bool reasons_are_of_visit(uint32_t reasons)
{
	return (reasons & ~(uint32_t)REASON_NOT_GRANTED) == REASON_VISIT;
}

static void warnings_json(struct buf *out, uint32_t warnings)
{
	static const char *const names[] = {
		"sms_unsent",  "sms_failed",  "contact_silent", "unit_silent", "unit_declined",
		"not_painted", "not_claimed", "device_lost",    "end_asked",   "duress"};

	json_open(out, "warnings", '[');
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (warnings & 1u << i)
			json_word(out, NULL, names[i]);
	json_close(out, ']');
}

void fix_json(struct buf *out, const char *key, const struct stored_fix *fix, int64_t number)
{
	json_open(out, key, '{');
	if (number)
		json_int(out, "number", number);
	json_time(out, "at", fix->at_ms);
	json_int(out, "received_at", fix->received_at_ms);
	json_e7(out, "lat", fix->lat_e7);
	json_e7(out, "lon", fix->lon_e7);
	json_measure(out, "accuracy", fix->accuracy_m);
	json_measure(out, "speed", fix->speed_kmh);
	json_measure(out, "course", fix->course_deg);
	json_signed(out, "altitude", fix->altitude_m);
	json_word(out, "source", fix->approximate ? "network" : "gnss");
	json_close(out, '}');
}

void unit_json(struct buf *out, const char *key, const struct directory *d, struct id unit)
{
	struct str name = directory_unit_name(d, unit);

	if (id_is_none(unit)) {
		json_nothing(out, key);
		return;
	}
	json_open(out, key, '{');
	json_id(out, "id", unit);
	json_text(out, "name", name.ptr ? name : STR(""));
	json_close(out, '}');
}

/* A face just made has no pointer where one read again has an empty text. */
static void text_or_empty(struct buf *out, const char *key, struct str text)
{
	json_text(out, key, text.len ? text : STR(""));
}

static void official_json(struct buf *out, const struct card_facts *f)
{
	if (id_is_none(f->alert->official)) {
		json_nothing(out, "official");
		return;
	}
	json_open(out, "official", '{');
	json_id(out, "id", f->alert->official);
	text_or_empty(out, "name", f->face->official_name);
	text_or_empty(out, "mandate", f->face->mandate);
	text_or_empty(out, "commune", f->face->commune);
	json_close(out, '}');
}

static void count_or_null(struct buf *out, const char *key, int value)
{
	json_number(out, key, value, value >= 0);
}

static void device_json(struct buf *out, const struct card_facts *f)
{
	json_open(out, "device", '{');
	json_id(out, "id", f->alert->device);
	json_text(out, "label", f->face->device_label);
	json_word(out, "kind", protocol_name((enum protocol)f->face->protocol));
	count_or_null(out, "battery", f->last ? f->last->battery_percent : -1);
	count_or_null(out, "signal", f->last ? f->last->signal_percent : -1);
	json_time(out, "heard_at", f->last ? f->last->heard_at_ms : TIME_NONE);
	json_close(out, '}');
}

/* Where the device is now: the commune, and who is competent there. */
static void territory_json(struct buf *out, const struct card_facts *f)
{
	struct atlas_place place;
	bool known = f->last && f->last->has_fix &&
		     atlas_at(f->atlas, f->last->fix.lat_e7, f->last->fix.lon_e7, &place);

	atlas_json(out, "territory", f->directory, known ? &place : NULL);
}

static void claim_json(struct buf *out, const struct card_facts *f)
{
	if (id_is_none(f->alert->claimed_by)) {
		json_nothing(out, "claim");
		return;
	}
	json_open(out, "claim", '{');
	json_open(out, "account", '{');
	json_id(out, "id", f->alert->claimed_by);
	json_text(out, "name", directory_account_name(f->directory, f->alert->claimed_by));
	json_close(out, '}');
	json_time(out, "at", f->alert->claimed_at_ms);
	json_time(out, "offered_at", f->alert->offered_at_ms);
	json_close(out, '}');
}

static uint32_t warnings_of(const struct card_facts *f)
{
	uint32_t warnings = alert_warnings(f->alert, f->ladder, f->now_ms);

	if (alert_is_open(f->alert) && f->last &&
	    f->now_ms - f->last->heard_at_ms > f->ladder->device_silent_s * 1000LL)
		warnings |= WARNING_DEVICE_LOST;
	return warnings;
}

void card_members(struct buf *out, const struct card_facts *f)
{
	const struct alert *a = f->alert;

	json_id(out, "id", a->id);
	json_int(out, "ref", a->ref);
	json_word(out, "state", alert_state_name(a->state));
	json_bool(out, "test", a->test);
	json_bool(out, "silent", a->silent);
	json_int(out, "level", a->level);
	json_time(out, "raised_at", a->raised_at_ms);
	json_time(out, "device_at", a->device_at_ms);
	json_int(out, "triggers", a->triggers);
	json_time(out, "last_trigger_at", a->last_trigger_at_ms);
	reasons_json(out, "reasons", a->reasons);
	official_json(out, f);
	device_json(out, f);
	json_bool(out, "sound", !id_is_none(a->phone));
	if (f->last && f->last->has_fix)
		fix_json(out, "fix", &f->last->fix, 0);
	else
		json_nothing(out, "fix");
	territory_json(out, f);
	unit_json(out, "room", f->directory, a->room_count ? a->rooms[0] : ID_NONE);
	unit_json(out, "unit", f->directory, a->unit);
	claim_json(out, f);
	if (id_is_none(a->merged_into)) {
		json_nothing(out, "merged_into");
	} else {
		json_open(out, "merged_into", '{');
		json_id(out, "id", a->merged_into);
		json_int(out, "ref", a->merged_ref);
		json_int(out, "calls", alert_calls_unseen(a));
		json_close(out, '}');
	}
	if (alert_is_open(a)) {
		json_nothing(out, "closed");
	} else {
		json_open(out, "closed", '{');
		json_time(out, "at", a->closed_at_ms);
		json_word(out, "outcome", alert_outcome_name(a->outcome));
		json_close(out, '}');
	}
	warnings_json(out, warnings_of(f));
}
