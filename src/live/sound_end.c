/* The end of an alert's sound, and its going on: see sound.h. */
#include "base/alloc.h"
#include "live/sound_private.h"
#include "service/json.h"

enum { GAPS_LISTED = 1000 };

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
	struct sound *s = d->sound;
	struct channel *c = disk_answered(d);
	struct buf b = BUF_INIT;

	if (c->sum == d->sum && (d->job.error || !c->loaded)) {
		/* What cannot be read now is summed up at the next start. */
		disk_log(c, LOG_WARNING, "sound.not_summed_up");
	} else if (c->sum == d->sum) {
		summary_json(&b, c, &d->job);
		s->options.recorded(s->options.context, c->alert, c->sum, buf_str(&b));
	}
	buf_fini(&b);
	recorder_job_free(&d->job);
}

void sound_end(struct sound *s, struct id alert)
{
	struct errand end = {.job = {.work = RECORD_END, .on_done = on_summed_up}};
	struct channel *c = map_get(&s->channels, alert);

	if (!c || c->ended)
		return;
	disk_flush(s, c, INT64_MAX);
	c->ended = true;
	c->sum = end.sum = ++s->sums;
	for (struct epoch *e = c->epochs; e; e = e->next)
		e->source = 0;
	tell_listeners(s, c);
	c->settled = !s->options.recorder;
	if (s->options.recorder && c->epochs)
		disk_submit(s, c, end);
	channel_forget(s, c);
}

void sound_reopen(struct sound *s, struct id alert)
{
	struct channel *c =
		s->options.recorder ? channel_of(s, alert) : map_get(&s->channels, alert);

	if (!c)
		return;
	c->ended = c->settled = false;
	c->sum = 0;
	/* Behind what may still settle it: the recorder works in order. */
	disk_load(s, c);
	tell_listeners(s, c);
}

static void on_settled(void *job)
{
	struct errand *d = job;
	struct channel *c = disk_answered(d);

	channel_forget(d->sound, c);
	recorder_job_free(&d->job);
}

void sound_settled(struct sound *s, struct id alert, uint64_t sum)
{
	struct errand settle = {.job = {.work = RECORD_SETTLE, .on_done = on_settled}};
	struct channel *c = map_get(&s->channels, alert);

	/* Reopened meanwhile: there will be another sum. */
	if (!c || c->sum != sum)
		return;
	c->settled = true;
	disk_submit(s, c, settle);
}
