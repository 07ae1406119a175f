/* What was recorded of an alert: see recording.h. */
#include "live/recording.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "service/json.h"
#include "wire/ogg.h"
#include "wire/sound.h"

enum {
	MAX_BYTES = LIMIT_SOUND_ALERT_BYTES, /* of packets: all that is kept can be read */
	MAX_PLACES =
		8 * 1000 * 1000, /* frames of the file, those that are not there too: 44 hours */
	MAX_ITEMS = 8 * 1024 * 1024,
	MAX_STREAMS = 256,
	GAPS_LISTED = 1000,
	/* A phone whose clock was set tells nothing of how long it was away. */
	MAX_APART_FRAMES = 24 * 3600 * 50,
	OPUS_FULLBAND_20_MS = 0xf8,
	/* RFC 7845 §4.6: a decoder that begins in the middle has settled after 80 ms. */
	PRE_ROLL = 4,
	FRAME_SAMPLES = 960,
};

struct stream {
	uint32_t epoch;
	int64_t began_ms;
	uint64_t place; /* of its sequence 0 in the file, in frames */
	uint32_t first, end;
	uint64_t frames;
};

struct item {
	uint16_t stream, len; /* len 0: said not to be there */
	uint32_t sequence;
	size_t at; /* in packets */
};

enum gap_reason { GAP_MISSING, GAP_APART }; /* apart: between two streams */
struct gap {
	uint64_t place, frames;
	enum gap_reason reason;
};

struct recording {
	struct buf packets;
	struct item *items;
	size_t count, cap;
	struct stream streams[MAX_STREAMS];
	unsigned stream_count;
	struct gap gaps[GAPS_LISTED];
	unsigned gap_count, gaps_more;
	uint64_t frames, places; /* packets that are there; how long the file is */
	uint64_t begin, end;     /* of the part that is rendered, in places */
	uint32_t pages[TRACK_COUNT];
	struct id alert;
};

/* --- reading */

static struct stream *stream_of(struct recording *r, const struct sound_page *page)
{
	struct stream *s;

	for (unsigned i = 0; i < r->stream_count; i++)
		if (r->streams[i].epoch == page->epoch)
			return &r->streams[i];
	if (r->stream_count == MAX_STREAMS)
		return NULL;
	s = &r->streams[r->stream_count++];
	*s = (struct stream){.epoch = page->epoch, .began_ms = page->began_ms, .first = UINT32_MAX};
	return s;
}

static int add_item(struct recording *r, struct stream *s, const struct sound_frame *f)
{
	if (r->packets.len + f->packet.len > MAX_BYTES || r->count == MAX_ITEMS)
		return -EFBIG;
	if (r->count == r->cap) {
		r->cap = r->cap ? r->cap * 2 : 1024;
		r->items = xrealloc(r->items, r->cap * sizeof(*r->items));
	}
	r->items[r->count++] = (struct item){(uint16_t)(s - r->streams), (uint16_t)f->packet.len,
					     f->sequence, r->packets.len};
	buf_add_str(&r->packets, f->packet);
	return 0;
}

int recording_add(struct recording *r, enum track_kind kind, struct str plain)
{
	struct sound_page page;
	struct sound_frame f;
	struct str rest, bytes;
	struct stream *s;
	int error = 0;

	r->pages[kind]++;
	if (sound_page_open(plain, &page, &rest))
		return -EBADMSG;
	s = stream_of(r, &page);
	if (!s)
		return 0;
	while (!error && sound_page_next(&rest, &f, &bytes)) {
		uint32_t end = f.sequence + sound_span(&f);

		s->first = f.sequence < s->first ? f.sequence : s->first;
		s->end = end > s->end ? end : s->end;
		/* What is said not to be there is found again as what is missing. */
		if (!(f.flags & SOUND_GAP))
			error = add_item(r, s, &f);
	}
	return error;
}

/* --- putting it in order */

static int by_time(const void *a, const void *b)
{
	const struct stream *x = a, *y = b;

	if (x->began_ms != y->began_ms)
		return x->began_ms < y->began_ms ? -1 : 1;
	return x->epoch < y->epoch ? -1 : x->epoch > y->epoch;
}

static int by_place(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->stream != y->stream)
		return x->stream < y->stream ? -1 : 1;
	if (x->sequence != y->sequence)
		return x->sequence < y->sequence ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* The streams by the time they began; items follow by their new numbers. */
static void sort_streams(struct recording *r)
{
	struct stream old[MAX_STREAMS];
	uint16_t now_at[MAX_STREAMS];

	memcpy(old, r->streams, sizeof(old));
	qsort(r->streams, r->stream_count, sizeof(*r->streams), by_time);
	for (unsigned i = 0; i < r->stream_count; i++)
		for (unsigned j = 0; j < r->stream_count; j++)
			if (old[i].epoch == r->streams[j].epoch)
				now_at[i] = (uint16_t)j;
	for (size_t i = 0; i < r->count; i++)
		r->items[i].stream = now_at[r->items[i].stream];
}

/* The same frame may have been written twice: the first is taken. */
static void sort_items(struct recording *r)
{
	size_t kept = 0;

	if (!r->count) /* pages that only say what is missing */
		return;
	qsort(r->items, r->count, sizeof(*r->items), by_place);
	for (size_t i = 0; i < r->count; i++) {
		const struct item *last = kept ? &r->items[kept - 1] : NULL;

		if (!last || last->stream != r->items[i].stream ||
		    last->sequence != r->items[i].sequence)
			r->items[kept++] = r->items[i];
	}
	r->count = kept;
}

static void add_gap(struct recording *r, uint64_t place, uint64_t frames, enum gap_reason reason)
{
	if (!frames)
		return;
	if (r->gap_count < GAPS_LISTED)
		r->gaps[r->gap_count++] = (struct gap){place, frames, reason};
	else
		r->gaps_more++;
}

/*
 * The file keeps the wall clock: a stream begins where its own time says, never before the end of
 * the one before it.
 */
static void place_streams(struct recording *r)
{
	for (unsigned i = 0; i < r->stream_count; i++) {
		struct stream *s = &r->streams[i];
		const struct stream *before = i ? s - 1 : NULL;
		uint64_t end = before ? before->place + before->end : 0;
		int64_t apart;

		s->place = end;
		if (!before || s->began_ms <= before->began_ms)
			continue;
		apart = (s->began_ms - before->began_ms) / SOUND_FRAME_MS - before->end;
		if (apart > 0 && apart <= MAX_APART_FRAMES)
			s->place += (uint64_t)apart;
	}
}

static void find_gaps(struct recording *r)
{
	uint64_t place = 0;

	for (size_t i = 0; i < r->count; i++) {
		const struct stream *s = &r->streams[r->items[i].stream];
		uint64_t here = s->place + r->items[i].sequence;

		r->streams[r->items[i].stream].frames++;
		if (here > place && place < s->place) {
			add_gap(r, place, s->place - place, GAP_APART);
			place = s->place;
		}
		add_gap(r, place, here - place, GAP_MISSING);
		place = here + 1;
	}
	r->places = r->stream_count ? r->streams[r->stream_count - 1].place +
					      r->streams[r->stream_count - 1].end
				    : 0;
	add_gap(r, place, r->places - place, GAP_MISSING);
	r->frames = r->count;
}

struct recording *recording_new(struct id alert)
{
	struct recording *r = xcalloc(1, sizeof(*r));

	r->alert = alert;
	return r;
}

int recording_order(struct recording *r)
{
	if (!r->stream_count)
		return -ENOENT;
	sort_streams(r);
	sort_items(r);
	place_streams(r);
	find_gaps(r);
	r->end = r->places;
	return r->places > MAX_PLACES ? -EFBIG : 0;
}

struct reading {
	struct recording *recording;
	enum track_kind kind;
};

/* What is no page of sound is passed over: the rest can be heard. */
static int on_page(void *context, uint32_t number, struct str plain)
{
	const struct reading *x = context;
	int error = recording_add(x->recording, x->kind, plain);

	return error == -EBADMSG ? 0 : error;
}

int recording_read(struct vault *v, const char *folder, struct id alert,
		   struct recording **ret_recording)
{
	struct recording *r = recording_new(alert);
	int error = 0;

	for (unsigned i = 0; !error && i < TRACK_COUNT; i++) {
		struct track_name name = {folder, alert, i};
		struct reading x = {r, i};
		struct track_end end;

		error = track_read(v, &name, on_page, &x, &end);
		r->pages[i] = end.pages;
	}
	if (!error)
		error = recording_order(r);
	if (error)
		recording_free(r);
	else
		*ret_recording = r;
	return error;
}

bool recording_cut(struct recording *r, int64_t from_ms, int64_t to_ms)
{
	uint64_t end = (uint64_t)to_ms / SOUND_FRAME_MS;

	r->begin = (uint64_t)from_ms / SOUND_FRAME_MS;
	r->end = end < r->places ? end : r->places;
	return r->begin < r->end;
}

void recording_free(struct recording *r)
{
	if (!r)
		return;
	buf_fini(&r->packets);
	free(r->items);
	free(r);
}

uint64_t recording_version(const struct recording *r)
{
	return (uint64_t)r->pages[TRACK_LIVE] << 32 | r->pages[TRACK_BACKFILL];
}

/* --- telling it */

static void streams_json(const struct recording *r, struct buf *b)
{
	json_open(b, "streams", '[');
	for (unsigned i = 0; i < r->stream_count; i++) {
		const struct stream *s = &r->streams[i];

		json_open(b, NULL, '{');
		json_int(b, "epoch", s->epoch);
		json_int(b, "began", s->began_ms);
		json_int(b, "first", s->first);
		json_int(b, "next", s->end);
		json_int(b, "frames", (int64_t)s->frames);
		json_int(b, "at", (int64_t)s->place * SOUND_FRAME_MS);
		json_close(b, '}');
	}
	json_close(b, ']');
}

static const char *reason_name(enum gap_reason reason)
{
	static const char *const names[] = {"missing", "apart"};

	return names[reason];
}

void recording_json(const struct recording *r, struct buf *b)
{
	buf_add_byte(b, '{');
	json_int(b, "milliseconds", (int64_t)r->places * SOUND_FRAME_MS);
	json_int(b, "frames", (int64_t)r->frames);
	streams_json(r, b);
	json_open(b, "gaps", '[');
	for (unsigned i = 0; i < r->gap_count; i++) {
		json_open(b, NULL, '{');
		json_int(b, "at", (int64_t)r->gaps[i].place * SOUND_FRAME_MS);
		json_int(b, "milliseconds", (int64_t)r->gaps[i].frames * SOUND_FRAME_MS);
		json_word(b, "reason", reason_name(r->gaps[i].reason));
		json_close(b, '}');
	}
	json_close(b, ']');
	json_int(b, "gaps_more", r->gaps_more);
	json_close(b, '}');
}

/* --- Ogg */

static struct str comment(struct arena *arena, const char *text)
{
	size_t len = strlen(text);

	return str_of(arena_copy(arena, text, len), len);
}

/* "EGIDE_GAP=AT_MS+MS", of the part that is rendered: no reader of the file takes concealment for
 * silence. */
static size_t gap_comments(const struct recording *r, struct arena *arena, struct str *list)
{
	char text[80];
	size_t count = 0;

	for (unsigned i = 0; i < r->gap_count; i++) {
		uint64_t from = r->gaps[i].place, to = from + r->gaps[i].frames;

		from = from > r->begin ? from : r->begin;
		to = to < r->end ? to : r->end;
		if (from >= to)
			continue;
		snprintf(text, sizeof(text), "EGIDE_GAP=%llu+%llu",
			 (unsigned long long)(from - r->begin) * SOUND_FRAME_MS,
			 (unsigned long long)(to - from) * SOUND_FRAME_MS);
		list[count++] = comment(arena, text);
	}
	return count;
}

static size_t comments_of(const struct recording *r, struct arena *arena, struct str *list)
{
	enum { BEFORE_GAPS = 3 };
	bool is_part = r->begin || r->end < r->places;
	size_t gaps = gap_comments(r, arena, list + BEFORE_GAPS);
	char text[80], alert[ID_TEXT_SIZE];
	size_t count = 0;

	id_print(r->alert, alert);
	snprintf(text, sizeof(text), "EGIDE_ALERT=%s", alert);
	list[count++] = comment(arena, text);
	snprintf(text, sizeof(text), "EGIDE_GAPS=%zu", is_part ? gaps : gaps + r->gaps_more);
	list[count++] = comment(arena, text);
	if (is_part) {
		snprintf(text, sizeof(text), "EGIDE_FROM=%llu",
			 (unsigned long long)r->begin * SOUND_FRAME_MS);
		list[count++] = comment(arena, text);
	}
	memmove(list + count, list + BEFORE_GAPS, gaps * sizeof(*list));
	return count + gaps;
}

static void add_lost(struct ogg_writer *w, uint64_t frames, uint8_t toc)
{
	uint8_t lost[2];
	struct str packet = str_of(lost, opus_lost(toc, lost));

	while (frames--)
		ogg_add(w, packet);
}

uint64_t recording_ogg(const struct recording *r, uint64_t from, uint64_t to, struct buf *out)
{
	uint64_t before = r->begin < PRE_ROLL ? r->begin : PRE_ROLL, place = r->begin - before;
	struct ogg_writer w = {.pre_skip = (uint16_t)(OGG_PRE_SKIP + before * FRAME_SAMPLES),
			       .from = from,
			       .to = to,
			       .out = out};
	struct str comments[GAPS_LISTED + 3];
	struct arena arena = ARENA_INIT;
	uint8_t toc = OPUS_FULLBAND_20_MS;
	uint32_t serial;

	memcpy(&serial, r->alert.bytes + 12, sizeof(serial));
	ogg_begin(&w, serial, comments, comments_of(r, &arena, comments));
	for (size_t i = 0; i < r->count; i++) {
		const struct item *item = &r->items[i];
		uint64_t here = r->streams[item->stream].place + item->sequence;

		if (here >= r->end)
			break;
		if (here >= place) {
			add_lost(&w, here - place, toc);
			ogg_add(&w, str_of(r->packets.ptr + item->at, item->len));
			place = here + 1;
		}
		toc = (uint8_t)r->packets.ptr[item->at];
	}
	add_lost(&w, r->end - place, toc);
	ogg_end(&w);
	arena_fini(&arena);
	return w.written;
}
