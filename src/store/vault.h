/*
 * A database with its keys: what every file of store/ works on. One a thread. Keeps the data
 * keys it has unwrapped (a bounded number), wiped on close.
 */
#ifndef STORE_VAULT_H
#define STORE_VAULT_H

#include "base/buf.h"
#include "crypto/seal.h"
#include "store/db.h"

struct vault;

/* Called with each id of a list; a non-zero return ends it. */
typedef int id_reader(void *context, struct id id);

/* Opens the database; the ring is shared and outlives the vault. 0 or -errno. */
int vault_open(const char *url, enum db_mode mode, const struct keyring *ring,
	       struct vault **ret_vault);
void vault_close(struct vault *v);
struct db *vault_db(struct vault *v);
const struct keyring *vault_ring(const struct vault *v);

/* Makes and stores the data key of a new dossier (id of an official, an alert…). In a transaction.
 */
int vault_new_key(struct vault *v, struct id dossier);
/* The key that seals what belongs to no dossier: accounts, units, devices without official. Made at
 * init. */
struct id vault_house_key(struct vault *v);
/* Purges a dossier: what its key seals is lost for ever. That there was such a key is remembered,
 * so that a value altered into one of a purged dossier does not pass for it. In a transaction. */
int vault_delete_key(struct vault *v, struct id dossier);
int vault_was_destroyed(struct vault *v, struct id key, bool *ret_destroyed);
/* A database that an older program wrote does not. */
enum { DESTROYED_KEYS_SINCE = 33 };
int vault_knows_destroyed(struct vault *v, bool *ret_knows);
/* After a commit: what was destroyed must be nowhere any more (db_wipe_log). */
void vault_wipe_destroyed(struct vault *v);
/* After a rollback: forget keys that may not exist any more. */
void vault_forget_new_keys(struct vault *v);

/* Seals with the dossier's key, appended to out. -ENOENT when the dossier has no key (purged). */
int vault_seal(struct vault *v, struct id dossier, struct str label, struct str plain,
	       struct buf *out);
/* Opens a sealed value, appended to out. -ENOENT: key purged; -EBADMSG: altered. */
int vault_unseal(struct vault *v, struct str label, struct str sealed, struct buf *out);
void vault_index(const struct vault *v, struct str label, struct str text, uint8_t out[BLIND_SIZE]);

/* Wraps every data key with the ring's current master key. In a transaction; progress may be NULL.
 */
int vault_rewrap(struct vault *v, void (*progress)(int64_t done, int64_t total));

/* First use of a database: house key, journal head with epoch 1. Idempotent. */
int vault_init(struct vault *v, int64_t now_ms);

#endif
