/* Imported lines and their editions: see territory.h. */
#include "store/territory.h"

#include <errno.h>

#include "crypto/tree.h"
#include "store/sealed.h"

enum { FINGERPRINT_SIZE = (TERRITORY_MARK_SIZE - 1) / 2, SWEEP_ROWS = 500 };

SQL(edition_get, "SELECT current, last, rows, at_ms, unfinished FROM territory_edition"
		 " WHERE kind = $1 AND scope = $2");
SQL(edition_next, "INSERT INTO territory_edition (kind, scope, current, last, rows, at_ms)"
		  " VALUES ($1, $2, 0, 1, 0, 0) ON CONFLICT (kind, scope)"
		  " DO UPDATE SET last = territory_edition.last + 1 RETURNING last");
SQL(edition_apply, "UPDATE territory_edition SET unfinished = $3"
		   " WHERE kind = $1 AND scope = $2 AND unfinished = 0");
SQL(edition_set, "UPDATE territory_edition SET current = $3, rows = $4, at_ms = $5, unfinished = 0"
		 " WHERE kind = $1 AND scope = $2 AND last = $3");
#define ONE_ROW " WHERE kind = $1 AND scope = $2 AND code = $3 AND fingerprint = $4"
SQL(row_get, "SELECT since, seen FROM territory_line" ONE_ROW);
SQL(row_add, "INSERT INTO territory_line (kind, scope, code, fingerprint, since, seen, body,"
	     " sealed) VALUES ($1, $2, $3, $4, $5, $5, $6, $7)");
SQL(row_seen, "UPDATE territory_line SET since = $5, seen = $6" ONE_ROW);
SQL(row_remove, "DELETE FROM territory_line" ONE_ROW);
/* Many times the communes of the country. */
#define PRESENT_ROWS                                                                     \
	"SELECT r.code, r.body, r.sealed FROM territory_line r JOIN territory_edition e" \
	" ON e.kind = r.kind AND e.scope = r.scope WHERE r.kind = $1"                    \
	" AND r.since <= e.current AND r.seen >= e.current"
SQL(rows_all, PRESENT_ROWS " ORDER BY r.code, r.fingerprint LIMIT 1000000");
/* From the editions, a few, to their lines of that code: the other way all lines of the kind are
 * looked at. CROSS JOIN tells SQLite to keep that order. */
SQL(rows_about,
    "SELECT r.code, r.body, r.sealed FROM territory_edition e CROSS JOIN territory_line r"
    " WHERE e.kind = $1 AND r.kind = $1 AND r.scope = e.scope AND r.code = $2"
    " AND r.since <= e.current AND r.seen >= e.current"
    " ORDER BY r.scope, r.fingerprint LIMIT 1000");
SQL(rows_of_edition, "SELECT code, body, sealed FROM territory_line WHERE kind = $1 AND scope = $2"
		     " AND code = $3 AND since <= $4 AND seen >= $4 LIMIT 10000");
SQL(rows_ending, "SELECT code, body, sealed FROM territory_line WHERE kind = $1 AND scope = $2"
		 " AND since <= $3 AND seen >= $3 AND seen < $4"
		 " AND (code > $5 OR (code = $5 AND fingerprint > $6))"
		 " ORDER BY code, fingerprint LIMIT $7");
SQL(rows_gone, "SELECT o.code, o.body, o.sealed FROM territory_line o WHERE o.kind = $1"
	       " AND o.scope = $2 AND o.since <= $3 AND o.seen >= $3 AND o.seen < $4"
	       " AND (o.code > $5 OR (o.code = $5 AND o.fingerprint > $6))"
	       " AND NOT EXISTS (SELECT 1 FROM territory_line n WHERE n.kind = $1 AND n.scope = $2"
	       " AND n.code = o.code AND n.seen = $4) ORDER BY o.code, o.fingerprint LIMIT $7");
SQL(rows_beginning, "SELECT code, body, sealed FROM territory_line WHERE kind = $1 AND scope = $2"
		    " AND since = $3 AND seen = $3"
		    " AND (code > $4 OR (code = $4 AND fingerprint > $5))"
		    " ORDER BY code, fingerprint LIMIT $6");
/* The same whatever was laid down before: after an import that stopped in between. */
SQL(rows_absent, "SELECT o.code, o.body, o.sealed FROM territory_line o WHERE o.kind = $1"
		 " AND o.scope = $2 AND o.seen < $3"
		 " AND (o.code > $4 OR (o.code = $4 AND o.fingerprint > $5))"
		 " AND NOT EXISTS (SELECT 1 FROM territory_line n WHERE n.kind = $1"
		 " AND n.scope = $2 AND n.code = o.code AND n.seen = $3)"
		 " ORDER BY o.code, o.fingerprint LIMIT $6");
SQL(rows_present, "SELECT code, body, sealed FROM territory_line WHERE kind = $1 AND scope = $2"
		  " AND seen = $3 AND (code > $4 OR (code = $4 AND fingerprint > $5))"
		  " ORDER BY code, fingerprint LIMIT $6");
SQL(row_later, "SELECT 1 FROM territory_line WHERE kind = $1 AND scope = $2 AND code = $3"
	       " AND since > $4 LIMIT 1");
SQL(rows_replaced, "SELECT COUNT(*) FROM territory_line n WHERE n.kind = $1 AND n.scope = $2"
		   " AND n.since = $4 AND n.seen = $4"
		   " AND EXISTS (SELECT 1 FROM territory_line o WHERE o.kind = $1 AND o.scope = $2"
		   " AND o.code = n.code AND o.since <= $3 AND o.seen >= $3 AND o.seen < $4)");
SQL(rows_after, "SELECT code, fingerprint, seen FROM territory_line"
		" WHERE kind = $1 AND scope = $2 AND code >= $3 ORDER BY code, fingerprint"
		" LIMIT $4");
SQL(fingerprint_of_all, "SELECT CAST((SELECT COALESCE(SUM(current), 0) FROM territory_edition)"
			" + (SELECT COALESCE(SUM(version), 0) FROM competence) AS BIGINT)");
SQL(competence_put,
    "INSERT INTO competence (code, unit, version) VALUES ($1, $2, 1)"
    " ON CONFLICT (code) DO UPDATE SET unit = $2, version = competence.version + 1");
SQL(competence_all, "SELECT code, unit FROM competence WHERE unit IS NOT NULL ORDER BY code"
		    " LIMIT 1000000");

static const char *const kinds[TERRITORY_KINDS] = {
	"communes", "outlines", "gendarmerie", "police", "competence", "referents", "rne",
};

const char *territory_kind_name(enum territory_kind kind)
{
	return (unsigned)kind < TERRITORY_KINDS ? kinds[kind] : "";
}

int territory_kind_parse(struct str name, enum territory_kind *ret_kind)
{
	for (int i = 0; i < TERRITORY_KINDS; i++) {
		if (str_eq(name, str_from(kinds[i]))) {
			*ret_kind = (enum territory_kind)i;
			return 0;
		}
	}
	return -EINVAL;
}

/* --- editions */

static void bind_set(struct query *q, const struct territory_set *set)
{
	bind_i64(q, 1, set->kind);
	bind_text(q, 2, set->scope.len ? set->scope : STR(""));
}

int edition_load(struct vault *v, const struct territory_set *set, struct edition *ret_edition)
{
	struct query *q = db_query(vault_db(v), &edition_get);
	int r;

	*ret_edition = (struct edition){0};
	bind_set(q, set);
	r = query_step(q);
	if (r == 1)
		*ret_edition =
			(struct edition){column_i64(q, 0), column_i64(q, 1), column_i64(q, 2),
					 column_i64(q, 3), column_i64(q, 4)};
	db_done(q);
	return r < 0 ? r : 0;
}

int edition_start(struct vault *v, const struct territory_set *set, int64_t *ret_number)
{
	struct query *q = db_query(vault_db(v), &edition_next);

	bind_set(q, set);
	return db_number_after(q, 0, ret_number);
}

int edition_begin_units(struct vault *v, const struct territory_set *set, int64_t number)
{
	struct query *q = db_query(vault_db(v), &edition_apply);

	bind_set(q, set);
	bind_i64(q, 3, number);
	return db_done_after(q);
}

int edition_finish(struct vault *v, const struct territory_set *set, const struct edition *edition)
{
	struct query *q = db_query(vault_db(v), &edition_set);

	bind_set(q, set);
	bind_i64(q, 3, edition->last);
	bind_i64(q, 4, edition->rows);
	bind_i64(q, 5, edition->at_ms);
	return updated_one(v, q);
}

int territory_fingerprint(struct vault *v, int64_t *ret_fingerprint)
{
	return db_number_after(db_query(vault_db(v), &fingerprint_of_all), 0, ret_fingerprint);
}

/* --- lines */

struct row_key {
	const struct territory_set *set;
	struct str code, fingerprint;
};

static void bind_key(struct query *q, const struct row_key *key)
{
	bind_set(q, key->set);
	bind_text(q, 3, key->code);
	bind_blob(q, 4, key->fingerprint);
}

#define PEOPLE_LABEL STR("territory.people")

static bool is_of_people(enum territory_kind kind)
{
	return kind == TERRITORY_REFERENTS || kind == TERRITORY_MANDATES;
}

static int add_row(struct vault *v, const struct row_key *key, int64_t number, struct str text)
{
	bool sealed = is_of_people(key->set->kind);
	struct buf closed = BUF_INIT;
	struct query *q;
	int r = sealed ? vault_seal(v, vault_house_key(v), PEOPLE_LABEL, text, &closed) : 0;

	if (!r) {
		q = db_query(vault_db(v), &row_add);
		bind_key(q, key);
		bind_i64(q, 5, number);
		bind_text(q, 6, sealed ? STR("") : text);
		bind_blob(q, 7, buf_str(&closed));
		r = db_done_after(q);
	}
	buf_fini(&closed);
	return r;
}

/* Half a blind index, as text: which lines are of one commune shows, not of which. */
enum { BLIND_CODE_BYTES = 8, BLIND_CODE_SIZE = 2 * BLIND_CODE_BYTES + 1 };

static struct str stored_code(struct vault *v, enum territory_kind kind, struct str code,
			      char text[BLIND_CODE_SIZE])
{
	uint8_t blind[BLIND_SIZE];

	if (kind != TERRITORY_MANDATES)
		return code;
	vault_index(v, STR("territory.commune"), code, blind);
	hex_encode(blind, BLIND_CODE_BYTES, text);
	return str_from(text);
}

static void fingerprint(struct vault *v, enum territory_kind kind, struct str text,
			uint8_t out[FINGERPRINT_SIZE])
{
	uint8_t blind[BLIND_SIZE];
	struct hash hash;

	if (is_of_people(kind)) {
		vault_index(v, PEOPLE_LABEL, text, blind);
		memcpy(out, blind, FINGERPRINT_SIZE);
	} else {
		hash = hash_bytes(text);
		memcpy(out, hash.bytes, FINGERPRINT_SIZE);
	}
}

void territory_mark(struct vault *v, enum territory_kind kind, struct str text,
		    char out[TERRITORY_MARK_SIZE])
{
	uint8_t print[FINGERPRINT_SIZE];

	fingerprint(v, kind, text, print);
	hex_encode(print, sizeof(print), out);
}

static int mark_seen(struct vault *v, const struct row_key *key, int64_t since, int64_t seen)
{
	struct query *q = db_query(vault_db(v), &row_seen);

	bind_key(q, key);
	bind_i64(q, 5, since);
	bind_i64(q, 6, seen);
	return db_done_after(q);
}

int territory_put(struct vault *v, const struct territory_set *set, const struct edition *edition,
		  struct str code, struct str text, enum row_state *ret_state)
{
	uint8_t print[FINGERPRINT_SIZE];
	char blind_code[BLIND_CODE_SIZE];
	struct row_key key = {set, stored_code(v, set->kind, code, blind_code),
			      str_of(print, FINGERPRINT_SIZE)};
	struct query *q;
	int64_t since = 0, seen = 0;
	int r;

	fingerprint(v, set->kind, text, print);
	q = db_query(vault_db(v), &row_get);
	bind_key(q, &key);
	r = query_step(q);
	if (r == 1) {
		since = column_i64(q, 0);
		seen = column_i64(q, 1);
	}
	db_done(q);
	if (r < 0)
		return r;
	if (!r) {
		*ret_state = ROW_NEW;
		return add_row(v, &key, edition->last, text);
	}
	if (seen == edition->last) {
		*ret_state = ROW_TWICE;
		return 0;
	}
	/* One that had ended, or was laid down in vain, must not count before this edition does. */
	*ret_state = since <= edition->current && seen >= edition->current ? ROW_KNOWN : ROW_NEW;
	return mark_seen(v, &key, *ret_state == ROW_KNOWN ? since : edition->last, edition->last);
}

static int give_row(struct vault *v, struct query *q, territory_reader *on_row, void *context)
{
	struct buf open = BUF_INIT;
	int r;

	if (column_is_null(q, 2))
		return on_row(context, column_text(q, 0), column_text(q, 1));
	r = vault_unseal(v, PEOPLE_LABEL, column_blob(q, 2), &open);
	if (!r)
		r = on_row(context, column_text(q, 0), buf_str(&open));
	buf_fini(&open);
	return r;
}

static int each(struct vault *v, struct query *q, territory_reader *on_row, void *context)
{
	int r;

	while ((r = query_step(q)) == 1) {
		r = give_row(v, q, on_row, context);
		if (r)
			break;
	}
	db_done(q);
	return r;
}

void territory_fields(struct str text, struct str *fields, int count)
{
	for (int i = 0; i < count; i++)
		if (!str_split(&text, '|', &fields[i]))
			fields[i] = STR("");
}

int territory_about(struct vault *v, enum territory_kind kind, struct str code,
		    territory_reader *on_row, void *context)
{
	char blind_code[BLIND_CODE_SIZE];
	struct query *q;

	code = stored_code(v, kind, code, blind_code);
	q = db_query(vault_db(v), &rows_about);
	bind_i64(q, 1, kind);
	bind_text(q, 2, code);
	return each(v, q, on_row, context);
}

int territory_in_edition(struct vault *v, const struct territory_set *set, int64_t number,
			 struct str code, territory_reader *on_row, void *context)
{
	char blind_code[BLIND_CODE_SIZE];
	struct query *q;

	code = stored_code(v, set->kind, code, blind_code);
	q = db_query(vault_db(v), &rows_of_edition);
	bind_set(q, set);
	bind_text(q, 3, code);
	bind_i64(q, 4, number);
	return each(v, q, on_row, context);
}

int territory_each(struct vault *v, enum territory_kind kind, territory_reader *on_row,
		   void *context)
{
	struct query *q = db_query(vault_db(v), &rows_all);

	bind_i64(q, 1, kind);
	return each(v, q, on_row, context);
}

int territory_changes(struct vault *v, const struct territory_set *set,
		      const struct changes *changes, territory_reader *on_row, void *context)
{
	static const struct sql *const questions[] = {[CHANGE_ENDS] = &rows_ending,
						      [CHANGE_BEGINS] = &rows_beginning,
						      [CHANGE_GONE] = &rows_gone,
						      [CHANGE_PRESENT] = &rows_present,
						      [CHANGE_ABSENT] = &rows_absent};
	uint8_t print[FINGERPRINT_SIZE];
	ptrdiff_t len = hex_decode(changes->after_mark, print, sizeof(print));
	struct edition edition;
	struct query *q;
	int r = edition_load(v, set, &edition), at = 3;

	if (r)
		return r;
	q = db_query(vault_db(v), questions[changes->change]);
	bind_set(q, set);
	if (changes->change == CHANGE_ENDS || changes->change == CHANGE_GONE)
		bind_i64(q, at++, edition.current);
	bind_i64(q, at++, changes->number);
	bind_text(q, at++, changes->after.len ? changes->after : STR(""));
	bind_blob(q, at++, str_of(print, len > 0 ? (size_t)len : 0));
	bind_i64(q, at, changes->limit);
	return each(v, q, on_row, context);
}

int territory_said_anew(struct vault *v, const struct territory_set *set, struct str code,
			int64_t current, bool *ret_anew)
{
	struct query *q = db_query(vault_db(v), &row_later);

	bind_set(q, set);
	bind_text(q, 3, code);
	bind_i64(q, 4, current);
	return db_any_after(q, ret_anew);
}

int territory_count_replaced(struct vault *v, const struct territory_set *set, int64_t number,
			     int64_t *ret_count)
{
	struct edition edition;
	struct query *q;
	int r = edition_load(v, set, &edition);

	if (r)
		return r;
	q = db_query(vault_db(v), &rows_replaced);
	bind_set(q, set);
	bind_i64(q, 3, edition.current);
	bind_i64(q, 4, number);
	return db_number_after(q, 0, ret_count);
}

/* --- what ended */

static int remove_row(struct vault *v, const struct row_key *key)
{
	struct query *q = db_query(vault_db(v), &row_remove);

	bind_key(q, key);
	return db_done_after(q);
}

/* The keys of a page, copied out before any is removed. */
struct page {
	struct buf codes; /* each with its end */
	uint8_t fingerprints[SWEEP_ROWS][FINGERPRINT_SIZE];
	size_t code_at[SWEEP_ROWS];
	bool ended[SWEEP_ROWS];
	int count;
};

static int read_page(struct vault *v, const struct territory_set *set, int64_t current,
		     struct str after, struct page *page)
{
	struct query *q = db_query(vault_db(v), &rows_after);
	int r;

	bind_set(q, set);
	bind_text(q, 3, after);
	bind_i64(q, 4, SWEEP_ROWS);
	while ((r = query_step(q)) == 1) {
		struct str code = column_text(q, 0), fingerprint = column_blob(q, 1);

		if (fingerprint.len != FINGERPRINT_SIZE) {
			r = -EBADMSG;
			break;
		}
		page->code_at[page->count] = page->codes.len;
		buf_add_str(&page->codes, code);
		buf_add_byte(&page->codes, '\0');
		memcpy(page->fingerprints[page->count], fingerprint.ptr, FINGERPRINT_SIZE);
		page->ended[page->count++] = column_i64(q, 2) < current;
	}
	db_done(q);
	return r;
}

int territory_sweep(struct vault *v, const struct territory_set *set, struct str *after_code,
		    struct buf *keep, bool *ret_done)
{
	struct page page = {.codes = BUF_INIT};
	struct edition edition;
	int r = edition_load(v, set, &edition), removed = 0;

	if (!r)
		r = read_page(v, set, edition.current, *after_code, &page);
	for (int i = 0; !r && i < page.count; i++) {
		struct row_key key = {set, str_from(page.codes.ptr + page.code_at[i]),
				      str_of(page.fingerprints[i], FINGERPRINT_SIZE)};

		if (page.ended[i]) {
			r = remove_row(v, &key);
			removed++;
		}
	}
	*ret_done = page.count < SWEEP_ROWS;
	if (!r && !*ret_done) {
		buf_reset(keep);
		buf_add_str(keep, str_from(page.codes.ptr + page.code_at[page.count - 1]));
		/* A page of lines of one code only would come back for ever. */
		if (!removed && str_eq(buf_str(keep), *after_code))
			buf_add_byte(keep, ' ');
		*after_code = buf_str(keep);
	}
	buf_fini(&page.codes);
	return r;
}

/* --- by hand */

int competence_set(struct vault *v, struct str code, struct id unit)
{
	struct query *q = db_query(vault_db(v), &competence_put);

	bind_text(q, 1, code);
	bind_id(q, 2, unit);
	return db_done_after(q);
}

int competence_each(struct vault *v, competence_reader *on_row, void *context)
{
	struct query *q = db_query(vault_db(v), &competence_all);
	int r;

	while ((r = query_step(q)) == 1) {
		r = on_row(context, column_text(q, 0), column_id(q, 1));
		if (r)
			break;
	}
	db_done(q);
	return r;
}

struct id territory_unit_id(struct str institution, struct str public_id)
{
	struct buf name = BUF_INIT;
	struct hash hash;
	struct id id;

	buf_printf(&name, "%.*s:%.*s", STR_FMT(institution), STR_FMT(public_id));
	hash = hash_bytes(buf_str(&name));
	buf_fini(&name);
	memcpy(id.bytes, hash.bytes, sizeof(id.bytes));
	/* RFC 9562 §5.8: version 8, made of what it names. */
	id.bytes[6] = (uint8_t)(0x80 | (id.bytes[6] & 0x0f));
	id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
	return id;
}
