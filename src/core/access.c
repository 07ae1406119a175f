/* The table of access: see access.h. */
#include "core/access.h"

#include <errno.h>

/* For each right: the roles that have it, and the relation they need. */
static const struct {
	uint32_t roles;
	enum relation relation;
} table[RIGHT_COUNT] = {
	[RIGHT_ALERT_READ] = {ROLE_OPERATOR | ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_ALERT_HANDLE] = {ROLE_OPERATOR | ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_ALERT_HANDLE_OTHERS] = {ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_ALERT_EXPORT] = {ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_ALERT_TEST] = {ROLE_OPERATOR | ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_CALL_READ] = {ROLE_OPERATOR | ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_CALL_HANDLE] = {ROLE_OPERATOR | ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_CALL_HANDLE_OTHERS] = {ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_UNVERIFIED_READ] = {ROLE_OPERATOR | ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_UNITS_READ] = {ROLE_OPERATOR | ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_TERRITORY_READ] = {ROLE_OPERATOR | ROLE_SUPERVISOR, RELATION_NONE},
	[RIGHT_MANDATES_READ] = {ROLE_COUNTER, RELATION_NONE},
	[RIGHT_REGISTER] = {ROLE_COUNTER, RELATION_NONE},
	[RIGHT_TERMS_READ] = {ROLE_COUNTER | ROLE_ADMINISTRATOR, RELATION_NONE},
	[RIGHT_OWN_FILE] = {ROLE_OFFICIAL, RELATION_SELF},
	[RIGHT_DEVICES_READ] = {ROLE_OPERATOR | ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_ACCOUNTS] = {ROLE_ADMINISTRATOR, RELATION_NONE},
	[RIGHT_AUDIT] = {ROLE_AUDITOR, RELATION_NONE},
	[RIGHT_HOLD_READ] = {ROLE_SUPERVISOR, RELATION_ROOM},
	[RIGHT_CONFIRM_READING] = {ROLE_AUDITOR | ROLE_ADMINISTRATOR, RELATION_NONE},
	[RIGHT_SESSION] = {ROLE_ALL, RELATION_SELF},
};

bool access_allows(uint32_t roles, enum right right, enum relation relation)
{
	if ((unsigned)right >= RIGHT_COUNT || !(roles & table[right].roles))
		return false;
	return table[right].relation == RELATION_NONE || table[right].relation == relation;
}

static const char *const names[] = {"operator", "supervisor", "administrator", "auditor",
				    "counter"};
enum { ROLES = sizeof(names) / sizeof(names[0]) };

const char *role_name(enum role role)
{
	return names[__builtin_ctz(role)];
}

static uint32_t role_of(struct str name)
{
	for (int i = 0; i < ROLES; i++)
		if (str_eq(name, str_from(names[i])))
			return 1u << i;
	return 0;
}

int roles_parse(struct str text, uint32_t *ret_roles)
{
	uint32_t roles = 0;
	struct str part;

	while (str_split(&text, ',', &part)) {
		uint32_t role = role_of(str_trim(part));

		if (!role)
			return -EINVAL;
		roles |= role;
	}
	if (!roles)
		return -EINVAL;
	*ret_roles = roles;
	return 0;
}

void roles_print(uint32_t roles, char out[64])
{
	size_t len = 0;

	out[0] = '\0';
	for (int i = 0; i < ROLES; i++)
		if (roles & 1u << i)
			len += (size_t)snprintf(out + len, 64 - len, "%s%s", len ? "," : "",
						names[i]);
}
