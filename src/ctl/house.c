/* Keys and database without a server: see house.h. */
#include "ctl/house.h"

#include <errno.h>

#include "base/log.h"
#include "crypto/random.h"
#include "ctl/client.h"
#include "ctl/settings.h"
#include "ctl/terminal.h"
#include "store/journal.h"

int house_open_keys(const struct settings *s, struct keyring **ret_ring)
{
	unsigned line = 0;
	int r;

	crypto_init();
	/* What goes well is said by the commands, in sentences. */
	log_set_level(LOG_ERROR);
	r = keyring_open(s->keys, ret_ring, &line);
	if (r == -EBADMSG)
		return fail("%s, ligne %u : clé illisible", s->keys, line);
	return r ? fail("%s : %s", s->keys, error_text(r)) : STATUS_DONE;
}

int house_open_vault(const struct settings *s, enum db_mode mode, struct keyring **ret_ring,
		     struct vault **ret_vault)
{
	int status = house_open_keys(s, ret_ring), r;

	if (status)
		return status;
	r = vault_open(s->database, mode, *ret_ring, ret_vault);
	if (r) {
		keyring_free(*ret_ring);
		return fail("base %s : %s", s->database, error_text(r));
	}
	return STATUS_DONE;
}

void house_close(struct keyring *ring, struct vault *v)
{
	vault_close(v);
	keyring_free(ring);
}

int house_needs_no_server(const struct settings *s, const char *command)
{
	return client_server_runs(s) ? fail("%s : le serveur tourne (%s). Arrêtez-le d'abord.",
					    command, s->socket)
				     : STATUS_DONE;
}

static void say_root(const struct hash *root, int64_t epoch, int64_t number)
{
	char text[2 * HASH_SIZE + 1];

	hex_encode(root->bytes, HASH_SIZE, text);
	printf("Journal intact : %lld ligne%s, époque %lld\nRacine : %s\n", (long long)number,
	       number > 1 ? "s" : "", (long long)epoch, text);
}

int house_verify(struct vault *v)
{
	int64_t epoch, number, checked = 0;
	struct hash root;
	int r = journal_head(v, &epoch, &number, &root);

	if (!r) {
		progress_start("Vérification");
		r = journal_verify(v, progress_show, &checked);
		progress_end();
	}
	if (r == -EBADMSG)
		return fail("le journal est altéré : première ligne fausse, numéro %lld",
			    (long long)checked);
	if (r == -EILSEQ)
		return fail(
			"les %lld lignes sont intactes, mais un nœud gardé de l'arbre est faux, "
			"qui finit à la ligne %lld : les preuves n'en dépendent pas, "
			"docs/operation.md dit comment le refaire",
			(long long)number, (long long)checked);
	if (r)
		return fail("vérification impossible : %s", error_text(r));
	say_root(&root, epoch, number);
	return STATUS_DONE;
}
