/*
 * What was imported of the territory: communes, outlines, units, competences, the national register
 * of elected officials. Open data, in numbered editions: the lines of the next one are laid beside
 * those of the present one, and one small transaction makes it the present one, so that whoever
 * reads sees one edition whole, whatever is killed when.
 *
 * A line holds from the edition `since` to the edition `seen` (the last one it was found in). It
 * counts when since ≤ current ≤ seen. An edition that is never finished leaves lines that never
 * count; territory_sweep takes them away with those that ended.
 */
#ifndef STORE_TERRITORY_H
#define STORE_TERRITORY_H

#include "store/vault.h"

enum territory_kind {
	TERRITORY_COMMUNES,
	TERRITORY_OUTLINES,
	TERRITORY_GENDARMERIE,
	TERRITORY_POLICE,
	TERRITORY_COMPETENCE,
	TERRITORY_REFERENTS, /* people: their lines are sealed, as those of the next */
	TERRITORY_MANDATES,
	TERRITORY_KINDS,
};

/* "communes", "outlines"… */
const char *territory_kind_name(enum territory_kind kind);
int territory_kind_parse(struct str name, enum territory_kind *ret_kind); /* -EINVAL */

/* What is imported as one: of outlines, those of a département (scope "86") or of all of them
 * ("departements"); of the others, the country (""). */
struct territory_set {
	enum territory_kind kind;
	struct str scope;
};

struct edition {
	int64_t current; /* 0: nothing was imported */
	int64_t last;    /* the number given last */
	int64_t rows, at_ms;
	int64_t unfinished; /* the first one since that began to change units; 0: none */
};

int edition_load(struct vault *v, const struct territory_set *set, struct edition *ret_edition);
/* A number nobody had, for what is about to be laid down. */
int edition_start(struct vault *v, const struct territory_set *set, int64_t *ret_number);
/* From here on it changes units: who comes after one that stopped there must look at all of them.
 */
int edition_begin_units(struct vault *v, const struct territory_set *set, int64_t number);
/* Makes it the present one. -ESTALE: another was started since. */
int edition_finish(struct vault *v, const struct territory_set *set, const struct edition *edition);
/* Changes when any edition does, or what was set by hand. */
int territory_fingerprint(struct vault *v, int64_t *ret_fingerprint);

/*
 * Of people the line is sealed (house key), and known again by a blind index; what it is about
 * too, when that is the commune of a person.
 */
enum row_state { ROW_NEW, ROW_KNOWN, ROW_TWICE };
/* code: what the line is about (commune, unit); text: all of it, also how a line is known again. */
int territory_put(struct vault *v, const struct territory_set *set, const struct edition *edition,
		  struct str code, struct str text, enum row_state *ret_state);

/* Lines of the present editions, by code. Stops at the first non-zero return (returned). */
typedef int territory_reader(void *context, struct str code, struct str text);
int territory_each(struct vault *v, enum territory_kind kind, territory_reader *on_row,
		   void *context);
/* What a line says, in its order, apart by '|'; what it does not have is empty. */
void territory_fields(struct str text, struct str *fields, int count);
/* Lines of the present editions about this code. */
int territory_about(struct vault *v, enum territory_kind kind, struct str code,
		    territory_reader *on_row, void *context);
/* Those of one edition, the present one or one that was laid down and may count next. */
int territory_in_edition(struct vault *v, const struct territory_set *set, int64_t number,
			 struct str code, territory_reader *on_row, void *context);
/* Lines that `number` ends, or brings: what a person wants to see before it counts. Gone: it ends
 * them and has no other of their code. Present, absent: all that it has; codes it has not, of any
 * edition before. */
enum row_change {
	CHANGE_ENDS,
	CHANGE_BEGINS,
	CHANGE_GONE,
	CHANGE_PRESENT,
	CHANGE_ABSENT,
};
struct changes {
	int64_t number;
	enum row_change change;
	/* Behind the line of this code and this mark; both empty: all. Many lines may be about one
	 * code. */
	struct str after, after_mark;
	int limit;
};
/* What a line has of its own beside its code, as text: lines of one code come in this order. */
enum { TERRITORY_MARK_SIZE = 33 };
void territory_mark(struct vault *v, enum territory_kind kind, struct str text,
		    char out[TERRITORY_MARK_SIZE]);
int territory_changes(struct vault *v, const struct territory_set *set,
		      const struct changes *changes, territory_reader *on_row, void *context);
/* Whether an edition after the present one, finished or not, says something else of that code. */
int territory_said_anew(struct vault *v, const struct territory_set *set, struct str code,
			int64_t current, bool *ret_anew);
/* How many of those that begin replace one of the same code. */
int territory_count_replaced(struct vault *v, const struct territory_set *set, int64_t number,
			     int64_t *ret_count);

/* Takes away what ended, a few hundred lines a call; *ret_done when none is left. */
int territory_sweep(struct vault *v, const struct territory_set *set, struct str *after_code,
		    struct buf *keep, bool *ret_done);

/* The unit for a commune, or for what is said of no commune in a département (code: 2 or 3
 * characters), as an administrator set it; it wins over the import. ID_NONE: as imported. */
int competence_set(struct vault *v, struct str code, struct id unit);
typedef int competence_reader(void *context, struct str code, struct id unit);
int competence_each(struct vault *v, competence_reader *on_row, void *context);

/* The id of an imported unit: the same at each import. institution: "GN", "PN". */
struct id territory_unit_id(struct str institution, struct str public_id);

#endif
