/* The hash tree of the journal: see tree.h. */
#include "crypto/tree.h"

#include <assert.h>
#include <errno.h>

/*
 * The streaming functions are marked deprecated in OpenSSL 3 in favour of EVP. They are kept here
 * because they allocate nothing, cannot fail, and take a third of the time on our small inputs.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include "base/cursor.h"
#include "crypto/random.h"

static const struct str leaf_prefix = {"\x00", 1};
static const struct str node_prefix = {"\x01", 1};

static struct hash hash_parts(const struct str *parts, size_t count)
{
	struct hash out;
	SHA256_CTX sha;

	SHA256_Init(&sha);
	for (size_t i = 0; i < count; i++)
		SHA256_Update(&sha, parts[i].ptr, parts[i].len);
	SHA256_Final(out.bytes, &sha);
	return out;
}

struct hash hash_bytes(struct str bytes)
{
	return hash_parts(&bytes, 1);
}

struct hash hash_two(struct str a, struct str b)
{
	return hash_parts((struct str[]){a, b}, 2);
}

struct hash tree_leaf(struct str data)
{
	return hash_parts((struct str[]){leaf_prefix, data}, 2);
}

struct hash tree_node(const struct hash *left, const struct hash *right)
{
	return hash_parts((struct str[]){node_prefix, str_of(left->bytes, HASH_SIZE),
					 str_of(right->bytes, HASH_SIZE)},
			  3);
}

bool hash_eq(const struct hash *a, const struct hash *b)
{
	return bytes_equal_constant_time(a->bytes, b->bytes, HASH_SIZE);
}

static unsigned count_bits(uint64_t size)
{
	return (unsigned)__builtin_popcountll(size);
}

void frontier_init(struct frontier *f)
{
	*f = (struct frontier){.size = 0};
}

/* A complete subtree of 2^bits leaves, at a size that is a multiple of that. Returns the bits of
 * the largest one that it completes. */
static unsigned append(struct frontier *f, unsigned bits, struct hash node, struct hash *ret_kept)
{
	unsigned count = count_bits(f->size), reached = bits;

	assert(f->size < UINT64_C(1) << TREE_MAX_LEVELS);
	assert(!(f->size & ((UINT64_C(1) << bits) - 1)));
	/* Each trailing one bit of the size is a complete subtree that the new leaf closes. */
	for (uint64_t rest = f->size >> bits; rest & 1; rest >>= 1) {
		node = tree_node(&f->nodes[--count], &node);
		if (++reached % TREE_KEPT_BITS == 0 && ret_kept)
			ret_kept[reached / TREE_KEPT_BITS - 1] = node;
	}
	f->nodes[count] = node;
	f->size += UINT64_C(1) << bits;
	return reached;
}

void frontier_append(struct frontier *f, const struct hash *leaf)
{
	append(f, 0, *leaf, NULL);
}

unsigned frontier_append_keeping(struct frontier *f, const struct hash *leaf,
				 struct hash ret_kept[TREE_KEPT_LEVELS])
{
	return append(f, 0, *leaf, ret_kept) / TREE_KEPT_BITS;
}

struct hash frontier_root(const struct frontier *f)
{
	unsigned count = count_bits(f->size);
	struct hash root;

	if (!count)
		return hash_bytes(STR_NONE);
	root = f->nodes[--count];
	while (count)
		root = tree_node(&f->nodes[--count], &root);
	return root;
}

size_t frontier_encode(const struct frontier *f, uint8_t out[FRONTIER_FLAT_MAX])
{
	size_t nodes_bytes = (size_t)count_bits(f->size) * HASH_SIZE;

	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(f->size >> (56 - 8 * i));
	memcpy(out + 8, f->nodes, nodes_bytes);
	return 8 + nodes_bytes;
}

int frontier_decode(struct str flat, struct frontier *ret_frontier)
{
	struct cursor c = cursor_of(flat);
	uint64_t size = cursor_u64(&c);
	struct str nodes = cursor_take(&c, (size_t)count_bits(size) * HASH_SIZE);

	if (!cursor_ok(&c) || cursor_left(&c) || size >> TREE_MAX_LEVELS)
		return -EBADMSG;
	frontier_init(ret_frontier);
	ret_frontier->size = size;
	if (nodes.len)
		memcpy(ret_frontier->nodes, nodes.ptr, nodes.len);
	return 0;
}

/* What a proof is made from, and the first error of its reader. */
struct source {
	const struct tree_nodes *nodes;
	int error;
};

static uint64_t width_of(unsigned level)
{
	return UINT64_C(1) << level * TREE_KEPT_BITS;
}

/* The largest kept node that begins at this leaf and has no more leaves than these. */
static unsigned level_at(const struct source *s, uint64_t from, uint64_t count)
{
	unsigned level = 0;

	while (level < s->nodes->levels && width_of(level + 1) <= count &&
	       !(from & (width_of(level + 1) - 1)))
		level++;
	return level;
}

static struct hash subtree_root(struct source *s, uint64_t from, uint64_t count)
{
	struct frontier f;
	struct hash node;

	frontier_init(&f);
	for (unsigned level; f.size < count && !s->error;) {
		level = level_at(s, from + f.size, count - f.size);
		s->error = s->nodes->read(s->nodes->context, level,
					  (from + f.size) / width_of(level), &node);
		if (!s->error)
			append(&f, level * TREE_KEPT_BITS, node, NULL);
	}
	return frontier_root(&f);
}

/* The largest power of two smaller than size, size > 1: where RFC 6962 divides a tree. */
static uint64_t split_point(uint64_t size)
{
	return UINT64_C(1) << (63 - __builtin_clzll(size - 1));
}

/* The descent finds the hashes nearest the root first; a proof lists them last. */
static int finish_proof(const struct source *s, struct hash *path, int count)
{
	if (s->error)
		return s->error;
	for (int i = 0, j = count - 1; i < j; i++, j--) {
		struct hash swap = path[i];

		path[i] = path[j];
		path[j] = swap;
	}
	return count;
}

int tree_prove_inclusion(const struct tree_nodes *nodes, uint64_t index, uint64_t size,
			 struct hash *ret_path)
{
	struct source s = {nodes, 0};
	uint64_t from = 0;
	int count = 0;

	if (index >= size || size >> TREE_MAX_LEVELS)
		return -EINVAL;
	while (size > 1 && !s.error) {
		uint64_t half = split_point(size);

		if (index - from < half) {
			ret_path[count++] = subtree_root(&s, from + half, size - half);
			size = half;
		} else {
			ret_path[count++] = subtree_root(&s, from, half);
			from += half;
			size -= half;
		}
	}
	return finish_proof(&s, ret_path, count);
}

unsigned tree_levels(uint64_t size)
{
	return size < 2 ? 1 : 64 - (unsigned)__builtin_clzll(size - 1);
}

/* Some of the indexes, and where their paths are. */
struct wanted {
	const uint64_t *indexes;
	size_t count;
	struct hash *paths;
	uint8_t *lens;
	unsigned levels;
};

static struct wanted wanted_part(const struct wanted *w, size_t from, size_t to)
{
	return (struct wanted){w->indexes + from, to - from, w->paths + from * w->levels,
			       w->lens + from, w->levels};
}

static void add_to_paths(const struct wanted *w, const struct hash *sibling)
{
	for (size_t i = 0; i < w->count; i++)
		w->paths[i * w->levels + w->lens[i]++] = *sibling;
}

/* The root of [from, from + size); what is wanted of it gets its path up to there. As deep as the
 * tree is high. */
static struct hash prove_part(struct source *s, const struct wanted *w, uint64_t from,
			      uint64_t size)
{
	uint64_t half;
	struct wanted left, right;
	struct hash left_root, right_root;
	size_t middle = 0;

	if (!w->count || size == 1 || s->error)
		return subtree_root(s, from, size);
	half = split_point(size);
	while (middle < w->count && w->indexes[middle] - from < half)
		middle++;
	left = wanted_part(w, 0, middle);
	right = wanted_part(w, middle, w->count);
	left_root = prove_part(s, &left, from, half);
	right_root = prove_part(s, &right, from + half, size - half);
	add_to_paths(&left, &right_root);
	add_to_paths(&right, &left_root);
	return tree_node(&left_root, &right_root);
}

int tree_prove_many(const struct tree_nodes *nodes, const uint64_t *indexes, size_t count,
		    uint64_t size, struct hash *ret_paths, uint8_t *ret_lens, struct hash *ret_root)
{
	struct wanted all = {indexes, count, ret_paths, ret_lens, tree_levels(size)};
	struct source s = {nodes, 0};

	if (!size || size >> TREE_MAX_LEVELS)
		return -EINVAL;
	for (size_t i = 0; i < count; i++) {
		if (indexes[i] >= size || (i && indexes[i] <= indexes[i - 1]))
			return -EINVAL;
		ret_lens[i] = 0;
	}
	*ret_root = prove_part(&s, &all, 0, size);
	return s.error;
}

int tree_prove_consistency(const struct tree_nodes *nodes, uint64_t old_size, uint64_t new_size,
			   struct hash *ret_path)
{
	struct source s = {nodes, 0};
	uint64_t from = 0, size = new_size, left = old_size;
	int count = 0;

	if (!old_size || old_size > new_size || new_size >> TREE_MAX_LEVELS)
		return -EINVAL;
	/* left: how much of the old tree lies in the part [from, from + size) we are in. */
	while (left != size && !s.error) {
		uint64_t half = split_point(size);

		if (left <= half) {
			ret_path[count++] = subtree_root(&s, from + half, size - half);
			size = half;
		} else {
			ret_path[count++] = subtree_root(&s, from, half);
			from += half;
			size -= half;
			left -= half;
		}
	}
	/* The verifier knows the old root, so that part is left out when it is the whole old tree.
	 */
	if (from)
		ret_path[count++] = subtree_root(&s, from, size);
	return finish_proof(&s, ret_path, count);
}

int tree_verify_inclusion(const struct hash *leaf, uint64_t index, uint64_t size,
			  const struct hash *path, size_t path_len, const struct hash *root)
{
	uint64_t fn = index, sn = size - 1; /* RFC 9162 §2.1.3.2, its letters */
	struct hash r = *leaf;

	if (index >= size)
		return -EBADMSG;
	for (size_t i = 0; i < path_len; i++) {
		if (sn == 0)
			return -EBADMSG;
		if ((fn & 1) || fn == sn) {
			r = tree_node(&path[i], &r);
			while (!(fn & 1) && fn) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			r = tree_node(&r, &path[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_eq(&r, root) ? 0 : -EBADMSG;
}

/* RFC 9162 §2.1.4.2 for 0 < old_size < new_size, its letters. */
static int verify_growth(uint64_t old_size, uint64_t new_size, const struct hash *path,
			 size_t path_len, const struct hash *old_root, const struct hash *new_root)
{
	bool old_is_complete = (old_size & (old_size - 1)) == 0;
	const struct hash *end = path + path_len;
	uint64_t fn = old_size - 1, sn = new_size - 1;
	struct hash fr, sr;

	if (!path_len)
		return -EBADMSG;
	fr = sr = old_is_complete ? *old_root : *path++;
	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	for (; path < end; path++) {
		if (sn == 0)
			return -EBADMSG;
		if ((fn & 1) || fn == sn) {
			fr = tree_node(path, &fr);
			sr = tree_node(path, &sr);
			while (!(fn & 1) && fn) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			sr = tree_node(&sr, path);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_eq(&fr, old_root) && hash_eq(&sr, new_root) ? 0 : -EBADMSG;
}

int tree_verify_consistency(uint64_t old_size, uint64_t new_size, const struct hash *path,
			    size_t path_len, const struct hash *old_root,
			    const struct hash *new_root)
{
	if (!old_size || old_size > new_size)
		return -EBADMSG;
	if (old_size == new_size)
		return !path_len && hash_eq(old_root, new_root) ? 0 : -EBADMSG;
	return verify_growth(old_size, new_size, path, path_len, old_root, new_root);
}
