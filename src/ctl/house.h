/* Opening a house without its server: keys and database, for init, verify, restore and keys. */
#ifndef CTL_HOUSE_H
#define CTL_HOUSE_H

#include "store/vault.h"

struct settings;

/* Both say on standard error why not, and give an exit status. */
int house_open_keys(const struct settings *s, struct keyring **ret_ring);
int house_open_vault(const struct settings *s, enum db_mode mode, struct keyring **ret_ring,
		     struct vault **ret_vault);
void house_close(struct keyring *ring, struct vault *v);
/* STATUS_FAILED, said, when a server runs: two must not write one house. */
int house_needs_no_server(const struct settings *s, const char *command);
/* Verifies the journal and says what it found. */
int house_verify(struct vault *v);

#endif
