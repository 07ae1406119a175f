/* Telephones of the load tool: see telephones.h. */
#include "telephones.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "wire/agent.h"
#include "wire/sound.h"

enum { EPOCH = 1 };

struct telephone {
	struct id alert;
	uint32_t sent, acknowledged; /* the first sequence that is not */
};

static struct client *clients;
static struct telephone *telephones;
static size_t count, called;
static uint64_t first;
static int64_t began_ms;

static void say(struct client *c, enum agent_kind kind, struct str payload)
{
	static struct buf message = BUF_INIT;

	buf_reset(&message);
	agent_add(kind, payload, &message);
	client_send(c, buf_str(&message));
}

static void on_open(struct client *c)
{
	struct buf text = BUF_INIT;
	char device[ID_TEXT_SIZE];

	id_print(telephone_id(first + c->index), device);
	buf_printf(&text, "{\"type\":\"hello\",\"device\":\"%s\",\"secret\":\"secret-%010llu\"}",
		   device, (unsigned long long)(first + c->index));
	say(c, AGENT_TEXT, buf_str(&text));
	buf_reset(&text);
	buf_printf(&text, "{\"type\":\"call\",\"at\":%lld,\"position\":null,\"battery\":80}",
		   (long long)clock_now_ms());
	say(c, AGENT_TEXT, buf_str(&text));
	buf_fini(&text);
}

/* What follows `label` within the text; NULL when it is not there. */
static const char *after(struct str text, struct str label)
{
	const char *at = memmem(text.ptr, text.len, label.ptr, label.len);

	return at ? at + label.len : NULL;
}

static void on_text(struct client *c, struct str text)
{
	struct telephone *t = &telephones[c->index];
	const char *at;

	if (str_starts(text, STR("{\"type\":\"ack\"")) && (at = after(text, STR("\"next\":")))) {
		t->acknowledged = (uint32_t)strtoul(at, NULL, 10);
	} else if (str_starts(text, STR("{\"type\":\"called\""))) {
		at = after(text, STR("\"alert\":\""));
		if (!at || id_parse(str_of(at, ID_TEXT_SIZE - 1), &t->alert))
			die("telephone %zu: %.*s", c->index, STR_FMT(text));
		called++;
	}
}

static size_t on_data(struct client *c, struct str bytes)
{
	struct agent_message m;
	size_t used = 0;
	ptrdiff_t r;

	while ((r = agent_next(str_slice(bytes, used, bytes.len), &m)) > 0) {
		if (m.kind == AGENT_TEXT)
			on_text(c, m.payload);
		else if (m.kind == AGENT_PING)
			say(c, AGENT_PONG, m.payload);
		else if (m.kind == AGENT_CLOSE)
			die("telephone %zu was closed: %.*s", c->index, STR_FMT(m.payload));
		used += (size_t)r;
	}
	return used;
}

void telephones_open(const struct settings *s)
{
	static const struct client_calls calls = {on_open, on_data};
	int64_t give_up_us = clock_monotonic_us() + 60 * 1000000LL;

	count = s->count;
	first = s->first;
	clients = xcalloc(count, sizeof(clients[0]));
	telephones = xcalloc(count, sizeof(telephones[0]));
	clients_open(clients, count, &calls, s->agent_port, false);
	while (called < count) {
		clients_poll(clock_monotonic_us() + 100000);
		if (clock_monotonic_us() > give_up_us)
			die("%zu of %zu telephones have called", called, count);
	}
}

size_t telephone_count(void)
{
	return count;
}

struct id telephone_alert(size_t index)
{
	return telephones[index].alert;
}

void telephones_stream(int64_t ago_ms)
{
	struct buf text = BUF_INIT;
	char alert[ID_TEXT_SIZE];

	began_ms = clock_now_ms() - ago_ms;
	for (size_t i = 0; i < count; i++) {
		buf_reset(&text);
		id_print(telephones[i].alert, alert);
		buf_printf(&text,
			   "{\"type\":\"streaming\",\"alert\":\"%s\",\"epoch\":%d,\"began\":%lld}",
			   alert, EPOCH, (long long)began_ms);
		say(&clients[i], AGENT_TEXT, buf_str(&text));
	}
	buf_fini(&text);
}

void telephone_send(size_t index, uint32_t sequence, uint8_t flags, struct str packet)
{
	static struct buf bytes = BUF_INIT;
	struct sound_frame frame = {.alert = telephones[index].alert,
				    .epoch = EPOCH,
				    .sequence = sequence,
				    .at_ms = began_ms + (int64_t)sequence * SOUND_FRAME_MS,
				    .flags = flags,
				    .packet = packet};

	buf_reset(&bytes);
	sound_encode(&frame, &bytes);
	say(&clients[index], AGENT_BINARY, buf_str(&bytes));
	telephones[index].sent++;
}

uint64_t telephones_acknowledged(void)
{
	int64_t give_up_us = clock_monotonic_us() + 5 * 1000000LL;
	uint64_t sent, acknowledged;

	do {
		sent = acknowledged = 0;
		for (size_t i = 0; i < count; i++) {
			sent += telephones[i].sent;
			acknowledged += telephones[i].acknowledged;
		}
		clients_poll(clock_monotonic_us() + 10000);
	} while (acknowledged < sent && clock_monotonic_us() < give_up_us);
	return acknowledged;
}
