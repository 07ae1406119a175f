/* The live feed: see feed.h. */
#include "live/feed.h"

#include <errno.h>
#include <jansson.h>

#include "base/limits.h"
#include "base/map.h"
#include "core/access.h"
#include "service/json.h"

enum subscriber_state {
	WAITING_HELLO,
	CATCHING_UP, /* a reader is fetching, or the next slice is about to be asked */
	LIVE,
};

struct subscriber {
	uint64_t id;
	struct actor actor;
	enum subscriber_state state;
	bool visible, sound;
	int64_t number; /* up to where it has been served */
};

struct feed {
	struct feed_options options;
	struct map subscribers; /* id → struct subscriber */
	int64_t epoch, number;
};

struct feed *feed_new(const struct feed_options *options)
{
	struct feed *f = xcalloc(1, sizeof(*f));

	f->options = *options;
	return f;
}

void feed_free(struct feed *f)
{
	struct id key;
	void *s;

	if (!f)
		return;
	for (size_t at = 0; map_next(&f->subscribers, &at, &key, &s);)
		free(s);
	map_fini(&f->subscribers);
	free(f);
}

void feed_start(struct feed *f, int64_t epoch, int64_t number)
{
	f->epoch = epoch;
	f->number = number;
}

void feed_join(struct feed *f, uint64_t subscriber, struct actor actor)
{
	struct subscriber *s = xcalloc(1, sizeof(*s));

	s->id = subscriber;
	s->actor = actor;
	free(map_set(&f->subscribers, map_key_u64(subscriber), s));
}

void feed_leave(struct feed *f, uint64_t subscriber)
{
	free(map_remove(&f->subscribers, map_key_u64(subscriber)));
}

static struct subscriber *find(const struct feed *f, uint64_t subscriber)
{
	return map_get(&f->subscribers, map_key_u64(subscriber));
}

/* --- messages to consoles */

static void cursor_json(struct buf *b, int64_t epoch, int64_t number)
{
	json_open(b, "cursor", '{');
	json_int(b, "epoch", epoch);
	json_int(b, "number", number);
	json_close(b, '}');
}

static void send(struct feed *f, struct subscriber *s, struct buf *message)
{
	f->options.send(f->options.context, s->id, buf_str(message));
}

/* {"type":…,"cursor":…,"now":…} */
static void send_simple(struct feed *f, struct subscriber *s, const char *type, int64_t number)
{
	struct buf b = BUF_INIT;

	buf_add_byte(&b, '{');
	json_word(&b, "type", type);
	cursor_json(&b, f->epoch, number);
	json_int(&b, "now", clock_now_ms());
	json_close(&b, '}');
	send(f, s, &b);
	buf_fini(&b);
}

/* I9: who may see an entry is decided for each entry. */
static bool may_see(const struct subscriber *s, const struct publication *p)
{
	enum relation relation = RELATION_NONE;

	for (unsigned i = 0; i < p->room_count; i++)
		if (id_eq(p->rooms[i], s->actor.room))
			relation = RELATION_ROOM;
	return access_allows(s->actor.roles,
			     entry_kind_class(p->kind) == ENTRY_CALL ? RIGHT_CALL_READ
								     : RIGHT_ALERT_READ,
			     relation);
}

/* An "entries" message of what s may see after its number; false when there is nothing. */
static bool entries_message(const struct subscriber *s, const struct publication *list,
			    int64_t epoch, int64_t number, struct buf *out)
{
	bool any = false;

	buf_reset(out);
	buf_add_byte(out, '{');
	json_word(out, "type", "entries");
	json_open(out, "entries", '[');
	for (const struct publication *p = list; p; p = p->next) {
		if (p->number <= s->number || !may_see(s, p))
			continue;
		json_raw(out, NULL, p->json);
		any = true;
	}
	json_close(out, ']');
	cursor_json(out, epoch, number);
	json_close(out, '}');
	return any;
}

/* --- catching up */

struct slice {
	struct job job;
	struct feed *feed;
	uint64_t subscriber;
	int64_t from, reached, head;
	struct publication *list;
	int error;
};

static void read_slice(struct job *job, struct reader *reader)
{
	struct slice *slice = (struct slice *)(void *)job;
	int64_t epoch;

	slice->error = reader_head(reader, &epoch, &slice->head);
	if (!slice->error)
		slice->error = reader_entries(reader, slice->from, LIMIT_FEED_SLICE, &slice->list,
					      &slice->reached);
}

static void ask_slice(struct feed *f, struct subscriber *s);

static void on_slice(void *arg)
{
	struct slice *slice = arg;
	struct feed *f = slice->feed;
	struct subscriber *s = find(f, slice->subscriber);
	struct buf message = BUF_INIT;

	if (s && slice->error) {
		/* Storage cannot be read now: the console comes back by itself, with the same
		 * cursor. */
		f->options.close(f->options.context, s->id, 1013);
	} else if (s && slice->from > slice->head) {
		/* A number nobody has given: what the console holds is of another journal. */
		send_simple(f, s, "reset", f->number);
		s->number = f->number;
		s->state = LIVE;
	} else if (s) {
		if (entries_message(s, slice->list, f->epoch, slice->reached, &message))
			send(f, s, &message);
		s->number = slice->reached;
		if (s->number >= f->number)
			s->state = LIVE;
		else
			ask_slice(f, s);
	}
	buf_fini(&message);
	publication_free(slice->list);
	free(slice);
}

static void ask_slice(struct feed *f, struct subscriber *s)
{
	struct slice *slice = xcalloc(1, sizeof(*slice));

	*slice = (struct slice){
		.job = {read_slice, on_slice}, .feed = f, .subscriber = s->id, .from = s->number};
	s->state = CATCHING_UP;
	if (readers_submit(f->options.readers, &slice->job)) {
		free(slice);
		f->options.close(f->options.context, s->id, 1013);
	}
}

/* --- messages from consoles */

static int presence(struct subscriber *s, json_t *message)
{
	json_t *visible = json_object_get(message, "visible"),
	       *sound = json_object_get(message, "sound");

	if (!json_is_boolean(visible) || !json_is_boolean(sound))
		return -EBADMSG;
	s->visible = json_is_true(visible);
	s->sound = json_is_true(sound);
	return 0;
}

static int hello(struct feed *f, struct subscriber *s, json_t *message)
{
	json_t *cursor = json_object_get(message, "cursor");
	int64_t epoch = f->epoch, number = f->number;

	if (s->state != WAITING_HELLO)
		return -EBADMSG;
	if (json_is_object(cursor)) {
		epoch = json_integer_value(json_object_get(cursor, "epoch"));
		number = json_integer_value(json_object_get(cursor, "number"));
	} else if (!json_is_null(cursor)) {
		return -EBADMSG;
	}
	if (presence(s, message))
		return -EBADMSG;
	/*
	 * Another epoch: what the console holds is of another journal. A number beyond ours may be
	 * one that was read from the database before its batch came to us: the reader knows.
	 */
	if (epoch != f->epoch || number < 0) {
		send_simple(f, s, "reset", f->number);
		number = f->number;
	}
	s->number = number;
	send_simple(f, s, "welcome", number);
	if (number == f->number)
		s->state = LIVE;
	else
		ask_slice(f, s);
	return 0;
}

static int painted(struct feed *f, struct subscriber *s, json_t *message)
{
	struct id alert;

	if (id_parse(str_from(json_string_value(json_object_get(message, "alert"))), &alert))
		return -EBADMSG;
	/* A hidden tab, or one that cannot sound, has not alerted anybody. */
	if (s->visible && s->sound)
		f->options.painted(f->options.context, s->actor, alert);
	return 0;
}

int feed_message(struct feed *f, uint64_t subscriber, struct str text)
{
	struct subscriber *s = find(f, subscriber);
	json_t *message;
	const char *type;
	int r = -EBADMSG;

	if (!s)
		return 0;
	message = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
	type = json_string_value(json_object_get(message, "type"));
	if (type && !strcmp(type, "hello")) {
		r = hello(f, s, message);
	} else if (type && !strcmp(type, "presence")) {
		r = presence(s, message);
	} else if (type && !strcmp(type, "painted")) {
		r = painted(f, s, message);
	}
	json_decref(message);
	return r;
}

/* --- what was committed */

/* Consoles of one room mostly stand at the same number: their message is made once. */
struct made {
	struct buf message;
	struct id room;
	uint32_t roles;
	int64_t number;
	bool valid, any;
};

static void make_for(struct made *m, const struct subscriber *s, const struct batch *batch,
		     int64_t number)
{
	if (m->valid && id_eq(m->room, s->actor.room) && m->roles == s->actor.roles &&
	    m->number == s->number)
		return;
	m->any = entries_message(s, batch->published, batch->epoch, number, &m->message);
	m->room = s->actor.room;
	m->roles = s->actor.roles;
	m->number = s->number;
	m->valid = true;
}

void feed_publish(struct feed *f, const struct batch *batch)
{
	struct made made = {.message = BUF_INIT};
	bool unseen = batch->before > f->number;
	struct id key;
	void *entry;

	if (!batch->number)
		return;
	f->epoch = batch->epoch;
	f->number = batch->number;
	for (size_t at = 0;
	     (batch->published || unseen) && map_next(&f->subscribers, &at, &key, &entry);) {
		struct subscriber *s = entry;

		/* Those who catch up will read it from the journal. */
		if (s->state != LIVE || s->number >= batch->number)
			continue;
		/* So will everybody when a group was committed and we were told that it was not:
		 * the database went away before it could say so. */
		if (unseen) {
			ask_slice(f, s);
			continue;
		}
		make_for(&made, s, batch, batch->number);
		if (made.any)
			send(f, s, &made.message);
		s->number = batch->number;
	}
	buf_fini(&made.message);
}

void feed_broadcast(struct feed *f, enum right right, struct str message)
{
	struct id key;
	void *entry;

	for (size_t at = 0; map_next(&f->subscribers, &at, &key, &entry);) {
		struct subscriber *s = entry;

		if (s->state != WAITING_HELLO &&
		    access_allows(s->actor.roles, right, RELATION_ROOM))
			f->options.send(f->options.context, s->id, message);
	}
}

void feed_beat(struct feed *f, int64_t now_ms)
{
	struct feed_figures figures;
	struct id key;
	void *entry;

	feed_figures(f, &figures);
	for (size_t at = 0; map_next(&f->subscribers, &at, &key, &entry);) {
		struct subscriber *s = entry;
		struct buf b = BUF_INIT;

		if (s->state == WAITING_HELLO)
			continue;
		buf_add_byte(&b, '{');
		json_word(&b, "type", "beat");
		cursor_json(&b, f->epoch, s->state == LIVE ? f->number : s->number);
		json_int(&b, "now", now_ms);
		json_int(&b, "consoles", (int64_t)figures.visible);
		json_close(&b, '}');
		send(f, s, &b);
		buf_fini(&b);
	}
}

void feed_end_account(struct feed *f, struct id account)
{
	struct id key;
	void *entry;

	for (size_t at = 0; map_next(&f->subscribers, &at, &key, &entry);) {
		struct subscriber *s = entry;

		if (id_eq(s->actor.id, account))
			f->options.close(f->options.context, s->id, 4401);
	}
}

size_t feed_screens(const struct feed *f, struct id room, int64_t number, size_t *ret_ready)
{
	struct map accounts = MAP_INIT, ready = MAP_INIT;
	struct id key;
	void *entry;
	size_t count;

	for (size_t at = 0; map_next(&f->subscribers, &at, &key, &entry);) {
		struct subscriber *s = entry;

		if (s->state != LIVE || s->number < number || !id_eq(s->actor.room, room) ||
		    !access_allows(s->actor.roles, RIGHT_ALERT_READ, RELATION_ROOM))
			continue;
		map_set(&accounts, s->actor.id, s);
		if (s->visible && s->sound)
			map_set(&ready, s->actor.id, s);
	}
	count = accounts.len;
	*ret_ready = ready.len;
	map_fini(&accounts);
	map_fini(&ready);
	return count;
}

void feed_figures(const struct feed *f, struct feed_figures *ret_figures)
{
	struct feed_figures figures = {.subscribers = f->subscribers.len};
	struct id key;
	void *entry;

	for (size_t at = 0; map_next(&f->subscribers, &at, &key, &entry);) {
		const struct subscriber *s = entry;

		figures.live += s->state == LIVE;
		figures.visible += s->state == LIVE && s->visible && s->sound;
	}
	*ret_figures = figures;
}
