/*
 * How officials come to their own file (docs/protocol/registration.md): they have no password. A
 * telephone of theirs that is enrolled opens it with the code they chose for it; without one, a
 * code of six figures, sent to the number that the counter has verified. Who asks is told the same
 * whether the number is somebody's or not.
 */
#include "service/own.h"

#include <errno.h>

#include "core/access.h"
#include "service/codes.h"
#include "service/sms_text.h"
#include "store/outbox.h"

enum {
	MINUTE_MS = 60 * 1000,
	HOUR_MS = 60 * MINUTE_MS,
	DAY_MS = 24 * HOUR_MS,
	CODE_MINUTES = 10,
	SESSION_MS = 30 * MINUTE_MS,
	/* A number that somebody else makes ring stays usable: the enrolled telephone is another
	   way in. */
	CODES_AN_HOUR = 3,
	CODES_A_DAY = 8,
	/* Of the whole house: what floods it must not keep the SMS of alerts waiting. */
	CODES_A_MINUTE = 120,
	NOTICE_MINUTES = 24 * 60,
};

static const char session_over[] = "Votre session est terminée : ouvrez de nouveau votre dossier.";

bool own_enter(struct admin *a, struct id *ret_official, int *ret_r)
{
	struct official o = {.ended = false};

	*ret_r = a->c->token.len
			 ? own_session_find(a->w->vault, a->c->token, a->w->now_ms, ret_official)
			 : -ENOENT;
	if (!*ret_r)
		*ret_r = official_load(a->w->vault, &a->c->arena, *ret_official, &o);
	if (*ret_r == -ENOENT || o.ended) {
		command_refuse(a->c, PROBLEM_SESSION_NEEDED, session_over);
		*ret_r = 0;
		return false;
	}
	if (*ret_r)
		return false;
	if (!access_allows(ROLE_OFFICIAL, RIGHT_OWN_FILE, RELATION_SELF)) {
		command_refuse(a->c, PROBLEM_FORBIDDEN, session_over);
		return false;
	}
	a->c->actor = (struct actor){.kind = ACTOR_OFFICIAL, .id = *ret_official};
	return true;
}

/* --- SMS */

/* An SMS to that number of theirs, sealed with their file. */
static int say(struct work *w, struct id official, struct str to, struct str text,
	       int valid_minutes)
{
	struct message m = {
		.id = random_id_v7(w->now_ms),
		.alert = official,
		.target = official,
		.kind = OUTBOX_OFFICIAL,
		.to = to,
		.text = text,
		.state = MESSAGE_QUEUED,
		.created_at_ms = w->now_ms,
		.next_at_ms = w->now_ms,
		.valid_until_ms = w->now_ms + (int64_t)valid_minutes * MINUTE_MS,
	};

	w->outbox_changed = true;
	return message_insert(w->vault, &m);
}

/* What was said before yesterday is not kept: it may hold a code. */
static int forget_said(struct work *w, struct id official)
{
	if (!w->date_is_believed)
		return 0;
	return messages_forget(w->vault, official, OUTBOX_OFFICIAL, w->now_ms - DAY_MS);
}

int own_say_to_all(struct work *w, const struct official *o, struct str text)
{
	int r = forget_said(w, o->id);

	if (!r)
		r = say(w, o->id, o->phone, text, NOTICE_MINUTES);
	for (unsigned i = 0; !r && i < o->other_count; i++)
		r = say(w, o->id, o->others[i], text, NOTICE_MINUTES);
	return r;
}

/* --- a code by SMS */

static int count_since(struct admin *a, struct str number, int64_t span_ms, int most,
		       bool *ret_full)
{
	int64_t count = 0;
	int r = own_codes_since(a->w->vault, number, a->w->now_ms - span_ms, &count);

	*ret_full |= !r && count >= most;
	return r;
}

/* The same for a number that is nobody's. */
static int is_too_often(struct admin *a, struct str number, bool *ret_full)
{
	int r;

	*ret_full = false;
	r = count_since(a, number, HOUR_MS, CODES_AN_HOUR, ret_full);
	if (!r)
		r = count_since(a, number, DAY_MS, CODES_A_DAY, ret_full);
	return r ? r : count_since(a, STR_NONE, MINUTE_MS, CODES_A_MINUTE, ret_full);
}

/* Whose main number it is: the one the counter verified. Another of theirs may be a town hall's,
 * and one that two officials share names neither. */
static int owner_of(struct admin *a, struct str number, struct id *ret_official)
{
	struct id ids[2];
	unsigned count = 0;
	struct official o;
	int r = officials_by_number(a->w->vault, number, ids, ARRAY_LEN(ids), &count);

	*ret_official = ID_NONE;
	if (r || count != 1)
		return r;
	r = official_load(a->w->vault, &a->c->arena, ids[0], &o);
	if (!r && str_eq(o.phone, number))
		*ret_official = o.id;
	return r;
}

/* Each as likely as another. */
static void new_code(char out[7])
{
	uint32_t chance;

	do
		random_bytes(&chance, sizeof(chance));
	while (chance >= UINT32_MAX - UINT32_MAX % 1000000);
	snprintf(out, 7, "%06u", chance % 1000000);
}

int admin_own_code(struct admin *a)
{
	struct str number = admin_value(a, "phone")->text;
	char request[TOKEN_TEXT_SIZE], digits[7];
	struct own_code code = {.number = number,
				.created_at_ms = a->w->now_ms,
				.expires_at_ms = a->w->now_ms + CODE_MINUTES * MINUTE_MS};
	bool full;
	int r = is_too_often(a, number, &full);

	if (!r && full) {
		command_refuse(a->c, PROBLEM_TOO_MANY,
			       "Trop de codes ont été demandés pour ce numéro. Réessayez dans une "
			       "heure, ou ouvrez votre dossier depuis le téléphone relié à Égide.");
		return 0;
	}
	if (!r)
		r = owner_of(a, number, &code.official);
	if (r)
		return r;
	token_new(request);
	new_code(digits);
	code.request = str_from(request);
	code.code = str_from(digits);
	r = own_code_insert(a->w->vault, &code);
	if (!r && !id_is_none(code.official))
		r = forget_said(a->w, code.official);
	if (!r && !id_is_none(code.official))
		r = say(a->w, code.official, number, sms_for_own_code(a->w, digits), CODE_MINUTES);
	json_word(&a->answer, "request", request);
	json_int(&a->answer, "minutes", CODE_MINUTES);
	wipe(digits, sizeof(digits));
	wipe(request, sizeof(request));
	return r;
}

/* --- opening */

static int begin(struct admin *a, struct id official, struct id device, const char *how)
{
	int r = own_session_insert(a->w->vault, a->c->token, official, device, a->w->now_ms,
				   a->w->now_ms + SESSION_MS);

	if (r)
		return r;
	a->c->actor = (struct actor){.kind = ACTOR_OFFICIAL, .id = official};
	work_entry(a->w, a->c, ENTRY_LOGIN, official, device, official,
		   work_one_text(a->w, "what", str_from(how)));
	a->c->outcome.subject = official;
	json_int(&a->answer, "minutes", SESSION_MS / MINUTE_MS);
	return 0;
}

static int refuse_code(struct admin *a)
{
	command_refuse(a->c, PROBLEM_CODE_REFUSED,
		       "Ce code n’est pas le bon, ou n’est plus valable. Vérifiez-le, ou "
		       "demandez-en un autre.");
	return 0;
}

int admin_own_open(struct admin *a)
{
	struct id official;
	int r = own_code_take(a->w->vault, admin_value(a, "request")->text,
			      admin_value(a, "code")->text, a->w->now_ms, &official);

	if (r == -EACCES)
		work_entry(a->w, a->c, ENTRY_LOGIN_REFUSED, official, ID_NONE, official,
			   work_one_text(a->w, "what", STR("own.code")));
	if (r == -EACCES || r == -ENOENT)
		return refuse_code(a);
	return r ? r : begin(a, official, ID_NONE, "own.code");
}

/* Under duress it opens all the same, and calls for help: whoever looks on sees no difference. */
static int take_pin(struct admin *a, const struct device *device, bool *ret_right, bool *ret_none)
{
	struct command *c = a->c;
	struct compared code;
	int r;

	c->actor = (struct actor){.kind = ACTOR_DEVICE, .id = device->id};
	c->as.code.typed = admin_value(a, "code")->text;
	c->as.code.at_ms = a->w->now_ms;
	r = code_compare(a->w, c, &code);
	if (!r)
		r = code_count(a->w, c, &code);
	if (!r && code.match == PIN_DURESS)
		r = code_put_to_alert(a->w, c, device, &code);
	*ret_none = !r && code.is_none;
	*ret_right =
		!r && (code.match == PIN_DURESS || (code.match == PIN_RIGHT && !code.is_locked));
	return r;
}

/* Whoever holds it unlocked would read everything: it is asked as any other device is. */
static int refuse_without_code(struct admin *a)
{
	return admin_conflict(a, "Aucun code n’est choisi sur ce téléphone : il n’ouvre pas votre "
				 "dossier à lui seul. Demandez un code par SMS.");
}

static int refuse_telephone(struct admin *a)
{
	command_refuse(a->c, PROBLEM_NOT_FOUND,
		       "Ce téléphone n’est plus relié à un dossier : demandez un code par SMS.");
	return 0;
}

int admin_own_open_by_phone(struct admin *a)
{
	struct id id = admin_value(a, "device")->id;
	struct device device;
	bool right, none;
	int r = device_check_secret(a->w->vault, id, admin_value(a, "secret")->text);

	if (!r)
		r = device_load(a->w->vault, id, &device);
	if (r == -EACCES || r == -ENOENT || (!r && id_is_none(device.official)))
		return refuse_telephone(a);
	if (!r)
		r = take_pin(a, &device, &right, &none);
	/* Taken out of service, lost perhaps: a code under duress called for help all the same. */
	if (!r && !device.enabled)
		return refuse_telephone(a);
	if (!r && none)
		return refuse_without_code(a);
	if (r || right)
		return r ? r : begin(a, device.official, device.id, "own.phone");
	work_entry(a->w, a->c, ENTRY_LOGIN_REFUSED, device.official, device.id, device.official,
		   work_one_text(a->w, "what", STR("own.phone")));
	command_refuse(
		a->c, PROBLEM_CODE_REFUSED,
		"Ce n’est pas votre code. Après cinq codes faux, il faut attendre une heure, ou "
		"demander un code par SMS.");
	return 0;
}

int admin_own_close(struct admin *a)
{
	struct id official;
	int r;

	if (!own_enter(a, &official, &r))
		return r;
	r = own_session_delete(a->w->vault, a->c->token);
	if (!r)
		work_entry(a->w, a->c, ENTRY_LOGOUT, official, ID_NONE, official, STR_NONE);
	return r;
}
