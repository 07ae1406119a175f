/* Deleting a recording: see track_erase.h. */
#include "store/track_erase.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/str.h"

enum { PATH_SIZE = 1024 };

#define ASIDE ".deleted"
#define CONDEMNED ".erased"

static bool path_of(const char *folder, struct id alert, const char *suffix, char *out)
{
	char text[ID_TEXT_SIZE];

	id_print(alert, text);
	return snprintf(out, PATH_SIZE, "%s/%s%s", folder, text, suffix) < PATH_SIZE;
}

/* One folder under another name, on disk. -ENOENT: it was not there. */
static int move(const char *folder, struct id alert, const char *from, const char *to)
{
	char old[PATH_SIZE], new[PATH_SIZE];
	int fd, error;

	if (!path_of(folder, alert, from, old) || !path_of(folder, alert, to, new))
		return -ENAMETOOLONG;
	if (rename(old, new))
		return -errno;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = fsync(fd) ? -errno : 0;
	close(fd);
	return error;
}

int track_set_aside(const char *folder, struct id alert, bool *ret_was_there)
{
	int error = move(folder, alert, "", ASIDE);

	*ret_was_there = !error;
	return error == -ENOENT ? 0 : error;
}

int track_condemn(const char *folder, struct id alert)
{
	int error = move(folder, alert, ASIDE, CONDEMNED);

	return error == -ENOENT ? 0 : error;
}

/* --- all that is there */

/* Each folder of that suffix; one that fails does not keep the others. */
static int each(const char *folder, const char *suffix, track_found *call, void *context)
{
	DIR *all = opendir(folder);
	struct dirent *entry;
	int first = 0;

	if (!all)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(all))) {
		struct str name = str_from(entry->d_name), end = str_from(suffix);
		struct id alert;
		int error;

		if (!str_ends(name, end) ||
		    id_parse(str_slice(name, 0, name.len - end.len), &alert))
			continue;
		error = call(context, alert);
		first = first ? first : error;
	}
	closedir(all);
	return first;
}

int track_each(const char *folder, track_found *call, void *context)
{
	return each(folder, "", call, context);
}

struct judging {
	const char *folder;
	track_judge *judge;
	void *context;
};

static int judge_one(void *context, struct id alert)
{
	const struct judging *j = context;

	switch (j->judge(j->context, alert)) {
	case TRACK_IS_CONDEMNED:
		return track_condemn(j->folder, alert);
	case TRACK_GOES_BACK:
		return move(j->folder, alert, ASIDE, "");
	case TRACK_STAYS_ASIDE:
		break;
	}
	return 0;
}

int track_judge_all(const char *folder, track_judge *judge, void *context)
{
	struct judging j = {folder, judge, context};

	return each(folder, ASIDE, judge_one, &j);
}

/* Zeroes reach the disk before the name is gone; what a disk keeps of it elsewhere is sealed. */
static int overwrite(int at, const char *name)
{
	static const char zeroes[64 * 1024];
	int fd = openat(at, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), error = 0;
	off_t size;

	if (fd < 0)
		return -errno;
	size = lseek(fd, 0, SEEK_END);
	for (off_t done = 0; !error && done < size; done += (off_t)sizeof(zeroes)) {
		off_t left = size - done;
		size_t len = left < (off_t)sizeof(zeroes) ? (size_t)left : sizeof(zeroes);

		error = pwrite(fd, zeroes, len, done) == (ssize_t)len ? 0 : -EIO;
	}
	if (!error && fdatasync(fd))
		error = -errno;
	close(fd);
	if (!error && unlinkat(at, name, 0))
		error = -errno;
	return error;
}

static int erase_one(void *context, struct id alert)
{
	const char *folder = context;
	char path[PATH_SIZE];
	struct dirent *entry;
	DIR *files;
	int error = 0;

	if (!path_of(folder, alert, CONDEMNED, path))
		return -ENAMETOOLONG;
	files = opendir(path);
	if (!files)
		return -errno;
	while (!error && (entry = readdir(files)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			error = overwrite(dirfd(files), entry->d_name);
	closedir(files);
	return error || !rmdir(path) ? error : -errno;
}

int track_erase_all(const char *folder)
{
	return each(folder, CONDEMNED, erase_one, (void *)folder);
}
