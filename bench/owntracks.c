/*
 * Positions over OwnTracks HTTP: `count` telephones, each with its connection that stays open and
 * one report waiting for its answer, which comes when it is stored.
 */
#include "modes.h"

#include "base/alloc.h"
#include "base/clock.h"

enum { WARM_UP_US = 1000000 };

static const struct settings *settings;
static struct client *clients;
static int64_t *sent_us, start_us, end_us;
static struct latencies stored;
static size_t waiting;

static void add_base64(struct buf *out, struct str text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < text.len; i += 3) {
		uint32_t three = 0;

		for (size_t j = 0; j < 3; j++)
			three = three << 8 | (i + j < text.len ? (uint8_t)text.ptr[i + j] : 0);
		for (size_t j = 0; j < 4; j++)
			buf_add_byte(out, i + j > text.len
						  ? '='
						  : (uint8_t)digits[three >> (18 - 6 * j) & 63]);
	}
}

/* The seed gives device 0123456789 the secret "secret-0123456789". */
static void report(struct client *c)
{
	static unsigned step;
	struct buf credential = BUF_INIT, body = BUF_INIT, request = BUF_INIT;
	unsigned long long device = settings->first + c->index;

	step++;
	buf_printf(&credential, "%010llu:secret-%010llu", device, device);
	buf_printf(&body,
		   "{\"_type\":\"location\",\"lat\":46.%06u,\"lon\":0.%06u,\"acc\":12,\"alt\":110,"
		   "\"vel\":4,\"cog\":%u,"
		   "\"batt\":77,\"tid\":\"eg\",\"tst\":%lld}",
		   400000 + step % 300000, 200000 + step * 7 % 400000, step % 360,
		   (long long)(clock_now_ms() / 1000));
	buf_printf(&request,
		   "POST /mobile/owntracks HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nAuthorization: Basic ",
		   settings->http_port);
	add_base64(&request, buf_str(&credential));
	buf_printf(&request,
		   "\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%.*s",
		   body.len, STR_FMT(buf_str(&body)));
	sent_us[c->index] = clock_monotonic_us();
	waiting++;
	client_send(c, buf_str(&request));
	buf_fini(&credential);
	buf_fini(&body);
	buf_fini(&request);
}

static size_t on_data(struct client *c, struct str bytes)
{
	static const char length[] = "Content-Length: ";
	const char *end = memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4);
	const char *at =
		end ? memmem(bytes.ptr, (size_t)(end - bytes.ptr), length, sizeof(length) - 1)
		    : NULL;
	int64_t now_us = clock_monotonic_us();
	size_t whole;

	if (!at)
		return 0;
	whole = (size_t)(end + 4 - bytes.ptr) + strtoul(at + sizeof(length) - 1, NULL, 10);
	if (bytes.len < whole)
		return 0;
	if (!str_starts(bytes, STR("HTTP/1.1 200")))
		die("a position was refused: %.40s", bytes.ptr);
	waiting--;
	if (sent_us[c->index] >= start_us && now_us < end_us)
		latency_add(&stored, now_us - sent_us[c->index]);
	if (now_us < end_us)
		report(c);
	return whole;
}

void mode_owntracks(const struct settings *s)
{
	static const struct client_calls calls = {report, on_data};
	struct usage before, after;
	size_t counted;

	settings = s;
	clients = xcalloc(s->count, sizeof(clients[0]));
	sent_us = xcalloc(s->count, sizeof(sent_us[0]));
	end_us = INT64_MAX;
	clients_open(clients, s->count, &calls, s->http_port, s->tls);
	for (int64_t until_us = clock_monotonic_us() + WARM_UP_US; clock_monotonic_us() < until_us;)
		clients_poll(until_us);
	before = usage_of(s->pid);
	start_us = clock_monotonic_us();
	end_us = start_us + (int64_t)(s->seconds * 1e6);
	while (clock_monotonic_us() < end_us)
		clients_poll(end_us);
	after = usage_of(s->pid);
	counted = stored.len;
	while (waiting && clock_monotonic_us() < end_us + 10 * 1000000LL)
		clients_poll(clock_monotonic_us() + 10000);
	printf("{\"stored\":%zu,\"unanswered\":%zu,\"per_second\":%.0f,\"cpu_us\":%.1f", counted,
	       waiting, (double)counted / s->seconds,
	       counted ? (double)(after.cpu_us - before.cpu_us) / (double)counted : 0);
	latency_print(&stored, "answer");
	puts("}");
}
