/*
 * Where things are, for every command of egidectl: the command line, then the server's
 * configuration file, then the defaults of both.
 */
#ifndef CTL_SETTINGS_H
#define CTL_SETTINGS_H

#include <stdbool.h>

/* Exit statuses. */
enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_MISUSED = 2 };

enum { SETTINGS_TEXT_BYTES = 600 };

struct settings {
	const char *config;   /* the server's configuration file */
	const char *data;     /* folder */
	const char *keys;     /* file of master keys */
	const char *database; /* url */
	const char *socket;
	const char *timestamp_url; /* "": evidence is stamped by nobody */
	const char *sound;         /* off, listen, record or both */
	bool json;                 /* --json */
	bool password_stdin;       /* --password-stdin */
	bool help;                 /* --help */
	/* What was not on the command line. */
	char data_text[SETTINGS_TEXT_BYTES], keys_text[SETTINGS_TEXT_BYTES];
	char database_text[SETTINGS_TEXT_BYTES], socket_text[SETTINGS_TEXT_BYTES];
	char timestamp_text[SETTINGS_TEXT_BYTES], sound_text[SETTINGS_TEXT_BYTES];
};

/*
 * Takes the options out of argv, which keeps the rest; gives how many are left, or -1 after having
 * said on standard error what is wrong.
 */
int settings_take(struct settings *s, int argc, char **argv);
/* The lines of help about them. */
void settings_print_help(void);

/* "egidectl: " and a sentence, on standard error; gives STATUS_FAILED. */
int fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same about a usage: gives STATUS_MISUSED. */
int misused(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* What an -errno means for the person at the terminal, in French. */
const char *error_text(int error);

#endif
