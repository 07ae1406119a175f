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

/* Whether an AML form was signed with the key we share with who sends it. */
bool location_is_signed(struct str key, struct str said, struct str hmac);

#endif
