/* Units: operations rooms and what they send. Telephone numbers are sealed under the house key. */
#ifndef STORE_UNITS_H
#define STORE_UNITS_H

#include "base/limits.h"
#include "store/vault.h"

enum unit_kind { UNIT_ROOM, UNIT_BRIGADE, UNIT_COMMISSARIAT, UNIT_PATROL, UNIT_KINDS };

/* The two forces, each with its file of protected persons (docs/protocol/registration.md). Stored:
 * never renumber. */
enum force { FORCE_NONE, FORCE_GENDARMERIE, FORCE_POLICE, FORCES };

enum { UNIT_PHONE_SIZE = 24 };

struct unit {
	struct id id;
	enum unit_kind kind;
	struct id room;                    /* whose alerts it serves; of a room: none */
	struct id neighbour, second, zone; /* of a room: whom the ladder calls; ID_NONE: nobody */
	int32_t lat_e7, lon_e7;            /* when `placed` */
	bool placed, available;
	char name[LIMIT_NAME_BYTES + 1];
	char phone[UNIT_PHONE_SIZE];      /* E.164; "": none */
	char duty_phone[UNIT_PHONE_SIZE]; /* of a room: the duty officer */
	/* Whom elected officials can ask for by name; "": nobody. */
	char referent[LIMIT_NAME_BYTES + 1], referent_phone[UNIT_PHONE_SIZE];
	/* The editions that made it unavailable and ended its referent, and nobody spoke since; 0:
	 * none. */
	int64_t ended_in, referent_ended_in;
	int64_t version;
};

/* "room", "brigade", "commissariat", "patrol". */
const char *unit_kind_name(enum unit_kind kind);
int unit_kind_parse(struct str name, enum unit_kind *ret_kind); /* -EINVAL */
/* Whose units of that kind are; FORCE_NONE: of either. */
enum force unit_kind_force(enum unit_kind kind);
/* "gendarmerie", "police"; "" when it is not said. */
const char *force_name(enum force force);
int force_parse(struct str name, enum force *ret_force); /* -EINVAL */

/* 0, -ENOENT or -errno. */
int unit_load(struct vault *v, struct id id, struct unit *ret_unit);
int unit_find(struct vault *v, struct str name, struct unit *ret_unit);

/* -EEXIST: the name is taken. unit_update: -ESTALE when the version is not the stored one; moves
 * unit->version. */
int unit_insert(struct vault *v, const struct unit *unit);
int unit_update(struct vault *v, struct unit *unit);
/* -ENOTEMPTY while a unit, account, official, device or alert names it. */
int unit_delete(struct vault *v, struct id id);

/* Every unit, by name. Stops at the first non-zero return of on_unit (returned). */
typedef int unit_reader(void *context, const struct unit *unit);
int units_each(struct vault *v, unit_reader *on_unit, void *context);

#endif
