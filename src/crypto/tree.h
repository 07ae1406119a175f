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

/* Reads leaf hash `index` of the tree being proven: 0 or -errno. */
typedef int tree_reader(void *context, uint64_t index, struct hash *ret_leaf);

/*
 * Proofs, at most TREE_MAX_LEVELS hashes (inclusion) or TREE_MAX_LEVELS + 1 (consistency). Returns
 * the count, -EINVAL for sizes that make no sense, or the reader's error. Every leaf is read once:
 * a proof costs `size` reads and hashes, whatever its length.
 */
int tree_prove_inclusion(tree_reader *read, void *context, uint64_t index, uint64_t size,
			 struct hash *ret_path);
/*
 * The same for many leaves in one reading: indexes rise. Path i begins at
 * ret_paths[i * tree_levels(size)], which is the longest there is, and has ret_lens[i] hashes. 0,
 * -EINVAL or the reader's error.
 */
unsigned tree_levels(uint64_t size);
int tree_prove_many(tree_reader *read, void *context, const uint64_t *indexes, size_t count,
		    uint64_t size, struct hash *ret_paths, uint8_t *ret_lens);
int tree_prove_consistency(tree_reader *read, void *context, uint64_t old_size, uint64_t new_size,
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
