/* Inside service/: sessions of accounts. */
#ifndef SERVICE_SESSIONS_H
#define SERVICE_SESSIONS_H

#include "service/work.h"
#include "store/accounts.h"

/* Opens the session of the command's token, in the place of that of its text, and says so in the
 * journal; how: the second factor, STR_NONE without one. 0 or -errno. */
int session_begin(struct work *w, struct command *command, const struct account *account,
		  struct str how);

#endif
