/*
 * Officials and the people they trust. An official's file is a dossier: its data key has the
 * official's id, seals the official and the contacts, and is destroyed with them. Strings live in
 * the caller's arena.
 */
#ifndef STORE_PEOPLE_H
#define STORE_PEOPLE_H

#include "base/alloc.h"
#include "store/units.h"
#include "store/vault.h"

enum {
	OFFICIAL_MAX_MANDATES = 4, /* beside the main one */
	OFFICIAL_MAX_NUMBERS = 4,
	OFFICIAL_MAX_PLACES = 6, /* beside the home */
	OFFICIAL_MAX_CONTACTS = 6,
	OFFICIAL_LEVEL_MAX = 4
};

/* Where a number rings, and so where who calls from it may be. Stored: never renumber. */
enum number_kind {
	NUMBER_ANY,
	NUMBER_OWN,
	NUMBER_HOME,
	NUMBER_TOWN_HALL,
	NUMBER_DUTY,
	NUMBER_KINDS
};

/* What an address that is not the home is. Stored: never renumber. */
enum place_kind {
	PLACE_OTHER,
	PLACE_SECOND_HOME,
	PLACE_TOWN_HALL,
	PLACE_DUTY,
	PLACE_WORK,
	PLACE_KINDS
};

struct official_place {
	enum place_kind kind;
	struct str address, access; /* access: how to get in there */
};

struct official {
	struct id id;
	struct id unit; /* the competent one */
	struct str name, mandate;
	struct str mandates[OFFICIAL_MAX_MANDATES]; /* the others: function and territory */
	unsigned mandate_count;
	struct str commune, commune_code; /* name, INSEE code */
	struct str phone;                 /* E.164 */
	struct str others[OFFICIAL_MAX_NUMBERS];
	enum number_kind other_kinds[OFFICIAL_MAX_NUMBERS];
	unsigned other_count;
	struct str address, access, remarks; /* access: how to get in */
	struct official_place places[OFFICIAL_MAX_PLACES];
	unsigned place_count;
	struct str reason;             /* why protection was asked for */
	struct str registered_mandate; /* which of the national register: service/mandates.h */
	enum force force; /* in whose file they are registered; FORCE_NONE: by nobody's counter */
	int level;        /* of the threat, 1 to 4; 0: not said (docs/protocol/registration.md) */
	int household;    /* people at home; -1: not said */
	bool ended;       /* their registration has: no number leads to them (store/terms.h) */
	int64_t created_at_ms, version;
};

struct contact {
	struct id id, official;
	int rank; /* from 1: who is asked first */
	struct str name, relation;
	struct str phone;       /* E.164 */
	int64_t accepted_at_ms; /* TIME_NONE: invited, has not accepted the role */
	int64_t version;
};

/* "own", "home", "town_hall", "duty"; "" when it is not said. */
const char *number_kind_name(enum number_kind kind);
int number_kind_parse(struct str name, enum number_kind *ret_kind); /* -EINVAL */
/* "other", "second_home", "town_hall", "duty", "work"; "" is read as "other". */
const char *place_kind_name(enum place_kind kind);
int place_kind_parse(struct str name, enum place_kind *ret_kind); /* -EINVAL */

/* 0, -ENOENT (none, or purged) or -errno. */
int official_load(struct vault *v, struct arena *arena, struct id id,
		  struct official *ret_official);
/* Whose territory they are in: nothing is unsealed for it. -ENOENT. */
int official_unit(struct vault *v, struct id id, struct id *ret_unit);
/* Makes the dossier's key too. */
int official_insert(struct vault *v, const struct official *official);
int official_update(struct vault *v, struct official *official); /* -ESTALE; moves version */
/*
 * The official, contacts, numbers, the journal's bodies about them and the data key; devices lose
 * their wearer. -ENOTEMPTY while an alert is open; -ENOENT: no official, whose key is another's.
 */
int official_purge(struct vault *v, struct id id);
/* Ids of the officials who have this number (E.164); *ret_count at most cap. */
int officials_by_number(struct vault *v, struct str number, struct id *out, unsigned cap,
			unsigned *ret_count);
/* Up to limit ids after `after`, in order. */
typedef int official_reader(void *context, struct id id);
int officials_each(struct vault *v, struct id after, int limit, official_reader *on_official,
		   void *context);

/* Those that changed after `changed`, in that order, at most limit. Each change has its number, but
 * those from before there were numbers share one. */
typedef int change_reader(void *context, struct id id, int64_t changed);
int officials_changed(struct vault *v, int64_t changed, int limit, change_reader *on_change,
		      void *context);
int officials_count(struct vault *v, int64_t *ret_count);

int contact_load(struct vault *v, struct arena *arena, struct id id, struct contact *ret_contact);
/* By rank; the array is the arena's. At most OFFICIAL_MAX_CONTACTS. */
int contacts_of(struct vault *v, struct arena *arena, struct id official,
		struct contact **ret_contacts, unsigned *ret_count);
/* Every contact with this number (E.164), of any official; at most CONTACTS_BY_NUMBER_MAX. */
enum { CONTACTS_BY_NUMBER_MAX = 64 };
int contact_by_number(struct vault *v, struct arena *arena, struct str number,
		      struct contact **ret_contacts, unsigned *ret_count);
/* -ENOENT: no such official; -E2BIG: OFFICIAL_MAX_CONTACTS already. */
int contact_insert(struct vault *v, const struct contact *contact);
int contact_update(struct vault *v, struct contact *contact); /* -ESTALE; moves version */
int contact_delete(struct vault *v, struct id id);

#endif
