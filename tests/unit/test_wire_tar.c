/* wire/tar.h: what it writes tar reads, and nothing altered, cut or strange is read. */
#include "test.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "wire/tar.h"

static void add(struct buf *out, const char *name, struct str bytes)
{
	tar_header(str_from(name), bytes.len, 1795461485, out);
	buf_add_str(out, bytes);
	tar_padding(bytes.len, out);
}

static struct buf archive(void)
{
	struct buf out = BUF_INIT;
	char full[TAR_BLOCK];

	memset(full, 'x', sizeof(full));
	add(&out, "manifest.json", STR("{}\n"));
	add(&out, "clips/a-1.amr", str_of(full, sizeof(full)));
	add(&out, "empty", STR_NONE);
	tar_end(&out);
	return out;
}

static int read_all(struct str rest)
{
	struct tar_member m;
	int r;

	while ((r = tar_next(&rest, &m)) == 1)
		;
	return r;
}

static void test_members_come_back_as_they_were(void **state)
{
	struct buf out = archive();
	struct str rest = buf_str(&out);
	struct tar_member m;

	assert_int_equal(tar_next(&rest, &m), 1);
	assert_true(str_eq(m.name, STR("manifest.json")) && str_eq(m.bytes, STR("{}\n")));
	assert_int_equal(m.at_s, 1795461485);
	assert_int_equal(tar_next(&rest, &m), 1);
	assert_true(str_eq(m.name, STR("clips/a-1.amr")) && m.bytes.len == TAR_BLOCK);
	assert_int_equal(tar_next(&rest, &m), 1);
	assert_int_equal(m.bytes.len, 0);
	assert_int_equal(tar_next(&rest, &m), 0);
	buf_fini(&out);
}

static void test_tar_reads_it(void **state)
{
	struct buf out = archive();
	char list[200] = "";
	FILE *tar;
	char path[] = "/tmp/egide-tar-XXXXXX", command[80];
	int fd = mkstemp(path);

	assert_true(fd >= 0 && write(fd, out.ptr, out.len) == (ssize_t)out.len);
	snprintf(command, sizeof(command), "tar -tf %s", path);
	tar = popen(command, "r");
	list[fread(list, 1, sizeof(list) - 1, tar)] = '\0';
	assert_int_equal(pclose(tar), 0);
	assert_string_equal(list, "manifest.json\nclips/a-1.amr\nempty\n");
	close(fd);
	unlink(path);
	buf_fini(&out);
}

static void test_every_truncation_and_every_bit_of_a_header_is_found(void **state)
{
	struct buf out = archive();

	for (size_t len = 0; len < out.len; len++)
		assert_int_equal(read_all(str_of(out.ptr, len)), -EBADMSG);
	for (size_t bit = 0; bit < TAR_BLOCK * 8; bit++) {
		out.ptr[bit / 8] ^= (char)(1 << bit % 8);
		/* The last two bytes of the sum's field may be a space or nothing. */
		if (bit / 8 < 148 + 6 || bit / 8 >= 148 + 8)
			assert_int_equal(read_all(buf_str(&out)), -EBADMSG);
		out.ptr[bit / 8] ^= (char)(1 << bit % 8);
	}
	buf_fini(&out);
}

static void test_a_name_that_leads_elsewhere_is_refused(void **state)
{
	static const char *const names[] = {"/etc/x", "../xx",  "a/../b", "a//bc",
					    "a/./b",  "a\\bcd", "a bcde", "a/bcd/"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct buf out = BUF_INIT;
		unsigned sum = 0;

		add(&out, "sixchr", STR("1"));
		memcpy(out.ptr, "\0\0\0\0\0\0", 6);
		memcpy(out.ptr, names[i], strlen(names[i]));
		for (size_t at = 0; at < TAR_BLOCK; at++)
			sum += at >= 148 && at < 156 ? ' ' : (unsigned char)out.ptr[at];
		snprintf(out.ptr + 148, 7, "%06o", sum);
		tar_end(&out);
		assert_int_equal(read_all(buf_str(&out)), -EBADMSG);
		buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members_come_back_as_they_were),
		cmocka_unit_test(test_tar_reads_it),
		cmocka_unit_test(test_every_truncation_and_every_bit_of_a_header_is_found),
		cmocka_unit_test(test_a_name_that_leads_elsewhere_is_refused),
	};

	return cmocka_run_group_tests_name("wire: tar", tests, NULL, NULL);
}
