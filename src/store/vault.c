/* A database with its keys: see vault.h. */
#include "store/vault.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/map.h"
#include "crypto/random.h"
#include "crypto/tree.h"

/* Keys kept unwrapped: enough for every open alert and its official several times over. */
enum { KEYS_KEPT = 16384 };

struct vault {
	struct db *db;
	const struct keyring *ring;
	struct map keys; /* id → struct data_key */
	struct id house;
	bool has_destroyed; /* in this transaction */
};

SQL(key_insert, "INSERT INTO data_key (id, wrapped) VALUES ($1, $2)");
SQL(key_select, "SELECT wrapped FROM data_key WHERE id = $1");
SQL(key_delete, "DELETE FROM data_key WHERE id = $1");
SQL(destroyed_insert, "INSERT INTO destroyed_key (id) VALUES ($1) ON CONFLICT (id) DO NOTHING");
SQL(destroyed_any, "SELECT 1 FROM destroyed_key WHERE id = $1");
SQL(keys_count, "SELECT COUNT(*) FROM data_key");
SQL(keys_after, "SELECT id, wrapped FROM data_key WHERE id > $1 ORDER BY id LIMIT $2");
SQL(key_update, "UPDATE data_key SET wrapped = $2 WHERE id = $1");
SQL(meta_insert, "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
SQL(meta_select, "SELECT value FROM meta WHERE name = $1");
SQL(head_insert, "INSERT INTO journal_head (id, epoch, number, frontier) VALUES (1, 1, 0, $1)"
		 " ON CONFLICT (id) DO NOTHING");

int vault_open(const char *url, enum db_mode mode, const struct keyring *ring,
	       struct vault **ret_vault)
{
	struct vault *v = xcalloc(1, sizeof(*v));
	int r = db_open(url, mode, &v->db);

	if (r) {
		free(v);
		return r;
	}
	v->ring = ring;
	*ret_vault = v;
	return 0;
}

static void forget_all(struct vault *v)
{
	struct id id;
	void *key;

	for (size_t at = 0; map_next(&v->keys, &at, &id, &key);) {
		wipe(key, sizeof(struct data_key));
		free(key);
	}
	map_fini(&v->keys);
}

void vault_close(struct vault *v)
{
	if (!v)
		return;
	forget_all(v);
	db_close(v->db);
	free(v);
}

struct db *vault_db(struct vault *v)
{
	return v->db;
}

const struct keyring *vault_ring(const struct vault *v)
{
	return v->ring;
}

static struct data_key *remember(struct vault *v, const struct data_key *key)
{
	struct data_key *kept;

	if (v->keys.len >= KEYS_KEPT)
		forget_all(v);
	kept = xmalloc(sizeof(*kept));
	*kept = *key;
	free(map_set(&v->keys, key->id, kept));
	return kept;
}

int vault_new_key(struct vault *v, struct id dossier)
{
	uint8_t wrapped[WRAPPED_KEY_SIZE];
	struct data_key key;
	struct query *q;
	int r;

	data_key_new(dossier, &key);
	data_key_wrap(v->ring, &key, wrapped);
	q = db_query(v->db, &key_insert);
	bind_id(q, 1, dossier);
	bind_blob(q, 2, str_of(wrapped, sizeof(wrapped)));
	r = db_done_after(q);
	if (!r)
		remember(v, &key);
	wipe(&key, sizeof(key));
	return r;
}

int vault_delete_key(struct vault *v, struct id dossier)
{
	struct data_key *kept = map_remove(&v->keys, dossier);
	struct query *q = db_query(v->db, &key_delete);
	int r;

	if (kept)
		wipe(kept, sizeof(*kept));
	free(kept);
	bind_id(q, 1, dossier);
	r = db_done_after(q);
	if (r || !db_changes(v->db))
		return r;
	v->has_destroyed = true;
	q = db_query(v->db, &destroyed_insert);
	bind_id(q, 1, dossier);
	return db_done_after(q);
}

int vault_was_destroyed(struct vault *v, struct id key, bool *ret_destroyed)
{
	struct query *q = db_query(v->db, &destroyed_any);

	bind_id(q, 1, key);
	return db_any_after(q, ret_destroyed);
}

int vault_knows_destroyed(struct vault *v, bool *ret_knows)
{
	int64_t version;
	int r = db_schema_version(v->db, &version);

	if (!r)
		*ret_knows = version >= DESTROYED_KEYS_SINCE;
	return r;
}

void vault_wipe_destroyed(struct vault *v)
{
	if (v->has_destroyed)
		db_wipe_log(v->db);
	v->has_destroyed = false;
}

void vault_forget_new_keys(struct vault *v)
{
	v->has_destroyed = false;
	forget_all(v);
}

static int load_key(struct vault *v, struct id id, const struct data_key **ret_key)
{
	struct data_key key;
	struct query *q;
	int r;

	*ret_key = map_get(&v->keys, id);
	if (*ret_key)
		return 0;
	q = db_query(v->db, &key_select);
	bind_id(q, 1, id);
	r = query_step(q);
	if (r == 1) {
		r = data_key_unwrap(v->ring, id, column_blob(q, 0), &key);
		if (!r)
			*ret_key = remember(v, &key);
		wipe(&key, sizeof(key));
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_done(q);
	return r;
}

int vault_seal(struct vault *v, struct id dossier, struct str label, struct str plain,
	       struct buf *out)
{
	const struct data_key *key;
	int r = load_key(v, dossier, &key);

	if (!r)
		seal(key, label, plain, out);
	return r;
}

int vault_unseal(struct vault *v, struct str label, struct str sealed, struct buf *out)
{
	const struct data_key *key;
	struct id id;
	int r = sealed_key_id(sealed, &id);

	if (!r)
		r = load_key(v, id, &key);
	return r ? r : unseal(key, label, sealed, out);
}

void vault_index(const struct vault *v, struct str label, struct str text, uint8_t out[BLIND_SIZE])
{
	blind_index(v->ring, label, text, out);
}

static int read_house(struct vault *v)
{
	struct query *q = db_query(v->db, &meta_select);
	int r;

	bind_text(q, 1, STR("house_key"));
	r = query_step(q);
	if (r == 1)
		r = id_parse(column_text(q, 0), &v->house);
	else if (r == 0)
		r = -ENOENT;
	db_done(q);
	return r;
}

struct id vault_house_key(struct vault *v)
{
	if (id_is_none(v->house) && read_house(v))
		return ID_NONE;
	return v->house;
}

static int write_house(struct vault *v, int64_t now_ms)
{
	struct id house = random_id_v7(now_ms);
	char text[ID_TEXT_SIZE];
	struct query *q;
	int r = vault_new_key(v, house);

	if (r)
		return r;
	id_print(house, text);
	q = db_query(v->db, &meta_insert);
	bind_text(q, 1, STR("house_key"));
	bind_text(q, 2, str_from(text));
	return db_done_after(q);
}

static int write_head(struct vault *v)
{
	uint8_t flat[FRONTIER_FLAT_MAX];
	struct frontier empty;
	struct query *q = db_query(v->db, &head_insert);

	frontier_init(&empty);
	bind_blob(q, 1, str_of(flat, frontier_encode(&empty, flat)));
	return db_done_after(q);
}

int vault_init(struct vault *v, int64_t now_ms)
{
	int r = db_begin(v->db);

	if (r)
		return r;
	r = read_house(v);
	if (r == -ENOENT)
		r = write_house(v, now_ms);
	if (!r)
		r = write_head(v);
	if (!r)
		r = db_commit(v->db);
	if (r)
		db_rollback(v->db);
	return r;
}

struct wrapped_key {
	struct id id;
	uint8_t bytes[WRAPPED_KEY_SIZE];
};

/* The next wrapped keys after `after`, at most cap. Count or -errno. */
static int read_wrapped(struct vault *v, struct id after, struct wrapped_key *out, int cap)
{
	struct query *q = db_query(v->db, &keys_after);
	int count = 0, r;

	bind_blob(q, 1, str_of(after.bytes, sizeof(after.bytes)));
	bind_i64(q, 2, cap);
	while ((r = query_step(q)) == 1) {
		struct str wrapped = column_blob(q, 1);

		if (wrapped.len != WRAPPED_KEY_SIZE) {
			r = -EBADMSG;
			break;
		}
		out[count].id = column_id(q, 0);
		memcpy(out[count++].bytes, wrapped.ptr, WRAPPED_KEY_SIZE);
	}
	db_done(q);
	return r ? r : count;
}

static int rewrap(struct vault *v, struct wrapped_key *wrapped)
{
	struct str old = str_of(wrapped->bytes, WRAPPED_KEY_SIZE);
	struct data_key key;
	struct query *q;
	int r;

	if (wrapped_key_master(old) == keyring_current(v->ring))
		return 0;
	r = data_key_unwrap(v->ring, wrapped->id, old, &key);
	if (r)
		return r;
	data_key_wrap(v->ring, &key, wrapped->bytes);
	wipe(&key, sizeof(key));
	q = db_query(v->db, &key_update);
	bind_id(q, 1, wrapped->id);
	bind_blob(q, 2, old);
	return db_done_after(q);
}

static int count_keys(struct vault *v, int64_t *ret_count)
{
	return db_number_after(db_query(v->db, &keys_count), 0, ret_count);
}

int vault_rewrap(struct vault *v, void (*progress)(int64_t done, int64_t total))
{
	enum { PAGE = 256 };
	struct wrapped_key page[PAGE];
	struct id after = ID_NONE;
	int64_t done = 0, total = 0;
	int r = count_keys(v, &total), count = PAGE;

	while (!r && count == PAGE) {
		count = read_wrapped(v, after, page, PAGE);
		r = count < 0 ? count : 0;
		for (int i = 0; !r && i < count; i++)
			r = rewrap(v, &page[i]);
		if (count > 0)
			after = page[count - 1].id;
		done += count;
		if (!r && progress)
			progress(done, total);
	}
	return r;
}
