/* Accounts of the people who work with Égide, and their sessions. Names are sealed under the house
 * key. */
#ifndef STORE_ACCOUNTS_H
#define STORE_ACCOUNTS_H

#include "base/limits.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "store/vault.h"

enum { ACCOUNT_LOGIN_SIZE = 65, ACCOUNT_EXTENSION_SIZE = 17 };

struct account {
	struct id id;
	char login[ACCOUNT_LOGIN_SIZE]; /* lower case, [a-z0-9._-] */
	char name[LIMIT_NAME_BYTES + 1];
	char password[PASSWORD_HASH_SIZE];
	uint32_t roles;                         /* bits of enum role (core/access.h) */
	struct id room;                         /* ID_NONE: none */
	char extension[ACCOUNT_EXTENSION_SIZE]; /* where the switch rings them; "": nowhere */
	bool disabled;
	int64_t created_at_ms, version;
};

/* 0, -ENOENT or -errno. */
int account_load(struct vault *v, struct id id, struct account *ret_account);
int account_by_login(struct vault *v, struct str login, struct account *ret_account);
/* Who of that room has this extension; -ENOENT: nobody, or more than one. */
int account_by_extension(struct vault *v, struct str extension, struct id room,
			 struct id *ret_account);
/* -EEXIST: the login is taken. account_update: -ESTALE when the version is not the stored one;
 * moves account->version. */
int account_insert(struct vault *v, const struct account *account);
int account_update(struct vault *v, struct account *account);

/* Up to limit accounts whose id follows `after`, in order of ids. Stops at a non-zero return
 * (returned). */
typedef int account_reader(void *context, const struct account *account);
int accounts_each(struct vault *v, struct id after, int limit, account_reader *on_account,
		  void *context);

/* Sessions: only the hash of the token is stored. */
int session_insert(struct vault *v, const uint8_t token[TOKEN_HASH_SIZE], struct id account,
		   int64_t now_ms, int64_t expires_at_ms);
/* -ENOENT: no such session, expired, or the account is disabled. */
int session_account(struct vault *v, const uint8_t token[TOKEN_HASH_SIZE], int64_t now_ms,
		    struct account *ret_account);
int session_touch(struct vault *v, const uint8_t token[TOKEN_HASH_SIZE], int64_t now_ms);
int session_delete(struct vault *v, const uint8_t token[TOKEN_HASH_SIZE]);
int sessions_delete_of(struct vault *v, struct id account);
int sessions_delete_all(struct vault *v, int64_t *ret_count);
int sessions_purge(struct vault *v, int64_t now_ms); /* those that have expired */

#endif
