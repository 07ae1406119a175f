/*
 * The journal: one append-only table, one number each, and its hash tree (architecture.md).
 *
 *   header = number (8) ‖ epoch (8) ‖ at_ms (8) ‖ kind (4) ‖ actor kind (1) ‖ subject (16) ‖ actor
 * (16) ‖ target (16) leaf   = tree_leaf(header ‖ H(salt ‖ body))        body: the plain bytes;
 * integers big endian
 */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "core/entry.h"
#include "crypto/tree.h"
#include "store/vault.h"

enum { SALT_SIZE = 16 };
/* Since then a database knows what was purged of it. */
enum { PURGES_SINCE = 42 };

/* An entry to append; number and epoch are given by journal_append. */
struct entry {
	int64_t number, epoch, at_ms;
	enum entry_kind kind;
	struct id subject, target;
	enum actor_kind actor_kind;
	struct id actor;
	struct id dossier; /* whose data key seals the body */
	struct str body;   /* JSON, borrowed; STR_NONE: no body */
};

/*
 * Numbers, hashes, seals and inserts count entries, and moves the head. Last thing before a commit:
 * it locks the head (on PostgreSQL the row). 0 or -errno; on an error roll back.
 */
int journal_append(struct vault *v, struct entry *entries, size_t count);

/* The journal's end: epoch, number, and the tree's root when ret_root is not NULL. */
int journal_head(struct vault *v, int64_t *ret_epoch, int64_t *ret_number, struct hash *ret_root);

/*
 * Calls on_entry for each entry in order, its body unsealed (STR_NONE when purged). Stops at the
 * first error, or a non-zero return of on_entry (returned).
 */
typedef int journal_reader(void *context, const struct entry *entry);
int journal_after(struct vault *v, int64_t number, int limit, journal_reader *on_entry,
		  void *context);
/* Of one subject and list, the last `limit` with number > after, oldest first. */
int journal_of(struct vault *v, struct id subject, enum entry_class list, int64_t after, int limit,
	       journal_reader *on_entry, void *context);

/* For auditors: what is not a position, newest first, numbers from `from` up to `before` excluded.
 */
struct journal_filter {
	struct id subject;    /* ID_NONE: whatever it is about */
	struct id person;     /* instead: the official, and what is theirs; ID_NONE */
	struct id account;    /* ID_NONE: whoever did it */
	enum entry_kind kind; /* ENTRY_NONE: whatever was done */
	int64_t before, from;
};
int journal_lines(struct vault *v, const struct journal_filter *filter, int limit,
		  journal_reader *on_entry, void *context);
/* For the official: lines of the audit about their file, and about their alerts that are over,
 * newest first. */
int journal_of_official(struct vault *v, struct id official, int64_t before, int limit,
			journal_reader *on_entry, void *context);
/* The first entry that is not older than at_ms, found by halves; one more than the last when all
 * are. Entries are in the order of time except where the clock was set back between them. */
int journal_number_at(struct vault *v, int64_t at_ms, int64_t *ret_number);

struct stretch {
	int64_t from_ms, to_ms; /* after the one, not after the other */
};
/* Whether the last line of that kind follows one of that time and younger than itself: then it is
 * no older than that, whatever it says; the clock was set back. Looked for at 1, 2, 4… lines
 * before. */
int journal_is_younger(struct vault *v, struct id subject, enum entry_kind kind,
		       const struct stretch *ages, bool *ret_younger);

/* How many things the account did that to, about one subject, since the last line of kind `since`
 * about the account. */
struct journal_targets {
	struct id subject, account;
	enum entry_kind kind, since;
	struct id but; /* this one is not counted */
};
int journal_count_targets(struct vault *v, const struct journal_targets *wanted,
			  int64_t *ret_count);

/* An entry with all that its leaf is made of: leaf_of an entry and H(salt ‖ body). */
struct journal_line {
	const struct entry *entry;
	struct str salt; /* STR_NONE: what it said was purged */
	struct hash body_hash, leaf;
};
typedef int journal_line_reader(void *context, const struct journal_line *line);
/* journal_lines, with what each leaf is made of. */
int journal_selected(struct vault *v, const struct journal_filter *filter, int limit,
		     journal_line_reader *on_line, void *context);

/* Every entry about subject up to number `last`, whatever its list, in order, at most `limit`.
 * Stops as journal_after does. */
int journal_about(struct vault *v, struct id subject, int64_t last, int limit,
		  journal_line_reader *on_line, void *context);
/* The leaf of an entry with that H(salt ‖ body). */
struct hash journal_leaf(const struct entry *entry, const struct hash *body_hash);

/*
 * The paths of `count` rising numbers to the root of the first `size` entries (tree_prove_many,
 * whose index is the number less one). Reads some hundred hashes a path, by the kept nodes; every
 * leaf when one of those is wrong. -EBADMSG: the leaves do not lead to that root.
 */
struct journal_proof {
	const uint64_t *indexes;
	size_t count;
	uint64_t size;
	const struct hash *root;
	struct hash *paths; /* written */
	uint8_t *lens;      /* written */
};
int journal_prove(struct vault *v, const struct journal_proof *proof);

/*
 * Recomputes every hash from the first entry: bodies against body_hash, leaves, the kept nodes, and
 * the root against the head. What an entry said is gone only where a purge is known. 0; -EBADMSG
 * with the first wrong number in *ret_number; -EILSEQ with that of the entry which completes a kept
 * node that is wrong or missing. progress may be NULL.
 */
int journal_verify(struct vault *v, void (*progress)(int64_t done, int64_t total),
		   int64_t *ret_number);

/*
 * The end of a dossier whose rows are gone. Deletes body and salt of the entries about it that its
 * own key seals, then the key; the tree still verifies. Bodies about something else that this key
 * seals end with it.
 */
int journal_forget(struct vault *v, struct id dossier);

/* After a restore: a new epoch, so that no cursor from before is believed. In a transaction. */
int journal_new_epoch(struct vault *v, int64_t now_ms);

#endif
