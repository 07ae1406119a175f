/* egidectl backup and restore: one SQLite file, without the master keys. */
#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ctl/commands.h"
#include "ctl/epoch.h"
#include "ctl/house.h"
#include "ctl/settings.h"
#include "ctl/terminal.h"
#include "store/backup.h"

static int usage(void)
{
	printf("Usage : egidectl backup FICHIER\n"
	       "        egidectl restore FICHIER\n\n"
	       "backup copie la base (SQLite) dans un fichier neuf, lisible par vous seul, pendant "
	       "que le serveur\n"
	       "tourne. Le fichier des clés maîtresses n'y est pas : sauvegardez-le à part. Avec "
	       "PostgreSQL, servez-vous\n"
	       "de pg_dump ou pg_basebackup.\n\n"
	       "restore remet une copie à la place d'une base absente, serveur arrêté, ouvre une "
	       "nouvelle époque du\n"
	       "journal (les écrans rechargent tout), ferme les sessions et les liens d'avant, et "
	       "vérifie le journal.\n");
	settings_print_help();
	return STATUS_MISUSED;
}

/* 0 to go on; else the command ends with *ret_status. */
static int take(int argc, char **argv, struct settings *s, int *ret_status)
{
	int left = settings_take(s, argc, argv);

	if (left < 0) {
		*ret_status = STATUS_MISUSED;
		return 1;
	}
	if (s->help || left != 2) {
		*ret_status = s->help ? usage(), STATUS_DONE : usage();
		return 1;
	}
	return 0;
}

static int copy(const char *url, const char *to, const char *what)
{
	int r;

	progress_start(what);
	r = backup_database(url, to, progress_show);
	progress_end();
	return r;
}

int command_backup(int argc, char **argv)
{
	struct settings s;
	int status, r;

	if (take(argc, argv, &s, &status))
		return status;
	r = copy(s.database, argv[1], "Sauvegarde");
	if (r)
		return fail("sauvegarde de %s dans %s : %s", s.database, argv[1], error_text(r));
	printf("Sauvegarde faite : %s (les clés maîtresses n'y sont pas)\n", argv[1]);
	return STATUS_DONE;
}

/* ---- restore ---- */

static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};

static int target_is_free(const struct settings *s)
{
	const char *path = database_file(s->database);

	if (!path)
		return fail("restauration dans %s : %s", s->database, error_text(-ENOTSUP));
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		char file[700];

		snprintf(file, sizeof(file), "%s%s", path, suffixes[i]);
		if (!access(file, F_OK))
			return fail("%s existe : écartez l'ancienne base d'abord", file);
	}
	return STATUS_DONE;
}

/* What was restored a moment ago and is not good: nobody must start on it. */
static void remove_target(const struct settings *s)
{
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		char file[700];

		snprintf(file, sizeof(file), "%s%s", database_file(s->database), suffixes[i]);
		unlink(file);
	}
}

int command_restore(int argc, char **argv)
{
	struct settings s;
	char from[700];
	int status, r;

	if (take(argc, argv, &s, &status))
		return status;
	status = house_needs_no_server(&s, "restore");
	if (!status)
		status = target_is_free(&s);
	if (status)
		return status;
	snprintf(from, sizeof(from), "sqlite:%s", argv[1]);
	r = copy(from, database_file(s.database), "Restauration");
	if (r)
		return fail("restauration de %s : %s", argv[1], error_text(r));
	status = epoch_begin(&s);
	if (status)
		remove_target(&s);
	else
		printf("Restauration faite : %s\n", s.database);
	return status;
}
