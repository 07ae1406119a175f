/*
 * The kept nodes of the journal's tree (crypto/tree.h): roots of complete subtrees of 256, 65,536,
 * 16,777,216… entries, written with the entry that completes them. They only save reading: all of
 * them can be made again from the leaves.
 */
#ifndef STORE_JOURNAL_NODES_H
#define STORE_JOURNAL_NODES_H

#include "crypto/tree.h"
#include "store/db.h"

enum { JOURNAL_NODES_SINCE = 31 }; /* the migration that makes their table */
/* Whether the database has it: a copy of an older one is verified before it is migrated. */
int journal_nodes_kept(struct db *db, bool *ret_kept);

/* Those that the entry number `size` completes, as frontier_append_keeping gives them. In its
 * transaction. */
int journal_nodes_keep(struct db *db, uint64_t size, const struct hash *nodes, unsigned count);
/* Whether they are what is stored: 0, -EILSEQ, -errno. */
int journal_nodes_check(struct db *db, uint64_t size, const struct hash *nodes, unsigned count);
/* Makes those of a journal from before they were kept; slices of leaves are all it has in memory.
 * In a transaction. */
int journal_nodes_build(struct db *db);

/* For struct tree_nodes: leaves and nodes, read a block of 256 at a time. */
struct journal_nodes;
struct journal_nodes *journal_nodes_open(struct db *db);
void journal_nodes_close(struct journal_nodes *nodes);
int journal_nodes_read(void *nodes, unsigned level, uint64_t index, struct hash *ret_node);

/* A column that holds a hash, or -EBADMSG. */
int journal_hash(struct str bytes, struct hash *ret_hash);

#endif
