/* egidectl keys rotate: a new master key, and every data key wrapped with it. */
#include "crypto/note.h"
#include "ctl/commands.h"
#include "ctl/house.h"
#include "ctl/settings.h"
#include "ctl/terminal.h"

static int usage(void)
{
	printf("Usage : egidectl keys rotate\n"
	       "        egidectl keys public\n\n"
	       "rotate ajoute une clé maîtresse au fichier des clés et en protège toutes les clés "
	       "de "
	       "dossier, serveur arrêté.\n"
	       "Les anciennes lignes restent : les sauvegardes et l'index en dépendent. "
	       "Sauvegardez le fichier ensuite.\n\n"
	       "public montre la clé publique avec laquelle se vérifient les preuves exportées : "
	       "à publier, ou à remettre\n"
	       "par un autre chemin que les archives. Elle ne change pas.\n");
	settings_print_help();
	return STATUS_MISUSED;
}

static int rewrap(struct vault *v)
{
	int r = db_begin(vault_db(v));

	if (r)
		return r;
	progress_start("Clés de dossier");
	r = vault_rewrap(v, progress_show);
	progress_end();
	if (!r)
		r = db_commit(vault_db(v));
	if (r)
		db_rollback(vault_db(v));
	return r;
}

/* The keys must open the house before they are changed. */
static int check_house(const struct settings *s)
{
	struct keyring *ring;
	struct vault *v;
	int status = house_open_vault(s, DB_READER, &ring, &v);

	if (status)
		return status;
	if (id_is_none(vault_house_key(v)))
		status = fail("base %s : elle n'est pas initialisée (egidectl init)", s->database);
	house_close(ring, v);
	return status;
}

static int rotate(const struct settings *s)
{
	struct keyring *ring;
	struct vault *v;
	int status = check_house(s), r;

	if (status)
		return status;
	r = keyring_rotate(s->keys);
	if (r)
		return fail("clés %s : %s", s->keys, error_text(r));
	status = house_open_vault(s, DB_WRITER, &ring, &v);
	if (status)
		return status;
	r = rewrap(v);
	if (r)
		status = fail(
			"clés de dossier : %s. La nouvelle clé est dans %s ; relancez la commande.",
			error_text(r), s->keys);
	else
		printf("Clé maîtresse %u en service. Sauvegardez %s.\n", keyring_current(ring),
		       s->keys);
	house_close(ring, v);
	return status;
}

static int show_public(const struct settings *s)
{
	char text[2 * NOTE_KEY_SIZE + 1];
	struct keyring *ring;
	struct note_key key;
	int status = house_open_keys(s, &ring);

	if (status)
		return status;
	key = note_key_of(ring);
	hex_encode(key.bytes, sizeof(key.bytes), text);
	printf("%s\n", text);
	keyring_free(ring);
	return STATUS_DONE;
}

int command_keys(int argc, char **argv)
{
	struct settings s;
	int status;

	argc = settings_take(&s, argc, argv);
	if (argc < 0)
		return STATUS_MISUSED;
	if (!s.help && argc == 2 && !strcmp(argv[1], "public"))
		return show_public(&s);
	if (s.help || argc != 2 || strcmp(argv[1], "rotate") != 0)
		return s.help ? usage(), STATUS_DONE : usage();
	status = house_needs_no_server(&s, "keys rotate");
	return status ? status : rotate(&s);
}
