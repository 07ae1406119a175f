/* Accounts and sessions: see accounts.h. */
#include "store/accounts.h"

#include <errno.h>

#include "store/sealed.h"

#define ACCOUNT_COLUMNS                                                          \
	"id, login, name, password, roles, room, disabled, created_at, version," \
	" extension"
SQL(account_by_id, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE id = $1");
SQL(account_by_name, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE login = $1");
SQL(accounts_after, "SELECT " ACCOUNT_COLUMNS " FROM account WHERE id > $1 ORDER BY id LIMIT $2");
SQL(account_add,
    "INSERT INTO account (id, login, name, password, roles, room, disabled, version, extension,"
    " created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
SQL(account_set,
    "UPDATE account SET login = $2, name = $3, password = $4, roles = $5, room = $6, disabled = $7,"
    " version = $8 + 1, extension = $9 WHERE id = $1 AND version = $8");
SQL(account_at,
    "SELECT id FROM account WHERE extension = $1 AND room = $2 AND disabled = 0 LIMIT 2");

SQL(session_add, "INSERT INTO session (token, account, created_at, seen_at, expires_at)"
		 " VALUES ($1, $2, $3, $3, $4)");
SQL(session_find, "SELECT account FROM session WHERE token = $1 AND expires_at > $2");
SQL(session_seen, "UPDATE session SET seen_at = $2 WHERE token = $1");
SQL(session_remove, "DELETE FROM session WHERE token = $1");
SQL(sessions_remove_of, "DELETE FROM session WHERE account = $1");
SQL(sessions_remove_all, "DELETE FROM session");
SQL(sessions_expired, "DELETE FROM session WHERE expires_at <= $1");

#define NAME_LABEL STR("account.name")

static int read_account(struct vault *v, struct query *q, struct account *account)
{
	int r;

	*account = (struct account){
		.id = column_id(q, 0),
		.roles = (uint32_t)column_i64(q, 4),
		.room = column_id(q, 5),
		.disabled = column_bool(q, 6),
		.created_at_ms = column_i64(q, 7),
		.version = column_i64(q, 8),
	};
	r = copy_text(column_text(q, 1), account->login, sizeof(account->login));
	if (!r)
		r = copy_text(column_text(q, 3), account->password, sizeof(account->password));
	if (!r)
		r = copy_text(column_text(q, 9), account->extension, sizeof(account->extension));
	if (!r)
		r = unseal_text(v, NAME_LABEL, column_blob(q, 2), account->name,
				sizeof(account->name));
	return r;
}

static int read_one(struct vault *v, struct query *q, struct account *ret_account)
{
	int r = step_to_row(q);

	if (!r)
		r = read_account(v, q, ret_account);
	db_done(q);
	return r;
}

int account_load(struct vault *v, struct id id, struct account *ret_account)
{
	struct query *q = db_query(vault_db(v), &account_by_id);

	bind_id(q, 1, id);
	return read_one(v, q, ret_account);
}

int account_by_login(struct vault *v, struct str login, struct account *ret_account)
{
	struct query *q = db_query(vault_db(v), &account_by_name);

	bind_text(q, 1, login);
	return read_one(v, q, ret_account);
}

int account_by_extension(struct vault *v, struct str extension, struct id room,
			 struct id *ret_account)
{
	struct query *q = db_query(vault_db(v), &account_at);
	struct id account = ID_NONE;
	int r;

	bind_text(q, 1, extension);
	bind_id(q, 2, room);
	r = step_to_row(q);
	if (!r) {
		account = column_id(q, 0);
		r = query_step(q);
	}
	db_done(q);
	if (r)
		return r == 1 ? -ENOENT : r;
	*ret_account = account;
	return 0;
}

int accounts_each(struct vault *v, struct id after, int limit, account_reader *on_account,
		  void *context)
{
	struct query *q = db_query(vault_db(v), &accounts_after);
	struct account account;
	int r;

	bind_after(q, 1, &after);
	bind_i64(q, 2, limit);
	while ((r = query_step(q)) == 1) {
		r = read_account(v, q, &account);
		if (!r)
			r = on_account(context, &account);
		if (r)
			break;
	}
	db_done(q);
	wipe(&account, sizeof(account));
	return r;
}

/* Leaves the last parameter, which only an insertion has, to the caller. */
static struct query *bind_account(struct vault *v, const struct sql *sql,
				  const struct account *account, struct str name)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_id(q, 1, account->id);
	bind_text(q, 2, str_from(account->login));
	bind_blob(q, 3, name);
	bind_text(q, 4, str_from(account->password));
	bind_i64(q, 5, account->roles);
	bind_id(q, 6, account->room);
	bind_bool(q, 7, account->disabled);
	bind_i64(q, 8, account->version);
	bind_text(q, 9, account->extension[0] ? str_from(account->extension) : STR_NONE);
	return q;
}

static int seal_name(struct vault *v, const struct account *account, struct buf *out)
{
	return vault_seal(v, vault_house_key(v), NAME_LABEL, str_from(account->name), out);
}

int account_insert(struct vault *v, const struct account *account)
{
	struct buf name = BUF_INIT;
	int r = seal_name(v, account, &name);

	if (!r) {
		struct query *q = bind_account(v, &account_add, account, buf_str(&name));

		bind_i64(q, 10, account->created_at_ms);
		r = db_done_after(q);
	}
	buf_fini(&name);
	return r;
}

int account_update(struct vault *v, struct account *account)
{
	struct buf name = BUF_INIT;
	int r = seal_name(v, account, &name);

	if (!r)
		r = updated_one(v, bind_account(v, &account_set, account, buf_str(&name)));
	if (!r)
		account->version++;
	buf_fini(&name);
	return r;
}

static struct query *token_query(struct vault *v, const struct sql *sql,
				 const uint8_t token[TOKEN_HASH_SIZE])
{
	struct query *q = db_query(vault_db(v), sql);

	bind_blob(q, 1, str_of(token, TOKEN_HASH_SIZE));
	return q;
}

int session_insert(struct vault *v, const uint8_t token[TOKEN_HASH_SIZE], struct id account,
		   int64_t now_ms, int64_t expires_at_ms)
{
	struct query *q = token_query(v, &session_add, token);

	bind_id(q, 2, account);
	bind_i64(q, 3, now_ms);
	bind_i64(q, 4, expires_at_ms);
	return db_done_after(q);
}

int session_account(struct vault *v, const uint8_t token[TOKEN_HASH_SIZE], int64_t now_ms,
		    struct account *ret_account)
{
	struct query *q = token_query(v, &session_find, token);
	struct account account;
	struct id id;
	int r;

	bind_i64(q, 2, now_ms);
	r = step_to_row(q);
	id = r ? ID_NONE : column_id(q, 0);
	db_done(q);
	if (!r)
		r = account_load(v, id, &account);
	if (!r && account.disabled)
		r = -ENOENT;
	if (!r)
		*ret_account = account;
	return r;
}

int session_touch(struct vault *v, const uint8_t token[TOKEN_HASH_SIZE], int64_t now_ms)
{
	struct query *q = token_query(v, &session_seen, token);

	bind_i64(q, 2, now_ms);
	return db_done_after(q);
}

int session_delete(struct vault *v, const uint8_t token[TOKEN_HASH_SIZE])
{
	return db_done_after(token_query(v, &session_remove, token));
}

int sessions_delete_of(struct vault *v, struct id account)
{
	struct query *q = db_query(vault_db(v), &sessions_remove_of);

	bind_id(q, 1, account);
	return db_done_after(q);
}

int sessions_purge(struct vault *v, int64_t now_ms)
{
	struct query *q = db_query(vault_db(v), &sessions_expired);

	bind_i64(q, 1, now_ms);
	return db_done_after(q);
}

int sessions_delete_all(struct vault *v, int64_t *ret_count)
{
	int r = db_done_after(db_query(vault_db(v), &sessions_remove_all));

	if (!r)
		*ret_count = db_changes(vault_db(v));
	return r;
}
