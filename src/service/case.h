/*
 * A case: an alert being worked on by the executor. Load it, put events to it; entries, effects and
 * the aggregate are written, and the card is made once at the end.
 */
#ifndef SERVICE_CASE_H
#define SERVICE_CASE_H

#include "core/access.h"
#include "service/work.h"
#include "store/alerts.h"
#include "store/devices.h"
#include "store/people.h"

/* What others of its event follow. */
struct followed {
	bool known; /* the alert was there before */
	struct id claimed_by, merged_into;
	int64_t closed_at_ms;
	unsigned room_count;
	bool silent;
};

struct case_file {
	struct alert alert;
	struct alert_face face;
	struct followed before; /* as it was loaded, or followed last */
	bool is_new;            /* nothing of it is stored yet: no link, no message to withdraw */
	size_t first_entry;     /* entries of this command begin here */
	/* Read when first needed; arena. */
	const struct contact *contacts[ALERT_MAX_CONTACTS]; /* beside alert.contacts */
	const struct device_last *last; /* may be set by whoever has just written it */
};

int case_load(struct work *w, struct id alert, struct case_file *ret_case); /* -ENOENT */

/*
 * Applies one event. text: the note, reason or error that the entries carry, STR_NONE for none. A
 * refusal is put in command->outcome, nothing is written. 0 or -errno of storage.
 */
int case_apply(struct work *w, struct command *command, struct case_file *c,
	       const struct alert_command *event, struct str text);
/* After the last event: the card for the consoles, and the outcome's subject; then what follows for
 * others of its event (merges.h). 0 or -errno. */
int case_finish(struct work *w, struct command *command, struct case_file *c);
/* The card and the subject alone. */
int case_publish(struct work *w, struct command *command, struct case_file *c);
/* What is followed of it, as it is now. */
struct followed case_followed(const struct alert *alert);
/* Whether the account may do it; refuses as if absent when the alert is not shown to its room. */
extern const char case_not_found[];
bool case_may(struct command *command, const struct alert *alert, enum right right);

/* A trusted person of this alert; NULL: none, or they left the official's list. 0 or -errno. */
int case_contact(struct work *w, struct case_file *c, struct id contact,
		 const struct contact **ret_contact);

/* An entry about the alert that no event of the machine makes (a position, a device lost). */
void case_entry(struct work *w, struct command *command, struct case_file *c, enum entry_kind kind,
		struct id target, struct str body);

/* The official's open alerts, newest first, tests too: one real and one test a device, and those
 * that were reopened. */
enum { OPEN_CASES_MAX = 32 };
struct open_cases {
	struct id alerts[OPEN_CASES_MAX];
	unsigned count;
};
int cases_open_of(struct work *w, struct id official, struct open_cases *ret_open);

/* A trusted person leaves the official's list: those alerts of the official that are open wait for
 * them no longer, and their links end. 0 or -errno. */
int cases_drop_contact(struct work *w, struct command *command, struct id official,
		       struct id contact);

#endif
