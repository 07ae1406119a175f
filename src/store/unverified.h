/* The unverified lane (I4): frames of unknown devices, grouped by identity and source. */
#ifndef STORE_UNVERIFIED_H
#define STORE_UNVERIFIED_H

#include "base/alloc.h"
#include "store/fix.h"
#include "store/vault.h"

enum unverified_reason { UNVERIFIED_UNKNOWN, UNVERIFIED_OUT_OF_NETWORK, UNVERIFIED_MALFORMED };
const char *unverified_reason_name(enum unverified_reason reason);

struct unverified {
	struct id id;
	int64_t protocol;
	enum unverified_reason reason;
	struct str ident, source; /* as sent; the peer's address as text */
	int64_t frames;
	bool sos;
	int64_t first_at_ms, last_at_ms;
	bool has_fix;
	struct stored_fix fix;
};

/* Adds one frame to its group, made when absent; u->frames is what to add. *ret_id: the group. */
int unverified_add(struct vault *v, const struct unverified *u, struct id *ret_id);
/* Groups heard since `since_ms`, newest first, at most limit, into arena. */
int unverified_list(struct vault *v, struct arena *arena, int64_t since_ms, int limit,
		    struct unverified **ret_list, size_t *ret_count);
int unverified_purge(struct vault *v, int64_t before_ms);

#endif
