/* Latencies and usage: see measure.h. */
#include "measure.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "client.h"

void latency_add(struct latencies *l, int64_t us)
{
	if (l->len == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 4096;
		l->us = xrealloc(l->us, l->cap * sizeof(l->us[0]));
	}
	l->us[l->len++] = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The smallest sample that `share` of all do not exceed. */
static uint32_t percentile(const struct latencies *l, double share)
{
	size_t rank = (size_t)(share * (double)l->len);

	return l->us[rank < l->len ? rank : l->len - 1];
}

void latency_print(struct latencies *l, const char *name)
{
	if (!l->len)
		return;
	qsort(l->us, l->len, sizeof(l->us[0]), compare);
	printf(",\"%s_p50_us\":%u,\"%s_p99_us\":%u,\"%s_max_us\":%u,\"%s_count\":%zu", name,
	       percentile(l, 0.5), name, percentile(l, 0.99), name, l->us[l->len - 1], name,
	       l->len);
}

/* Nanoseconds a thread has run; 0 when it has ended. */
static int64_t run_ns(const char *path)
{
	FILE *file = fopen(path, "re");
	long long ns = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%lld", &ns) != 1)
		ns = 0;
	fclose(file);
	return ns;
}

/* statm, because smaps is closed to other users of a process that is not dumpable, as the server
 * is. */
static int64_t anonymous_of(int pid)
{
	long long size = 0, resident = 0, shared = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%lld %lld %lld", &size, &resident, &shared) != 3)
		die("the server, process %d, is gone", pid);
	fclose(file);
	return (resident - shared) * sysconf(_SC_PAGESIZE);
}

struct usage usage_of(int pid)
{
	struct usage usage = {0, 0};
	struct dirent *entry;
	char path[300];
	DIR *tasks;

	if (!pid)
		return usage;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	if (!tasks)
		die("the server, process %d, is gone", pid);
	while ((entry = readdir(tasks)))
		if (entry->d_name[0] != '.') {
			snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid,
				 entry->d_name);
			usage.cpu_us += run_ns(path) / 1000;
		}
	closedir(tasks);
	usage.anonymous_bytes = anonymous_of(pid);
	return usage;
}
