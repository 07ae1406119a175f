/*
 * OsmAnd / Traccar Client HTTP reports: GET or POST with query parameters, form body or
 * JSON body: docs/protocol/osmand.md.
 */
#ifndef WIRE_OSMAND_H
#define WIRE_OSMAND_H

#include "base/alloc.h"
#include "wire/report.h"

/*
 * uri: path and query as on the request line; body and content_type may be empty. Text in the
 * report lives in arena. Never fails: what cannot be read is REPORT_REJECT, `sos` set if it may be
 * one.
 */
void osmand_decode(struct str uri, struct str content_type, struct str body, struct arena *arena,
		   struct report *ret_report);

#endif
