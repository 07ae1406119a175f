/*
 * egidectl against a server's socket: a thread that answers as the server does (service/control.h,
 * the same executor); and the commands that need no server, in a folder of their own.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ctl/commands.h"
#include "ctl/settings.h"
#include "office.h"
#include "service/control.h"

enum { WORDS_MAX = 24, OUTPUT_BYTES = 64 * 1024 };

static char socket_path[100], socket_option[120];
static char output[OUTPUT_BYTES], errors[OUTPUT_BYTES];

/* ---- the server's side ---- */

static int listener;
static pthread_t server;
static char last_request[OUTPUT_BYTES];

static void answer(int fd, struct str line)
{
	struct command *command = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_CONTROL});
	struct control_request request;
	struct buf out = BUF_INIT;
	const char *why;

	if (control_parse(&command->arena, line, &request, &why)) {
		command_refuse(command, PROBLEM_INVALID, why);
		control_answer(&command->outcome, &out);
		command_free(command);
	} else {
		command->name = request.name;
		command->text = request.password.ptr ? control_with_hash(&command->arena, &request,
									 STR("$argon2id$x"))
						     : request.arguments;
		control_answer(&office_run(command)->outcome, &out);
	}
	assert_int_equal(send(fd, out.ptr, out.len, 0), out.len);
	buf_fini(&out);
}

static void *serve(void *arg)
{
	int fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		size_t len = 0;
		ssize_t got;

		while ((got = recv(fd, last_request + len, sizeof(last_request) - len, 0)) > 0) {
			len += (size_t)got;
			if (last_request[len - 1] == '\n')
				break;
		}
		if (len)
			answer(fd, str_of(last_request, len - 1));
		last_request[len] = '\0';
		close(fd);
	}
	return NULL;
}

static void start_server(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	office_open();
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	unlink(socket_path);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 8), 0);
	assert_int_equal(pthread_create(&server, NULL, serve, NULL), 0);
}

static void stop_server(void)
{
	shutdown(listener, SHUT_RDWR);
	pthread_join(server, NULL);
	close(listener);
	unlink(socket_path);
	office_close();
}

/* ---- egidectl, with what it says kept ---- */

static void redirect(int fd, const char *path, int *ret_saved)
{
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	assert_true(file >= 0);
	*ret_saved = dup(fd);
	dup2(file, fd);
	close(file);
}

static void give_back(int fd, int saved, const char *path, char *text)
{
	FILE *file;

	dup2(saved, fd);
	close(saved);
	file = fopen(path, "r");
	text[fread(text, 1, OUTPUT_BYTES - 1, file)] = '\0';
	fclose(file);
	unlink(path);
}

/* Words separated by '|'. Its output is in `output` and `errors`. */
static int egidectl(int (*command)(int argc, char **argv), const char *line)
{
	static char out_path[120], error_path[120];
	char *words[WORDS_MAX + 1] = {NULL}, *text = xstrdup(line), *at = text;
	int count = 0, saved_out, saved_error, status;

	while (at && count < WORDS_MAX - 1)
		words[count++] = strsep(&at, "|");
	words[count++] = socket_option;
	snprintf(out_path, sizeof(out_path), "%s.out", socket_path);
	snprintf(error_path, sizeof(error_path), "%s.err", socket_path);
	fflush(stdout);
	fflush(stderr);
	redirect(STDOUT_FILENO, out_path, &saved_out);
	redirect(STDERR_FILENO, error_path, &saved_error);
	status = command(count, words);
	fflush(stdout);
	fflush(stderr);
	give_back(STDOUT_FILENO, saved_out, out_path, output);
	give_back(STDERR_FILENO, saved_error, error_path, errors);
	free(text);
	return status;
}

static void assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("« %s » is not in: %s", part, text);
}

/* ---- the registry ---- */

static void test_units_are_added_and_listed_as_aligned_text(void **state)
{
	start_server();
	assert_int_equal(
		egidectl(command_registry,
			 "unit|add|name=Salle de la Vienne|kind=room|duty_phone=06 00 00 00 01"),
		STATUS_DONE);
	assert_says(output, "Identifiant");
	assert_int_equal(egidectl(command_registry, "unit|add|name=Brigade|kind=brigade|room=Salle "
						    "de la Vienne|phone=0549000001"),
			 STATUS_DONE);
	assert_int_equal(egidectl(command_registry, "unit|list"), STATUS_DONE);
	assert_says(output,
		    "Nom                 Sorte    Salle               Téléphone       Disponible");
	assert_says(output,
		    "\nBrigade             brigade  Salle de la Vienne  05 49 00 00 01  oui");
	assert_says(output, "\nSalle de la Vienne  room ");
	assert_int_equal(egidectl(command_registry, "unit|list|--json"), STATUS_DONE);
	assert_says(output, "\"duty_phone\": \"+33600000001\"");
	stop_server();
}

static void test_a_refusal_is_said_in_french_and_is_a_failure(void **state)
{
	start_server();
	assert_int_equal(egidectl(command_registry, "unit|add|name=X|kind=chateau"), STATUS_FAILED);
	assert_says(errors, "egidectl : Demande incorrecte : « kind » : room, brigade, "
			    "commissariat ou patrol attendu.");
	assert_string_equal(output, "");
	stop_server();
}

static void test_misuse_is_told_before_anything_is_sent(void **state)
{
	static const struct {
		const char *line, *said;
	} cases[] = {
		{"unit|add|name=X", "« kind » est nécessaire"},
		{"unit|add|name=X|kind=room|kind=room", "donné deux fois"},
		{"unit|add|name=X|kind=room|colour=red", "n'est pas une clé"},
		{"unit|add|X|kind=room", "clé=valeur attendu"},
		{"unit|add|name=\xff|kind=room", "UTF-8"},
		{"unit|explode", "n'existe pas"},
		{"unit|add|--colour", "option inconnue"},
		{"unit|add|--json=oui", "ne prend pas de valeur"},
		{"account|add|login=x|name=x|roles=auditor|password_hash=x", "n'est pas une clé"},
	};

	start_server();
	last_request[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(egidectl(command_registry, cases[i].line), STATUS_MISUSED);
		assert_says(errors, cases[i].said);
	}
	assert_string_equal(last_request, "");
	stop_server();
}

static int with_input(const char *text, int (*command)(int argc, char **argv), const char *line)
{
	int pipes[2], saved = dup(STDIN_FILENO), status;

	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], text, strlen(text)), strlen(text));
	close(pipes[1]);
	dup2(pipes[0], STDIN_FILENO);
	close(pipes[0]);
	clearerr(stdin);
	status = egidectl(command, line);
	dup2(saved, STDIN_FILENO);
	close(saved);
	return status;
}

static void test_a_password_comes_from_standard_input_and_never_from_the_words(void **state)
{
	start_server();
	assert_int_equal(
		with_input("un mot de passe long\n", command_registry,
			   "account|add|login=audit|name=A|roles=auditor|--password-stdin"),
		STATUS_DONE);
	assert_says(last_request, "\"password\":\"un mot de passe long\"");
	assert_int_equal(with_input("court\n", command_registry,
				    "account|password|account=audit|--password-stdin"),
			 STATUS_FAILED);
	assert_says(errors, "douze caractères");
	assert_int_equal(
		with_input("", command_registry, "account|password|account=audit|--password-stdin"),
		STATUS_FAILED);
	stop_server();
}

static void test_a_secret_is_shown_when_it_is_made(void **state)
{
	start_server();
	egidectl(command_registry, "unit|add|name=Salle|kind=room");
	assert_int_equal(
		egidectl(command_registry, "device|add|protocol=osmand|label=T|unit=Salle"),
		STATUS_DONE);
	assert_says(output, "Secret (montré une seule fois) : ");
	assert_int_equal(egidectl(command_registry, "device|list"), STATUS_DONE);
	assert_null(strstr(output, "Secret"));
	stop_server();
}

static void test_a_list_longer_than_a_page_comes_whole(void **state)
{
	start_server();
	egidectl(command_registry, "unit|add|name=Salle|kind=room");
	for (int i = 0; i < 105; i++) {
		char line[120];

		snprintf(line, sizeof(line),
			 "device|add|protocol=osmand|ident=tel-%03d|label=T|unit=Salle", i);
		assert_int_equal(egidectl(command_registry, line), STATUS_DONE);
	}
	assert_int_equal(egidectl(command_registry, "device|list"), STATUS_DONE);
	assert_says(output, "tel-000");
	assert_says(output, "tel-104");
	assert_int_equal(egidectl(command_registry, "device|list|limit=1"), STATUS_DONE);
	/* Which one it is chance says: they were all made in the same millisecond. */
	assert_says(output, "tel-");
	assert_null(strstr(strstr(output, "tel-") + 1, "tel-"));
	stop_server();
}

static void test_an_official_is_shown_with_the_people_they_trust(void **state)
{
	start_server();
	egidectl(command_registry, "unit|add|name=Salle|kind=room");
	egidectl(command_registry, "unit|add|name=Brigade|kind=brigade|room=Salle");
	assert_int_equal(egidectl(command_registry,
				  "official|add|name=Élue de "
				  "Synthèse|unit=Brigade|phone=0600000011|household=2"),
			 STATUS_DONE);
	egidectl(command_registry, "contact|add|official=0600000011|name=Proche|phone=0692000021");
	assert_int_equal(egidectl(command_registry, "official|show|official=06 00 00 00 11"),
			 STATUS_DONE);
	assert_says(output, "Nom                : Élue de Synthèse\n");
	assert_says(output, "Personnes au foyer : 2\n");
	assert_says(output, "\nPersonnes de confiance\nRang  Nom     Lien  Téléphone");
	assert_says(output, "0692 00 00 21");
	stop_server();
}

static void test_no_server_is_a_clear_error(void **state)
{
	unlink(socket_path);
	assert_int_equal(egidectl(command_registry, "unit|list"), STATUS_FAILED);
	assert_says(errors, "le serveur ne tourne pas");
	assert_int_equal(egidectl(command_alert, "alert|list"), STATUS_FAILED);
	assert_says(errors, "le serveur ne tourne pas");
}

static void test_each_command_has_its_help(void **state)
{
	static int (*const all[])(int, char **) = {
		command_init,   command_registry, command_alert, command_verify,
		command_backup, command_restore,  command_epoch, command_keys};

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		assert_int_equal(egidectl(all[i], "device|--help"), STATUS_DONE);
		assert_says(output, "Usage : egidectl");
		assert_says(output, "--socket");
	}
}

/* ---- without a server ---- */

static char house[200];

static int house_run(int (*command)(int argc, char **argv), const char *words)
{
	char line[1200];

	snprintf(line, sizeof(line), "%s|--data|%s/data|--keys=%s/etc/keys", words, house, house);
	return egidectl(command, line);
}

static void in_house(char *out, size_t size, const char *name)
{
	snprintf(out, size, "%s/%s", house, name);
}

static void remove_tree(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *one;

	while (folder && (one = readdir(folder))) {
		char inside[600];

		if (!strcmp(one->d_name, ".") || !strcmp(one->d_name, ".."))
			continue;
		snprintf(inside, sizeof(inside), "%s/%s", path, one->d_name);
		if (unlink(inside))
			remove_tree(inside);
	}
	if (folder)
		closedir(folder);
	rmdir(path);
}

static mode_t mode_of(const char *name)
{
	char path[300];
	struct stat st;

	in_house(path, sizeof(path), name);
	return stat(path, &st) ? 0 : st.st_mode & 07777;
}

static void empty_house(void)
{
	const char *temporary = getenv("TMPDIR");

	snprintf(house, sizeof(house), "%s/egide-ctl-XXXXXX", temporary ? temporary : "/tmp");
	assert_non_null(mkdtemp(house));
}

static void make_house(void)
{
	empty_house();
	assert_int_equal(house_run(command_init, "init|patronne"), STATUS_DONE);
}

static struct db *open_house_database(void)
{
	char url[300];
	struct db *db;

	snprintf(url, sizeof(url), "sqlite:%s/data/egide.db", house);
	assert_int_equal(db_open(url, DB_WRITER, &db), 0);
	return db;
}

static void test_init_makes_a_house_that_only_its_owner_reads(void **state)
{
	make_house();
	assert_says(output, "Compte      : patronne\n");
	assert_says(output, "montré une seule fois");
	assert_int_equal(mode_of("data"), 0700);
	assert_int_equal(mode_of("data/egide.db"), 0600);
	assert_int_equal(mode_of("etc/keys"), 0600);
	assert_int_equal(house_run(command_verify, "verify"), STATUS_DONE);
	assert_says(output, "Journal intact : 1 ligne, époque 1\nRacine : ");
	remove_tree(house);
}

static void test_init_again_keeps_keys_and_accounts(void **state)
{
	make_house();
	assert_int_equal(house_run(command_init, "init|autre"), STATUS_DONE);
	assert_says(output, "elles sont gardées");
	assert_says(output, "aucun n'est créé");
	assert_null(strstr(output, "autre"));
	remove_tree(house);
}

static void test_init_takes_a_password_from_standard_input(void **state)
{
	char line[1200];

	empty_house();
	snprintf(line, sizeof(line), "init|--password-stdin|--data=%s/data|--keys=%s/etc/keys",
		 house, house);
	assert_int_equal(with_input("court\n", command_init, line), STATUS_FAILED);
	assert_int_equal(with_input("un mot de passe long\n", command_init, line), STATUS_DONE);
	assert_null(strstr(output, "Mot de passe"));
	remove_tree(house);
}

static void test_keys_never_lie_among_the_data(void **state)
{
	char line[1200];

	empty_house();
	snprintf(line, sizeof(line), "init|--data=%s/data/|--keys=%s/data/keys", house, house);
	assert_int_equal(egidectl(command_init, line), STATUS_MISUSED);
	assert_says(errors, "hors du dossier des données");
	assert_int_equal(mode_of("data/keys"), 0);
	remove_tree(house);
}

static void test_verify_names_the_first_altered_line(void **state)
{
	struct db *db;

	make_house();
	db = open_house_database();
	assert_int_equal(db_execute(db, "UPDATE journal SET at_ms = at_ms + 1 WHERE number = 1"),
			 0);
	db_close(db);
	assert_int_equal(house_run(command_verify, "verify"), STATUS_FAILED);
	assert_says(errors, "première ligne fausse, numéro 1");
	remove_tree(house);
}

static void backup_to(const char *name, int status)
{
	char words[400];

	snprintf(words, sizeof(words), "backup|%s/%s", house, name);
	assert_int_equal(house_run(command_backup, words), status);
}

static int restore_from(const char *name)
{
	char words[400];

	snprintf(words, sizeof(words), "restore|%s/%s", house, name);
	return house_run(command_restore, words);
}

static void test_a_backup_is_taken_beside_a_writer_and_comes_back_in_a_new_epoch(void **state)
{
	struct db *writer;
	char data[300];

	make_house();
	writer = open_house_database();
	assert_int_equal(db_begin(writer), 0);
	backup_to("copy", STATUS_DONE);
	db_rollback(writer);
	db_close(writer);
	assert_int_equal(mode_of("copy"), 0600);
	assert_int_equal(mode_of("copy-wal"), 0);
	assert_int_equal(mode_of("copy.part"), 0);
	backup_to("copy", STATUS_FAILED);
	assert_says(errors, "existe déjà");

	assert_int_equal(restore_from("copy"), STATUS_FAILED);
	assert_says(errors, "écartez l'ancienne base");
	in_house(data, sizeof(data), "data");
	remove_tree(data);
	assert_int_equal(mkdir(data, 0700), 0);
	assert_int_equal(restore_from("copy"), STATUS_DONE);
	assert_int_equal(mode_of("data/egide.db"), 0600);
	assert_int_equal(house_run(command_verify, "verify"), STATUS_DONE);
	assert_says(output, "Journal intact : 2 lignes, époque ");
	assert_null(strstr(output, "époque 1\n"));
	remove_tree(house);
}

static int64_t house_number(const char *text)
{
	struct db *db = open_house_database();
	struct sql sql = {text};
	struct query *q = db_query(db, &sql);
	int64_t value;

	assert_int_equal(query_step(q), 1);
	value = column_i64(q, 0);
	db_done(q);
	db_close(db);
	return value;
}

/* Somebody is logged in; links of an alert that is open, one revoked; two trusted persons, one not
 * asked. */
static void put_in_what_ends(void)
{
	static const char *const rows[] = {
		"INSERT INTO session VALUES (x'01', x'aa', 1, 1, 4000000000000)",
		"INSERT INTO link VALUES (x'01', 0, x'bb', x'cc', 1, NULL)",
		"INSERT INTO link VALUES (x'02', 1, x'bb', x'cd', 1, NULL)",
		"INSERT INTO link VALUES (x'03', 0, x'bb', x'ce', 1, 7)",
		"INSERT INTO alert_contact VALUES (x'bb', x'cc', 1, 1, NULL, 1, 0, 0, 0)",
		"INSERT INTO alert_contact VALUES (x'bb', x'cf', 0, NULL, NULL, 0, 0, 0, 0)",
	};
	struct db *db = open_house_database();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(db_execute(db, rows[i]), 0);
	db_close(db);
}

static void assert_nothing_from_before_opens(void)
{
	assert_int_equal(house_number("SELECT COUNT(*) FROM session"), 0);
	assert_int_equal(house_number("SELECT COUNT(*) FROM link WHERE revoked_at IS NULL"), 0);
	assert_int_equal(house_number("SELECT COUNT(*) FROM link WHERE revoked_at = 7"), 1);
}

static void test_a_restoration_revives_no_session_and_no_link(void **state)
{
	char data[300];
	int64_t epoch;

	make_house();
	put_in_what_ends();
	backup_to("copy", STATUS_DONE);
	in_house(data, sizeof(data), "data");
	remove_tree(data);
	assert_int_equal(mkdir(data, 0700), 0);
	assert_int_equal(restore_from("copy"), STATUS_DONE);
	assert_says(output, "sessions fermées : 1, liens fermés : 2");
	assert_nothing_from_before_opens();
	epoch = house_number("SELECT epoch FROM journal_head");
	/* The same copy again has another future. */
	remove_tree(data);
	assert_int_equal(mkdir(data, 0700), 0);
	assert_int_equal(restore_from("copy"), STATUS_DONE);
	assert_true(house_number("SELECT epoch FROM journal_head") > epoch);
	remove_tree(house);
}

static void test_an_epoch_is_begun_by_hand_after_a_restoration_by_hand(void **state)
{
	int64_t epoch;

	make_house();
	put_in_what_ends();
	epoch = house_number("SELECT epoch FROM journal_head");
	assert_int_equal(house_run(command_epoch, "epoch"), STATUS_DONE);
	assert_nothing_from_before_opens();
	assert_true(house_number("SELECT epoch FROM journal_head") > epoch);
	assert_int_equal(house_number("SELECT epoch FROM journal ORDER BY number DESC LIMIT 1"),
			 house_number("SELECT epoch FROM journal_head"));
	assert_int_equal(house_run(command_verify, "verify"), STATUS_DONE);
	assert_says(output, "Journal intact : 2 lignes");
	remove_tree(house);
}

static void write_house_file(const char *name, const char *text)
{
	char path[300];
	FILE *file;

	in_house(path, sizeof(path), name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	chmod(path, 0600);
}

static void test_a_bad_copy_leaves_nothing_in_place(void **state)
{
	char data[300], keys[300];

	make_house();
	backup_to("copy", STATUS_DONE);
	in_house(data, sizeof(data), "data");
	remove_tree(data);
	assert_int_equal(mkdir(data, 0700), 0);
	write_house_file("garbage", "this is not a database, and long enough to look like one\n");
	assert_int_equal(restore_from("garbage"), STATUS_FAILED);
	assert_int_equal(mode_of("data/egide.db"), 0);
	assert_int_equal(restore_from("nothing"), STATUS_FAILED);
	assert_int_equal(mode_of("data/egide.db"), 0);
	/* Another house's keys. */
	in_house(keys, sizeof(keys), "etc/keys");
	unlink(keys);
	assert_int_equal(keyring_create(keys), 0);
	assert_int_equal(restore_from("copy"), STATUS_FAILED);
	assert_int_equal(mode_of("data/egide.db"), 0);
	remove_tree(house);
}

static void test_rotated_keys_still_open_everything(void **state)
{
	char path[300], url[300];
	struct keyring *ring;
	struct vault *v;
	unsigned line;

	make_house();
	assert_int_equal(house_run(command_keys, "keys|rotate"), STATUS_DONE);
	assert_says(output, "Clé maîtresse 2 en service");
	assert_int_equal(house_run(command_verify, "verify"), STATUS_DONE);

	in_house(path, sizeof(path), "etc/keys");
	snprintf(url, sizeof(url), "sqlite:%s/data/egide.db", house);
	assert_int_equal(keyring_open(path, &ring, &line), 0);
	assert_int_equal(vault_open(url, DB_READER, ring, &v), 0);
	assert_int_equal(keyring_current(ring), 2);
	{
		SQL(wrapped_keys, "SELECT wrapped FROM data_key");
		struct query *q = db_query(vault_db(v), &wrapped_keys);
		int keys = 0;

		for (; query_step(q) == 1; keys++)
			assert_int_equal(wrapped_key_master(column_blob(q, 0)), 2);
		assert_true(keys > 0);
		db_done(q);
	}
	vault_close(v);
	keyring_free(ring);
	remove_tree(house);
}

static void test_what_needs_no_server_refuses_while_one_runs(void **state)
{
	make_house();
	start_server();
	assert_int_equal(house_run(command_init, "init"), STATUS_FAILED);
	assert_says(errors, "le serveur tourne");
	assert_int_equal(house_run(command_keys, "keys|rotate"), STATUS_FAILED);
	assert_int_equal(restore_from("copy"), STATUS_FAILED);
	assert_says(errors, "le serveur tourne");
	assert_int_equal(house_run(command_verify, "verify"), STATUS_DONE);
	stop_server();
	remove_tree(house);
}

static void test_places_come_from_the_servers_configuration(void **state)
{
	char path[300], text[600], line[400];

	make_house();
	snprintf(text, sizeof(text),
		 "# places\n\nhttp = 127.0.0.1:1\nkeys = "
		 "%s/etc/keys\ndatabase=sqlite:%s/data/egide.db\n",
		 house, house);
	write_house_file("egide.conf", text);
	in_house(path, sizeof(path), "egide.conf");
	snprintf(line, sizeof(line), "verify|--config=%s", path);
	assert_int_equal(egidectl(command_verify, line), STATUS_DONE);
	snprintf(line, sizeof(line), "verify|--config=%s|--keys=/nowhere", path);
	assert_int_equal(egidectl(command_verify, line), STATUS_FAILED);
	snprintf(line, sizeof(line), "verify|--config=%s.not", path);
	assert_int_equal(egidectl(command_verify, line), STATUS_MISUSED);
	remove_tree(house);
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_SQLITE, test_units_are_added_and_listed_as_aligned_text),
		on(ON_SQLITE, test_a_refusal_is_said_in_french_and_is_a_failure),
		on(ON_SQLITE, test_misuse_is_told_before_anything_is_sent),
		on(ON_SQLITE, test_a_password_comes_from_standard_input_and_never_from_the_words),
		on(ON_SQLITE, test_a_secret_is_shown_when_it_is_made),
		on(ON_SQLITE, test_a_list_longer_than_a_page_comes_whole),
		on(ON_SQLITE, test_an_official_is_shown_with_the_people_they_trust),
		on(ON_SQLITE, test_no_server_is_a_clear_error),
		on(ON_SQLITE, test_each_command_has_its_help),
		on(ON_SQLITE, test_init_makes_a_house_that_only_its_owner_reads),
		on(ON_SQLITE, test_init_again_keeps_keys_and_accounts),
		on(ON_SQLITE, test_init_takes_a_password_from_standard_input),
		on(ON_SQLITE, test_keys_never_lie_among_the_data),
		on(ON_SQLITE, test_verify_names_the_first_altered_line),
		on(ON_SQLITE, test_a_backup_is_taken_beside_a_writer_and_comes_back_in_a_new_epoch),
		on(ON_SQLITE, test_a_restoration_revives_no_session_and_no_link),
		on(ON_SQLITE, test_an_epoch_is_begun_by_hand_after_a_restoration_by_hand),
		on(ON_SQLITE, test_a_bad_copy_leaves_nothing_in_place),
		on(ON_SQLITE, test_rotated_keys_still_open_everything),
		on(ON_SQLITE, test_what_needs_no_server_refuses_while_one_runs),
		on(ON_SQLITE, test_places_come_from_the_servers_configuration),
	};
	const char *temporary = getenv("TMPDIR");

	snprintf(socket_path, sizeof(socket_path), "%s/egide-ctl-%d",
		 temporary ? temporary : "/tmp", (int)getpid());
	snprintf(socket_option, sizeof(socket_option), "--socket=%s", socket_path);
	return run_on_databases("ctl", tests, ARRAY_LEN(tests), db_migrate);
}
