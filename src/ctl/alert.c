/* egidectl alert: list, show, export, evidence. Shapes are those of docs/protocol/api.md. */
#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/house.h"
#include "ctl/settings.h"
#include "ctl/terminal.h"
#include "live/evidence.h"
#include "notify/timestamp.h"
#include "service/keeping.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const struct column card_columns[] = {
	{"ref", "N°"},
	{"raised_at", "Depuis"},
	{"state", "État"},
	{"test", "Essai"},
	{"official.name", "Élu"},
	{"official.commune", "Commune"},
	{"device.label", "Appareil"},
	{"room.name", "Salle"},
	{"claim.account.name", "Prise par"},
	{"closed.outcome", "Issue"},
	{"id", "Identifiant"},
	{NULL, NULL},
};
static const struct column detail_columns[] = {
	{"ref", "N°"},
	{"state", "État"},
	{"test", "Essai"},
	{"silent", "Discrète"},
	{"raised_at", "Donnée le"},
	{"triggers", "Déclenchements"},
	{"last_trigger_at", "Dernier"},
	{"reasons", "Motifs"},
	{"official.name", "Élu"},
	{"official.mandate", "Mandat"},
	{"other_mandates", "Autres mandats"},
	{"official.commune", "Commune"},
	{"phone", "Téléphone"},
	{"address", "Adresse"},
	{"access", "Accès"},
	{"remarks", "Remarques"},
	{"device.label", "Appareil"},
	{"device.battery", "Batterie"},
	{"fix.lat", "Latitude"},
	{"fix.lon", "Longitude"},
	{"fix.received_at", "Position reçue"},
	{"room.name", "Salle"},
	{"unit.name", "Unité compétente"},
	{"level", "Échelon"},
	{"claim.account.name", "Prise par"},
	{"claim.at", "Prise le"},
	{"closed.at", "Close le"},
	{"closed.outcome", "Issue"},
	{"warnings", "Attention"},
	{"id", "Identifiant"},
	{NULL, NULL},
};
static const struct column place_columns[] = {
	{"kind", "Sorte"},
	{"address", "Adresse"},
	{"access", "Accès"},
	{NULL, NULL},
};
static const struct column contact_columns[] = {
	{"rank", "Rang"},  {"name", "Nom"},        {"phone", "Téléphone"},
	{"state", "État"}, {"attempts", "Envois"}, {NULL, NULL},
};
static const struct column dispatch_columns[] = {
	{"unit.name", "Unité"},
	{"state", "État"},
	{"sent_at", "Envoyée"},
	{"received_at", "Reçu"},
	{"en_route_at", "En route"},
	{"arrived_at", "Arrivée"},
	{NULL, NULL},
};
static const struct column entry_columns[] = {
	{"number", "N°"},      {"at", "Quand"},       {"kind", "Quoi"},
	{"actor.kind", "Par"}, {"actor.name", "Qui"}, {NULL, NULL},
};

static int usage(void)
{
	printf("Usage : egidectl alert list [state=open|closed] [limit=50] [before=N°]\n"
	       "        egidectl alert show N°|IDENTIFIANT\n"
	       "        egidectl alert export N°|IDENTIFIANT [FICHIER]\n"
	       "        egidectl alert evidence N°|IDENTIFIANT ARCHIVE.tar\n\n"
	       "list montre les alertes ouvertes, ou closes ; show en montre une ; export en écrit "
	       "tout ce qui est\n"
	       "enregistré, en JSON, sur la sortie standard ou dans un fichier neuf (lisible par "
	       "vous seul).\n"
	       "evidence en fait une archive qui se vérifie sans serveur (egidectl verify-export) "
	       ": "
	       "le son tel que\n"
	       "reçu, le journal et ses preuves, signés. À lancer sur la machine du serveur.\n"
	       "Chaque lecture est inscrite au journal.\n");
	settings_print_help();
	return STATUS_MISUSED;
}

static void print_json(FILE *out, const json_t *json)
{
	json_dumpf(json, out, JSON_INDENT(2));
	fprintf(out, "\n");
}

/* ---- list ---- */

static int read_bounds(int argc, char **argv, json_t *arguments)
{
	json_object_set_new(arguments, "state", json_string("open"));
	json_object_set_new(arguments, "limit", json_integer(50));
	for (int i = 0; i < argc; i++) {
		struct str value = str_from(argv[i]), name;
		int64_t number;

		if (!str_split(&value, '=', &name) || !value.ptr)
			return misused("« %s » : clé=valeur attendu", argv[i]);
		if (str_eq(name, STR("state")) &&
		    (str_eq(value, STR("open")) || str_eq(value, STR("closed"))))
			json_object_set_new(arguments, "state", json_string(value.ptr));
		else if (str_eq(name, STR("limit")) && !str_parse_i64(value, 1, 1000, &number))
			json_object_set_new(arguments, "limit", json_integer(number));
		else if (str_eq(name, STR("before")) &&
			 !str_parse_i64(value, 1, INT64_MAX, &number))
			json_object_set_new(arguments, "before", json_integer(number));
		else
			return misused("« %s » n'est pas admis", argv[i]);
	}
	return 0;
}

static int list(const struct settings *s, int argc, char **argv)
{
	json_t *arguments = json_object(), *result;
	int status = read_bounds(argc, argv, arguments);

	if (!status)
		status = client_ask(s, "alert.list", arguments, &result);
	json_decref(arguments);
	if (status)
		return status;
	if (s->json)
		print_json(stdout, result);
	else
		table_print(json_object_get(result, "alerts"), card_columns);
	json_decref(result);
	return STATUS_DONE;
}

/* ---- one alert ---- */

static int ask_one(const struct settings *s, const char *command, const char *word,
		   json_t **ret_result)
{
	json_t *arguments;
	int status;

	if (!str_is_utf8(str_from(word)))
		return misused("numéro d'alerte ou identifiant attendu");
	arguments = json_pack("{s:s}", "alert", word);
	status = client_ask(s, command, arguments, ret_result);
	json_decref(arguments);
	return status;
}

static void print_section(const json_t *alert, const char *key, const char *title,
			  const struct column *columns)
{
	const json_t *rows = json_object_get(alert, key);

	if (!json_array_size(rows))
		return;
	printf("\n%s\n", title);
	table_print(rows, columns);
}

static int show(const struct settings *s, const char *word)
{
	json_t *alert;
	int status = ask_one(s, "alert.show", word, &alert);

	if (status)
		return status;
	if (s->json) {
		print_json(stdout, alert);
	} else {
		record_print(alert, detail_columns);
		print_section(alert, "places", "Autres adresses", place_columns);
		print_section(alert, "contacts", "Personnes de confiance", contact_columns);
		print_section(alert, "dispatches", "Unités engagées", dispatch_columns);
		print_section(alert, "entries", "Déroulé", entry_columns);
	}
	json_decref(alert);
	return STATUS_DONE;
}

static int write_file(const char *path, const json_t *alert)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	bool written;

	if (!out)
		return fail("%s : %s", path, error_text(-errno));
	print_json(out, alert);
	written = !fflush(out) && !fsync(fd);
	if (fclose(out) || !written) {
		unlink(path);
		return fail("%s : écriture impossible", path);
	}
	return STATUS_DONE;
}

static int export(const struct settings *s, const char *word, const char *path)
{
	json_t *alert;
	int status = ask_one(s, "alert.export", word, &alert);

	if (status)
		return status;
	if (path)
		status = write_file(path, alert);
	else
		print_json(stdout, alert);
	json_decref(alert);
	return status;
}

/* ---- evidence ---- */

static bool may(const struct settings *s, const char *right)
{
	return !strcmp(s->sound, right) || !strcmp(s->sound, "both");
}

/* As from the room: an archive holds what was said a second ago. */
static int check_hearing(const struct settings *s, struct vault *v, struct id id)
{
	struct arena arena = ARENA_INIT;
	struct alert alert;
	bool has_sound = false;
	int r = alert_load(v, &arena, id, &alert, NULL);

	if (!r && alert_is_open(&alert) && !may(s, "listen"))
		r = keeping_has_sound(v, &alert, may(s, "record"), &has_sound);
	arena_fini(&arena);
	return !r && has_sound ? -EACCES : r;
}

static int make_archive(const struct settings *s, const json_t *alert, struct buf *out)
{
	char *readable = json_dumps(alert, JSON_INDENT(2)), folder[SETTINGS_TEXT_BYTES + 16];
	struct evidence_order order = {.sound_folder = folder,
				       .readable = str_from(readable),
				       .by = STR("egidectl"),
				       .now_ms = clock_now_ms(),
				       .timestamp_url =
					       s->timestamp_url[0] ? s->timestamp_url : NULL,
				       .timestamp = timestamp_fetch};
	const char *id = json_string_value(json_object_get(alert, "id"));
	struct keyring *ring;
	struct vault *v;
	int status = house_open_vault(s, DB_READER, &ring, &v), unstamped = 0, r;

	snprintf(folder, sizeof(folder), "%s/sound", s->data);
	if (!status) {
		r = id ? id_parse(str_from(id), &order.alert) : -EINVAL;
		if (!r)
			r = check_hearing(s, v, order.alert);
		if (!r)
			r = evidence_make(v, &order, out, &unstamped);
		house_close(ring, v);
		if (r == -EACCES)
			status = fail("%s", keeping_archive_refused);
		else if (r)
			status = fail("alerte : %s", error_text(r));
		else if (unstamped)
			fprintf(stderr, "%s n'a pas horodaté l'archive : %s\n", s->timestamp_url,
				error_text(unstamped));
	}
	free(readable);
	return status;
}

static int write_archive(const char *path, struct str bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t written = 0;

	if (fd < 0)
		return fail("%s : %s", path, error_text(-errno));
	for (size_t at = 0; at < bytes.len && written >= 0; at += (size_t)written)
		written = write(fd, bytes.ptr + at, bytes.len - at);
	if (written >= 0 && !fsync(fd) && !close(fd))
		return STATUS_DONE;
	unlink(path);
	return fail("%s : %s", path, error_text(-errno));
}

/* What the server says of it first leaves its line in the journal, which is in the archive. */
static int evidence(const struct settings *s, const char *word, const char *path)
{
	struct buf archive = BUF_INIT;
	json_t *alert;
	int status = ask_one(s, "alert.export", word, &alert);

	if (status)
		return status;
	status = make_archive(s, alert, &archive);
	if (!status)
		status = write_archive(path, buf_str(&archive));
	if (!status)
		printf("%s : %zu octets. À vérifier par « egidectl verify-export ».\n", path,
		       archive.len);
	buf_fini(&archive);
	json_decref(alert);
	return status;
}

int command_alert(int argc, char **argv)
{
	struct settings s;

	argc = settings_take(&s, argc, argv);
	if (argc < 0)
		return STATUS_MISUSED;
	if (s.help)
		return usage(), STATUS_DONE;
	if (argc >= 2 && !strcmp(argv[1], "list"))
		return list(&s, argc - 2, argv + 2);
	if (argc == 3 && !strcmp(argv[1], "show"))
		return show(&s, argv[2]);
	if ((argc == 3 || argc == 4) && !strcmp(argv[1], "export"))
		return export(&s, argv[2], argc == 4 ? argv[3] : NULL);
	if (argc == 4 && !strcmp(argv[1], "evidence"))
		return evidence(&s, argv[2], argv[3]);
	return usage();
}
