/*
 * What officials ask for in their own file. A telephone may be borrowed or stolen: what a rescue
 * needs changes only once the counter has confirmed it, a protection ends only once somebody has
 * seen or called them, and every number of theirs is told. What they gave by consent alone, they
 * take back alone.
 */
#include <errno.h>
#include <jansson.h>

#include "service/case.h"
#include "service/own.h"
#include "service/sms_text.h"
#include "service/terms.h"
#include "store/drafts.h"
#include "store/outbox.h"

/* SMS about a file in a day, to all its numbers together: whoever has its telephone must not make
 * those of alerts wait. */
enum { CORRECTION_DAYS = 30, SMS_A_DAY = 40 };

#define DAY_MS INT64_C(86400000)

/* What every number hears of: refused rather than not said. To stay never is. */
static bool enter_to_change(struct admin *a, struct id *ret_official, int *ret_r)
{
	int64_t said = 0;

	if (!own_enter(a, ret_official, ret_r))
		return false;
	*ret_r = messages_count_of(a->w->vault, *ret_official, OUTBOX_OFFICIAL,
				   a->w->now_ms - DAY_MS, &said);
	if (!*ret_r && said >= SMS_A_DAY)
		command_refuse(a->c, PROBLEM_TOO_MANY,
			       "Trop de demandes depuis hier sur ce dossier : revenez demain, ou "
			       "passez au guichet.");
	return !*ret_r && said < SMS_A_DAY;
}

/* --- corrections */

static int correction_of(struct admin *a, struct id official, struct id *ret_draft, bool *ret_new)
{
	int r = draft_of_official(a->w->vault, official, ret_draft);
	struct draft_file d;

	/* One that is too old is not theirs to go on with. */
	if (!r) {
		r = draft_load(a->w->vault, &a->c->arena, *ret_draft, a->w->now_ms, &d);
		if (r != -ENOENT)
			return r;
		r = draft_delete(a->w->vault, *ret_draft);
		if (r)
			return r;
	} else if (r != -ENOENT) {
		return r;
	}
	*ret_new = true;
	*ret_draft = random_id_v7(a->w->now_ms);
	return draft_insert_correction(a->w->vault, *ret_draft, official, a->w->now_ms,
				       a->w->now_ms + CORRECTION_DAYS * DAY_MS);
}

static void note(struct admin *a, struct id official, const char *command)
{
	struct buf b = BUF_INIT;

	/* Not the fields: the draft has them, and goes with its key. */
	json_open(&b, NULL, '{');
	json_word(&b, "what", command);
	json_close(&b, '}');
	work_entry(a->w, a->c, ENTRY_CHANGED, official, ID_NONE, official, work_keep(a->w, &b));
	a->c->outcome.subject = official;
}

static int say_to_all(struct admin *a, struct id official, struct str text)
{
	struct official o;
	int r = official_load(a->w->vault, &a->c->arena, official, &o);

	return r ? r : own_say_to_all(a->w, &o, text);
}

int admin_own_correct(struct admin *a)
{
	struct id official, draft;
	bool is_new = false;
	int r;

	if (!enter_to_change(a, &official, &r) || !registration_consents(a) ||
	    !admin_places_fit(a, 0))
		return r;
	r = correction_of(a, official, &draft, &is_new);
	if (!r)
		r = draft_save(a->w->vault, draft, registration_body(a), a->w->now_ms);
	if (!r && is_new)
		r = say_to_all(a, official, sms_for_correction());
	if (!r)
		note(a, official, "own.correction");
	return r;
}

int admin_own_correct_not(struct admin *a)
{
	struct id official, draft;
	int r;

	if (!own_enter(a, &official, &r))
		return r;
	r = draft_of_official(a->w->vault, official, &draft);
	if (!r)
		r = draft_delete(a->w->vault, draft);
	if (r == -ENOENT)
		return admin_conflict(a, "Aucune correction n’attend.");
	if (!r)
		note(a, official, "own.correction_withdrawn");
	return r;
}

/* --- the term */

/* What the link of the yearly SMS does. */
int admin_own_go_on(struct admin *a)
{
	struct id official;
	int r;

	if (!own_enter(a, &official, &r))
		return r;
	a->c->outcome.subject = official;
	return term_answer(a->w, a->c, official, ANSWER_GO_ON);
}

/* --- the sheet */

static int drop_contacts(struct work *w, struct id official)
{
	struct contact *contacts;
	unsigned count = 0;
	int r = contacts_of(w->vault, w->arena, official, &contacts, &count);

	for (unsigned i = 0; !r && i < count; i++)
		r = contact_delete(w->vault, contacts[i].id);
	return r;
}

/* What was written of it in a correction goes too. */
static int strip_correction(struct work *w, struct id official)
{
	static const char *const sheet[] = {"consent", "access", "place_access", "remarks",
					    "contacts"};
	struct draft_file d = {.body = STR_NONE};
	struct id draft;
	json_t *fields;
	char *text;
	int r = draft_of_official(w->vault, official, &draft);

	if (!r)
		r = draft_load(w->vault, w->arena, draft, w->now_ms, &d);
	if (r || !d.body.len)
		return r == -ENOENT ? 0 : r;
	fields = json_loadb(d.body.ptr, d.body.len, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(sheet); i++)
		json_object_del(fields, sheet[i]);
	text = json_dumps(fields, JSON_COMPACT);
	json_decref(fields);
	if (text)
		r = draft_save(w->vault, draft, str_from(text), d.changed_at_ms);
	free(text);
	return r;
}

int own_withdraw(struct work *w, struct command *command, struct id official)
{
	struct own_wish wish;
	int r = own_wish_load(w->vault, official, &wish);

	if (r)
		return r;
	wish.withdraw_at_ms = w->now_ms;
	r = own_wish_save(w->vault, official, &wish);
	return r ? r : own_take_sheet_out(w, command, official);
}

int own_take_sheet_out(struct work *w, struct command *command, struct id official)
{
	struct own_wish wish;
	struct official o;
	bool busy;
	int r = term_is_busy(w, official, &busy);

	if (r || busy)
		return r;
	r = official_load(w->vault, w->arena, official, &o);
	if (!r) {
		o.access = o.remarks = STR("");
		for (unsigned i = 0; i < o.place_count; i++)
			o.places[i].access = STR("");
		r = official_update(w->vault, &o);
	}
	if (!r)
		r = drop_contacts(w, official);
	if (!r)
		r = own_wish_load(w->vault, official, &wish);
	if (!r) {
		wish.withdraw_at_ms = TIME_NONE;
		r = own_wish_save(w->vault, official, &wish);
	}
	if (!r)
		work_entry(w, command, ENTRY_DELETED, official, ID_NONE, official,
			   work_one_text(w, "what", STR("own.sheet")));
	return r;
}

int admin_own_withdraw(struct admin *a)
{
	struct id official;
	int r;

	if (!enter_to_change(a, &official, &r))
		return r;
	r = strip_correction(a->w, official);
	if (!r)
		note(a, official, "own.consent");
	if (!r)
		r = own_withdraw(a->w, a->c, official);
	if (!r)
		r = say_to_all(a, official, sms_for_sheet());
	return r;
}

/* --- leaving */

static int set_leaving(struct admin *a, struct id official, int64_t at_ms, bool *ret_changed)
{
	struct own_wish wish;
	int r = own_wish_load(a->w->vault, official, &wish);

	*ret_changed = !r && (wish.leave_at_ms == TIME_NONE) != (at_ms == TIME_NONE);
	if (r || !*ret_changed)
		return r;
	wish.leave_at_ms = at_ms;
	return own_wish_save(a->w->vault, official, &wish);
}

int admin_own_leave(struct admin *a)
{
	struct id official;
	bool changed;
	int r;

	if (!enter_to_change(a, &official, &r))
		return r;
	r = set_leaving(a, official, a->w->now_ms, &changed);
	if (r || !changed)
		return r ? r : admin_conflict(a, "Votre demande de sortie est déjà enregistrée.");
	note(a, official, "own.leave");
	return say_to_all(a, official, sms_for_leaving(a->w));
}

int own_stay(struct admin *a, struct id official, bool *ret_changed)
{
	int r = set_leaving(a, official, TIME_NONE, ret_changed);

	if (r || !*ret_changed)
		return r;
	note(a, official, "own.stay");
	return say_to_all(a, official, sms_for_staying());
}

int admin_own_stay(struct admin *a)
{
	struct id official;
	bool changed;
	int r;

	if (!own_enter(a, &official, &r))
		return r;
	r = own_stay(a, official, &changed);
	if (r || changed)
		return r;
	return admin_conflict(a, "Aucune demande de sortie n’est en cours.");
}
