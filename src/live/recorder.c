/* The recorder: see recorder.h. */
#include "live/recorder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/map.h"
#include "base/queue.h"
#include "base/thread.h"

enum { JOBS_WAITING = 8192, JOBS_AT_ONCE = 64, PATH_SIZE = 1024 };

/* The tracks of one alert that are open. */
struct file {
	struct track *tracks[TRACK_COUNT];
	bool dirty[TRACK_COUNT];
	int error[TRACK_COUNT]; /* of this round */
};

struct recorder {
	struct recorder_options options;
	struct vault *vault;
	struct queue *jobs;
	struct map files; /* alert → struct file */
	pthread_t thread;
	bool running, is_short; /* is_short: of disk */
};

void recorder_job_free(struct recorder_job *job)
{
	buf_fini(&job->plain);
	free(job);
}

static struct track_name name_of(const struct recorder *r, struct id alert, enum track_kind kind)
{
	return (struct track_name){r->options.folder, alert, kind};
}

static struct file *file_of(struct recorder *r, struct id alert)
{
	struct file *f = map_get(&r->files, alert);

	if (!f) {
		f = xcalloc(1, sizeof(*f));
		map_set(&r->files, alert, f);
	}
	return f;
}

static void forget_file(struct recorder *r, struct id alert)
{
	struct file *f = map_remove(&r->files, alert);

	for (unsigned i = 0; f && i < TRACK_COUNT; i++)
		track_close(f->tracks[i]);
	free(f);
}

/* A file beside the tracks that says that the journal holds their roots. */
static bool settled_path(const struct recorder *r, struct id alert, char *out, size_t size)
{
	char text[ID_TEXT_SIZE];

	id_print(alert, text);
	return (size_t)snprintf(out, size, "%s/%s/settled", r->options.folder, text) < size;
}

/* Its sum is not the last one. */
static int unsettle(const struct recorder *r, struct id alert)
{
	char path[PATH_SIZE];

	if (!settled_path(r, alert, path, sizeof(path)))
		return -ENAMETOOLONG;
	return unlink(path) && errno != ENOENT ? -errno : 0;
}

static int open_track(struct recorder *r, struct file *f, struct id alert, enum track_kind kind)
{
	struct track_name name = name_of(r, alert, kind);
	int error;

	if (f->tracks[kind])
		return 0;
	error = unsettle(r, alert);
	return error ? error : track_open(r->vault, &name, &f->tracks[kind]);
}

static void give_up_track(struct file *f, enum track_kind kind, int error)
{
	f->error[kind] = error;
	track_close(f->tracks[kind]);
	f->tracks[kind] = NULL;
	f->dirty[kind] = false;
}

uint64_t recorder_room_bytes(const struct recorder *r)
{
	struct statvfs disk;
	uint64_t free_bytes;

	if (statvfs(r->options.folder, &disk))
		return 0;
	free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	return free_bytes > r->options.reserve_bytes ? free_bytes - r->options.reserve_bytes : 0;
}

static void look_at_disk(struct recorder *r)
{
	bool is_short = !recorder_room_bytes(r);

	if (is_short != r->is_short)
		log_warning(is_short ? "recorder.disk_short" : "recorder.disk_enough",
			    "reserve_mib=%llu",
			    (unsigned long long)r->options.reserve_bytes / (1024 * 1024));
	r->is_short = is_short;
}

/* One page; nothing is promised before sync_round. */
static void write_page(struct recorder *r, struct recorder_job *job)
{
	struct file *f = file_of(r, job->alert);
	int error = f->error[job->kind];

	if (r->is_short) {
		f->error[job->kind] = -ENOSPC;
		return;
	}
	if (!error)
		error = open_track(r, f, job->alert, job->kind);
	if (!error)
		error = track_append(f->tracks[job->kind], r->vault, buf_str(&job->plain));
	if (error)
		give_up_track(f, job->kind, error);
	else
		f->dirty[job->kind] = true;
}

static void sync_page(struct recorder *r, struct recorder_job *job)
{
	struct file *f = file_of(r, job->alert);
	int error;

	if (f->dirty[job->kind]) {
		error = track_sync(f->tracks[job->kind]);
		/* What fdatasync has refused once may be said to be there the second time: the
		 * file is read again before anything is added to it. */
		if (error)
			give_up_track(f, job->kind, error);
		f->dirty[job->kind] = false;
	}
	job->error = f->error[job->kind];
}

struct loading {
	recorder_found *found;
	void *context;
	struct id alert;
	enum track_kind kind;
};

static int load_page(void *context, uint32_t number, struct str plain)
{
	struct loading *l = context;

	l->found(l->context, l->alert, l->kind, plain);
	return 0;
}

static int read_tracks(struct recorder *r, struct id alert, recorder_found *found, void *context)
{
	struct loading l = {found, context, alert, 0};
	int error = 0;

	for (l.kind = 0; !error && l.kind < TRACK_COUNT; l.kind++) {
		struct track_name name = name_of(r, alert, l.kind);

		error = track_read(r->vault, &name, load_page, &l, NULL);
	}
	return error;
}

static void load(struct recorder *r, struct recorder_job *job)
{
	job->error = unsettle(r, job->alert);
	if (!job->error)
		job->error = read_tracks(r, job->alert, job->found, job->context);
}

static void sum_up(struct recorder *r, struct recorder_job *job)
{
	struct file *f = file_of(r, job->alert);

	for (unsigned i = 0; !job->error && i < TRACK_COUNT; i++) {
		job->error = open_track(r, f, job->alert, i);
		if (job->error)
			break;
		job->pages[i] = track_pages(f->tracks[i]);
		job->roots[i] = track_root(f->tracks[i]);
	}
	forget_file(r, job->alert);
}

static void settle(struct recorder *r, struct recorder_job *job)
{
	char path[PATH_SIZE];
	int fd = -1;

	if (settled_path(r, job->alert, path, sizeof(path)))
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	/* When it is not there after all, the line is written a second time. */
	job->error = fd < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
}

static void clear_errors(struct recorder *r)
{
	struct id alert;
	void *file;

	for (size_t at = 0; map_next(&r->files, &at, &alert, &file);)
		memset(((struct file *)file)->error, 0, sizeof(((struct file *)file)->error));
}

static void round_of(struct recorder *r, struct recorder_job **jobs, size_t count)
{
	look_at_disk(r);
	for (size_t i = 0; i < count; i++)
		if (jobs[i]->work == RECORD_PAGE)
			write_page(r, jobs[i]);
	for (size_t i = 0; i < count; i++)
		if (jobs[i]->work == RECORD_PAGE)
			sync_page(r, jobs[i]);
	/* A page written before the sync that failed is not on disk either. */
	for (size_t i = 0; i < count; i++)
		if (jobs[i]->work == RECORD_PAGE)
			jobs[i]->error = file_of(r, jobs[i]->alert)->error[jobs[i]->kind];
	for (size_t i = 0; i < count; i++) {
		if (jobs[i]->work == RECORD_LOAD)
			load(r, jobs[i]);
		else if (jobs[i]->work == RECORD_END)
			sum_up(r, jobs[i]);
		else if (jobs[i]->work == RECORD_SETTLE)
			settle(r, jobs[i]);
	}
	clear_errors(r);
	for (size_t i = 0; i < count; i++)
		r->options.post(r->options.context, jobs[i]->on_done, jobs[i]);
}

static void *run(void *arg)
{
	struct recorder *r = arg;
	struct recorder_job *jobs[JOBS_AT_ONCE];

	thread_introduce("recorder", THREAD_PROMPT);
	while ((jobs[0] = queue_pop(r->jobs, -1))) {
		size_t count = 1;

		while (count < JOBS_AT_ONCE && (jobs[count] = queue_try_pop(r->jobs)))
			count++;
		round_of(r, jobs, count);
	}
	return NULL;
}

int recorder_new(const struct recorder_options *options, struct recorder **ret_recorder)
{
	struct recorder *r = xcalloc(1, sizeof(*r));
	int error = 0;

	r->options = *options;
	/* There from the start: how full its disk is, is looked at before each page. */
	if (mkdir(options->folder, 0700) && errno != EEXIST)
		error = -errno;
	if (!error)
		error = vault_open(options->database_url, DB_READER, options->ring, &r->vault);
	if (error) {
		log_error("recorder.open_failed", "error=%d", error);
		free(r);
		return error;
	}
	r->jobs = queue_new(1, JOBS_WAITING);
	*ret_recorder = r;
	return 0;
}

static int load_alert(struct recorder *r, struct loading *l)
{
	struct file *f = file_of(r, l->alert);
	char path[PATH_SIZE];
	int error = 0;

	if (settled_path(r, l->alert, path, sizeof(path)) && !access(path, F_OK)) {
		forget_file(r, l->alert);
		return 0;
	}
	/* Opened first: torn ends are cut off. */
	for (unsigned i = 0; !error && i < TRACK_COUNT; i++)
		error = open_track(r, f, l->alert, i);
	if (!error)
		error = read_tracks(r, l->alert, l->found, l->context);
	if (error)
		forget_file(r, l->alert);
	return error;
}

int recorder_load(struct recorder *r, recorder_found *found, void *context)
{
	struct loading l = {.found = found, .context = context};
	DIR *folder = opendir(r->options.folder);
	struct dirent *entry;

	if (!folder)
		return errno == ENOENT ? 0 : -errno;
	while ((entry = readdir(folder))) {
		int error;

		if (id_parse(str_from(entry->d_name), &l.alert))
			continue;
		error = load_alert(r, &l);
		/* One that cannot be read must not keep the others, or the server, from going on.
		 */
		if (error)
			log_error("recorder.load_failed", "alert=%s error=%d", entry->d_name,
				  error);
	}
	closedir(folder);
	return 0;
}

int recorder_start(struct recorder *r)
{
	int error = -pthread_create(&r->thread, NULL, run, r);

	r->running = !error;
	return error;
}

int recorder_submit(struct recorder *r, struct recorder_job *job)
{
	return queue_push(r->jobs, 0, job);
}

void recorder_stop(struct recorder *r)
{
	if (!r || !r->running)
		return;
	queue_close(r->jobs);
	pthread_join(r->thread, NULL);
	r->running = false;
}

void recorder_free(struct recorder *r)
{
	struct id alert;
	void *file;

	if (!r)
		return;
	for (size_t at = 0; map_next(&r->files, &at, &alert, &file);) {
		for (unsigned i = 0; i < TRACK_COUNT; i++)
			track_close(((struct file *)file)->tracks[i]);
		free(file);
	}
	map_fini(&r->files);
	vault_close(r->vault);
	queue_free(r->jobs);
	free(r);
}
