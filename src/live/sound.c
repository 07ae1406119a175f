/* Live sound: see sound.h. */
#include "live/sound.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "live/sound_private.h"
#include "service/json.h"
#include "wire/sound.h"

enum {
	MAX_EPOCHS = 256, /* the microphone is opened anew each time the page is */
	PAGE_MS = 1000,
	PAGE_FRAMES = 50,
	PAGE_BYTES = 8 * 1024,
	MAX_IN_FLIGHT = 32, /* pages of an alert the recorder has not answered */
	ACK_MS = 1000,
	RETRY_MS = 5000,
	/* Frames of an epoch in 5 s, of which 250 are real time. */
	WINDOW_MS = 5000,
	LIVE_A_WINDOW = 3 * 250,
	BACKFILL_A_WINDOW = 20 * 250,
	FAR_TOO_FAST = 10 * 250,
	GAPS_LISTED = 1000,
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

static void epoch_free(struct epoch *e)
{
	spans_fini(&e->held);
	spans_fini(&e->kept);
	for (unsigned i = 0; i < TRACK_COUNT; i++)
		buf_fini(&e->drafts[i].plain);
	free(e);
}

static void channel_free(struct channel *c)
{
	struct epoch *next;

	for (struct epoch *e = c->epochs; e; e = next) {
		next = e->next;
		epoch_free(e);
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

static struct epoch *epoch_of(const struct channel *c, uint32_t number)
{
	struct epoch *e = c ? c->epochs : NULL;

	while (e && e->number != number)
		e = e->next;
	return e;
}

/* NULL: too many. */
static struct epoch *epoch_new(struct channel *c, uint32_t number, struct id device,
			       int64_t began_ms)
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

static struct span span_of(const struct sound_frame *f)
{
	return (struct span){f->sequence, f->sequence + sound_span(f)};
}

/* --- what is on disk */

static void keep(struct epoch *e, const struct sound_frame *f)
{
	if (spans_hold(&e->kept, span_of(f)) || spans_add(&e->kept, span_of(f)))
		return;
	if (f->flags & SOUND_GAP)
		e->missing += f->missing;
	else
		e->frames++;
}

/* Each frame of a page that was written, or was not. */
static void account(struct channel *c, struct str plain, bool written)
{
	struct sound_page page;
	struct sound_frame f;
	struct str rest, bytes;
	struct epoch *e;

	if (sound_page_open(plain, &page, &rest) || !(e = epoch_of(c, page.epoch)))
		return;
	while (sound_page_next(&rest, &f, &bytes)) {
		if (written)
			keep(e, &f);
		else
			spans_remove(&e->held, span_of(&f));
	}
}

static void on_found(void *context, struct id alert, enum track_kind kind, struct str plain)
{
	struct sound *s = context;
	struct channel *c = channel_of(s, alert);
	struct sound_page page;
	struct sound_frame f;
	struct str rest, bytes;
	struct epoch *e;

	if (sound_page_open(plain, &page, &rest))
		return;
	e = epoch_of(c, page.epoch);
	if (!e)
		e = epoch_new(c, page.epoch, page.device, page.began_ms);
	while (e && sound_page_next(&rest, &f, &bytes)) {
		keep(e, &f);
		spans_add(&e->held, span_of(&f));
	}
}

int sound_new(const struct sound_options *options, struct sound **ret_sound)
{
	struct sound *s = xcalloc(1, sizeof(*s));
	int error = 0;

	s->options = *options;
	if (options->recorder)
		error = recorder_load(options->recorder, on_found, s);
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

/* --- the recorder */

struct errand {
	struct recorder_job job;
	struct sound *sound;
};

static struct channel *answered(struct errand *d)
{
	struct channel *c = channel_of(d->sound, d->job.alert);

	c->in_flight--;
	return c;
}

static void close_sources(struct sound *s, struct channel *c)
{
	for (struct epoch *e = c->epochs; e; e = e->next)
		if (e->source)
			s->options.close_source(s->options.context, e->source, 1013);
}

static void set_failing(struct sound *s, struct channel *c, bool failing)
{
	c->retry_at_ms = s->now_ms + RETRY_MS;
	if (c->failing == failing)
		return;
	c->failing = failing;
	tell_listeners(s, c);
	/* What was refused meanwhile is still on the phone: it says it all again. */
	if (!failing)
		close_sources(s, c);
}

static void on_page(void *job)
{
	struct errand *d = job;
	struct channel *c = answered(d);

	account(c, buf_str(&d->job.plain), !d->job.error);
	set_failing(d->sound, c, d->job.error != 0);
	channel_forget(d->sound, c);
	recorder_job_free(&d->job);
}

static int submit(struct sound *s, struct channel *c, struct recorder_job job)
{
	struct errand *d = xcalloc(1, sizeof(*d));
	int error;

	*d = (struct errand){job, s};
	d->job.alert = c->alert;
	error = recorder_submit(s->options.recorder, &d->job);
	if (error)
		free(d);
	else
		c->in_flight++;
	return error;
}

static void flush(struct sound *s, struct channel *c, struct draft *draft, enum track_kind kind)
{
	struct recorder_job job = {.work = RECORD_PAGE, .kind = kind, .on_done = on_page};

	if (!draft->frames)
		return;
	job.plain = draft->plain;
	if (submit(s, c, job)) {
		account(c, buf_str(&draft->plain), false);
		buf_fini(&draft->plain);
		set_failing(s, c, true);
	}
	*draft = (struct draft){.plain = BUF_INIT};
}

/* --- frames */

static bool can_record(const struct sound *s, const struct channel *c)
{
	if (c->failing)
		return !c->in_flight && s->now_ms >= c->retry_at_ms;
	return c->in_flight < MAX_IN_FLIGHT;
}

static int record(struct sound *s, struct channel *c, struct epoch *e, enum track_kind kind,
		  const struct sound_frame *f, struct str bytes)
{
	struct draft *draft = &e->drafts[kind];

	if (!can_record(s, c)) {
		/* Nobody will send again what is refused now until the phone comes back. */
		if (!c->failing)
			set_failing(s, c, true);
		return -EAGAIN;
	}
	if (spans_add(&e->held, span_of(f)))
		return -ENOSPC;
	if (!draft->frames) {
		struct sound_page page = {e->number, e->device, e->began_ms, clock_now_ms()};

		sound_page_begin(&page, &draft->plain);
		draft->began_ms = s->now_ms;
	}
	sound_page_add(&draft->plain, bytes);
	if (++draft->frames == PAGE_FRAMES || draft->plain.len >= PAGE_BYTES)
		flush(s, c, draft, kind);
	return 0;
}

/* Without a recorder nothing more can be promised than that it has come. */
static int hold(struct sound *s, struct channel *c, struct epoch *e, enum track_kind kind,
		const struct sound_frame *f, struct str bytes)
{
	int error;

	if (s->options.recorder)
		return record(s, c, e, kind, f, bytes);
	error = spans_add(&e->held, span_of(f));
	if (!error)
		spans_add(&e->kept, span_of(f));
	return error;
}

static enum sound_verdict too_fast(struct epoch *e, enum track_kind kind, int64_t now_ms)
{
	static const unsigned most[] = {LIVE_A_WINDOW, BACKFILL_A_WINDOW};
	unsigned count;

	if (now_ms - e->window_ms >= WINDOW_MS) {
		e->window_ms = now_ms;
		memset(e->in_window, 0, sizeof(e->in_window));
	}
	count = ++e->in_window[kind];
	if (kind == TRACK_LIVE && count > FAR_TOO_FAST)
		return SOUND_TOO_FAST;
	return count > most[kind] ? SOUND_REFUSED : SOUND_TAKEN;
}

enum sound_verdict sound_frame(struct sound *s, struct id alert, struct id device, struct str bytes,
			       int64_t now_ms)
{
	struct channel *c = map_get(&s->channels, alert);
	enum sound_verdict verdict;
	enum track_kind kind;
	struct sound_frame f;
	struct epoch *e;
	int error;

	s->now_ms = now_ms;
	if (sound_decode(bytes, &f) || !id_eq(f.alert, alert) || !(e = epoch_of(c, f.epoch)) ||
	    !id_eq(e->device, device) || c->ended)
		return SOUND_BAD;
	kind = f.flags & SOUND_BACKFILL ? TRACK_BACKFILL : TRACK_LIVE;
	verdict = too_fast(e, kind, now_ms);
	if (verdict != SOUND_TAKEN) {
		s->figures.refused++;
		return verdict;
	}
	if (spans_hold(&e->held, span_of(&f)))
		return SOUND_TAKEN;
	s->figures.frames++;
	error = hold(s, c, e, kind, &f, bytes);
	s->figures.refused += error != 0;
	/* Whether or not it can be kept: it is heard. */
	if (kind == TRACK_LIVE) {
		ring_push(&c->ring, f.epoch, f.sequence, bytes);
		relay(s, c);
	}
	return error ? SOUND_REFUSED : SOUND_TAKEN;
}

int sound_open(struct sound *s, struct id alert, struct id device, uint32_t epoch, int64_t began_ms,
	       uint64_t source)
{
	struct channel *c = channel_of(s, alert);
	struct epoch *e = epoch_of(c, epoch);

	if (c->ended && !c->settled)
		return -ESHUTDOWN;
	c->ended = c->settled = false; /* reopened */
	if (e && !id_eq(e->device, device))
		return -EEXIST;
	if (!e)
		e = epoch_new(c, epoch, device, began_ms);
	if (!e)
		return -ENOSPC;
	e->source = source;
	e->acked = 0;
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

static void flush_all(struct sound *s, struct channel *c, int64_t older_than_ms)
{
	for (struct epoch *e = c->epochs; e; e = e->next)
		for (unsigned i = 0; i < TRACK_COUNT; i++)
			if (e->drafts[i].began_ms <= older_than_ms)
				flush(s, c, &e->drafts[i], i);
}

void sound_tick(struct sound *s, int64_t now_ms)
{
	struct id alert;
	void *value;

	s->now_ms = now_ms;
	for (size_t at = 0; map_next(&s->channels, &at, &alert, &value);) {
		struct channel *c = value;

		flush_all(s, c, now_ms - PAGE_MS);
		for (struct epoch *e = c->epochs; e; e = e->next)
			acknowledge(s, e);
	}
}

/* --- the end */

static void track_json(struct buf *b, const char *name, uint32_t pages, const struct hash *root)
{
	char hex[2 * HASH_SIZE + 1];

	hex_encode(root->bytes, HASH_SIZE, hex);
	json_open(b, name, '{');
	json_int(b, "pages", pages);
	json_word(b, "root", hex);
	json_close(b, '}');
}

/* Between the first and the last of an epoch: what never came. */
static void gaps_json(struct buf *b, const struct epoch *e, unsigned *left)
{
	uint32_t from = 0;

	for (size_t i = 0; i < e->kept.count; i++) {
		const struct span *span = &e->kept.list[i];

		if (span->from > from && *left) {
			json_open(b, NULL, '{');
			json_int(b, "epoch", e->number);
			json_int(b, "from", from);
			json_int(b, "to", span->from);
			json_close(b, '}');
			(*left)--;
		}
		from = span->to;
	}
}

static void summary_json(struct buf *b, const struct channel *c, const struct recorder_job *job)
{
	static const char *const names[TRACK_COUNT] = {"live", "backfill"};
	uint64_t frames = 0, missing = 0;
	unsigned left = GAPS_LISTED;

	buf_add_byte(b, '{');
	for (unsigned i = 0; i < TRACK_COUNT; i++)
		track_json(b, names[i], job->pages[i], &job->roots[i]);
	json_open(b, "gaps", '[');
	for (const struct epoch *e = c->epochs; e; e = e->next) {
		frames += e->frames;
		missing += e->missing;
		gaps_json(b, e, &left);
	}
	json_close(b, ']');
	json_int(b, "frames", (int64_t)frames);
	json_int(b, "not_captured", (int64_t)missing);
	json_close(b, '}');
}

static void on_summed_up(void *job)
{
	struct errand *d = job;
	struct channel *c = answered(d);
	struct buf b = BUF_INIT;

	/* What cannot be read now is summed up at the next start. */
	if (!d->job.error) {
		summary_json(&b, c, &d->job);
		d->sound->options.recorded(d->sound->options.context, c->alert, buf_str(&b));
	}
	buf_fini(&b);
	recorder_job_free(&d->job);
}

void sound_end(struct sound *s, struct id alert)
{
	struct recorder_job job = {.work = RECORD_END, .on_done = on_summed_up};
	struct channel *c = map_get(&s->channels, alert);

	if (!c || c->ended)
		return;
	flush_all(s, c, INT64_MAX);
	c->ended = true;
	for (struct epoch *e = c->epochs; e; e = e->next)
		e->source = 0;
	tell_listeners(s, c);
	c->settled = !s->options.recorder;
	if (s->options.recorder && c->epochs)
		submit(s, c, job);
	channel_forget(s, c);
}

static void on_settled(void *job)
{
	struct errand *d = job;
	struct channel *c = answered(d);

	channel_forget(d->sound, c);
	recorder_job_free(&d->job);
}

void sound_settled(struct sound *s, struct id alert)
{
	struct recorder_job job = {.work = RECORD_SETTLE, .on_done = on_settled};
	struct channel *c = map_get(&s->channels, alert);

	/* Reopened meanwhile: there will be another sum. */
	if (!c || !c->ended)
		return;
	c->settled = true;
	submit(s, c, job);
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

		figures.failing += c->failing;
		for (const struct epoch *e = c->epochs; e; e = e->next)
			figures.streams += e->source != 0;
	}
	return figures;
}
