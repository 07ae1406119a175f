/* Inside service/: what officials do with their own file, and what it shows them. */
#ifndef SERVICE_OWN_H
#define SERVICE_OWN_H

#include "service/admin_parts.h"
#include "store/own.h"

enum { OWN_LEAVE_DAYS = 7 };

/* Whose file the session in command->token opens: the actor from now on. False: refused, or *ret_r
 * is an error of storage. */
bool own_enter(struct admin *a, struct id *ret_official, int *ret_r);

/* An SMS to each number of the file, sealed with it. */
int own_say_to_all(struct work *w, const struct official *o, struct str text);

/* They want to stay, or the counter has heard so: every number is told. */
int own_stay(struct admin *a, struct id official, bool *ret_changed);

/* The sheet that was given by consent goes out of the file, unless help is on its way: then as soon
 * as it is over, which own_take_sheet_out looks at. */
int own_withdraw(struct work *w, struct command *command, struct id official);
int own_take_sheet_out(struct work *w, struct command *command, struct id official);

#endif
