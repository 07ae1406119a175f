/* crypto/: what is sealed opens only as it was, key files are private, tokens and passwords. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "crypto/mac.h"
#include "crypto/note.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/tree.h"

#define LABEL STR("alert.fix")

enum { FILE_SIZE = 512 };

static char folder[256], key_path[FILE_SIZE];

static int make_folder(void **state)
{
	const char *temporary = getenv("TMPDIR");

	crypto_init();
	snprintf(folder, sizeof(folder), "%s/egide-crypto-XXXXXX", temporary ? temporary : "/tmp");
	snprintf(key_path, sizeof(key_path), "%s/master.key", mkdtemp(folder) ? folder : "");
	return 0;
}

static int remove_folder(void **state)
{
	return rmdir(folder);
}

static int remove_key_file(void **state)
{
	unlink(key_path);
	return 0;
}

static struct data_key new_key(void)
{
	struct data_key key;

	data_key_new(random_id_v7(1795461485123), &key);
	return key;
}

static struct keyring *open_ring(void)
{
	struct keyring *ring;
	unsigned line;

	assert_int_equal(keyring_open(key_path, &ring, &line), 0);
	return ring;
}

/* ---- sealed values ---- */

static void test_a_sealed_value_opens_as_it_was(void **state)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 100, 4096, 100000};
	struct data_key key = new_key();

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct buf sealed = BUF_INIT, plain = BUF_INIT;
		char *text = xmalloc(sizes[i]);
		struct id id;

		random_bytes(text, sizes[i]);
		seal(&key, LABEL, str_of(text, sizes[i]), &sealed);
		assert_int_equal(sealed.len, sizes[i] + SEAL_OVERHEAD);
		assert_int_equal(sealed_key_id(buf_str(&sealed), &id), 0);
		assert_true(id_eq(id, key.id));
		buf_add_str(&plain, STR("before"));
		assert_int_equal(unseal(&key, LABEL, buf_str(&sealed), &plain), 0);
		assert_int_equal(plain.len, 6 + sizes[i]);
		assert_memory_equal(plain.ptr + 6, text, sizes[i]);
		free(text);
		buf_fini(&sealed);
		buf_fini(&plain);
	}
}

static void test_the_same_value_sealed_twice_looks_different(void **state)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct data_key key = new_key();

	seal(&key, LABEL, STR("+33612345678"), &first);
	seal(&key, LABEL, STR("+33612345678"), &second);
	assert_false(str_eq(buf_str(&first), buf_str(&second)));
	assert_null(memmem(first.ptr, first.len, "+336", 4));
	buf_fini(&first);
	buf_fini(&second);
}

static void test_another_label_or_key_does_not_open_a_value(void **state)
{
	struct data_key key = new_key(), other = new_key(), impostor = new_key();
	struct buf sealed = BUF_INIT, plain = BUF_INIT;

	impostor.id = key.id;
	seal(&key, LABEL, STR("46.58,0.34"), &sealed);
	assert_int_equal(unseal(&key, STR("alert.fi"), buf_str(&sealed), &plain), -EBADMSG);
	assert_int_equal(unseal(&key, STR("contact.body"), buf_str(&sealed), &plain), -EBADMSG);
	assert_int_equal(unseal(&other, LABEL, buf_str(&sealed), &plain), -EBADMSG);
	assert_int_equal(unseal(&impostor, LABEL, buf_str(&sealed), &plain), -EBADMSG);
	assert_int_equal(plain.len, 0);
	buf_fini(&sealed);
	buf_fini(&plain);
}

static void test_every_flipped_bit_of_a_sealed_value_is_found(void **state)
{
	struct buf sealed = BUF_INIT, plain = BUF_INIT;
	struct data_key key = new_key();

	seal(&key, LABEL, STR("46.58,0.34"), &sealed);
	for (size_t bit = 0; bit < 8 * sealed.len; bit++) {
		sealed.ptr[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(unseal(&key, LABEL, buf_str(&sealed), &plain), -EBADMSG);
		sealed.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
	assert_int_equal(unseal(&key, LABEL, buf_str(&sealed), &plain), 0);
	buf_fini(&sealed);
	buf_fini(&plain);
}

static void test_a_truncated_sealed_value_is_found(void **state)
{
	struct buf sealed = BUF_INIT, plain = BUF_INIT;
	struct data_key key = new_key();
	struct id id;

	seal(&key, LABEL, STR("46.58,0.34"), &sealed);
	for (size_t len = 0; len < sealed.len; len++)
		assert_int_equal(unseal(&key, LABEL, str_of(sealed.ptr, len), &plain), -EBADMSG);
	assert_int_equal(sealed_key_id(str_of(sealed.ptr, SEAL_OVERHEAD - 1), &id), -EBADMSG);
	buf_fini(&sealed);
	buf_fini(&plain);
}

/* ---- wrapped keys and their file ---- */

static void test_a_wrapped_key_comes_back_for_its_own_id_only(void **state)
{
	struct data_key key = new_key(), again;
	uint8_t wrapped[WRAPPED_KEY_SIZE];
	struct str bytes = str_of(wrapped, sizeof(wrapped));
	struct keyring *ring;

	assert_int_equal(keyring_create(key_path), 0);
	ring = open_ring();
	data_key_wrap(ring, &key, wrapped);
	assert_int_equal(wrapped_key_master(bytes), 1);
	assert_int_equal(data_key_unwrap(ring, key.id, bytes, &again), 0);
	assert_memory_equal(&again, &key, sizeof(key));
	assert_int_equal(data_key_unwrap(ring, random_id_v7(0), bytes, &again), -EBADMSG);
	for (size_t bit = 0; bit < 8 * sizeof(wrapped); bit++) {
		wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(data_key_unwrap(ring, key.id, bytes, &again), -EBADMSG);
		wrapped[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t len = 0; len < sizeof(wrapped); len++) {
		assert_int_equal(data_key_unwrap(ring, key.id, str_of(wrapped, len), &again),
				 -EBADMSG);
		assert_int_equal(wrapped_key_master(str_of(wrapped, len)), 0);
	}
	keyring_free(ring);
}

static void test_another_ring_does_not_unwrap_a_key(void **state)
{
	struct data_key key = new_key(), again;
	uint8_t wrapped[WRAPPED_KEY_SIZE];
	struct keyring *ring;

	assert_int_equal(keyring_create(key_path), 0);
	ring = open_ring();
	data_key_wrap(ring, &key, wrapped);
	keyring_free(ring);
	assert_int_equal(unlink(key_path), 0);
	assert_int_equal(keyring_create(key_path), 0);
	ring = open_ring();
	assert_int_equal(data_key_unwrap(ring, key.id, str_of(wrapped, sizeof(wrapped)), &again),
			 -EBADMSG);
	keyring_free(ring);
}

static void test_rotation_keeps_old_keys_and_the_blind_index(void **state)
{
	struct data_key key = new_key(), again;
	uint8_t wrapped[WRAPPED_KEY_SIZE], rewrapped[WRAPPED_KEY_SIZE];
	uint8_t before[BLIND_SIZE], after[BLIND_SIZE];
	struct keyring *ring;

	assert_int_equal(keyring_create(key_path), 0);
	ring = open_ring();
	data_key_wrap(ring, &key, wrapped);
	blind_index(ring, STR("phone"), STR("+33612345678"), before);
	keyring_free(ring);
	for (uint32_t number = 2; number <= 5; number++) {
		assert_int_equal(keyring_rotate(key_path), 0);
		ring = open_ring();
		assert_int_equal(keyring_current(ring), number);
		assert_int_equal(
			data_key_unwrap(ring, key.id, str_of(wrapped, sizeof(wrapped)), &again), 0);
		assert_memory_equal(&again, &key, sizeof(key));
		data_key_wrap(ring, &key, rewrapped);
		assert_int_equal(wrapped_key_master(str_of(rewrapped, sizeof(rewrapped))), number);
		blind_index(ring, STR("phone"), STR("+33612345678"), after);
		assert_memory_equal(before, after, BLIND_SIZE);
		keyring_free(ring);
	}
}

static void test_rotation_goes_on_after_an_interrupted_one(void **state)
{
	char beside[FILE_SIZE + 8];
	struct keyring *ring;
	int fd;

	assert_int_equal(keyring_create(key_path), 0);
	snprintf(beside, sizeof(beside), "%s.new", key_path);
	fd = open(beside, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "1 12", 4), 4);
	close(fd);
	assert_int_equal(keyring_rotate(key_path), 0);
	assert_int_equal(access(beside, F_OK), -1);
	ring = open_ring();
	assert_int_equal(keyring_current(ring), 2);
	keyring_free(ring);
}

static void test_a_key_file_is_created_private_and_never_overwritten(void **state)
{
	struct stat st;

	assert_int_equal(keyring_create(key_path), 0);
	assert_int_equal(stat(key_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(keyring_create(key_path), -EEXIST);
	assert_int_equal(keyring_rotate(key_path), 0);
	assert_int_equal(stat(key_path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void test_a_key_file_others_can_read_is_refused(void **state)
{
	static const mode_t modes[] = {0644, 0640, 0604, 0660, 0700};
	struct keyring *ring;
	unsigned line;

	assert_int_equal(keyring_open(key_path, &ring, &line), -ENOENT);
	assert_int_equal(keyring_open(folder, &ring, &line), -EACCES);
	assert_int_equal(keyring_create(key_path), 0);
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		assert_int_equal(chmod(key_path, modes[i]), 0);
		assert_int_equal(keyring_open(key_path, &ring, &line), -EACCES);
		assert_int_equal(keyring_rotate(key_path), -EACCES);
	}
	assert_int_equal(chmod(key_path, 0400), 0);
	keyring_free(open_ring());
}

#define HEX32 "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static int open_text(const char *text, struct keyring **ret_ring, unsigned *ret_line)
{
	int fd = open(key_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return keyring_open(key_path, ret_ring, ret_line);
}

static void test_a_bad_line_of_a_key_file_is_named(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
	} bad[] = {
		{"1 " HEX32 "\nx " HEX32 "\n", 2},
		{"# comment\n\n1 " HEX32 "\n\n2 " HEX32 "00\n", 5},
		{"1 " HEX32 "\n2 00\n", 2},
		{"1 " HEX32 "\n1 " HEX32 "\n", 2},
		{"0 " HEX32 "\n", 1},
		{"-1 " HEX32 "\n", 1},
		{"4294967296 " HEX32 "\n", 1},
		{HEX32 "\n", 1},
		{"1\n", 1},
		{"1 " HEX32 " 2\n", 1},
	};
	struct keyring *ring;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		unsigned line = 0;

		assert_int_equal(open_text(bad[i].text, &ring, &line), -EBADMSG);
		assert_int_equal(line, bad[i].line);
	}
}

static void test_a_key_file_without_a_key_is_refused(void **state)
{
	struct keyring *ring;
	unsigned line;

	assert_int_equal(open_text("", &ring, &line), -EBADMSG);
	assert_int_equal(open_text("# 1 " HEX32 "\n", &ring, &line), -EBADMSG);
}

static void test_key_lines_come_in_any_order_and_the_highest_number_is_current(void **state)
{
	uint8_t alone[BLIND_SIZE], among[BLIND_SIZE];
	struct keyring *ring;
	unsigned line;

	assert_int_equal(open_text("3 " HEX32, &ring, &line), 0);
	assert_int_equal(keyring_current(ring), 3);
	blind_index(ring, STR("phone"), STR("17"), alone);
	keyring_free(ring);
	assert_int_equal(
		open_text("12 0f0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
			  "3 " HEX32 "\n"
			  "7 0e0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
			  &ring, &line),
		0);
	assert_int_equal(keyring_current(ring), 12);
	blind_index(ring, STR("phone"), STR("17"), among);
	assert_memory_equal(alone, among, BLIND_SIZE);
	keyring_free(ring);
}

static void
test_a_blind_index_depends_on_label_and_text_and_nothing_leaks_between_them(void **state)
{
	static const struct {
		struct str label, text;
	} pairs[] = {{{"ab", 2}, {"c", 1}},
		     {{"a", 1}, {"bc", 2}},
		     {{"ab", 2}, {"d", 1}},
		     {{"ab", 2}, {"", 0}}};
	uint8_t out[ARRAY_LEN(pairs)][BLIND_SIZE], again[BLIND_SIZE];
	struct keyring *ring;

	assert_int_equal(keyring_create(key_path), 0);
	ring = open_ring();
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		blind_index(ring, pairs[i].label, pairs[i].text, out[i]);
		blind_index(ring, pairs[i].label, pairs[i].text, again);
		assert_memory_equal(out[i], again, BLIND_SIZE);
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(out[i], out[j], BLIND_SIZE);
	}
	keyring_free(ring);
}

/* The format is a promise to databases already written: a value sealed by version 1 opens for ever.
 */
static void test_values_sealed_long_ago_still_open(void **state)
{
	static const char wrapped_hex[] =
		"0100000003b8c7d69f3f608be5d6217b7feedd065b86b4a045749558d3c10f5e5dd3f510ea91b6"
		"ccad73d8f0c996e92b4e466a4bd9bc6e39902cb6c4591a2d4f43065cb22bb204c5954a014e8f";
	static const char sealed_hex[] =
		"010102030405067008890a0b0c0d0e0f1048b5737bfdc005b828afe7380f7b8e82a5dda7b3497b"
		"b55ad6fb67517ddd0d295dd4b49c9bc2754ad77c01bcbf4434855c64";
	static const char blind_hex[] =
		"9d80c94acf20e8bcd9a21a8583e3b8aa6511700d970eb73259c88d554945c8f1";
	uint8_t wrapped[WRAPPED_KEY_SIZE], sealed[SEAL_OVERHEAD + 10], blind[BLIND_SIZE],
		expected[BLIND_SIZE];
	struct id id = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x89, 10, 11, 12, 13, 14, 15, 16}};
	struct buf plain = BUF_INIT;
	struct keyring *ring;
	struct data_key key;
	unsigned line;

	assert_int_equal(open_text("3 " HEX32, &ring, &line), 0);
	assert_int_equal(hex_decode(str_from(wrapped_hex), wrapped, sizeof(wrapped)),
			 sizeof(wrapped));
	assert_int_equal(hex_decode(str_from(sealed_hex), sealed, sizeof(sealed)), sizeof(sealed));
	assert_int_equal(hex_decode(str_from(blind_hex), expected, sizeof(expected)),
			 sizeof(expected));
	assert_int_equal(data_key_unwrap(ring, id, str_of(wrapped, sizeof(wrapped)), &key), 0);
	assert_int_equal(unseal(&key, LABEL, str_of(sealed, sizeof(sealed)), &plain), 0);
	assert_str_equal(buf_str(&plain), "46.58,0.34");
	blind_index(ring, STR("phone"), STR("+33612345678"), blind);
	assert_memory_equal(blind, expected, BLIND_SIZE);
	buf_fini(&plain);
	keyring_free(ring);
}

/* ---- passwords, tokens ---- */

static void test_a_password_matches_itself_only(void **state)
{
	char hash[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];
	struct str password = STR("correct cheval pile agrafe");

	assert_int_equal(password_hash(password, 0, hash), 0);
	assert_int_equal(password_hash(password, 0, other), 0);
	assert_string_not_equal(hash, other);
	assert_int_equal(strncmp(hash, "$argon2id$", 10), 0);
	assert_true(password_matches(hash, password));
	assert_true(password_matches(other, password));
	assert_false(password_matches(hash, STR("correct cheval pile agraf")));
	assert_false(password_matches(hash, STR("")));
	assert_false(password_matches("", password));
	assert_false(password_matches("$argon2id$v=19$m=8192,t=1,p=1$", password));
	password_pretend(password, 0);
}

static void test_tokens_are_22_characters_of_a_link_and_never_twice_the_same(void **state)
{
	char first[TOKEN_TEXT_SIZE], second[TOKEN_TEXT_SIZE];
	uint8_t hash[TOKEN_HASH_SIZE];
	struct hash expected;

	token_new(first);
	token_new(second);
	assert_int_equal(strlen(first), 22);
	assert_int_equal(
		strspn(first, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
		22);
	assert_string_not_equal(first, second);
	token_hash(str_from(first), hash);
	expected = hash_bytes(str_from(first));
	assert_memory_equal(hash, expected.bytes, TOKEN_HASH_SIZE);
}

static void test_random_ids_carry_their_time_and_differ(void **state)
{
	struct id first = random_id_v7(1795461485123), second = random_id_v7(1795461485123);

	assert_false(id_eq(first, second));
	assert_memory_equal(first.bytes, second.bytes, 6);
	assert_int_equal(first.bytes[6] >> 4, 7);
}

static void test_wiping_and_comparing_do_what_they_say(void **state)
{
	uint8_t a[32], b[32], zero[32] = {0};

	random_bytes(a, sizeof(a));
	memcpy(b, a, sizeof(a));
	assert_true(bytes_equal_constant_time(a, b, sizeof(a)));
	b[31] ^= 1;
	assert_false(bytes_equal_constant_time(a, b, sizeof(a)));
	wipe(a, sizeof(a));
	assert_memory_equal(a, zero, sizeof(a));
}

/* ---- signed notes ---- */

/* The example of the package sumdb/note of Go, which C2SP's format comes from. */
static void test_a_note_signed_by_others_opens(void **state)
{
	static const char note[] = "If you think cryptography is the answer to your problem,\n"
				   "then you don't know what your problem is.\n\n"
				   "\xe2\x80\x94 PeterNeumann "
				   "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZ"
				   "SNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
	struct str text, name = STR("PeterNeumann");
	uint8_t bytes[1 + NOTE_KEY_SIZE];
	struct note_key key;

	assert_int_equal(base64_decode(STR("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"), bytes,
				       sizeof(bytes)),
			 sizeof(bytes));
	memcpy(key.bytes, bytes + 1, sizeof(key.bytes));
	assert_int_equal(note_open(str_from(note), name, &key, &text), 0);
	assert_true(str_ends(text, STR("your problem is.\n")));
	assert_int_equal(note_open(str_from(note), STR("Peter"), &key, &text), -EBADMSG);
}

static void test_a_note_altered_anywhere_does_not_open(void **state)
{
	struct str text, said = STR("egide/journal\n12\n\nand more\n"), name = STR("egide");
	struct buf note = BUF_INIT, other = BUF_INIT;
	struct keyring *ring;
	struct note_key key;

	assert_int_equal(keyring_create(key_path), 0);
	ring = open_ring();
	key = note_key_of(ring);
	note_sign(ring, name, said, &note);
	note_sign(ring, name, said, &other);
	assert_true(str_eq(buf_str(&note), buf_str(&other)));
	assert_int_equal(note_open(buf_str(&note), name, &key, &text), 0);
	assert_true(str_eq(text, said));
	for (size_t bit = 0; bit < note.len * 8; bit++) {
		note.ptr[bit / 8] ^= (char)(1 << bit % 8);
		assert_int_equal(note_open(buf_str(&note), name, &key, &text), -EBADMSG);
		note.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
	for (size_t len = 0; len < note.len; len++)
		assert_int_equal(note_open(str_of(note.ptr, len), name, &key, &text), -EBADMSG);
	key.bytes[0] ^= 1;
	assert_int_equal(note_open(buf_str(&note), name, &key, &text), -EBADMSG);
	buf_fini(&note);
	buf_fini(&other);
	keyring_free(ring);
}

/* The published sample of AML, and RFC 2202's second case. */
static void test_what_others_signed_is_checked_whole(void **state)
{
	struct str said = STR("v=1&device_number=%2B33611223344&location_latitude=0.85732"
			      "&location_longitude=-4.26325&location_time=1604912121000"
			      "&location_accuracy=10.4&location_source=GPS&location_certainty=83");
	struct str mac = STR("f64c70eb238bb239e00e8ac8c023bf2b5d3c41dd");

	assert_true(hmac_sha1_is(STR("AML"), said, mac));
	assert_true(hmac_sha1_is(STR("Jefe"), STR("what do ya want for nothing?"),
				 STR("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")));
	assert_false(hmac_sha1_is(STR("AMM"), said, mac));
	assert_false(hmac_sha1_is(STR("AML"), str_slice(said, 1, said.len), mac));
	assert_false(hmac_sha1_is(STR("AML"), said, str_slice(mac, 0, 38)));
	assert_false(hmac_sha1_is(STR("AML"), said, STR("")));
	assert_false(
		hmac_sha1_is(STR("AML"), said, STR("zz4c70eb238bb239e00e8ac8c023bf2b5d3c41dd")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sealed_value_opens_as_it_was),
		cmocka_unit_test(test_the_same_value_sealed_twice_looks_different),
		cmocka_unit_test(test_another_label_or_key_does_not_open_a_value),
		cmocka_unit_test(test_every_flipped_bit_of_a_sealed_value_is_found),
		cmocka_unit_test(test_a_truncated_sealed_value_is_found),
		cmocka_unit_test_teardown(test_a_wrapped_key_comes_back_for_its_own_id_only,
					  remove_key_file),
		cmocka_unit_test_teardown(test_another_ring_does_not_unwrap_a_key, remove_key_file),
		cmocka_unit_test_teardown(test_rotation_keeps_old_keys_and_the_blind_index,
					  remove_key_file),
		cmocka_unit_test_teardown(test_rotation_goes_on_after_an_interrupted_one,
					  remove_key_file),
		cmocka_unit_test_teardown(test_a_key_file_is_created_private_and_never_overwritten,
					  remove_key_file),
		cmocka_unit_test_teardown(test_a_key_file_others_can_read_is_refused,
					  remove_key_file),
		cmocka_unit_test_teardown(test_a_bad_line_of_a_key_file_is_named, remove_key_file),
		cmocka_unit_test_teardown(test_a_key_file_without_a_key_is_refused,
					  remove_key_file),
		cmocka_unit_test_teardown(
			test_key_lines_come_in_any_order_and_the_highest_number_is_current,
			remove_key_file),
		cmocka_unit_test_teardown(
			test_a_blind_index_depends_on_label_and_text_and_nothing_leaks_between_them,
			remove_key_file),
		cmocka_unit_test_teardown(test_values_sealed_long_ago_still_open, remove_key_file),
		cmocka_unit_test(test_a_note_signed_by_others_opens),
		cmocka_unit_test_teardown(test_a_note_altered_anywhere_does_not_open,
					  remove_key_file),
		cmocka_unit_test(test_a_password_matches_itself_only),
		cmocka_unit_test(test_tokens_are_22_characters_of_a_link_and_never_twice_the_same),
		cmocka_unit_test(test_what_others_signed_is_checked_whole),
		cmocka_unit_test(test_random_ids_carry_their_time_and_differ),
		cmocka_unit_test(test_wiping_and_comparing_do_what_they_say),
	};

	return cmocka_run_group_tests_name("crypto", tests, make_folder, remove_folder);
}
