/* egidectl backup and restore: one SQLite file, without the master keys. */
#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "ctl/commands.h"
#include "ctl/house.h"
#include "ctl/settings.h"
#include "ctl/terminal.h"
#include "store/backup.h"
#include "store/journal.h"

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
	       "journal (les écrans rechargent tout) et le vérifie.\n");
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

/* No cursor from before the restoration may be believed: what it counted may not be here. */
static int open_epoch(struct vault *v)
{
	struct entry entry = {.at_ms = clock_now_ms(),
			      .kind = ENTRY_EPOCH,
			      .actor_kind = ACTOR_CONTROL,
			      .body = STR_NONE};
	int r = db_migrate(vault_db(v));

	if (!r)
		r = db_begin(vault_db(v));
	if (r)
		return r;
	r = journal_new_epoch(v);
	if (!r)
		r = journal_append(v, &entry, 1);
	if (!r)
		r = db_commit(vault_db(v));
	if (r)
		db_rollback(vault_db(v));
	return r;
}

static int wake(const struct settings *s)
{
	struct keyring *ring;
	struct vault *v;
	int status = house_open_vault(s, DB_WRITER, &ring, &v), r;

	if (status)
		return status;
	status = house_verify(v);
	if (!status) {
		r = open_epoch(v);
		if (r)
			status = fail("nouvelle époque : %s", error_text(r));
	}
	house_close(ring, v);
	return status;
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
	status = wake(&s);
	if (status)
		remove_target(&s);
	else
		printf("Restauration faite : %s\n", s.database);
	return status;
}
