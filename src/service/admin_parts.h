/* Inside service/: what the files of the administration share. */
#ifndef SERVICE_ADMIN_PARTS_H
#define SERVICE_ADMIN_PARTS_H

#include "service/admin.h"
#include "service/json.h"
#include "service/work.h"
#include "store/accounts.h"
#include "store/devices.h"
#include "store/people.h"
#include "store/units.h"

/* The longest list a field takes: of places. */
enum { ADMIN_MAX_LIST = OFFICIAL_MAX_PLACES };

/* A field as it was given, checked; `text` is its normal form ("" clears the field). */
struct value {
	bool given;
	struct str text;
	struct str list[ADMIN_MAX_LIST]; /* numbers, mandates, places, and what each is */
	unsigned count;
	int64_t number; /* integers, degrees × 10⁷, 0 and 1, roles, kinds, protocols */
	struct id id;   /* what a reference names */
};

struct admin {
	struct work *w;
	struct command *c;
	const struct admin_command *row;
	struct value values[ADMIN_MAX_FIELDS]; /* beside row->fields */
	struct buf answer;                     /* JSON object, open; sent when not refused */
};

/* Fills values from the body; a refusal is in the command's outcome. 0 or -errno of storage. */
int admin_read_fields(struct admin *a);
bool admin_refused(const struct admin *a);

/* By name; one of the row's fields. */
const struct value *admin_value(const struct admin *a, const char *name);
/* The same, for who takes out of the line what changes nothing. */
struct value *admin_value_to_change(struct admin *a, const char *name);
bool admin_given(const struct admin *a, const char *name);
/* Copies a given text into a fixed array that the field's max fits. */
void admin_copy(const struct admin *a, const char *name, char *out, size_t size);
/* A given text into an arena-borne string. */
void admin_take(const struct admin *a, const char *name, struct str *ret_text);
void admin_take_id(const struct admin *a, const char *name, struct id *ret_id);
void admin_take_flag(const struct admin *a, const char *name, bool *ret_flag);

/* Refuses because of a field; detail: French, without the field's name. Returns 0, for handlers to
 * return. */
int admin_invalid(struct admin *a, const char *field, const char *detail);
int admin_conflict(struct admin *a, const char *detail);
/* As the fields "official" and "device" do when they name none. */
void admin_unknown_official(struct admin *a);
void admin_unknown_device(struct admin *a);

/*
 * The line of the journal: what kind of thing, and the given fields with their values (never a
 * secret), sealed with the dossier's key. Sets the outcome's subject.
 */
void admin_changed(struct admin *a, enum entry_kind kind, const char *what, struct id subject,
		   struct id target, struct id dossier);
/* Somebody read personal data (I9). */
void admin_was_read(struct admin *a, const char *what, struct id subject);

enum { ADMIN_PAGE = 100 };
/* Lists: how many, after what; admin_next writes "next" once `count` rows were given. */
int admin_limit(const struct admin *a);
void admin_next(struct admin *a, int count, struct id last);

/* Handlers, one file an aggregate. */
int admin_unit_add(struct admin *a);
int admin_unit_set(struct admin *a);
int admin_unit_list(struct admin *a);
int admin_unit_remove(struct admin *a);
int admin_account_add(struct admin *a);
int admin_account_set(struct admin *a);
int admin_account_password(struct admin *a);
int admin_account_disable(struct admin *a);
int admin_account_enable(struct admin *a);
int admin_account_list(struct admin *a);
int admin_account_second_factor(struct admin *a);
int admin_account_reset_factor(struct admin *a);
int admin_official_add(struct admin *a);
int admin_official_enter(struct admin *a, struct str registered_mandate);
int admin_official_set(struct admin *a);
int admin_official_list(struct admin *a);
int admin_official_show(struct admin *a);
int admin_official_remove(struct admin *a);
int admin_contact_add(struct admin *a);
int admin_contact_invite(struct admin *a);
int admin_contact_accept(struct admin *a);
int admin_contact_list(struct admin *a);
int admin_contact_remove(struct admin *a);
int admin_registration_invite(struct admin *a); /* registrations.c */
int admin_registration_open(struct admin *a);
int admin_registration_prepare(struct admin *a);
int admin_registration_find(struct admin *a);
int admin_registration_activate(struct admin *a);
int admin_import_registrations(struct admin *a); /* mandates.c */
int admin_registration_terms(struct admin *a); /* this one and those down to _end: admin_terms.c */
int admin_registration_confirm(struct admin *a);
int admin_registration_prolong(struct admin *a);
int admin_registration_end(struct admin *a);
int admin_registration_requests(
	struct admin *a); /* this one and two more: registration_requests.c */
int admin_registration_correct(struct admin *a);
int admin_registration_leave(struct admin *a);
int admin_own_code(struct admin *a); /* own.c */
int admin_own_open(struct admin *a);
int admin_own_open_by_phone(struct admin *a);
int admin_own_close(struct admin *a);
int admin_own_show(struct admin *a); /* own_file.c */
int admin_own_readings(struct admin *a);
int admin_own_copy(struct admin *a);
int admin_own_correct(struct admin *a); /* own_changes.c */
int admin_own_correct_not(struct admin *a);
int admin_own_withdraw(struct admin *a);
int admin_own_go_on(struct admin *a);
int admin_own_leave(struct admin *a);
int admin_own_stay(struct admin *a);
int admin_registration_file(struct admin *a); /* this one and three more: counter_files.c */
int admin_registration_change(struct admin *a);
int admin_registration_telephone(struct admin *a);
int admin_registration_withdraw_telephone(struct admin *a);
int admin_device_add(struct admin *a);
int admin_device_set(struct admin *a);
int admin_device_enable(struct admin *a);
int admin_device_disable(struct admin *a);
int admin_device_credential(struct admin *a);
int admin_device_code(struct admin *a); /* enrolment.c */
int admin_device_pins(struct admin *a);
int admin_device_list(struct admin *a);
int admin_device_remove(struct admin *a);
int admin_competence_set(struct admin *a); /* this one and the next: admin_import.c */
int admin_import_begin(struct admin *a);
int admin_import_rows(struct admin *a);
int admin_import_apply(struct admin *a); /* admin_import_units.c */
int admin_import_finish(struct admin *a);
int admin_import_sweep(struct admin *a);

int admin_clock_show(struct admin *a); /* admin_clock.c */
int admin_clock_confirm(struct admin *a);
int admin_hold_place(struct admin *a); /* this one and the next: admin_holds.c */
int admin_hold_lift(struct admin *a);
int admin_hold_keep(struct admin *a);
int admin_hold_settle(struct admin *a);
int admin_hold_list(struct admin *a);
/* "hold": who holds it, why, since when, or null. */
int admin_write_hold(struct admin *a, struct id subject);

/* Of an official who was added: the term as its fields say. */
/* Whether it would not be over already. False: refused. */
bool admin_term_fits(struct admin *a);
int admin_term_begin(struct admin *a, struct id official);

/* The command's fields are those of the official from now on. */
int admin_official_change(struct admin *a, struct id official);

/* Whether each kind and each note has its address, among the places given or the `present` ones.
 * False: refused. */
bool admin_places_fit(struct admin *a, unsigned present);

/* Shared by what is prepared at home and what is corrected. */
struct draft_file;
struct str registration_body(struct admin *a); /* what a draft keeps; the group's arena */
/* What the decree does not list is given by consent. False: refused. */
bool registration_consents(struct admin *a);
/* Before a file is changed: where the sheet was withdrawn, and waits to be taken out, nothing of it
 * is set anew nor taken out yet. */
int registration_leave_sheet(struct admin *a, struct id official);
void registration_members(struct admin *a, const struct draft_file *draft);
/* The member "present": the file's fields as a draft has them. */
int registration_present(struct admin *a, const struct official *official);
/* The list of their trusted persons, as "contacts" says it, from now on (registration_requests.c).
 */
int admin_put_contacts(struct admin *a, struct id official);
/* A telephone of that official, with the label given. */
int admin_add_telephone(struct admin *a, struct id official, struct device *ret_device);
/* Its enrolment code, in the answer: the only time it is seen. */
int admin_give_code(struct admin *a, const struct device *device);

/* Shared by lists. */
int admin_write_device(struct admin *a, const struct device *device);
void admin_write_contact(struct admin *a, const struct contact *contact);

#endif
