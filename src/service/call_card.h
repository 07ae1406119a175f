/* A call to 17 as lists and the feed show it: never whose it is (docs/protocol/api.md, "Call"). */
#ifndef SERVICE_CALL_CARD_H
#define SERVICE_CALL_CARD_H

#include "base/buf.h"
#include "service/directory.h"
#include "store/emergency_calls.h"

/* The members of a Call (no braces), so that CallFile can go on. */
void call_members(struct buf *out, const struct emergency_call *call, const struct call_face *face,
		  const struct directory *directory);
/* Whether it comes from a number of that official. */
int call_is_from(struct vault *v, struct str number, struct id official, bool *ret_is);
/* Why another cannot have it: the sentence names its holder. In arena. */
struct str call_taken(struct arena *arena, const struct directory *directory, struct id holder);

#endif
