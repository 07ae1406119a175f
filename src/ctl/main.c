/* egidectl: one row a command. */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "ctl/decode.h"

static const struct command {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
} commands[] = {
	{"decode", "dit ce que contiennent les trames d'un appareil", command_decode},
};

static int usage(void)
{
	fputs("Usage : egidectl COMMANDE …\n\n", stderr);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(stderr, "  %-10s %s\n", commands[i].name, commands[i].summary);
	return 2;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	return usage();
}
