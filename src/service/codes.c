/*
 * The official's codes (docs/protocol/phone.md). Neither ends anything: the one asks the room for
 * the end, the other, given under duress, calls more help. Whoever watches the telephone sees the
 * same either way.
 */
#include <errno.h>

#include "base/limits.h"
#include "service/card.h"
#include "service/codes.h"
#include "service/json.h"
#include "service/raise.h"
#include "service/reports.h"
#include "service/visits.h"
#include "store/links.h"

enum {
	PIN_MIN = 4,
	PIN_MAX = 8,
	/* Beyond, no answer tells a right code from a wrong one, for an hour: 120 tries a day, of
	   10,000 codes. */
	MOST_WRONG = 5,
	WRONG_KEPT_MS = 3600 * 1000,
};

int code_compare(struct work *w, const struct command *command, struct compared *ret_compared)
{
	struct compared c = {.match = PIN_WRONG};
	int r = pins_match(w->vault, command->actor.id, command->as.code.typed, &c.match, &c.tries);

	/* Nobody chose one: any is wrong, and none is right. */
	if (r && r != -ENOENT)
		return r;
	c.is_none = r && !command->as.code.typed.len;
	if (c.is_none)
		c.match = PIN_RIGHT;
	if (!r && c.tries.from_ms != TIME_NONE && w->now_ms - c.tries.from_ms > WRONG_KEPT_MS)
		c.tries = (struct pin_tries){0, TIME_NONE};
	c.is_locked = !r && c.tries.wrong >= MOST_WRONG;
	*ret_compared = c;
	return 0;
}

/* A right one ends the count, unless it came when nobody may know that it is right. */
int code_count(struct work *w, const struct command *command, struct compared *c)
{
	if (c->is_locked || c->is_none)
		return 0;
	if (c->match == PIN_WRONG) {
		if (!c->tries.wrong++)
			c->tries.from_ms = w->now_ms;
	} else if (c->tries.wrong) {
		c->tries = (struct pin_tries){0, TIME_NONE};
	} else {
		return 0;
	}
	return pins_save_tries(w->vault, command->actor.id, &c->tries);
}

int codes_are_locked(struct work *w, struct id device, bool *ret_locked)
{
	enum pin_match match;
	struct pin_tries tries = {0, TIME_NONE};
	int r = pins_match(w->vault, device, STR(""), &match, &tries);

	*ret_locked = !r && tries.wrong >= MOST_WRONG && w->now_ms - tries.from_ms <= WRONG_KEPT_MS;
	return r == -ENOENT ? 0 : r;
}

/* The same code at the same moment is a repeat; another one at that moment is another try, or
 * somebody would try them all under one moment. */
struct str code_key(struct work *w, const struct command *command, const char *what)
{
	char key[32 + 2 * BLIND_SIZE], hex[2 * BLIND_SIZE + 1];
	uint8_t index[BLIND_SIZE];
	int len;

	vault_index(w->vault, STR("end.typed"), command->as.code.typed, index);
	hex_encode(index, sizeof(index), hex);
	len = snprintf(key, sizeof(key), "%s %lld %s", what, (long long)command->as.code.at_ms,
		       hex);
	return str_of(arena_copy(w->arena, key, (size_t)len), (size_t)len);
}

/* --- what a code does */

static int raise_under_duress(struct work *w, struct command *command, const struct device *device,
			      struct case_file *c)
{
	uint32_t reasons = REASON_DURESS | (device->enabled ? 0 : REASON_NOT_GRANTED);

	return raise_alert(w, command, device, false, reasons, command->as.code.at_ms, c);
}

int code_put_to_alert(struct work *w, struct command *command, const struct device *device,
		      const struct compared *code)
{
	static const enum alert_event events[] = {[PIN_WRONG] = EVENT_END_REFUSED,
						  [PIN_RIGHT] = EVENT_END_ASKED,
						  [PIN_DURESS] = EVENT_END_DURESS};
	struct alert_command event = {.event = events[code->match],
				      .step = (int)code->tries.wrong,
				      .device_at_ms = command->as.code.at_ms};
	struct open_alerts open = {ID_NONE, ID_NONE};
	struct case_file c;
	int r = report_alerts(w, device, &open);

	if (r || (id_is_none(open.real) && code->match != PIN_DURESS))
		return r;
	/* A page that is locked says nothing more to the room: the last line said so. */
	if (code->is_locked && code->match == PIN_WRONG)
		return 0;
	r = id_is_none(open.real) ? raise_under_duress(w, command, device, &c)
				  : case_load(w, open.real, &c);
	if (!r)
		r = case_apply(w, command, &c, &event, STR_NONE);
	if (!r)
		r = case_finish(w, command, &c);
	command->outcome.in_alert = true;
	return r;
}

int handle_code(struct work *w, struct command *command)
{
	struct str key = code_key(w, command, "end");
	struct compared code;
	struct device device;
	struct id made;
	bool is_new;
	int r = device_load(w->vault, command->actor.id, &device);

	if (r == -ENOENT) {
		command_refuse(command, PROBLEM_NOT_FOUND, "Cet appareil n'existe plus.");
		return 0;
	}
	if (!r)
		r = work_is_new(w, command, key, &is_new, &made);
	if (!r)
		r = code_compare(w, command, &code);
	if (r)
		return r;
	command->outcome.repeated = !is_new;
	command->outcome.right = code.match != PIN_WRONG || code.is_locked;
	if (!is_new)
		return 0;
	r = code_count(w, command, &code);
	/* Who has chosen no code may say that they are back, not that an alert is to end. */
	if (!r && !code.is_none)
		r = code_put_to_alert(w, command, &device, &code);
	if (!r)
		r = visit_return(w, command, &device, &code);
	return r ? r : seen_insert(w->vault, device.id, key, command->outcome.subject, w->now_ms);
}

/* --- choosing them */

static bool is_pin(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
	return text.len >= PIN_MIN && text.len <= PIN_MAX;
}

static int store_pins(struct work *w, struct command *command)
{
	int r = pins_set(w->vault, command->actor.id, command->as.code.pin,
			 command->as.code.duress);

	if (!r)
		work_entry(w, command, ENTRY_CHANGED, command->actor.id, ID_NONE,
			   vault_house_key(w->vault),
			   STR("{\"what\":\"device\",\"command\":\"device.pins\",\"fields\":{}}"));
	return r;
}

/*
 * Whoever knows the present code may choose others. The one given under duress is taken as well,
 * changes nothing, and calls for help: the page says « done » all the same.
 */
static int replace_pins(struct work *w, struct command *command, const struct device *device)
{
	struct compared code;
	int r = code_compare(w, command, &code);

	if (!r)
		r = code_count(w, command, &code);
	if (r)
		return r;
	if (code.match == PIN_DURESS)
		return code_put_to_alert(w, command, device, &code);
	if (code.match == PIN_RIGHT && !code.is_locked)
		return store_pins(w, command);
	command_invalid(
		command, "current",
		code.is_locked ? "Trop de codes faux : réessayez dans une heure, ou faites effacer "
				 "vos codes par votre administration."
			       : "Ce n'est pas votre code actuel.");
	return 0;
}

int handle_pins(struct work *w, struct command *command)
{
	struct str pin = command->as.code.pin, duress = command->as.code.duress;
	struct device device;
	bool exist = false;
	int r = device_load(w->vault, command->actor.id, &device);

	if (!r)
		r = pins_exist(w->vault, device.id, &exist);
	if (r == -ENOENT)
		command_refuse(command, PROBLEM_NOT_FOUND, "Cet appareil n'existe plus.");
	else if (!r && !is_pin(pin))
		command_invalid(command, "pin", "Un code compte de quatre à huit chiffres.");
	else if (!r && !is_pin(duress))
		command_invalid(command, "duress", "Un code compte de quatre à huit chiffres.");
	else if (!r && str_eq(pin, duress))
		command_invalid(command, "duress", "Les deux codes doivent être différents.");
	else if (!r)
		return exist ? replace_pins(w, command, &device) : store_pins(w, command);
	return r == -ENOENT ? 0 : r;
}
