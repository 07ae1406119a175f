/*
 * Visits announced beforehand (docs/protocol/phone.md): what the telephone says of them, and what
 * becomes of one nobody came back from. Nothing of it is shown to the room before there is an
 * alert.
 */
#include "service/visits.h"

#include <errno.h>

#include "base/limits.h"
#include "crypto/random.h"
#include "service/card.h"
#include "service/codes.h"
#include "service/json.h"
#include "service/raise.h"
#include "service/reports.h"
#include "service/sms_text.h"
#include "store/links.h"
#include "store/outbox.h"

void visit_json(struct buf *out, const char *key, const char *key_of_id, const struct visit *visit,
		const struct visit_words *words)
{
	json_open(out, key, '{');
	json_id(out, key_of_id, visit->id);
	json_text(out, "place", words->place);
	json_text(out, "person", words->person);
	json_time(out, "announced_at", visit->announced_at_ms);
	json_time(out, "due_at", visit->due_at_ms);
	json_close(out, '}');
}

/* --- lines about it */

/* For an alert's timeline: sealed with the alert, whole, since it outlives the visit. */
static int body_of(struct work *w, const struct visit *visit, struct str *ret_body)
{
	struct visit_words words;
	struct buf b = BUF_INIT;
	int r = visit_load_words(w->vault, w->arena, visit->id, &words);

	if (r)
		return r;
	visit_json(&b, NULL, "visit", visit, &words);
	*ret_body = work_keep(w, &b);
	return 0;
}

static int write_on_case(struct work *w, struct command *command, struct case_file *c,
			 enum entry_kind kind, const struct visit *visit)
{
	struct str body;
	int r = body_of(w, visit, &body);

	if (!r)
		case_entry(w, command, c, kind, ID_NONE, body);
	return r;
}

/* On the alert that is open of the device or its wearer, if one is. */
static int write_on_alert(struct work *w, struct command *command, const struct device *device,
			  enum entry_kind kind, const struct visit *visit)
{
	struct open_alerts open = {ID_NONE, ID_NONE};
	struct case_file c;
	int r = report_alerts(w, device, &open);

	if (r || id_is_none(open.real))
		return r;
	r = case_load(w, open.real, &c);
	if (!r)
		r = write_on_case(w, command, &c, kind, visit);
	return r ? r : case_finish(w, command, &c);
}

/* The audit's line: that there was one and until when, never where or with whom. */
static void write_audit(struct work *w, struct command *command, enum entry_kind kind,
			const struct visit *visit)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	json_time(&b, "due_at", visit->due_at_ms);
	json_close(&b, '}');
	work_entry(w, command, kind, visit->id, visit->device, vault_house_key(w->vault),
		   work_keep(w, &b));
}

int visits_show(struct work *w, struct command *command, struct case_file *c)
{
	struct visit list[VISITS_RUNNING];
	size_t count = 0;
	int r = visits_running(w->vault, c->alert.official, c->alert.device, list, VISITS_RUNNING,
			       &count);

	for (size_t i = 0; !r && i < count; i++) {
		r = write_on_case(w, command, c, ENTRY_VISIT_ANNOUNCED, &list[i]);
		/* A reminder no gateway has taken yet would sound in the middle of it (I6). */
		if (!r)
			r = messages_cancel(w->vault, list[i].id, ID_NONE);
	}
	return r;
}

/* --- its deadline */

static int look_again(struct work *w, const struct visit *visit, const struct visit_decision *d)
{
	struct deadline deadline = {
		.alert = visit->id, .timer = TIMER_VISIT, .due_at_ms = d->look_at_ms};

	if (d->look_at_ms == TIME_NONE)
		return deadline_clear(w->vault, visit->id, TIMER_VISIT, ID_NONE);
	if (d->look_at_ms < w->soonest_deadline_ms)
		w->soonest_deadline_ms = d->look_at_ms;
	return deadline_set(w->vault, &deadline);
}

/* To the official, a little before. Sealed with the visit: it goes with it. */
static int queue_reminder(struct work *w, const struct visit *visit)
{
	struct official official;
	struct message m = {
		.id = random_id_v7(w->now_ms),
		.alert = visit->id,
		.target = visit->official,
		.kind = OUTBOX_VISIT,
		.state = MESSAGE_QUEUED,
		.created_at_ms = w->now_ms,
		.next_at_ms = w->now_ms,
		.valid_until_ms = visit->due_at_ms,
	};
	int r = id_is_none(visit->official)
			? -ENOENT
			: official_load(w->vault, w->arena, visit->official, &official);

	if (r || !official.phone.len)
		return r == -ENOENT ? 0 : r;
	m.to = official.phone;
	m.text = sms_for_visit();
	w->outbox_changed = true;
	return message_insert(w->vault, &m);
}

/* Whose telephone it was. One that left the registry meanwhile is not waited for in vain. */
static int device_of(struct work *w, const struct visit *visit, struct device *ret_device)
{
	int r = device_load(w->vault, visit->device, ret_device);

	if (r == -ENOENT) {
		*ret_device = (struct device){.id = visit->device,
					      .protocol = PROTOCOL_PHONE,
					      .label = "Téléphone retiré",
					      .no_sound = true,
					      .silent = true,
					      .enabled = true};
		r = 0;
	}
	if (!r && !id_is_none(visit->official))
		ret_device->official = visit->official;
	return r;
}

/* Not while help is on its way: no telephone of theirs may show anything then (I6). */
static int remind(struct work *w, const struct visit *visit)
{
	struct open_alerts open = {ID_NONE, ID_NONE};
	struct device device;
	int r = device_of(w, visit, &device);

	if (!r)
		r = report_alerts(w, &device, &open);
	return r || !id_is_none(open.real) ? r : queue_reminder(w, visit);
}

/* As a call would be: on the open alert of the device or its wearer, or a new one, silent. */
static int raise_or_join(struct work *w, struct command *command, struct visit *visit)
{
	struct alert_command event = {.event = EVENT_VISIT_MISSED, .reasons = REASON_VISIT};
	struct open_alerts open = {ID_NONE, ID_NONE};
	struct device device;
	struct case_file c;
	struct str body;
	int r = device_of(w, visit, &device);

	if (!r)
		r = body_of(w, visit, &body);
	if (!r)
		r = report_alerts(w, &device, &open);
	if (r)
		return r;
	event.phone = raise_phone(&device);
	if (!device.enabled)
		event.reasons |= REASON_NOT_GRANTED;
	r = id_is_none(open.real)
		    ? raise_alert(w, command, &device, false, event.reasons, TIME_NONE, &c)
		    : case_load(w, open.real, &c);
	if (!r)
		r = case_apply(w, command, &c, &event, body);
	if (!r)
		r = case_finish(w, command, &c);
	visit->alert = c.alert.id;
	/* Its telephone goes along, on whatever device the alert began. */
	command->outcome.in_alert = true;
	command->outcome.device = visit->device;
	return r;
}

int visit_look(struct work *w, struct command *command, const struct deadline *deadline)
{
	struct visit_decision decision;
	struct visit visit;
	int r = visit_load(w->vault, deadline->alert, &visit);

	if (r)
		return r == -ENOENT ? 0 : r;
	visit_apply(&visit, VISIT_LOOKED_AT, 0, w->now_ms, &decision);
	if (decision.remind)
		r = remind(w, &visit);
	if (!r && decision.alert)
		r = raise_or_join(w, command, &visit);
	if (!r)
		r = visit_update(w->vault, &visit);
	return r ? r : look_again(w, &visit, &decision);
}

/* --- what the telephone says */

static int known_device(struct work *w, struct command *command, struct device *ret_device)
{
	int r = device_load(w->vault, command->actor.id, ret_device);

	if (r == -ENOENT) {
		command_refuse(command, PROBLEM_NOT_FOUND, "Cet appareil n'existe plus.");
		r = 0;
	}
	return r;
}

/* The one the telephone knows of; -ENOENT. What is missed is over when its alert is closed. */
static int known_visit(struct work *w, struct id device, struct visit *ret_visit)
{
	int r = visit_of_device(w->vault, device, ret_visit);

	if (r || ret_visit->state != VISIT_MISSED)
		return r;
	r = visits_settle(w->vault, w->now_ms);
	return r ? r : visit_of_device(w->vault, device, ret_visit);
}

/* What the telephone is told: what it knows of now, or null. */
static int answer(struct work *w, struct command *command, struct id device)
{
	struct visit_words words;
	struct buf b = BUF_INIT;
	struct visit visit;
	int r = known_visit(w, device, &visit);

	if (!r)
		r = visit_load_words(w->vault, w->arena, visit.id, &words);
	if (!r)
		visit_json(&b, NULL, "id", &visit, &words);
	command->outcome.json = r ? STR_NONE : command_keep(command, buf_str(&b));
	buf_fini(&b);
	return r == -ENOENT ? 0 : r;
}

static const struct {
	enum problem problem;
	const char *text;
} refusals[VISIT_REFUSALS] = {
	[VISIT_TOO_SHORT] = {PROBLEM_INVALID, "La durée est d'au moins une minute."},
	[VISIT_TOO_LONG] = {PROBLEM_INVALID, "Une visite dure au plus douze heures."},
	[VISIT_NOT_RUNNING] = {PROBLEM_CONFLICT, "Aucune visite n'est annoncée."},
};

static const char locked_text[] = "Trop de codes faux : réessayez dans une heure, ou faites "
				  "effacer vos codes par votre administration.";

static bool is_line(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((uint8_t)text.ptr[i] < ' ' || text.ptr[i] == 0x7F)
			return false;
	return text.len <= LIMIT_VISIT_TEXT_BYTES;
}

static bool words_are_good(struct command *command, const struct visit_words *words)
{
	if (!words->place.len)
		command_invalid(command, "place", "Dites où vous allez.");
	else if (!is_line(words->place))
		command_invalid(command, "place", "Le lieu tient en une ligne de 200 caractères.");
	else if (!is_line(words->person))
		command_invalid(command, "person",
				"La personne tient en une ligne de 200 caractères.");
	return !command->outcome.problem;
}

static bool apply(struct work *w, struct command *command, struct visit *visit,
		  enum visit_event event, struct visit_decision *ret_decision)
{
	enum visit_refusal refusal =
		visit_apply(visit, event, command->as.code.duration_ms, w->now_ms, ret_decision);

	if (refusal)
		command_refuse(command, refusals[refusal].problem, refusals[refusal].text);
	return !refusal;
}

static int begin(struct work *w, struct command *command, const struct device *device)
{
	struct visit_words words = {str_trim(command->text), str_trim(command->name)};
	struct visit visit = {
		.id = random_id_v7(w->now_ms), .device = device->id, .official = device->official};
	struct visit_decision decision;
	int r;

	if (!words_are_good(command, &words) ||
	    !apply(w, command, &visit, VISIT_ANNOUNCED, &decision))
		return 0;
	r = visit_insert(w->vault, &visit, &words);
	if (!r)
		r = look_again(w, &visit, &decision);
	if (!r)
		r = write_on_alert(w, command, device, decision.entry, &visit);
	write_audit(w, command, decision.entry, &visit);
	return r;
}

static int announce(struct work *w, struct command *command, const struct device *device)
{
	struct visit running;
	bool locked;
	int r = known_visit(w, device->id, &running);

	if (!r)
		command_refuse(command, PROBLEM_CONFLICT,
			       "Une visite est déjà annoncée : terminez-la d'abord.");
	if (r != -ENOENT)
		return r;
	/* An answer would tell whether the code that ended the one before was right. */
	r = codes_are_locked(w, device->id, &locked);
	if (r)
		return r;
	if (locked) {
		command_refuse(command, PROBLEM_TOO_MANY, locked_text);
		return 0;
	}
	return begin(w, command, device);
}

static int prolong(struct work *w, struct command *command, const struct device *device)
{
	struct visit_decision decision;
	struct visit visit;
	int r = known_visit(w, device->id, &visit);

	if (r == -ENOENT) {
		command_refuse(command, refusals[VISIT_NOT_RUNNING].problem,
			       refusals[VISIT_NOT_RUNNING].text);
		return 0;
	}
	if (r || !apply(w, command, &visit, VISIT_EXTENDED, &decision))
		return r;
	r = visit_update(w->vault, &visit);
	if (!r)
		r = look_again(w, &visit, &decision);
	/* What has not left says the former hour. */
	if (!r)
		r = messages_cancel(w->vault, visit.id, ID_NONE);
	if (!r)
		r = write_on_alert(w, command, device, decision.entry, &visit);
	write_audit(w, command, decision.entry, &visit);
	return r;
}

/*
 * Under duress it lasts longer all the same, and help is called: whoever watches sees the same.
 * When no answer may tell a right code from a wrong one, it says so and does nothing.
 */
static int extend(struct work *w, struct command *command, const struct device *device,
		  struct compared *code)
{
	int r = code_count(w, command, code);

	if (!r && code->match != PIN_RIGHT)
		r = code_put_to_alert(w, command, device, code);
	if (!r && !code->is_locked && code->match != PIN_WRONG)
		r = prolong(w, command, device);
	return r;
}

/* The same moment of the telephone's is the same message. */
static int is_first(struct work *w, struct command *command, struct str key, bool *ret_is_first)
{
	struct id made;
	int r = work_is_new(w, command, key, ret_is_first, &made);

	command->outcome.repeated = !r && !*ret_is_first;
	return r;
}

static int note_seen(struct work *w, struct command *command, struct str key)
{
	return seen_insert(w->vault, command->actor.id, key, ID_NONE, w->now_ms);
}

int handle_announce(struct work *w, struct command *command)
{
	char text[40];
	int len = snprintf(text, sizeof(text), "visit %lld", (long long)command->as.code.at_ms);
	struct str key = str_of(text, (size_t)len);
	struct device device;
	bool first;
	int r = known_device(w, command, &device);

	if (r || command->outcome.problem)
		return r;
	r = is_first(w, command, key, &first);
	if (!r && first)
		r = announce(w, command, &device);
	if (!r && first && !command->outcome.problem)
		r = note_seen(w, command, key);
	return r ? r : answer(w, command, device.id);
}

int handle_extend(struct work *w, struct command *command)
{
	struct str key = code_key(w, command, "extend");
	struct device device;
	struct compared code;
	bool first;
	int r = known_device(w, command, &device);

	command->outcome.right = true; /* of a telephone that is no more, nothing is known */
	if (r || command->outcome.problem)
		return r;
	r = is_first(w, command, key, &first);
	if (!r)
		r = code_compare(w, command, &code);
	if (!r && first)
		r = extend(w, command, &device, &code);
	if (!r && first)
		r = note_seen(w, command, key);
	if (r)
		return r;
	command->outcome.right = code.match != PIN_WRONG || code.is_locked;
	if (code.is_locked)
		command_refuse(command, PROBLEM_TOO_MANY, locked_text);
	else if (code.match == PIN_WRONG)
		command_invalid(command, "pin", "Ce code n'est pas le bon.");
	return answer(w, command, device.id);
}

/* --- the official is back */

static int end(struct work *w, struct command *command, const struct device *device,
	       struct visit *visit, bool duress)
{
	struct visit_decision decision;
	int r;

	visit_apply(visit, VISIT_RETURNED, 0, w->now_ms, &decision);
	r = visit_update(w->vault, visit);
	if (!r)
		r = look_again(w, visit, &decision);
	if (!r)
		r = messages_cancel(w->vault, visit->id, ID_NONE);
	/* What was said under duress is on the timeline as that. */
	if (!r && !duress)
		r = write_on_alert(w, command, device, decision.entry, visit);
	write_audit(w, command, decision.entry, visit);
	return r;
}

/* Told to be over, or to nobody: no reminder may tell that somebody is still waited for. */
static int hide(struct work *w, struct visit *visit)
{
	struct visit_decision decision;
	int r;

	visit_apply(visit, VISIT_FEIGNED, 0, w->now_ms, &decision);
	r = visit_update(w->vault, visit);
	return r ? r : messages_cancel(w->vault, visit->id, ID_NONE);
}

int visit_hide(struct work *w, struct id device)
{
	struct visit visit;
	int r = visit_of_device(w->vault, device, &visit);

	return r == -ENOENT ? 0 : r ? r : hide(w, &visit);
}

int visit_return(struct work *w, struct command *command, const struct device *device,
		 const struct compared *code)
{
	struct visit visit;
	int r;

	if (code->match == PIN_WRONG && !code->is_locked)
		return 0;
	r = known_visit(w, device->id, &visit);
	if (r)
		return r == -ENOENT ? 0 : r;
	command->outcome.visit_over = true;
	if (code->match != PIN_WRONG)
		return end(w, command, device, &visit, code->match == PIN_DURESS);
	return hide(w, &visit);
}
