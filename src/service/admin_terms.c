/* What the counter does about registrations that end, or that are to be confirmed: see terms.h. */
#include "core/access.h"
#include "service/admin_parts.h"
#include "service/directory.h"
#include "service/terms.h"
#include "store/outbox.h"
#include "store/terms.h"

enum { SHOWN = 100 };

static int32_t day_of(struct admin *a, const char *name)
{
	const struct value *value = admin_value(a, name);

	return value->text.len ? (int32_t)value->number : DAY_NONE;
}

static bool is_to_come(struct admin *a, const char *name)
{
	int32_t day = day_of(a, name);

	if (day == DAY_NONE || day >= paris_day(a->w->now_ms))
		return true;
	return admin_invalid(a, name, "donnez un jour à venir."), false;
}

bool admin_term_fits(struct admin *a)
{
	return is_to_come(a, "until") && is_to_come(a, "mandate_until");
}

int admin_term_begin(struct admin *a, struct id official)
{
	return term_begin(a->w, official, day_of(a, "until"), day_of(a, "mandate_until"));
}

/* --- the list */

struct listing {
	struct admin *admin;
	int count;
};

/* What became of the last SMS to them: who was not reached is called. */
static int write_sms(struct admin *a, struct id official)
{
	int64_t state;
	int r = message_last_of(a->w->vault, official, OUTBOX_TERM, &state);

	if (!r && state < MESSAGE_STATES)
		json_word(&a->answer, "sms", message_state_name((enum message_state)state));
	else
		json_nothing(&a->answer, "sms");
	return r;
}

/* What is proposed, and set by whoever verified it: the mandate ended that day at the latest, and
 * what ends is told to the official first. */
static int32_t ends_with_mandate(struct admin *a, const struct term *t)
{
	return t->mandate_gone == DAY_NONE ? DAY_NONE : paris_day(a->w->now_ms);
}

static void write_term(struct admin *a, const struct official *o, const struct term *t)
{
	struct buf *b = &a->answer;
	enum term_why why;

	term_last_day(t, &why);
	json_id(b, "official", o->id);
	json_text(b, "name", o->name);
	json_filled(b, "mandate", o->mandate);
	json_filled(b, "commune", o->commune);
	json_filled(b, "commune_code", o->commune_code);
	json_text(b, "phone", o->phone);
	json_word(b, "task", term_task_name(term_task(t)));
	json_day(b, "registered", t->registered);
	json_day(b, "confirmed", t->confirmed);
	json_day(b, "until", t->until);
	json_day(b, "mandate_until", t->mandate_until);
	json_day(b, "mandate_gone", t->mandate_gone);
	json_day(b, "mandate_ends", ends_with_mandate(a, t));
	json_day(b, "ends", t->ended == DAY_NONE ? term_in_force_until(t) : t->ended);
	json_word(b, "why", term_why_name(t->ended == DAY_NONE ? why : t->why));
	json_day(
		b, "erased",
		t->ended == DAY_NONE
			? DAY_NONE
			: day_after(t->ended, &a->w->options->retention.after[RETENTION_OFFICIAL]));
}

static int add(void *context, struct id id)
{
	struct listing *l = context;
	struct admin *a = l->admin;
	struct official o;
	struct term t;
	int r = official_load(a->w->vault, &a->c->arena, id, &o);

	if (!r)
		r = term_load(a->w->vault, id, &t);
	if (r || l->count++ == SHOWN)
		return r;
	json_open(&a->answer, NULL, '{');
	write_term(a, &o, &t);
	r = write_sms(a, id);
	if (!r)
		r = admin_write_hold(a, id);
	json_close(&a->answer, '}');
	admin_was_read(a, "registrations", id);
	return r;
}

int admin_registration_terms(struct admin *a)
{
	struct listing l = {.admin = a};
	struct id room = a->c->actor.room;
	int r;

	json_open(&a->answer, "terms", '[');
	r = terms_to_do(a->w->vault, room, id_eq(room, directory_default_room(a->w->directory)),
			SHOWN + 1, add, &l);
	json_close(&a->answer, ']');
	json_bool(&a->answer, "more", l.count > SHOWN);
	if (!l.count)
		admin_was_read(a, "registrations", ID_NONE);
	return r;
}

/* --- what is done about one */

static bool is_verified(struct admin *a)
{
	if (admin_value(a, "verified")->number)
		return true;
	admin_invalid(a, "verified",
		      "vérifiez d’abord que c’est bien cette personne : au guichet, ou en "
		      "l’appelant au numéro du dossier.");
	return false;
}

static void answer_id(struct admin *a)
{
	if (!admin_refused(a))
		json_id(&a->answer, "id", admin_value(a, "official")->id);
}

int admin_registration_confirm(struct admin *a)
{
	int r = is_verified(a) ? term_confirm_now(a->w, a->c, admin_value(a, "official")->id) : 0;

	answer_id(a);
	return r;
}

int admin_registration_prolong(struct admin *a)
{
	struct term_prolongation anew = {day_of(a, "until"), day_of(a, "mandate_until"),
					 admin_value(a, "register_mark")->text};
	int r = is_verified(a) && admin_term_fits(a)
			? term_prolong_now(a->w, a->c, admin_value(a, "official")->id, &anew)
			: 0;

	answer_id(a);
	return r;
}

int admin_registration_end(struct admin *a)
{
	enum term_why why = TERM_ASKED;
	int r = 0;

	if (term_why_parse(admin_value(a, "why")->text, &why) || why == TERM_LIMIT)
		return admin_invalid(a, "why", "asked, protection ou mandate attendu.");
	if (is_verified(a))
		r = term_end_now(a->w, a->c, admin_value(a, "official")->id, why,
				 admin_value(a, "reason")->text);
	answer_id(a);
	return r;
}
