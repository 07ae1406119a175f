/* Latencies and usage: see measure.h. */
#include "measure.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

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

/* The first number of the file's line that begins with `label`; label "" is the first line. */
static long long number_in(const char *path, const char *label)
{
	FILE *file = fopen(path, "re");
	char line[256];
	long long value = 0;

	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (str_starts(str_from(line), str_from(label))) {
			value = strtoll(line + strlen(label), NULL, 10);
			break;
		}
	fclose(file);
	return value;
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
			usage.cpu_us += number_in(path, "") / 1000;
		}
	closedir(tasks);
	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	usage.anonymous_bytes = number_in(path, "Anonymous:") * 1024;
	return usage;
}
