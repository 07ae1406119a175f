/* Inside service/: the second factor of accounts (RFC 6238), proven at login. */
#ifndef SERVICE_SECOND_FACTOR_H
#define SERVICE_SECOND_FACTOR_H

#include "service/work.h"
#include "store/accounts.h"

/*
 * Whether the command's code proves who has `account`: refused in the outcome when it does not, or
 * when one is missing. *ret_how: "totp", "recovery", or STR_NONE when none is asked. 0 or -errno.
 */
int second_factor_prove(struct work *w, struct command *command, const struct account *account,
			struct str *ret_how);

/* sessions.c: opens the session of the command's token, in the place of that of its text, and says
 * so in the journal; how: the second factor, STR_NONE without one. 0 or -errno. */
int session_begin(struct work *w, struct command *command, const struct account *account,
		  struct str how);

#endif
