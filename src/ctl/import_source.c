/* Reading what is imported: see import_source.h. */
#include "ctl/import_source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "wire/json_items.h"

enum { READ_BYTES = 256 * 1024, HEADER_LINES = 5 };

struct import_source {
	const struct import_kind *kind;
	const char *mandate;
	int fd;
	int64_t size, read;
	struct digest *digest; /* of what was read */
	struct buf bytes;
	size_t at; /* of bytes: what was used */
	bool ended;
	int64_t line; /* of what comes next */
	bool is_json;
	char separator;
	int columns[IMPORT_MAX_COLUMNS];
	struct buf scratch, rows;
	char why[200];
};

static struct str left(const struct import_source *s)
{
	return str_slice(buf_str(&s->bytes), s->at, s->bytes.len);
}

static int read_more(struct import_source *s)
{
	ssize_t got;

	if (s->at) {
		buf_consume(&s->bytes, s->at);
		s->at = 0;
	}
	do
		got = read(s->fd, buf_reserve(&s->bytes, READ_BYTES), READ_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	digest_add(s->digest, str_of(s->bytes.ptr + s->bytes.len, (size_t)got));
	s->bytes.len += (size_t)got;
	s->read += got;
	s->ended = !got;
	return 0;
}

static void use(struct import_source *s, size_t len)
{
	struct str used = str_slice(left(s), 0, len);
	const char *at = used.ptr, *end = used.ptr + used.len;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		s->line++;
		at++;
	}
	s->at += len;
}

/* --- tables */

/* >0: a record, used; 0: the end; -EMSGSIZE: it has no end, its first line was used; -errno. */
static ptrdiff_t next_record(struct import_source *s, bool is_header, struct csv_row *ret_row)
{
	for (;;) {
		struct str rest = left(s);
		ptrdiff_t used;
		int r;

		if (is_header)
			s->separator = csv_separator(rest);
		used = rest.len ? csv_next(rest, s->ended, s->separator, &s->scratch, ret_row) : 0;
		if (used > 0)
			use(s, (size_t)used);
		if (used == -EMSGSIZE)
			use(s, csv_skip_line(rest));
		if (used || s->ended)
			return used;
		r = read_more(s);
		if (r)
			return r;
	}
}

/* The columns' names are in the first lines: some files begin with a title. */
static int find_header(struct import_source *s, const char **ret_why)
{
	const char *missing = "code";
	struct csv_row row;

	for (int i = 0; i < HEADER_LINES; i++) {
		ptrdiff_t used = next_record(s, true, &row);
		const char *not_there;

		if (used < 0 && used != -EMSGSIZE)
			return (int)used;
		if (!used)
			break;
		if (used < 0 || !row.count)
			continue;
		not_there = import_find_columns(s->kind, &row, s->columns);
		if (!not_there)
			return 0;
		if (row.count > 1)
			missing = not_there;
	}
	snprintf(s->why, sizeof(s->why), "la colonne « %s » manque", missing);
	*ret_why = s->why;
	return -EBADMSG;
}

static int next_line(struct import_source *s, struct import_line *ret_line)
{
	struct import_values values = {.mandate = str_from(s->mandate)};
	struct csv_row row = {.count = 0};
	ptrdiff_t used = 1;

	while (used > 0 && !row.count) {
		ret_line->number = s->line;
		used = next_record(s, false, &row);
	}
	if (used == -EMSGSIZE) {
		ret_line->made = ROW_REJECTED;
		ret_line->why = "ligne trop longue, ou guillemet jamais fermé";
		return 1;
	}
	if (used <= 0)
		return (int)used;
	for (int i = 0; s->kind->columns[i].names[0]; i++) {
		int column = s->columns[i];

		values.at[i] = column >= 0 && (size_t)column < row.count ? row.at[column] : STR("");
	}
	ret_line->made = s->kind->make(&values, &s->rows, &ret_line->why);
	return 1;
}

/* --- JSON */

static int start_json(struct import_source *s, const char **ret_why)
{
	size_t start;

	while (!(start = json_items_start(left(s), STR("features"))) && !s->ended &&
	       s->bytes.len < LIMIT_CSV_LINE_BYTES * 4) {
		int r = read_more(s);

		if (r)
			return r;
	}
	use(s, start);
	*ret_why = "ce fichier JSON n'a pas de liste d'objets";
	return start ? 0 : -EBADMSG;
}

static int next_object(struct import_source *s, struct import_line *ret_line)
{
	struct str object = STR_NONE;
	ptrdiff_t used;
	int r = 0;

	while (!(used = json_items_next(left(s), &object)) && !s->ended && !r)
		r = read_more(s);
	if (r || (used > 0 && !object.ptr))
		return r;
	if (used <= 0) {
		/* What follows cannot be told apart any more. */
		ret_line->number = s->line;
		ret_line->made = ROW_REJECTED;
		ret_line->why = "la suite du fichier JSON est illisible ou manque";
		if (!left(s).len && s->ended && !object.ptr && s->why[0])
			return 0;
		snprintf(s->why, sizeof(s->why), "fin");
		use(s, left(s).len);
		s->ended = true;
		return 1;
	}
	/* Spaces and the comma before it may hold the line's end. */
	for (const char *c = left(s).ptr; c < object.ptr; c++)
		s->line += *c == '\n';
	ret_line->number = s->line;
	s->at += (size_t)(object.ptr - left(s).ptr);
	ret_line->made = s->kind->make_json(object, &s->rows, &ret_line->why);
	use(s, object.len);
	return 1;
}

/* --- both */

static int start(struct import_source *s, const char **ret_why)
{
	int r = read_more(s);
	struct str head;

	if (r)
		return r;
	s->at = csv_mark(left(s));
	head = left(s);
	while (head.len && strchr(" \t\r\n", head.ptr[0]))
		head = str_slice(head, 1, head.len);
	s->is_json = head.len && (head.ptr[0] == '[' || head.ptr[0] == '{');
	*ret_why = s->is_json ? "cette sorte d'import n'a pas de forme JSON"
			      : "un fichier JSON est attendu";
	if (s->is_json ? !s->kind->make_json : !s->kind->columns)
		return -EBADMSG;
	return s->is_json ? start_json(s, ret_why) : find_header(s, ret_why);
}

int import_open(const struct import_kind *kind, const char *path, const char *mandate,
		struct import_source **ret_source, const char **ret_why)
{
	static char kept[200];
	struct import_source *s = xcalloc(1, sizeof(*s));
	struct stat file;
	int r;

	s->kind = kind;
	s->mandate = mandate;
	s->line = 1;
	s->digest = digest_new();
	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	r = s->fd < 0 || fstat(s->fd, &file) ? -errno : 0;
	if (!r) {
		s->size = file.st_size;
		r = start(s, ret_why);
	}
	if (r == -EBADMSG) {
		snprintf(kept, sizeof(kept), "%s", *ret_why);
		*ret_why = kept;
	}
	if (r)
		import_close(s);
	else
		*ret_source = s;
	return r;
}

void import_close(struct import_source *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	digest_end(s->digest, NULL);
	buf_fini(&s->bytes);
	buf_fini(&s->scratch);
	buf_fini(&s->rows);
	free(s);
}

int import_next(struct import_source *s, struct import_line *ret_line)
{
	int r;

	buf_reset(&s->rows);
	*ret_line = (struct import_line){.why = ""};
	r = s->is_json ? next_object(s, ret_line) : next_line(s, ret_line);
	ret_line->rows = buf_str(&s->rows);
	return r;
}

void import_progress(const struct import_source *s, int64_t *ret_done, int64_t *ret_total)
{
	*ret_done = s->read - (int64_t)left(s).len;
	*ret_total = s->size;
}

int import_digest(struct import_source *s, struct hash *ret_hash)
{
	int r = 0;

	while (!r && !s->ended) {
		s->at = s->bytes.len;
		r = read_more(s);
	}
	if (!r) {
		digest_end(s->digest, ret_hash);
		s->digest = NULL;
	}
	return r;
}
