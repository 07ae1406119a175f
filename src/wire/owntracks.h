/* OwnTracks HTTP reports (JSON, _type location and others): docs/protocol/owntracks.md. */
#ifndef WIRE_OWNTRACKS_H
#define WIRE_OWNTRACKS_H

#include "base/alloc.h"
#include "wire/report.h"

/*
 * A manual publish (t "u") whose tag or poi is "sos" (any case) is an SOS. device is the topic,
 * else the tid; the edge replaces it by the authenticated one. Text lives in arena. Never fails.
 */
void owntracks_decode(struct str body, struct arena *arena, struct report *ret_report);

#endif
