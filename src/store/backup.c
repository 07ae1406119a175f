/* Copies of an SQLite database: see backup.h. */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

/* Pages a step: a progress bar that moves, and a stop that is soon obeyed. */
enum { PAGES_A_STEP = 2048 };

const char *database_file(const char *url)
{
	static const char scheme[] = "sqlite:";

	return strncmp(url, scheme, sizeof(scheme) - 1) ? NULL : url + sizeof(scheme) - 1;
}

static int error_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_CANTOPEN:
		return -ENOENT;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return -EBADMSG;
	default:
		return -EIO;
	}
}

static int copy_pages(sqlite3 *from, sqlite3 *to, void (*progress)(int64_t done, int64_t total))
{
	sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
	int code;

	if (!copy)
		return error_of(sqlite3_errcode(to));
	do {
		code = sqlite3_backup_step(copy, PAGES_A_STEP);
		if (progress) {
			int total = sqlite3_backup_pagecount(copy);

			progress(total - sqlite3_backup_remaining(copy), total);
		}
	} while (code == SQLITE_OK);
	sqlite3_backup_finish(copy);
	return error_of(code);
}

/* A read transaction keeps one moment of the source, whatever its server commits meanwhile. */
static int copy_moment(sqlite3 *from, sqlite3 *to, void (*progress)(int64_t done, int64_t total))
{
	int code, r;

	sqlite3_busy_timeout(from, 5000);
	code = sqlite3_exec(from, "BEGIN; SELECT COUNT(*) FROM sqlite_master", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return error_of(code);
	r = copy_pages(from, to, progress);
	sqlite3_exec(from, "COMMIT", NULL, NULL, NULL);
	/* One file, with no log beside it. */
	return r ? r : error_of(sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL));
}

static int copy_file(const char *from_path, const char *part,
		     void (*progress)(int64_t done, int64_t total))
{
	sqlite3 *from = NULL, *to = NULL;
	int r = error_of(sqlite3_open_v2(from_path, &from, SQLITE_OPEN_READONLY, NULL));

	if (!r)
		r = error_of(sqlite3_open_v2(part, &to, SQLITE_OPEN_READWRITE, NULL));
	if (!r)
		r = copy_moment(from, to, progress);
	sqlite3_close(from);
	sqlite3_close(to);
	return r;
}

static int sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC), r = 0;

	if (fd < 0)
		return -errno;
	if (fsync(fd))
		r = -errno;
	close(fd);
	return r;
}

/* Gives the complete copy its name, never over something else, durably. */
static int publish(const char *part, const char *to_path)
{
	char folder[PATH_MAX];
	int r = sync_path(part, O_RDONLY);

	if (!r && link(part, to_path))
		r = -errno;
	if (r)
		return r;
	snprintf(folder, sizeof(folder), "%s", to_path);
	unlink(part);
	return sync_path(dirname(folder), O_RDONLY | O_DIRECTORY);
}

int backup_database(const char *url, const char *to_path,
		    void (*progress)(int64_t done, int64_t total))
{
	const char *from_path = database_file(url);
	char part[PATH_MAX];
	int fd, r;

	if (!from_path)
		return -ENOTSUP;
	if (snprintf(part, sizeof(part), "%s.part", to_path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	if (!access(to_path, F_OK))
		return -EEXIST;
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	r = copy_file(from_path, part, progress);
	if (!r)
		r = publish(part, to_path);
	if (r)
		unlink(part);
	return r;
}
