/* egidectl verify: the journal's tree, recomputed from the first line, beside a server or without
 * one. */
#include "ctl/commands.h"
#include "ctl/house.h"
#include "ctl/settings.h"

#include <stdio.h>

static int usage(void)
{
	printf("Usage : egidectl verify\n\n"
	       "Recalcule l'arbre du journal depuis la première ligne et dit sa racine, ou le "
	       "numéro de la première\n"
	       "ligne fausse. Ne modifie rien ; le serveur peut tourner.\n");
	settings_print_help();
	return STATUS_MISUSED;
}

int command_verify(int argc, char **argv)
{
	struct keyring *ring;
	struct settings s;
	struct vault *v;
	int status;

	argc = settings_take(&s, argc, argv);
	if (argc < 0)
		return STATUS_MISUSED;
	if (s.help || argc != 1)
		return s.help ? usage(), STATUS_DONE : usage();
	status = house_open_vault(&s, DB_READER, &ring, &v);
	if (status)
		return status;
	status = house_verify(v);
	house_close(ring, v);
	return status;
}
