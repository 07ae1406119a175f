/* Inside service/: what an atlas is made of, for those that look into it. */
#ifndef SERVICE_ATLAS_PRIVATE_H
#define SERVICE_ATLAS_PRIVATE_H

#include <stdatomic.h>

#include "base/alloc.h"
#include "base/map.h"
#include "service/atlas.h"

struct commune {
	char code[COMMUNE_CODE_SIZE];
	char parent[COMMUNE_CODE_SIZE]; /* of a former one, or an arrondissement; "" */
	uint32_t population;
	struct id unit;
	struct str name;
	struct str words; /* name, département and code, folded; a space before each, NUL after */
	struct str postcodes; /* a space before each, NUL after; empty: not said */
};

struct departement {
	char code[DEPARTEMENT_CODE_SIZE];
	uint32_t largest; /* inhabitants of its largest commune that has a unit */
	struct id unit;
	bool by_hand;
};

enum { DEPARTEMENTS_MAX = 128 };

struct atlas {
	_Atomic unsigned holders;
	int64_t fingerprint; /* of what it was made from */
	struct arena text;
	struct commune *communes; /* by code */
	size_t commune_count, commune_cap;
	struct map listed; /* units of the present lists, while it is made */
	struct map seats;  /* unit → the largest commune it is competent for */
	struct departement departements[DEPARTEMENTS_MAX];
	size_t departement_count;
	/* Of communes and of départements; a place is an index in the lists above. */
	struct outlines *communal, *departmental;
};

/* A commune as a place: what is competent there, the default unit of its département for want of
 * it. */
struct atlas_place atlas_place_of(const struct atlas *a, const struct commune *c);

#endif
