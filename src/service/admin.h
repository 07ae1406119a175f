/*
 * Administration: the commands that change or list units, accounts, officials, contacts and
 * devices. One table; egidectl prints its help from it. A body is a flat JSON object; a value may
 * be given as JSON or as text ("oui", "46.58"), lists as arrays or separated by commas; null or ""
 * clears an optional field.
 */
#ifndef SERVICE_ADMIN_H
#define SERVICE_ADMIN_H

#include "base/str.h"

struct admin; /* one command being carried out: admin_parts.h */

enum field_kind {
	FIELD_LINE,  /* text without control characters, at most `max` bytes */
	FIELD_TEXT,  /* the same with line ends */
	FIELD_LOGIN, /* [a-z0-9._-] */
	FIELD_IDENT, /* [A-Za-z0-9._-]: what a device calls itself */
	FIELD_HASH,  /* argon2id, made at the edge: never a password */
	FIELD_INTEGER,
	FIELD_DEGREES, /* kept × 10⁷; |value| at most `max` degrees */
	FIELD_YES_NO,
	FIELD_PHONE,
	FIELD_PHONES,
	FIELD_ROLES,
	FIELD_UNIT_KIND,
	FIELD_FORCE,
	FIELD_NUMBER_KINDS, /* of other numbers, in their order */
	FIELD_MANDATES,     /* one a line, each of at most `max` bytes */
	FIELD_PLACES,       /* addresses, one a line, each of at most `max` bytes */
	FIELD_PLACE_KINDS,  /* of the places, in their order */
	FIELD_PLACE_ACCESS, /* of the places, in their order: one a line, some empty */
	FIELD_PROTOCOL,
	FIELD_NETWORKS,
	FIELD_UNIT,     /* a unit that is no room, by id or name */
	FIELD_ROOM,     /* a room, by id or name */
	FIELD_ANY_UNIT, /* either */
	FIELD_ACCOUNT,  /* by id or login */
	FIELD_OFFICIAL, /* by id or telephone number */
	FIELD_CONTACT,  /* by id */
	FIELD_CONTACTS, /* trusted persons, one a line: contact_lines.h */
	FIELD_DEVICE,   /* by id or PROTOCOL:IDENT */
	FIELD_AFTER,    /* id a list continues after */
	FIELD_DAY,      /* 31/12/2026 or 2026-12-31 */
	FIELD_KINDS,
};

enum { ADMIN_MAX_FIELDS = 32 };

struct admin_field {
	const char *name;
	enum field_kind kind;
	bool needed;
	int64_t max;      /* bytes, degrees or value, by kind */
	const char *help; /* French */
};

struct admin_command {
	const char *name;    /* "unit.add" */
	const char *summary; /* French, one line; NULL: between programs, in no help */
	struct admin_field fields[ADMIN_MAX_FIELDS]; /* up to the first without a name */
	int (*handle)(struct admin *a);
};

/* All of them, in the order of the help; ends with a row whose name is NULL. */
extern const struct admin_command admin_commands[];
const struct admin_command *admin_command_find(struct str name); /* NULL */

#endif
