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

#endif
