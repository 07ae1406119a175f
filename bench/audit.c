/*
 * audit FOLDER COUNT: what the journal's hash tree costs an entry, and how long a proof takes among
 * COUNT entries that were never the API's (rows of the same width, leaves drawn by chance). JSON on
 * standard output. FOLDER is made, and left with the databases.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "client.h"
#include "crypto/random.h"
#include "measure.h"
#include "store/journal.h"
#include "store/journal_nodes.h"

enum { ROUNDS = 1000, WARM = 50, AT_ONCE = 8, PROOFS = 1000, SLICE = 250000 };

static struct keyring *ring;

/* measure.c's too. */
void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("audit: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static void check(int r, const char *what)
{
	if (r)
		die("%s: %s", what, strerror(-r));
}

static struct vault *open_house(const char *folder, const char *name)
{
	struct vault *v;
	char url[600];

	snprintf(url, sizeof(url), "sqlite:%s/%s.db", folder, name);
	check(vault_open(url, DB_WRITER, ring, &v), "database");
	check(db_migrate(vault_db(v)), "migrations");
	check(vault_init(v, clock_now_ms()), "house");
	return v;
}

static int64_t thread_cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

/* --- an entry with the tree, and the same row without */

/* What a journal would be that numbers and seals, and proves nothing. */
SQL(plain_insert,
    "INSERT INTO journal (number, epoch, at_ms, kind, list, subject, actor_kind, actor, target, "
    "salt, body, body_hash, leaf) VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)");
SQL(plain_lock, "UPDATE journal_head SET number = number WHERE id = 1");
SQL(plain_head, "SELECT number FROM journal_head WHERE id = 1");
SQL(plain_move, "UPDATE journal_head SET number = $1 WHERE id = 1");

static int plain_entry(struct vault *v, const struct entry *e, int64_t number)
{
	static const uint8_t nothing[HASH_SIZE];
	struct buf sealed = BUF_INIT;
	struct query *q;
	int r = vault_seal(v, e->dossier, STR("journal.body"), e->body, &sealed);

	if (r)
		return r;
	q = db_query(vault_db(v), &plain_insert);
	bind_i64(q, 1, number);
	bind_i64(q, 2, e->at_ms);
	bind_i64(q, 3, e->kind);
	bind_i64(q, 4, entry_kind_class(e->kind));
	bind_id(q, 5, e->subject);
	bind_i64(q, 6, e->actor_kind);
	bind_id(q, 7, e->actor);
	bind_id(q, 8, e->target);
	bind_blob(q, 9, str_of(nothing, SALT_SIZE));
	bind_blob(q, 10, buf_str(&sealed));
	bind_blob(q, 11, str_of(nothing, HASH_SIZE));
	r = db_done_after(q);
	buf_fini(&sealed);
	return r;
}

static int plain_append(struct vault *v, struct entry *entries, size_t count)
{
	struct query *q;
	int64_t number;
	int r = db_done_after(db_query(vault_db(v), &plain_lock));

	if (!r)
		r = db_number_after(db_query(vault_db(v), &plain_head), 0, &number);
	for (size_t i = 0; !r && i < count; i++)
		r = plain_entry(v, &entries[i], ++number);
	if (r)
		return r;
	q = db_query(vault_db(v), &plain_move);
	bind_i64(q, 1, number);
	return db_done_after(q);
}

struct cost {
	struct vault *v;
	int (*append)(struct vault *v, struct entry *entries, size_t count);
	struct latencies commits;
	int64_t cpu_us, us;
};

static void append_once(struct cost *c, bool counts)
{
	struct entry entries[AT_ONCE];
	int64_t us, cpu_us;

	for (size_t i = 0; i < AT_ONCE; i++)
		entries[i] = (struct entry){.at_ms = clock_now_ms(),
					    .kind = ENTRY_READ,
					    .subject = random_id_v7(1),
					    .actor_kind = ACTOR_ACCOUNT,
					    .actor = random_id_v7(1),
					    .dossier = vault_house_key(c->v),
					    .body = STR("{\"what\":\"/api/alerts/{id}\"}")};
	us = clock_monotonic_us();
	cpu_us = thread_cpu_us();
	check(db_begin(vault_db(c->v)), "begin");
	check(c->append(c->v, entries, AT_ONCE), "append");
	check(db_commit(vault_db(c->v)), "commit");
	if (!counts)
		return;
	c->cpu_us += thread_cpu_us() - cpu_us;
	us = clock_monotonic_us() - us;
	c->us += us;
	latency_add(&c->commits, us);
}

/* In turns, so that both see the same disk. */
static void measure_cost(const char *folder)
{
	struct cost with = {.v = open_house(folder, "tree"), .append = journal_append},
		    without = {.v = open_house(folder, "plain"), .append = plain_append};

	for (int i = 0; i < WARM + ROUNDS; i++) {
		append_once(i % 2 ? &with : &without, i >= WARM);
		append_once(i % 2 ? &without : &with, i >= WARM);
	}
	printf("{\"entries\":%d,\"with_us\":%.3f,\"with_cpu_us\":%.3f,\"without_us\":%.3f,"
	       "\"without_cpu_us\":%.3f",
	       ROUNDS * AT_ONCE, (double)with.us / ROUNDS / AT_ONCE,
	       (double)with.cpu_us / ROUNDS / AT_ONCE, (double)without.us / ROUNDS / AT_ONCE,
	       (double)without.cpu_us / ROUNDS / AT_ONCE);
	latency_print(&with.commits, "with");
	latency_print(&without.commits, "without");
	vault_close(with.v);
	vault_close(without.v);
}

/* --- proofs */

static void fill(struct db *db, int64_t count)
{
	struct db *checkpointer;
	char text[700];

	check(db_open_checkpointer(db, &checkpointer), "checkpointer");
	check(db_execute(db, "PRAGMA synchronous=OFF"), "synchronous");
	for (int64_t done = 0; done < count; done += SLICE) {
		snprintf(text, sizeof(text),
			 "INSERT INTO journal (number, epoch, at_ms, kind, list, subject, "
			 "actor_kind, actor, salt, body, body_hash, leaf)"
			 " WITH RECURSIVE n(i) AS (SELECT %lld UNION ALL SELECT i + 1 FROM n WHERE "
			 "i < %lld) SELECT i, 1, i * 100, 60, 2,"
			 " CAST(printf('%%016d', i / 40) AS BLOB), 2, randomblob(16), "
			 "randomblob(16), randomblob(120), randomblob(32), randomblob(32) FROM n",
			 (long long)done + 1,
			 (long long)(done + SLICE < count ? done + SLICE : count));
		check(db_execute(db, text), "rows");
		check(db_checkpoint(checkpointer), "checkpoint");
	}
	db_close(checkpointer);
}

static struct hash root_of(struct db *db, uint64_t size, unsigned levels)
{
	struct journal_nodes *reading = journal_nodes_open(db);
	struct tree_nodes nodes = {journal_nodes_read, reading, levels};
	struct hash root;

	check(tree_prove_many(&nodes, NULL, 0, size, NULL, NULL, &root), "root");
	journal_nodes_close(reading);
	return root;
}

SQL(row_select, "SELECT number, at_ms, kind, subject, body, leaf FROM journal WHERE number = $1");

static struct hash select_row(struct db *db, int64_t number)
{
	struct query *q = db_query(db, &row_select);
	struct hash leaf;

	bind_i64(q, 1, number);
	if (query_step(q) != 1 || journal_hash(column_blob(q, 5), &leaf))
		check(-ENOENT, "row");
	db_done(q);
	return leaf;
}

static void prove_one(struct vault *v, uint64_t size, const struct hash *root,
		      struct latencies *proofs, struct latencies *rows)
{
	struct hash path[TREE_MAX_LEVELS], leaf;
	uint64_t index;
	uint8_t len;
	struct journal_proof proof = {&index, 1, size, root, path, &len};
	int64_t us;

	random_bytes(&index, sizeof(index));
	index %= size;
	us = clock_monotonic_us();
	check(journal_prove(v, &proof), "proof");
	latency_add(proofs, clock_monotonic_us() - us);
	/* Somebody else's row: this one's page was just read. */
	us = clock_monotonic_us();
	select_row(vault_db(v), (int64_t)((index + size / 2) % size) + 1);
	latency_add(rows, clock_monotonic_us() - us);
	leaf = select_row(vault_db(v), (int64_t)index + 1);
	check(tree_verify_inclusion(&leaf, index, size, path, len, root), "a proof that holds");
}

static void measure_proofs(const char *folder, int64_t count)
{
	struct vault *v = open_house(folder, "many");
	struct latencies proofs = {0}, rows = {0};
	struct hash root, by_leaves;
	int64_t us;

	fill(vault_db(v), count);
	us = clock_monotonic_us();
	check(db_migrate(vault_db(v)), "nodes");
	printf(",\"count\":%lld,\"build_ms\":%lld", (long long)count,
	       (long long)(clock_monotonic_us() - us) / 1000);
	us = clock_monotonic_us();
	by_leaves = root_of(vault_db(v), (uint64_t)count, 0);
	printf(",\"leaves_us\":%lld", (long long)(clock_monotonic_us() - us));
	root = root_of(vault_db(v), (uint64_t)count, TREE_KEPT_LEVELS);
	if (!hash_eq(&root, &by_leaves))
		check(-EBADMSG, "the same root by nodes");
	for (int i = 0; i < PROOFS; i++)
		prove_one(v, (uint64_t)count, &root, &proofs, &rows);
	latency_print(&proofs, "proof");
	latency_print(&rows, "row");
	vault_close(v);
}

int main(int argc, char **argv)
{
	int64_t count;
	unsigned line;
	char keys[600];

	if (argc != 3 || str_parse_i64(str_from(argv[2]), 1, INT64_C(1000000000), &count)) {
		fputs("usage: audit FOLDER COUNT\n", stderr);
		return 2;
	}
	crypto_init();
	log_set_level(LOG_ERROR);
	if (mkdir(argv[1], 0700))
		check(-errno, argv[1]);
	snprintf(keys, sizeof(keys), "%s/keys", argv[1]);
	check(keyring_create(keys), "key file");
	check(keyring_open(keys, &ring, &line), "key file");
	measure_cost(argv[1]);
	measure_proofs(argv[1], count);
	puts("}");
	keyring_free(ring);
	return 0;
}
