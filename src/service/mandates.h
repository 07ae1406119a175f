/*
 * Mandates of the national register of elected officials: which one a registration was made for,
 * and whether the edition that is imported still has it.
 */
#ifndef SERVICE_MANDATES_H
#define SERVICE_MANDATES_H

#include "base/commune_code.h"
#include "service/work.h"
#include "store/territory.h"

/* Of a line: src/ctl/import_kinds.c. */
enum {
	MANDATE_PLACE,
	MANDATE_LAST_NAME,
	MANDATE_FIRST_NAME,
	MANDATE_BIRTH,
	MANDATE_NAME,
	MANDATE_FUNCTION,
	MANDATE_FROM,
	MANDATE_FIELDS,
};

/* The same as long as it is that mandate of that person, however the line is spelt and whatever
 * function goes with it. A blind index. */
void mandate_mark(struct vault *v, const struct str fields[MANDATE_FIELDS],
		  char out[TERRITORY_MARK_SIZE]);

/* Lines of the present editions: of the commune, of its département, of the nation. */
int mandates_around(struct vault *v, const char commune[COMMUNE_CODE_SIZE],
		    territory_reader *on_row, void *context);

/* Of the line with that mark. */
struct mandate_line {
	/* What the official's file keeps, to find it in another edition. Sealed with the file: the
	 * database does not show whose line is whose. */
	struct str kept;
	struct str name; /* of the function, else of the mandate */
};

/* -ENOENT: no line around there has it. The texts are the group's. */
int mandate_of_mark(struct work *w, const char commune[COMMUNE_CODE_SIZE], struct str mark,
		    struct mandate_line *ret_line);

#endif
