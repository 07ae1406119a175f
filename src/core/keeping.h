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
 *   Alerts of one event go along with the one they are under: what two persons say there, they say
 *   of all of it.
 *
 *   FREE, SEAL_ASKED ── the days are over ──▶ DELETED ── new sound ──▶ FREE
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
/* `entry` was said of the alert this one is under, whose keeping is now `first`. Whether it changes
 * this one, and is a line of it too. */
bool keeping_goes_along(struct keeping *keeping, const struct keeping *first,
			enum entry_kind entry);
/* Whether what is not sealed by now is to be deleted. */
bool keeping_is_due(const struct keeping *keeping, int64_t now_ms);

const char *keeping_state_name(enum keeping_state state);

#endif
