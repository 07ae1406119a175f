/* Second factors: see second_factor.h. */
#include "store/second_factor.h"

#include <errno.h>

#include "base/clock.h"
#include "crypto/random.h"
#include "store/sealed.h"

SQL(factor_get, "SELECT secret, since, pending, pending_at, last_step, wrong, wrong_from"
		" FROM second_factor WHERE account = $1");
SQL(factor_put,
    "INSERT INTO second_factor (account, secret, since, pending, pending_at, last_step, wrong,"
    " wrong_from) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account) DO UPDATE SET"
    " secret = $2, since = $3, pending = $4, pending_at = $5, last_step = $6, wrong = $7,"
    " wrong_from = $8");
SQL(factor_any, "SELECT 1 FROM second_factor WHERE account = $1 AND secret IS NOT NULL");
SQL(factor_remove, "DELETE FROM second_factor WHERE account = $1");
SQL(recovery_put, "INSERT INTO recovery_code (account, code) VALUES ($1, $2)");
SQL(recovery_remove, "DELETE FROM recovery_code WHERE account = $1 AND code = $2");
SQL(recovery_count, "SELECT COUNT(*) FROM recovery_code WHERE account = $1");
SQL(recovery_remove_all, "DELETE FROM recovery_code WHERE account = $1");
SQL(roles_get, "SELECT value FROM counter WHERE name = 'second_factor_roles'");
SQL(roles_put, "UPDATE counter SET value = $1 WHERE name = 'second_factor_roles'");

#define SECRET_LABEL STR("second_factor.secret")
#define PENDING_LABEL STR("second_factor.pending")
#define RECOVERY_LABEL STR("second_factor.recovery")

/* The account goes in with it: a row put under another name does not open. */
static int seal_secret(struct vault *v, struct str label, struct id account,
		       const uint8_t secret[OTP_SECRET_SIZE], struct buf *sealed)
{
	uint8_t plain[sizeof(account.bytes) + OTP_SECRET_SIZE];
	int r;

	memcpy(plain, account.bytes, sizeof(account.bytes));
	memcpy(plain + sizeof(account.bytes), secret, OTP_SECRET_SIZE);
	r = vault_seal(v, vault_house_key(v), label, str_of(plain, sizeof(plain)), sealed);
	wipe(plain, sizeof(plain));
	return r;
}

static int unseal_secret(struct vault *v, struct str label, struct id account, struct str sealed,
			 uint8_t secret[OTP_SECRET_SIZE])
{
	struct buf plain = BUF_INIT;
	int r;

	if (!sealed.ptr)
		return 0;
	r = vault_unseal(v, label, sealed, &plain);
	if (!r && (plain.len != sizeof(account.bytes) + OTP_SECRET_SIZE ||
		   memcmp(plain.ptr, account.bytes, sizeof(account.bytes)) != 0))
		r = -EBADMSG;
	if (!r)
		memcpy(secret, plain.ptr + sizeof(account.bytes), OTP_SECRET_SIZE);
	wipe(plain.ptr, plain.len);
	buf_fini(&plain);
	return r;
}

static int read_factor(struct vault *v, struct query *q, struct second_factor *f)
{
	int r;

	f->is_set = !column_is_null(q, 0);
	f->since_ms = column_time(q, 1);
	f->pending_at_ms = column_time(q, 3);
	f->last_step = column_i64(q, 4);
	f->wrong = column_i64(q, 5);
	f->wrong_from_ms = column_time(q, 6);
	r = unseal_secret(v, SECRET_LABEL, f->account, column_blob(q, 0), f->secret);
	if (!r)
		r = unseal_secret(v, PENDING_LABEL, f->account, column_blob(q, 2), f->pending);
	return r;
}

int second_factor_load(struct vault *v, struct id account, struct second_factor *ret_factor)
{
	struct query *q = db_query(vault_db(v), &factor_get);
	int r;

	*ret_factor = (struct second_factor){.account = account,
					     .since_ms = TIME_NONE,
					     .pending_at_ms = TIME_NONE,
					     .wrong_from_ms = TIME_NONE};
	bind_id(q, 1, account);
	r = step_to_row(q);
	if (!r)
		r = read_factor(v, q, ret_factor);
	db_done(q);
	return r == -ENOENT ? 0 : r;
}

int second_factor_save(struct vault *v, const struct second_factor *f)
{
	struct buf secret = BUF_INIT, pending = BUF_INIT;
	bool is_pending = f->pending_at_ms != TIME_NONE;
	int r = 0;

	if (f->is_set)
		r = seal_secret(v, SECRET_LABEL, f->account, f->secret, &secret);
	if (!r && is_pending)
		r = seal_secret(v, PENDING_LABEL, f->account, f->pending, &pending);
	if (!r) {
		struct query *q = db_query(vault_db(v), &factor_put);

		bind_id(q, 1, f->account);
		bind_blob(q, 2, f->is_set ? buf_str(&secret) : STR_NONE);
		bind_time(q, 3, f->since_ms);
		bind_blob(q, 4, is_pending ? buf_str(&pending) : STR_NONE);
		bind_time(q, 5, f->pending_at_ms);
		bind_i64(q, 6, f->last_step);
		bind_i64(q, 7, f->wrong);
		bind_time(q, 8, f->wrong_from_ms);
		r = db_done_after(q);
	}
	buf_fini(&secret);
	buf_fini(&pending);
	return r;
}

static int after_account(struct vault *v, const struct sql *sql, struct id account)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_id(q, 1, account);
	return db_done_after(q);
}

int second_factor_delete(struct vault *v, struct id account)
{
	int r = after_account(v, &factor_remove, account);

	return r ? r : recovery_codes_delete(v, account);
}

int second_factor_is_set(struct vault *v, struct id account, bool *ret_is_set)
{
	struct query *q = db_query(vault_db(v), &factor_any);

	bind_id(q, 1, account);
	return db_any_after(q, ret_is_set);
}

/* --- recovery codes */

/* Releases the query: the index must outlive the step. */
static int with_code(struct vault *v, const struct sql *sql, struct id account, struct str code)
{
	struct query *q = db_query(vault_db(v), sql);
	struct buf bound = BUF_INIT;
	uint8_t index[BLIND_SIZE];

	buf_add(&bound, account.bytes, sizeof(account.bytes));
	buf_add_str(&bound, code);
	vault_index(v, RECOVERY_LABEL, buf_str(&bound), index);
	wipe(bound.ptr, bound.len);
	buf_fini(&bound);
	bind_id(q, 1, account);
	bind_blob(q, 2, str_of(index, sizeof(index)));
	return db_done_after(q);
}

int recovery_code_add(struct vault *v, struct id account, struct str code)
{
	return with_code(v, &recovery_put, account, code);
}

int recovery_code_take(struct vault *v, struct id account, struct str code, bool *ret_taken)
{
	int r = with_code(v, &recovery_remove, account, code);

	if (!r)
		*ret_taken = db_changes(vault_db(v)) == 1;
	return r;
}

int recovery_codes_left(struct vault *v, struct id account, int64_t *ret_count)
{
	struct query *q = db_query(vault_db(v), &recovery_count);

	bind_id(q, 1, account);
	return db_number_after(q, 0, ret_count);
}

int recovery_codes_delete(struct vault *v, struct id account)
{
	return after_account(v, &recovery_remove_all, account);
}

/* --- of whom it is asked */

int second_factor_roles(struct vault *v, uint32_t *ret_roles)
{
	int64_t roles = 0;
	int r = db_number_after(db_query(vault_db(v), &roles_get), 0, &roles);

	*ret_roles = (uint32_t)roles;
	return r;
}

int second_factor_set_roles(struct vault *v, uint32_t roles)
{
	struct query *q = db_query(vault_db(v), &roles_put);

	bind_i64(q, 1, roles);
	return db_done_after(q);
}
