/* egidectl init: keys, database and a first administrator. Run again after a failure, it goes on
 * where it stopped. */
#include <errno.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "ctl/commands.h"
#include "ctl/house.h"
#include "ctl/settings.h"
#include "ctl/terminal.h"
#include "service/control.h"
#include "service/executor.h"
#include "store/accounts.h"
#include "store/backup.h"

static int usage(void)
{
	printf("Usage : egidectl init [LOGIN]\n\n"
	       "Crée le dossier des données (0700), le fichier des clés (0600, hors de ce "
	       "dossier), la base et un\n"
	       "premier compte d'administration, LOGIN (par défaut : admin). Son mot de passe est "
	       "tiré au hasard et\n"
	       "montré une seule fois, ou lu sur l'entrée standard avec --password-stdin.\n");
	settings_print_help();
	return STATUS_MISUSED;
}

/* The folder that will hold path, and what is above it. */
static int make_folders(const char *path, mode_t mode)
{
	char folder[600];

	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	for (char *slash = strchr(folder + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		if (mkdir(folder, slash ? 0755 : mode) && errno != EEXIST)
			return -errno;
		if (!slash)
			return 0;
		*slash = '/';
	}
}

static int make_data(const struct settings *s)
{
	int r = make_folders(s->data, 0700);

	if (!r && chmod(s->data, 0700))
		r = -errno;
	return r ? fail("dossier %s : %s", s->data, error_text(r)) : STATUS_DONE;
}

/* Whoever copies the data folder must not have the keys with it. */
static bool is_inside(const char *path, const char *folder)
{
	struct str inside = str_from(folder);

	while (inside.len > 1 && inside.ptr[inside.len - 1] == '/')
		inside.len--;
	return str_starts(str_from(path), inside) && path[inside.len] == '/';
}

static int make_keys(const struct settings *s)
{
	char *folder = xstrdup(s->keys), *slash = strrchr(folder, '/');
	int r = 0;

	if (is_inside(s->keys, s->data)) {
		free(folder);
		return misused("les clés (%s) doivent être hors du dossier des données (%s)",
			       s->keys, s->data);
	}
	if (slash && slash != folder) {
		*slash = '\0';
		r = make_folders(folder, 0755);
	}
	free(folder);
	if (!r)
		r = keyring_create(s->keys);
	if (r == -EEXIST) {
		printf("Clés        : %s (elles existaient, elles sont gardées)\n", s->keys);
		return STATUS_DONE;
	}
	if (r)
		return fail("clés %s : %s", s->keys, error_text(r));
	printf("Clés        : %s — sauvegardez ce fichier à part : sans lui, tout est perdu\n",
	       s->keys);
	return STATUS_DONE;
}

/* ---- the first account ---- */

static void on_batch(void *context, struct batch *batch)
{
	batch_free(batch);
}

static int open_service(const struct settings *s, const struct keyring *ring,
			struct service **ret_service)
{
	static const struct service_hooks hooks = {on_batch, NULL};
	struct service_options options = {
		.database_url = s->database, .public_url = "", .session_hours = 1};
	int r;

	ladder_default(&options.ladder);
	r = service_open(&options, ring, &hooks, ret_service);
	return r ? fail("base %s : %s", s->database, error_text(r)) : STATUS_DONE;
}

static int count_account(void *context, const struct account *account)
{
	++*(int *)context;
	return 0;
}

/* Text in arena; NULL after having said why. */
static const char *choose_password(const struct settings *s, struct arena *arena)
{
	char token[TOKEN_TEXT_SIZE], *given;
	const char *kept = NULL;

	if (!s->password_stdin) {
		token_new(token);
		return arena_copy(arena, token, strlen(token));
	}
	given = password_ask(s);
	if (given && (strlen(given) < PASSWORD_MIN_BYTES || strlen(given) > PASSWORD_MAX_BYTES))
		fail("le mot de passe doit avoir de %d à %d caractères", PASSWORD_MIN_BYTES,
		     PASSWORD_MAX_BYTES);
	else if (given)
		kept = arena_copy(arena, given, strlen(given));
	password_free(given);
	return kept;
}

static int add_account(struct service *service, const char *login, const char *password)
{
	struct command *c = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_CONTROL});
	char hash[PASSWORD_HASH_SIZE];
	json_t *arguments;
	char *text;
	int status = STATUS_DONE;

	if (password_hash(str_from(password), 1, hash)) {
		command_free(c);
		return fail("mémoire insuffisante pour protéger le mot de passe");
	}
	arguments = json_pack("{s:s, s:s, s:s, s:s}", "login", login, "name", "Administration",
			      "roles", "administrator", "password_hash", hash);
	text = json_dumps(arguments, 0);
	json_decref(arguments);
	c->name = command_keep(c, STR("account.add"));
	c->text = command_keep(c, str_from(text ? text : ""));
	free(text);
	service_run_now(service, c, clock_now_ms());
	if (c->outcome.problem)
		status = fail("%.*s", STR_FMT(c->outcome.detail));
	command_free(c);
	return status;
}

static int make_account(const struct settings *s, struct service *service, const char *login)
{
	struct arena arena = ARENA_INIT;
	const char *password;
	int count = 0, status = STATUS_FAILED;
	int r = accounts_each(service_vault(service), ID_NONE, 1, count_account, &count);

	if (r)
		return fail("base %s : %s", s->database, error_text(r));
	if (count) {
		printf("Comptes     : il y en a déjà, aucun n'est créé\n");
		return STATUS_DONE;
	}
	password = choose_password(s, &arena);
	if (password)
		status = add_account(service, login, password);
	if (!status)
		printf("Compte      : %s\n", login);
	if (!status && !s->password_stdin)
		printf("Mot de passe : %s (montré une seule fois)\n", password);
	arena_fini(&arena);
	return status;
}

static int make_database(const struct settings *s, const char *login)
{
	struct service *service;
	struct keyring *ring;
	int status = house_open_keys(s, &ring);

	if (status)
		return status;
	status = open_service(s, ring, &service);
	if (!status) {
		printf("Base        : %s\n", s->database);
		status = make_account(s, service, login);
		service_close(service);
	}
	keyring_free(ring);
	return status;
}

int command_init(int argc, char **argv)
{
	struct settings s;
	int status;

	argc = settings_take(&s, argc, argv);
	if (argc < 0)
		return STATUS_MISUSED;
	if (s.help || argc > 2)
		return s.help ? usage(), STATUS_DONE : usage();
	crypto_init();
	status = house_needs_no_server(&s, "init");
	if (!status)
		status = make_data(&s);
	if (!status)
		status = make_keys(&s);
	if (!status)
		status = make_database(&s, argc == 2 ? argv[1] : "admin");
	return status;
}
