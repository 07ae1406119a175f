/* Inside service/: what the rest of it does to calls to 17. */
#ifndef SERVICE_EMERGENCY_CALLS_H
#define SERVICE_EMERGENCY_CALLS_H

#include "service/work.h"
#include "store/emergency_calls.h"

/* The call is there now, unless a later place of it is known. 0 or -errno. */
int call_locate(struct work *w, struct command *command, struct emergency_call *call,
		const struct call_face *face, const struct stored_fix *fix);
/* An offer on one call, or its end; 0, whatever became of it meanwhile, or -errno. */
int emergency_call_hand(struct work *w, struct command *command, struct id call,
			enum call_event event);
/* Twice a minute: calls of more than a day end. 0 or -errno. */
int emergency_calls_expire(struct work *w, struct command *command, struct portion *portion);

#endif
