/* WAL writes in one call: see wal_vfs.h. */
#include "store/wal_vfs.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/alloc.h"

enum {
	LAYERS_MAX = 4,
	/* SQLite's own file layer writes wrongly what is 128 KiB long or longer. */
	GATHERED_MAX = 120 * 1024,
	FRAME_HEADER_SIZE = 24, /* sqlite.org/fileformat2.html, "WAL Frame Header Format" */
	/* Some ten commits of a call for help each. */
	GROWTH_BYTES = 1024 * 1024,
};

/* What is gathered lies at [start, start + len) of the file and is not in it yet. */
struct wal_file {
	sqlite3_file base;
	sqlite3_int64 start;
	int len;
	bool in_last_frame; /* of a commit */
	char *bytes;        /* GATHERED_MAX, once something is written */
	sqlite3_int64 size; /* of the file, as far as this writer knows */
};

static struct layer {
	sqlite3_vfs vfs;
	char name[64];
} layers[LAYERS_MAX];
static unsigned layer_count;

static sqlite3_vfs *under(sqlite3_vfs *vfs)
{
	return vfs->pAppData;
}

/* The real file follows ours in the memory SQLite gives for one. */
static sqlite3_file *real(sqlite3_file *file)
{
	return (sqlite3_file *)(void *)((struct wal_file *)file + 1);
}

/* Zeroes from `end` on, where nothing is that counts. When there is no room for them, what was to
 * be written is there all the same. */
static void grow(sqlite3_file *file, sqlite3_int64 end)
{
	static const char zeroes[64 * 1024];
	struct wal_file *f = (struct wal_file *)file;
	sqlite3_int64 until = (end + GROWTH_BYTES - 1) / GROWTH_BYTES * GROWTH_BYTES;
	int len, r = SQLITE_OK;

	for (sqlite3_int64 at = end; !r && at < until; at += len) {
		len = until - at < (int)sizeof(zeroes) ? (int)(until - at) : (int)sizeof(zeroes);
		r = real(file)->pMethods->xWrite(real(file), zeroes, len, at);
	}
	f->size = until;
}

static int write_through(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	struct wal_file *f = (struct wal_file *)file;
	int r = real(file)->pMethods->xWrite(real(file), bytes, len, at);

	/* It is started over; another connection may have truncated it before. */
	if (!r && !at)
		r = real(file)->pMethods->xFileSize(real(file), &f->size);
	if (!r && at + len > f->size)
		grow(file, at + len);
	return r;
}

static int flush(sqlite3_file *file)
{
	struct wal_file *f = (struct wal_file *)file;
	int len = f->len;

	f->len = 0;
	return len ? write_through(file, f->bytes, len, f->start) : SQLITE_OK;
}

/* The fifth to eighth byte of a frame's header are zero but in the last frame of a commit. */
static bool ends_commit(const uint8_t *header)
{
	return header[4] || header[5] || header[6] || header[7];
}

/* A whole commit is in the file before SQLite tells its readers, whether it syncs or not. */
static int wal_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	struct wal_file *f = (struct wal_file *)file;
	int r = SQLITE_OK;

	if (f->len && (at != f->start + f->len || f->len + len > GATHERED_MAX))
		r = flush(file);
	if (r)
		return r;
	if (len == FRAME_HEADER_SIZE)
		f->in_last_frame = ends_commit(bytes);
	if (len > GATHERED_MAX)
		return write_through(file, bytes, len, at);
	if (!f->bytes)
		f->bytes = xmalloc(GATHERED_MAX);
	if (!f->len)
		f->start = at;
	memcpy(f->bytes + f->len, bytes, (size_t)len);
	f->len += len;
	return f->in_last_frame && len != FRAME_HEADER_SIZE ? flush(file) : SQLITE_OK;
}

static int wal_read(sqlite3_file *file, void *bytes, int len, sqlite3_int64 at)
{
	int r = flush(file);

	return r ? r : real(file)->pMethods->xRead(real(file), bytes, len, at);
}

static int wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int r = flush(file);

	if (!r)
		r = real(file)->pMethods->xTruncate(real(file), size);
	if (!r)
		((struct wal_file *)file)->size = size;
	return r;
}

static int wal_sync(sqlite3_file *file, int flags)
{
	int r = flush(file);

	return r ? r : real(file)->pMethods->xSync(real(file), flags);
}

static int wal_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	int r = flush(file);

	return r ? r : real(file)->pMethods->xFileSize(real(file), ret_size);
}

/* What was not synced was promised to nobody; it is written all the same, as it would have been. */
static int wal_close(sqlite3_file *file)
{
	int flushed = flush(file), closed = real(file)->pMethods->xClose(real(file));

	free(((struct wal_file *)file)->bytes);
	return flushed ? flushed : closed;
}

static int wal_lock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xLock(real(file), level);
}

static int wal_unlock(sqlite3_file *file, int level)
{
	return real(file)->pMethods->xUnlock(real(file), level);
}

static int wal_check_lock(sqlite3_file *file, int *ret_held)
{
	return real(file)->pMethods->xCheckReservedLock(real(file), ret_held);
}

static int wal_control(sqlite3_file *file, int what, void *argument)
{
	return real(file)->pMethods->xFileControl(real(file), what, argument);
}

static int wal_sector(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int wal_characteristics(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

/* Version 1: shared memory and mapped pages are the database file's. */
static const sqlite3_io_methods wal_methods = {
	.iVersion = 1,
	.xClose = wal_close,
	.xRead = wal_read,
	.xWrite = wal_write,
	.xTruncate = wal_truncate,
	.xSync = wal_sync,
	.xFileSize = wal_size,
	.xLock = wal_lock,
	.xUnlock = wal_unlock,
	.xCheckReservedLock = wal_check_lock,
	.xFileControl = wal_control,
	.xSectorSize = wal_sector,
	.xDeviceCharacteristics = wal_characteristics,
};

/* Every other file is the lower layer's own: it gets our memory and sets its own methods. */
static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
		     int *ret_flags)
{
	struct wal_file *f = (struct wal_file *)file;
	int r;

	if (!(flags & SQLITE_OPEN_WAL))
		return under(vfs)->xOpen(under(vfs), name, file, flags, ret_flags);
	*f = (struct wal_file){0};
	real(file)->pMethods = NULL;
	r = under(vfs)->xOpen(under(vfs), name, real(file), flags, ret_flags);
	if (!r)
		f->base.pMethods = &wal_methods;
	else if (real(file)->pMethods)
		real(file)->pMethods->xClose(real(file));
	return r;
}

static struct layer *find_layer(const sqlite3_vfs *lower)
{
	for (unsigned i = 0; i < layer_count; i++)
		if (layers[i].vfs.pAppData == lower)
			return &layers[i];
	return NULL;
}

/* All but opening is the lower layer's: its functions are given the lower layer as themselves. */
static int delete_file(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	return under(vfs)->xDelete(under(vfs), name, sync_folder);
}

static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *ret_is)
{
	return under(vfs)->xAccess(under(vfs), name, flags, ret_is);
}

static int full_name(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	return under(vfs)->xFullPathname(under(vfs), name, size, out);
}

static int randomness(sqlite3_vfs *vfs, int size, char *out)
{
	return under(vfs)->xRandomness(under(vfs), size, out);
}

static int sleep_us(sqlite3_vfs *vfs, int us)
{
	return under(vfs)->xSleep(under(vfs), us);
}

static int now(sqlite3_vfs *vfs, sqlite3_int64 *ret_now)
{
	return under(vfs)->xCurrentTimeInt64(under(vfs), ret_now);
}

static int now_in_days(sqlite3_vfs *vfs, double *ret_now)
{
	return under(vfs)->xCurrentTime(under(vfs), ret_now);
}

static int last_error(sqlite3_vfs *vfs, int size, char *out)
{
	return under(vfs)->xGetLastError(under(vfs), size, out);
}

static struct layer *add_layer(sqlite3_vfs *lower)
{
	struct layer *l = &layers[layer_count];

	if (layer_count == LAYERS_MAX)
		return NULL;
	snprintf(l->name, sizeof(l->name), "wal-in-one-%s", lower->zName);
	l->vfs = (sqlite3_vfs){
		.iVersion = lower->iVersion < 2 ? 1 : 2,
		.szOsFile = (int)sizeof(struct wal_file) + lower->szOsFile,
		.mxPathname = lower->mxPathname,
		.zName = l->name,
		.pAppData = lower,
		.xOpen = open_file,
		.xDelete = delete_file,
		.xAccess = access_file,
		.xFullPathname = full_name,
		.xRandomness = randomness,
		.xSleep = sleep_us,
		.xCurrentTime = now_in_days,
		.xGetLastError = last_error,
		.xCurrentTimeInt64 = lower->iVersion < 2 ? NULL : now,
	};
	if (sqlite3_vfs_register(&l->vfs, 0))
		return NULL;
	layer_count++;
	return l;
}

const char *wal_vfs_over(const char *name)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	sqlite3_vfs *lower = sqlite3_vfs_find(name);
	struct layer *l;

	if (!lower)
		return NULL;
	pthread_mutex_lock(&lock);
	l = find_layer(lower);
	if (!l)
		l = add_layer(lower);
	pthread_mutex_unlock(&lock);
	return l ? l->name : NULL;
}
