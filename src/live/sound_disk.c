/* What is kept of live sound: see sound.h. */
#include <errno.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "live/sound_private.h"

enum {
	MAX_IN_FLIGHT = 32, /* pages of an alert the recorder has not answered */
	RETRY_MS = 5000,
};

void disk_log(const struct channel *c, enum log_level level, const char *event)
{
	char alert[ID_TEXT_SIZE];

	id_print(c->alert, alert);
	log_line(level, event, "alert=%s", alert);
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

	if (!written)
		c->bytes -= plain.len;
	if (sound_page_open(plain, &page, &rest) || !(e = epoch_of(c, page.epoch)))
		return;
	while (sound_page_next(&rest, &f, &bytes)) {
		if (written)
			keep(e, &f);
		else
			spans_remove(&e->held, span_of(&f));
	}
}

static void find(struct channel *c, struct str plain)
{
	struct sound_page page;
	struct sound_frame f;
	struct str rest, bytes;
	struct epoch *e;

	c->bytes += plain.len;
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

void disk_found(void *context, struct id alert, enum track_kind kind, struct str plain)
{
	struct channel *c = channel_of(context, alert);

	c->loaded = true;
	find(c, plain);
}

/* --- the recorder */

struct channel *disk_answered(struct errand *d)
{
	struct channel *c = channel_of(d->sound, d->job.alert);

	c->in_flight--;
	return c;
}

int disk_submit(struct sound *s, struct channel *c, struct errand errand)
{
	struct errand *d = xmalloc(sizeof(*d));
	int error;

	*d = errand;
	d->sound = s;
	d->job.alert = c->alert;
	d->job.context = d;
	error = recorder_submit(s->options.recorder, &d->job);
	if (error)
		free(d);
	else
		c->in_flight++;
	return error;
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
	disk_log(c, LOG_WARNING, failing ? "sound.not_recorded" : "sound.recorded_again");
	tell_listeners(s, c);
	/* What was refused meanwhile is still on the phone: it says it all again. */
	if (!failing)
		close_sources(s, c);
}

static void on_page(void *job)
{
	struct errand *d = job;
	struct channel *c = disk_answered(d);

	account(c, buf_str(&d->job.plain), !d->job.error);
	d->sound->figures.bytes += d->job.error ? 0 : d->job.plain.len;
	set_failing(d->sound, c, d->job.error != 0);
	channel_forget(d->sound, c);
	recorder_job_free(&d->job);
}

static void flush(struct sound *s, struct channel *c, struct draft *draft, enum track_kind kind)
{
	struct errand page = {.job = {.work = RECORD_PAGE, .kind = kind, .on_done = on_page}};

	if (!draft->frames)
		return;
	c->bytes += draft->plain.len;
	page.job.plain = draft->plain;
	if (disk_submit(s, c, page)) {
		account(c, buf_str(&draft->plain), false);
		buf_fini(&draft->plain);
		set_failing(s, c, true);
	}
	*draft = (struct draft){.plain = BUF_INIT};
}

void disk_flush(struct sound *s, struct channel *c, int64_t older_than_ms)
{
	for (struct epoch *e = c->epochs; e; e = e->next)
		for (unsigned i = 0; i < TRACK_COUNT; i++)
			if (e->drafts[i].began_ms <= older_than_ms)
				flush(s, c, &e->drafts[i], i);
}

void disk_fill(struct sound *s, struct channel *c)
{
	if (c->full || !s->options.recorder)
		return;
	c->full = true;
	disk_log(c, LOG_WARNING, "sound.full");
	tell_listeners(s, c);
}

/* --- keeping */

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

	if (c->bytes >= s->options.most_bytes) {
		disk_fill(s, c);
		return -EFBIG;
	}
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
int disk_keep(struct sound *s, struct channel *c, struct epoch *e, enum track_kind kind,
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

/* --- what a former opening of the alert has left */

/* On the recorder's thread: it has this channel to itself. */
static void on_found_again(void *context, struct id alert, enum track_kind kind, struct str plain)
{
	find(((struct errand *)context)->found, plain);
}

static void add_oldest(struct channel *c, struct epoch *e)
{
	struct epoch **at = &c->epochs;

	while (*at)
		at = &(*at)->next;
	e->next = NULL;
	*at = e;
	c->epoch_count++;
}

/* Announced already. The recorder works in order: all that is on disk of it was found. */
static void take_over(struct epoch *e, struct epoch *found)
{
	spans_fini(&e->kept);
	e->kept = found->kept;
	e->frames = found->frames;
	e->missing = found->missing;
	found->kept = (struct spans){0};
	for (size_t i = 0; i < e->kept.count; i++)
		spans_add(&e->held, e->kept.list[i]);
	epoch_free(found);
}

static void adopt(struct channel *c, struct channel *found)
{
	struct epoch *next;

	for (struct epoch *e = found->epochs; e; e = next) {
		struct epoch *here = epoch_of(c, e->number);

		next = e->next;
		if (here)
			take_over(here, e);
		else
			add_oldest(c, e);
	}
	found->epochs = NULL;
	c->bytes += found->bytes;
}

static void on_loaded(void *job)
{
	struct errand *d = job;
	struct channel *c = disk_answered(d);

	c->loading = false;
	/* What was in memory all the while is not older than the disk. */
	if (!d->job.error && !c->loaded) {
		adopt(c, d->found);
		c->loaded = true;
		tell_listeners(d->sound, c);
	}
	channel_free(d->found);
	channel_forget(d->sound, c);
	recorder_job_free(&d->job);
}

void disk_load(struct sound *s, struct channel *c)
{
	struct errand load = {
		.job = {.work = RECORD_LOAD, .found = on_found_again, .on_done = on_loaded}};

	if (!s->options.recorder || c->loading)
		return;
	load.found = xcalloc(1, sizeof(*load.found));
	c->loading = !disk_submit(s, c, load);
	if (!c->loading)
		channel_free(load.found);
}
