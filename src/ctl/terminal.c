/* The person at the terminal: see terminal.h. */
#include "ctl/terminal.h"
#include "ctl/words.h"

#include <errno.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/phone.h"
#include "base/str.h"
#include "ctl/settings.h"

/* ---- passwords ---- */

enum { PASSWORD_LINE_BYTES = 512 };

static char *read_line(void)
{
	char *line = xmalloc(PASSWORD_LINE_BYTES);

	if (!fgets(line, PASSWORD_LINE_BYTES, stdin)) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static char *ask_once(const char *prompt)
{
	struct termios before, silent;
	char *line;

	if (tcgetattr(STDIN_FILENO, &before))
		return NULL;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	fprintf(stderr, "%s : ", prompt);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	line = read_line();
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fprintf(stderr, "\n");
	return line;
}

void password_free(char *password)
{
	if (password)
		explicit_bzero(password, strlen(password));
	free(password);
}

char *password_ask(const struct settings *s)
{
	char *first, *second;

	if (s->password_stdin) {
		first = read_line();
		if (!first)
			fail("aucun mot de passe sur l'entrée standard");
		return first;
	}
	first = ask_once("Mot de passe");
	if (!first) {
		fail("pas de terminal : donnez le mot de passe avec --password-stdin");
		return NULL;
	}
	second = ask_once("Encore une fois");
	if (!second || strcmp(first, second) != 0) {
		fail("les deux mots de passe diffèrent");
		password_free(first);
		first = NULL;
	}
	password_free(second);
	return first;
}

/* ---- progress ---- */

enum { BAR_CELLS = 40, BAR_AFTER_MS = 1000, BAR_EVERY_MS = 100 };

static struct {
	const char *what;
	int64_t started_ms, shown_ms;
} bar;

void progress_start(const char *what)
{
	bar.what = what;
	bar.started_ms = clock_monotonic_ms();
	bar.shown_ms = 0;
}

void progress_show(int64_t done, int64_t total)
{
	int64_t now_ms = clock_monotonic_ms();
	int cells = total > 0 ? (int)(done * BAR_CELLS / total) : 0;

	if (now_ms - bar.started_ms < BAR_AFTER_MS || now_ms - bar.shown_ms < BAR_EVERY_MS ||
	    !isatty(STDERR_FILENO))
		return;
	bar.shown_ms = now_ms;
	fprintf(stderr, "\r%s [%.*s%*s] %3d %%", bar.what, cells,
		"########################################", BAR_CELLS - cells, "",
		total > 0 ? (int)(done * 100 / total) : 0);
	fflush(stderr);
}

void progress_end(void)
{
	if (bar.shown_ms)
		fprintf(stderr, "\r\033[K");
}

/* ---- tables ---- */

enum { CELL_BYTES = 512, COLUMNS_MAX = 16 };

static const json_t *at_path(const json_t *object, const char *path)
{
	struct str rest = str_from(path), part;

	while (object && str_split(&rest, '.', &part)) {
		char key[64];

		snprintf(key, sizeof(key), "%.*s", STR_FMT(part));
		object = json_object_get(object, key);
	}
	return object;
}

static void print_time(int64_t at_ms, char *out, size_t size)
{
	time_t seconds = (time_t)(at_ms / 1000);
	struct tm local;

	localtime_r(&seconds, &local);
	strftime(out, size, "%d/%m/%Y %H:%M:%S", &local);
}

static void print_list(const json_t *list, bool are_words, char *out, size_t size)
{
	const json_t *one;
	size_t i, len = 0;

	out[0] = '\0';
	json_array_foreach((json_t *)(uintptr_t)list, i, one)
	{
		const char *text = json_string_value(one);

		if (text && len < size)
			len += (size_t)snprintf(out + len, size - len, "%s%s", i ? ", " : "",
						are_words ? word_french(text) : text);
	}
}

/* Text on one line, without what could act on the terminal. */
static void print_text(const char *text, char *out, size_t size)
{
	size_t len = 0;

	for (; *text && len + 1 < size; text++)
		out[len++] = (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text;
	/* A cut never splits a character. */
	while (*text && len && ((unsigned char)out[len - 1] & 0xC0) == 0x80)
		len--;
	if (*text && len && (unsigned char)out[len - 1] >= 0xC0)
		len--;
	out[len] = '\0';
}

/* "raised_at", "closed.at", "at". */
static bool is_time_path(struct str path)
{
	return str_ends(path, STR("_at")) || str_ends(path, STR(".at")) || str_eq(path, STR("at"));
}

static void print_cell(const json_t *value, const char *path, char out[CELL_BYTES])
{
	bool is_time = is_time_path(str_from(path)), are_words = words_at(str_from(path));
	char phone[PHONE_TEXT_SIZE];

	out[0] = '\0';
	if (json_is_string(value) && str_ends(str_from(path), STR("phone"))) {
		phone_print(str_from(json_string_value(value)), phone);
		print_text(phone, out, CELL_BYTES);
	} else if (json_is_string(value)) {
		const char *text = json_string_value(value);

		print_text(are_words ? word_french(text) : text, out, CELL_BYTES);
	} else if (json_is_integer(value) && is_time) {
		print_time(json_integer_value(value), out, CELL_BYTES);
	} else if (json_is_integer(value)) {
		snprintf(out, CELL_BYTES, "%lld", (long long)json_integer_value(value));
	} else if (json_is_real(value)) {
		snprintf(out, CELL_BYTES, "%.5f", json_real_value(value));
	} else if (json_is_boolean(value)) {
		snprintf(out, CELL_BYTES, "%s", json_is_true(value) ? "oui" : "non");
	} else if (json_is_array(value)) {
		print_list(value, are_words, out, CELL_BYTES);
	}
}

/* Characters, not bytes: accents are one cell wide. */
static int width_of(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xC0) != 0x80;
	return width;
}

static void widen(const json_t *rows, const struct column *columns, int widths[COLUMNS_MAX])
{
	const json_t *row;
	size_t i;

	for (int c = 0; columns[c].title; c++)
		widths[c] = width_of(columns[c].title);
	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		for (int c = 0; columns[c].title; c++) {
			char cell[CELL_BYTES];
			int width;

			print_cell(at_path(row, columns[c].path), columns[c].path, cell);
			width = width_of(cell);
			widths[c] = width > widths[c] ? width : widths[c];
		}
	}
}

/* The last column is not padded: no blanks at the end of lines. */
static void print_padded(const char *text, int width, bool last)
{
	printf("%s%*s", text, last ? 0 : width - width_of(text) + 2, "");
}

void table_print(const json_t *rows, const struct column *columns)
{
	int widths[COLUMNS_MAX];
	const json_t *row;
	size_t i;

	widen(rows, columns, widths);
	for (int c = 0; columns[c].title; c++)
		print_padded(columns[c].title, widths[c], !columns[c + 1].title);
	printf("\n");
	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		for (int c = 0; columns[c].title; c++) {
			char cell[CELL_BYTES];

			print_cell(at_path(row, columns[c].path), columns[c].path, cell);
			print_padded(cell, widths[c], !columns[c + 1].title);
		}
		printf("\n");
	}
}

void record_print(const json_t *object, const struct column *columns)
{
	char cell[CELL_BYTES];
	int width = 0;

	for (int c = 0; columns[c].title; c++) {
		print_cell(at_path(object, columns[c].path), columns[c].path, cell);
		if (*cell && width_of(columns[c].title) > width)
			width = width_of(columns[c].title);
	}
	for (int c = 0; columns[c].title; c++) {
		print_cell(at_path(object, columns[c].path), columns[c].path, cell);
		if (*cell)
			printf("%s%*s : %s\n", columns[c].title, width - width_of(columns[c].title),
			       "", cell);
	}
}
