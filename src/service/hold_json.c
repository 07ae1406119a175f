/* A legal hold on a screen: see hold_json.h. */
#include "service/hold_json.h"

#include <errno.h>

#include "core/access.h"
#include "crypto/random.h"
#include "service/json.h"
#include "store/accounts.h"

/* egidectl is an administrator's. */
static int roles_of(struct vault *v, struct id account, char out[64])
{
	struct account a = {.roles = ROLE_ADMINISTRATOR};
	int r = id_is_none(account) ? 0 : account_load(v, account, &a);

	roles_print(a.roles, out);
	wipe(&a, sizeof(a));
	return r == -ENOENT ? 0 : r;
}

int hold_json(struct vault *v, struct arena *arena, const char *key, struct id subject,
	      const char *of, struct buf *b)
{
	struct hold hold;
	char roles[64];
	int r = id_is_none(subject) ? -ENOENT : hold_load(v, arena, subject, &hold);

	if (r == -ENOENT) {
		json_nothing(b, key);
		return 0;
	}
	if (!r)
		r = roles_of(v, hold.by, roles);
	if (r)
		return r;
	json_open(b, key, '{');
	json_word(b, "of", of);
	json_time(b, "at", hold.at_ms);
	json_word(b, "by", roles);
	json_text(b, "reason", hold.reason);
	json_day(b, "until", hold.until);
	json_time(b, "lift_asked_at", hold.lift_at_ms);
	json_close(b, '}');
	return 0;
}
