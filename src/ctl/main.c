/* egidectl: one row a command. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "ctl/commands.h"
#include "ctl/decode.h"
#include "ctl/settings.h"

static int command_help(int argc, char **argv);

static const struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
} commands[] = {
	{"init", "[LOGIN]", "crée les clés, la base et un premier compte", command_init},
	{"unit", "ACTION clé=valeur…", "salles et unités", command_registry},
	{"account", "ACTION clé=valeur…", "comptes", command_registry},
	{"official", "ACTION clé=valeur…", "élus", command_registry},
	{"registration", "ACTION clé=valeur…",
	 "inscriptions : inviter, confirmer, prolonger, finir", command_registry},
	{"contact", "ACTION clé=valeur…", "personnes de confiance", command_registry},
	{"hold", "ACTION clé=valeur…", "retenues légales", command_registry},
	{"clock", "show|confirm date=…", "la date du serveur, quand il ne la croit pas",
	 command_registry},
	{"device", "ACTION clé=valeur…", "appareils", command_registry},
	{"competence", "ACTION clé=valeur…", "unité compétente, par commune ou département",
	 command_registry},
	{"import", "SORTE FICHIER", "communes, contours, unités, compétences, référents, élus",
	 command_import},
	{"synthesize", "COMMUNES DOSSIER", "fichiers d'un réseau inventé, à importer",
	 command_synthesize},
	{"alert", "list|show|export|evidence", "alertes", command_alert},
	{"verify", "", "vérifie le journal", command_verify},
	{"verify-export", "ARCHIVE [key=CLÉ] [tsa=…]", "vérifie un export, sans serveur",
	 command_verify_export},
	{"backup", "FICHIER", "copie la base, serveur en marche", command_backup},
	{"restore", "FICHIER", "remet une copie de la base", command_restore},
	{"epoch", "", "nouvelle époque du journal, après pg_restore", command_epoch},
	{"keys", "rotate|public", "change de clé maîtresse ; montre la clé publique", command_keys},
	{"decode", "PROTOCOLE", "dit ce que contiennent les trames d'un appareil", command_decode},
	{"help", "[COMMANDE|--all]", "cette aide, celle d'une commande, ou le manuel",
	 command_help},
};

static void print_commands(FILE *out)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		int width = fprintf(out, "  %s %s", commands[i].name, commands[i].arguments);

		/* « é » and « … » take more bytes than cells. */
		for (const char *c = commands[i].arguments; *c; c++)
			width -= ((unsigned char)*c & 0xC0) == 0x80;
		fprintf(out, "%*s%s\n", width < 32 ? 32 - width : 1, "", commands[i].summary);
	}
}

static int usage(FILE *out)
{
	fprintf(out, "Usage : egidectl COMMANDE …\n\n");
	print_commands(out);
	return STATUS_MISUSED;
}

static const struct command *command_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* The manual, from the tables. */
static int print_manual(void)
{
	printf("NOM\n  egidectl - administre un serveur Égide\n\nSYNOPSIS\n  egidectl COMMANDE "
	       "[ARGUMENTS] [OPTIONS]\n\n"
	       "COMMANDES\n");
	print_commands(stdout);
	printf("\nREGISTRE\n  Par la prise de commande d'un serveur qui tourne. * : nécessaire.\n");
	registry_print_help(NULL);
	settings_print_help();
	printf("\nCODE DE SORTIE\n  0 fait ; 1 refusé ou impossible ; 2 mal demandé.\n");
	return STATUS_DONE;
}

static int command_help(int argc, char **argv)
{
	const struct command *command = argc > 1 ? command_of(argv[1]) : NULL;
	char help[] = "--help";
	char *words[] = {argc > 1 ? argv[1] : argv[0], help, NULL};

	if (argc > 1 && !strcmp(argv[1], "--all"))
		return print_manual();
	if (!command || command->run == command_help)
		return usage(stdout), STATUS_DONE;
	return command->run(2, words);
}

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? command_of(argv[1]) : NULL;

	if (argc > 1 && !strcmp(argv[1], "--help"))
		return usage(stdout), STATUS_DONE;
	return command ? command->run(argc - 1, argv + 1) : usage(stderr);
}
