/* What every fuzz target needs: libFuzzer's entry, and checks that stay on. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "wire/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A finding: what must hold does not. */
#define must(condition)           \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

/* Whatever the bytes were, the report is one. */
static inline void must_be_report(const struct report *r)
{
	must(report_kind_name(r->kind));
	must(r->sos == !!(r->alarms & ALARM_SOS));
	must((r->kind == REPORT_SOS || r->kind == REPORT_REJECT) || !r->sos);
	must(r->kind != REPORT_SOS || r->sos);
	must(r->battery_percent >= -1 && r->battery_percent <= 100);
	must(r->cell_count <= REPORT_MAX_CELLS);
	must(r->fix.lat_e7 >= -900000000 && r->fix.lat_e7 <= 900000000);
	must(r->fix.lon_e7 >= -1800000000 && r->fix.lon_e7 <= 1800000000);
}

/*
 * A seed holds the three texts of a request: URI, content type and body, a newline between two.
 * An empty one is none at all, as for a caller that has none.
 */
static inline void split_post(struct str bytes, struct str *ret_uri, struct str *ret_type,
			      struct str *ret_body)
{
	*ret_body = bytes;
	*ret_uri = *ret_type = STR_NONE;
	if (str_split(ret_body, '\n', ret_uri))
		str_split(ret_body, '\n', ret_type);
	if (!ret_uri->len)
		*ret_uri = STR_NONE;
}

#endif
