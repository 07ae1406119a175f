/* Where things are, for every command of egidectl: options of the command line, with defaults. */
#ifndef CTL_SETTINGS_H
#define CTL_SETTINGS_H

#include <stdbool.h>

/* Exit statuses. */
enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_MISUSED = 2 };

struct settings {
	const char *data;     /* folder */
	const char *keys;     /* file of master keys */
	const char *database; /* url */
	const char *socket;
	bool json;           /* --json */
	bool password_stdin; /* --password-stdin */
	bool help;           /* --help */
	char default_database[600];
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
