/* What several answers say of an official in the same words. */
#ifndef SERVICE_OFFICIAL_JSON_H
#define SERVICE_OFFICIAL_JSON_H

#include "base/buf.h"
#include "store/people.h"

struct directory;

/* In whose file they are; a file of before forces were said is of its unit's. */
enum force official_force(const struct directory *d, const struct official *o);
/* "force": a name or null. */
void official_force_json(struct buf *b, const struct directory *d, const struct official *o);
/* "other_mandates". */
void official_mandates_json(struct buf *b, const struct official *o);
/* "places": each with its kind and how to get in, which is of the consent sheet. */
void official_places_json(struct buf *b, const struct official *o, bool sheet);
/* "other_phones" and "other_kinds", one beside the other. */
void official_numbers_json(struct buf *b, const struct official *o);

#endif
