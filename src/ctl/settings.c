/* Options every command understands: see settings.h. */
#include "ctl/settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/str.h"

#define DEFAULT_CONFIG "/etc/egide/egide.conf"

static const struct option {
	const char *name;
	const char *value; /* what the help calls it; NULL: a flag */
	size_t place;
	const char *help;
} options[] = {
	{"--config", "FICHIER", offsetof(struct settings, config),
	 "configuration du serveur (" DEFAULT_CONFIG ")"},
	{"--data", "DOSSIER", offsetof(struct settings, data), "dossier des données"},
	{"--keys", "FICHIER", offsetof(struct settings, keys), "clés maîtresses"},
	{"--database", "ADRESSE", offsetof(struct settings, database),
	 "base ; avec --data seul : sqlite:DOSSIER/egide.db"},
	{"--socket", "FICHIER", offsetof(struct settings, socket), "prise de commande du serveur"},
	{"--json", NULL, offsetof(struct settings, json), "réponse en JSON"},
	{"--password-stdin", NULL, offsetof(struct settings, password_stdin),
	 "mot de passe lu sur l'entrée standard"},
	{"--help", NULL, offsetof(struct settings, help), "aide de la commande"},
};

/* What the configuration file says too; names and defaults are those of daemon/config.c. */
static const struct shared {
	const char *name;
	size_t place, text;
	const char *fallback;
} shared[] = {
	{"data_folder", offsetof(struct settings, data), offsetof(struct settings, data_text),
	 "/var/lib/egide"},
	{"keys", offsetof(struct settings, keys), offsetof(struct settings, keys_text),
	 "/etc/egide/keys"},
	{"database", offsetof(struct settings, database), offsetof(struct settings, database_text),
	 "sqlite:/var/lib/egide/egide.db"},
	{"timestamp_url", offsetof(struct settings, timestamp_url),
	 offsetof(struct settings, timestamp_text), ""},
	{"sound", offsetof(struct settings, sound), offsetof(struct settings, sound_text), "off"},
	{"control_socket", offsetof(struct settings, socket),
	 offsetof(struct settings, socket_text), "/run/egide/control.sock"},
};

static const struct option *option_of(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (strlen(options[i].name) == len && !strncmp(options[i].name, word, len))
			return &options[i];
	return NULL;
}

static const char **text_at(struct settings *s, size_t place)
{
	return (const char **)(void *)((char *)s + place);
}

static void set_flag(struct settings *s, const struct option *option)
{
	*(bool *)(void *)((char *)s + option->place) = true;
}

/* One option at argv[*at], and its value. 0 or STATUS_MISUSED. */
static int take_option(struct settings *s, int argc, char **argv, int *at)
{
	const char *word = argv[*at], *equals = strchr(word, '=');
	const struct option *option =
		option_of(word, equals ? (size_t)(equals - word) : strlen(word));

	if (!option)
		return misused("option inconnue : %s", word);
	if (!option->value) {
		set_flag(s, option);
		return equals ? misused("%s ne prend pas de valeur", option->name) : 0;
	}
	if (!equals && *at + 1 == argc)
		return misused("%s attend une valeur : %s", option->name, option->value);
	*text_at(s, option->place) = equals ? equals + 1 : argv[++*at];
	return 0;
}

/* The command line wins: a value goes in only where none is. */
static void fill(struct settings *s, const struct shared *row, struct str value)
{
	char *text = (char *)s + row->text;

	if (*text_at(s, row->place))
		return;
	snprintf(text, SETTINGS_TEXT_BYTES, "%.*s", STR_FMT(value));
	*text_at(s, row->place) = text;
}

static void take_line(struct settings *s, struct str line)
{
	struct str value = str_trim(line), name;

	if (!str_split(&value, '=', &name) || !value.ptr)
		return;
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		if (str_eq(str_trim(name), str_from(shared[i].name)))
			fill(s, &shared[i], str_trim(value));
}

/* Only what is shared is looked at: egided says what is wrong with the rest. */
static int read_config(struct settings *s)
{
	const char *path = s->config ? s->config : DEFAULT_CONFIG;
	FILE *file = fopen(path, "re");
	char line[4096];

	if (!file)
		return s->config ? misused("%s : %s", path, error_text(-errno)) : 0;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (*line != '#')
			take_line(s, str_from(line));
	}
	fclose(file);
	return 0;
}

static void derive_database(struct settings *s)
{
	if (s->database || !s->data)
		return;
	snprintf(s->database_text, sizeof(s->database_text), "sqlite:%s/egide.db", s->data);
	s->database = s->database_text;
}

int settings_take(struct settings *s, int argc, char **argv)
{
	int kept = 0;

	*s = (struct settings){.data = NULL};
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0)
			argv[kept++] = argv[i];
		else if (take_option(s, argc, argv, &i))
			return -1;
	}
	derive_database(s);
	if (read_config(s))
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		fill(s, &shared[i], str_from(shared[i].fallback));
	return kept;
}

void settings_print_help(void)
{
	printf("\nOptions :\n");
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		printf("  %-17s%-9s %s\n", options[i].name,
		       options[i].value ? options[i].value : "", options[i].help);
	printf("Ce qui n'est pas donné est lu dans la configuration du serveur.\n");
}

static void say(const char *format, va_list arguments)
{
	fprintf(stderr, "egidectl : ");
	vfprintf(stderr, format, arguments);
	fprintf(stderr, "\n");
}

int fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	return STATUS_FAILED;
}

int misused(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(format, arguments);
	va_end(arguments);
	return STATUS_MISUSED;
}

const char *error_text(int error)
{
	static const struct {
		int error;
		const char *text;
	} known[] = {
		{-ENOENT, "introuvable"},
		{-EACCES, "accès refusé : le fichier doit être à vous, et à vous seul (mode 0600)"},
		{-EEXIST, "existe déjà"},
		{-EBADMSG, "contenu altéré, ou clés d'un autre système"},
		{-ENOSPC, "disque plein"},
		{-EBUSY, "base occupée par un autre programme"},
		{-EPERM, "réglage dangereux de la base (fsync ou synchronous_commit désactivé)"},
		{-EPROTO, "base plus récente que ce programme"},
		{-EPIPE, "la base ne répond pas"},
		{-ENOTSUP, "possible avec SQLite seulement"},
		{-ECONNREFUSED, "personne ne répond"},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].error == error)
			return known[i].text;
	return strerror(-error);
}
