/* Reading: opening, what the senders and the clock ask, sessions, entries for consoles. See
 * reader.h. */
#include <errno.h>
#include <math.h>

#include "base/log.h"
#include "service/atlas.h"
#include "service/executor.h"
#include "service/json.h"
#include "service/people_index.h"
#include "service/reader_private.h"
#include "service/visits.h"
#include "store/accounts.h"
#include "store/deadlines.h"
#include "store/journal.h"
#include "store/outbox.h"
#include "store/people.h"
#include "store/pins.h"

int reader_open(const char *database_url, const struct keyring *ring, const struct ladder *ladder,
		struct reader **ret_reader)
{
	struct reader *r = xcalloc(1, sizeof(*r));
	int error = vault_open(database_url, DB_READER, ring, &r->vault);

	if (!error)
		error = directory_load(r->vault, &r->directory);
	if (error) {
		reader_close(r);
		return error;
	}
	r->ladder = *ladder;
	*ret_reader = r;
	return 0;
}

struct vault *reader_vault(struct reader *r)
{
	return r->vault;
}

void reader_close(struct reader *r)
{
	if (!r)
		return;
	atlas_release(r->atlas);
	people_index_free(r->people);
	directory_free(r->directory);
	vault_close(r->vault);
	free(r);
}

void reader_use_atlas(struct reader *r, struct atlas_shelf *shelf)
{
	r->shelf = shelf;
}

static int refresh_atlas(struct reader *r)
{
	int error = atlas_follow(r->shelf, r->vault);

	atlas_release(r->atlas);
	r->atlas = atlas_hold(r->shelf);
	return error;
}

int reader_refresh(struct reader *r)
{
	if (r->directory_checked_ms && clock_monotonic_ms() - r->directory_checked_ms < 1000)
		return 0;
	return reader_refresh_now(r);
}

int reader_refresh_now(struct reader *r)
{
	int64_t now = clock_monotonic_ms();
	bool stale;
	int error = directory_is_stale(r->directory, r->vault, &stale);

	/* The database went away and came back: one attempt, then the caller says "unavailable". */
	if (error == -EPIPE && !db_reopen(vault_db(r->vault)))
		error = directory_is_stale(r->directory, r->vault, &stale);
	if (!error && stale)
		error = directory_reload(r->directory, r->vault);
	if (!error)
		error = refresh_atlas(r);
	if (!error)
		r->directory_checked_ms = now;
	return error;
}

int reader_pass_over(int error, const char *what, struct id id)
{
	char text[ID_TEXT_SIZE];

	if (error != -EBADMSG)
		return error;
	id_print(id, text);
	log_error("reader.damaged", "what=%s id=%s", what, text);
	return 0;
}

int reader_load(struct reader *r, struct arena *arena, struct id alert, struct loaded *ret_loaded)
{
	int error = alert_load(r->vault, arena, alert, &ret_loaded->alert, &ret_loaded->face);

	if (error)
		return error;
	error = id_is_none(ret_loaded->alert.device)
			? -ENOENT
			: device_last_load(r->vault, ret_loaded->alert.device, &ret_loaded->last);
	ret_loaded->heard = !error;
	return error == -ENOENT ? 0 : reader_pass_over(error, "device", ret_loaded->alert.device);
}

struct card_facts reader_facts(struct reader *r, const struct loaded *l, int64_t now_ms)
{
	return (struct card_facts){&l->alert,    &l->face,   l->heard ? &l->last : NULL,
				   r->directory, &r->ladder, now_ms,
				   r->atlas};
}

int reader_answer(struct arena *arena, struct buf *b, struct answer *ret_answer)
{
	ret_answer->json = str_of(arena_copy(arena, b->ptr, b->len), b->len);
	buf_fini(b);
	return 0;
}

int reader_end(struct arena *arena, struct buf *b, int error, struct answer *ret_answer)
{
	if (!error)
		return reader_answer(arena, b, ret_answer);
	buf_fini(b);
	return error;
}

int reader_refuse(struct answer *ret_answer, enum problem problem, const char *detail)
{
	ret_answer->problem = problem;
	ret_answer->detail = str_from(detail);
	return 0;
}

int64_t distance_m(int32_t lat_a, int32_t lon_a, int32_t lat_b, int32_t lon_b)
{
	const double radius_m = 6371008.8, degree = M_PI / 180 / 1e7;
	double a = lat_a * degree, b = lat_b * degree;
	double u = sin((b - a) / 2), v = sin(((double)lon_b - lon_a) * degree / 2);

	return (int64_t)(2 * radius_m * asin(fmin(1, sqrt(u * u + cos(a) * cos(b) * v * v))));
}

/* --- senders and clock */

int reader_messages_due(struct reader *r, struct arena *arena, int64_t now_ms, int limit,
			struct outgoing **ret_messages, size_t *ret_count, int64_t *ret_next_ms)
{
	struct message *messages;
	struct outgoing *list;
	size_t count;
	int error = reader_refresh(r);

	if (!error)
		error = messages_due(r->vault, arena, now_ms, limit, &messages, &count,
				     ret_next_ms);
	if (error)
		return error;
	list = arena_alloc(arena, count * sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = (struct outgoing){messages[i].id,
					    messages[i].to,
					    messages[i].text,
					    messages[i].simulated,
					    messages[i].attempts,
					    messages[i].route,
					    messages[i].created_at_ms,
					    messages[i].valid_until_ms};
	*ret_messages = list;
	*ret_count = count;
	return 0;
}

int reader_deadlines(struct reader *r, int limit, struct due *list, size_t *ret_count)
{
	struct deadline *rows = xcalloc((size_t)limit, sizeof(*rows));
	int error = reader_refresh(r);

	if (!error)
		error = deadlines_next(r->vault, limit, rows, ret_count);
	for (size_t i = 0; !error && i < *ret_count; i++)
		list[i] = (struct due){rows[i].alert, rows[i].target, rows[i].timer, rows[i].step,
				       rows[i].due_at_ms};
	free(rows);
	return error;
}

/* The clock fires what is due within a second, and what failed a second after. */
enum { LATE_MS = 2000 };

int reader_backlog(struct reader *r, int64_t now_ms, struct backlog *ret_backlog)
{
	struct backlog b = {0};
	int error = reader_refresh(r);

	if (!error)
		error = messages_count_due(r->vault, now_ms, &b.messages);
	if (!error)
		error = alerts_count_open(r->vault, &b.alerts, &b.unclaimed);
	if (!error)
		error = deadlines_before(r->vault, now_ms - LATE_MS, &b.deadlines);
	if (!error)
		*ret_backlog = b;
	return error;
}

int reader_head(struct reader *r, int64_t *ret_epoch, int64_t *ret_number)
{
	int error = reader_refresh(r);

	return error ? error : journal_head(r->vault, ret_epoch, ret_number, NULL);
}

/* --- entries for consoles that come back */

struct catching_up {
	struct reader *reader;
	struct arena arena;
	struct publication **last;
	int64_t number;
};

static struct str card_of(struct catching_up *c, const struct loaded *l)
{
	struct card_facts facts = reader_facts(c->reader, l, clock_now_ms());
	struct answer answer = {0};
	struct buf b = BUF_INIT;

	buf_add_byte(&b, '{');
	card_members(&b, &facts);
	json_close(&b, '}');
	reader_answer(&c->arena, &b, &answer);
	return answer.json;
}

static void give(struct catching_up *c, const struct publication_source *source)
{
	*c->last = publication_new(source);
	c->last = &(*c->last)->next;
}

static int on_entry(void *context, const struct entry *e)
{
	struct catching_up *c = context;
	struct publication_source source = {.entry = e};
	struct id room;
	struct loaded l;
	int error;

	c->number = e->number;
	if (entry_kind_class(e->kind) == ENTRY_AUDIT)
		return 0;
	if (entry_kind_class(e->kind) == ENTRY_CALL) {
		error = reader_call_entry(c->reader, &c->arena, e, &source, &room);
		if (!error)
			give(c, &source);
		return error == -ENOENT ? 0 : error;
	}
	error = reader_load(c->reader, &c->arena, e->subject, &l);
	if (error)
		return error == -ENOENT ? 0 : error;
	source.rooms = l.alert.rooms;
	source.room_count = l.alert.room_count;
	source.actor_name = reader_actor_name(c->reader, &c->arena, &l, e);
	if (e->kind != ENTRY_POSITION)
		source.card = card_of(c, &l);
	give(c, &source);
	return 0;
}

int reader_entries(struct reader *r, int64_t number, int limit, struct publication **ret_list,
		   int64_t *ret_number)
{
	struct catching_up c = {r, ARENA_INIT, ret_list, number};
	int error = reader_refresh(r);

	*ret_list = NULL;
	if (!error)
		error = journal_after(r->vault, number, limit, on_entry, &c);
	arena_fini(&c.arena);
	if (error) {
		publication_free(*ret_list);
		*ret_list = NULL;
		return error;
	}
	*ret_number = c.number;
	return 0;
}

/* --- who is asking */

static void keep_account(struct arena *arena, const struct account *a,
			 struct session_account *ret_account)
{
	*ret_account = (struct session_account){
		.id = a->id,
		.room = a->room,
		.roles = a->roles,
		.login = str_of(arena_copy(arena, a->login, strlen(a->login)), strlen(a->login)),
		.name = str_of(arena_copy(arena, a->name, strlen(a->name)), strlen(a->name)),
	};
}

int reader_session(struct reader *r, struct arena *arena, struct str token, int64_t now_ms,
		   struct session_account *ret_account)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	struct account account;
	int error = reader_refresh(r);

	token_hash(token, hash);
	if (!error)
		error = session_account(r->vault, hash, now_ms, &account);
	if (!error)
		keep_account(arena, &account, ret_account);
	wipe(&account, sizeof(account));
	return error;
}

int reader_login(struct reader *r, struct arena *arena, struct str login,
		 struct session_account *ret_account)
{
	struct account account;
	int error = reader_refresh(r);

	if (!error)
		error = account_by_login(r->vault, login, &account);
	if (!error && account.disabled)
		error = -ENOENT;
	if (!error) {
		keep_account(arena, &account, ret_account);
		ret_account->password_hash =
			str_of(arena_copy(arena, account.password, strlen(account.password)),
			       strlen(account.password));
	}
	wipe(&account, sizeof(account));
	return error;
}

int reader_device(struct reader *r, struct str text, struct id *ret_device)
{
	struct device device;
	enum protocol protocol;
	struct str name;
	int error = reader_refresh(r);

	if (error)
		return error;
	if (!id_parse(text, &device.id))
		error = device_load(r->vault, device.id, &device);
	else if (str_split(&text, ':', &name) && text.ptr && !protocol_parse(name, &protocol))
		error = device_by_ident(r->vault, (int)protocol, text, &device);
	else
		error = -ENOENT;
	if (!error)
		*ret_device = device.id;
	return error;
}

int reader_device_credential(struct reader *r, enum protocol protocol, struct str ident,
			     struct str secret, struct id *ret_device)
{
	struct device device;
	int error = reader_refresh(r);

	if (!error)
		error = device_by_ident(r->vault, protocol, ident, &device);
	if (!error)
		error = device_check_secret(r->vault, device.id, secret);
	if (!error)
		*ret_device = device.id;
	return error == -EACCES ? -ENOENT : error;
}

/* As a call finds it (reports.c). */
static int open_alert(struct reader *r, const struct device *device, struct id *ret_alert)
{
	struct open_alerts open;
	int error = alerts_open_of_device(r->vault, device->id, &open);

	if (error)
		return error;
	*ret_alert = open.real;
	return id_is_none(open.real) ? alert_open_of_official(r->vault, device->official, ret_alert)
				     : 0;
}

/* What is missed is told as long as its alert is open. */
static int visit_facts(struct reader *r, struct arena *arena, struct id device,
		       struct phone_facts *facts)
{
	struct visit_words words;
	struct buf b = BUF_INIT;
	struct visit visit;
	struct alert alert;
	int error = visit_of_device(r->vault, device, &visit);

	if (!error && visit.state == VISIT_MISSED)
		error = alert_load(r->vault, arena, visit.alert, &alert, NULL);
	if (!error && visit.state == VISIT_MISSED && !alert_is_open(&alert))
		error = -ENOENT;
	if (!error)
		error = visit_load_words(r->vault, arena, visit.id, &words);
	if (error)
		return error == -ENOENT ? 0 : error;
	facts->follows = visit.state == VISIT_MISSED && id_eq(visit.alert, facts->alert);
	visit_json(&b, NULL, "id", &visit, &words);
	facts->visit = str_of(arena_copy(arena, b.ptr, b.len), b.len);
	buf_fini(&b);
	return 0;
}

int reader_phone(struct reader *r, struct arena *arena, struct id device, struct str secret,
		 struct phone_facts *ret_facts)
{
	int error = reader_phone_facts(r, arena, device, ret_facts);

	if (!error)
		error = device_check_secret(r->vault, device, secret);
	return error == -EACCES ? -ENOENT : error;
}

int reader_phone_facts(struct reader *r, struct arena *arena, struct id device,
		       struct phone_facts *ret_facts)
{
	struct device phone;
	int error = reader_refresh(r);

	if (!error)
		error = device_load(r->vault, device, &phone);
	if (!error && phone.protocol != PROTOCOL_PHONE)
		return -ENOENT;
	if (!error)
		error = open_alert(r, &phone, &ret_facts->alert);
	if (!error)
		error = pins_exist(r->vault, device, &ret_facts->has_pins);
	ret_facts->visit = STR_NONE;
	ret_facts->follows = false;
	if (!error)
		error = visit_facts(r, arena, device, ret_facts);
	ret_facts->silent = error || phone.silent;
	ret_facts->no_sound = error || phone.no_sound;
	return error;
}
