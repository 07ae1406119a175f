/*
 * Live sound through Icecast: sources and listeners over HTTP, Ogg Opus (RFC 7845) with one page a
 * frame, so that nothing waits for a page to fill.
 */
#include "streams.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "wire/ogg.h"

/* RFC 3533 §6. */
enum { PAGE_HEAD = 27, PAGE_CRC = 22, PAGE_GRANULE = 6, PAGE_LAST = 26 };
enum { PACKET_SAMPLES = 960, EACH_US = 2000 };

static const struct settings *settings;
static struct client *sources;
static struct ogg_writer *writers;
static bool *is_accepted, *is_answered;
static size_t accepted;

/* --- sources */

static void offer(struct client *c)
{
	struct buf request = BUF_INIT;

	/* source:banc */
	buf_printf(&request,
		   "PUT /%zu.opus HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic "
		   "c291cmNlOmJhbmM=\r\nContent-Type: audio/ogg\r\nIce-Public: 0\r\n\r\n",
		   c->index);
	client_send(c, buf_str(&request));
	buf_fini(&request);
}

static size_t on_offered(struct client *c, struct str bytes)
{
	size_t used = is_accepted[c->index] ? bytes.len : http_answered(bytes, STR("HTTP/1."));

	if (used && !is_accepted[c->index] && !memmem(bytes.ptr, 16, " 200", 4))
		die("source %zu: %.*s", c->index, (int)(bytes.len < 60 ? bytes.len : 60),
		    bytes.ptr);
	accepted += used && !is_accepted[c->index];
	is_accepted[c->index] |= used > 0;
	return used;
}

static void begin(size_t stream)
{
	struct buf head = BUF_INIT;

	writers[stream] =
		(struct ogg_writer){.pre_skip = OGG_PRE_SKIP, .to = UINT64_MAX, .out = &head};
	ogg_begin(&writers[stream], (uint32_t)stream + 1, NULL, 0);
	client_send(&sources[stream], buf_str(&head));
	buf_fini(&head);
}

static void add_little(struct buf *b, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_add_byte(b, (uint8_t)(value >> 8 * i));
}

static void send_page(size_t stream, uint32_t sequence, struct str packet)
{
	struct ogg_writer *w = &writers[stream];
	static struct buf page = BUF_INIT;
	uint32_t crc = 0;

	buf_reset(&page);
	buf_add(&page, "OggS\0\0", PAGE_GRANULE);
	add_little(&page, ((uint64_t)sequence + 1) * PACKET_SAMPLES, 8);
	add_little(&page, w->serial, 4);
	add_little(&page, w->page++, 4);
	add_little(&page, 0, 4);
	add_little(&page, 1, 1);
	add_little(&page, packet.len, 1);
	buf_add_str(&page, packet);
	for (size_t i = 0; i < page.len; i++)
		crc = (crc << 8) ^ w->crc_table[(crc >> 24) ^ (uint8_t)page.ptr[i]];
	for (unsigned i = 0; i < 4; i++)
		page.ptr[PAGE_CRC + i] = (char)(crc >> 8 * i);
	client_send(&sources[stream], buf_str(&page));
}

/* --- listeners */

static void ask(struct client *c)
{
	struct buf request = BUF_INIT;

	buf_printf(&request, "GET /%zu.opus HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n",
		   stream_of(c->index));
	client_send(c, buf_str(&request));
	buf_fini(&request);
}

/* Bytes of the page at the front; 0: it is not all there. */
static size_t page_length(struct str bytes)
{
	const uint8_t *b = (const uint8_t *)bytes.ptr;
	size_t len = PAGE_HEAD;

	if (bytes.len < len || bytes.len < len + b[PAGE_LAST])
		return 0;
	if (!str_starts(bytes, STR("OggS")))
		die("a listener is out of step");
	for (unsigned i = 0; i < b[PAGE_LAST]; i++)
		len += 1u + b[PAGE_HEAD + i];
	return bytes.len < len ? 0 : len;
}

static void take(struct client *c, const uint8_t *page)
{
	uint64_t granule = 0;

	for (unsigned i = 8; i--;)
		granule = granule << 8 | page[PAGE_GRANULE + i];
	/* Both pages of headers end at sample 0. */
	if (granule)
		stream_heard(c->index, (uint32_t)(granule / PACKET_SAMPLES - 1));
}

static size_t listen_to(struct client *c, struct str bytes)
{
	size_t used = 0, len;

	if (!is_answered[c->index]) {
		used = http_answered(bytes, STR("HTTP/1.0 200"));
		is_answered[c->index] = used > 0;
	}
	while (is_answered[c->index] && (len = page_length(str_slice(bytes, used, bytes.len)))) {
		take(c, (const uint8_t *)bytes.ptr + used);
		used += len;
	}
	return used;
}

static const struct client_calls listening = {ask, listen_to};

/* One by one: its queue of those who wait to be accepted is short, and who finds it full comes
 * again a second later. */
static void open_each(struct client *c, size_t count, const struct client_calls *calls)
{
	for (size_t i = 0; i < count; i++) {
		client_connect(&c[i], calls, i, settings->http_port, false);
		while (c[i].state != CLIENT_OPEN)
			clients_poll(clock_monotonic_us() + 100000);
		wait_us(EACH_US);
	}
}

static void open_all(const struct settings *s)
{
	static const struct client_calls offering = {offer, on_offered};
	size_t count = s->count * s->consoles;
	struct client *listeners = xcalloc(count, sizeof(listeners[0]));
	int64_t give_up_us = clock_monotonic_us() + 30 * 1000000LL;

	settings = s;
	sources = xcalloc(s->count, sizeof(sources[0]));
	writers = xcalloc(s->count, sizeof(writers[0]));
	is_accepted = xcalloc(s->count, sizeof(is_accepted[0]));
	is_answered = xcalloc(count + s->late, sizeof(is_answered[0]));
	open_each(sources, s->count, &offering);
	while (accepted < s->count) {
		clients_poll(clock_monotonic_us() + 100000);
		if (clock_monotonic_us() > give_up_us)
			die("%zu of %zu sources are accepted", accepted, s->count);
	}
	for (size_t i = 0; i < s->count; i++)
		begin(i);
	/* They are answered with the first page that comes. */
	open_each(listeners, count, &listening);
}

static void join(struct client *c, size_t index)
{
	client_connect(c, &listening, index, settings->http_port, false);
}

void mode_icecast(const struct settings *s)
{
	static const struct carrier carrier = {open_all, send_page, join, NULL};

	streams_run(s, &carrier);
}
