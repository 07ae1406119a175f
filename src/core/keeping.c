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

bool keeping_is_sealed(const struct keeping *k)
{
	return k->state == KEEPING_SEALED || k->state == KEEPING_UNSEAL_ASKED;
}

/* In the order of what is kept the surest. */
static int rank_of(const struct keeping *k)
{
	static const int ranks[KEEPING_STATES] = {
		[KEEPING_FREE] = 1,
		[KEEPING_SEAL_ASKED] = 2,
		[KEEPING_UNSEAL_ASKED] = 3,
		[KEEPING_SEALED] = 4,
	};

	return k->state == KEEPING_FREE && !k->has_sound ? 0 : ranks[k->state];
}

const struct keeping *keeping_lead(const struct keeping *list, size_t count)
{
	const struct keeping *lead = NULL;

	for (size_t i = 0; i < count; i++)
		if (rank_of(&list[i]) > (lead ? rank_of(lead) : 0))
			lead = &list[i];
	return lead;
}

/* What has no sound, any more or yet, waits for nothing but a seal. */
bool keeping_goes_along(struct keeping *k, const struct keeping *lead)
{
	if (!rank_of(k) && !keeping_is_sealed(lead))
		return false;
	if (k->state == lead->state) {
		k->asked_by = lead->asked_by;
		return false;
	}
	k->state = lead->state;
	k->at_ms = lead->at_ms;
	k->asked_by = lead->asked_by;
	return true;
}

static bool all_are(const struct keeping *list, size_t count, enum keeping_state state)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].state != state)
			return false;
	return true;
}

bool keeping_unite(const struct keeping *list, size_t count, int64_t now_ms,
		   struct keeping *ret_lead)
{
	const struct keeping *lead = keeping_lead(list, count);

	if (!lead || lead->state == KEEPING_FREE || all_are(list, count, KEEPING_SEALED))
		return false;
	*ret_lead = *lead;
	if (!keeping_is_sealed(lead))
		return true;
	ret_lead->state = KEEPING_SEALED;
	ret_lead->asked_by = ID_NONE;
	ret_lead->at_ms = now_ms;
	return true;
}

enum entry_kind keeping_united(enum keeping_state before, enum keeping_state after)
{
	if (after == KEEPING_SEAL_ASKED)
		return ENTRY_SEAL_ASKED;
	return before == KEEPING_UNSEAL_ASKED ? ENTRY_UNSEAL_WITHDRAWN : ENTRY_SEALED;
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
