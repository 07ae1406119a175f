/* Where a telephone that calls 17 is, as it says itself or as the network says of it. */
#ifndef SERVICE_LOCATIONS_H
#define SERVICE_LOCATIONS_H

#include "service/work.h"
#include "store/emergency_calls.h"

/* What is said before the call is known waits so long for it. */
enum { LOCATION_KEPT_MS = 30 * 60 * 1000 };

struct stored_fix location_fix(const struct position *position, int64_t now_ms);
/* When it was there. */
int64_t location_moment(const struct stored_fix *fix);
/* A place of that number that waits for its call; -ENOENT. */
int location_of_number(struct work *w, struct str number, struct stored_fix *ret_fix);
/* The call is there now, unless a later place of it is known: emergency_calls.c. */
int call_locate(struct work *w, struct command *command, struct emergency_call *call,
		const struct call_face *face, const struct stored_fix *fix);

/* Once a minute: calls of more than a day end, those kept long enough are destroyed:
 * emergency_calls.c. */
int emergency_calls_expire(struct work *w, struct command *command);

/* Whether an AML form was signed with the key we share with who sends it. */
bool location_is_signed(struct str key, struct str said, struct str hmac);

#endif
