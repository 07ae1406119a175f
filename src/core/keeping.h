/*
 * Whether an alert's sound is kept as evidence. Two persons seal it, two unseal it; what nobody
 * sealed is deleted some days after the alert was closed (definitions/retention.json). Pure.
 *
 *            seal                    seal, by another
 *   FREE ───────────▶ SEAL_ASKED ───────────────────▶ SEALED
 *    ▲ ◀───────────── unseal │                            │ unseal
 *    │                                                    ▼
 *    └───────────── unseal, by another ─────────── UNSEAL_ASKED ── seal ─▶ SEALED
 *
 *   FREE, SEAL_ASKED ── the days are over ──▶ DELETED ── new sound ──▶ FREE
 *
 *   Alerts of one event have one state: what two persons say of one of them, they say of all. Once
 *   it is sealed, so is one that has no sound: what it gets later, parted or not, is kept.
 */
#ifndef CORE_KEEPING_H
#define CORE_KEEPING_H

#include "base/id.h"
#include "core/entry.h"

enum keeping_state {
	KEEPING_FREE,
	KEEPING_SEAL_ASKED,
	KEEPING_SEALED,
	KEEPING_UNSEAL_ASKED,
	KEEPING_DELETED,
	KEEPING_STATES,
};

struct keeping {
	struct id alert;
	enum keeping_state state;
	struct id asked_by;   /* SEAL_ASKED, UNSEAL_ASKED */
	int64_t at_ms;        /* of the last change of state */
	int64_t delete_at_ms; /* TIME_NONE: the alert is open, or it is sealed or deleted */
	bool has_sound;       /* without it, FREE: nothing is said of the alert at all */
};

enum keeping_refusal {
	KEEPING_DONE,
	KEEPING_NEEDS_ANOTHER, /* who asked does not confirm */
	KEEPING_ALREADY,
	KEEPING_GONE, /* it was deleted */
	KEEPING_REFUSALS,
};

/* seal, or unseal. On a refusal nothing changes; else *ret_entry says what it was. */
enum keeping_refusal keeping_apply(struct keeping *keeping, bool seal, struct id by, int64_t now_ms,
				   enum entry_kind *ret_entry);
/* Of alerts of one event, the one whose state is that of all: sealed before asked for, before free;
 * the first of equals. NULL: none has sound, but what was deleted. */
const struct keeping *keeping_lead(const struct keeping *list, size_t count);
/* `lead` is now the state of the event this one is of. Whether it changes this one, and is a line
 * of it too. */
bool keeping_goes_along(struct keeping *keeping, const struct keeping *lead);
/* Alerts become of one event. What was asked for is asked of all of it; of what is sealed in one of
 * them everything is, and who asked to unseal asked it of less: they ask again. False: nothing
 * follows. */
bool keeping_unite(const struct keeping *list, size_t count, int64_t now_ms,
		   struct keeping *ret_lead);
/* What it is for one of them, which was `before`, to go along with it then. */
enum entry_kind keeping_united(enum keeping_state before, enum keeping_state after);
/* Whether two persons have said that it is kept, and no two others that it is not. */
bool keeping_is_sealed(const struct keeping *keeping);
/* Whether what is not sealed by now is to be deleted. */
bool keeping_is_due(const struct keeping *keeping, int64_t now_ms);

const char *keeping_state_name(enum keeping_state state);

#endif
