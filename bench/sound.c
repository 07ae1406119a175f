/* Live sound through ours: telephones send, those who listen are sockets of an account. */
#include "streams.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/cursor.h"
#include "telephones.h"

enum { SEQUENCE_AT = 22, BINARY = 2, PING = 9, PONG = 10, CLOSE = 8 }; /* docs/protocol/sound.md */

static const struct settings *settings;
static struct console_options options;
static const char *cookie;
static bool *is_upgraded;
static size_t served;

static void ask(struct client *c)
{
	char alert[ID_TEXT_SIZE], path[80];
	struct buf request = BUF_INIT;

	id_print(telephone_alert(stream_of(c->index)), alert);
	snprintf(path, sizeof(path), "/api/alerts/%s/sound", alert);
	console_request(&options, path, cookie, &request);
	client_send(c, buf_str(&request));
	buf_fini(&request);
}

static void take(struct client *c, uint8_t opcode, struct str payload)
{
	struct cursor at = cursor_of(str_slice(payload, SEQUENCE_AT, payload.len));

	if (opcode == BINARY)
		stream_heard(c->index, cursor_u32(&at));
	else if (opcode == PING)
		console_send(c, PONG, payload);
	else if (opcode == CLOSE)
		die("listener %zu was closed: %.*s", c->index, STR_FMT(payload));
	else
		served += str_starts(payload, STR("{\"type\":\"sound\""));
}

static size_t listen_to(struct client *c, struct str bytes)
{
	size_t used = 0, header, payload;

	if (!is_upgraded[c->index])
		used = http_answered(bytes, STR("HTTP/1.1 101"));
	is_upgraded[c->index] |= used > 0;
	while (is_upgraded[c->index] &&
	       console_frame(str_slice(bytes, used, bytes.len), &header, &payload)) {
		take(c, bytes.ptr[used] & 0x0F, str_of(bytes.ptr + used + header, payload));
		used += header + payload;
	}
	return used;
}

static const struct client_calls listening = {ask, listen_to};

static void open_all(const struct settings *s)
{
	size_t count = s->count * s->consoles;
	struct client *listeners = xcalloc(count, sizeof(listeners[0]));
	int64_t give_up_us = clock_monotonic_us() + 60 * 1000000LL;

	settings = s;
	options = (struct console_options){s->http_port, s->login, s->password, NULL};
	cookie = console_log_in(&options);
	is_upgraded = xcalloc(count + s->late, sizeof(is_upgraded[0]));
	telephones_open(s);
	clients_open(listeners, count, &listening, s->http_port, false);
	while (served < count) {
		clients_poll(clock_monotonic_us() + 100000);
		if (clock_monotonic_us() > give_up_us)
			die("%zu of %zu listeners are served", served, count);
	}
	telephones_stream(0);
}

static void join(struct client *c, size_t index)
{
	client_connect(c, &listening, index, settings->http_port, false);
}

static void send_live(size_t stream, uint32_t sequence, struct str packet)
{
	telephone_send(stream, sequence, 0, packet);
}

void mode_sound(const struct settings *s)
{
	static const struct carrier carrier = {open_all, send_live, join, telephones_acknowledged};

	streams_run(s, &carrier);
}
