/* Alerts as rows: see alerts.h. */
#include "store/alerts.h"

#include <errno.h>

#include "base/cursor.h"
#include "store/sealed.h"

#define ALERT_FIELDS                                                                              \
	"ref, state, test, silent, official, device, unit, rooms, reasons, raised_at, device_at," \
	" last_trigger_at, triggers, ladder_from, painted_at, acted_at, claimed_by, claimed_at,"  \
	" level, climbed, closed_at, outcome, device_lost, duty_failed, device_losses, ending, "  \
	"phone, offered_at, merged_into, merged_ref, calls_seen, chain_rests, chain_from"

SQL(ref_take, "UPDATE counter SET value = value + 1 WHERE name = 'alert_ref'");
SQL(ref_get, "SELECT value FROM counter WHERE name = 'alert_ref'");
SQL(alert_add,
    "INSERT INTO alert (" ALERT_FIELDS ", version, id, face) VALUES ($1, $2, $3, $4, $5, $6,"
    " $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, "
    "$25, $26, $27, $28, $29, $30, $31, $32, $33, 1, $34, $35)");
SQL(alert_set,
    "UPDATE alert SET state = $2, silent = $3, rooms = $4, reasons = $5, last_trigger_at = $6,"
    " triggers = $7, ladder_from = $8, painted_at = $9, acted_at = $10, claimed_by = $11,"
    " claimed_at = $12, level = $13, climbed = $14, outcome = $15, device_lost = $16,"
    " duty_failed = $17, device_losses = $18, ending = $19, phone = $20, offered_at = $21,"
    " merged_into = $22, merged_ref = $23, calls_seen = $24, chain_rests = $25, chain_from = $26,"
    " version = version + 1 WHERE id = $1 AND version = $27");
SQL(merged_open, "SELECT id FROM alert WHERE merged_into = $1 AND closed_at IS NULL ORDER BY ref"
		 " LIMIT $2");
SQL(merged_all, "SELECT id FROM alert WHERE merged_into = $1 ORDER BY ref LIMIT $2");
SQL(merged_closed, "SELECT id FROM alert WHERE merged_into = $1 AND closed_at = $2 ORDER BY ref"
		   " LIMIT $3");
/* What comes after a reopening has a trail of its own to forget. Apart: SQLite writes every index
 * that names a column of the list, changed or not. */
SQL(alert_set_closed, "UPDATE alert SET closed_at = $2, trail_forgotten = 0 WHERE id = $1");
SQL(alert_get, "SELECT " ALERT_FIELDS ", version, face FROM alert WHERE id = $1");
SQL(of_ref, "SELECT id FROM alert WHERE ref = $1");
SQL(ref_of, "SELECT ref FROM alert WHERE id = $1");
SQL(outline_get, "SELECT rooms, device, device_lost FROM alert WHERE id = $1");
#define NEWEST_OPEN(owner, test)                                     \
	"SELECT id FROM alert WHERE " owner " = $1 AND test = " test \
	" AND closed_at IS NULL ORDER BY ref DESC LIMIT 1"
SQL(open_of_device, "SELECT (" NEWEST_OPEN("device", "$2") "), (" NEWEST_OPEN("device", "$3") ")");
SQL(open_of_official, NEWEST_OPEN("official", "$2"));
SQL(open_all, "SELECT id FROM alert WHERE closed_at IS NULL ORDER BY ref DESC LIMIT $1");
SQL(held_by, "SELECT id FROM alert WHERE closed_at IS NULL AND claimed_by = $1"
	     " ORDER BY ref LIMIT $2");
SQL(open_count, "SELECT COUNT(*), COUNT(CASE WHEN claimed_by IS NULL THEN 1 END) FROM alert"
		" WHERE closed_at IS NULL AND test = 0 AND merged_into IS NULL");
SQL(test_count, "SELECT COUNT(*) FROM alert WHERE closed_at IS NULL AND test = 1");
SQL(closed_all,
    "SELECT id FROM alert WHERE closed_at IS NOT NULL AND ref < $1 ORDER BY ref DESC LIMIT $2");
SQL(all_open_of_official, "SELECT id FROM alert WHERE official = $1 AND closed_at IS NULL"
			  " ORDER BY ref DESC LIMIT $2");
SQL(closed_of_official, "SELECT id FROM alert WHERE official = $1 AND closed_at IS NOT NULL"
			" ORDER BY ref DESC LIMIT $2");
/* One index for what is open, one for what is over: a call need not write the second. */
SQL(of_official, "SELECT id FROM (SELECT id, ref FROM alert WHERE official = $1 AND closed_at IS"
		 " NULL UNION ALL SELECT id, ref FROM alert WHERE official = $1 AND closed_at IS"
		 " NOT NULL) AS a ORDER BY ref DESC LIMIT $2");

SQL(dispatch_put,
    "INSERT INTO alert_dispatch (id, alert, unit, state, message, silent, sent_at, received_at,"
    " en_route_at, arrived_at, ended_at, late) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
    "$11, $12)"
    " ON CONFLICT (id) DO UPDATE SET state = $4, message = $5, silent = $6, received_at = $8,"
    " en_route_at = $9, arrived_at = $10, ended_at = $11, late = $12");
SQL(dispatches_get, "SELECT id, unit, state, message, silent, sent_at, received_at, en_route_at,"
		    " arrived_at, ended_at, late FROM alert_dispatch WHERE alert = $1 ORDER BY "
		    "sent_at, id LIMIT $2");
SQL(unit_live, "SELECT 1 FROM alert_dispatch WHERE unit = $1 AND ended_at IS NULL LIMIT 1");

SQL(contact_put,
    "INSERT INTO alert_contact (alert, contact, message, asked_at, answered_at, attempts,"
    " silent, link_revoked, late) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (alert, "
    "contact)"
    " DO UPDATE SET message = $3, asked_at = $4, answered_at = $5, attempts = $6, silent = $7,"
    " link_revoked = $8, late = $9");
/* Whoever was asked stays in the alert, even when they leave the official's list meanwhile. */
SQL(contacts_get, "SELECT c.id, c.rank, a.message, a.asked_at, a.answered_at, a.attempts, a.silent,"
		  " a.link_revoked, a.late FROM contact c LEFT JOIN alert_contact a ON a.contact = "
		  "c.id AND a.alert = $1"
		  " WHERE c.official = $2 AND (c.accepted_at IS NOT NULL OR a.contact IS NOT NULL)"
		  " ORDER BY c.rank, c.id LIMIT $3");

#define FACE_LABEL STR("alert.face")

static void add_text(struct buf *b, struct str text)
{
	buf_add_u16(b, (uint16_t)(text.len > UINT16_MAX ? UINT16_MAX : text.len));
	buf_add(b, text.ptr, text.len > UINT16_MAX ? UINT16_MAX : text.len);
}

static void face_encode(const struct alert_face *face, struct buf *out)
{
	add_text(out, face->official_name);
	add_text(out, face->mandate);
	add_text(out, face->commune);
	add_text(out, face->device_label);
	buf_add_u16(out, (uint16_t)face->protocol);
}

static struct str take_text(struct cursor *c, struct arena *arena)
{
	struct str text = cursor_take(c, cursor_u16(c));

	return str_of(arena_copy(arena, text.ptr, text.len), text.len);
}

static int face_decode(struct str bytes, struct arena *arena, struct alert_face *ret_face)
{
	struct cursor c = cursor_of(bytes);

	ret_face->official_name = take_text(&c, arena);
	ret_face->mandate = take_text(&c, arena);
	ret_face->commune = take_text(&c, arena);
	ret_face->device_label = take_text(&c, arena);
	ret_face->protocol = cursor_u16(&c);
	return cursor_ok(&c) ? 0 : -EBADMSG;
}

int alert_next_ref(struct vault *v, int64_t *ret_ref)
{
	int r = db_done_after(db_query(vault_db(v), &ref_take));
	struct query *q;

	if (r)
		return r;
	q = db_query(vault_db(v), &ref_get);
	r = query_step(q);
	if (r == 1) {
		*ret_ref = column_i64(q, 0);
		r = 0;
	} else if (r == 0) {
		r = -EIO;
	}
	db_done(q);
	return r;
}

static void bind_fields(struct query *q, const struct alert *a)
{
	bind_i64(q, 1, a->ref);
	bind_i64(q, 2, a->state);
	bind_bool(q, 3, a->test);
	bind_bool(q, 4, a->silent);
	bind_id(q, 5, a->official);
	bind_id(q, 6, a->device);
	bind_id(q, 7, a->unit);
	bind_blob(q, 8, str_of(a->rooms, a->room_count * sizeof(a->rooms[0])));
	bind_i64(q, 9, a->reasons);
	bind_time(q, 10, a->raised_at_ms);
	bind_time(q, 11, a->device_at_ms);
	bind_time(q, 12, a->last_trigger_at_ms);
	bind_i64(q, 13, a->triggers);
	bind_time(q, 14, a->ladder_from_ms);
	bind_time(q, 15, a->painted_at_ms);
	bind_time(q, 16, a->acted_at_ms);
	bind_id(q, 17, a->claimed_by);
	bind_time(q, 18, a->claimed_at_ms);
	bind_i64(q, 19, a->level);
	bind_i64(q, 20, a->climbed);
	bind_time(q, 21, a->closed_at_ms);
	bind_i64(q, 22, a->outcome);
	bind_bool(q, 23, a->device_lost);
	bind_bool(q, 24, a->duty_failed);
	bind_i64(q, 25, a->device_losses);
	bind_i64(q, 26, a->ending);
	bind_id(q, 27, a->phone);
	bind_time(q, 28, a->offered_at_ms);
	bind_id(q, 29, a->merged_into);
	bind_i64(q, 30, a->merged_ref);
	bind_i64(q, 31, a->calls_seen);
	bind_bool(q, 32, a->chain_rests);
	bind_time(q, 33, a->chain_from_ms);
	bind_id(q, 34, a->id);
}

static unsigned column_rooms(struct query *q, int at, struct id rooms[ALERT_MAX_ROOMS])
{
	struct str flat = column_blob(q, at);
	size_t count = flat.len / sizeof(rooms[0]);

	if (count > ALERT_MAX_ROOMS)
		count = ALERT_MAX_ROOMS;
	if (count)
		memcpy(rooms, flat.ptr, count * sizeof(rooms[0]));
	return (unsigned)count;
}

static void column_fields(struct query *q, struct alert *a)
{

	a->ref = column_i64(q, 0);
	a->state = (enum alert_state)column_i64(q, 1);
	a->test = column_bool(q, 2);
	a->silent = column_bool(q, 3);
	a->official = column_id(q, 4);
	a->device = column_id(q, 5);
	a->unit = column_id(q, 6);
	a->room_count = column_rooms(q, 7, a->rooms);
	a->reasons = (uint32_t)column_i64(q, 8);
	a->raised_at_ms = column_time(q, 9);
	a->device_at_ms = column_time(q, 10);
	a->last_trigger_at_ms = column_time(q, 11);
	a->triggers = column_i64(q, 12);
	a->ladder_from_ms = column_time(q, 13);
	a->painted_at_ms = column_time(q, 14);
	a->acted_at_ms = column_time(q, 15);
	a->claimed_by = column_id(q, 16);
	a->claimed_at_ms = column_time(q, 17);
	a->level = (int)column_i64(q, 18);
	a->climbed = (uint32_t)column_i64(q, 19);
	a->closed_at_ms = column_time(q, 20);
	a->outcome = (enum alert_outcome)column_i64(q, 21);
	a->device_lost = column_bool(q, 22);
	a->duty_failed = column_bool(q, 23);
	a->device_losses = (unsigned)column_i64(q, 24);
	a->ending = (enum alert_ending)column_i64(q, 25);
	a->phone = column_id(q, 26);
	a->offered_at_ms = column_time(q, 27);
	a->merged_into = column_id(q, 28);
	a->merged_ref = column_i64(q, 29);
	a->calls_seen = column_i64(q, 30);
	a->chain_rests = column_bool(q, 31);
	a->chain_from_ms = column_time(q, 32);
	a->version = column_i64(q, 33);
}

static int put_dispatch(struct vault *v, struct id alert, const struct dispatch *d)
{
	struct query *q = db_query(vault_db(v), &dispatch_put);

	bind_id(q, 1, d->id);
	bind_id(q, 2, alert);
	bind_id(q, 3, d->unit);
	bind_i64(q, 4, d->state);
	bind_i64(q, 5, d->message);
	bind_bool(q, 6, d->silent);
	bind_time(q, 7, d->sent_at_ms);
	bind_time(q, 8, d->received_at_ms);
	bind_time(q, 9, d->en_route_at_ms);
	bind_time(q, 10, d->arrived_at_ms);
	bind_time(q, 11, d->ended_at_ms);
	bind_bool(q, 12, d->late);
	return db_done_after(q);
}

static int put_contact(struct vault *v, struct id alert, const struct reach *c)
{
	struct query *q = db_query(vault_db(v), &contact_put);

	bind_id(q, 1, alert);
	bind_id(q, 2, c->contact);
	bind_i64(q, 3, c->message);
	bind_time(q, 4, c->asked_at_ms);
	bind_time(q, 5, c->answered_at_ms);
	bind_i64(q, 6, c->attempts);
	bind_bool(q, 7, c->silent);
	bind_bool(q, 8, c->link_revoked);
	bind_bool(q, 9, c->late);
	return db_done_after(q);
}

static int put_parts(struct vault *v, const struct alert *a)
{
	int r = 0;

	for (unsigned i = 0; !r && i < a->dispatch_count; i++)
		if (a->dispatches[i].changed)
			r = put_dispatch(v, a->id, &a->dispatches[i]);
	for (unsigned i = 0; !r && i < a->contact_count; i++)
		if (a->contacts[i].changed)
			r = put_contact(v, a->id, &a->contacts[i]);
	return r;
}

int alert_insert(struct vault *v, const struct alert *alert, const struct alert_face *face)
{
	struct buf plain = BUF_INIT, sealed = BUF_INIT;
	struct query *q;
	int r = vault_new_key(v, alert->id);

	if (r)
		return r;
	face_encode(face, &plain);
	r = vault_seal(v, alert->id, FACE_LABEL, buf_str(&plain), &sealed);
	if (!r) {
		q = db_query(vault_db(v), &alert_add);
		bind_fields(q, alert);
		bind_blob(q, 35, buf_str(&sealed));
		r = db_done_after(q);
	}
	buf_fini(&plain);
	buf_fini(&sealed);
	return r ? r : put_parts(v, alert);
}

static int set_closed(struct vault *v, const struct alert *alert)
{
	struct query *q = db_query(vault_db(v), &alert_set_closed);

	bind_id(q, 1, alert->id);
	bind_time(q, 2, alert->closed_at_ms);
	return db_done_after(q);
}

int alert_update(struct vault *v, const struct alert *a)
{
	struct query *q = db_query(vault_db(v), &alert_set);
	int r;

	bind_id(q, 1, a->id);
	bind_i64(q, 2, a->state);
	bind_bool(q, 3, a->silent);
	bind_blob(q, 4, str_of(a->rooms, a->room_count * sizeof(a->rooms[0])));
	bind_i64(q, 5, a->reasons);
	bind_time(q, 6, a->last_trigger_at_ms);
	bind_i64(q, 7, a->triggers);
	bind_time(q, 8, a->ladder_from_ms);
	bind_time(q, 9, a->painted_at_ms);
	bind_time(q, 10, a->acted_at_ms);
	bind_id(q, 11, a->claimed_by);
	bind_time(q, 12, a->claimed_at_ms);
	bind_i64(q, 13, a->level);
	bind_i64(q, 14, a->climbed);
	bind_i64(q, 15, a->outcome);
	bind_bool(q, 16, a->device_lost);
	bind_bool(q, 17, a->duty_failed);
	bind_i64(q, 18, a->device_losses);
	bind_i64(q, 19, a->ending);
	bind_id(q, 20, a->phone);
	bind_time(q, 21, a->offered_at_ms);
	bind_id(q, 22, a->merged_into);
	bind_i64(q, 23, a->merged_ref);
	bind_i64(q, 24, a->calls_seen);
	bind_bool(q, 25, a->chain_rests);
	bind_time(q, 26, a->chain_from_ms);
	bind_i64(q, 27, a->version);
	r = db_done_after(q);
	if (!r && db_changes(vault_db(v)) != 1)
		r = -ESTALE;
	if (!r && a->closing_changed)
		r = set_closed(v, a);
	return r ? r : put_parts(v, a);
}

static int load_dispatches(struct vault *v, struct alert *a)
{
	struct query *q = db_query(vault_db(v), &dispatches_get);
	int r;

	bind_id(q, 1, a->id);
	bind_i64(q, 2, ALERT_MAX_DISPATCHES);
	while ((r = query_step(q)) == 1) {
		struct dispatch *d = &a->dispatches[a->dispatch_count++];

		d->id = column_id(q, 0);
		d->unit = column_id(q, 1);
		d->state = (enum dispatch_state)column_i64(q, 2);
		d->message = (enum message_state)column_i64(q, 3);
		d->silent = column_bool(q, 4);
		d->sent_at_ms = column_time(q, 5);
		d->received_at_ms = column_time(q, 6);
		d->en_route_at_ms = column_time(q, 7);
		d->arrived_at_ms = column_time(q, 8);
		d->ended_at_ms = column_time(q, 9);
		d->late = column_bool(q, 10);
	}
	db_done(q);
	return r;
}

int alert_load_contacts(struct vault *v, struct alert *a)
{
	struct query *q;
	int r;

	if (id_is_none(a->official))
		return 0;
	q = db_query(vault_db(v), &contacts_get);
	bind_id(q, 1, a->id);
	bind_id(q, 2, a->official);
	bind_i64(q, 3, ALERT_MAX_CONTACTS);
	while ((r = query_step(q)) == 1) {
		struct reach *c = &a->contacts[a->contact_count++];

		c->contact = column_id(q, 0);
		c->rank = (int)column_i64(q, 1);
		c->message = (enum message_state)column_i64(q, 2);
		c->asked_at_ms = column_time(q, 3);
		c->answered_at_ms = column_time(q, 4);
		c->attempts = (int)column_i64(q, 5);
		c->silent = column_bool(q, 6);
		c->link_revoked = column_bool(q, 7);
		c->late = column_bool(q, 8);
	}
	db_done(q);
	return r;
}

static int load_face(struct vault *v, struct arena *arena, struct str sealed,
		     struct alert_face *ret_face)
{
	struct buf plain = BUF_INIT;
	int r = vault_unseal(v, FACE_LABEL, sealed, &plain);

	if (!r)
		r = face_decode(buf_str(&plain), arena, ret_face);
	else if (r == -ENOENT) /* purged: the alert stays, without a face */
		r = 0;
	buf_fini(&plain);
	return r;
}

int alert_load(struct vault *v, struct arena *arena, struct id id, struct alert *ret_alert,
	       struct alert_face *ret_face)
{
	struct query *q = db_query(vault_db(v), &alert_get);
	int r;

	bind_id(q, 1, id);
	r = query_step(q);
	if (r == 1) {
		*ret_alert = (struct alert){.id = id};
		column_fields(q, ret_alert);
		r = 0;
		if (ret_face) {
			*ret_face = (struct alert_face){0};
			r = load_face(v, arena, column_blob(q, 34), ret_face);
		}
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_done(q);
	if (!r)
		r = load_dispatches(v, ret_alert);
	return r ? r : alert_load_contacts(v, ret_alert);
}

int alert_by_ref(struct vault *v, int64_t ref, struct id *ret_alert)
{
	struct query *q = db_query(vault_db(v), &of_ref);

	bind_i64(q, 1, ref);
	return id_after(q, ret_alert);
}

int alert_ref(struct vault *v, struct id alert, int64_t *ret_ref)
{
	struct query *q = db_query(vault_db(v), &ref_of);

	bind_id(q, 1, alert);
	return i64_after(q, ret_ref);
}

int alert_load_outline(struct vault *v, struct id id, struct alert_outline *ret_outline)
{
	struct query *q = db_query(vault_db(v), &outline_get);
	int r;

	bind_id(q, 1, id);
	r = query_step(q);
	if (r == 1) {
		ret_outline->room_count = column_rooms(q, 0, ret_outline->rooms);
		ret_outline->device = column_id(q, 1);
		ret_outline->device_lost = column_bool(q, 2);
		r = 0;
	} else if (r == 0) {
		r = -ENOENT;
	}
	db_done(q);
	return r;
}

int alerts_open_of_device(struct vault *v, struct id device, struct open_alerts *ret_open)
{
	struct query *q = db_query(vault_db(v), &open_of_device);
	int r;

	bind_id(q, 1, device);
	bind_bool(q, 2, false);
	bind_bool(q, 3, true);
	r = query_step(q);
	if (r == 1) {
		*ret_open = (struct open_alerts){column_id(q, 0), column_id(q, 1)};
		r = 0;
	}
	db_done(q);
	return r;
}

int alert_open_of_official(struct vault *v, struct id official, struct id *ret_alert)
{
	struct query *q;
	int r;

	*ret_alert = ID_NONE;
	if (id_is_none(official))
		return 0;
	q = db_query(vault_db(v), &open_of_official);
	bind_id(q, 1, official);
	bind_bool(q, 2, false);
	r = query_step(q);
	if (r == 1) {
		*ret_alert = column_id(q, 0);
		r = 0;
	}
	db_done(q);
	return r;
}

static int each_id(struct query *q, id_reader *on_id, void *context)
{
	int r;

	while ((r = query_step(q)) == 1) {
		r = on_id(context, column_id(q, 0));
		if (r)
			break;
	}
	db_done(q);
	return r;
}

int alerts_open(struct vault *v, int limit, id_reader *on_id, void *context)
{
	struct query *q = db_query(vault_db(v), &open_all);

	bind_i64(q, 1, limit);
	return each_id(q, on_id, context);
}

int alerts_count_open(struct vault *v, int64_t *ret_open, int64_t *ret_unclaimed)
{
	struct query *q = db_query(vault_db(v), &open_count);
	int r = query_step(q);

	*ret_open = r == 1 ? column_i64(q, 0) : 0;
	*ret_unclaimed = r == 1 ? column_i64(q, 1) : 0;
	db_done(q);
	return r < 0 ? r : 0;
}

int alerts_count_tests(struct vault *v, int64_t *ret_open)
{
	return db_number_after(db_query(vault_db(v), &test_count), 0, ret_open);
}

int alerts_merged_into(struct vault *v, struct id alert, int limit, id_reader *on_id, void *context)
{
	struct query *q = db_query(vault_db(v), &merged_open);

	bind_id(q, 1, alert);
	bind_i64(q, 2, limit);
	return each_id_after(q, limit, on_id, context);
}

int alerts_under(struct vault *v, struct id alert, int limit, id_reader *on_id, void *context)
{
	struct query *q = db_query(vault_db(v), &merged_all);

	bind_id(q, 1, alert);
	bind_i64(q, 2, limit);
	return each_id_after(q, limit, on_id, context);
}

int alerts_closed_under(struct vault *v, struct id alert, int64_t closed_at_ms, int limit,
			id_reader *on_id, void *context)
{
	struct query *q = db_query(vault_db(v), &merged_closed);

	bind_id(q, 1, alert);
	bind_time(q, 2, closed_at_ms);
	bind_i64(q, 3, limit);
	return each_id_after(q, limit, on_id, context);
}

int alerts_held_by(struct vault *v, struct id account, int limit, id_reader *on_id, void *context)
{
	struct query *q = db_query(vault_db(v), &held_by);

	bind_id(q, 1, account);
	bind_i64(q, 2, limit);
	return each_id_after(q, limit, on_id, context);
}

int alerts_closed(struct vault *v, int64_t before_ref, int limit, id_reader *on_id, void *context)
{
	struct query *q = db_query(vault_db(v), &closed_all);

	bind_i64(q, 1, before_ref ? before_ref : INT64_MAX);
	bind_i64(q, 2, limit);
	return each_id(q, on_id, context);
}

int alerts_open_of_official(struct vault *v, struct id official, int limit, id_reader *on_id,
			    void *context)
{
	struct query *q = db_query(vault_db(v), &all_open_of_official);

	bind_id(q, 1, official);
	bind_i64(q, 2, limit);
	return each_id(q, on_id, context);
}

int alerts_closed_of_official(struct vault *v, struct id official, int limit, id_reader *on_id,
			      void *context)
{
	struct query *q = db_query(vault_db(v), &closed_of_official);

	bind_id(q, 1, official);
	bind_i64(q, 2, limit);
	return each_id(q, on_id, context);
}

int alerts_of_official(struct vault *v, struct id official, int limit, id_reader *on_id,
		       void *context)
{
	struct query *q = db_query(vault_db(v), &of_official);

	bind_id(q, 1, official);
	bind_i64(q, 2, limit);
	return each_id(q, on_id, context);
}

int unit_is_engaged(struct vault *v, struct id unit, bool *ret_engaged)
{
	struct query *q = db_query(vault_db(v), &unit_live);

	bind_id(q, 1, unit);
	return db_any_after(q, ret_engaged);
}
