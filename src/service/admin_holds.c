/*
 * Legal holds: who asks, why, on whom; what is held goes by no table (store/holds.h). An
 * administrator places one, and asks to lift it; an auditor, who is somebody else, lifts it.
 */
#include <errno.h>

#include "base/paris.h"
#include "service/admin_parts.h"
#include "service/hold_json.h"
#include "store/alerts.h"
#include "store/forget.h"
#include "store/holds.h"

enum { SHOWN = 100 };

/* An official, or an alert by its number: one of them. ID_NONE: refused, or in *ret_error. */
static struct id subject_of(struct admin *a, int *ret_error)
{
	const struct value *official = admin_value(a, "official");
	const struct value *alert = admin_value(a, "alert");
	struct id id = official->id;

	*ret_error = 0;
	if ((official->text.len > 0) == (alert->text.len > 0)) {
		admin_invalid(a, "official", "un élu (official) ou une alerte (alert) attendu.");
		return ID_NONE;
	}
	if (official->text.len)
		return id;
	*ret_error = alert_by_ref(a->w->vault, alert->number, &id);
	if (*ret_error == -ENOENT) {
		*ret_error = 0;
		admin_invalid(a, "alert", "aucune alerte n'a ce numéro.");
		return ID_NONE;
	}
	return id;
}

static void finish(struct admin *a, enum entry_kind kind, struct id subject)
{
	admin_changed(a, kind, "hold", subject, ID_NONE, vault_house_key(a->w->vault));
	json_id(&a->answer, "id", subject);
}

int admin_hold_place(struct admin *a)
{
	int r;
	struct hold hold = {.subject = subject_of(a, &r),
			    .by = a->c->actor.id,
			    .reason = admin_value(a, "reason")->text,
			    .until = admin_given(a, "until")
					     ? (int32_t)admin_value(a, "until")->number
					     : DAY_NONE,
			    .at_ms = a->w->now_ms};

	if (r || admin_refused(a))
		return r;
	r = hold_place(a->w->vault, &hold);
	if (r == -EEXIST)
		return admin_conflict(a, "C'est déjà retenu.");
	if (!r)
		finish(a, ENTRY_HOLD_PLACED, hold.subject);
	return r;
}

/* --- lifting it, by two persons */

static int load_asked(struct admin *a, struct hold *ret_hold)
{
	int r;
	struct id subject = subject_of(a, &r);

	if (r || admin_refused(a))
		return r;
	r = hold_load(a->w->vault, &a->c->arena, subject, ret_hold);
	return r == -ENOENT ? admin_conflict(a, "Rien n'est retenu.") : r;
}

int admin_hold_lift(struct admin *a)
{
	struct hold hold;
	int r = load_asked(a, &hold);

	if (r || admin_refused(a))
		return r;
	if (hold.lift_at_ms != TIME_NONE)
		return admin_conflict(a, "La levée est déjà demandée : un auditeur la confirme, ou "
					 "non, sur la page /journal.");
	hold.lift_at_ms = a->w->now_ms;
	hold.lift_by = a->c->actor.id;
	hold.lift_reason = admin_value(a, "reason")->text;
	r = hold_ask_lift(a->w->vault, &hold);
	if (!r)
		finish(a, ENTRY_HOLD_LIFT_ASKED, hold.subject);
	return r;
}

static int keep(struct admin *a, struct hold *hold)
{
	int r;

	hold->lift_at_ms = TIME_NONE;
	hold->lift_by = ID_NONE;
	r = hold_ask_lift(a->w->vault, hold);
	if (!r)
		finish(a, ENTRY_HOLD_KEPT, hold->subject);
	return r;
}

int admin_hold_keep(struct admin *a)
{
	struct hold hold;
	int r = load_asked(a, &hold);

	if (r || admin_refused(a))
		return r;
	if (hold.lift_at_ms == TIME_NONE)
		return admin_conflict(a, "Aucune levée n'est demandée.");
	return keep(a, &hold);
}

static int lift(struct admin *a, const struct hold *hold)
{
	int r = hold_lift(a->w->vault, hold->subject);

	if (!r)
		r = audit_look_again(a->w->vault);
	if (!r)
		finish(a, ENTRY_HOLD_LIFTED, hold->subject);
	return r;
}

/* Whoever is at the machine is no second person: only an account of an auditor is. */
int admin_hold_settle(struct admin *a)
{
	struct hold hold;
	int r;

	if (a->c->actor.kind != ACTOR_ACCOUNT) {
		command_refuse(
			a->c, PROBLEM_FORBIDDEN,
			"La levée d'une retenue légale est confirmée par un auditeur, sur la "
			"page /journal.");
		return 0;
	}
	r = hold_load(a->w->vault, &a->c->arena, admin_value(a, "subject")->id, &hold);
	if (r == -ENOENT || (!r && hold.lift_at_ms == TIME_NONE)) {
		command_refuse(a->c, PROBLEM_NOT_FOUND, "Cette levée n'attend plus.");
		return 0;
	}
	if (!r && id_eq(hold.lift_by, a->c->actor.id))
		return admin_conflict(a,
				      "Vous l'avez demandé : une autre personne doit confirmer.");
	if (r)
		return r;
	return admin_value(a, "lift")->number ? lift(a, &hold) : keep(a, &hold);
}

/* --- who sees it */

int admin_write_hold(struct admin *a, struct id subject)
{
	return hold_json(a->w->vault, &a->c->arena, "hold", subject, "official", &a->answer);
}

static int write_one(void *context, struct id subject)
{
	struct admin *a = context;
	struct buf *b = &a->answer;
	struct official o;
	struct hold hold;
	int64_t ref = 0;
	int r = hold_load(a->w->vault, &a->c->arena, subject, &hold);

	if (r)
		return r;
	json_open(b, NULL, '{');
	json_id(b, "id", subject);
	r = official_load(a->w->vault, &a->c->arena, subject, &o);
	json_text(b, "official", r ? STR_NONE : o.name);
	if (r == -ENOENT)
		r = alert_ref(a->w->vault, subject, &ref);
	json_number(b, "alert", ref, ref > 0);
	if (!r || r == -ENOENT)
		r = hold_json(a->w->vault, &a->c->arena, "hold", subject,
			      ref ? "alert" : "official", b);
	json_text(b, "lift_reason", hold.lift_at_ms == TIME_NONE ? STR_NONE : hold.lift_reason);
	json_bool(b, "own",
		  hold.lift_at_ms != TIME_NONE && !id_is_none(hold.lift_by) &&
			  id_eq(hold.lift_by, a->c->actor.id));
	json_close(b, '}');
	/* The official sees who read their file, and not what a court asks. */
	if (!ref)
		admin_was_read(a, "official", subject);
	return r;
}

int admin_hold_list(struct admin *a)
{
	int r;

	json_open(&a->answer, "holds", '[');
	r = holds_each(a->w->vault, SHOWN, write_one, a);
	json_close(&a->answer, ']');
	admin_was_read(a, "holds", ID_NONE);
	return r;
}
