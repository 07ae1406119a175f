/* The effects of a decision, as rows: messages with their links, deadlines, rooms shown. */
#ifndef SERVICE_EFFECTS_H
#define SERVICE_EFFECTS_H

#include "service/case.h"

/* Adds the rooms the decision shows the alert to. */
void effects_show_rooms(struct work *w, struct case_file *c, const struct decision *decision);
/* Everything else. 0 or -errno. */
int effects_carry_out(struct work *w, struct case_file *c, const struct decision *decision);

/* The room a step of the ladder points to, seen from the competent one; ID_NONE when there is none.
 */
struct id ladder_room(struct work *w, struct case_file *c, enum ladder_target target);
/* That room, when it has a duty officer to call; NULL. */
const struct unit *ladder_duty(struct work *w, struct case_file *c, enum ladder_target target);

#endif
