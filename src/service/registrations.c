/*
 * How an official comes into « Alarme élu »: an invitation, what they write at home, and the
 * officer at the counter who checks identity and mandate and activates the file, or types it all.
 * What the holder of a code does, and what the counter does, are commands of the administration's
 * table.
 */
#include <errno.h>

#include <jansson.h>

#include "base/commune_code.h"
#include "base/limits.h"
#include "crypto/random.h"
#include "service/admin_parts.h"
#include "service/atlas.h"
#include "service/contact_lines.h"
#include "service/counter.h"
#include "service/mandates.h"
#include "service/people_index.h"
#include "service/spoken_code.h"
#include "store/drafts.h"
#include "store/own.h"

enum { FOUND_MAX = 8, LOOKED_AT = 500 };

/* What the draft keeps: the fields as they were checked, but not what leads to it. */
struct str registration_body(struct admin *a)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	for (int i = 0; i < ADMIN_MAX_FIELDS && a->row->fields[i].name; i++) {
		const struct value *v = &a->values[i];

		if (v->given && v->text.len && strcmp(a->row->fields[i].name, "code") != 0)
			json_text(&b, a->row->fields[i].name, v->text);
	}
	json_close(&b, '}');
	return work_keep(a->w, &b);
}

void registration_members(struct admin *a, const struct draft_file *d)
{
	json_id(&a->answer, "id", d->id);
	json_id(&a->answer, "official", d->official);
	json_time(&a->answer, "changed_at", d->changed_at_ms);
	json_raw(&a->answer, "fields", d->body.len ? d->body : STR("{}"));
	json_bool(&a->answer, "consent_sheet", a->w->options->consent_sheet);
}

static void text_member(struct buf *b, const char *key, struct str text)
{
	if (text.len)
		json_text(b, key, text);
}

static void numbers_member(struct buf *b, const struct official *o)
{
	struct buf all = BUF_INIT;

	for (unsigned i = 0; i < o->other_count; i++)
		buf_printf(&all, "%s%.*s", i ? "," : "", STR_FMT(o->others[i]));
	text_member(b, "other_phones", buf_str(&all));
	buf_reset(&all);
	for (unsigned i = 0; i < o->other_count; i++)
		buf_printf(&all, "%s%s", i ? "," : "", number_kind_name(o->other_kinds[i]));
	text_member(b, "other_kinds", buf_str(&all));
	buf_fini(&all);
}

static void mandates_member(struct buf *b, const struct official *o)
{
	struct buf all = BUF_INIT;

	for (unsigned i = 0; i < o->mandate_count; i++)
		buf_printf(&all, "%s%.*s", i ? "\n" : "", STR_FMT(o->mandates[i]));
	text_member(b, "other_mandates", buf_str(&all));
	buf_fini(&all);
}

/* The address, or how to get in there, of each: one a line. */
static void places_member(struct buf *b, const char *name, const struct official *o, bool access)
{
	struct buf all = BUF_INIT;
	bool any = false;

	for (unsigned i = 0; i < o->place_count; i++) {
		struct str line = access ? o->places[i].access : o->places[i].address;

		buf_printf(&all, "%s%.*s", i ? "\n" : "", STR_FMT(line));
		any |= line.len > 0;
	}
	text_member(b, name, any ? buf_str(&all) : STR_NONE);
	buf_fini(&all);
}

static void place_kinds_member(struct buf *b, const struct official *o)
{
	struct buf all = BUF_INIT;

	for (unsigned i = 0; i < o->place_count; i++)
		buf_printf(&all, "%s%s", i ? "," : "", place_kind_name(o->places[i].kind));
	text_member(b, "place_kinds", buf_str(&all));
	buf_fini(&all);
}

static int contacts_member(struct admin *a, struct id official)
{
	struct contact *contacts;
	struct buf lines = BUF_INIT;
	unsigned count = 0;
	int r = contacts_of(a->w->vault, &a->c->arena, official, &contacts, &count);

	for (unsigned i = 0; !r && i < count; i++)
		buf_printf(&lines, "%s%.*s;%.*s;%.*s", i ? "\n" : "", STR_FMT(contacts[i].name),
			   STR_FMT(contacts[i].relation), STR_FMT(contacts[i].phone));
	text_member(&a->answer, "contacts", buf_str(&lines));
	buf_fini(&lines);
	return r;
}

static int is_withdrawn(struct admin *a, struct id official, bool *ret_withdrawn)
{
	struct own_wish wish;
	int r = own_wish_load(a->w->vault, official, &wish);

	*ret_withdrawn = !r && wish.withdraw_at_ms != TIME_NONE;
	return r;
}

/* What was withdrawn amid an alert is the room's until its end, and no counter's. */
static int sheet_members(struct admin *a, const struct official *o)
{
	bool withdrawn;
	int r = is_withdrawn(a, o->id, &withdrawn);

	if (r || withdrawn)
		return r;
	text_member(&a->answer, "access", o->access);
	places_member(&a->answer, "place_access", o, true);
	text_member(&a->answer, "remarks", o->remarks);
	return contacts_member(a, o->id);
}

int registration_present(struct admin *a, const struct official *o)
{
	struct buf *b = &a->answer;
	char household[16];
	int r;

	json_open(b, "present", '{');
	text_member(b, "name", o->name);
	text_member(b, "mandate", o->mandate);
	mandates_member(b, o);
	text_member(b, "commune", o->commune);
	text_member(b, "commune_code", o->commune_code);
	text_member(b, "phone", o->phone);
	numbers_member(b, o);
	text_member(b, "address", o->address);
	places_member(b, "places", o, false);
	place_kinds_member(b, o);
	if (o->household >= 0) {
		snprintf(household, sizeof(household), "%d", o->household);
		json_word(b, "household", household);
	}
	text_member(b, "reason", o->reason);
	r = sheet_members(a, o);
	json_close(b, '}');
	return r;
}

int admin_registration_invite(struct admin *a)
{
	char code[CODE_LEN_MAX + 1], shown[CODE_SHOWN_SIZE];
	int64_t expires_at_ms =
		paris_after(a->w->now_ms, &a->w->options->retention.after[RETENTION_DRAFT]);
	struct id id = random_id_v7(a->w->now_ms);
	int r;

	code_new(CODE_INVITATION_LEN, code);
	r = draft_insert(a->w->vault, id, str_from(code), a->w->now_ms, expires_at_ms);
	if (r)
		return r;
	code_print(code, shown);
	admin_changed(a, ENTRY_CREATED, "registration", id, ID_NONE, id);
	json_id(&a->answer, "id", id);
	json_word(&a->answer, "code", shown);
	json_time(&a->answer, "expires_at", expires_at_ms);
	wipe(code, sizeof(code));
	wipe(shown, sizeof(shown));
	return 0;
}

/* -ENOENT: a code that is none, was used, or is too old; nobody is told which. */
static int draft_of_code(struct admin *a, struct str typed, struct draft_file *ret_draft)
{
	char code[CODE_LEN_MAX];
	struct str read = code_read(typed, CODE_INVITATION_LEN, code);
	struct id id;
	int r = read.len ? draft_by_code(a->w->vault, read, a->w->now_ms, &id) : -ENOENT;

	wipe(code, sizeof(code));
	return r ? r : draft_load(a->w->vault, &a->c->arena, id, a->w->now_ms, ret_draft);
}

static int no_such_code(struct admin *a)
{
	command_refuse(a->c, PROBLEM_NOT_FOUND,
		       "Ce code n'ouvre rien : vérifiez-le, ou demandez-en un autre.");
	return 0;
}

int admin_registration_open(struct admin *a)
{
	struct draft_file d;
	int r = draft_of_code(a, admin_value(a, "code")->text, &d);

	if (r)
		return r == -ENOENT ? no_such_code(a) : r;
	registration_members(a, &d);
	admin_was_read(a, "registration", d.id);
	return 0;
}

/* How to get in, what to know, whom to tell: beyond what the decree lists. */
static const char *const beyond[] = {"access", "place_access", "remarks", "contacts"};

/* So only by consent, and only where the administration takes it at all. */
bool registration_consents(struct admin *a)
{
	for (size_t i = 0; i < ARRAY_LEN(beyond); i++) {
		if (!admin_value(a, beyond[i])->text.len)
			continue;
		if (!a->w->options->consent_sheet)
			return admin_invalid(a, beyond[i],
					     "cette administration ne recueille pas "
					     "la feuille de consentement."),
			       false;
		if (!admin_value(a, "consent")->number)
			return admin_invalid(a, "consent",
					     "ces renseignements demandent votre accord."),
			       false;
	}
	return true;
}

int registration_leave_sheet(struct admin *a, struct id official)
{
	struct value *value = admin_value_to_change(a, "consent");
	bool withdrawn;
	int r = is_withdrawn(a, official, &withdrawn);

	if (r || !withdrawn)
		return r;
	value->given &= !value->number;
	for (size_t i = 0; i < ARRAY_LEN(beyond); i++) {
		value = admin_value_to_change(a, beyond[i]);
		if (value->text.len)
			return admin_conflict(a, "Cette personne a retiré son accord : sa feuille "
						 "s’efface à la fin de ce qui est en cours. Un "
						 "nouvel accord se donne ensuite.");
		value->given = false;
	}
	return 0;
}

int admin_registration_prepare(struct admin *a)
{
	struct draft_file d;
	int r = draft_of_code(a, admin_value(a, "code")->text, &d);

	if (r)
		return r == -ENOENT ? no_such_code(a) : r;
	if (!registration_consents(a) || !admin_places_fit(a, 0))
		return 0;
	d.body = registration_body(a);
	d.changed_at_ms = a->w->now_ms;
	r = draft_save(a->w->vault, d.id, d.body, a->w->now_ms);
	if (r)
		return r;
	registration_members(a, &d);
	/* Not the fields: the draft has them, and goes with its key. */
	work_entry(a->w, a->c, ENTRY_CHANGED, d.id, ID_NONE, d.id,
		   work_one_text(a->w, "what", STR("registration")));
	return 0;
}

/* --- the counter */

struct finding {
	struct admin *admin;
	struct str words;
	int looked_at, found;
	bool more;
};

static int offer(struct admin *a, const struct draft_file *d)
{
	json_open(&a->answer, NULL, '{');
	registration_members(a, d);
	json_close(&a->answer, '}');
	admin_was_read(a, "registration", d->id);
	return 0;
}

/* As a file is of its unit's room, what is prepared is of the room of its commune's: whose commune
 * is not known yet is found by the code alone, which its holder gives. */
static bool is_within(struct admin *a, const char *commune)
{
	struct atlas_place place;
	char code[COMMUNE_CODE_SIZE];

	if (a->c->actor.kind != ACTOR_ACCOUNT || id_is_none(a->c->actor.room))
		return true;
	return commune && !commune_code_parse(str_from(commune), code) &&
	       atlas_commune(a->w->atlas, str_from(code), &place) &&
	       counter_actor_reaches(a->w->directory, &a->c->actor, place.unit);
}

static bool is_wanted(struct finding *f, struct str body)
{
	json_t *fields = json_loadb(body.ptr, body.len, 0, NULL);
	const char *name = json_string_value(json_object_get(fields, "name"));
	const char *commune = json_string_value(json_object_get(fields, "commune_code"));
	bool wanted = people_words_match(str_from(name), f->words) && is_within(f->admin, commune);

	json_decref(fields);
	return wanted;
}

static int look_at(void *context, struct id id)
{
	struct finding *f = context;
	struct admin *a = f->admin;
	struct draft_file d;
	int r;

	f->more |= ++f->looked_at > LOOKED_AT;
	if (f->more)
		return 0;
	r = draft_load(a->w->vault, &a->c->arena, id, a->w->now_ms, &d);
	if (r || !is_wanted(f, d.body))
		return r;
	f->more = f->found++ == FOUND_MAX;
	return f->more ? 0 : offer(a, &d);
}

int admin_registration_find(struct admin *a)
{
	const struct value *code = admin_value(a, "code"), *name = admin_value(a, "name");
	struct finding f = {.admin = a, .words = name->text};
	struct draft_file d;
	int r;

	if (!code->text.len && !people_search_is_enough(name->text))
		return admin_invalid(a, "name", "un code, ou trois lettres du nom au moins.");
	json_open(&a->answer, "drafts", '[');
	if (code->text.len) {
		r = draft_of_code(a, code->text, &d);
		r = r == -ENOENT ? 0 : r ? r : offer(a, &d);
	} else {
		r = drafts_written(a->w->vault, a->w->now_ms, LOOKED_AT + 1, look_at, &f);
	}
	json_close(&a->answer, ']');
	/* Of those not looked at nobody can say that they are not the one. */
	json_bool(&a->answer, "more", f.more);
	return r;
}

/* Who is registered already is corrected, not registered twice; who else has the number, and is of
 * this counter's territory, is said to it. */
static int is_there(struct admin *a, bool *ret_there, bool *ret_shared)
{
	struct id ids[LIMIT_CALL_MATCHES];
	unsigned count = 0;
	int r = officials_by_number(a->w->vault, admin_value(a, "phone")->text, ids,
				    LIMIT_CALL_MATCHES, &count);

	*ret_there = *ret_shared = false;
	for (unsigned i = 0; !r && i < count; i++) {
		struct official o;
		bool same;

		r = official_load(a->w->vault, &a->c->arena, ids[i], &o);
		if (r)
			break;
		same = people_same_name(o.name, admin_value(a, "name")->text);
		*ret_there |= same;
		*ret_shared |=
			!same && counter_actor_reaches(a->w->directory, &a->c->actor, o.unit);
	}
	return r;
}

/* What the counter names is any identifier: one that is no draft, or not any more, is refused
 * alike, and before anything is written. */
static int have_draft(struct admin *a, struct id draft)
{
	struct draft_file d;
	int r = id_is_none(draft) ? 0
				  : draft_load(a->w->vault, &a->c->arena, draft, a->w->now_ms, &d);

	if (!r && !id_is_none(draft) && !id_is_none(d.official))
		r = -ENOENT;
	if (r != -ENOENT)
		return r;
	command_refuse(a->c, PROBLEM_NOT_FOUND,
		       "Cette inscription préparée n’existe pas ou plus : cherchez-la à nouveau.");
	return 0;
}

static int add_contacts(struct admin *a, struct id official)
{
	struct str rest = admin_value(a, "contacts")->text;
	bool agreed = admin_value(a, "contacts_agreed")->number;
	struct contact_line line;
	int r = 0;

	for (int rank = 1; !r && contact_lines_next(&rest, &line); rank++) {
		struct contact c = {.id = random_id_v7(a->w->now_ms),
				    .official = official,
				    .rank = rank,
				    .name = line.name,
				    .relation = line.relation,
				    .phone = line.phone,
				    .accepted_at_ms = agreed ? a->w->now_ms : TIME_NONE,
				    .version = 1};

		r = contact_insert(a->w->vault, &c);
		if (!r)
			work_entry(a->w, a->c, ENTRY_CREATED, official, c.id, official,
				   work_one_text(a->w, "what", STR("contact")));
	}
	return r;
}

/* The line of the register that was chosen beside the papers; none is chosen: STR_NONE. */
static int take_mandate(struct admin *a, struct str *ret_mandate)
{
	struct value *chosen = admin_value_to_change(a, "register_mark");
	struct mandate_line line = {STR_NONE, STR_NONE};
	char commune[COMMUNE_CODE_SIZE];
	int r = -ENOENT;

	*ret_mandate = STR_NONE;
	if (!chosen->text.len)
		return 0;
	if (!commune_code_parse(admin_value(a, "commune_code")->text, commune))
		r = mandate_of_mark(a->w, commune, chosen->text, &line);
	if (r == -ENOENT)
		return admin_invalid(a, "register_mark",
				     "cette ligne n’est pas au répertoire pour cette commune : "
				     "cherchez à nouveau.");
	/* The file has it; in the line of the journal it says nothing. */
	chosen->given = false;
	*ret_mandate = line.kept;
	return r;
}

int admin_registration_activate(struct admin *a)
{
	struct str mandate;
	struct id draft = admin_value(a, "draft")->id;
	bool there, shared;
	int r;

	if (!admin_value(a, "identity")->number)
		return admin_invalid(a, "identity", "vérifiez d'abord la pièce d'identité.");
	if (!admin_value(a, "mandate_checked")->number)
		return admin_invalid(a, "mandate_checked", "vérifiez d'abord le mandat.");
	if (!registration_consents(a))
		return 0;
	r = have_draft(a, draft);
	if (!r && !admin_refused(a))
		r = is_there(a, &there, &shared);
	if (r || admin_refused(a))
		return r;
	if (there)
		return admin_conflict(a, "Cette personne est déjà inscrite avec ce numéro.");
	if (shared && !admin_value(a, "shared_number")->number)
		return admin_invalid(a, "shared_number",
				     "ce numéro est déjà celui d’une autre personne inscrite : "
				     "confirmez qu’il est partagé, comme celui d’une mairie.");
	r = take_mandate(a, &mandate);
	if (!r && !admin_refused(a))
		r = admin_official_enter(a, mandate);
	if (!r && !admin_refused(a))
		r = add_contacts(a, a->c->outcome.subject);
	if (!r && !admin_refused(a) && !id_is_none(draft))
		r = draft_delete(a->w->vault, draft);
	return r;
}
