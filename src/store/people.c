/* Officials and their trusted persons: see people.h. */
#include "store/people.h"

#include <errno.h>

#include "base/clock.h"
#include "store/drafts.h"
#include "store/journal.h"
#include "store/own.h"
#include "store/sealed.h"

SQL(official_get, "SELECT unit, body, created_at, version, ended_at FROM official WHERE id = "
		  "$1");
SQL(official_where, "SELECT unit FROM official WHERE id = $1");
SQL(official_add, "INSERT INTO official (id, unit, body, version, created_at, changed) VALUES ($1, "
		  "$2, $3, $4, $5,"
		  " (SELECT value FROM counter WHERE name = 'official_change'))");
SQL(change_take, "UPDATE counter SET value = value + 1 WHERE name = 'official_change'");
SQL(changes_after, "SELECT id, changed FROM official WHERE changed > $1 ORDER BY changed, id"
		   " LIMIT $2");
SQL(officials_number, "SELECT COUNT(*) FROM official");
SQL(official_set, "UPDATE official SET unit = $2, body = $3, version = $4 + 1,"
		  " changed = (SELECT value FROM counter WHERE name = 'official_change')"
		  " WHERE id = $1 AND version = $4");
SQL(official_remove, "DELETE FROM official WHERE id = $1");
/* What was sent to them, and when they would have been asked. */
SQL(deadlines_remove, "DELETE FROM deadline WHERE alert = $1");
SQL(links_remove, "DELETE FROM link WHERE alert = $1");
SQL(receipts_remove,
    "DELETE FROM receipt WHERE outbox IN (SELECT id FROM outbox WHERE alert = $1)");
SQL(messages_remove, "DELETE FROM outbox WHERE alert = $1");
SQL(officials_after, "SELECT id FROM official WHERE id > $1 ORDER BY id LIMIT $2");
SQL(official_in_alert, "SELECT 1 FROM alert WHERE official = $1 AND closed_at IS NULL LIMIT 1");
SQL(devices_take, "UPDATE device SET official = NULL WHERE official = $1");

SQL(number_add, "INSERT INTO official_number (number, official) VALUES ($1, $2)"
		" ON CONFLICT (number, official) DO NOTHING");
SQL(numbers_remove, "DELETE FROM official_number WHERE official = $1");
SQL(number_find,
    "SELECT official FROM official_number WHERE number = $1 ORDER BY official LIMIT $2");

#define CONTACT_COLUMNS "id, official, rank, body, accepted_at, version"
SQL(contact_get, "SELECT " CONTACT_COLUMNS " FROM contact WHERE id = $1");
SQL(contacts_get,
    "SELECT " CONTACT_COLUMNS " FROM contact WHERE official = $1 ORDER BY rank, id LIMIT $2");
SQL(contacts_find,
    "SELECT " CONTACT_COLUMNS " FROM contact WHERE number = $1 ORDER BY id LIMIT $2");
SQL(contact_add, "INSERT INTO contact (id, official, rank, body, number, accepted_at, version)"
		 " VALUES ($1, $2, $3, $4, $5, $6, $7)");
SQL(contact_set,
    "UPDATE contact SET official = $2, rank = $3, body = $4, number = $5, accepted_at = $6,"
    " version = $7 + 1 WHERE id = $1 AND version = $7");
SQL(contact_count, "SELECT COUNT(*) FROM contact WHERE official = $1");
SQL(contact_remove, "DELETE FROM contact WHERE id = $1");
SQL(contacts_remove, "DELETE FROM contact WHERE official = $1");

#define OFFICIAL_LABEL STR("official.body")
#define CONTACT_LABEL STR("contact.body")
#define OFFICIAL_NUMBER_LABEL STR("official.number")
#define CONTACT_NUMBER_LABEL STR("contact.number")

/* Tags of the sealed records. Stored: never reuse one. */
enum official_tag {
	OFFICIAL_NAME = 1,
	OFFICIAL_MANDATE,
	OFFICIAL_COMMUNE,
	OFFICIAL_COMMUNE_CODE,
	OFFICIAL_PHONE,
	OFFICIAL_OTHER_PHONE, /* once a number */
	OFFICIAL_ADDRESS,
	OFFICIAL_ACCESS,
	OFFICIAL_REMARKS,
	OFFICIAL_HOUSEHOLD, /* decimal */
	OFFICIAL_PLACES,    /* of before they had kinds: one a line; read, not written */
	OFFICIAL_REASON,
	OFFICIAL_LEVEL,       /* decimal */
	OFFICIAL_FORCE,       /* decimal: enum force */
	OFFICIAL_NUMBER_KIND, /* decimal: enum number_kind, of the number just before */
	OFFICIAL_REGISTERED_MANDATE,
	OFFICIAL_OTHER_MANDATE, /* once a mandate */
	OFFICIAL_PLACE,         /* once a place */
	OFFICIAL_PLACE_KIND,    /* decimal: enum place_kind, of the place just before */
	OFFICIAL_PLACE_ACCESS,  /* of the place just before */
};
enum contact_tag { CONTACT_NAME = 1, CONTACT_RELATION, CONTACT_PHONE };

static int execute_on(struct vault *v, const struct sql *sql, struct id id)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_id(q, 1, id);
	return db_done_after(q);
}

/* The next field of a record, copied into the arena. */
static int next_field(struct cursor *record, struct arena *arena, uint8_t *ret_tag,
		      struct str *ret_text)
{
	struct str text;
	int r = record_next(record, ret_tag, &text);

	if (r == 1)
		*ret_text = (struct str){arena_copy(arena, text.ptr, text.len), text.len};
	return r;
}

/* ---- officials ---- */

static const char *const number_kinds[NUMBER_KINDS] = {"", "own", "home", "town_hall", "duty"};

const char *number_kind_name(enum number_kind kind)
{
	return number_kinds[kind];
}

int number_kind_parse(struct str name, enum number_kind *ret_kind)
{
	for (int i = 0; i < NUMBER_KINDS; i++) {
		if (!str_eq(name, str_from(number_kinds[i])))
			continue;
		*ret_kind = (enum number_kind)i;
		return 0;
	}
	return -EINVAL;
}

static const char *const place_kinds[PLACE_KINDS] = {"other", "second_home", "town_hall", "duty",
						     "work"};

const char *place_kind_name(enum place_kind kind)
{
	return place_kinds[kind];
}

int place_kind_parse(struct str name, enum place_kind *ret_kind)
{
	for (int i = 0; i < PLACE_KINDS; i++) {
		if (name.len && !str_eq(name, str_from(place_kinds[i])))
			continue;
		*ret_kind = (enum place_kind)i;
		return 0;
	}
	return -EINVAL;
}

static void official_text(struct official *o, uint8_t tag, struct str text)
{
	struct str *const places[] = {
		[OFFICIAL_NAME] = &o->name,
		[OFFICIAL_MANDATE] = &o->mandate,
		[OFFICIAL_COMMUNE] = &o->commune,
		[OFFICIAL_COMMUNE_CODE] = &o->commune_code,
		[OFFICIAL_PHONE] = &o->phone,
		[OFFICIAL_ADDRESS] = &o->address,
		[OFFICIAL_ACCESS] = &o->access,
		[OFFICIAL_REMARKS] = &o->remarks,
		[OFFICIAL_REASON] = &o->reason,
		[OFFICIAL_REGISTERED_MANDATE] = &o->registered_mandate,
	};

	if (tag < ARRAY_LEN(places) && places[tag])
		*places[tag] = text;
}

/* More lines than there may be places now: the last place has the rest, so that none is lost. */
static void read_place_lines(struct official *o, struct arena *arena, struct str lines)
{
	struct buf last = BUF_INIT;
	struct str line;

	while (str_split(&lines, '\n', &line)) {
		line = str_trim(line);
		if (!line.len)
			continue;
		if (o->place_count < OFFICIAL_MAX_PLACES) {
			o->places[o->place_count++].address = line;
			continue;
		}
		buf_reset(&last);
		buf_printf(&last, "%.*s, %.*s", STR_FMT(o->places[OFFICIAL_MAX_PLACES - 1].address),
			   STR_FMT(line));
		o->places[OFFICIAL_MAX_PLACES - 1].address =
			(struct str){arena_copy(arena, last.ptr, last.len), last.len};
	}
	buf_fini(&last);
}

/* A field of the place that was begun last. */
static void read_of_place(struct official *o, uint8_t tag, struct str text)
{
	struct official_place *place = &o->places[o->place_count - 1];
	int64_t number;

	if (tag == OFFICIAL_PLACE_ACCESS)
		place->access = text;
	else if (!str_parse_i64(text, 1, PLACE_KINDS - 1, &number))
		place->kind = (enum place_kind)number;
}

static int decode_official(struct str body, struct arena *arena, struct official *o)
{
	struct cursor record = cursor_of(body);
	struct str text;
	uint8_t tag;
	int r;

	while ((r = next_field(&record, arena, &tag, &text)) == 1) {
		int64_t number;

		if (tag == OFFICIAL_HOUSEHOLD && !str_parse_i64(text, 0, INT32_MAX, &number))
			o->household = (int)number;
		else if (tag == OFFICIAL_LEVEL &&
			 !str_parse_i64(text, 1, OFFICIAL_LEVEL_MAX, &number))
			o->level = (int)number;
		else if (tag == OFFICIAL_FORCE && !str_parse_i64(text, 1, FORCES - 1, &number))
			o->force = (enum force)number;
		else if (tag == OFFICIAL_NUMBER_KIND && o->other_count &&
			 !str_parse_i64(text, 1, NUMBER_KINDS - 1, &number))
			o->other_kinds[o->other_count - 1] = (enum number_kind)number;
		else if (tag == OFFICIAL_OTHER_PHONE && o->other_count < OFFICIAL_MAX_NUMBERS)
			o->others[o->other_count++] = text;
		else if (tag == OFFICIAL_OTHER_MANDATE && o->mandate_count < OFFICIAL_MAX_MANDATES)
			o->mandates[o->mandate_count++] = text;
		else if (tag == OFFICIAL_PLACES)
			read_place_lines(o, arena, text);
		else if (tag == OFFICIAL_PLACE && o->place_count < OFFICIAL_MAX_PLACES)
			o->places[o->place_count++].address = text;
		else if ((tag == OFFICIAL_PLACE_KIND || tag == OFFICIAL_PLACE_ACCESS) &&
			 o->place_count)
			read_of_place(o, tag, text);
		else
			official_text(o, tag, text);
	}
	return r;
}

static void encode_places(const struct official *o, struct buf *body)
{
	char number[16];

	for (unsigned i = 0; i < o->place_count; i++) {
		const struct official_place *place = &o->places[i];

		record_put(body, OFFICIAL_PLACE, place->address);
		if (place->kind) {
			snprintf(number, sizeof(number), "%d", (int)place->kind);
			record_put(body, OFFICIAL_PLACE_KIND, str_from(number));
		}
		record_put(body, OFFICIAL_PLACE_ACCESS, place->access);
	}
}

static void encode_official(const struct official *o, struct buf *body)
{
	char number[16];

	record_put(body, OFFICIAL_NAME, o->name);
	record_put(body, OFFICIAL_MANDATE, o->mandate);
	for (unsigned i = 0; i < o->mandate_count; i++)
		record_put(body, OFFICIAL_OTHER_MANDATE, o->mandates[i]);
	record_put(body, OFFICIAL_COMMUNE, o->commune);
	record_put(body, OFFICIAL_COMMUNE_CODE, o->commune_code);
	record_put(body, OFFICIAL_PHONE, o->phone);
	for (unsigned i = 0; i < o->other_count; i++) {
		record_put(body, OFFICIAL_OTHER_PHONE, o->others[i]);
		if (!o->other_kinds[i])
			continue;
		snprintf(number, sizeof(number), "%d", (int)o->other_kinds[i]);
		record_put(body, OFFICIAL_NUMBER_KIND, str_from(number));
	}
	record_put(body, OFFICIAL_ADDRESS, o->address);
	record_put(body, OFFICIAL_ACCESS, o->access);
	record_put(body, OFFICIAL_REMARKS, o->remarks);
	if (o->household >= 0) {
		snprintf(number, sizeof(number), "%d", o->household);
		record_put(body, OFFICIAL_HOUSEHOLD, str_from(number));
	}
	encode_places(o, body);
	record_put(body, OFFICIAL_REASON, o->reason);
	record_put(body, OFFICIAL_REGISTERED_MANDATE, o->registered_mandate);
	if (o->level) {
		snprintf(number, sizeof(number), "%d", o->level);
		record_put(body, OFFICIAL_LEVEL, str_from(number));
	}
	if (o->force) {
		snprintf(number, sizeof(number), "%d", (int)o->force);
		record_put(body, OFFICIAL_FORCE, str_from(number));
	}
}

int official_load(struct vault *v, struct arena *arena, struct id id, struct official *ret_official)
{
	struct query *q = db_query(vault_db(v), &official_get);
	struct official o = {.id = id, .household = -1};
	struct buf body = BUF_INIT;
	int r;

	bind_id(q, 1, id);
	r = step_to_row(q);
	if (!r) {
		o.unit = column_id(q, 0);
		o.created_at_ms = column_i64(q, 2);
		o.version = column_i64(q, 3);
		o.ended = !column_is_null(q, 4);
		r = vault_unseal(v, OFFICIAL_LABEL, column_blob(q, 1), &body);
	}
	db_done(q);
	if (!r)
		r = decode_official(buf_str(&body), arena, &o);
	if (!r)
		*ret_official = o;
	buf_fini(&body);
	return r;
}

int official_unit(struct vault *v, struct id id, struct id *ret_unit)
{
	struct query *q = db_query(vault_db(v), &official_where);

	bind_id(q, 1, id);
	return id_after(q, ret_unit);
}

static int add_number(struct vault *v, struct id official, struct str number)
{
	uint8_t index[BLIND_SIZE];
	struct query *q;

	if (!number.len)
		return 0;
	vault_index(v, OFFICIAL_NUMBER_LABEL, number, index);
	q = db_query(vault_db(v), &number_add);
	bind_blob(q, 1, str_of(index, sizeof(index)));
	bind_id(q, 2, official);
	return db_done_after(q);
}

static int write_numbers(struct vault *v, const struct official *o)
{
	int r = execute_on(v, &numbers_remove, o->id);

	if (r || o->ended)
		return r;
	r = add_number(v, o->id, o->phone);
	for (unsigned i = 0; !r && i < o->other_count; i++)
		r = add_number(v, o->id, o->others[i]);
	return r;
}

/* Leaves the last parameter, which only an insertion has, to the caller. */
static struct query *bind_official(struct vault *v, const struct sql *sql, const struct official *o,
				   struct str body)
{
	struct query *q = db_query(vault_db(v), sql);

	bind_id(q, 1, o->id);
	bind_id(q, 2, o->unit);
	bind_blob(q, 3, body);
	bind_i64(q, 4, o->version);
	return q;
}

static int seal_official(struct vault *v, const struct official *o, struct buf *out)
{
	struct buf plain = BUF_INIT;
	int r;

	encode_official(o, &plain);
	r = vault_seal(v, o->id, OFFICIAL_LABEL, buf_str(&plain), out);
	buf_fini(&plain);
	return r;
}

int official_insert(struct vault *v, const struct official *official)
{
	struct buf body = BUF_INIT;
	int r = vault_new_key(v, official->id);

	if (!r)
		r = db_done_after(db_query(vault_db(v), &change_take));

	if (!r)
		r = seal_official(v, official, &body);
	if (!r) {
		struct query *q = bind_official(v, &official_add, official, buf_str(&body));

		bind_i64(q, 5, official->created_at_ms);
		r = db_done_after(q);
	}
	if (!r)
		r = write_numbers(v, official);
	buf_fini(&body);
	return r;
}

int official_update(struct vault *v, struct official *official)
{
	struct buf body = BUF_INIT;
	int r = seal_official(v, official, &body);

	if (!r)
		r = db_done_after(db_query(vault_db(v), &change_take));
	if (!r)
		r = updated_one(v, bind_official(v, &official_set, official, buf_str(&body)));
	if (!r)
		r = write_numbers(v, official);
	if (!r)
		official->version++;
	buf_fini(&body);
	return r;
}

static int forget_correction(struct vault *v, struct id official)
{
	struct id draft;
	int r = draft_of_official(v, official, &draft);

	return r ? (r == -ENOENT ? 0 : r) : draft_delete(v, draft);
}

int official_purge(struct vault *v, struct id id)
{
	static const struct sql *const removals[] = {
		&devices_take, &contacts_remove, &numbers_remove, &deadlines_remove,
		&links_remove, &receipts_remove, &messages_remove};
	struct query *q = db_query(vault_db(v), &official_in_alert);
	int r;

	bind_id(q, 1, id);
	r = query_step(q);
	db_done(q);
	if (r)
		return r == 1 ? -ENOTEMPTY : r;
	for (size_t i = 0; !r && i < ARRAY_LEN(removals); i++)
		r = execute_on(v, removals[i], id);
	if (!r) {
		q = db_query(vault_db(v), &official_remove);
		bind_id(q, 1, id);
		r = deleted_one(v, q);
	}
	if (!r)
		r = own_forget(v, id);
	if (!r)
		r = forget_correction(v, id);
	return r ? r : journal_forget(v, id);
}

int officials_by_number(struct vault *v, struct str number, struct id *out, unsigned cap,
			unsigned *ret_count)
{
	struct query *q = db_query(vault_db(v), &number_find);
	uint8_t index[BLIND_SIZE];
	unsigned count = 0;
	int r;

	vault_index(v, OFFICIAL_NUMBER_LABEL, number, index);
	bind_blob(q, 1, str_of(index, sizeof(index)));
	bind_i64(q, 2, cap);
	while ((r = query_step(q)) == 1)
		out[count++] = column_id(q, 0);
	db_done(q);
	if (!r)
		*ret_count = count;
	return r;
}

int officials_each(struct vault *v, struct id after, int limit, official_reader *on_official,
		   void *context)
{
	struct query *q = db_query(vault_db(v), &officials_after);
	int r;

	bind_after(q, 1, &after);
	bind_i64(q, 2, limit);
	while ((r = query_step(q)) == 1) {
		r = on_official(context, column_id(q, 0));
		if (r)
			break;
	}
	db_done(q);
	return r;
}

int officials_changed(struct vault *v, int64_t changed, int limit, change_reader *on_change,
		      void *context)
{
	struct query *q = db_query(vault_db(v), &changes_after);
	struct {
		struct id id;
		int64_t changed;
	} *list = xcalloc((size_t)limit, sizeof(*list));
	int count = 0, r;

	bind_i64(q, 1, changed);
	bind_i64(q, 2, limit);
	while ((r = query_step(q)) == 1) {
		list[count].id = column_id(q, 0);
		list[count++].changed = column_i64(q, 1);
	}
	db_done(q);
	for (int i = 0; !r && i < count; i++)
		r = on_change(context, list[i].id, list[i].changed);
	free(list);
	return r;
}

int officials_count(struct vault *v, int64_t *ret_count)
{
	return db_number_after(db_query(vault_db(v), &officials_number), 0, ret_count);
}

/* ---- contacts ---- */

static int decode_contact(struct str body, struct arena *arena, struct contact *c)
{
	struct str *const places[] = {[CONTACT_NAME] = &c->name,
				      [CONTACT_RELATION] = &c->relation,
				      [CONTACT_PHONE] = &c->phone};
	struct cursor record = cursor_of(body);
	struct str text;
	uint8_t tag;
	int r;

	while ((r = next_field(&record, arena, &tag, &text)) == 1)
		if (tag < ARRAY_LEN(places) && places[tag])
			*places[tag] = text;
	return r;
}

static int read_contact(struct vault *v, struct query *q, struct arena *arena,
			struct contact *ret_contact)
{
	struct contact c = {
		.id = column_id(q, 0),
		.official = column_id(q, 1),
		.rank = (int)column_i64(q, 2),
		.accepted_at_ms = column_time(q, 4),
		.version = column_i64(q, 5),
	};
	struct buf body = BUF_INIT;
	int r = vault_unseal(v, CONTACT_LABEL, column_blob(q, 3), &body);

	if (!r)
		r = decode_contact(buf_str(&body), arena, &c);
	if (!r)
		*ret_contact = c;
	buf_fini(&body);
	return r;
}

static int read_contacts(struct vault *v, struct query *q, struct arena *arena, unsigned cap,
			 struct contact **ret_contacts, unsigned *ret_count)
{
	struct contact *contacts = arena_alloc(arena, cap * sizeof(*contacts));
	unsigned count = 0;
	int r;

	while ((r = query_step(q)) == 1) {
		r = read_contact(v, q, arena, &contacts[count]);
		if (r)
			break;
		count++;
	}
	db_done(q);
	if (!r) {
		*ret_contacts = contacts;
		*ret_count = count;
	}
	return r;
}

int contact_load(struct vault *v, struct arena *arena, struct id id, struct contact *ret_contact)
{
	struct query *q = db_query(vault_db(v), &contact_get);
	int r;

	bind_id(q, 1, id);
	r = step_to_row(q);
	if (!r)
		r = read_contact(v, q, arena, ret_contact);
	db_done(q);
	return r;
}

int contacts_of(struct vault *v, struct arena *arena, struct id official,
		struct contact **ret_contacts, unsigned *ret_count)
{
	struct query *q = db_query(vault_db(v), &contacts_get);

	bind_id(q, 1, official);
	bind_i64(q, 2, OFFICIAL_MAX_CONTACTS);
	return read_contacts(v, q, arena, OFFICIAL_MAX_CONTACTS, ret_contacts, ret_count);
}

int contact_by_number(struct vault *v, struct arena *arena, struct str number,
		      struct contact **ret_contacts, unsigned *ret_count)
{
	struct query *q = db_query(vault_db(v), &contacts_find);
	uint8_t index[BLIND_SIZE];

	vault_index(v, CONTACT_NUMBER_LABEL, number, index);
	bind_blob(q, 1, str_of(index, sizeof(index)));
	bind_i64(q, 2, CONTACTS_BY_NUMBER_MAX);
	return read_contacts(v, q, arena, CONTACTS_BY_NUMBER_MAX, ret_contacts, ret_count);
}

static int write_contact(struct vault *v, const struct sql *sql, const struct contact *c)
{
	struct buf plain = BUF_INIT, body = BUF_INIT;
	uint8_t index[BLIND_SIZE];
	struct query *q;
	int r;

	record_put(&plain, CONTACT_NAME, c->name);
	record_put(&plain, CONTACT_RELATION, c->relation);
	record_put(&plain, CONTACT_PHONE, c->phone);
	vault_index(v, CONTACT_NUMBER_LABEL, c->phone, index);
	r = vault_seal(v, c->official, CONTACT_LABEL, buf_str(&plain), &body);
	if (!r) {
		q = db_query(vault_db(v), sql);
		bind_id(q, 1, c->id);
		bind_id(q, 2, c->official);
		bind_i64(q, 3, c->rank);
		bind_blob(q, 4, buf_str(&body));
		bind_blob(q, 5, str_of(index, sizeof(index)));
		bind_time(q, 6, c->accepted_at_ms);
		bind_i64(q, 7, c->version);
		r = updated_one(v, q);
	}
	buf_fini(&plain);
	buf_fini(&body);
	return r;
}

int contact_insert(struct vault *v, const struct contact *contact)
{
	struct query *q = db_query(vault_db(v), &contact_count);
	int r;

	bind_id(q, 1, contact->official);
	r = step_to_row(q);
	if (!r && column_i64(q, 0) >= OFFICIAL_MAX_CONTACTS)
		r = -E2BIG;
	db_done(q);
	return r ? r : write_contact(v, &contact_add, contact);
}

int contact_update(struct vault *v, struct contact *contact)
{
	int r = write_contact(v, &contact_set, contact);

	if (!r)
		contact->version++;
	return r;
}

int contact_delete(struct vault *v, struct id id)
{
	return execute_on(v, &contact_remove, id);
}
