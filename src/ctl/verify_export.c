/* egidectl verify-export: evidence, checked on a machine that has no server. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ctl/commands.h"
#include "ctl/evidence_check.h"
#include "ctl/settings.h"

static int usage(void)
{
	printf("Usage : egidectl verify-export ARCHIVE.tar [key=CLÉ] [tsa=CERTIFICATS.pem]\n\n"
	       "Vérifie une alerte ou des lignes du journal exportées comme preuve, sans serveur, "
	       "sans clé secrète et sans "
	       "réseau : la "
	       "signature,\n"
	       "chaque fichier, chaque ligne du journal et sa place dans l'arbre, chaque page du "
	       "son. CLÉ est "
	       "la clé publique\n"
	       "de l'administration (egidectl keys public), tenue d'elle par un autre chemin ;\n"
	       "CERTIFICATS, ceux des autorités d'horodatage que vous croyez.\n");
	return STATUS_MISUSED;
}

static int check(const char *path, struct str key, const char *ca_file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *bytes;
	bool good;

	if (fd < 0 || fstat(fd, &st))
		return fail("%s : %s", path, error_text(-errno));
	if (!S_ISREG(st.st_mode) || !st.st_size) {
		close(fd);
		return fail("%s n'est pas une archive", path);
	}
	bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return fail("%s : %s", path, error_text(-errno));
	good = evidence_check(str_of(bytes, (size_t)st.st_size), key, ca_file, stdout);
	munmap(bytes, (size_t)st.st_size);
	printf(good ? "L'archive est intacte.\n" : "L'archive n'est pas intacte.\n");
	return good ? STATUS_DONE : STATUS_FAILED;
}

int command_verify_export(int argc, char **argv)
{
	const char *ca_file = NULL;
	struct settings s;
	struct str key = STR_NONE;
	bool misunderstood = false;

	argc = settings_take(&s, argc, argv);
	if (argc < 0)
		return STATUS_MISUSED;
	for (int i = 2; i < argc; i++)
		if (str_starts(str_from(argv[i]), STR("key=")))
			key = str_slice(str_from(argv[i]), 4, SIZE_MAX);
		else if (str_starts(str_from(argv[i]), STR("tsa=")))
			ca_file = argv[i] + 4;
		else
			misunderstood = true;
	if (s.help || argc < 2 || misunderstood)
		return s.help ? usage(), STATUS_DONE : usage();
	if (key.ptr && key.len != 64)
		return misused("key : 64 chiffres hexadécimaux attendus");
	return check(argv[1], key, ca_file);
}
