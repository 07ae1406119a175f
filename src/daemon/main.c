/* egided: reads its configuration, joins the rooms, runs the loop, ends cleanly. */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "crypto/random.h"
#include "daemon/config.h"
#include "daemon/server.h"
#include "net/tls.h"

#include "base/log.h"

static const char usage[] =
	"Usage : egided [OPTIONS]\n"
	"Le serveur d'Égide.\n"
	"\n"
	"  -c, --config FICHIER   configuration (défaut : /etc/egide/egide.conf)\n"
	"      --check-config     dit si la configuration est bonne (2 : elle ne l'est pas), et\n"
	"                         s'arrête\n"
	"      --sample-config    écrit une configuration commentée, et s'arrête\n"
	"      --openapi          écrit la description de l'interface HTTP, et s'arrête\n"
	"      --make-certificate NOMS\n"
	"                         fait un certificat qui se signe lui-même, pour ces noms et\n"
	"                         adresses (séparés par des virgules), là où le dit la "
	"configuration\n"
	"  -h, --help             cette aide\n"
	"  -V, --version          la version\n"
	"\n"
	"SIGHUP relit les certificats ; SIGTERM arrête proprement.\n";

/* Options or configuration are wrong: trying again changes nothing (egided.service). */
enum { STATUS_MISUSED = 2 };
enum { OPTION_CHECK = 256, OPTION_SAMPLE, OPTION_OPENAPI, OPTION_CERTIFICATE };

struct invocation {
	const char *config_path, *certificate_names;
	bool check, sample, openapi;
};

/* True: go on. */
static bool read_options(int argc, char **argv, struct invocation *in, int *ret_status)
{
	static const struct option long_options[] = {
		{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, OPTION_CHECK},
		{"sample-config", no_argument, NULL, OPTION_SAMPLE},
		{"openapi", no_argument, NULL, OPTION_OPENAPI},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{"make-certificate", required_argument, NULL, OPTION_CERTIFICATE},
		{NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "c:hV", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			in->config_path = optarg;
			break;
		case OPTION_CHECK:
			in->check = true;
			break;
		case OPTION_SAMPLE:
			in->sample = true;
			break;
		case OPTION_OPENAPI:
			in->openapi = true;
			break;
		case OPTION_CERTIFICATE:
			in->certificate_names = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return false;
		case 'V':
			puts("egided " EGIDE_VERSION);
			return false;
		default:
			fputs(usage, stderr);
			*ret_status = STATUS_MISUSED;
			return false;
		}
	}
	return true;
}

static bool read_config(const struct invocation *in, struct config *config)
{
	struct buf why = BUF_INIT;
	int r;

	config_init(config);
	r = config_read(config, in->config_path, &why);
	if (r)
		fprintf(stderr, "Configuration refusée : %s\n", buf_cstr(&why));
	buf_fini(&why);
	return !r;
}

/* What the values mean: only who serves, or asks, needs it. */
static bool check_config(const struct config *config)
{
	struct buf why = BUF_INIT;
	bool sound = config_is_sound(config, &why);

	if (!sound)
		fprintf(stderr, "Configuration refusée : %s\n", buf_cstr(&why));
	buf_fini(&why);
	return sound;
}

/* Keys are in memory: no core dump, no reading by another process of the same user. */
static void close_the_house(void)
{
	struct rlimit none = {0, 0}, files;

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
	umask(0077);
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

/*
 * One heap for all threads, that grows by whole mebibytes and keeps what it has: with an arena a
 * thread, glibc asks the kernel for each further page.
 */
static void settle_the_heap(void)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TOP_PAD, 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
}

static void set_level(const char *name)
{
	static const char *const levels[] = {"debug", "info", "warning", "error"};

	for (int i = 0; i < 4; i++)
		if (!strcmp(name, levels[i]))
			log_set_level((enum log_level)i);
}

static int print(struct buf *text)
{
	fwrite(text->ptr, 1, text->len, stdout);
	buf_fini(text);
	return 0;
}

static int make_certificate(const struct config *config, const char *names)
{
	int r = tls_make_certificate(names, config->certificate, config->certificate_key);

	if (!r)
		printf("Certificat fait : %s\n", config->certificate);
	else if (r == -EINVAL)
		fprintf(stderr, "Certificat refusé : « %s » a un nom qui n'en est pas un\n", names);
	else
		fprintf(stderr, "Certificat refusé : %s, %s : %s\n", config->certificate,
			config->certificate_key, strerror(-r));
	return r ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct invocation in = {.config_path = "/etc/egide/egide.conf"};
	struct buf text = BUF_INIT;
	struct config config;
	int status = 0;

	if (!read_options(argc, argv, &in, &status))
		return status;
	if (in.sample) {
		config_sample(&text);
		return print(&text);
	}
	if (!read_config(&in, &config))
		return STATUS_MISUSED;
	if (in.openapi) {
		server_describe(&config, &text);
		print(&text);
	} else if (in.certificate_names) {
		status = make_certificate(&config, in.certificate_names);
	} else if (!check_config(&config)) {
		status = STATUS_MISUSED;
	} else if (in.check) {
		puts("Configuration correcte.");
	} else {
		set_level(config.log_level);
		close_the_house();
		settle_the_heap();
		crypto_init();
		status = server_run(&config) ? 1 : 0;
	}
	config_fini(&config);
	return status;
}
