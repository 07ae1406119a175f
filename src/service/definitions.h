/* Definitions: what a ministry may change without new C, read from definitions/ at start and
 * refused when inconsistent. */
#ifndef SERVICE_DEFINITIONS_H
#define SERVICE_DEFINITIONS_H

#include "core/ladder.h"
#include "service/retention.h"

enum { DEFINITION_WHY_SIZE = 200 };

/*
 * Reads the ladder (definitions/ladder.json). Strict: every field is needed, an unknown one is
 * refused. -EINVAL or −errno, with a French sentence in ret_why that names the line or the field.
 */
int definitions_load_ladder(const char *path, struct ladder *ret_ladder,
			    char ret_why[DEFINITION_WHY_SIZE]);

/* The same for definitions/retention.json; an absent file is the one we ship. */
int definitions_load_retention(const char *path, struct retention *ret_retention,
			       char ret_why[DEFINITION_WHY_SIZE]);

#endif
