/* The card of an alert, and the pieces of answers made of the same facts (docs/protocol/api.md,
 * "Shapes"). */
#ifndef SERVICE_CARD_H
#define SERVICE_CARD_H

#include "core/ladder.h"
#include "service/directory.h"
#include "store/alerts.h"
#include "store/devices.h"

struct card_facts {
	const struct alert *alert;
	const struct alert_face *face;
	const struct device_last *last; /* NULL: never heard */
	const struct directory *directory;
	const struct ladder *ladder;
	int64_t now_ms;
	const struct atlas *atlas; /* NULL: none is loaded */
};

/* Writes the members of a Card (no braces), so that Detail can go on. */
void card_members(struct buf *out, const struct card_facts *facts);
/* A Fix; number 0 is left out (the journal's number is the entry's). */
void fix_json(struct buf *out, const char *key, const struct stored_fix *fix, int64_t number);
/* {id, name} of a unit or null. */
void unit_json(struct buf *out, const char *key, const struct directory *d, struct id unit);
void reasons_json(struct buf *out, const char *key, uint32_t reasons);

/* A frame that could not be read whole, beside the alarm bits of wire/report.h. */
enum {
	REASON_MALFORMED = 1 << 16,
	REASON_NOT_GRANTED = 1 << 17,
	REASON_DURESS = 1 << 18,
	REASON_VISIT = 1 << 19
};
/* Nobody called: nothing was heard at the end of a visit, and nothing since. */
bool reasons_are_of_visit(uint32_t reasons);

#endif
