/* The file of master keys: reading, creating, rotating. See seal.h for its format. */
#include "crypto/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/alloc.h"
#include "crypto/random.h"

enum {
	/* KEYRING_MAX keys of 76 characters, and as much again of comments. */
	FILE_MAX_BYTES = 16 * 1024,
	KEY_LINE_MAX = 96,
	PATH_MAX_BYTES = 4096,
};

/* The text of a key file, in locked memory. */
struct key_file {
	char *text; /* FILE_MAX_BYTES + 1 */
	size_t len;
};

static const char header[] = "# Egide master keys. Whoever has this file reads everything.\n"
			     "# Keep every line: the lowest number also makes the blind index.\n";

static void key_file_fini(struct key_file *file)
{
	sodium_free(file->text); /* wipes */
	file->text = NULL;
}

static int key_file_init(struct key_file *file)
{
	file->len = 0;
	file->text = sodium_malloc(FILE_MAX_BYTES + 1);
	return file->text ? 0 : -ENOMEM;
}

static int check_private(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || (st.st_mode & 07777 & ~0600u) || st.st_uid != geteuid())
		return -EACCES;
	return 0;
}

static int read_all(int fd, struct key_file *file)
{
	ssize_t got;

	while ((got = read(fd, file->text + file->len, FILE_MAX_BYTES + 1 - file->len)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		file->len += (size_t)got;
		if (file->len > FILE_MAX_BYTES)
			return -EFBIG;
	}
	return 0;
}

static int write_all(int fd, const struct key_file *file)
{
	size_t done = 0;

	while (done < file->len) {
		ssize_t put = write(fd, file->text + done, file->len - done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		done += (size_t)put;
	}
	return 0;
}

/* On success the caller ends with key_file_fini. */
static int key_file_read(const char *path, struct key_file *ret_file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = check_private(fd);
	if (!rc)
		rc = key_file_init(ret_file);
	if (!rc) {
		rc = read_all(fd, ret_file);
		if (rc)
			key_file_fini(ret_file);
	}
	close(fd);
	return rc;
}

/* A created or renamed file is on disk only once its folder is. */
static int sync_folder_of(const char *path)
{
	char folder[PATH_MAX_BYTES];
	const char *slash = strrchr(path, '/');
	int len = slash ? (int)(slash - path) + 1 : 1;
	int fd, rc = 0;

	if (snprintf(folder, sizeof(folder), "%.*s", len, slash ? path : ".") >=
	    (int)sizeof(folder))
		return -ENAMETOOLONG;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		rc = -errno;
	close(fd);
	return rc;
}

/* -EEXIST when there. What a failed write leaves is removed. */
static int write_new_file(const char *path, const struct key_file *file)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0)
		return -errno;
	rc = write_all(fd, file);
	if (!rc && fsync(fd))
		rc = -errno;
	if (close(fd) && !rc)
		rc = -errno;
	if (rc)
		unlink(path);
	return rc;
}

static int add_key_line(struct key_file *file, uint32_t number)
{
	uint8_t key[32];
	char hex[2 * sizeof(key) + 1];
	bool joins = file->len && file->text[file->len - 1] != '\n';

	if (file->len + KEY_LINE_MAX > FILE_MAX_BYTES)
		return -EFBIG;
	random_bytes(key, sizeof(key));
	hex_encode(key, sizeof(key), hex);
	file->len += (size_t)snprintf(file->text + file->len, KEY_LINE_MAX, "%s%u %s\n",
				      joins ? "\n" : "", number, hex);
	wipe(key, sizeof(key));
	wipe(hex, sizeof(hex));
	return 0;
}

const struct master_key *keyring_find(const struct keyring *ring, uint32_t number)
{
	for (size_t i = 0; i < ring->len; i++)
		if (ring->keys[i].number == number)
			return &ring->keys[i];
	return NULL;
}

static int parse_line(struct keyring *ring, struct str line)
{
	struct master_key *key = &ring->keys[ring->len];
	struct str number;
	int64_t value;

	line = str_trim(line);
	if (str_is_empty(line) || line.ptr[0] == '#')
		return 0;
	if (ring->len == KEYRING_MAX || !str_split(&line, ' ', &number) || !line.ptr ||
	    str_parse_i64(number, 1, UINT32_MAX, &value) || keyring_find(ring, (uint32_t)value) ||
	    hex_decode(str_trim(line), key->bytes, sizeof(key->bytes)) != sizeof(key->bytes))
		return -EBADMSG;
	key->number = (uint32_t)value;
	ring->len++;
	return 0;
}

static void choose_keys(struct keyring *ring)
{
	static const char purpose[] = "egide blind index";
	uint8_t blind_key[32];
	size_t oldest = 0;

	for (size_t i = 1; i < ring->len; i++) {
		if (ring->keys[i].number > ring->keys[ring->current].number)
			ring->current = i;
		if (ring->keys[i].number < ring->keys[oldest].number)
			oldest = i;
	}
	crypto_auth_hmacsha256(blind_key, (const uint8_t *)purpose, sizeof(purpose) - 1,
			       ring->keys[oldest].bytes);
	crypto_auth_hmacsha256_init(&ring->blind, blind_key, sizeof(blind_key));
	wipe(blind_key, sizeof(blind_key));
}

static int parse_file(const struct key_file *file, struct keyring *ring, unsigned *ret_line)
{
	struct str rest = str_of(file->text, file->len), line;
	unsigned number = 0;

	while (str_split(&rest, '\n', &line)) {
		number++;
		if (parse_line(ring, line)) {
			*ret_line = number;
			return -EBADMSG;
		}
	}
	if (!ring->len) {
		*ret_line = number;
		return -EBADMSG;
	}
	choose_keys(ring);
	return 0;
}

int keyring_open(const char *path, struct keyring **ret_ring, unsigned *ret_line)
{
	struct keyring *ring;
	struct key_file file;
	int rc = key_file_read(path, &file);

	if (rc)
		return rc;
	ring = sodium_malloc(sizeof(*ring));
	if (!ring) {
		rc = -ENOMEM;
		goto out;
	}
	memset(ring, 0, sizeof(*ring));
	rc = parse_file(&file, ring, ret_line);
	if (rc) {
		sodium_free(ring);
		goto out;
	}
	sodium_mprotect_readonly(ring);
	*ret_ring = ring;
out:
	key_file_fini(&file);
	return rc;
}

void keyring_free(struct keyring *ring)
{
	sodium_free(ring); /* wipes, and accepts NULL */
}

uint32_t keyring_current(const struct keyring *ring)
{
	return ring->keys[ring->current].number;
}

int keyring_create(const char *path)
{
	struct key_file file;
	int rc = key_file_init(&file);

	if (rc)
		return rc;
	file.len = sizeof(header) - 1;
	memcpy(file.text, header, file.len);
	rc = add_key_line(&file, 1);
	if (!rc)
		rc = write_new_file(path, &file);
	if (!rc)
		rc = sync_folder_of(path);
	key_file_fini(&file);
	return rc;
}

/* Beside, synced, renamed: a stop at any point leaves the old file or the new one, whole. */
static int replace_file(const char *path, const struct key_file *file)
{
	char beside[PATH_MAX_BYTES];
	int rc;

	if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	/* What an interrupted rotation left was never in use: no data key was wrapped with it. */
	unlink(beside);
	rc = write_new_file(beside, file);
	if (rc)
		return rc;
	if (rename(beside, path)) {
		rc = -errno;
		unlink(beside);
		return rc;
	}
	return sync_folder_of(path);
}

int keyring_rotate(const char *path)
{
	struct keyring *ring;
	struct key_file file;
	unsigned line;
	uint32_t next;
	int rc = keyring_open(path, &ring, &line);

	if (rc)
		return rc;
	next = keyring_current(ring) + 1;
	rc = ring->len == KEYRING_MAX || !next ? -EFBIG : 0;
	keyring_free(ring);
	if (!rc)
		rc = key_file_read(path, &file);
	if (rc)
		return rc;
	rc = add_key_line(&file, next);
	if (!rc)
		rc = replace_file(path, &file);
	key_file_fini(&file);
	return rc;
}
