/*
 * Who may do what: one table, roles × relation → rights. Nothing else in the program decides (I9).
 */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include "base/id.h"

enum role {
	ROLE_OPERATOR = 1u << 0,      /* operations room: sees and handles its room's alerts */
	ROLE_SUPERVISOR = 1u << 1,    /* the room's chief: acts on what others have claimed */
	ROLE_ADMINISTRATOR = 1u << 2, /* accounts, units, devices; never reads an alert */
	ROLE_AUDITOR = 1u << 3,       /* the journal's audit lines */
	ROLE_COUNTER = 1u << 4,       /* the officer officials come to: identity and mandate */
};
enum {
	ROLE_ALL = 31,
	/* No account has it: who has proved that a file is their own. */
	ROLE_OFFICIAL = 1u << 16,
};

/* How the subject relates to the account. */
enum relation {
	RELATION_NONE,
	RELATION_ROOM, /* the alert is shown to the account's room; the unit or device belongs to it
			*/
	RELATION_SELF, /* the account's own session, the official's own file */
};

enum right {
	RIGHT_ALERT_READ,
	RIGHT_ALERT_HANDLE,        /* claim, send, note, close, ask */
	RIGHT_ALERT_HANDLE_OTHERS, /* act on what somebody else has claimed */
	RIGHT_ALERT_EXPORT,        /* as evidence */
	RIGHT_ALERT_TEST,
	RIGHT_CALL_READ,          /* that a call to 17 rings: number and line */
	RIGHT_CALL_HANDLE,        /* take it, and then read whose it is */
	RIGHT_CALL_HANDLE_OTHERS, /* what somebody else has taken */
	RIGHT_UNVERIFIED_READ,
	RIGHT_UNITS_READ,
	RIGHT_TERRITORY_READ, /* which unit is competent where: nothing personal */
	RIGHT_MANDATES_READ,  /* the national register of elected officials, as imported */
	RIGHT_REGISTER,       /* officials, at the counter */
	RIGHT_TERMS_READ,     /* whose registration ends, or is to be confirmed */
	RIGHT_OWN_FILE,       /* read, copy, correct, leave */
	RIGHT_DEVICES_READ,
	RIGHT_ACCOUNTS,
	RIGHT_AUDIT,
	RIGHT_HOLD_READ,       /* that a court asked for an alert to be kept, and why */
	RIGHT_CONFIRM_READING, /* of others, in bulk */
	RIGHT_SESSION,
	RIGHT_COUNT,
};

/* roles: bits of enum role. */
bool access_allows(uint32_t roles, enum right right, enum relation relation);

const char *role_name(enum role role);
/* "operator,supervisor" → bits; -EINVAL names nothing but says no. */
int roles_parse(struct str text, uint32_t *ret_roles);
/* Comma-separated names; out holds 64 bytes. */
void roles_print(uint32_t roles, char out[64]);

#endif
