/*
 * Runs seeds: 2,000 for each unit of EGIDE_BUDGET (fewer under sanitizers: meson.build), shared by
 * two processes; or the one that EGIDE_SEED names, with its story. Bytes for keys and identifiers
 * come from the seed too.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "sim.h"

enum { WORKERS = 2, STEPS = 80, PATH_SIZE = 256 };
#define BEGIN_MS (TOWN_MADE_MS + 60 * MINUTE_MS)

static char folder[PATH_SIZE];
static pid_t owner; /* of the folder: not the two that share the seeds */
static struct town town;
static struct keyring *ring;

/* --- chance for libsodium */

static struct sim bytes; /* its generator only */

static const char *name(void)
{
	return "seeded";
}

static uint32_t next_word(void)
{
	return (uint32_t)chance(&bytes, UINT64_C(1) << 32);
}

static void fill(void *const out, const size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)out)[i] = (uint8_t)chance(&bytes, 256);
}

static struct randombytes_implementation seeded = {
	.implementation_name = name, .random = next_word, .buf = fill};

/* --- the town's database, copied for each seed */

static void path_of(char out[PATH_SIZE + 32], const char *file)
{
	snprintf(out, PATH_SIZE + 32, "%s/%s", folder, file);
}

static void stop(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

static void copy(const char *from, const char *to)
{
	static uint8_t bytes_read[1 << 20];
	int in = open(from, O_RDONLY | O_CLOEXEC),
	    out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	ssize_t len;

	if (in < 0 || out < 0)
		stop("the database cannot be copied");
	while ((len = read(in, bytes_read, sizeof(bytes_read))) > 0)
		if (write(out, bytes_read, (size_t)len) != len)
			stop("the database cannot be copied");
	close(in);
	close(out);
}

static void forget_batch(void *context, struct batch *batch)
{
	batch_free(batch);
}

static void make_town(void)
{
	static const struct service_hooks hooks = {forget_batch, NULL};
	char keys[PATH_SIZE + 32], file[PATH_SIZE + 32], url[PATH_SIZE + 48];
	struct service_options options = {.database_url = url,
					  .public_url = town_public_url,
					  .session_hours = 12,
					  .unverified_per_minute = 5};
	struct service *service = NULL;
	unsigned line;

	path_of(keys, "keys");
	path_of(file, "town.db");
	snprintf(url, sizeof(url), "sqlite:%s", file);
	ladder_default(&options.ladder);
	if (keyring_create(keys) || keyring_open(keys, &ring, &line) ||
	    service_open(&options, ring, &hooks, &service))
		stop("the town cannot be made");
	town_make(service, &town);
	service_close(service);
}

static void remove_all(void)
{
	static const char *const files[] = {
		"keys",         "town.db",      "town.db-wal", "town.db-shm",  "seed0.db",
		"seed0.db-wal", "seed0.db-shm", "seed1.db",    "seed1.db-wal", "seed1.db-shm"};

	if (getpid() != owner)
		return;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char path[PATH_SIZE + 32];

		path_of(path, files[i]);
		unlink(path);
	}
	rmdir(folder);
}

/* --- seeds */

static void run_seed(uint64_t seed, int worker, bool tracing)
{
	char from[PATH_SIZE + 32], file[PATH_SIZE + 32], log[PATH_SIZE + 48], url[PATH_SIZE + 48];
	struct sim *s = xcalloc(1, sizeof(*s));

	path_of(from, "town.db");
	snprintf(file, sizeof(file), "%s/seed%d.db", folder, worker);
	snprintf(log, sizeof(log), "%s-wal", file);
	unlink(log);
	copy(from, file);
	snprintf(url, sizeof(url), "sqlite:%s", file);
	bytes.chance = ~seed;
	*s = (struct sim){.database_url = url,
			  .ring = ring,
			  .seed = seed,
			  .chance = seed,
			  .now_ms = BEGIN_MS,
			  .began_ms = BEGIN_MS,
			  .town = town,
			  .tracing = tracing};
	sim_begin(s);
	sim_run(s, STEPS);
	if (tracing)
		printf("%.*s", STR_FMT(buf_str(&s->trace)));
	sim_end(s);
	free(s);
}

static bool run_seeds(uint64_t count)
{
	pid_t workers[WORKERS];
	bool good = true;

	fflush(stdout);
	for (int i = 0; i < WORKERS; i++) {
		workers[i] = fork();
		if (!workers[i]) {
			for (uint64_t seed = 1 + (uint64_t)i; seed <= count; seed += WORKERS)
				run_seed(seed, i, false);
			exit(0);
		}
	}
	for (int i = 0; i < WORKERS; i++) {
		int status = 1;

		good &= waitpid(workers[i], &status, 0) == workers[i] && !status;
	}
	return good;
}

int main(void)
{
	const char *seed = getenv("EGIDE_SEED"), *budget = getenv("EGIDE_BUDGET");
	uint64_t count = SEEDS * (budget ? strtoull(budget, NULL, 10) : 1);
	bool good = true;

	snprintf(folder, sizeof(folder), "%s/egide-sim-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	randombytes_set_implementation(&seeded);
	crypto_init();
	log_set_level(LOG_ERROR);
	printf("1..1\n");
	if (!mkdtemp(folder))
		stop("no folder");
	owner = getpid();
	atexit(remove_all);
	make_town();
	if (seed)
		run_seed(strtoull(seed, NULL, 10), 0, true);
	else
		good = run_seeds(count);
	keyring_free(ring);
	printf("%s 1 - every_invariant_holds_for_%llu_seeds\n", good ? "ok" : "not ok",
	       (unsigned long long)(seed ? 1 : count));
	return good ? 0 : 1;
}
