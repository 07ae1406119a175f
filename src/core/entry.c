/* The table of journal entry kinds: see entry.h. */
#include "core/entry.h"

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
