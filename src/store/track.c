/* A track of an alert's sound: see track.h. */
#include "store/track.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cursor.h"

enum {
	PAGE_HEADER_BYTES = 12,
	PATH_SIZE = 1024,
	/* A quarter of a minute of speech. */
	GROWTH_BYTES = 64 * 1024,
};
static const char page_mark[] = {'E', 'G', 'P', '1'};

struct track {
	struct id alert;
	enum track_kind kind;
	int fd;
	uint64_t end, size; /* of the last whole page; of the file: zeroes lie between them */
	uint32_t pages;
	struct frontier frontier;
};

/* What a page's seal is made for. */
static void page_label(struct id alert, enum track_kind kind, uint32_t number, struct buf *out)
{
	buf_reset(out);
	buf_add_str(out, STR("sound.page"));
	buf_add(out, alert.bytes, sizeof(alert.bytes));
	buf_add_byte(out, (uint8_t)kind);
	buf_add_u32(out, number);
}

static bool folder_path(const struct track_name *name, char *out, size_t size)
{
	char alert[ID_TEXT_SIZE];

	id_print(name->alert, alert);
	return (size_t)snprintf(out, size, "%s/%s", name->folder, alert) < size;
}

bool track_path(const struct track_name *name, char *out, size_t size)
{
	static const char *const names[TRACK_COUNT] = {"live", "backfill"};
	char folder[PATH_SIZE];

	return folder_path(name, folder, sizeof(folder)) &&
	       (size_t)snprintf(out, size, "%s/%s", folder, names[name->kind]) < size;
}

/* --- reading */

struct reading {
	struct vault *vault;
	const struct track_name *name;
	track_page *each;
	void *context;
	int fd;
	uint64_t at;
	struct buf bytes, label, plain;
	struct track_end end;
};

/* len bytes from `at` into r->bytes; fewer at the end of the file. 0 or -errno. */
static int fetch(struct reading *r, uint64_t at, size_t len)
{
	char *into;

	buf_reset(&r->bytes);
	into = buf_reserve(&r->bytes, len);
	while (r->bytes.len < len) {
		ssize_t got = pread(r->fd, into + r->bytes.len, len - r->bytes.len,
				    (off_t)(at + r->bytes.len));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		r->bytes.len += (size_t)got;
	}
	return 0;
}

/* The page at r->at, opened into r->plain. 0, -EBADMSG (none there), or -errno. */
static int open_page(struct reading *r, uint32_t *ret_number, size_t *ret_size)
{
	struct cursor c;
	struct str mark;
	struct id key;
	uint32_t number, len;
	int error = fetch(r, r->at, PAGE_HEADER_BYTES);

	if (error)
		return error;
	c = cursor_of(buf_str(&r->bytes));
	mark = cursor_take(&c, sizeof(page_mark));
	number = cursor_u32(&c);
	len = cursor_u32(&c);
	if (!cursor_ok(&c) || memcmp(mark.ptr, page_mark, sizeof(page_mark)) ||
	    len > TRACK_PAGE_MAX_BYTES || number < r->end.pages)
		return -EBADMSG;
	error = fetch(r, r->at + PAGE_HEADER_BYTES, len);
	if (error)
		return error;
	if (r->bytes.len < len || sealed_key_id(buf_str(&r->bytes), &key) ||
	    !id_eq(key, r->name->alert))
		return -EBADMSG;
	page_label(r->name->alert, r->name->kind, number, &r->label);
	buf_reset(&r->plain);
	error = vault_unseal(r->vault, buf_str(&r->label), buf_str(&r->bytes), &r->plain);
	*ret_number = number;
	*ret_size = PAGE_HEADER_BYTES + len;
	return error;
}

/* The next place after r->at that looks like a page. 0, -ENODATA (no more), or -errno. */
static int look_further(struct reading *r)
{
	enum { CHUNK = 64 * 1024 };

	for (uint64_t at = r->at + 1;; at += r->bytes.len - sizeof(page_mark) + 1) {
		const char *found;
		int error = fetch(r, at, CHUNK);

		if (error)
			return error;
		if (r->bytes.len < PAGE_HEADER_BYTES)
			return -ENODATA;
		found = memmem(r->bytes.ptr, r->bytes.len, page_mark, sizeof(page_mark));
		if (found) {
			r->at = at + (uint64_t)(found - r->bytes.ptr);
			return 0;
		}
	}
}

/*
 * The page at r->at, or the next one that can be read: *ret_lost says that something was passed
 * over. Zeroes with nothing behind them are the end (-ENODATA). A page that was being written, or
 * was still zeroes, when it was looked at is whole once another is behind it: it is read again.
 */
static int find_page(struct reading *r, uint32_t *ret_number, size_t *ret_size, bool *ret_lost)
{
	uint64_t at = r->at, further;
	int error = open_page(r, ret_number, ret_size);

	while (error == -EBADMSG) {
		error = look_further(r);
		if (error)
			return error;
		further = r->at;
		r->at = at;
		error = open_page(r, ret_number, ret_size);
		if (error != -EBADMSG)
			return error;
		r->at = at = further;
		*ret_lost = true;
		error = open_page(r, ret_number, ret_size);
	}
	return error;
}

static int read_pages(struct reading *r)
{
	uint32_t number;
	size_t size;
	bool lost = false;

	for (;;) {
		int error = find_page(r, &number, &size, &lost);

		if (error == -ENODATA)
			return 0;
		if (!error)
			error = r->each(r->context, number, buf_str(&r->plain));
		if (error)
			return error;
		r->end.damaged = r->end.damaged || lost || number != r->end.pages;
		r->at += size;
		r->end.bytes = r->at;
		r->end.pages = number + 1;
	}
}

int track_read(struct vault *v, const struct track_name *name, track_page *each, void *context,
	       struct track_end *ret_end)
{
	struct reading r = {.vault = v, .name = name, .each = each, .context = context};
	char path[PATH_SIZE];
	int error;

	if (!track_path(name, path, sizeof(path)))
		return -ENAMETOOLONG;
	r.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (r.fd < 0 && errno != ENOENT)
		return -errno;
	error = r.fd < 0 ? 0 : read_pages(&r);
	if (r.fd >= 0)
		close(r.fd);
	buf_fini(&r.bytes);
	buf_fini(&r.label);
	buf_fini(&r.plain);
	if (ret_end)
		*ret_end = r.end;
	return error;
}

/* --- appending */

static int sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;

	if (fd < 0)
		return -errno;
	error = fsync(fd) ? -errno : 0;
	close(fd);
	return error;
}

/* The folders and the file, their names on disk. */
static int make(const struct track_name *name, int *ret_fd)
{
	char folder[PATH_SIZE], path[PATH_SIZE];
	int fd, error;

	if (!folder_path(name, folder, sizeof(folder)) || !track_path(name, path, sizeof(path)))
		return -ENAMETOOLONG;
	if (mkdir(name->folder, 0700) && errno != EEXIST)
		return -errno;
	if (mkdir(folder, 0700) && errno != EEXIST)
		return -errno;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	error = sync_folder(folder);
	if (!error)
		error = sync_folder(name->folder);
	if (error)
		close(fd);
	else
		*ret_fd = fd;
	return error;
}

static int count_page(void *context, uint32_t number, struct str plain)
{
	struct hash leaf = tree_leaf(plain);

	frontier_append(context, &leaf);
	return 0;
}

/* How much a torn page may have left: what its header says, when that was written. */
static size_t torn_most(struct str tail)
{
	struct cursor c = cursor_of(tail);
	struct str mark = cursor_take(&c, sizeof(page_mark));
	uint32_t len;

	cursor_u32(&c);
	len = cursor_u32(&c);
	if (!cursor_ok(&c) || memcmp(mark.ptr, page_mark, sizeof(page_mark)) ||
	    len > TRACK_PAGE_MAX_BYTES)
		len = TRACK_PAGE_MAX_BYTES;
	return PAGE_HEADER_BYTES + len;
}

/* Whether what lies from t->end on is one torn page and the zeroes written ahead. 0 or -errno. */
static int look_at_tail(const struct track *t, uint64_t size, bool *ret_damaged)
{
	enum { TAIL_MOST = PAGE_HEADER_BYTES + TRACK_PAGE_MAX_BYTES + GROWTH_BYTES };
	struct reading r = {.fd = t->fd};
	size_t len;
	int error;

	*ret_damaged = size > t->end + TAIL_MOST;
	if (*ret_damaged || size <= t->end)
		return 0;
	error = fetch(&r, t->end, (size_t)(size - t->end));
	len = r.bytes.len;
	while (len && !r.bytes.ptr[len - 1])
		len--;
	*ret_damaged = !error && len > torn_most(buf_str(&r.bytes));
	buf_fini(&r.bytes);
	return error;
}

/*
 * What follows the last whole page was never acknowledged: it goes. More than one page cannot be
 * torn; more than that which cannot be read is a damaged disk, nothing of it is thrown away, and
 * pages go on behind it.
 */
static int cut_tail(struct track *t, bool *ret_damaged)
{
	struct stat st;
	int error;

	if (fstat(t->fd, &st))
		return -errno;
	error = look_at_tail(t, (uint64_t)st.st_size, ret_damaged);
	if (error)
		return error;
	if (*ret_damaged)
		t->end = (uint64_t)st.st_size;
	else if ((uint64_t)st.st_size > t->end && ftruncate(t->fd, (off_t)t->end))
		return -errno;
	return 0;
}

int track_open(struct vault *v, const struct track_name *name, struct track **ret_track)
{
	struct track *t = xcalloc(1, sizeof(*t));
	struct track_end end = {0};
	bool damaged;
	int error;

	t->alert = name->alert;
	t->kind = name->kind;
	t->fd = -1;
	frontier_init(&t->frontier);
	error = make(name, &t->fd);
	if (!error)
		error = track_read(v, name, count_page, &t->frontier, &end);
	t->end = end.bytes;
	t->pages = end.pages;
	if (!error)
		error = cut_tail(t, &damaged);
	if (error)
		track_close(t);
	else
		*ret_track = t;
	return error;
}

static int write_all(struct track *t, struct str bytes)
{
	size_t done = 0;

	while (done < bytes.len) {
		ssize_t wrote =
			pwrite(t->fd, bytes.ptr + done, bytes.len - done, (off_t)(t->end + done));

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return wrote ? -errno : -EIO;
		done += (size_t)wrote;
	}
	t->end += bytes.len;
	return 0;
}

/*
 * A file that grows costs a commit of the file system's own journal at each sync, which the commits
 * of alerts then wait for. So it grows by zeroes, several pages ahead. When there is no room for
 * them, the page is written all the same.
 */
static void grow(struct track *t)
{
	static const char zeroes[GROWTH_BYTES];
	uint64_t until = (t->end / GROWTH_BYTES + 1) * GROWTH_BYTES;
	ssize_t wrote;

	if (t->end <= t->size)
		return;
	wrote = pwrite(t->fd, zeroes, until - t->end, (off_t)t->end);
	t->size = t->end + (wrote > 0 ? (uint64_t)wrote : 0);
}

/* The zeroes go; when they do not, whoever opens it next cuts them off. */
static void shrink(struct track *t)
{
	int r = t->size > t->end ? ftruncate(t->fd, (off_t)t->end) : 0;

	(void)r;
}

int track_append(struct track *t, struct vault *v, struct str plain)
{
	struct buf label = BUF_INIT, sealed = BUF_INIT, page = BUF_INIT;
	struct hash leaf = tree_leaf(plain);
	int error;

	page_label(t->alert, t->kind, t->pages, &label);
	error = vault_seal(v, t->alert, buf_str(&label), plain, &sealed);
	if (!error && sealed.len > TRACK_PAGE_MAX_BYTES)
		error = -EMSGSIZE;
	if (!error) {
		buf_add(&page, page_mark, sizeof(page_mark));
		buf_add_u32(&page, t->pages);
		buf_add_u32(&page, (uint32_t)sealed.len);
		buf_add_str(&page, buf_str(&sealed));
		error = write_all(t, buf_str(&page));
	}
	if (!error) {
		t->pages++;
		frontier_append(&t->frontier, &leaf);
		grow(t);
	}
	buf_fini(&label);
	buf_fini(&sealed);
	buf_fini(&page);
	return error;
}

int track_sync(struct track *t)
{
	return fdatasync(t->fd) ? -errno : 0;
}

uint32_t track_pages(const struct track *t)
{
	return t->pages;
}

struct hash track_root(const struct track *t)
{
	return frontier_root(&t->frontier);
}

void track_close(struct track *t)
{
	if (!t)
		return;
	shrink(t);
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}
