/* Those who listen: see sound.h. */
#include "base/alloc.h"
#include "base/clock.h"
#include "live/sound_private.h"
#include "service/json.h"

static void streams_json(const struct channel *c, struct buf *b)
{
	json_open(b, "streams", '[');
	for (const struct epoch *e = c->epochs; e; e = e->next) {
		json_open(b, NULL, '{');
		json_int(b, "epoch", e->number);
		json_int(b, "began", e->began_ms);
		json_int(b, "first", e->held.count ? e->held.list[0].from : 0);
		json_int(b, "next", spans_end(&e->held));
		json_bool(b, "live", e->source != 0);
		json_close(b, '}');
	}
	json_close(b, ']');
}

static const char *recording_state(const struct sound *s, const struct channel *c)
{
	if (!s->options.recorder)
		return "off";
	if (c->failing || c->full)
		return "failing";
	return c->ended ? "ended" : "on";
}

static void state_message(const struct sound *s, const struct channel *c, struct buf *b)
{
	buf_add_byte(b, '{');
	json_word(b, "type", "sound");
	streams_json(c, b);
	json_word(b, "recording", recording_state(s, c));
	json_int(b, "now", clock_now_ms());
	json_close(b, '}');
}

void tell_listeners(struct sound *s, const struct channel *c)
{
	struct buf b = BUF_INIT;

	if (c->listeners)
		state_message(s, c, &b);
	for (const struct listener *l = c->listeners; l; l = l->next)
		s->options.listener_text(s->options.context, l->id, buf_str(&b));
	buf_fini(&b);
}

/* What it has missed is gone; it is told which part. */
static void jump(struct sound *s, struct listener *l)
{
	const struct ring_frame *frame;
	struct buf b = BUF_INIT;

	l->place = l->channel->ring.newest;
	frame = ring_at(&l->channel->ring, l->place);
	buf_add_byte(&b, '{');
	json_word(&b, "type", "jumped");
	json_int(&b, "epoch", frame->epoch);
	json_int(&b, "from", frame->epoch == l->epoch ? (int64_t)l->sequence + 1 : 0);
	json_int(&b, "to", frame->sequence);
	json_close(&b, '}');
	s->options.listener_text(s->options.context, l->id, buf_str(&b));
	s->figures.jumps++;
	buf_fini(&b);
}

static void serve(struct sound *s, struct listener *l)
{
	const struct sound_ring *ring = &l->channel->ring;
	const struct ring_frame *frame;

	if (l->place < ring->first)
		jump(s, l);
	while ((frame = ring_at(ring, l->place))) {
		if (!s->options.listener_frame(s->options.context, l->id,
					       str_of(frame->bytes, frame->len))) {
			l->waiting = true;
			return;
		}
		l->epoch = frame->epoch;
		l->sequence = frame->sequence;
		l->place = ring_after(ring, l->place);
	}
}

void relay(struct sound *s, struct channel *c)
{
	for (struct listener *l = c->listeners; l; l = l->next)
		if (!l->waiting)
			serve(s, l);
}

void sound_listen(struct sound *s, uint64_t listener, struct id alert)
{
	struct listener *l = xcalloc(1, sizeof(*l));
	struct channel *c = channel_of(s, alert);
	struct buf b = BUF_INIT;

	*l = (struct listener){.id = listener, .channel = c, .next = c->listeners};
	l->at = &c->listeners;
	if (l->next)
		l->next->at = &l->next;
	c->listeners = l;
	map_set(&s->listeners, map_key_u64(listener), l);
	state_message(s, c, &b);
	s->options.listener_text(s->options.context, listener, buf_str(&b));
	buf_fini(&b);
	l->place = c->ring.newest;
	serve(s, l);
}

void sound_leave(struct sound *s, uint64_t listener)
{
	struct listener *l = map_remove(&s->listeners, map_key_u64(listener));

	if (!l)
		return;
	*l->at = l->next;
	if (l->next)
		l->next->at = l->at;
	channel_forget(s, l->channel);
	free(l);
}

void sound_drained(struct sound *s, uint64_t listener)
{
	struct listener *l = map_get(&s->listeners, map_key_u64(listener));

	if (!l || !l->waiting)
		return;
	l->waiting = false;
	serve(s, l);
}
