/* The person at the terminal: passwords, progress, tables. */
#ifndef CTL_TERMINAL_H
#define CTL_TERMINAL_H

#include <jansson.h>
#include <stdint.h>

struct settings;

/*
 * A password: asked twice without echo, or the first line of standard input with --password-stdin.
 * Freed by password_free. NULL after having said why.
 */
char *password_ask(const struct settings *s);
void password_free(char *password); /* wipes; NULL is fine */

/* A bar on standard error, when it is a terminal and the work lasts more than a second. */
void progress_start(const char *what);
void progress_show(int64_t done, int64_t total);
void progress_end(void);

struct column {
	const char *path;  /* "official.name" */
	const char *title; /* NULL ends a list of columns */
};
/* An array of objects as aligned text; times ("…_at", "at") as local dates. */
void table_print(const json_t *rows, const struct column *columns);
/* An object as "title : value" lines; what is absent or null is left out. */
void record_print(const json_t *object, const struct column *columns);

#endif
