/*
 * egidectl import: reads a file twice, so that what is wrong in it is said before anything is sent;
 * then lays its lines down as a new edition, shows what would change, and makes it the present one.
 */
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/commune_code.h"
#include "base/fold.h"
#include "base/map.h"
#include "crypto/tree.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/import_source.h"
#include "ctl/settings.h"
#include "ctl/terminal.h"

/* A command's worth: the executor is never held longer than some milliseconds. */
enum { SEND_ROWS = 200, SEND_BYTES = 100 * 1024, SHOWN_BYTES = 80, SHOWN_FIELDS = 6 };

struct import {
	const struct settings *settings;
	const struct import_kind *kind;
	const char *path, *room, *mandate;
	bool dry_run, yes;
	int64_t lines, passed, rejected; /* of the file */
	int64_t rows;                    /* it gives */
	int64_t edition, before;         /* rows of the present edition */
	int64_t added, known, twice;
	int64_t loose;            /* that name what is not imported */
	int64_t gone, back;       /* of registrations: their mandate */
	bool unfinished;          /* an import of that kind stopped amid the units */
	struct hash hash;         /* of the file, as it was sent */
	int64_t read_ms, sent_ms; /* how long each reading took */
	char scope[64]; /* of kinds that come in parts: "86", "departements", "france", "maire" */
};

static int usage(void)
{
	printf("Usage : egidectl import SORTE FICHIER [room=SALLE|mandate=MANDAT] [--dry-run] "
	       "[--yes]\n\n"
	       "Par la prise de commande d'un serveur qui tourne. Chaque ligne refusée est dite, "
	       "avec sa raison.\nImporter deux fois le même fichier ne change rien. Une nouvelle "
	       "édition montre d'abord ce qu'elle\nchange, et attend votre accord.\n\n");
	for (size_t i = 0; i < import_kind_count; i++)
		printf("  %-14s%s\n", import_kinds[i].name, import_kinds[i].summary);
	printf("\n  room=SALLE    salle dont dépendent les unités (gendarmerie, police) ; sans "
	       "lui, "
	       "CORG ou CIC et le numéro\n                du département, créée au besoin\n"
	       "  mandate=MANDAT mandat du fichier (rne), quand son nom ne le dit pas\n"
	       "  --dry-run     lit, vérifie, compare, et ne change rien\n"
	       "  --yes         applique sans demander\n");
	settings_print_help();
	return STATUS_MISUSED;
}

/* --- reading: calls on_rows for what each good line gives */

typedef int rows_reader(struct import *import, struct str rows);

struct codes {
	struct map seen;
	struct arena places;
};

/* FNV-1a: a file that two codes of the same hash meet in would lose one of 35,000 lines. */
static uint64_t hash_of(struct str text)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (uint8_t)text.ptr[i]) * 0x100000001b3ull;
	return hash;
}

/* Where the code was first seen; 0: never. */
static int64_t seen_at(struct codes *codes, struct str rows, int64_t line)
{
	struct str code = rows;
	struct id key;
	int64_t *place;

	if (!str_split(&rows, '|', &code))
		return 0;
	key = map_key_u64(hash_of(code));
	place = map_get(&codes->seen, key);
	if (place)
		return *place;
	place = arena_alloc(&codes->places, sizeof(*place));
	*place = line;
	map_set(&codes->seen, key, place);
	return 0;
}

static void say_rejected(struct import *m, int64_t line, const char *why)
{
	m->rejected++;
	progress_end();
	printf("%s, ligne %lld : %s\n", m->path, (long long)line, why);
}

/* loud: the first reading, which says what is wrong. */
static int take_line(struct import *m, struct codes *codes, const struct import_line *line,
		     bool loud, rows_reader *on_rows)
{
	int64_t before = 0;
	char why[80];

	if (line->made == ROW_MADE && m->kind->is_keyed)
		before = seen_at(codes, line->rows, line->number);
	snprintf(why, sizeof(why), "en double : déjà dit ligne %lld", (long long)before);
	if (loud) {
		m->lines++;
		m->passed += line->made == ROW_PASSED;
		if (line->made == ROW_REJECTED)
			say_rejected(m, line->number, line->why);
		else if (before)
			say_rejected(m, line->number, why);
	}
	return line->made == ROW_MADE && !before ? on_rows(m, line->rows) : 0;
}

static int read_file(struct import *m, bool loud, rows_reader *on_rows)
{
	struct codes codes = {MAP_INIT, ARENA_INIT};
	struct import_source *source;
	struct import_line line;
	const char *why = NULL;
	int64_t done, total, started_ms = clock_monotonic_ms();
	int r = import_open(m->kind, m->path, m->mandate, &source, &why), status = 0, left = 1;

	if (r)
		return fail("%s : %s", m->path, why ? why : error_text(r));
	progress_start(loud ? "Lecture" : "Envoi");
	while (!status && (left = import_next(source, &line)) > 0) {
		status = take_line(m, &codes, &line, loud, on_rows);
		import_progress(source, &done, &total);
		progress_show(done, total);
	}
	progress_end();
	if (!left)
		left = import_digest(source, &m->hash);
	*(loud ? &m->read_ms : &m->sent_ms) = clock_monotonic_ms() - started_ms;
	import_close(source);
	map_fini(&codes.seen);
	arena_fini(&codes.places);
	return left < 0 ? fail("%s : %s", m->path, error_text(left)) : status;
}

/* One département's outlines, those of the départements themselves, or all communes at once. */
static void widen_scope(struct import *m, struct str rows)
{
	char code[COMMUNE_CODE_SIZE], scope[sizeof(m->scope)] = "departements";
	struct str text;

	str_split(&rows, '|', &text);
	if (!commune_code_parse(text, code))
		departement_of_commune(code, scope);
	if (!m->scope[0])
		memcpy(m->scope, scope, sizeof(scope));
	else if (strcmp(m->scope, scope) != 0)
		memcpy(m->scope, "france", sizeof("france"));
}

static int count_rows(struct import *m, struct str rows)
{
	if (m->kind->is_in_parts)
		widen_scope(m, rows);
	m->rows++;
	for (size_t i = 0; i < rows.len; i++)
		m->rows += rows.ptr[i] == '\n';
	return 0;
}

/* --- sending */

static struct buf waiting = BUF_INIT;
static int waiting_rows;

static int64_t number_of(const json_t *result, const char *key)
{
	return json_integer_value(json_object_get(result, key));
}

/* Half the time between two checkpoints: calls for help write too. */
enum { REST_MS = 250 };

static void rest_if_asked(const json_t *result)
{
	struct timespec pause = {.tv_nsec = REST_MS * 1000000L};

	if (json_is_true(json_object_get(result, "rest")))
		nanosleep(&pause, NULL);
}

enum { LOOSE_SHOWN = 200 };

/* They count, and lead nowhere as long as what they name is not imported too. */
static void say_loose(struct import *m, const json_t *loose)
{
	const json_t *one;
	size_t i;

	json_array_foreach(loose, i, one)
	{
		struct str text = str_from(json_string_value(json_object_get(one, "row")));
		struct str code = STR_NONE, institution = STR_NONE, unit = STR_NONE;

		if (m->loose++ >= LOOSE_SHOWN)
			continue;
		str_split(&text, '|', &code);
		str_split(&text, '|', &institution);
		str_split(&text, '|', &unit);
		progress_end();
		if (json_is_true(json_object_get(one, "has_commune")))
			printf("%.*s : l’unité %.*s « %.*s » n’est dans aucune liste importée\n",
			       STR_FMT(code), STR_FMT(institution), STR_FMT(unit));
		else
			printf("%.*s : cette commune n’est pas importée\n", STR_FMT(code));
	}
}

static int send_waiting(struct import *m)
{
	json_t *arguments, *result;
	int status;

	if (!waiting.len)
		return 0;
	arguments = json_pack("{s:s, s:s, s:I, s:s%}", "kind", m->kind->name, "scope", m->scope,
			      "edition", (json_int_t)m->edition, "rows", waiting.ptr, waiting.len);
	status = arguments ? client_ask(m->settings, "import.rows", arguments, &result)
			   : fail("%s : texte illisible", m->path);
	json_decref(arguments);
	buf_reset(&waiting);
	waiting_rows = 0;
	if (status)
		return status;
	m->added += number_of(result, "new");
	m->known += number_of(result, "known");
	m->twice += number_of(result, "twice");
	say_loose(m, json_object_get(result, "loose"));
	rest_if_asked(result);
	json_decref(result);
	return 0;
}

static int send_rows(struct import *m, struct str rows)
{
	int status = 0;

	if (waiting_rows >= SEND_ROWS || waiting.len + rows.len > SEND_BYTES)
		status = send_waiting(m);
	if (waiting.len)
		buf_add_byte(&waiting, '\n');
	buf_add_str(&waiting, rows);
	waiting_rows++;
	return status;
}

static int ask(struct import *m, const char *command, json_t *arguments, json_t **ret_result)
{
	int status = client_ask(m->settings, command, arguments, ret_result);

	json_decref(arguments);
	return status;
}

static int begin(struct import *m)
{
	json_t *result;
	int status =
		ask(m, "import.begin",
		    json_pack("{s:s, s:s}", "kind", m->kind->name, "scope", m->scope), &result);

	if (status)
		return status;
	m->edition = number_of(result, "edition");
	m->before = number_of(result, "rows");
	m->unfinished = json_is_true(json_object_get(result, "unfinished"));
	json_decref(result);
	status = read_file(m, false, send_rows);
	return status ? status : send_waiting(m);
}

/* --- again and again, some at a time */

/* A command again and again, each behind where the one before stopped. Takes the arguments. */
static int ask_on(struct import *m, const char *command, json_t *arguments)
{
	bool more = true;
	int status = 0;

	while (!status && more) {
		json_t *result, *after;

		status = client_ask(m->settings, command, arguments, &result);
		if (status)
			break;
		m->gone += number_of(result, "gone");
		m->back += number_of(result, "back");
		after = json_object_get(result, "after");
		more = json_is_string(after);
		json_object_set(arguments, "after", after);
		rest_if_asked(result);
		json_decref(result);
	}
	json_decref(arguments);
	return status;
}

static json_t *set_of(const struct import *m)
{
	return json_pack("{s:s, s:s}", "kind", m->kind->name, "scope", m->scope);
}

/* Whose mandate is in the register no more, or is again: counted, or told to the counter. */
static int look_at_registrations(struct import *m, bool dry_run)
{
	json_t *arguments;

	if (!m->kind->has_mandate)
		return 0;
	arguments = set_of(m);
	json_object_set_new(arguments, "edition", json_integer(m->edition));
	json_object_set_new(arguments, "dry_run", json_boolean(dry_run));
	m->gone = m->back = 0;
	return ask_on(m, "import.registrations", arguments);
}

static int show_registrations(struct import *m)
{
	int status = look_at_registrations(m, true);

	if (!status && m->kind->has_mandate)
		printf("Inscriptions touchées : %lld (mandat qui n’est plus au répertoire : %lld ; "
		       "de nouveau au répertoire : %lld). Le\nguichet vérifie avec la personne : "
		       "aucune inscription ne prend fin d’elle-même.\n",
		       (long long)(m->gone + m->back), (long long)m->gone, (long long)m->back);
	return status;
}

/* --- what changes */

static int64_t ended(const struct import *m)
{
	return m->before - m->known;
}

static void print_lines(const char *title, const json_t *lines, int64_t total)
{
	const json_t *line;
	size_t i;

	if (!total)
		return;
	printf("%s : %lld\n", title, (long long)total);
	json_array_foreach(lines, i, line)
	{
		struct str text = str_from(json_string_value(line)), part;

		/* What comes third may be an outline, which is no reading. */
		printf("   ");
		for (int field = 0; field < SHOWN_FIELDS && str_split(&text, '|', &part); field++)
			if (part.len && part.len <= SHOWN_BYTES)
				printf(" %.*s", STR_FMT(part));
		printf("\n");
	}
	if ((int64_t)json_array_size(lines) < total)
		printf("    … et %lld autres\n",
		       (long long)(total - (int64_t)json_array_size(lines)));
}

static int show_changes(struct import *m)
{
	json_t *result;
	int64_t replaced;
	int status;

	printf("%lld %s dans le fichier : %lld sans changement, %lld à ajouter ou à modifier, %lld "
	       "qui prennent fin (%.1f s).\n",
	       (long long)(m->added + m->known), m->kind->things, (long long)m->known,
	       (long long)m->added, (long long)ended(m), (double)m->sent_ms / 1000);
	if (m->loose > LOOSE_SHOWN)
		printf("… et %lld autres.\n", (long long)(m->loose - LOOSE_SHOWN));
	if (m->loose)
		printf("%lld lignes ne mènent à aucune unité : l’unité par défaut du département "
		       "répond, jusqu’à ce que les\ncommunes et les listes de gendarmerie et de "
		       "police les aient.\n",
		       (long long)m->loose);
	if (m->unfinished)
		printf("Un import de cette sorte s’est arrêté en chemin : ce qu’il avait changé "
		       "aux unités sera repris\nd’après ce fichier.\n");
	if (!m->before || (!m->added && !ended(m)))
		return 0;
	status = ask(m, "import.changes",
		     json_pack("{s:s, s:s, s:I}", "kind", m->kind->name, "scope", m->scope,
			       "edition", (json_int_t)m->edition),
		     &result);
	if (status)
		return status;
	replaced = number_of(result, "replaced");
	if (replaced)
		printf("Dont %lld modifiées (l'ancienne ligne prend fin, la nouvelle commence).\n",
		       (long long)replaced);
	print_lines("Prennent fin", json_object_get(result, "ends"), ended(m));
	print_lines("Commencent", json_object_get(result, "begins"), m->added);
	json_decref(result);
	return show_registrations(m);
}

static bool agrees(const struct import *m)
{
	char answer[16] = "";

	/* A first edition takes nothing away. */
	if (m->yes || !m->before)
		return true;
	if (!isatty(STDIN_FILENO)) {
		fail("rien n'est changé : ajoutez --yes pour appliquer sans question");
		return false;
	}
	fprintf(stderr, "Appliquer ? [o/N] ");
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'o' || answer[0] == 'O');
}

/* --- the end */

static int sweep(struct import *m)
{
	return ask_on(m, "import.sweep", set_of(m));
}

/* What it does to units comes before it counts: one that nothing names yet harms nobody. */
static int apply(struct import *m, bool begins)
{
	json_t *arguments = set_of(m);

	json_object_set_new(arguments, "edition", json_integer(m->edition));
	json_object_set_new(arguments, "begins", json_boolean(begins));
	if (m->room && begins)
		json_object_set_new(arguments, "room", json_string(m->room));
	return ask_on(m, "import.apply", arguments);
}

static int finish(struct import *m)
{
	const char *name = strrchr(m->path, '/');
	json_t *result, *arguments = set_of(m);
	char hash[2 * HASH_SIZE + 1];
	int status = m->kind->is_of_units ? apply(m, false) : 0;

	if (!status && m->kind->is_of_units)
		status = apply(m, true);
	if (status) {
		json_decref(arguments);
		return status;
	}
	json_object_set_new(arguments, "edition", json_integer(m->edition));
	json_object_set_new(arguments, "count", json_integer(m->added + m->known));
	json_object_set_new(arguments, "added", json_integer(m->added));
	json_object_set_new(arguments, "ended", json_integer(ended(m)));
	hex_encode(m->hash.bytes, HASH_SIZE, hash);
	json_object_set_new(arguments, "sha256", json_string(hash));
	json_object_set_new(arguments, "source", json_string(name ? name + 1 : m->path));
	status = ask(m, "import.finish", arguments, &result);
	if (!status)
		json_decref(result);
	return status;
}

/* What is loaded now; asking also has the server take it in. */
static int show_territory(struct import *m)
{
	json_t *result;
	int status = ask(m, "territory.show", json_object(), &result);

	if (status)
		return status;
	printf("Territoire : %lld communes, dont %lld ont une unité ; %lld contours ; %lld "
	       "départements.\n",
	       (long long)number_of(result, "communes"), (long long)number_of(result, "with_unit"),
	       (long long)number_of(result, "outlines"),
	       (long long)number_of(result, "departements"));
	json_decref(result);
	return 0;
}

static int carry_out(struct import *m)
{
	int status = read_file(m, true, count_rows);

	if (status)
		return status;
	printf("%s : %lld ligne%s lue%s, %lld refusée%s, %lld sans objet ici (%.1f s).\n", m->path,
	       (long long)m->lines, m->lines > 1 ? "s" : "", m->lines > 1 ? "s" : "",
	       (long long)m->rejected, m->rejected > 1 ? "s" : "", (long long)m->passed,
	       (double)m->read_ms / 1000);
	if (!m->rows)
		return fail("%s : rien à importer", m->path);
	status = begin(m);
	if (!status)
		status = show_changes(m);
	if (status)
		return status;
	if (m->before && !m->added && !ended(m) && !m->unfinished) {
		printf("Rien à changer.\n");
		/* The import before may have stopped short of it. */
		status = m->dry_run ? 0 : look_at_registrations(m, false);
		return status ? status : sweep(m);
	}
	if (m->dry_run) {
		printf("Essai seulement : rien n'est changé.\n");
		return 0;
	}
	if (!agrees(m))
		return STATUS_FAILED;
	status = finish(m);
	if (!status)
		status = look_at_registrations(m, false);
	if (!status)
		status = sweep(m);
	return status ? status : show_territory(m);
}

/* The files of the register are parts of their own: the mayors say nothing of the senators. */
static int with_mandate(struct import *m)
{
	const char *name = strrchr(m->path, '/');
	struct buf scope = BUF_INIT;

	if (!m->mandate)
		m->mandate = import_mandate(name ? name + 1 : m->path);
	if (!m->mandate)
		return misused("de quel mandat est ce fichier ? (mandate=maire, par exemple)");
	text_fold(str_from(m->mandate), '-', &scope);
	snprintf(m->scope, sizeof(m->scope), "%s", buf_cstr(&scope));
	buf_fini(&scope);
	return carry_out(m);
}

/* --- the command line */

static bool take_flag(int *argc, char **argv, const char *name)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], name) != 0)
			continue;
		memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof(*argv));
		--*argc;
		return true;
	}
	return false;
}

static const struct import_kind *kind_of(const char *name)
{
	for (size_t i = 0; i < import_kind_count; i++)
		if (!strcmp(import_kinds[i].name, name))
			return &import_kinds[i];
	return NULL;
}

int command_import(int argc, char **argv)
{
	struct import m = {.dry_run = take_flag(&argc, argv, "--dry-run"),
			   .yes = take_flag(&argc, argv, "--yes")};
	struct settings s;

	argc = settings_take(&s, argc, argv);
	if (argc < 0)
		return STATUS_MISUSED;
	if (s.help || argc < 3)
		return s.help ? usage(), STATUS_DONE : usage();
	m.settings = &s;
	m.kind = kind_of(argv[1]);
	m.path = argv[2];
	if (!m.kind)
		return misused("« %s » : sorte d'import inconnue (egidectl import --help)",
			       argv[1]);
	if (argc > 3 && !strncmp(argv[3], "room=", 5) && m.kind->has_room)
		m.room = argv[3] + 5;
	else if (argc > 3 && !strncmp(argv[3], "mandate=", 8) && m.kind->has_mandate)
		m.mandate = argv[3] + 8;
	else if (argc > 3)
		return misused("« %s » n'est pas attendu", argv[3]);
	if (argc > 4)
		return misused("« %s » n'est pas attendu", argv[4]);
	return m.kind->has_mandate ? with_mandate(&m) : carry_out(&m);
}
