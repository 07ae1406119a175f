/* The terms of registrations (core/term.h): columns of the official, in the clear, so that what is
 * due can be found. */
#ifndef STORE_TERMS_H
#define STORE_TERMS_H

#include "core/term.h"
#include "store/portion.h"

/* -ENOENT: no such official. Of one registered before there were terms: from the day of it. */
int term_load(struct vault *v, struct id official, struct term *ret_term);
/* What has ended is found by no number of theirs, from now_ms on; who un-ends it updates the
 * official too, whose numbers are written again. */
int term_save(struct vault *v, struct id official, const struct term *term, int64_t now_ms);

/* Those with something to be done about, most urgent first, of that room's units (ID_NONE: all);
 * by_default: and of those that have no room. */
int terms_to_do(struct vault *v, struct id room, bool by_default, int limit, id_reader *on_official,
		void *context);
/* Ended by then. */
int terms_ended(struct vault *v, int64_t before_ms, struct portion *portion, id_reader *on_official,
		void *context);

#endif
