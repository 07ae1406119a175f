/* Watches of the load tool: see watches.h. */
#include "watches.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "console.h"

static struct watches *all;
static void (*answered)(size_t index, enum frame of);
static size_t waiting; /* watches whose first answer has not come */
static bool is_opening;

/* A watch somewhere in the Vienne, never twice at the same place. */
static void print_position(struct buf *out, const char *word, const char *status)
{
	static unsigned step;
	struct civil_time t = civil_from_ms(clock_now_ms());

	step++;
	buf_printf(out,
		   "%s,%02d%02d%02d,%02d%02d%02d,A,46.%06u,N,0.%06u,E,4.20,%u.0,110.0,9,80,77,1200,"
		   "0,%s,1,255,208,10,"
		   "6310,20011,141,0,12.0",
		   word, t.day, t.month, t.year % 100, t.hour, t.minute, t.second,
		   400000 + step % 300000, 200000 + step * 7 % 400000, step % 360, status);
}

void watches_send(struct watches *w, size_t index, enum frame frame)
{
	struct buf content = BUF_INIT, out = BUF_INIT;

	switch (frame) {
	case FRAME_LINK:
		buf_add_str(&content, STR("LK,1200,0,77"));
		break;
	case FRAME_ALARM:
		print_position(&content, "AL", "00010000");
		break;
	case FRAME_POSITION:
		print_position(&content, "UD", "00000000");
		break;
	}
	buf_printf(&out, "[SG*%010llu*%04zx*%.*s]", (unsigned long long)(w->first + index),
		   content.len, STR_FMT(buf_str(&content)));
	client_send(&w->clients[index], buf_str(&out));
	buf_fini(&content);
	buf_fini(&out);
}

static void on_open(struct client *c)
{
	watches_send(all, c->index, FRAME_LINK);
}

static void on_answer(struct client *c, struct str frame)
{
	bool is_alarm = str_ends(frame, STR("*AL")), is_link = str_ends(frame, STR("*LK"));

	/* The bare server answers AL whatever it is told; a watch in alert is given orders too. */
	if (!is_alarm && !is_link)
		return;
	if (is_opening)
		waiting--;
	else
		answered(c->index, is_alarm ? FRAME_ALARM : FRAME_LINK);
}

static size_t on_data(struct client *c, struct str bytes)
{
	struct str rest = bytes;
	size_t used = 0;
	ptrdiff_t end;

	while ((end = str_find(rest, ']')) >= 0) {
		on_answer(c, str_slice(rest, 0, (size_t)end));
		used += (size_t)end + 1;
		rest = str_slice(bytes, used, bytes.len);
	}
	return used;
}

static void open_all(struct watches *w, uint16_t port, bool tls)
{
	static const struct client_calls calls = {on_open, on_data};
	int64_t give_up_us = clock_monotonic_us() + 120 * 1000000LL;

	is_opening = true;
	waiting = w->count;
	clients_open(w->clients, w->count, &calls, port, tls);
	while (waiting) {
		consoles_poll(clock_monotonic_us() + 100000);
		if (clock_monotonic_us() > give_up_us)
			die("%zu of %zu watches were not answered", waiting, w->count);
	}
	is_opening = false;
}

void watches_open(struct watches *w, uint64_t first, size_t count, uint16_t port, bool tls,
		  void (*on_answer_of)(size_t index, enum frame of))
{
	*w = (struct watches){xcalloc(count, sizeof(struct client)), count, first};
	all = w;
	answered = on_answer_of;
	open_all(w, port, tls);
}

void watches_close(struct watches *w)
{
	for (size_t i = 0; i < w->count; i++)
		client_close(&w->clients[i]);
	free(w->clients);
}
