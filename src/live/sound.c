/* Live sound: see sound.h. */
#include "live/sound.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "live/sound_private.h"

enum {
	PAGE_MS = 1000,
	ACK_MS = 1000,
	/* Frames of a device in 5 s, of which 250 are real time. */
	WINDOW_MS = 5000,
	LIVE_A_WINDOW = 3 * 250,
	BACKFILL_A_WINDOW = 20 * 250,
	FAR_TOO_FAST = 10 * 250,
	/* A clock that is an hour ahead, in summer say, and an hour without a network. */
	AHEAD_MS = 2 * 3600 * 1000,
};

/* --- channels and epochs */

struct channel *channel_of(struct sound *s, struct id alert)
{
	struct channel *c = map_get(&s->channels, alert);

	if (!c) {
		c = xcalloc(1, sizeof(*c));
		c->alert = alert;
		map_set(&s->channels, alert, c);
	}
	return c;
}

void epoch_free(struct epoch *e)
{
	spans_fini(&e->held);
	spans_fini(&e->kept);
	for (unsigned i = 0; i < TRACK_COUNT; i++)
		buf_fini(&e->drafts[i].plain);
	free(e);
}

void channel_free(struct channel *c)
{
	struct sender *sender, *next_sender;
	struct epoch *next;

	for (struct epoch *e = c->epochs; e; e = next) {
		next = e->next;
		epoch_free(e);
	}
	for (sender = c->senders; sender; sender = next_sender) {
		next_sender = sender->next;
		free(sender);
	}
	ring_fini(&c->ring);
	free(c);
}

void channel_forget(struct sound *s, struct channel *c)
{
	if (c->listeners || c->in_flight || (c->epochs && !c->settled))
		return;
	map_remove(&s->channels, c->alert);
	channel_free(c);
}

struct epoch *epoch_of(const struct channel *c, uint32_t number)
{
	struct epoch *e = c ? c->epochs : NULL;

	while (e && e->number != number)
		e = e->next;
	return e;
}

/* NULL: too many. */
struct epoch *epoch_new(struct channel *c, uint32_t number, struct id device, int64_t began_ms)
{
	struct epoch *e;

	if (c->epoch_count == MAX_EPOCHS)
		return NULL;
	e = xcalloc(1, sizeof(*e));
	*e = (struct epoch){
		.number = number, .device = device, .began_ms = began_ms, .next = c->epochs};
	c->epochs = e;
	c->epoch_count++;
	return e;
}

static struct sender *sender_of(const struct channel *c, struct id device)
{
	struct sender *d = c ? c->senders : NULL;

	while (d && !id_eq(d->device, device))
		d = d->next;
	return d;
}

/* As many as the person has devices. */
static void sender_new(struct channel *c, struct id device)
{
	struct sender *d = xcalloc(1, sizeof(*d));

	*d = (struct sender){.device = device, .next = c->senders};
	c->senders = d;
}

struct span span_of(const struct sound_frame *f)
{
	return (struct span){f->sequence, f->sequence + sound_span(f)};
}

int sound_new(const struct sound_options *options, struct sound **ret_sound)
{
	struct sound *s = xcalloc(1, sizeof(*s));
	int error = 0;

	s->options = *options;
	if (options->recorder)
		error = recorder_load(options->recorder, disk_found, s);
	if (error)
		sound_free(s);
	else
		*ret_sound = s;
	return error;
}

void sound_free(struct sound *s)
{
	struct id key;
	void *value;

	if (!s)
		return;
	for (size_t at = 0; map_next(&s->listeners, &at, &key, &value);)
		free(value);
	for (size_t at = 0; map_next(&s->channels, &at, &key, &value);)
		channel_free(value);
	map_fini(&s->listeners);
	map_fini(&s->channels);
	free(s);
}

/* --- frames */

static enum sound_verdict pace(struct sender *d, enum track_kind kind, int64_t now_ms)
{
	static const unsigned most[] = {LIVE_A_WINDOW, BACKFILL_A_WINDOW};
	unsigned count;

	if (now_ms - d->window_ms >= WINDOW_MS) {
		d->window_ms = now_ms;
		memset(d->in_window, 0, sizeof(d->in_window));
	}
	count = ++d->in_window[kind];
	if (kind == TRACK_LIVE && count > FAR_TOO_FAST)
		return SOUND_TOO_FAST;
	return count > most[kind] ? SOUND_REFUSED : SOUND_TAKEN;
}

/* Nobody has captured it yet. A single one of those would make the recording days long. */
static bool is_ahead(const struct epoch *e, const struct sound_frame *f, int64_t now_ms)
{
	int64_t end_ms = (int64_t)span_of(f).to * SOUND_FRAME_MS;

	return end_ms > e->age_ms + (now_ms - e->opened_ms) + AHEAD_MS;
}

/* Of a telephone that sends several at once (its page is open twice, say), the newest alone. */
static bool is_heard(const struct channel *c, const struct epoch *e)
{
	for (const struct epoch *newer = c->epochs; newer != e; newer = newer->next)
		if (newer->is_live && newer->source && id_eq(newer->device, e->device))
			return false;
	return true;
}

static void hear(struct sound *s, struct channel *c, const struct sound_frame *f, struct str bytes)
{
	ring_push(&c->ring, f->epoch, f->sequence, bytes);
	relay(s, c);
}

static enum sound_verdict take(struct sound *s, struct channel *c, struct epoch *e,
			       const struct sound_frame *f, struct str bytes)
{
	enum track_kind kind = f->flags & SOUND_BACKFILL ? TRACK_BACKFILL : TRACK_LIVE;
	int error;

	if (is_ahead(e, f, s->now_ms))
		return SOUND_REFUSED;
	if (spans_hold(&e->held, span_of(f)))
		return SOUND_TAKEN;
	s->figures.frames++;
	error = disk_keep(s, c, e, kind, f, bytes);
	/* Whether or not it can be kept: it is heard. */
	if (kind == TRACK_LIVE) {
		e->is_live = true;
		if (is_heard(c, e))
			hear(s, c, f, bytes);
	}
	return error ? SOUND_REFUSED : SOUND_TAKEN;
}

/* Of an epoch that is one too many: heard, not kept. */
static enum sound_verdict pass_by(struct sound *s, struct channel *c, const struct sound_frame *f,
				  struct str bytes)
{
	disk_fill(s, c);
	if (!(f->flags & SOUND_BACKFILL))
		hear(s, c, f, bytes);
	return SOUND_REFUSED;
}

enum sound_verdict sound_frame(struct sound *s, struct id alert, struct id device, struct str bytes,
			       int64_t now_ms)
{
	struct channel *c = map_get(&s->channels, alert);
	struct sender *d = sender_of(c, device);
	enum sound_verdict verdict;
	struct sound_frame f;
	struct epoch *e;

	s->now_ms = now_ms;
	if (!d || c->ended || sound_decode(bytes, &f) || !id_eq(f.alert, alert))
		return SOUND_BAD;
	e = epoch_of(c, f.epoch);
	if (e ? !id_eq(e->device, device) : c->epoch_count < MAX_EPOCHS)
		return SOUND_BAD;
	verdict = pace(d, f.flags & SOUND_BACKFILL ? TRACK_BACKFILL : TRACK_LIVE, now_ms);
	if (verdict == SOUND_TAKEN)
		verdict = e ? take(s, c, e, &f, bytes) : pass_by(s, c, &f, bytes);
	s->figures.refused += verdict != SOUND_TAKEN;
	return verdict;
}

/* How long it has been running: what the phone says, as far as our clock bears it out, and no less
 * than what has come of it. */
static int64_t age_of(const struct epoch *e)
{
	int64_t age_ms = clock_now_ms() - e->began_ms;
	int64_t held_ms = (int64_t)spans_end(&e->held) * SOUND_FRAME_MS;

	return age_ms > held_ms ? age_ms : held_ms;
}

int sound_open(struct sound *s, struct id alert, struct id device, uint32_t epoch, int64_t began_ms,
	       uint64_t source)
{
	struct channel *c = channel_of(s, alert);
	struct epoch *e = epoch_of(c, epoch);

	if (c->ended)
		return -ESHUTDOWN;
	if (e && !id_eq(e->device, device))
		return -EEXIST;
	if (!sender_of(c, device))
		sender_new(c, device);
	/* An alert that was reopened before we were started. */
	if (!c->loaded)
		disk_load(s, c);
	if (!e)
		e = epoch_new(c, epoch, device, began_ms);
	if (!e)
		return -ENOSPC;
	e->source = source;
	e->acked = 0;
	e->age_ms = age_of(e);
	e->opened_ms = s->now_ms;
	tell_listeners(s, c);
	return 0;
}

void sound_source_gone(struct sound *s, uint64_t source)
{
	struct id alert;
	void *value;

	for (size_t at = 0; map_next(&s->channels, &at, &alert, &value);) {
		struct channel *c = value;
		bool changed = false;

		for (struct epoch *e = c->epochs; e; e = e->next) {
			if (e->source != source)
				continue;
			e->source = 0;
			e->is_live = false;
			changed = true;
		}
		if (changed)
			tell_listeners(s, c);
	}
}

size_t sound_streams_of(const struct sound *s, struct id alert, struct sound_stream *list,
			size_t cap)
{
	const struct channel *c = map_get(&s->channels, alert);
	size_t count = 0;

	for (const struct epoch *e = c ? c->epochs : NULL; e && count < cap; e = e->next)
		list[count++] = (struct sound_stream){e->number, spans_next(&e->kept)};
	return count;
}

/* --- time */

static void acknowledge(struct sound *s, struct epoch *e)
{
	uint32_t next = spans_next(&e->kept);

	if (!e->source || next <= e->acked || s->now_ms - e->acked_at_ms < ACK_MS)
		return;
	e->acked = next;
	e->acked_at_ms = s->now_ms;
	s->options.ack(s->options.context, e->source, e->number, next);
}

void sound_tick(struct sound *s, int64_t now_ms)
{
	struct id alert;
	void *value;

	s->now_ms = now_ms;
	for (size_t at = 0; map_next(&s->channels, &at, &alert, &value);) {
		struct channel *c = value;

		disk_flush(s, c, now_ms - PAGE_MS);
		for (struct epoch *e = c->epochs; e; e = e->next)
			acknowledge(s, e);
	}
}

size_t sound_alerts(const struct sound *s, struct id *list, size_t cap)
{
	size_t count = 0;
	struct id alert;
	void *value;

	for (size_t at = 0; count < cap && map_next(&s->channels, &at, &alert, &value);)
		list[count++] = alert;
	return count;
}

struct sound_figures sound_figures(const struct sound *s)
{
	struct sound_figures figures = s->figures;
	struct id alert;
	void *value;

	figures.listeners = s->listeners.len;
	for (size_t at = 0; map_next(&s->channels, &at, &alert, &value);) {
		const struct channel *c = value;

		figures.failing += c->failing || c->full;
		for (const struct epoch *e = c->epochs; e; e = e->next)
			figures.streams += e->source != 0;
	}
	return figures;
}
