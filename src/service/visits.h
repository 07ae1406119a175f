/* Inside service/: visits announced beforehand (core/visit.h), for what meets them. */
#ifndef SERVICE_VISITS_H
#define SERVICE_VISITS_H

#include "service/case.h"
#include "store/deadlines.h"
#include "store/visits.h"

struct buf;

/* {id, place, person, announced_at, due_at}; key_of_id: under which name the id goes. */
void visit_json(struct buf *out, const char *key, const char *key_of_id, const struct visit *visit,
		const struct visit_words *words);

/* An alert is being raised: what the official had announced is on its timeline. 0 or -errno. */
int visits_show(struct work *w, struct command *command, struct case_file *c);
/*
 * A code was typed. The visit its telephone knows of is over: really, or (a wrong code that nobody
 * may tell from a right one) only for the telephone. command->outcome.visit_over says whether there
 * was one.
 */
struct compared;
int visit_return(struct work *w, struct command *command, const struct device *device,
		 const struct compared *code);
/* The device is another telephone from now on: the visit it knows of is told to nobody, and due. */
int visit_hide(struct work *w, struct id device);
/* Its deadline, which was taken. */
int visit_look(struct work *w, struct command *command, const struct deadline *deadline);

#endif
