/* What is measured: latencies, and what another process has used. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

/* Every sample is kept: percentiles are exact. */
struct latencies {
	uint32_t *us;
	size_t len, cap;
};

void latency_add(struct latencies *l, int64_t us);
/* Prints `,"NAME_p50_us":…,"NAME_p99_us":…,"NAME_max_us":…,"NAME_count":…` on standard output. */
void latency_print(struct latencies *l, const char *name);

struct usage {
	int64_t cpu_us;          /* of all its threads that live */
	int64_t anonymous_bytes; /* memory of its own that it has touched */
};

/* pid 0: zeros. */
struct usage usage_of(int pid);

#endif
