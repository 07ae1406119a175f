/* The sealing of an alert's sound: see keeping.h. */
#include "core/keeping.h"

#include "base/clock.h"

struct row {
	enum keeping_state next;
	bool by_another; /* than who asked */
	enum entry_kind entry;
};

/* [state][seal]; entry 0: it is so already. */
static const struct row table[KEEPING_STATES][2] = {
	[KEEPING_FREE] = {{KEEPING_FREE, false, ENTRY_NONE},
			  {KEEPING_SEAL_ASKED, false, ENTRY_SEAL_ASKED}},
	[KEEPING_SEAL_ASKED] = {{KEEPING_FREE, false, ENTRY_SEAL_WITHDRAWN},
				{KEEPING_SEALED, true, ENTRY_SEALED}},
	[KEEPING_SEALED] = {{KEEPING_UNSEAL_ASKED, false, ENTRY_UNSEAL_ASKED},
			    {KEEPING_SEALED, false, ENTRY_NONE}},
	[KEEPING_UNSEAL_ASKED] = {{KEEPING_FREE, true, ENTRY_UNSEALED},
				  {KEEPING_SEALED, false, ENTRY_UNSEAL_WITHDRAWN}},
};

enum keeping_refusal keeping_apply(struct keeping *k, bool seal, struct id by, int64_t now_ms,
				   enum entry_kind *ret_entry)
{
	const struct row *row = &table[k->state][seal];

	if (k->state == KEEPING_DELETED)
		return KEEPING_GONE;
	if (row->entry == ENTRY_NONE)
		return KEEPING_ALREADY;
	if (row->by_another && id_eq(by, k->asked_by))
		return KEEPING_NEEDS_ANOTHER;
	k->state = row->next;
	k->at_ms = now_ms;
	k->asked_by =
		row->next == KEEPING_SEAL_ASKED || row->next == KEEPING_UNSEAL_ASKED ? by : ID_NONE;
	*ret_entry = row->entry;
	return KEEPING_DONE;
}

/* What is sealed or asked for here alone stays so: only what two persons said goes further. */
bool keeping_goes_along(struct keeping *k, const struct keeping *first, enum entry_kind entry)
{
	static const struct {
		enum entry_kind entry;
		enum keeping_state from, to;
	} rows[] = {
		{ENTRY_SEAL_ASKED, KEEPING_FREE, KEEPING_SEAL_ASKED},
		{ENTRY_SEALED, KEEPING_FREE, KEEPING_SEALED},
		{ENTRY_SEALED, KEEPING_SEAL_ASKED, KEEPING_SEALED},
		{ENTRY_SEAL_WITHDRAWN, KEEPING_SEAL_ASKED, KEEPING_FREE},
		{ENTRY_UNSEAL_ASKED, KEEPING_SEALED, KEEPING_UNSEAL_ASKED},
		{ENTRY_UNSEALED, KEEPING_UNSEAL_ASKED, KEEPING_FREE},
		{ENTRY_UNSEAL_WITHDRAWN, KEEPING_UNSEAL_ASKED, KEEPING_SEALED},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].entry != entry || rows[i].from != k->state)
			continue;
		k->state = rows[i].to;
		k->at_ms = first->at_ms;
		k->asked_by = first->asked_by;
		return true;
	}
	return false;
}

bool keeping_is_due(const struct keeping *k, int64_t now_ms)
{
	return (k->state == KEEPING_FREE || k->state == KEEPING_SEAL_ASKED) &&
	       k->delete_at_ms != TIME_NONE && now_ms >= k->delete_at_ms;
}

const char *keeping_state_name(enum keeping_state state)
{
	static const char *const names[KEEPING_STATES] = {"free", "seal_asked", "sealed",
							  "unseal_asked", "deleted"};

	return names[state];
}
