/* A device's report as one line of JSON, for `egidectl decode`. */
#ifndef CTL_REPORT_JSON_H
#define CTL_REPORT_JSON_H

#include "base/buf.h"
#include "wire/report.h"

/*
 * Writes one line on standard output. reply: the bytes sent back once the report is stored, or
 * empty. http_status: what the request is answered with; 0 for a protocol that is not HTTP.
 */
void report_print(const struct report *r, struct str reply, int http_status);

#endif
