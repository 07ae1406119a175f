/*
 * The hash tree of the journal: RFC 6962 §2.1 (RFC 9162 §2.1), SHA-256.
 * leaf = H(0x00 ‖ data), node = H(0x01 ‖ left ‖ right), empty tree = H("").
 * The frontier is all that is needed to append and to know the root.
 */
#ifndef CRYPTO_TREE_H
#define CRYPTO_TREE_H

#include "base/str.h"

enum { HASH_SIZE = 32, TREE_MAX_LEVELS = 63 };

struct hash {
	uint8_t bytes[HASH_SIZE];
};

/* The roots of the complete subtrees, largest first: one for each set bit of size. */
struct frontier {
	uint64_t size;
	struct hash nodes[TREE_MAX_LEVELS];
};

struct hash hash_bytes(struct str bytes);
struct hash hash_two(struct str a, struct str b); /* SHA-256 of a ‖ b */
struct hash tree_leaf(struct str data);
struct hash tree_node(const struct hash *left, const struct hash *right);
bool hash_eq(const struct hash *a, const struct hash *b);

void frontier_init(struct frontier *f);
void frontier_append(struct frontier *f, const struct hash *leaf);
struct hash frontier_root(const struct frontier *f);
/* Flat form for storage: size (8, big endian) ‖ nodes. Returns bytes written. */
enum { FRONTIER_FLAT_MAX = 8 + TREE_MAX_LEVELS * HASH_SIZE };
size_t frontier_encode(const struct frontier *f, uint8_t out[FRONTIER_FLAT_MAX]);
int frontier_decode(struct str flat, struct frontier *ret_frontier); /* -EBADMSG */

/*
 * What a proof is made from. Beside the leaves the roots of complete subtrees of 256, 65,536,
 * 16,777,216… of them may be kept: 255 times fewer, and a proof then reads at most some 255 hashes
 * a level, twice, instead of every leaf.
 */
enum { TREE_KEPT_BITS = 8, TREE_KEPT_LEVELS = TREE_MAX_LEVELS / TREE_KEPT_BITS };
struct tree_nodes {
	/*
	 * Node `index` of a level: the root of the 256^level leaves from index × 256^level on;
	 * level 0 is the leaves. 0 or -errno. No node is asked for twice.
	 */
	int (*read)(void *context, unsigned level, uint64_t index, struct hash *ret_node);
	void *context;
	unsigned levels; /* that are kept: 0 for the leaves alone */
};

/* frontier_append, that gives the nodes to keep: ret_kept[i] is the one of level i + 1 that the
 * leaf completes. Returns how many there are. */
unsigned frontier_append_keeping(struct frontier *f, const struct hash *leaf,
				 struct hash ret_kept[TREE_KEPT_LEVELS]);

/*
 * Proofs, at most TREE_MAX_LEVELS hashes (inclusion) or TREE_MAX_LEVELS + 1 (consistency). Returns
 * the count, -EINVAL for sizes that make no sense, or the reader's error. Inclusion asks for the
 * nodes nearest the root first.
 */
int tree_prove_inclusion(const struct tree_nodes *nodes, uint64_t index, uint64_t size,
			 struct hash *ret_path);
/*
 * The same for many leaves in one reading, in order: indexes rise. Path i begins at
 * ret_paths[i * tree_levels(size)], which is the longest there is, and has ret_lens[i] hashes;
 * *ret_root is the root that they lead to. 0, -EINVAL or the reader's error.
 */
unsigned tree_levels(uint64_t size);
int tree_prove_many(const struct tree_nodes *nodes, const uint64_t *indexes, size_t count,
		    uint64_t size, struct hash *ret_paths, uint8_t *ret_lens,
		    struct hash *ret_root);
int tree_prove_consistency(const struct tree_nodes *nodes, uint64_t old_size, uint64_t new_size,
			   struct hash *ret_path);
/*
 * RFC 9162 §2.1.3.2 and §2.1.4.2. 0, or -EBADMSG when the proof does not hold. Any tree extends the
 * empty one, so a proof from size 0 says nothing and is neither made nor accepted.
 */
int tree_verify_inclusion(const struct hash *leaf, uint64_t index, uint64_t size,
			  const struct hash *path, size_t path_len, const struct hash *root);
int tree_verify_consistency(uint64_t old_size, uint64_t new_size, const struct hash *path,
			    size_t path_len, const struct hash *old_root,
			    const struct hash *new_root);

#endif
