/* The table of journal entry kinds: see entry.h. */
#include "core/entry.h"

#include <errno.h>

struct kind_row {
	const char *name;
	enum entry_class list;
};

#define ENTRY_ROW(symbol, number, text, class) [number] = {text, class},
static const struct kind_row kinds[] = {ENTRY_KINDS(ENTRY_ROW)};
#undef ENTRY_ROW

static bool is_kind(enum entry_kind kind)
{
	return (size_t)kind < sizeof(kinds) / sizeof(kinds[0]) && kinds[kind].name;
}

const char *entry_kind_name(enum entry_kind kind)
{
	return is_kind(kind) ? kinds[kind].name : NULL;
}

int entry_kind_parse(struct str name, enum entry_kind *ret_kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!kinds[i].name || !str_eq(name, str_from(kinds[i].name)))
			continue;
		*ret_kind = (enum entry_kind)i;
		return 0;
	}
	return -EINVAL;
}

enum entry_class entry_kind_class(enum entry_kind kind)
{
	return is_kind(kind) ? kinds[kind].list : ENTRY_AUDIT;
}

const char *actor_kind_name(enum actor_kind kind)
{
	static const char *const names[] = {"system",  "account", "device", "contact", "unit",
					    "control", "gateway", "switch", "official"};

	return (size_t)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "system";
}
