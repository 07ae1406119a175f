/*
 * The ladder: what an alert climbs when nobody paints or claims it, in seconds, as data
 * (definitions/ladder.json; defaults from dispatch.md §5). A step fires once an opening.
 */
#ifndef CORE_LADDER_H
#define CORE_LADDER_H

#include "base/str.h"

enum ladder_unless { UNLESS_PAINTED, UNLESS_CLAIMED, UNLESS_ACTED /* counted from the claim */ };
enum ladder_target { TARGET_OWN, TARGET_NEIGHBOUR, TARGET_SECOND, TARGET_ZONE };

struct ladder_step {
	char name[24];  /* "neighbour": the timeline's and the page's key */
	char label[96]; /* in French: why it climbed */
	int after_s;
	enum ladder_unless unless;
	enum ladder_target
		show;      /* the room that sees the alert from then on; TARGET_OWN: nobody new */
	bool message_duty; /* SMS to the duty officer of the competent room */
};

enum { LADDER_MAX_STEPS = 12 };

struct ladder {
	struct ladder_step steps[LADDER_MAX_STEPS];
	unsigned step_count;
	int message_sent_s;     /* an SMS the operator has not taken by then goes another way */
	int contact_answer_s;   /* then the next trusted person is asked */
	int message_validity_s; /* an SMS that is late is harmful */
	int unit_receipt_s;
	int take_over_free_s; /* take-over without a reason */
	int duplicate_s;      /* same trigger again within this: the same one */
	int device_silent_s;  /* a device in alert not heard for so long is "lost"; twice as long
				 each  time it came back (core/alert_device.c) */
};

/*
 * -EINVAL with a sentence in ret_why (size 160): steps out of order, times outside 1…3600, repeated
 * names, no step for an alert that nobody claims.
 */
int ladder_check(const struct ladder *ladder, char ret_why[160]);
void ladder_default(struct ladder *ret_ladder);

/*
 * Somebody edits the ladder while alerts climb: steps are known by their names. Which steps of
 * `now` have fired, of those that had of `before` (bits by index); one that is gone is forgotten.
 */
uint32_t ladder_carry_over(uint32_t climbed, const struct ladder *before, const struct ladder *now);
/* Same steps, in the same order, due at the same time: nothing changes for an alert that climbs. */
bool ladder_climbs_alike(const struct ladder *a, const struct ladder *b);

#endif
