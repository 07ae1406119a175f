/* The kept nodes of the journal's tree: see journal_nodes.h. */
#include "store/journal_nodes.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/log.h"

/* One that is there already lies beyond the journal's end: no call for help waits for it. */
SQL(node_insert, "INSERT INTO journal_node (level, position, hash) VALUES ($1, $2, $3)"
		 " ON CONFLICT (level, position) DO UPDATE SET hash = excluded.hash");
SQL(node_select, "SELECT hash FROM journal_node WHERE level = $1 AND position = $2");
SQL(nodes_from, "SELECT position, hash FROM journal_node WHERE level = $1 AND position >= $2"
		" ORDER BY position LIMIT $3");
SQL(nodes_last, "SELECT MAX(position) FROM journal_node WHERE level = 1");
SQL(nodes_delete, "DELETE FROM journal_node");
SQL(leaves_after, "SELECT number, leaf FROM journal WHERE number > $1 ORDER BY number LIMIT $2");
SQL(entries_last, "SELECT MAX(number) FROM journal");

enum { WIDTH = 1 << TREE_KEPT_BITS, SLICE = 16 * WIDTH };

int journal_hash(struct str bytes, struct hash *ret_hash)
{
	if (bytes.len != HASH_SIZE)
		return -EBADMSG;
	memcpy(ret_hash->bytes, bytes.ptr, HASH_SIZE);
	return 0;
}

int journal_nodes_kept(struct db *db, bool *ret_kept)
{
	int64_t version;
	int r = db_schema_version(db, &version);

	if (!r)
		*ret_kept = version >= JOURNAL_NODES_SINCE;
	return r;
}

/* Of the node that ends where the tree has that size; level from 1. */
static int64_t position_of(uint64_t size, unsigned level)
{
	return (int64_t)(size >> level * TREE_KEPT_BITS) - 1;
}

int journal_nodes_keep(struct db *db, uint64_t size, const struct hash *nodes, unsigned count)
{
	int r = 0;

	for (unsigned level = 1; !r && level <= count; level++) {
		struct query *q = db_query(db, &node_insert);

		bind_i64(q, 1, level);
		bind_i64(q, 2, position_of(size, level));
		bind_blob(q, 3, str_of(nodes[level - 1].bytes, HASH_SIZE));
		r = db_done_after(q);
	}
	return r;
}

int journal_nodes_check(struct db *db, uint64_t size, const struct hash *nodes, unsigned count)
{
	int r = 0;

	for (unsigned level = 1; !r && level <= count; level++) {
		struct query *q = db_query(db, &node_select);
		struct hash stored;

		bind_i64(q, 1, level);
		bind_i64(q, 2, position_of(size, level));
		r = query_step(q);
		if (r >= 0)
			r = r && !journal_hash(column_blob(q, 0), &stored) &&
					    hash_eq(&stored, &nodes[level - 1])
				    ? 0
				    : -EILSEQ;
		db_done(q);
	}
	return r;
}

/* --- of a journal that has none */

/* Rows of one slice; *ret_rows: how many there were. */
static int keep_slice(struct db *db, struct frontier *tree, int *ret_rows)
{
	struct query *q = db_query(db, &leaves_after);
	struct hash leaf, kept[TREE_KEPT_LEVELS];
	int r;

	*ret_rows = 0;
	bind_i64(q, 1, (int64_t)tree->size);
	bind_i64(q, 2, SLICE);
	while ((r = query_step(q)) == 1) {
		unsigned count = 0;

		++*ret_rows;
		r = column_i64(q, 0) == (int64_t)tree->size + 1
			    ? journal_hash(column_blob(q, 1), &leaf)
			    : -EBADMSG;
		if (!r)
			count = frontier_append_keeping(tree, &leaf, kept);
		if (!r)
			r = journal_nodes_keep(db, tree->size, kept, count);
		if (r)
			break;
	}
	db_done(q);
	return r;
}

static int build(struct db *db)
{
	struct frontier tree;
	int r = db_done_after(db_query(db, &nodes_delete)), rows = SLICE;

	frontier_init(&tree);
	while (!r && rows == SLICE)
		r = keep_slice(db, &tree, &rows);
	/* A journal that is altered is verify's to name: no server stays down for it. */
	if (r == -EBADMSG) {
		log_error("journal.nodes", "wrong_after=%llu", (unsigned long long)tree.size);
		return 0;
	}
	if (!r)
		log_info("journal.nodes", "built_of=%llu", (unsigned long long)tree.size);
	return r;
}

int journal_nodes_build(struct db *db)
{
	int64_t last, entries = 0;
	int r = db_number_after(db_query(db, &nodes_last), -1, &last);

	if (!r)
		r = db_number_after(db_query(db, &entries_last), 0, &entries);
	return r || entries / WIDTH <= last + 1 ? r : build(db);
}

/* --- reading */

struct block {
	uint64_t first;
	unsigned count; /* 0: nothing was read yet */
	struct hash nodes[WIDTH];
};

struct journal_nodes {
	struct db *db;
	struct block blocks[1 + TREE_KEPT_LEVELS];
};

struct journal_nodes *journal_nodes_open(struct db *db)
{
	struct journal_nodes *n = xcalloc(1, sizeof(*n));

	n->db = db;
	return n;
}

void journal_nodes_close(struct journal_nodes *n)
{
	free(n);
}

/* Leaves are named by their numbers, which begin with 1. */
static int read_block(struct journal_nodes *n, unsigned level, uint64_t first)
{
	struct query *q = db_query(n->db, level ? &nodes_from : &leaves_after);
	struct block *block = &n->blocks[level];
	int at = 1, r;

	*block = (struct block){.first = first};
	if (level)
		bind_i64(q, at++, level);
	bind_i64(q, at++, (int64_t)first);
	bind_i64(q, at, WIDTH);
	while ((r = query_step(q)) == 1) {
		/* A hole: what follows it is not here. */
		if (column_i64(q, 0) != (int64_t)first + block->count + !level)
			break;
		r = journal_hash(column_blob(q, 1), &block->nodes[block->count]);
		if (r)
			break;
		block->count++;
	}
	db_done(q);
	return r < 0 ? r : 0;
}

int journal_nodes_read(void *nodes, unsigned level, uint64_t index, struct hash *ret_node)
{
	struct journal_nodes *n = nodes;
	struct block *block = &n->blocks[level];
	uint64_t first = index & ~(uint64_t)(WIDTH - 1);
	int r = block->count && block->first == first ? 0 : read_block(n, level, first);

	if (r)
		return r;
	if (index - first >= block->count)
		return -EBADMSG;
	*ret_node = block->nodes[index - first];
	return 0;
}
