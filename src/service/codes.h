/* Inside service/: a code that came from a telephone, and what it does to an alert. */
#ifndef SERVICE_CODES_H
#define SERVICE_CODES_H

#include "service/case.h"
#include "store/pins.h"

/* A code that came, compared. */
struct compared {
	enum pin_match match;
	struct pin_tries tries; /* this one counted (code_count) */
	bool is_locked;         /* too many wrong ones before */
	bool is_none;           /* none was given, and none is chosen: right, but for own.c */
};

/* command->as.code.typed. */
int code_compare(struct work *w, const struct command *command, struct compared *ret_code);
/* Counts it when it is wrong; a right one ends the count. */
int code_count(struct work *w, const struct command *command, struct compared *code);
/* Whether no answer tells a right code from a wrong one now. */
int codes_are_locked(struct work *w, struct id device, bool *ret_locked);
/* Under duress there is an alert, whether one was open or not. */
int code_put_to_alert(struct work *w, struct command *command, const struct device *device,
		      const struct compared *code);
/* Of a code at one moment of the telephone's: another code is another try. In the arena. */
struct str code_key(struct work *w, const struct command *command, const char *what);

#endif
