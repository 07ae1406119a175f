/* store/journal.h: the kept nodes of its tree, on both databases. */
#include "registry.h"

#include <errno.h>

#include "base/alloc.h"
#include "crypto/random.h"
#include "store/journal.h"
#include "store/journal_nodes.h"

enum { ENTRIES = 1100, LARGE = 65536 + 256 + 9 };

static int prepare(struct db *db)
{
	crypto_init();
	return db_migrate(db);
}

static void append(struct vault *v, size_t count)
{
	struct entry *entries = xcalloc(count, sizeof(*entries));

	for (size_t i = 0; i < count; i++)
		entries[i] = (struct entry){.at_ms = TEST_NOW_MS,
					    .kind = ENTRY_READ,
					    .subject = thing_id((int)i),
					    .dossier = vault_house_key(v),
					    .body = i % 3 ? STR_NONE : STR("{\"what\":\"/x\"}")};
	in_transaction(v, journal_append(v, entries, count));
	free(entries);
}

static void append_all(struct vault *v)
{
	size_t left = ENTRIES;

	for (size_t group = 1; left; group = group * 3 % 257 + 1) {
		size_t count = group < left ? group : left;

		append(v, count);
		left -= count;
	}
}

/* A path made by the journal, verified against the root of its head. */
static void assert_proven(struct vault *v, uint64_t index)
{
	struct hash root, path[TREE_MAX_LEVELS], leaf;
	struct journal_nodes *nodes = journal_nodes_open(vault_db(v));
	int64_t epoch, size;
	uint8_t len;
	struct journal_proof proof = {
		.indexes = &index, .count = 1, .root = &root, .paths = path, .lens = &len};

	assert_int_equal(journal_head(v, &epoch, &size, &root), 0);
	proof.size = (uint64_t)size;
	assert_int_equal(journal_prove(v, &proof), 0);
	assert_int_equal(journal_nodes_read(nodes, 0, index, &leaf), 0);
	assert_int_equal(tree_verify_inclusion(&leaf, index, proof.size, path, len, &root), 0);
	journal_nodes_close(nodes);
}

static void assert_all_proven(struct vault *v)
{
	for (uint64_t index = 0; index < ENTRIES; index += 211)
		assert_proven(v, index);
	assert_proven(v, ENTRIES - 1);
}

static void execute(struct vault *v, const char *sql)
{
	assert_int_equal(db_execute(vault_db(v), sql), 0);
}

static int64_t count_nodes(struct vault *v)
{
	static const struct sql count = {"SELECT COUNT(*) FROM journal_node"};
	int64_t nodes;

	assert_int_equal(db_number_after(db_query(vault_db(v), &count), -1, &nodes), 0);
	return nodes;
}

static void test_a_proof_needs_the_kept_nodes_and_holds_without_them(void **state)
{
	struct vault *v = open_vault();
	int64_t number;

	append_all(v);
	assert_int_equal(count_nodes(v), ENTRIES / 256);
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	assert_int_equal(number, ENTRIES);
	assert_all_proven(v);
	/* One that is wrong is not believed: the leaves are read instead. */
	execute(v, "UPDATE journal_node SET hash = (SELECT leaf FROM journal WHERE number = 1)"
		   " WHERE position = 2");
	assert_all_proven(v);
	assert_int_equal(journal_verify(v, NULL, &number), -EILSEQ);
	assert_int_equal(number, 768);
	execute(v, "DELETE FROM journal_node WHERE position = 1");
	assert_all_proven(v);
	assert_int_equal(journal_verify(v, NULL, &number), -EILSEQ);
	assert_int_equal(number, 512);
	/* A line that was changed with its leaf is no wrong node. */
	execute(v, "UPDATE journal SET leaf = (SELECT leaf FROM journal WHERE number = 1) WHERE"
		   " number = 400");
	assert_int_equal(journal_verify(v, NULL, &number), -EBADMSG);
	assert_int_equal(number, 400);
	close_vault(v);
}

static void test_a_journal_without_nodes_gets_them_when_the_server_starts(void **state)
{
	struct vault *v = open_vault();
	int64_t number;

	append_all(v);
	execute(v, "DELETE FROM journal_node");
	assert_int_equal(db_migrate(vault_db(v)), 0);
	assert_int_equal(count_nodes(v), ENTRIES / 256);
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	append(v, 256);
	assert_int_equal(count_nodes(v), (ENTRIES + 256) / 256);
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	close_vault(v);
}

/* What is beyond the end must not keep a call for help out. */
static void test_a_node_that_is_already_there_gives_way(void **state)
{
	struct vault *v = open_vault();
	int64_t number;

	append(v, 100);
	execute(v, "INSERT INTO journal_node SELECT 1, 0, leaf FROM journal WHERE number = 1");
	append(v, 200);
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	close_vault(v);
}

/* Two levels of nodes, of leaves that stand for entries. */
static void test_any_of_many_leaves_is_proven(void **state)
{
	struct vault *v = open_vault();
	struct db *db = vault_db(v);
	struct frontier tree;
	struct hash root;
	struct journal_nodes *nodes = journal_nodes_open(db);
	char text[700];

	snprintf(text, sizeof(text),
		 "INSERT INTO journal (number, epoch, at_ms, kind, list, actor_kind, body_hash, "
		 "leaf) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
		 "%d)"
		 " SELECT i, 1, 0, 60, 2, 0, %s FROM n",
		 LARGE,
		 db_is_sqlite(db) ? "zeroblob(32), randomblob(32)"
				  : "sha256(''::bytea), sha256(CAST(i AS TEXT)::bytea)");
	execute(v, text);
	in_transaction(v, journal_nodes_build(db));
	assert_int_equal(count_nodes(v), LARGE / 256 + 1);
	frontier_init(&tree);
	for (uint64_t i = 0; i < LARGE; i++) {
		struct hash leaf;

		assert_int_equal(journal_nodes_read(nodes, 0, i, &leaf), 0);
		frontier_append(&tree, &leaf);
	}
	root = frontier_root(&tree);
	for (uint64_t i = 0, index = 0; i < 60; i++, index = (index * 40503 + 9973) % LARGE) {
		struct hash path[TREE_MAX_LEVELS], leaf;
		uint8_t len;
		struct journal_proof proof = {.indexes = &index,
					      .count = 1,
					      .size = LARGE,
					      .root = &root,
					      .paths = path,
					      .lens = &len};

		assert_int_equal(journal_prove(v, &proof), 0);
		assert_int_equal(journal_nodes_read(nodes, 0, index, &leaf), 0);
		assert_int_equal(tree_verify_inclusion(&leaf, index, LARGE, path, len, &root), 0);
	}
	journal_nodes_close(nodes);
	close_vault(v);
}

/* One value of line 2 at a time, that of line 3 instead: the verification names the line. */
static void test_no_column_of_a_line_can_be_altered(void **state)
{
	static const char *const columns[] = {"epoch",      "at_ms", "kind",   "list",
					      "subject",    "actor", "target", "salt",
					      "actor_kind", "body",  "leaf",   "body_hash"};
	struct vault *v = open_vault();
	struct entry entries[3];
	int64_t number;

	for (int i = 0; i < 3; i++)
		entries[i] = (struct entry){.at_ms = TEST_NOW_MS + i,
					    .kind = i == 2 ? ENTRY_POSITION : ENTRY_READ,
					    .subject = thing_id(i),
					    .target = thing_id(10 + i),
					    .actor = thing_id(20 + i),
					    .actor_kind = i == 2 ? ACTOR_ACCOUNT : ACTOR_SYSTEM,
					    .dossier = vault_house_key(v),
					    .body = i == 2 ? STR("{\"b\":1}") : STR("{\"a\":1}")};
	in_transaction(v, journal_append(v, entries, 2));
	in_transaction(v, journal_new_epoch(v, TEST_NOW_MS));
	in_transaction(v, journal_append(v, &entries[2], 1));
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		char text[300];

		execute(v, "CREATE TABLE kept AS SELECT * FROM journal WHERE number = 2");
		snprintf(text, sizeof(text),
			 "UPDATE journal SET %s = (SELECT %s FROM journal WHERE number = 3) "
			 "WHERE number = 2",
			 columns[i], columns[i]);
		execute(v, text);
		if (journal_verify(v, NULL, &number) != -EBADMSG || number != 2)
			fail_msg("%s was altered unseen", columns[i]);
		execute(v, "DELETE FROM journal WHERE number = 2");
		execute(v, "INSERT INTO journal SELECT * FROM kept");
		execute(v, "DROP TABLE kept");
	}
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	execute(v, "UPDATE journal_head SET epoch = 1");
	assert_int_equal(journal_verify(v, NULL, &number), -EBADMSG);
	close_vault(v);
}

static void test_a_body_passes_for_purged_only_when_its_key_was_destroyed(void **state)
{
	struct vault *v = open_vault();
	struct entry entry = {.at_ms = TEST_NOW_MS, .kind = ENTRY_READ, .body = STR("{\"a\":1}")};
	int64_t number;

	entry.dossier = entry.subject = new_id();
	in_transaction(v, vault_new_key(v, entry.dossier));
	in_transaction(v, journal_append(v, &entry, 1));
	execute(v, "CREATE TABLE kept AS SELECT * FROM data_key");
	execute(v, "DELETE FROM data_key");
	vault_forget_new_keys(v);
	assert_int_equal(journal_verify(v, NULL, &number), -EBADMSG);
	assert_int_equal(number, 1);
	execute(v, "INSERT INTO data_key SELECT * FROM kept");
	in_transaction(v, vault_delete_key(v, entry.dossier));
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	execute(v, "UPDATE journal SET salt = NULL");
	assert_int_equal(journal_verify(v, NULL, &number), -EBADMSG);
	execute(v, "UPDATE journal SET body = NULL");
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	close_vault(v);
}

/* As somebody would who wants a line to have said nothing. */
static void test_what_a_line_said_is_gone_only_where_a_purge_is_known(void **state)
{
	static const struct {
		enum entry_kind kind;
		const char *purge;
	} lines[] = {
		{ENTRY_READ, "UPDATE counter SET value = 1 WHERE name = 'audit_purged'"},
		{ENTRY_POSITION, "INSERT INTO purged_trail (alert, last) SELECT subject, number"
				 " FROM journal WHERE number = 3"},
		{ENTRY_NOTED, "INSERT INTO destroyed_key (id) SELECT subject FROM journal"
			      " WHERE number = 5"},
	};
	struct vault *v = open_vault();
	int64_t number;

	for (int i = 0; i < 3; i++) {
		struct entry pair[2];

		for (int n = 0; n < 2; n++)
			pair[n] = (struct entry){.at_ms = TEST_NOW_MS + n,
						 .kind = lines[i].kind,
						 .subject = thing_id(2 * i + n),
						 .dossier = vault_house_key(v),
						 .body = STR("{\"a\":1}")};
		in_transaction(v, journal_append(v, pair, 2));
	}
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	execute(v, "UPDATE journal SET salt = NULL, body = NULL WHERE number IN (1, 3, 5)");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(journal_verify(v, NULL, &number), -EBADMSG);
		assert_int_equal(number, 2 * i + 1);
		execute(v, lines[i].purge);
	}
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	/* Of the same kind, without a reason. */
	for (int i = 3; i; i--) {
		char text[100];

		snprintf(text, sizeof(text),
			 "UPDATE journal SET salt = NULL, body = NULL WHERE number = %d", 2 * i);
		execute(v, text);
		assert_int_equal(journal_verify(v, NULL, &number), -EBADMSG);
		assert_int_equal(number, 2 * i);
	}
	close_vault(v);
}

static void test_a_value_that_is_no_id_is_named_by_its_line(void **state)
{
	static const char *const columns[] = {"subject", "actor", "target"};
	struct vault *v = open_vault();
	struct entry entries[2];
	int64_t number;

	for (int n = 0; n < 2; n++)
		entries[n] = (struct entry){.at_ms = TEST_NOW_MS + n,
					    .kind = ENTRY_READ,
					    .subject = thing_id(n),
					    .actor = thing_id(10 + n),
					    .target = thing_id(20 + n),
					    .dossier = vault_house_key(v),
					    .body = STR("{\"a\":1}")};
	in_transaction(v, journal_append(v, entries, 2));
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		char text[200];

		execute(v, "CREATE TABLE kept AS SELECT * FROM journal WHERE number = 2");
		for (int len = 15; len <= 17; len += 2) {
			snprintf(text, sizeof(text),
				 "UPDATE journal SET %s = substr(body, 1, %d) WHERE number = 2",
				 columns[i], len);
			execute(v, text);
			assert_int_equal(journal_verify(v, NULL, &number), -EBADMSG);
			assert_int_equal(number, 2);
		}
		execute(v, "DELETE FROM journal WHERE number = 2");
		execute(v, "INSERT INTO journal SELECT * FROM kept");
		execute(v, "DROP TABLE kept");
	}
	assert_int_equal(journal_verify(v, NULL, &number), 0);
	close_vault(v);
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_BOTH, test_a_proof_needs_the_kept_nodes_and_holds_without_them),
		on(ON_BOTH, test_a_journal_without_nodes_gets_them_when_the_server_starts),
		on(ON_BOTH, test_a_node_that_is_already_there_gives_way),
		on(ON_BOTH, test_any_of_many_leaves_is_proven),
		on(ON_BOTH, test_no_column_of_a_line_can_be_altered),
		on(ON_BOTH, test_a_body_passes_for_purged_only_when_its_key_was_destroyed),
		on(ON_BOTH, test_what_a_line_said_is_gone_only_where_a_purge_is_known),
		on(ON_BOTH, test_a_value_that_is_no_id_is_named_by_its_line),
	};

	return run_on_databases("journal", tests, sizeof(tests) / sizeof(tests[0]), prepare);
}
