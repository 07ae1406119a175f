/*
 * crypto/tree.h against the vectors of transparency-dev/merkle (tests/vectors/merkle.txt; those
 * about subtrees belong to a draft we do not implement) and against a naive tree written from the
 * recursive definition of RFC 6962 §2.1.
 */
#include "test.h"

#include <errno.h>

#include "base/alloc.h"
#include "crypto/random.h"
#include "crypto/tree.h"

enum { NAIVE_MAX = 300, PROOF_SIZES = 130, PATH_MAX_HASHES = TREE_MAX_LEVELS + 1 };

static struct hash leaves[NAIVE_MAX];

static int make_leaves(void **state)
{
	crypto_init();
	for (int i = 0; i < NAIVE_MAX; i++) {
		uint8_t data[2] = {(uint8_t)(i >> 8), (uint8_t)i};

		leaves[i] = tree_leaf(str_of(data, sizeof(data)));
	}
	return 0;
}

static int read_leaf(void *context, unsigned level, uint64_t index, struct hash *ret_leaf)
{
	assert_int_equal(level, 0);
	*ret_leaf = leaves[index];
	return 0;
}

static const struct tree_nodes by_leaves = {read_leaf, NULL, 0};

static struct hash naive_root(uint64_t from, uint64_t to)
{
	uint64_t half = 1;
	struct hash left, right;

	if (from == to)
		return hash_bytes(STR_NONE);
	if (to - from == 1)
		return leaves[from];
	while (half * 2 < to - from)
		half *= 2;
	left = naive_root(from, from + half);
	right = naive_root(from + half, to);
	return tree_node(&left, &right);
}

static void assert_hash(struct hash actual, const char *hex)
{
	char text[2 * HASH_SIZE + 1];

	hex_encode(actual.bytes, HASH_SIZE, text);
	assert_string_equal(text, hex);
}

static void test_hashes_are_those_of_rfc_6962(void **state)
{
	struct frontier f;
	struct hash leaf = tree_leaf(STR_NONE);

	frontier_init(&f);
	assert_hash(frontier_root(&f),
		    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_hash(leaf, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	assert_hash(hash_two(STR("ab"), STR("c")),
		    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_hash(hash_bytes(STR("abc")),
		    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_appending_gives_the_root_of_the_naive_tree(void **state)
{
	struct frontier f;

	frontier_init(&f);
	for (uint64_t size = 0; size <= NAIVE_MAX; size++) {
		struct hash root = frontier_root(&f), naive = naive_root(0, size);

		assert_int_equal(f.size, size);
		assert_true(hash_eq(&root, &naive));
		if (size < NAIVE_MAX)
			frontier_append(&f, &leaves[size]);
	}
}

static void test_a_stored_frontier_goes_on_where_it_was(void **state)
{
	uint8_t flat[FRONTIER_FLAT_MAX];
	struct frontier f;

	frontier_init(&f);
	for (uint64_t size = 0; size < NAIVE_MAX; size++) {
		size_t len = frontier_encode(&f, flat);
		struct frontier again;
		struct hash root, naive = naive_root(0, size);

		assert_int_equal(frontier_decode(str_of(flat, len), &again), 0);
		root = frontier_root(&again);
		assert_true(hash_eq(&root, &naive));
		assert_int_equal(frontier_decode(str_of(flat, len - 1), &again), -EBADMSG);
		frontier_append(&f, &leaves[size]);
	}
}

static void test_a_malformed_frontier_is_refused(void **state)
{
	uint8_t flat[FRONTIER_FLAT_MAX + 32] = {0};
	struct frontier f;

	assert_int_equal(frontier_decode(STR_NONE, &f), -EBADMSG);
	assert_int_equal(frontier_decode(str_of(flat, 9), &f), -EBADMSG);
	flat[7] = 3;
	assert_int_equal(frontier_decode(str_of(flat, 8 + 32), &f), -EBADMSG);
	assert_int_equal(frontier_decode(str_of(flat, 8 + 64), &f), 0);
	assert_int_equal(frontier_decode(str_of(flat, 8 + 65), &f), -EBADMSG);
	memset(flat, 0xFF, 8); /* more than 2^63 - 1 leaves */
	assert_int_equal(frontier_decode(str_of(flat, 8 + 64 * 32), &f), -EBADMSG);
}

/* Sizes around what a proof divides: small ones all, then what is near a power of two. */
static void test_made_inclusion_proofs_hold_and_every_flipped_bit_fails(void **state)
{
	struct hash path[PATH_MAX_HASHES];

	for (uint64_t size = 1; size <= PROOF_SIZES; size++) {
		struct hash root = naive_root(0, size);

		for (uint64_t index = 0; index < size; index++) {
			int len = tree_prove_inclusion(&by_leaves, index, size, path);
			size_t bits = (size_t)len * HASH_SIZE * 8;

			assert_true(len >= 0 && len <= 8);
			assert_int_equal(tree_verify_inclusion(&leaves[index], index, size, path,
							       (size_t)len, &root),
					 0);
			for (size_t bit = (size_t)(size % 3); bit < bits;
			     bit += size < 20 ? 1 : 61) {
				path[bit / 256].bytes[bit % 256 / 8] ^= (uint8_t)(1u << bit % 8);
				assert_int_equal(tree_verify_inclusion(&leaves[index], index, size,
								       path, (size_t)len, &root),
						 -EBADMSG);
				path[bit / 256].bytes[bit % 256 / 8] ^= (uint8_t)(1u << bit % 8);
			}
		}
	}
}

static void test_made_consistency_proofs_hold_and_every_flipped_bit_fails(void **state)
{
	struct hash path[PATH_MAX_HASHES];

	for (uint64_t size = 1; size <= PROOF_SIZES; size++) {
		struct hash new_root = naive_root(0, size);

		for (uint64_t old = 1; old <= size; old++) {
			struct hash old_root = naive_root(0, old);
			int len = tree_prove_consistency(&by_leaves, old, size, path);
			size_t bits = (size_t)len * HASH_SIZE * 8;

			assert_true(len >= 0 && len <= 9);
			assert_int_equal(tree_verify_consistency(old, size, path, (size_t)len,
								 &old_root, &new_root),
					 0);
			for (size_t bit = (size_t)(size % 3); bit < bits;
			     bit += size < 20 ? 1 : 61) {
				path[bit / 256].bytes[bit % 256 / 8] ^= (uint8_t)(1u << bit % 8);
				assert_int_equal(tree_verify_consistency(old, size, path,
									 (size_t)len, &old_root,
									 &new_root),
						 -EBADMSG);
				path[bit / 256].bytes[bit % 256 / 8] ^= (uint8_t)(1u << bit % 8);
			}
		}
	}
}

static void test_a_proof_of_another_leaf_size_or_length_fails(void **state)
{
	struct hash path[PATH_MAX_HASHES] = {0}, root = naive_root(0, 21),
		    old_root = naive_root(0, 13);
	int len = tree_prove_inclusion(&by_leaves, 5, 21, path);

	assert_int_equal(tree_verify_inclusion(&leaves[5], 6, 21, path, (size_t)len, &root),
			 -EBADMSG);
	assert_int_equal(tree_verify_inclusion(&leaves[6], 5, 21, path, (size_t)len, &root),
			 -EBADMSG);
	assert_int_equal(tree_verify_inclusion(&leaves[5], 5, 40, path, (size_t)len, &root),
			 -EBADMSG);
	assert_int_equal(tree_verify_inclusion(&leaves[5], 5, 21, path, (size_t)len - 1, &root),
			 -EBADMSG);
	assert_int_equal(tree_verify_inclusion(&leaves[5], 5, 21, path, (size_t)len + 1, &root),
			 -EBADMSG);
	assert_int_equal(tree_verify_inclusion(&leaves[5], 5, 0, path, (size_t)len, &root),
			 -EBADMSG);
	len = tree_prove_consistency(&by_leaves, 13, 21, path);
	assert_int_equal(tree_verify_consistency(12, 21, path, (size_t)len, &old_root, &root),
			 -EBADMSG);
	assert_int_equal(tree_verify_consistency(13, 40, path, (size_t)len, &old_root, &root),
			 -EBADMSG);
	assert_int_equal(tree_verify_consistency(21, 13, path, (size_t)len, &root, &old_root),
			 -EBADMSG);
}

static int read_until_seven(void *context, unsigned level, uint64_t index, struct hash *ret_leaf)
{
	*ret_leaf = leaves[index];
	return index == 7 ? -EIO : 0;
}

static const struct tree_nodes until_seven = {read_until_seven, NULL, 0};

static void test_what_cannot_be_proven_is_refused(void **state)
{
	struct hash path[PATH_MAX_HASHES];

	assert_int_equal(tree_prove_inclusion(&by_leaves, 5, 5, path), -EINVAL);
	assert_int_equal(tree_prove_inclusion(&by_leaves, 0, 0, path), -EINVAL);
	assert_int_equal(tree_prove_consistency(&by_leaves, 6, 5, path), -EINVAL);
	assert_int_equal(tree_prove_consistency(&by_leaves, 0, 5, path), -EINVAL);
	assert_int_equal(tree_prove_inclusion(&until_seven, 3, 12, path), -EIO);
	assert_int_equal(tree_prove_consistency(&until_seven, 3, 12, path), -EIO);
}

/* Deep trees, without their leaves: a proof of a tree whose left half is one complete subtree. */
static void test_the_largest_tree_still_verifies(void **state)
{
	uint64_t size = (UINT64_C(1) << (TREE_MAX_LEVELS - 1)) + 1;
	struct frontier f = {.size = size - 1, .nodes = {leaves[0]}};
	struct hash root;

	frontier_append(&f, &leaves[1]);
	root = frontier_root(&f);
	assert_int_equal(tree_verify_inclusion(&leaves[1], size - 1, size, &leaves[0], 1, &root),
			 0);
	assert_int_equal(tree_verify_consistency(size - 1, size, &leaves[1], 1, &leaves[0], &root),
			 0);
	assert_int_equal(tree_verify_consistency(size - 1, size, &leaves[2], 1, &leaves[0], &root),
			 -EBADMSG);
}

/* ---- vectors ---- */

struct vector {
	struct str kind, name;
	bool holds;
	bool representable; /* every hash has a hash's length */
	uint64_t numbers[2];
	struct hash hashes[2];
	struct hash path[PATH_MAX_HASHES];
	size_t path_len;
};

static uint64_t parse_u64(struct str text)
{
	uint64_t value = 0;

	/* One vector has 2^64 - 1, which the strict parser of signed numbers refuses. */
	for (size_t i = 0; i < text.len; i++)
		value = value * 10 + (uint64_t)(text.ptr[i] - '0');
	return value;
}

/*
 * Some vectors hold a text instead of a hash ("don't care 1"); a few of them are valid, for only
 * equality counts. Short ones are padded with zeros.
 */
static struct hash parse_hash(struct vector *v, struct str text)
{
	struct hash hash = {{0}};
	ptrdiff_t len = str_eq(text, STR("-")) ? 0 : hex_decode(text, hash.bytes, HASH_SIZE);

	assert_true(len >= 0);
	v->representable &= len > 0;
	return hash;
}

static struct vector parse_vector(struct str line)
{
	struct vector v = {.representable = true};
	struct str field;

	assert_true(str_split(&line, ' ', &v.kind) && str_split(&line, ' ', &v.name));
	assert_true(str_split(&line, ' ', &field));
	v.holds = str_eq(field, STR("holds"));
	for (int i = 0; i < 2; i++) {
		assert_true(str_split(&line, ' ', &field));
		v.numbers[i] = parse_u64(field);
	}
	for (int i = 0; i < 2; i++) {
		assert_true(str_split(&line, ' ', &field));
		v.hashes[i] = parse_hash(&v, field);
	}
	while (str_split(&line, ' ', &field)) {
		assert_true(v.path_len < PATH_MAX_HASHES);
		v.path[v.path_len++] = parse_hash(&v, field);
	}
	return v;
}

static int verify_vector(const struct vector *v)
{
	if (!v->representable)
		return -EBADMSG;
	if (str_eq(v->kind, STR("inclusion")))
		return tree_verify_inclusion(&v->hashes[0], v->numbers[0], v->numbers[1], v->path,
					     v->path_len, &v->hashes[1]);
	return tree_verify_consistency(v->numbers[0], v->numbers[1], v->path, v->path_len,
				       &v->hashes[0], &v->hashes[1]);
}

static void test_every_public_vector_agrees(void **state)
{
	FILE *file = fopen(TEST_DATA "/vectors/merkle.txt", "r");
	char *line = NULL;
	size_t cap = 0, count = 0;
	ssize_t len;

	assert_non_null(file);
	while ((len = getline(&line, &cap, file)) > 0) {
		struct vector v = parse_vector(str_of(line, (size_t)len - 1));

		if ((verify_vector(&v) == 0) != v.holds)
			fail_msg("%.*s %.*s", STR_FMT(v.kind), STR_FMT(v.name));
		count++;
	}
	free(line);
	fclose(file);
	assert_int_equal(count, 196);
}

static void test_many_proofs_made_in_one_reading_are_those_made_one_by_one(void **state)
{
	struct hash paths[PROOF_SIZES * 8], one[PATH_MAX_HASHES], root, naive;
	uint64_t indexes[PROOF_SIZES];
	uint8_t lens[PROOF_SIZES];

	for (uint64_t size = 1; size <= PROOF_SIZES; size++) {
		unsigned levels = tree_levels(size);
		size_t count = 0;

		for (uint64_t i = 0; i < size; i++)
			if ((i * 7 + size) % 3 || size < 4)
				indexes[count++] = i;
		assert_int_equal(
			tree_prove_many(&by_leaves, indexes, count, size, paths, lens, &root), 0);
		naive = naive_root(0, size);
		assert_true(hash_eq(&root, &naive));
		for (size_t i = 0; i < count; i++) {
			int len = tree_prove_inclusion(&by_leaves, indexes[i], size, one);

			assert_int_equal(lens[i], len);
			assert_true(lens[i] <= levels);
			assert_memory_equal(&paths[i * levels], one, (size_t)len * sizeof(one[0]));
		}
	}
	indexes[0] = indexes[1] = 3;
	assert_int_equal(tree_prove_many(&by_leaves, indexes, 2, 9, paths, lens, &root), -EINVAL);
	indexes[1] = 9;
	assert_int_equal(tree_prove_many(&by_leaves, indexes, 2, 9, paths, lens, &root), -EINVAL);
}

/* --- kept nodes: three levels of them, and sizes on both sides of each border */

enum { WIDE = 65536, LARGE_MAX = WIDE + 3 * 256 + 7 };

static struct {
	struct hash nodes[3][LARGE_MAX]; /* level 0: the leaves */
	unsigned reads;
} large;

static int read_large(void *context, unsigned level, uint64_t index, struct hash *ret_node)
{
	*ret_node = large.nodes[level][index];
	large.reads++;
	return 0;
}

static const struct tree_nodes large_leaves = {read_large, NULL, 0},
			       large_kept = {read_large, NULL, TREE_KEPT_LEVELS};

static void make_large(void)
{
	struct hash kept[TREE_KEPT_LEVELS];
	struct frontier f;

	frontier_init(&f);
	for (uint32_t i = 0; i < LARGE_MAX; i++) {
		unsigned count;

		large.nodes[0][i] = tree_leaf(str_of((const char *)&i, sizeof(i)));
		count = frontier_append_keeping(&f, &large.nodes[0][i], kept);
		assert_int_equal(count, ((i + 1) % 256 == 0) + (i + 1 == WIDE));
		for (unsigned level = 1; level <= count; level++)
			large.nodes[level][((i + 1) >> 8 * level) - 1] = kept[level - 1];
	}
}

static void assert_same_proofs(uint64_t index, uint64_t old, uint64_t size)
{
	struct hash leaves_path[PATH_MAX_HASHES], kept_path[PATH_MAX_HASHES], many[64], root;
	int len = tree_prove_inclusion(&large_leaves, index, size, leaves_path);
	uint8_t lens[1];

	large.reads = 0;
	assert_int_equal(tree_prove_inclusion(&large_kept, index, size, kept_path), len);
	assert_memory_equal(kept_path, leaves_path, (size_t)len * sizeof(leaves_path[0]));
	assert_true(large.reads <= 2 * 3 * 255);
	assert_int_equal(tree_prove_many(&large_kept, &index, 1, size, many, lens, &root), 0);
	assert_int_equal(lens[0], len);
	assert_memory_equal(many, leaves_path, (size_t)len * sizeof(leaves_path[0]));
	assert_int_equal(tree_verify_inclusion(&large.nodes[0][index], index, size, many,
					       (size_t)len, &root),
			 0);
	len = tree_prove_consistency(&large_leaves, old, size, leaves_path);
	assert_int_equal(tree_prove_consistency(&large_kept, old, size, kept_path), len);
	assert_memory_equal(kept_path, leaves_path, (size_t)len * sizeof(leaves_path[0]));
}

static uint64_t draw(uint64_t below)
{
	static uint64_t chance = 1;

	chance = chance * 6364136223846793005u + 1442695040888963407u;
	return (chance >> 33) % below;
}

static void test_proofs_by_kept_nodes_are_those_by_all_leaves(void **state)
{
	static const uint64_t sizes[] = {1,        2,          255,        256,        257,
					 511,      512,        513,        WIDE - 1,   WIDE,
					 WIDE + 1, WIDE + 255, WIDE + 256, WIDE + 257, LARGE_MAX};

	make_large();
	for (unsigned i = 0; i < 40; i++) {
		uint64_t size =
			i < sizeof(sizes) / sizeof(sizes[0]) ? sizes[i] : draw(LARGE_MAX) + 1;

		assert_same_proofs(0, size, size);
		assert_same_proofs(size - 1, 1, size);
		assert_same_proofs(draw(size), draw(size) + 1, size);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hashes_are_those_of_rfc_6962),
		cmocka_unit_test(test_appending_gives_the_root_of_the_naive_tree),
		cmocka_unit_test(test_a_stored_frontier_goes_on_where_it_was),
		cmocka_unit_test(test_a_malformed_frontier_is_refused),
		cmocka_unit_test(test_made_inclusion_proofs_hold_and_every_flipped_bit_fails),
		cmocka_unit_test(test_made_consistency_proofs_hold_and_every_flipped_bit_fails),
		cmocka_unit_test(test_a_proof_of_another_leaf_size_or_length_fails),
		cmocka_unit_test(test_what_cannot_be_proven_is_refused),
		cmocka_unit_test(test_the_largest_tree_still_verifies),
		cmocka_unit_test(test_every_public_vector_agrees),
		cmocka_unit_test(test_many_proofs_made_in_one_reading_are_those_made_one_by_one),
		cmocka_unit_test(test_proofs_by_kept_nodes_are_those_by_all_leaves),
	};

	return cmocka_run_group_tests_name("tree", tests, make_leaves, NULL);
}
