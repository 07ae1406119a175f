/*
 * What officials asked for from their own file, at the counter: corrections, which change nothing
 * before they are confirmed here, and leaving, which somebody verifies with them.
 */
#include <errno.h>

#include "service/case.h"
#include "service/contact_lines.h"
#include "service/counter.h"
#include "service/directory.h"
#include "service/official_json.h"
#include "service/own.h"
#include "service/terms.h"
#include "store/drafts.h"

enum { REQUESTS_SHOWN = 50, LOOKED_AT = 1000 };

#define DAY_MS INT64_C(86400000)

/* --- the list */

struct shown {
	struct admin *admin;
	int count;
};

/* Another room's is like none, and nothing of it is unsealed. */
static int reach(struct admin *a, struct id official, bool *ret_reached)
{
	struct id unit = ID_NONE;
	int r = official_unit(a->w->vault, official, &unit);

	*ret_reached = !r && counter_actor_reaches(a->w->directory, &a->c->actor, unit);
	return r == -ENOENT ? 0 : r;
}

/* What is of the account's room. */
static int is_for(struct shown *s, struct id official, bool *ret_is)
{
	int r = s->count == REQUESTS_SHOWN ? -ENOENT : reach(s->admin, official, ret_is);

	*ret_is &= !r;
	s->count += *ret_is;
	return r == -ENOENT ? 0 : r;
}

static int write_correction(void *context, struct id id)
{
	struct shown *s = context;
	struct admin *a = s->admin;
	struct draft_file d;
	struct official o;
	bool is_shown = false;
	int r = draft_corrects(a->w->vault, id, a->w->now_ms, &d.official);

	if (!r)
		r = is_for(s, d.official, &is_shown);
	if (r || !is_shown)
		return r;
	r = draft_load(a->w->vault, &a->c->arena, id, a->w->now_ms, &d);
	if (!r)
		r = official_load(a->w->vault, &a->c->arena, d.official, &o);
	if (r)
		return r;
	json_open(&a->answer, NULL, '{');
	registration_members(a, &d);
	json_text(&a->answer, "name", o.name);
	json_text(&a->answer, "unit", directory_unit_name(a->w->directory, o.unit));
	official_force_json(&a->answer, a->w->directory, &o);
	r = registration_present(a, &o);
	json_close(&a->answer, '}');
	admin_was_read(a, "registration", d.official);
	return r;
}

static int count_in_service(void *context, const struct device *device)
{
	*(int *)context += device->enabled;
	return 0;
}

static int write_leaving(void *context, struct id official)
{
	struct shown *s = context;
	struct admin *a = s->admin;
	struct buf *b = &a->answer;
	struct own_wish wish;
	struct official o;
	bool is_shown = false;
	int devices = 0, r = is_for(s, official, &is_shown);

	if (r || !is_shown)
		return r;
	r = official_load(a->w->vault, &a->c->arena, official, &o);
	if (!r)
		r = own_wish_load(a->w->vault, official, &wish);
	if (!r)
		r = devices_of(a->w->vault, official, count_in_service, &devices);
	if (r)
		return r;
	json_open(b, NULL, '{');
	json_id(b, "official", official);
	json_text(b, "name", o.name);
	json_filled(b, "commune", o.commune);
	json_text(b, "phone", o.phone);
	json_text(b, "unit", directory_unit_name(a->w->directory, o.unit));
	json_time(b, "asked_at", wish.leave_at_ms);
	json_time(b, "not_before", wish.leave_at_ms + OWN_LEAVE_DAYS * DAY_MS);
	json_int(b, "devices", devices);
	json_close(b, '}');
	admin_was_read(a, "registration", official);
	return 0;
}

int admin_registration_requests(struct admin *a)
{
	struct shown leaving = {.admin = a}, corrections = {.admin = a};
	int r;

	json_open(&a->answer, "leaving", '[');
	r = own_wishes_leaving(a->w->vault, LOOKED_AT, write_leaving, &leaving);
	json_close(&a->answer, ']');
	json_open(&a->answer, "corrections", '[');
	if (!r)
		r = drafts_corrections(a->w->vault, a->w->now_ms, LOOKED_AT, write_correction,
				       &corrections);
	json_close(&a->answer, ']');
	return r;
}

/* --- a correction */

/* Who is among the lines already keeps their agreement: by number. */
static const struct contact *known(const struct contact *contacts, unsigned count, struct str phone)
{
	for (unsigned i = 0; i < count; i++)
		if (str_eq(contacts[i].phone, phone))
			return &contacts[i];
	return NULL;
}

static bool is_in_lines(struct str lines, struct str phone)
{
	struct contact_line line;

	while (contact_lines_next(&lines, &line))
		if (str_eq(line.phone, phone))
			return true;
	return false;
}

static int put_contact(struct admin *a, struct id official, int rank,
		       const struct contact_line *line, const struct contact *before)
{
	bool agreed = admin_value(a, "contacts_agreed")->number;
	struct contact c = {.id = random_id_v7(a->w->now_ms),
			    .official = official,
			    .accepted_at_ms = agreed ? a->w->now_ms : TIME_NONE,
			    .version = 1};

	if (before)
		c = *before;
	c.rank = rank;
	c.name = line->name;
	c.relation = line->relation;
	c.phone = line->phone;
	return before ? contact_update(a->w->vault, &c) : contact_insert(a->w->vault, &c);
}

int admin_put_contacts(struct admin *a, struct id official)
{
	struct str lines = admin_value(a, "contacts")->text, rest = lines;
	struct contact *contacts;
	struct contact_line line;
	unsigned count = 0;
	int r = contacts_of(a->w->vault, &a->c->arena, official, &contacts, &count);

	for (unsigned i = 0; !r && i < count; i++) {
		if (is_in_lines(lines, contacts[i].phone))
			continue;
		r = cases_drop_contact(a->w, a->c, official, contacts[i].id);
		if (!r)
			r = contact_delete(a->w->vault, contacts[i].id);
	}
	for (int rank = 1; !r && contact_lines_next(&rest, &line); rank++)
		r = put_contact(a, official, rank, &line, known(contacts, count, line.phone));
	return r;
}

static int accept_correction(struct admin *a, struct id official, struct id draft)
{
	int r;

	if (!admin_value(a, "person_checked")->number)
		return admin_invalid(a, "person_checked", "vérifiez d’abord avec la personne.");
	if (!registration_consents(a))
		return 0;
	r = registration_leave_sheet(a, official);
	if (!r && !admin_refused(a))
		r = admin_official_change(a, official);
	if (!r && !admin_refused(a) && admin_given(a, "consent"))
		r = admin_value(a, "consent")->number ? admin_put_contacts(a, official)
						      : own_withdraw(a->w, a->c, official);
	if (!r && !admin_refused(a))
		r = draft_delete(a->w->vault, draft);
	return r;
}

int admin_registration_correct(struct admin *a)
{
	struct id draft = admin_value(a, "draft")->id;
	struct draft_file d = {.official = ID_NONE};
	bool reached = false;
	int r = draft_corrects(a->w->vault, draft, a->w->now_ms, &d.official);

	if (!r)
		r = reach(a, d.official, &reached);
	if (r == -ENOENT || (!r && !reached)) {
		command_refuse(a->c, PROBLEM_NOT_FOUND, "Cette correction n’attend plus.");
		return 0;
	}
	if (!r && admin_value(a, "accept")->number)
		return accept_correction(a, d.official, draft);
	if (!r)
		r = draft_delete(a->w->vault, draft);
	if (!r)
		admin_changed(a, ENTRY_CHANGED, "correction", d.official, ID_NONE, d.official);
	json_id(&a->answer, "id", d.official);
	return r;
}

/* --- leaving */

static int put_out_of_service(void *context, const struct device *device)
{
	struct admin *a = context;
	struct device off = *device;

	off.enabled = false;
	return device->enabled ? device_update(a->w->vault, &off) : 0;
}

static int carry_out(struct admin *a, struct id official, const struct own_wish *wish)
{
	int devices = 0, r = devices_of(a->w->vault, official, count_in_service, &devices);

	if (r)
		return r;
	if (a->w->now_ms < wish->leave_at_ms + OWN_LEAVE_DAYS * DAY_MS)
		return admin_conflict(a, "La personne peut encore revenir sur sa demande : elle a "
					 "sept jours pour cela.");
	if (devices && !admin_value(a, "devices_returned")->number)
		return admin_invalid(a, "devices_returned",
				     "un bouton ou une montre est encore en service : faites-le "
				     "rendre d’abord.");
	r = term_end_now(a->w, a->c, official, TERM_ASKED, STR_NONE);
	if (!r && !admin_refused(a))
		r = devices_of(a->w->vault, official, put_out_of_service, a);
	return r || admin_refused(a) ? r : own_forget(a->w->vault, official);
}

int admin_registration_leave(struct admin *a)
{
	struct id official = admin_value(a, "official")->id;
	struct own_wish wish;
	bool changed;
	int r = own_wish_load(a->w->vault, official, &wish);

	if (!r && wish.leave_at_ms == TIME_NONE) {
		command_refuse(a->c, PROBLEM_NOT_FOUND, "Cette demande de sortie n’attend plus.");
		return 0;
	}
	if (!r && !admin_value(a, "person_checked")->number)
		return admin_invalid(a, "person_checked", "vérifiez d’abord avec la personne.");
	json_id(&a->answer, "id", official);
	if (!r && !admin_value(a, "end")->number)
		return own_stay(a, official, &changed);
	return r ? r : carry_out(a, official, &wish);
}
