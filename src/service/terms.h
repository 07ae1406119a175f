/*
 * What becomes of registrations with time (core/term.h): what is said to the official and when,
 * what they answer, and the one way a registration ends.
 */
#ifndef SERVICE_TERMS_H
#define SERVICE_TERMS_H

#include "core/term.h"
#include "service/work.h"
#include "store/deadlines.h"
#include "store/people.h"
#include "store/portion.h"

/* Of an official just registered. 0 or -errno. */
int term_begin(struct work *w, struct id official, int32_t until, int32_t mandate_until);
/* Before the first command: those whom an older version does not look at are, within the next
 * weeks. */
int terms_catch_up(struct vault *v);
/* Its deadline has come. By a date that is not believed nothing is said, and nothing ends: it is
 * put off. 0 or -errno. */
int term_look_at(struct work *w, struct command *command, const struct deadline *deadline);
/* The date is believed (again): what was put off is looked at, some at a time. */
int terms_look_again(struct work *w);
/* Whether an alert, a visit or a call of theirs goes on: nothing of the file may go. 0 or -errno.
 */
int term_is_busy(struct work *w, struct id official, bool *ret_busy);
/* Destroys files whose registration had ended by then, some at a time. 0 or -errno. */
int terms_purge(struct work *w, struct command *command, int64_t before_ms,
		struct portion *portion);

/*
 * What somebody does to a registration; a refusal is in the command's outcome, an absent official
 * is one too. 0 or -errno of storage. `reason` goes into the journal, sealed.
 */
/* At once, and said to the official; not while something of theirs goes on. */
int term_end_now(struct work *w, struct command *command, struct id official, enum term_why why,
		 struct str reason);
/* What the official answers from afar: a wish that the counter sees. */
int term_answer(struct work *w, struct command *command, struct id official,
		enum term_answer answer);
/* Whether that edition of the register still has the mandate they are registered for: one that has
 * not asks the counter to look into it, one that has takes that back. Nothing ends. */
int term_mandate_looked_up(struct work *w, struct command *command, const struct official *o,
			   bool there, int32_t edition_day);
int term_confirm_now(struct work *w, struct command *command, struct id official);
struct term_prolongation {
	int32_t until, mandate_until; /* DAY_NONE: not said */
	struct str mark;              /* another line of the register (mandates.h); empty: none */
};

/* Registered anew; what has ended is taken back. */
int term_prolong_now(struct work *w, struct command *command, struct id official,
		     const struct term_prolongation *anew);

#endif
