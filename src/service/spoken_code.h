/* Codes that people read aloud and type, in groups of four: "ABCD-EF12". */
#ifndef SERVICE_SPOKEN_CODE_H
#define SERVICE_SPOKEN_CODE_H

#include "base/str.h"

enum {
	CODE_ENROLMENT_LEN = 8,   /* lives half an hour */
	CODE_INVITATION_LEN = 12, /* lives weeks */
	CODE_LEN_MAX = CODE_INVITATION_LEN,
	CODE_SHOWN_SIZE = CODE_LEN_MAX + CODE_LEN_MAX / 4,
};

/* len characters and a NUL. */
void code_new(size_t len, char *out);
void code_print(const char *code, char out[CODE_SHOWN_SIZE]);
/* As it was typed to as it was given: capitals, no dash, no space, and the digits that were read as
 * letters. STR_NONE when it cannot be a code of that length. */
struct str code_read(struct str typed, size_t len, char out[CODE_LEN_MAX]);

#endif
