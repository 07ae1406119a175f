/*
 * Trusted persons as a registration carries them: one a line, "name;relation;telephone", those to
 * be asked first first. What is kept has the telephones in E.164 and no empty line.
 */
#ifndef SERVICE_CONTACT_LINES_H
#define SERVICE_CONTACT_LINES_H

#include "base/buf.h"

struct contact_line {
	struct str name, relation, phone;
};

/* Appends what is kept to out. NULL, or why a line cannot be, in French; *ret_person is which, from
 * 1. */
const char *contact_lines_check(struct str text, struct buf *out, unsigned *ret_person);
/* The next one of what was kept; false at the end. */
bool contact_lines_next(struct str *rest, struct contact_line *ret_line);

#endif
