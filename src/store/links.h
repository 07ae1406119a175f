/*
 * Links of trusted persons and patrols, and idempotency keys. A link's token is 128 random bits
 * behind the moment it was made (6 characters, units of 64 ms); its row has that moment and the
 * token's hash. Their rows so lie in the order of time: new ones share pages however many old ones
 * there are.
 */
#ifndef STORE_LINKS_H
#define STORE_LINKS_H

#include "base/alloc.h"
#include "crypto/random.h"
#include "store/vault.h"

enum link_kind { LINK_FOLLOW, LINK_PATROL, LINK_TERM };

struct link {
	enum link_kind kind;
	struct id alert, target; /* contact or dispatch; LINK_TERM: the official, both */
	int64_t created_at_ms, revoked_at_ms;
};

enum { LINK_TIME_LEN = 6, LINK_TOKEN_SIZE = LINK_TIME_LEN + TOKEN_TEXT_SIZE };
void link_token_new(int64_t now_ms, char out[LINK_TOKEN_SIZE]);
int link_insert(struct vault *v, struct str token, const struct link *link);
int link_load(struct vault *v, struct str token, struct link *ret_link); /* -ENOENT */
int link_revoke(struct vault *v, struct id alert, struct id target, int64_t now_ms);
int links_end(struct vault *v, struct id alert, int64_t now_ms);
/* Every link of every alert, after a restoration: which were revoked since is not known. */
int links_end_all(struct vault *v, int64_t now_ms, int64_t *ret_count);
/* Who was asked or sent in an open alert and has no live link any more: left so by links_end_all.
 * kind: trusted persons, or units on their way. At most CUT_OFF_MAX, into arena. */
enum { CUT_OFF_MAX = 1000 };
struct cut_off {
	struct id alert, target;
};
int links_cut_off(struct vault *v, enum link_kind kind, struct arena *arena,
		  struct cut_off **ret_list, size_t *ret_count);

/*
 * Idempotency: whether actor did `key` (any bytes; its hash is kept) since since_ms. *ret_new false
 * when so; then *ret_subject is what it made. Older ones count as new: a watch whose clock is stuck
 * must still be heard.
 */
int seen_lookup(struct vault *v, struct id actor, struct str key, int64_t since_ms, bool *ret_new,
		struct id *ret_subject);
int seen_insert(struct vault *v, struct id actor, struct str key, struct id subject,
		int64_t now_ms);
int seen_purge(struct vault *v, int64_t before_ms);

#endif
