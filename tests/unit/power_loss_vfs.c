/* A disk that keeps only what was synced: see power_loss_vfs.h. */
#include "power_loss_vfs.h"

#include <assert.h>

#include <sqlite3.h>

#include "base/alloc.h"

enum { SECTOR = 512, FILES_MAX = 8, SHM_REGIONS_MAX = 32, NAME_SIZE = 256 };

/* Bytes of one file, in whole sectors. */
struct image {
	uint8_t *bytes;
	size_t size;
};

struct disk_file {
	char name[NAME_SIZE];
	bool exists, exists_on_disk; /* as programs see it, as a power cut would leave it */
	bool size_dirty;
	bool remade; /* removed and created again since the last sync: the disk has the old one */
	struct image live, disk;
	uint8_t *dirty; /* a byte a sector: written and not synced since */
	size_t cap;     /* bytes both images have room for */
	unsigned open;
	/* Locks of the main file: SHARED holders, and who has RESERVED or more. */
	unsigned shared;
	const void *writer;
	bool pending;
	/* The wal-index. */
	void *regions[SHM_REGIONS_MAX];
	unsigned shm_open;
	unsigned shm_shared[SQLITE_SHM_NLOCK];
	const void *shm_exclusive[SQLITE_SHM_NLOCK];
};

struct handle {
	sqlite3_file base;
	struct disk_file *file;
	bool delete_on_close;
	bool syncs_folder; /* with the next sync */
	int lock;
	bool shm_open;
	uint16_t shm_shared;
};

static struct disk_file files[FILES_MAX];
static struct {
	enum fault armed;
	uint64_t at, calls;
	bool lasting, struck, felt, dead;
} power;
static uint64_t chance_state;

/* xorshift64*: only has to repeat. */
static uint64_t chance(void)
{
	chance_state ^= chance_state >> 12;
	chance_state ^= chance_state << 25;
	chance_state ^= chance_state >> 27;
	return chance_state * UINT64_C(0x2545F4914F6CDD1D);
}

/* takes_space: it is one that a full disk makes fail. */
static enum fault count_call(bool takes_space)
{
	power.calls++;
	if (power.dead)
		return FAULT_CUT;
	if (power.armed == FAULT_NONE || power.calls < power.at ||
	    (power.calls > power.at && !power.lasting))
		return FAULT_NONE;
	power.struck = true;
	power.felt |= power.armed != FAULT_FULL || takes_space;
	power.dead = power.armed == FAULT_CUT;
	return power.armed;
}

/* ---- files ---- */

static struct disk_file *find_file(const char *name)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (files[i].name[0] && strcmp(files[i].name, name) == 0)
			return &files[i];
	return NULL;
}

static struct disk_file *make_file(const char *name)
{
	for (size_t i = 0; i < FILES_MAX; i++)
		if (!files[i].name[0]) {
			snprintf(files[i].name, sizeof(files[i].name), "%s", name);
			return &files[i];
		}
	assert(!"more files than a database has");
	return NULL;
}

static void grow(struct disk_file *f, size_t size)
{
	size_t cap = f->cap ? f->cap : 64 * 1024;

	if (size <= f->cap)
		return;
	while (cap < size)
		cap *= 2;
	f->live.bytes = xrealloc(f->live.bytes, cap);
	f->disk.bytes = xrealloc(f->disk.bytes, cap);
	f->dirty = xrealloc(f->dirty, cap / SECTOR);
	memset(f->live.bytes + f->cap, 0, cap - f->cap);
	memset(f->disk.bytes + f->cap, 0, cap - f->cap);
	memset(f->dirty + f->cap / SECTOR, 0, (cap - f->cap) / SECTOR);
	f->cap = cap;
}

static void set_live_size(struct disk_file *f, size_t size)
{
	grow(f, size);
	if (size < f->live.size) {
		memset(f->live.bytes + size, 0, f->live.size - size);
		memset(f->dirty + size / SECTOR, 1,
		       (f->live.size + SECTOR - 1) / SECTOR - size / SECTOR);
	}
	f->size_dirty |= size != f->live.size;
	f->live.size = size;
}

static void write_sector_to_disk(struct disk_file *f, size_t sector, size_t len)
{
	memcpy(f->disk.bytes + sector * SECTOR, f->live.bytes + sector * SECTOR, len);
}

static void forget_the_old_one(struct disk_file *f)
{
	if (f->remade && f->cap) {
		memset(f->disk.bytes, 0, f->cap);
		f->disk.size = 0;
		f->size_dirty = true;
	}
	f->remade = false;
}

/* The disk did what it was asked to: everything written is on it, and the file's name. */
static void settle(struct disk_file *f)
{
	forget_the_old_one(f);
	for (size_t i = 0; i < f->cap / SECTOR; i++)
		if (f->dirty[i]) {
			write_sector_to_disk(f, i, SECTOR);
			f->dirty[i] = 0;
		}
	f->disk.size = f->live.size;
	f->size_dirty = false;
	f->exists_on_disk = f->exists;
}

/* Each unsynced sector kept, dropped or torn; then it is no longer waiting to be written. */
static void roll_the_dice(struct disk_file *f)
{
	if (f->remade && f->exists_on_disk && chance() % 2)
		return; /* the old file is still there, whole */
	forget_the_old_one(f);
	if (f->size_dirty && chance() % 2)
		f->disk.size = f->live.size;
	f->size_dirty = false;
	for (size_t i = 0; i < f->cap / SECTOR; i++) {
		uint64_t fate = f->dirty[i] ? chance() % 8 : 7;

		if (fate < 3)
			write_sector_to_disk(f, i, SECTOR);
		else if (fate == 3)
			write_sector_to_disk(f, i, chance() % SECTOR);
		f->dirty[i] = 0;
	}
	if (f->exists != f->exists_on_disk && chance() % 2)
		f->exists_on_disk = f->exists;
}

/* What programs see is again what the disk holds. */
static void see_the_disk(struct disk_file *f)
{
	f->exists = f->exists_on_disk;
	f->remade = f->size_dirty = false;
	memset(f->dirty, 0, f->cap / SECTOR);
	if (!f->exists)
		f->disk.size = 0;
	memset(f->disk.bytes + f->disk.size, 0, f->cap - f->disk.size);
	memcpy(f->live.bytes, f->disk.bytes, f->cap);
	f->live.size = f->disk.size;
}

/* Names made and removed are on the disk; what was written in the files may not be. */
static void settle_folder(void)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		files[i].exists_on_disk = files[i].exists;
		forget_the_old_one(&files[i]);
	}
}

static void drop_regions(struct disk_file *f)
{
	for (size_t i = 0; i < SHM_REGIONS_MAX; i++) {
		free(f->regions[i]);
		f->regions[i] = NULL;
	}
}

static void remove_file(struct disk_file *f)
{
	/* Its sectors stay on the disk until the folder is synced: it may come back as it was. */
	f->exists = false;
	memset(f->dirty, 0, f->cap / SECTOR);
	f->live.size = 0;
	f->size_dirty = false;
	if (f->cap)
		memset(f->live.bytes, 0, f->cap);
}

/* ---- file methods ---- */

static struct handle *handle_of(sqlite3_file *file)
{
	return container_of(file, struct handle, base);
}

static int on_close(sqlite3_file *file)
{
	struct handle *h = handle_of(file);

	h->file->open--;
	if (h->delete_on_close && h->file->exists)
		remove_file(h->file);
	return SQLITE_OK;
}

static int on_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
	struct disk_file *f = handle_of(file)->file;
	size_t from = (size_t)at, want = (size_t)len, have = 0;
	enum fault fault = count_call(false);

	if (fault == FAULT_EIO || fault == FAULT_CUT)
		return SQLITE_IOERR_READ;
	if (from < f->live.size)
		have = f->live.size - from < want ? f->live.size - from : want;
	if (have)
		memcpy(out, f->live.bytes + from, have);
	memset((uint8_t *)out + have, 0, want - have);
	return have == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at)
{
	struct disk_file *f = handle_of(file)->file;
	size_t from = (size_t)at, end = from + (size_t)len;
	bool was_dead = power.dead;
	enum fault fault = count_call(true);

	if (fault == FAULT_FULL)
		return SQLITE_FULL;
	if (fault == FAULT_EIO || was_dead)
		return SQLITE_IOERR_WRITE;
	/* A write that the power cut meets may still arrive. */
	if (end > f->live.size)
		set_live_size(f, end);
	memcpy(f->live.bytes + from, bytes, (size_t)len);
	memset(f->dirty + from / SECTOR, 1, (end + SECTOR - 1) / SECTOR - from / SECTOR);
	return fault == FAULT_CUT ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	bool was_dead = power.dead;
	enum fault fault = count_call(false);

	if (fault == FAULT_EIO || was_dead)
		return SQLITE_IOERR_TRUNCATE;
	set_live_size(handle_of(file)->file, (size_t)size);
	return fault == FAULT_CUT ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int on_sync(sqlite3_file *file, int flags)
{
	struct disk_file *f = handle_of(file)->file;
	enum fault fault = count_call(false);

	/* As Linux does: after a failed fsync the pages count as clean, whether written or not. */
	if (fault == FAULT_EIO)
		roll_the_dice(f);
	if (fault == FAULT_EIO || fault == FAULT_CUT)
		return SQLITE_IOERR_FSYNC;
	settle(f);
	if (handle_of(file)->syncs_folder)
		settle_folder();
	handle_of(file)->syncs_folder = false;
	return SQLITE_OK;
}

static int on_file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
	enum fault fault = count_call(false);

	if (fault == FAULT_EIO || fault == FAULT_CUT)
		return SQLITE_IOERR_FSTAT;
	*ret_size = (sqlite3_int64)handle_of(file)->file->live.size;
	return SQLITE_OK;
}

/* Locks stay with processes, not with the disk: they never fail. */
static int on_lock(sqlite3_file *file, int level)
{
	struct handle *h = handle_of(file);
	struct disk_file *f = h->file;

	if (level <= h->lock)
		return SQLITE_OK;
	if (f->writer && f->writer != h && (level > SQLITE_LOCK_SHARED || f->pending))
		return SQLITE_BUSY;
	if (h->lock == SQLITE_LOCK_NONE)
		f->shared++;
	h->lock = SQLITE_LOCK_SHARED;
	if (level == SQLITE_LOCK_SHARED)
		return SQLITE_OK;
	f->writer = h;
	h->lock = SQLITE_LOCK_RESERVED;
	if (level == SQLITE_LOCK_RESERVED)
		return SQLITE_OK;
	f->pending = true;
	h->lock = SQLITE_LOCK_PENDING;
	if (f->shared > 1)
		return SQLITE_BUSY;
	h->lock = SQLITE_LOCK_EXCLUSIVE;
	return SQLITE_OK;
}

static int on_unlock(sqlite3_file *file, int level)
{
	struct handle *h = handle_of(file);
	struct disk_file *f = h->file;

	if (level >= h->lock)
		return SQLITE_OK;
	if (f->writer == h) {
		f->writer = NULL;
		f->pending = false;
	}
	if (level == SQLITE_LOCK_NONE)
		f->shared--;
	h->lock = level;
	return SQLITE_OK;
}

static int on_check_reserved(sqlite3_file *file, int *ret_reserved)
{
	*ret_reserved = handle_of(file)->file->writer != NULL;
	return SQLITE_OK;
}

static int on_control(sqlite3_file *file, int operation, void *argument)
{
	return SQLITE_NOTFOUND;
}

/* What SQLite's own unix VFS says of a disk: both are its defaults. */
static int on_sector_size(sqlite3_file *file)
{
	return 4096;
}

static int on_characteristics(sqlite3_file *file)
{
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int on_shm_map(sqlite3_file *file, int region, int size, int extend,
		      void volatile **ret_region)
{
	struct handle *h = handle_of(file);
	enum fault fault = count_call(true);

	if (fault != FAULT_NONE)
		return SQLITE_IOERR_SHMMAP;
	assert(region < SHM_REGIONS_MAX);
	if (!h->shm_open) {
		h->shm_open = true;
		h->file->shm_open++;
	}
	if (!h->file->regions[region] && extend)
		h->file->regions[region] = xcalloc(1, (size_t)size);
	*ret_region = h->file->regions[region];
	return SQLITE_OK;
}

static int take_shm_lock(struct handle *h, int slot, bool exclusive)
{
	struct disk_file *f = h->file;
	bool has_shared = h->shm_shared >> slot & 1;

	if (f->shm_exclusive[slot] && f->shm_exclusive[slot] != h)
		return SQLITE_BUSY;
	if (exclusive) {
		if (f->shm_shared[slot] > has_shared)
			return SQLITE_BUSY;
		f->shm_exclusive[slot] = h;
	} else if (!has_shared) {
		f->shm_shared[slot]++;
		h->shm_shared |= (uint16_t)(1u << slot);
	}
	return SQLITE_OK;
}

static void give_shm_lock(struct handle *h, int slot, bool exclusive)
{
	if (exclusive && h->file->shm_exclusive[slot] == h)
		h->file->shm_exclusive[slot] = NULL;
	if (!exclusive && h->shm_shared >> slot & 1) {
		h->file->shm_shared[slot]--;
		h->shm_shared &= (uint16_t) ~(1u << slot);
	}
}

static int on_shm_lock(sqlite3_file *file, int from, int count, int flags)
{
	struct handle *h = handle_of(file);
	bool exclusive = flags & SQLITE_SHM_EXCLUSIVE;

	for (int slot = from; slot < from + count; slot++) {
		if (flags & SQLITE_SHM_UNLOCK) {
			give_shm_lock(h, slot, exclusive);
		} else if (take_shm_lock(h, slot, exclusive)) {
			while (slot-- > from)
				give_shm_lock(h, slot, exclusive);
			return SQLITE_BUSY;
		}
	}
	return SQLITE_OK;
}

static void on_shm_barrier(sqlite3_file *file)
{
	__sync_synchronize();
}

static int on_shm_unmap(sqlite3_file *file, int delete)
{
	struct handle *h = handle_of(file);

	for (int slot = 0; slot < SQLITE_SHM_NLOCK; slot++) {
		give_shm_lock(h, slot, true);
		give_shm_lock(h, slot, false);
	}
	if (h->shm_open && --h->file->shm_open == 0)
		drop_regions(h->file);
	h->shm_open = false;
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = on_close,
	.xRead = on_read,
	.xWrite = on_write,
	.xTruncate = on_truncate,
	.xSync = on_sync,
	.xFileSize = on_file_size,
	.xLock = on_lock,
	.xUnlock = on_unlock,
	.xCheckReservedLock = on_check_reserved,
	.xFileControl = on_control,
	.xSectorSize = on_sector_size,
	.xDeviceCharacteristics = on_characteristics,
	.xShmMap = on_shm_map,
	.xShmLock = on_shm_lock,
	.xShmBarrier = on_shm_barrier,
	.xShmUnmap = on_shm_unmap,
};

/* ---- VFS methods ---- */

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
		   int *ret_flags)
{
	struct handle *h = handle_of(file);
	struct disk_file *f;

	*h = (struct handle){.base = {NULL}};
	if (count_call(true) != FAULT_NONE)
		return SQLITE_CANTOPEN;
	f = find_file(name ? name : "temporary");
	if ((!f || !f->exists) && !(flags & SQLITE_OPEN_CREATE))
		return SQLITE_CANTOPEN;
	if (!f)
		f = make_file(name ? name : "temporary");
	f->remade |= !f->exists && f->exists_on_disk;
	f->exists = true;
	f->open++;
	h->file = f;
	h->delete_on_close = flags & SQLITE_OPEN_DELETEONCLOSE;
	/* As the unix VFS: the first sync of a journal or WAL that may be new syncs its folder too.
	 */
	h->syncs_folder = (flags & SQLITE_OPEN_CREATE) &&
			  (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL));
	h->base.pMethods = &methods;
	if (ret_flags)
		*ret_flags = flags;
	return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
	struct disk_file *f = find_file(name);
	bool was_dead = power.dead;
	enum fault fault = count_call(false);

	if (fault == FAULT_EIO || was_dead)
		return SQLITE_IOERR_DELETE;
	if (!f || !f->exists)
		return SQLITE_IOERR_DELETE_NOENT;
	remove_file(f);
	if (sync_folder && fault == FAULT_NONE)
		f->exists_on_disk = false;
	return fault == FAULT_CUT ? SQLITE_IOERR_DELETE : SQLITE_OK;
}

static int on_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_result)
{
	struct disk_file *f = find_file(name);
	enum fault fault = count_call(false);

	if (fault == FAULT_EIO || fault == FAULT_CUT)
		return SQLITE_IOERR_ACCESS;
	/* As the unix VFS: an empty file does not count as there. */
	*ret_result = f && f->exists && (flags != SQLITE_ACCESS_EXISTS || f->live.size);
	return SQLITE_OK;
}

static int on_full_path(sqlite3_vfs *vfs, const char *name, int size, char *out)
{
	snprintf(out, (size_t)size, "%s", name);
	return SQLITE_OK;
}

static int on_randomness(sqlite3_vfs *vfs, int len, char *out)
{
	for (int i = 0; i < len; i++)
		out[i] = (char)chance();
	return len;
}

/* Nobody else can make progress meanwhile: there is one thread. */
static int on_sleep(sqlite3_vfs *vfs, int microseconds)
{
	return microseconds;
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *ret_ms)
{
	*ret_ms = INT64_C(212662000000000); /* some day, in milliseconds of the Julian calendar */
	return SQLITE_OK;
}

static int on_time_in_days(sqlite3_vfs *vfs, double *ret_days)
{
	sqlite3_int64 ms;

	on_time(vfs, &ms);
	*ret_days = (double)ms / 86400000.0;
	return SQLITE_OK;
}

static int on_last_error(sqlite3_vfs *vfs, int size, char *out)
{
	return 0;
}

void power_loss_register(void)
{
	static sqlite3_vfs vfs = {
		.iVersion = 2,
		.szOsFile = sizeof(struct handle),
		.mxPathname = NAME_SIZE - 1,
		.zName = "power-loss",
		.xOpen = on_open,
		.xDelete = on_delete,
		.xAccess = on_access,
		.xFullPathname = on_full_path,
		.xRandomness = on_randomness,
		.xSleep = on_sleep,
		.xCurrentTime = on_time_in_days,
		.xGetLastError = on_last_error,
		.xCurrentTimeInt64 = on_time,
	};

	sqlite3_vfs_register(&vfs, 0);
	power_loss_reset();
}

void power_loss_reset(void)
{
	for (size_t i = 0; i < FILES_MAX; i++) {
		struct disk_file *f = &files[i], empty = {.cap = 0};

		assert(!f->open);
		drop_regions(f);
		/* The memory is kept for the next disk: there are thousands. */
		empty.cap = f->cap;
		empty.live.bytes = f->live.bytes;
		empty.disk.bytes = f->disk.bytes;
		empty.dirty = f->dirty;
		*f = empty;
		if (f->cap) {
			memset(f->live.bytes, 0, f->cap);
			memset(f->disk.bytes, 0, f->cap);
			memset(f->dirty, 0, f->cap / SECTOR);
		}
	}
	memset(&power, 0, sizeof(power));
	chance_state = 88172645463325252;
}

void power_loss_unregister(void)
{
	sqlite3_vfs_unregister(sqlite3_vfs_find("power-loss"));
	for (size_t i = 0; i < FILES_MAX; i++) {
		assert(!files[i].open);
		drop_regions(&files[i]);
		free(files[i].live.bytes);
		free(files[i].disk.bytes);
		free(files[i].dirty);
	}
	memset(files, 0, sizeof(files));
}

void power_loss_arm(enum fault fault, uint64_t call, bool lasting)
{
	memset(&power, 0, sizeof(power));
	power.armed = fault;
	power.at = call;
	power.lasting = lasting;
}

void power_loss_repair(void)
{
	power.armed = FAULT_NONE;
	power.dead = false;
}

uint64_t power_loss_calls(void)
{
	return power.calls;
}

bool power_loss_struck(void)
{
	return power.struck;
}

bool power_loss_felt(void)
{
	return power.felt;
}

void power_cut(uint64_t seed)
{
	chance_state = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
	for (size_t i = 0; i < FILES_MAX; i++) {
		assert(!files[i].open && !files[i].shm_open);
		if (!files[i].name[0] || !files[i].cap)
			continue;
		roll_the_dice(&files[i]);
		see_the_disk(&files[i]);
	}
	power_loss_repair();
}
