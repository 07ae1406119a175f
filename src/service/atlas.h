/*
 * The territory in memory: from a position or a commune to the competent unit. An atlas is made
 * whole from one reading of the database and never changes; a new import makes another. It is the
 * one thing of service/ that threads share: readers make it, the executor and they look into it, it
 * goes when the last of them has let it go.
 *
 * Exact where outlines are loaded. Elsewhere the département (from its own outline) and its default
 * unit: the one set by hand, or else that of its largest commune.
 */
#ifndef SERVICE_ATLAS_H
#define SERVICE_ATLAS_H

#include "base/commune_code.h"
#include "base/id.h"

struct vault;
struct atlas;
struct atlas_shelf;

/* Where the present atlas is; any thread. */
struct atlas_shelf *atlas_shelf_new(void);
void atlas_shelf_free(struct atlas_shelf *shelf); /* NULL is fine; when no other thread uses it */
/* Puts a new atlas there when something was imported since. A reader's work: of a whole country it
 * takes a second. 0 or -errno; shelf may be NULL. */
int atlas_follow(struct atlas_shelf *shelf, struct vault *v);
/* The present one, held until it is released; NULL when there is none, or no shelf. */
struct atlas *atlas_hold(struct atlas_shelf *shelf);
void atlas_release(struct atlas *atlas); /* NULL is fine */

/* What was found; text is the atlas's. */
struct atlas_place {
	struct str code, name; /* of the commune; empty: not known */
	struct str postcodes;  /* of the commune, a space between two; empty: not said */
	char departement[DEPARTEMENT_CODE_SIZE];
	struct id unit;  /* ID_NONE: nobody is said to be competent */
	bool is_default; /* the département's unit, for want of the commune's */
};

/* atlas may be NULL: nothing is found. False: neither a commune nor a département. */
bool atlas_at(const struct atlas *atlas, int32_t lat_e7, int32_t lon_e7,
	      struct atlas_place *ret_place);
bool atlas_commune(const struct atlas *atlas, struct str code, struct atlas_place *ret_place);

enum { ATLAS_SEARCH_MAX = 10 };
/*
 * Communes by the beginnings of their words, of their code, of their département, of their
 * postcodes: "ber", "Béruges (86)", "86024", "86190 Béruges". Those whose name is just that come
 * first, then those that begin with it, then the most inhabited. Former communes only by their
 * code. How many; at most ATLAS_SEARCH_MAX.
 */
size_t atlas_search(const struct atlas *atlas, struct str words,
		    struct atlas_place out[ATLAS_SEARCH_MAX]);
/* The département of the largest commune it is competent for; "": of none. */
void atlas_seat(const struct atlas *atlas, struct id unit,
		char ret_departement[DEPARTEMENT_CODE_SIZE]);

struct atlas_figures {
	int64_t communes, with_unit, outlines, departements; /* outlines: polygons */
};
void atlas_count(const struct atlas *atlas, struct atlas_figures *ret_figures);

struct buf;
struct directory;
/* {commune, departement, unit, referent, is_default} under that key, or null. */
void atlas_json(struct buf *out, const char *key, const struct directory *d,
		const struct atlas_place *place);

#endif
