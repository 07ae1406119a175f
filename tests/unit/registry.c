/* What tests of the registry share: see registry.h. */
#include "registry.h"

#include <unistd.h>

#include "base/alloc.h"
#include "crypto/random.h"

static char keys_path[512];
static struct keyring *ring;

struct vault *open_vault(void)
{
	const char *temporary = getenv("TMPDIR");
	struct vault *v;
	unsigned line;

	snprintf(keys_path, sizeof(keys_path), "%s/egide-keys-%d", temporary ? temporary : "/tmp",
		 (int)getpid());
	unlink(keys_path);
	assert_int_equal(keyring_create(keys_path), 0);
	assert_int_equal(keyring_open(keys_path, &ring, &line), 0);
	assert_int_equal(vault_open(database_url, DB_WRITER, ring, &v), 0);
	assert_int_equal(vault_init(v, TEST_NOW_MS), 0);
	return v;
}

void close_vault(struct vault *v)
{
	vault_close(v);
	keyring_free(ring);
	unlink(keys_path);
}

const struct keyring *test_ring(void)
{
	return ring;
}

struct id new_id(void)
{
	return random_id_v7(TEST_NOW_MS);
}

static bool file_holds(const char *path, const char *text)
{
	FILE *file = fopen(path, "rb");
	char *bytes;
	size_t len;
	bool found;

	if (!file)
		return false;
	fseek(file, 0, SEEK_END);
	len = (size_t)ftell(file);
	rewind(file);
	bytes = xmalloc(len + 1);
	assert_int_equal(fread(bytes, 1, len, file), len);
	fclose(file);
	found = memmem(bytes, len, text, strlen(text)) != NULL;
	free(bytes);
	return found;
}

bool database_files_hold(const char *text)
{
	char log[512];

	snprintf(log, sizeof(log), "%s-wal", sqlite_path);
	return file_holds(sqlite_path, text) || file_holds(log, text);
}
