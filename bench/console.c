/* Consoles of the load tool: see console.h. */
#include "console.h"

#include <arpa/inet.h>
#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"

enum { PRESENCE_US = 2000000 };

static struct console_options options;
static struct client consoles[CONSOLES_MAX];
static bool is_upgraded[CONSOLES_MAX];
static unsigned console_count, served;
static int64_t present_us;

/* --- login: one blocking request */

int connect_blocking(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_port = htons(port);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("port %u: %s", port, strerror(errno));
	return fd;
}

const char *console_log_in(const struct console_options *o)
{
	static char answer[4096], cookie[256];
	struct buf body = BUF_INIT, request = BUF_INIT;
	int fd = connect_blocking(o->port);
	ssize_t got;
	char *at, *end;

	buf_printf(&body, "{\"login\":\"%s\",\"password\":\"%s\"}", o->login, o->password);
	buf_printf(&request,
		   "POST /api/session HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: "
		   "application/json\r\n"
		   "Content-Length: %zu\r\n\r\n%s",
		   o->port, body.len, buf_cstr(&body));
	if (write(fd, request.ptr, request.len) != (ssize_t)request.len)
		die("login: %s", strerror(errno));
	got = read(fd, answer, sizeof(answer) - 1);
	close(fd);
	buf_fini(&body);
	buf_fini(&request);
	answer[got > 0 ? got : 0] = '\0';
	at = strcasestr(answer, "set-cookie: ");
	end = at ? strpbrk(at, ";\r") : NULL;
	if (!end)
		die("login was refused: %.60s", answer);
	at += strlen("set-cookie: ");
	snprintf(cookie, sizeof(cookie), "%.*s", (int)(end - at), at);
	return cookie;
}

void console_request(const struct console_options *o, const char *path, const char *logged_in,
		     struct buf *out)
{
	buf_printf(out,
		   "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %s\r\nUpgrade: "
		   "websocket\r\n"
		   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		   path, o->port, logged_in);
}

/* --- WebSocket */

/* A client masks what it sends; a key of zeros leaves it readable. */
void console_send(struct client *c, uint8_t opcode, struct str text)
{
	struct buf frame = BUF_INIT;

	buf_add_byte(&frame, (uint8_t)(0x80 | opcode));
	if (text.len < 126) {
		buf_add_byte(&frame, (uint8_t)(0x80 | text.len));
	} else {
		buf_add_byte(&frame, 0x80 | 126);
		buf_add_u16(&frame, (uint16_t)text.len);
	}
	buf_add_u32(&frame, 0);
	buf_add_str(&frame, text);
	client_send(c, buf_str(&frame));
	buf_fini(&frame);
}

/* The decimal number that follows `label` within the text, 0 when there is none. */
static uint64_t number_after(const char *text, size_t len, const char *label)
{
	const char *at = memmem(text, len, label, strlen(label));

	return at ? strtoull(at + strlen(label), NULL, 10) : 0;
}

/* In each entry the actor, a device, comes right after the kind: its name is the watch's identity.
 */
static void find_entries(struct str text, enum told what, const char *kind)
{
	enum { ACTOR_WITHIN = 240 };
	const char *end = text.ptr + text.len, *at = text.ptr;

	while ((at = memmem(at, (size_t)(end - at), kind, strlen(kind)))) {
		size_t left = (size_t)(end - at);
		uint64_t device =
			number_after(at, left < ACTOR_WITHIN ? left : ACTOR_WITHIN, "\"name\":\"");

		if (device)
			options.on_told(what, device);
		at += strlen(kind);
	}
}

static void on_text(struct str text)
{
	if (!options.on_told)
		return;
	if (str_starts(text, STR("["))) {
		uint64_t device = number_after(text.ptr, text.len, "*");

		options.on_told(memmem(text.ptr, text.len, "*AL,", 4) ? TOLD_ALERT : TOLD_POSITION,
				device);
		return;
	}
	find_entries(text, TOLD_ALERT, "\"kind\":\"alert.raised\"");
	find_entries(text, TOLD_POSITION, "\"kind\":\"fix\"");
	if (memmem(text.ptr, text.len < 40 ? text.len : 40, "\"welcome\"", 9))
		served++;
}

bool console_frame(struct str bytes, size_t *ret_header, size_t *ret_payload)
{
	const uint8_t *b = (const uint8_t *)bytes.ptr;
	size_t header = 2, payload;

	if (bytes.len < 2)
		return false;
	payload = b[1] & 0x7F;
	if (payload == 126)
		header = 4;
	else if (payload == 127)
		header = 10;
	if (bytes.len < header)
		return false;
	if (header > 2)
		payload = 0;
	for (size_t i = 2; i < header; i++)
		payload = payload << 8 | b[i];
	*ret_header = header;
	*ret_payload = payload;
	return bytes.len >= header + payload;
}

static void on_frame(struct client *c, uint8_t opcode, struct str payload)
{
	if (opcode == 1)
		on_text(payload);
	else if (opcode == 8)
		die("console %zu was closed by the server, code %u", c->index,
		    payload.len >= 2 ? (uint8_t)payload.ptr[0] << 8 | (uint8_t)payload.ptr[1] : 0);
	else if (opcode == 9)
		console_send(c, 10, payload);
}

size_t http_answered(struct str bytes, struct str wanted)
{
	const char *end = memmem(bytes.ptr, bytes.len, "\r\n\r\n", 4);

	if (!end)
		return 0;
	if (!str_starts(bytes, wanted))
		die("not %.*s: %.*s", STR_FMT(wanted), (int)(bytes.len < 60 ? bytes.len : 60),
		    bytes.ptr);
	return (size_t)(end + 4 - bytes.ptr);
}

static size_t on_upgraded(struct client *c, struct str bytes)
{
	size_t used = http_answered(bytes, STR("HTTP/1.1 101"));

	if (!used)
		return 0;
	is_upgraded[c->index] = true;
	if (options.login)
		console_send(c, 1,
			     STR("{\"type\":\"hello\",\"cursor\":null,\"visible\":true,\"sound\":"
				 "true}"));
	else
		served++;
	return used;
}

static size_t on_data(struct client *c, struct str bytes)
{
	size_t used = is_upgraded[c->index] ? 0 : on_upgraded(c, bytes), header, payload;

	if (!is_upgraded[c->index])
		return 0;
	while (console_frame(str_slice(bytes, used, bytes.len), &header, &payload)) {
		on_frame(c, bytes.ptr[used] & 0x0F, str_of(bytes.ptr + used + header, payload));
		used += header + payload;
	}
	return used;
}

static const char *cookie;

static void on_open(struct client *c)
{
	struct buf request = BUF_INIT;

	console_request(&options, "/api/feed", cookie, &request);
	client_send(c, buf_str(&request));
	buf_fini(&request);
}

void consoles_open(const struct console_options *o, unsigned count)
{
	static const struct client_calls calls = {on_open, on_data};
	int64_t give_up_us = clock_monotonic_us() + 20 * 1000000LL;

	if (count > CONSOLES_MAX)
		die("at most %d consoles", CONSOLES_MAX);
	options = *o;
	console_count = count;
	if (!count)
		return;
	cookie = options.login ? console_log_in(&options) : "";
	clients_open(consoles, count, &calls, options.port, false);
	while (served < count) {
		clients_poll(clock_monotonic_us() + 100000);
		if (clock_monotonic_us() > give_up_us)
			die("%u of %u consoles were welcomed", served, count);
	}
	present_us = clock_monotonic_us();
}

void consoles_poll(int64_t until_us)
{
	clients_poll(until_us);
	if (!options.login || clock_monotonic_us() < present_us + PRESENCE_US)
		return;
	present_us += PRESENCE_US;
	for (unsigned i = 0; i < console_count; i++)
		console_send(&consoles[i], 1,
			     STR("{\"type\":\"presence\",\"visible\":true,\"sound\":true}"));
}
