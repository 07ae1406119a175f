/* Definitions: what a ministry may change without new C, read from definitions/ at start and
 * refused when inconsistent. */
#ifndef SERVICE_DEFINITIONS_H
#define SERVICE_DEFINITIONS_H

#include "core/ladder.h"

enum { DEFINITION_WHY_SIZE = 200 };

/*
 * Reads the ladder (definitions/ladder.json). Strict: every field is needed, an unknown one is
 * refused. -EINVAL or −errno, with a French sentence in ret_why that names the line or the field.
 */
int definitions_load_ladder(const char *path, struct ladder *ret_ladder,
			    char ret_why[DEFINITION_WHY_SIZE]);

/* How long what is kept: definitions/retention.json, one row a rule. */
struct retention {
	int sound_days; /* alert_sound, after alert_closed, unless sealed: deleted */
	int call_days;  /* emergency_call, after call_closed: deleted, with its key */
	int ended_days; /* official, after registration_ended: the same */
};

/* The same for it; an absent file is the one we ship. */
int definitions_load_retention(const char *path, struct retention *ret_retention,
			       char ret_why[DEFINITION_WHY_SIZE]);

#endif
