/* Legal holds: who asks, why, on whom; what is held goes by no table (store/holds.h). */
#include <errno.h>

#include "service/admin_parts.h"
#include "service/directory.h"
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

int admin_hold_lift(struct admin *a)
{
	int r;
	struct id subject = subject_of(a, &r);

	if (r || admin_refused(a))
		return r;
	r = hold_lift(a->w->vault, subject);
	if (r == -ENOENT)
		return admin_conflict(a, "Rien n'est retenu.");
	if (!r)
		r = audit_look_again(a->w->vault);
	if (!r)
		finish(a, ENTRY_HOLD_LIFTED, subject);
	return r;
}

int admin_write_hold(struct admin *a, struct id subject)
{
	struct hold hold;
	int r = hold_load(a->w->vault, &a->c->arena, subject, &hold);

	if (r == -ENOENT) {
		json_nothing(&a->answer, "hold");
		return 0;
	}
	if (r)
		return r;
	json_open(&a->answer, "hold", '{');
	json_time(&a->answer, "at", hold.at_ms);
	json_text(&a->answer, "reason", hold.reason);
	json_text(&a->answer, "by",
		  id_is_none(hold.by) ? STR_NONE
				      : directory_account_name(a->w->directory, hold.by));
	json_close(&a->answer, '}');
	return 0;
}

static int write_one(void *context, struct id subject)
{
	struct admin *a = context;
	struct official o;
	struct hold hold;
	int64_t ref = 0;
	int r = hold_load(a->w->vault, &a->c->arena, subject, &hold);

	if (r)
		return r;
	json_open(&a->answer, NULL, '{');
	json_id(&a->answer, "id", subject);
	r = official_load(a->w->vault, &a->c->arena, subject, &o);
	json_text(&a->answer, "official", r ? STR_NONE : o.name);
	if (r == -ENOENT)
		r = alert_ref(a->w->vault, subject, &ref);
	if (ref)
		json_int(&a->answer, "alert", ref);
	else
		json_nothing(&a->answer, "alert");
	json_time(&a->answer, "at", hold.at_ms);
	json_text(&a->answer, "reason", hold.reason);
	json_close(&a->answer, '}');
	return r == -ENOENT ? 0 : r;
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
