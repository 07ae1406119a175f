/* The voice of the room, to a telephone: see gate.h. */
#include "gate/phone_session.h"

/* Half a second of voice that has not left yet: what comes behind it would be late for nothing. */
enum { WAITING_BYTES = 2 * 1024 };

bool gate_talk(struct gate *g, struct id device, struct id alert, struct str frame)
{
	struct phone *p = map_get(&g->phones, device);

	if (!p || !id_eq(p->alert, alert))
		return false;
	for (struct phone_session *s = p->sessions; s && frame.len; s = s->next)
		if (s->line->backlog(s) < WAITING_BYTES)
			s->line->send(s, true, frame);
	return true;
}
