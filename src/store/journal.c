/* The journal and its hash tree: see journal.h. */
#include "store/journal.h"

#include <errno.h>

#include "base/limits.h"
#include "base/log.h"
#include "crypto/random.h"
#include "store/journal_nodes.h"
#include "store/sealed.h"

SQL(head_lock, "UPDATE journal_head SET number = number WHERE id = 1");
SQL(head_select, "SELECT epoch, number, frontier FROM journal_head WHERE id = 1");
SQL(head_move, "UPDATE journal_head SET number = $1, frontier = $2 WHERE id = 1");
SQL(head_epoch, "UPDATE journal_head SET epoch = CASE WHEN epoch < $1 THEN $1 ELSE epoch + 1 END"
		" WHERE id = 1");
SQL(entry_insert,
    "INSERT INTO journal (number, epoch, at_ms, kind, list, subject, actor_kind, actor, target, "
    "salt, body,"
    " body_hash, leaf) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
#define ENTRY_COLUMNS                                                                             \
	"number, epoch, at_ms, kind, subject, actor_kind, actor, target, salt, body, body_hash, " \
	"leaf, list"
SQL(entries_after,
    "SELECT " ENTRY_COLUMNS " FROM journal WHERE number > $1 ORDER BY number LIMIT $2");
SQL(entries_of,
    "SELECT " ENTRY_COLUMNS " FROM (SELECT " ENTRY_COLUMNS " FROM journal WHERE subject = $1"
    " AND list = $2 AND number > $3 ORDER BY number DESC LIMIT $4) AS newest ORDER BY number");

SQL(entries_about, "SELECT " ENTRY_COLUMNS " FROM journal WHERE subject = $1 AND number <= $2"
		   " ORDER BY number LIMIT $3");

/*
 * For auditors, newest first: all but positions (list 1). By number alone a stretch at a time, so
 * that no question reads a whole journal of positions. A person is also in the lines about their
 * alerts, devices, trusted persons, and the calls to 17 that were found to be theirs.
 */
_Static_assert(ENTRY_TIMELINE == 0 && ENTRY_FIX == 1 && ENTRY_AUDIT == 2 && ENTRY_CALL == 3,
	       "the lists of LINES");
#define LINES                                                               \
	"SELECT " ENTRY_COLUMNS                                             \
	" FROM journal WHERE number < $1 AND number >= $2 AND list IN (0, " \
	"2, 3) AND ($4 = 0 OR kind = $4)"
#define OF_ACCOUNT " AND actor = $5 AND actor_kind = 1"
#define OF_PERSON(at)                                                                        \
	" AND subject IN (SELECT CAST($" at " AS blob)"                                      \
	" UNION ALL SELECT id FROM alert WHERE official = $" at " AND closed_at IS NULL"     \
	" UNION ALL SELECT id FROM alert WHERE official = $" at " AND closed_at IS NOT NULL" \
	" UNION ALL SELECT id FROM device WHERE official = $" at                             \
	" UNION ALL SELECT id FROM contact WHERE official = $" at                            \
	" UNION ALL SELECT id FROM emergency_call WHERE official = $" at ")"
#define NEWEST " ORDER BY number DESC LIMIT $3"
SQL(lines_before, LINES NEWEST);
SQL(lines_about, LINES " AND subject = $5" NEWEST);
SQL(lines_of, LINES OF_PERSON("5") NEWEST);
SQL(lines_by, LINES OF_ACCOUNT NEWEST);
SQL(lines_by_about, LINES OF_ACCOUNT " AND subject = $6" NEWEST);
SQL(lines_by_of, LINES OF_ACCOUNT OF_PERSON("6") NEWEST);

/* Of an official: about the file, and about alerts of theirs that are over, which show it. No row
 * of an alert's timeline or trail is looked through: `list` is in the index. */
#define AUDIT_OF " FROM journal WHERE list = 2 AND number < $2 AND subject "
SQL(lines_of_official, "SELECT " ENTRY_COLUMNS AUDIT_OF "= $1"
		       " UNION ALL SELECT " ENTRY_COLUMNS AUDIT_OF
		       "IN (SELECT id FROM alert WHERE official = $1 AND closed_at IS NOT NULL)"
		       " ORDER BY number DESC LIMIT $3");

SQL(targets,
    "SELECT COUNT(DISTINCT target) FROM journal WHERE subject = $1 AND list = $2 AND kind = $3"
    " AND actor = $4 AND target <> $5 AND number > COALESCE((SELECT MAX(number) FROM"
    " journal WHERE subject = $4 AND list = $6 AND kind = $7), 0)");
SQL(last_of_kind, "SELECT MAX(number) FROM journal WHERE subject = $1 AND list = $2 AND kind = $3");
SQL(entry_at, "SELECT at_ms FROM journal WHERE number = $1");

/* A sealed value begins with 0x01 and the id of its dossier's key (crypto/seal.h). */
SQL(bodies_purge,
    "UPDATE journal SET salt = NULL, body = NULL WHERE subject = $1 AND substr(body, 2, 16) = $1");

SQL(purged_audit, "SELECT value FROM counter WHERE name = 'audit_purged'");
SQL(purged_of_trail, "SELECT 1 FROM purged_trail WHERE alert = $1 AND last >= $2");

#define BODY_LABEL STR("journal.body")

enum { SLICE = 4096 }; /* entries read by one query of a long reading */

struct head {
	int64_t epoch, number;
	struct frontier tree;
};

static int read_head(struct vault *v, struct head *ret_head)
{
	struct query *q = db_query(vault_db(v), &head_select);
	int r = query_step(q);

	if (r == 1) {
		ret_head->epoch = column_i64(q, 0);
		ret_head->number = column_i64(q, 1);
		r = frontier_decode(column_blob(q, 2), &ret_head->tree);
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_done(q);
	return r;
}

static int move_head(struct vault *v, const struct head *head)
{
	uint8_t flat[FRONTIER_FLAT_MAX];
	struct query *q = db_query(vault_db(v), &head_move);

	bind_i64(q, 1, head->number);
	bind_blob(q, 2, str_of(flat, frontier_encode(&head->tree, flat)));
	return db_done_after(q);
}

static void put_u64(uint8_t *out, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(value >> (56 - 8 * i));
}

enum { HEADER_SIZE = 8 + 8 + 8 + 4 + 1 + 16 * 3 };

struct hash journal_leaf(const struct entry *e, const struct hash *body_hash)
{
	uint8_t data[HEADER_SIZE + HASH_SIZE];

	put_u64(data, (uint64_t)e->number);
	put_u64(data + 8, (uint64_t)e->epoch);
	put_u64(data + 16, (uint64_t)e->at_ms);
	data[24] = 0;
	data[25] = 0;
	data[26] = (uint8_t)(e->kind >> 8);
	data[27] = (uint8_t)e->kind;
	data[28] = (uint8_t)e->actor_kind;
	memcpy(data + 29, e->subject.bytes, 16);
	memcpy(data + 45, e->actor.bytes, 16);
	memcpy(data + 61, e->target.bytes, 16);
	memcpy(data + HEADER_SIZE, body_hash->bytes, HASH_SIZE);
	return tree_leaf(str_of(data, sizeof(data)));
}

static int insert(struct vault *v, const struct entry *e, struct buf *sealed, struct frontier *tree)
{
	struct hash body_hash, leaf, kept[TREE_KEPT_LEVELS];
	uint8_t salt[SALT_SIZE];
	unsigned kept_count;
	struct query *q;
	int r;

	random_bytes(salt, sizeof(salt));
	buf_reset(sealed);
	r = e->body.ptr ? vault_seal(v, e->dossier, BODY_LABEL, e->body, sealed) : 0;
	if (r)
		return r;
	body_hash = hash_two(str_of(salt, sizeof(salt)), e->body);
	leaf = journal_leaf(e, &body_hash);
	kept_count = frontier_append_keeping(tree, &leaf, kept);
	q = db_query(vault_db(v), &entry_insert);
	bind_i64(q, 1, e->number);
	bind_i64(q, 2, e->epoch);
	bind_i64(q, 3, e->at_ms);
	bind_i64(q, 4, e->kind);
	bind_i64(q, 5, entry_kind_class(e->kind));
	bind_id(q, 6, e->subject);
	bind_i64(q, 7, e->actor_kind);
	bind_id(q, 8, e->actor);
	bind_id(q, 9, e->target);
	bind_blob(q, 10, str_of(salt, sizeof(salt)));
	bind_blob(q, 11, e->body.ptr ? buf_str(sealed) : STR_NONE);
	bind_blob(q, 12, str_of(body_hash.bytes, HASH_SIZE));
	bind_blob(q, 13, str_of(leaf.bytes, HASH_SIZE));
	r = db_done_after(q);
	return r ? r : journal_nodes_keep(vault_db(v), tree->size, kept, kept_count);
}

int journal_append(struct vault *v, struct entry *entries, size_t count)
{
	struct buf sealed = BUF_INIT;
	struct head head;
	int r = db_done_after(db_query(vault_db(v), &head_lock));

	if (!r)
		r = read_head(v, &head);
	for (size_t i = 0; !r && i < count; i++) {
		entries[i].number = ++head.number;
		entries[i].epoch = head.epoch;
		r = insert(v, &entries[i], &sealed, &head.tree);
	}
	if (!r)
		r = move_head(v, &head);
	buf_fini(&sealed);
	return r;
}

int journal_head(struct vault *v, int64_t *ret_epoch, int64_t *ret_number, struct hash *ret_root)
{
	struct head head;
	int r = read_head(v, &head);

	if (r)
		return r;
	*ret_epoch = head.epoch;
	*ret_number = head.number;
	if (ret_root)
		*ret_root = frontier_root(&head.tree);
	return 0;
}

static int read_entry(struct query *q, struct entry *ret_entry)
{
	*ret_entry = (struct entry){
		.number = column_i64(q, 0),
		.epoch = column_i64(q, 1),
		.at_ms = column_i64(q, 2),
		.kind = (enum entry_kind)column_i64(q, 3),
		.actor_kind = (enum actor_kind)column_i64(q, 5),
	};
	return column_holds_id(q, 4, &ret_entry->subject) &&
			       column_holds_id(q, 6, &ret_entry->actor) &&
			       column_holds_id(q, 7, &ret_entry->target)
		       ? 0
		       : -EBADMSG;
}

/* What is done with each row of a query of ENTRY_COLUMNS. */
struct walk {
	journal_reader *on_entry;
	journal_line_reader *on_line;
	void *context;
	struct frontier *check; /* recompute the hashes, -EBADMSG at the first wrong one */
	int64_t epoch;          /* of the last line checked */
	bool nodes_too;         /* kept ones */
	bool destroyed_too;     /* keys that were destroyed are known */
	bool purges_too;        /* and what else was purged */
	int64_t purged_audit;   /* so far the audit was */
	struct id gone;         /* a dossier that was destroyed: others of its lines follow */
	int64_t wrong_node;     /* the first entry that completes one; 0 */
	int64_t last;           /* number read */
};

/* Whether it is the node or a line before it that was changed, the root says in the end. */
static int check_nodes(struct walk *w, struct vault *v, const struct hash *kept, unsigned count)
{
	int r = journal_nodes_check(vault_db(v), w->check->size, kept, count);

	if (r == -EILSEQ && !w->wrong_node)
		w->wrong_node = (int64_t)w->check->size;
	return r == -EILSEQ ? 0 : r;
}

static int check_line(struct walk *w, struct vault *v, const struct journal_line *line)
{
	struct hash leaf = journal_leaf(line->entry, &line->body_hash), again;
	struct hash kept[TREE_KEPT_LEVELS];
	unsigned kept_count;

	if (line->salt.ptr) {
		again = hash_two(line->salt, line->entry->body);
		if (!hash_eq(&again, &line->body_hash))
			return -EBADMSG;
	}
	kept_count = frontier_append_keeping(w->check, &leaf, kept);
	if (!hash_eq(&leaf, &line->leaf))
		return -EBADMSG;
	return w->nodes_too ? check_nodes(w, v, kept, kept_count) : 0;
}

/* Whether what took its salt and body is known: its dossier was destroyed, or the table of
 * retention had that trail or that part of the audit go. */
static int check_purge(struct walk *w, struct vault *v, const struct entry *e)
{
	enum entry_class list = entry_kind_class(e->kind);
	bool known = list == ENTRY_AUDIT && e->number <= w->purged_audit;
	struct query *q;
	int r = 0;

	known |= !id_is_none(e->subject) && id_eq(e->subject, w->gone);
	if (!known) {
		r = vault_was_destroyed(v, e->subject, &known);
		if (!r && known)
			w->gone = e->subject;
	}
	if (!r && !known && list == ENTRY_FIX) {
		q = db_query(vault_db(v), &purged_of_trail);
		bind_id(q, 1, e->subject);
		bind_i64(q, 2, e->number);
		r = db_any_after(q, &known);
	}
	return r || known ? r : -EBADMSG;
}

/* What the leaf does not hold: the list follows from the kind, a body has its salt, and one that
 * cannot be read was sealed by a key that was destroyed. */
static int check_row(struct walk *w, struct vault *v, struct query *q, const struct entry *e)
{
	struct str sealed = column_blob(q, 9);
	struct id key;
	bool destroyed = true;
	int r = 0;

	w->epoch = e->epoch;
	if (column_i64(q, 12) != entry_kind_class(e->kind) ||
	    (sealed.ptr && !column_blob(q, 8).ptr))
		return -EBADMSG;
	if (!column_blob(q, 8).ptr && w->purges_too)
		return check_purge(w, v, e);
	if (sealed.ptr && !e->body.ptr && w->destroyed_too) {
		r = sealed_key_id(sealed, &key);
		if (!r)
			r = vault_was_destroyed(v, key, &destroyed);
	}
	return r || destroyed ? r : -EBADMSG;
}

static int take_row(struct walk *w, struct vault *v, struct query *q, struct buf *body)
{
	struct str sealed = column_blob(q, 9);
	struct entry e;
	struct journal_line line = {.entry = &e};
	int r;

	r = read_entry(q, &e);
	w->last = e.number;
	if (r)
		return r;
	buf_reset(body);
	r = sealed.ptr ? vault_unseal(v, BODY_LABEL, sealed, body) : 0;
	if (r && r != -ENOENT)
		return r;
	/* A dossier that was purged has lost its key: the entry stays, without its body. */
	if (!r)
		line.salt = column_blob(q, 8);
	if (!r && sealed.ptr)
		e.body = (struct str){buf_cstr(body), body->len};
	r = 0;
	if (w->check || w->on_line) {
		r = journal_hash(column_blob(q, 10), &line.body_hash);
		if (!r)
			r = journal_hash(column_blob(q, 11), &line.leaf);
	}
	if (!r && w->check)
		r = check_line(w, v, &line);
	if (!r && w->check)
		r = check_row(w, v, q, &e);
	if (!r && w->on_line)
		r = w->on_line(w->context, &line);
	if (!r && w->on_entry)
		r = w->on_entry(w->context, &e);
	return r;
}

static int walk(struct vault *v, struct query *q, struct walk *w)
{
	struct buf body = BUF_INIT;
	int r;

	while ((r = query_step(q)) == 1) {
		r = take_row(w, v, q, &body);
		if (r)
			break;
	}
	db_done(q);
	buf_fini(&body);
	return r;
}

int journal_after(struct vault *v, int64_t number, int limit, journal_reader *on_entry,
		  void *context)
{
	struct query *q = db_query(vault_db(v), &entries_after);

	bind_i64(q, 1, number);
	bind_i64(q, 2, limit);
	return walk(v, q, &(struct walk){.on_entry = on_entry, .context = context});
}

int journal_of(struct vault *v, struct id subject, enum entry_class list, int64_t after, int limit,
	       journal_reader *on_entry, void *context)
{
	struct query *q = db_query(vault_db(v), &entries_of);

	bind_id(q, 1, subject);
	bind_i64(q, 2, list);
	bind_i64(q, 3, after);
	bind_i64(q, 4, limit);
	return walk(v, q, &(struct walk){.on_entry = on_entry, .context = context});
}

int journal_about(struct vault *v, struct id subject, int64_t last, int limit,
		  journal_line_reader *on_line, void *context)
{
	struct query *q = db_query(vault_db(v), &entries_about);

	bind_id(q, 1, subject);
	bind_i64(q, 2, last);
	bind_i64(q, 3, limit);
	return walk(v, q, &(struct walk){.on_line = on_line, .context = context});
}

static const struct sql *lines_sql(const struct journal_filter *f)
{
	bool by = !id_is_none(f->account);

	if (!id_is_none(f->person))
		return by ? &lines_by_of : &lines_of;
	if (!id_is_none(f->subject))
		return by ? &lines_by_about : &lines_about;
	return by ? &lines_by : &lines_before;
}

static int walk_lines(struct vault *v, const struct journal_filter *f, int limit, struct walk *w)
{
	struct query *q = db_query(vault_db(v), lines_sql(f));
	int at = 5;

	bind_i64(q, 1, f->before);
	bind_i64(q, 2, f->from);
	bind_i64(q, 3, limit);
	bind_i64(q, 4, f->kind);
	if (!id_is_none(f->account))
		bind_id(q, at++, f->account);
	if (!id_is_none(f->person))
		bind_id(q, at, f->person);
	else if (!id_is_none(f->subject))
		bind_id(q, at, f->subject);
	return walk(v, q, w);
}

int journal_lines(struct vault *v, const struct journal_filter *f, int limit,
		  journal_reader *on_entry, void *context)
{
	return walk_lines(v, f, limit, &(struct walk){.on_entry = on_entry, .context = context});
}

int journal_selected(struct vault *v, const struct journal_filter *f, int limit,
		     journal_line_reader *on_line, void *context)
{
	return walk_lines(v, f, limit, &(struct walk){.on_line = on_line, .context = context});
}

int journal_of_official(struct vault *v, struct id official, int64_t before, int limit,
			journal_reader *on_entry, void *context)
{
	struct query *q = db_query(vault_db(v), &lines_of_official);

	bind_id(q, 1, official);
	bind_i64(q, 2, before);
	bind_i64(q, 3, limit);
	return walk(v, q, &(struct walk){.on_entry = on_entry, .context = context});
}

static int time_of(struct vault *v, int64_t number, int64_t *ret_at_ms)
{
	struct query *q = db_query(vault_db(v), &entry_at);
	int r;

	bind_i64(q, 1, number);
	r = i64_after(q, ret_at_ms);
	return r == -ENOENT ? -EBADMSG : r; /* numbers have no holes */
}

int journal_is_younger(struct vault *v, struct id subject, enum entry_kind kind,
		       const struct stretch *ages, bool *ret_younger)
{
	struct query *q = db_query(vault_db(v), &last_of_kind);
	int64_t number, own = 0, at = 0;
	int r;

	bind_id(q, 1, subject);
	bind_i64(q, 2, entry_kind_class(kind));
	bind_i64(q, 3, kind);
	r = db_number_after(q, 0, &number);
	if (!r && number)
		r = time_of(v, number, &own);
	*ret_younger = false;
	for (int64_t back = 1; !r && !*ret_younger && back < number; back *= 2) {
		r = time_of(v, number - back, &at);
		*ret_younger = !r && at > own && at > ages->from_ms && at <= ages->to_ms;
	}
	return r;
}

int journal_count_targets(struct vault *v, const struct journal_targets *wanted, int64_t *ret_count)
{
	struct query *q = db_query(vault_db(v), &targets);

	bind_id(q, 1, wanted->subject);
	bind_i64(q, 2, entry_kind_class(wanted->kind));
	bind_i64(q, 3, wanted->kind);
	bind_id(q, 4, wanted->account);
	bind_id(q, 5, wanted->but);
	bind_i64(q, 6, entry_kind_class(wanted->since));
	bind_i64(q, 7, wanted->since);
	return db_number_after(q, 0, ret_count);
}

int journal_number_at(struct vault *v, int64_t at_ms, int64_t *ret_number)
{
	struct head head;
	int64_t low = 1, high, at;
	int r = read_head(v, &head);

	for (high = head.number + 1; !r && low < high;) {
		int64_t middle = low + (high - low) / 2;

		r = time_of(v, middle, &at);
		if (!r && at < at_ms)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_number = low;
	return r;
}

/* A database that an older program wrote has none of it. */
static int read_purges(struct vault *v, struct walk *w)
{
	int64_t version;
	int r = db_schema_version(vault_db(v), &version);

	w->purges_too = !r && version >= PURGES_SINCE;
	return w->purges_too
		       ? db_number_after(db_query(vault_db(v), &purged_audit), 0, &w->purged_audit)
		       : r;
}

int journal_verify(struct vault *v, void (*progress)(int64_t done, int64_t total),
		   int64_t *ret_number)
{
	struct frontier tree;
	struct walk w = {.check = &tree};
	struct head head;
	struct hash root, stored;
	int r = read_head(v, &head);

	if (!r)
		r = journal_nodes_kept(vault_db(v), &w.nodes_too);
	if (!r)
		r = vault_knows_destroyed(v, &w.destroyed_too);
	if (!r)
		r = read_purges(v, &w);
	frontier_init(&tree);
	while (!r && w.last < head.number) {
		struct query *q = db_query(vault_db(v), &entries_after);
		int64_t before = w.last;

		bind_i64(q, 1, before);
		/* Not what a server that runs adds meanwhile. */
		bind_i64(q, 2, head.number - before < SLICE ? head.number - before : SLICE);
		r = walk(v, q, &w);
		/* A missing entry shows as a number the tree's size does not reach. */
		if (!r && (w.last == before || tree.size != (uint64_t)w.last)) {
			w.last = (int64_t)tree.size + 1;
			r = -EBADMSG;
		}
		if (!r && progress)
			progress(w.last, head.number);
	}
	root = frontier_root(&tree);
	stored = frontier_root(&head.tree);
	if (!r && (!hash_eq(&root, &stored) || (head.number && head.epoch != w.epoch)))
		r = -EBADMSG;
	else if (!r && w.wrong_node)
		r = -EILSEQ;
	*ret_number = r == -EILSEQ ? w.wrong_node : w.last;
	return r;
}

/* --- proofs */

/* With the kept nodes, or by the leaves alone. */
static int prove(struct vault *v, unsigned levels, const struct journal_proof *proof)
{
	struct journal_nodes *reading = journal_nodes_open(vault_db(v));
	struct tree_nodes nodes = {journal_nodes_read, reading, levels};
	struct hash root;
	int r = tree_prove_many(&nodes, proof->indexes, proof->count, proof->size, proof->paths,
				proof->lens, &root);

	journal_nodes_close(reading);
	return r || hash_eq(&root, proof->root) ? r : -EBADMSG;
}

int journal_prove(struct vault *v, const struct journal_proof *proof)
{
	int r = prove(v, TREE_KEPT_LEVELS, proof);

	if (r != -EBADMSG)
		return r;
	/* They only save time, so a wrong one costs time. */
	log_error("journal.nodes", "wrong=1 size=%llu", (unsigned long long)proof->size);
	return prove(v, 0, proof);
}

int journal_new_epoch(struct vault *v, int64_t now_ms)
{
	struct query *q = db_query(vault_db(v), &head_epoch);

	/* Not one more: the same copy restored twice would give the same epoch to two futures. */
	bind_i64(q, 1, now_ms);
	return db_done_after(q);
}

int journal_forget(struct vault *v, struct id dossier)
{
	struct query *q = db_query(vault_db(v), &bodies_purge);
	int r;

	bind_id(q, 1, dossier);
	r = db_done_after(q);
	return r ? r : vault_delete_key(v, dossier);
}
