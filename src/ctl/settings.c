/* Options every command understands: see settings.h. */
#include "ctl/settings.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/alloc.h"

static const struct option {
	const char *name;
	const char *value; /* what the help calls it; NULL: a flag */
	size_t place;
	const char *fallback;
	const char *help;
} options[] = {
	{"--data", "DOSSIER", offsetof(struct settings, data), "/var/lib/egide",
	 "dossier des données"},
	{"--keys", "FICHIER", offsetof(struct settings, keys), "/etc/egide/keys",
	 "clés maîtresses"},
	{"--database", "ADRESSE", offsetof(struct settings, database), NULL,
	 "base ; par défaut sqlite:DOSSIER/egide.db"},
	{"--socket", "FICHIER", offsetof(struct settings, socket), "/run/egide/control.sock",
	 "prise de commande du serveur"},
	{"--json", NULL, offsetof(struct settings, json), NULL, "réponse en JSON"},
	{"--password-stdin", NULL, offsetof(struct settings, password_stdin), NULL,
	 "mot de passe lu sur l'entrée standard"},
	{"--help", NULL, offsetof(struct settings, help), NULL, "aide de la commande"},
};

static const struct option *option_of(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (strlen(options[i].name) == len && !strncmp(options[i].name, word, len))
			return &options[i];
	return NULL;
}

static void set_text(struct settings *s, const struct option *option, const char *value)
{
	*(const char **)(void *)((char *)s + option->place) = value;
}

static void set_flag(struct settings *s, const struct option *option)
{
	*(bool *)(void *)((char *)s + option->place) = true;
}

static void set_defaults(struct settings *s)
{
	*s = (struct settings){.data = NULL};
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].value)
			set_text(s, &options[i], options[i].fallback);
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
	set_text(s, option, equals ? equals + 1 : argv[++*at]);
	return 0;
}

int settings_take(struct settings *s, int argc, char **argv)
{
	int kept = 0;

	set_defaults(s);
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "--", 2) != 0)
			argv[kept++] = argv[i];
		else if (take_option(s, argc, argv, &i))
			return -1;
	}
	if (!s->database) {
		snprintf(s->default_database, sizeof(s->default_database), "sqlite:%s/egide.db",
			 s->data);
		s->database = s->default_database;
	}
	return kept;
}

void settings_print_help(void)
{
	printf("\nOptions :\n");
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		printf("  %-17s%-9s %s", options[i].name, options[i].value ? options[i].value : "",
		       options[i].help);
		if (options[i].fallback)
			printf(" (%s)", options[i].fallback);
		printf("\n");
	}
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
