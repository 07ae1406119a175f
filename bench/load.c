/*
 * The load tool: load MODE [--OPTION VALUE]… One process, one thread, every connection to
 * 127.0.0.1. The result is one JSON line; times are microseconds.
 */
#include <getopt.h>
#include <sys/prctl.h>

#include "base/alloc.h"
#include "modes.h"

static const struct mode {
	const char *name;
	void (*run)(const struct settings *s);
} modes[] = {
	{"alerts", mode_alerts}, {"positions", mode_positions}, {"owntracks", mode_owntracks},
	{"idle", mode_idle},     {"storm", mode_storm},         {"mqtt", mode_mqtt},
	{"sound", mode_sound},   {"icecast", mode_icecast},     {"kept", mode_kept},
};

enum option_name {
	WATCH = 1,
	HTTP,
	LOGIN,
	PASSWORD,
	PID,
	FIRST,
	COUNT,
	CONSOLES,
	RATE,
	WINDOW,
	SECONDS,
	TLS,
	AGAIN,
	CALLS,
	KIND,
	AGENT,
	OPUS,
	LATE
};

static const struct option names[] = {
	{"watch", 1, NULL, WATCH},
	{"http", 1, NULL, HTTP},
	{"login", 1, NULL, LOGIN},
	{"password", 1, NULL, PASSWORD},
	{"pid", 1, NULL, PID},
	{"first", 1, NULL, FIRST},
	{"count", 1, NULL, COUNT},
	{"consoles", 1, NULL, CONSOLES},
	{"rate", 1, NULL, RATE},
	{"window", 1, NULL, WINDOW},
	{"seconds", 1, NULL, SECONDS},
	{"tls", 0, NULL, TLS},
	{"again", 0, NULL, AGAIN},
	{"calls", 1, NULL, CALLS},
	{"kind", 1, NULL, KIND},
	{"agent", 1, NULL, AGENT},
	{"opus", 1, NULL, OPUS},
	{"late", 1, NULL, LATE},
	{NULL, 0, NULL, 0},
};

static void set(struct settings *s, int name, const char *value)
{
	unsigned long long number = value ? strtoull(value, NULL, 10) : 0;

	switch ((enum option_name)name) {
	case WATCH:
		s->watch_port = (uint16_t)number;
		break;
	case HTTP:
		s->http_port = (uint16_t)number;
		break;
	case LOGIN:
		s->login = value;
		break;
	case PASSWORD:
		s->password = value;
		break;
	case PID:
		s->pid = (int)number;
		break;
	case FIRST:
		s->first = number;
		break;
	case COUNT:
		s->count = number;
		break;
	case CONSOLES:
		s->consoles = (unsigned)number;
		break;
	case RATE:
		s->rate = strtod(value, NULL);
		break;
	case WINDOW:
		s->window = number;
		break;
	case SECONDS:
		s->seconds = strtod(value, NULL);
		break;
	case TLS:
		s->tls = true;
		break;
	case AGAIN:
		s->again = true;
		break;
	case CALLS:
		s->calls = number;
		break;
	case KIND:
		s->kind = value;
		break;
	case AGENT:
		s->agent_port = (uint16_t)number;
		break;
	case OPUS:
		s->opus = value;
		break;
	case LATE:
		s->late = number;
		break;
	}
}

int main(int argc, char **argv)
{
	struct settings settings = {.window = 1, .seconds = 5, .kind = "watch"};
	int name;

	while ((name = getopt_long(argc, argv, "", names, NULL)) > 0) {
		if (name == '?')
			return 2;
		set(&settings, name, optarg);
	}
	/* Sleeps end when they should: the default slack is 50 µs, as much as what is measured. */
	prctl(PR_SET_TIMERSLACK, 1);
	clients_init();
	for (size_t i = 0; optind < argc && i < ARRAY_LEN(modes); i++)
		if (strcmp(argv[optind], modes[i].name) == 0) {
			modes[i].run(&settings);
			return 0;
		}
	fputs("usage: load alerts|positions|owntracks|idle|storm|mqtt|sound|icecast|kept --watch "
	      "PORT "
	      "--http PORT …\n",
	      stderr);
	return 2;
}
