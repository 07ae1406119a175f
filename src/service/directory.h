/*
 * Names of units and accounts, kept by the executor so that cards and sentences need no query. What
 * it gives stays at its place until directory_free, even after a change: the text is then the new
 * one.
 */
#ifndef SERVICE_DIRECTORY_H
#define SERVICE_DIRECTORY_H

#include "store/units.h"

struct directory;

int directory_load(struct vault *v,
		   struct directory **ret_directory); /* returns new; 0 or -errno */
void directory_free(struct directory *d);             /* NULL is fine */
/* After a rollback: everything again. */
int directory_reload(struct directory *d, struct vault *v);
/* After a change of one unit or account, in its transaction. */
int directory_refresh_unit(struct directory *d, struct vault *v, struct id unit);
int directory_refresh_account(struct directory *d, struct vault *v, struct id account);

/* NULL: no such unit. */
const struct unit *directory_unit(const struct directory *d, struct id unit);
/* The units one after the other, in no order: start with *at = 0; NULL at the end. Those of rooms
 * too. */
const struct unit *directory_next_unit(const struct directory *d, size_t *at);
/* The operations room made first: where an alert comes up when nothing says whose it is. ID_NONE:
 * there is none. */
struct id directory_default_room(const struct directory *d);
/* Whether units or accounts changed since it was loaded (another thread or node wrote them). 0 or
 * -errno. */
int directory_is_stale(const struct directory *d, struct vault *v, bool *ret_stale);
/* The operations room competent for a unit: the unit's, or itself; the default one when nothing is
 * said. */
struct id directory_unit_room(const struct directory *d, struct id unit);
/* Of which force the unit is; FORCE_NONE: of either, or unknown. */
enum force directory_unit_force(const struct directory *d, struct id unit);
/* Empty text: nobody by that id. */
struct str directory_unit_name(const struct directory *d, struct id unit);
struct str directory_account_name(const struct directory *d, struct id account);

#endif
