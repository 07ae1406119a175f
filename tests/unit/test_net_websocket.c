/* WebSocket on the HTTP server, against a client that writes its own frames. */
#include "test_net.h"

#include <signal.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/http.h"

struct room {
	struct loop *loop;
	struct http_server *server;
	uint16_t port;
	unsigned opened, closed, messages, drains;
	uint64_t id;
	size_t flood_bytes; /* sent in answer to the first message */
	size_t most_backlog;
	bool refused_send, flooded;
	int ping_s;
	int cut_fd; /* the peer's own socket, to cut it at a moment of ours */
	bool at_once;
	uint32_t numbered; /* messages of run_on that were sent */
};

/* Messages of every length up to what is written at once and beyond, until the socket has enough;
 * a text among them now and then. */
enum { NUMBERED = 20000, LONGEST = 2600, ENOUGH = 8192 };

static void run_on(struct room *room, struct websocket *w)
{
	char message[LONGEST] = "";

	for (; room->numbered < NUMBERED && websocket_backlog(w) <= ENOUGH; room->numbered++) {
		memcpy(message, &room->numbered, sizeof(room->numbered));
		websocket_send_now(w, str_of(message, 4 + room->numbered % (LONGEST - 3)));
		if (room->numbered % 100 == 0)
			websocket_send(w, false, STR("cent"));
	}
}

static void on_message(void *session, struct websocket *w, bool binary, struct str message)
{
	static const char block[4096];
	struct room *room = session;

	room->messages++;
	if (str_eq(message, STR("ferme"))) {
		websocket_close(w, 4001, STR("demandé"));
		room->refused_send = !websocket_send(w, false, STR("trop tard"));
		return;
	}
	if (str_eq(message, STR("coupe"))) {
		struct linger reset = {1, 0};

		setsockopt(room->cut_fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(room->cut_fd);
	}
	if (str_eq(message, STR("court"))) {
		run_on(room, w);
		__atomic_store_n(&room->flooded, true, __ATOMIC_RELEASE);
		return;
	}
	if (!room->flood_bytes) {
		if (room->at_once)
			websocket_send_now(w, message);
		else
			websocket_send(w, binary, message);
		return;
	}
	for (size_t sent = 0; sent < room->flood_bytes; sent += sizeof(block)) {
		if (!websocket_send(w, true, str_of(block, sizeof(block))))
			break;
		if (websocket_backlog(w) > room->most_backlog)
			room->most_backlog = websocket_backlog(w);
	}
	__atomic_store_n(&room->flooded, true, __ATOMIC_RELEASE);
}

static void on_close(void *session, uint64_t id)
{
	struct room *room = session;

	assert_int_equal(id, room->id);
	__atomic_add_fetch(&room->closed, 1, __ATOMIC_RELEASE);
}

static void on_drain(void *session, struct websocket *w)
{
	struct room *room = session;

	room->drains++;
	if (room->numbered)
		run_on(room, w);
}

static const struct websocket_handlers handlers = {on_message, on_close, on_drain};

enum { MESSAGE_MOST = 1000, BACKLOG_MOST = 65536 };

static void on_request(void *context, const struct http_request *r)
{
	struct room *room = context;
	struct websocket *w = websocket_accept(room->server, r, &handlers, room, MESSAGE_MOST,
					       BACKLOG_MOST, room->ping_s);

	if (!w)
		return;
	room->opened++;
	room->id = websocket_id(w);
	assert_ptr_equal(websocket_find(room->server, room->id), w);
}

static void start(struct room *room, struct tls_server *tls)
{
	static const struct http_options options = {
		.max_body_bytes = 4096, .max_header_bytes = 4096, .read_timeout_s = 10};

	room->loop = loop_new();
	room->server = http_server_new(room->loop, &options, on_request, room);
	assert_int_equal(http_listen(room->server, "127.0.0.1:0", tls, &room->port), 0);
}

static void finish(struct room *room)
{
	http_server_free(room->server);
	loop_free(room->loop);
	assert_int_equal(room->closed, room->opened);
}

#define UPGRADE                                                                           \
	"GET /flux HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, " \
	"Upgrade\r\n"                                                                     \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

/* RFC 6455 §1.3 */
static const char accepted[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
			       "Connection: Upgrade\r\n"
			       "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/* A client frame; first is FIN and opcode. */
static void add_frame(struct buf *to, uint8_t first, const void *payload, size_t len)
{
	static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};

	buf_add_byte(to, first);
	if (len < 126) {
		buf_add_byte(to, (uint8_t)(0x80 | len));
	} else if (len < 65536) {
		buf_add_byte(to, 0x80 | 126);
		buf_add_u16(to, (uint16_t)len);
	} else {
		buf_add_byte(to, 0x80 | 127);
		buf_add_u64(to, len);
	}
	buf_add(to, mask, 4);
	for (size_t i = 0; i < len; i++)
		buf_add_byte(to, ((const uint8_t *)payload)[i] ^ mask[i % 4]);
}

static void send_frame(struct peer *p, uint8_t first, const void *payload, size_t len)
{
	struct buf frame = BUF_INIT;

	add_frame(&frame, first, payload, len);
	peer_send(p, frame.ptr, frame.len);
	buf_fini(&frame);
}

/* The next frame from the server; false at the end of the connection. */
static bool read_frame(struct peer *p, uint8_t *ret_first, char *payload, size_t *ret_len)
{
	uint8_t head[2], more[8];
	size_t len, extended;

	if (peer_read(p, head, 2) != 2)
		return false;
	len = head[1];
	extended = len == 126 ? 2 : len == 127 ? 8 : 0;
	if (extended) {
		if (peer_read(p, more, extended) != extended)
			return false;
		len = 0;
		for (size_t i = 0; i < extended; i++)
			len = len << 8 | more[i];
	}
	*ret_first = head[0];
	*ret_len = len;
	payload[len] = '\0';
	return peer_read(p, payload, len) == len;
}

static bool upgrade(struct peer *p)
{
	char got[sizeof(accepted)] = "";

	peer_say(p, UPGRADE);
	peer_read(p, got, sizeof(accepted) - 1);
	return !strcmp(got, accepted);
}

static bool comes_back(struct peer *p, uint8_t first, const char *text)
{
	char payload[70000];
	uint8_t got;
	size_t len;

	return read_frame(p, &got, payload, &len) && got == first && len == strlen(text) &&
	       !memcmp(payload, text, len);
}

/* The next frame closes with this code, whatever came before. */
static bool closes_with(struct peer *p, unsigned code)
{
	char payload[70000];
	uint8_t first;
	size_t len;

	while (read_frame(p, &first, payload, &len))
		if (first == 0x88)
			return len >= 2 &&
			       ((unsigned)(uint8_t)payload[0] << 8 | (uint8_t)payload[1]) == code;
	return false;
}

static bool is_closed(struct peer *p)
{
	char byte;

	return peer_recv(p, &byte, 1) == 0;
}

static struct client *visit(struct room *room, void (*run)(struct client *c))
{
	static struct client c;

	c = (struct client){.loop = room->loop, .port = room->port, .run = run};
	run_with(&c);
	return &c;
}

static void echo(struct client *c)
{
	struct peer p = peer_plain(c->port);

	c->ok = upgrade(&p);
	send_frame(&p, 0x81, "bonjour", 7);
	c->ok = c->ok && comes_back(&p, 0x81, "bonjour");
	send_frame(&p, 0x82, "octets", 6);
	c->ok = c->ok && comes_back(&p, 0x82, "octets");
	send_frame(&p, 0x81, "", 0);
	c->ok = c->ok && comes_back(&p, 0x81, "");
	send_frame(&p, 0x88, "\x03\xe8", 2);
	c->ok = c->ok && closes_with(&p, 1000) && is_closed(&p);
	peer_close(&p);
}

static void test_text_and_binary_come_back_and_a_goodbye_is_returned(void **state)
{
	struct room room = {0};

	start(&room, NULL);
	assert_true(visit(&room, echo)->ok);
	assert_int_equal(room.messages, 3);
	assert_true(room.drains > 0);
	assert_null(websocket_find(room.server, room.id));
	assert_int_equal(websocket_count(room.server), 0);
	finish(&room);
}

/* Two texts and, before, between or behind them, the pong. */
static bool come_back_in_order(struct peer *p, const char *first_text, const char *second_text)
{
	const char *const texts[] = {first_text, second_text};
	char payload[70000];
	unsigned seen = 0, pongs = 0;
	uint8_t first;
	size_t len;

	while (seen + pongs < 3 && read_frame(p, &first, payload, &len)) {
		if (first == 0x8a && !strcmp(payload, "ping"))
			pongs++;
		else if (seen < 2 && first == 0x81 && !strcmp(payload, texts[seen]))
			seen++;
		else
			return false;
	}
	return seen == 2 && pongs == 1;
}

static void send_in_pieces(struct client *c)
{
	struct peer p = peer_plain(c->port);
	struct buf frames = BUF_INIT;
	char long_text[301];

	c->ok = upgrade(&p);
	memset(long_text, 'e', 300);
	long_text[300] = '\0';
	add_frame(&frames, 0x01, "bon", 3);
	add_frame(&frames, 0x89, "ping", 4); /* control frames may come between */
	add_frame(&frames, 0x80, "jour", 4);
	add_frame(&frames, 0x81, long_text, 300);
	for (size_t i = 0; i < frames.len; i++)
		peer_send(&p, frames.ptr + i, 1);
	buf_fini(&frames);
	c->ok = c->ok && come_back_in_order(&p, "bonjour", long_text);
	peer_close(&p);
}

static void test_fragments_byte_by_byte_make_one_message_and_pings_are_answered(void **state)
{
	struct room room = {0};

	start(&room, NULL);
	assert_true(visit(&room, send_in_pieces)->ok);
	assert_int_equal(room.messages, 2);
	finish(&room);
}

static void send_early(struct client *c)
{
	struct peer p = peer_plain(c->port);
	struct buf text = BUF_INIT;
	char got[sizeof(accepted)] = "";

	buf_add_str(&text, STR(UPGRADE));
	add_frame(&text, 0x81, "vite", 4);
	peer_send(&p, text.ptr, text.len);
	buf_fini(&text);
	peer_read(&p, got, sizeof(accepted) - 1);
	c->ok = comes_back(&p, 0x81, "vite");
	peer_close(&p);
}

static void test_frames_behind_the_handshake_are_not_lost(void **state)
{
	struct room room = {0};

	start(&room, NULL);
	assert_true(visit(&room, send_early)->ok);
	finish(&room);
}

static void send_unmasked(struct client *c)
{
	struct peer p = peer_plain(c->port);

	c->ok = upgrade(&p);
	peer_send(&p, "\x81\x02ok", 4);
	c->ok = c->ok && closes_with(&p, 1002);
	peer_close(&p);
}

static void send_bad_utf8(struct client *c)
{
	struct peer p = peer_plain(c->port);

	c->ok = upgrade(&p);
	send_frame(&p, 0x81, "\xc3\x28", 2);
	c->ok = c->ok && closes_with(&p, 1007);
	peer_close(&p);
}

static void send_oversized(struct client *c)
{
	static char text[20000];
	struct peer p = peer_plain(c->port);

	memset(text, 'x', sizeof(text));
	c->ok = upgrade(&p);
	send_frame(&p, 0x81, text, sizeof(text));
	c->ok = c->ok && closes_with(&p, 1009);
	peer_close(&p);
}

static void send_oversized_in_fragments(struct client *c)
{
	static char text[400];
	struct peer p = peer_plain(c->port);

	memset(text, 'x', sizeof(text));
	c->ok = upgrade(&p);
	send_frame(&p, 0x01, text, sizeof(text));
	send_frame(&p, 0x00, text, sizeof(text));
	send_frame(&p, 0x00, text, sizeof(text));
	c->ok = c->ok && closes_with(&p, 1009);
	peer_close(&p);
}

static void send_reserved(struct client *c)
{
	struct peer p = peer_plain(c->port);

	c->ok = upgrade(&p);
	send_frame(&p, 0xc1, "a", 1);
	c->ok = c->ok && closes_with(&p, 1002);
	peer_close(&p);
}

static void test_what_the_standard_forbids_is_closed_with_its_code(void **state)
{
	static void (*const runs[])(struct client *) = {send_unmasked, send_bad_utf8,
							send_oversized, send_oversized_in_fragments,
							send_reserved};
	struct room room = {0};

	start(&room, NULL);
	for (size_t i = 0; i < ARRAY_LEN(runs); i++)
		if (!visit(&room, runs[i])->ok)
			fail_msg("row %zu", i);
	assert_int_equal(room.messages, 0);
	finish(&room);
}

static void ask_to_close(struct client *c)
{
	struct peer p = peer_plain(c->port);

	c->ok = upgrade(&p);
	send_frame(&p, 0x81, "ferme", 5);
	c->ok = c->ok && closes_with(&p, 4001);
	send_frame(&p, 0x88, "\x0f\xa1", 2);
	c->ok = c->ok && is_closed(&p);
	peer_close(&p);
}

static void test_our_close_waits_for_the_peers(void **state)
{
	struct room room = {0};

	start(&room, NULL);
	assert_true(visit(&room, ask_to_close)->ok);
	assert_true(room.refused_send);
	finish(&room);
}

static void be_flooded(struct client *c)
{
	struct peer p = peer_plain(c->port);

	c->ok = upgrade(&p);
	send_frame(&p, 0x81, "encore", 6);
	/* Nothing is read until the server has given up. */
	while (!__atomic_load_n(&((struct room *)c->text)->flooded, __ATOMIC_ACQUIRE))
		;
	c->ok = c->ok && closes_with(&p, 1013);
	peer_close(&p);
}

/* Pings for ever, reading no pong. */
static void ping_without_reading(struct client *c)
{
	struct peer p = peer_plain(c->port);
	struct buf pings = BUF_INIT;
	char text[125] = "";

	for (int i = 0; i < 1000; i++)
		add_frame(&pings, 0x89, text, sizeof(text));
	c->ok = upgrade(&p);
	while (peer_send(&p, pings.ptr, pings.len))
		;
	buf_fini(&pings);
	peer_close(&p);
}

static void test_pongs_count_as_backlog(void **state)
{
	struct room room = {0};

	start(&room, NULL);
	assert_true(visit(&room, ping_without_reading)->ok);
	finish(&room);
}

static void test_a_peer_that_does_not_read_is_closed_with_1013(void **state)
{
	struct room room = {.flood_bytes = 64 << 20};
	static struct client c;

	start(&room, NULL);
	c = (struct client){.loop = room.loop,
			    .port = room.port,
			    .run = be_flooded,
			    .text = (const char *)&room};
	run_with(&c);
	assert_true(c.ok);
	assert_true(room.most_backlog <= BACKLOG_MOST);
	finish(&room);
}

static bool number_comes(struct peer *p, uint32_t number)
{
	size_t wanted = 4 + number % (LONGEST - 3), len;
	char payload[70000];
	uint8_t first;

	return read_frame(p, &first, payload, &len) && first == 0x82 && len == wanted &&
	       !memcmp(payload, &number, sizeof(number));
}

/* Nothing is read before the socket has had enough. */
static void count_all(struct client *c)
{
	struct peer p = peer_plain(c->port);

	c->ok = upgrade(&p);
	send_frame(&p, 0x81, "court", 5);
	while (!__atomic_load_n(&((struct room *)c->text)->flooded, __ATOMIC_ACQUIRE))
		;
	for (uint32_t i = 0; c->ok && i < NUMBERED; i++)
		c->ok = number_comes(&p, i) && (i % 100 || comes_back(&p, 0x81, "cent"));
	peer_close(&p);
}

static void test_what_is_written_at_once_keeps_its_place(void **state)
{
	struct room room = {0};
	static struct client c;

	start(&room, NULL);
	c = (struct client){.loop = room.loop,
			    .port = room.port,
			    .run = count_all,
			    .text = (const char *)&room};
	run_with(&c);
	assert_true(c.ok);
	assert_true(room.drains > 1);
	finish(&room);
}

/* The connection is reset while the answer to its message waits for the end of the turn. */
static void be_cut(struct client *c)
{
	struct room *room = (struct room *)c->text;
	struct peer p = peer_plain(c->port);

	c->ok = upgrade(&p);
	room->cut_fd = p.fd;
	send_frame(&p, 0x81, "coupe", 5);
	while (!__atomic_load_n(&room->closed, __ATOMIC_ACQUIRE))
		;
}

static void write_after_the_end(bool at_once)
{
	struct room room = {.at_once = at_once};
	static struct client c;

	start(&room, NULL);
	c = (struct client){
		.loop = room.loop, .port = room.port, .run = be_cut, .text = (const char *)&room};
	run_with(&c);
	assert_true(c.ok);
	finish(&room);
}

static void test_a_write_that_fails_ends_the_connection_once(void **state)
{
	write_after_the_end(false);
	write_after_the_end(true);
}

static void wait_for_ping(struct client *c)
{
	struct peer p = peer_plain(c->port);

	c->ok = upgrade(&p) && comes_back(&p, 0x89, "");
	send_frame(&p, 0x8a, "", 0);
	c->ok = c->ok && comes_back(&p, 0x89, "");
	/* Now silence: pinged again, then given up. */
	while (!is_closed(&p) && c->len++ < 100)
		;
	peer_close(&p);
}

static void test_a_silent_peer_is_pinged_and_then_closed(void **state)
{
	struct room room = {.ping_s = 1};
	struct client *c;

	start(&room, NULL);
	c = visit(&room, wait_for_ping);
	assert_true(c->ok);
	assert_true(c->len < 100);
	assert_int_equal(room.closed, 1);
	finish(&room);
}

static void ask_wrongly(struct client *c)
{
	static const struct {
		const char *text, *status;
	} rows[] = {
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", " 426 "},
		{"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n",
		 " 426 "},
		{"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		 "Sec-WebSocket-Key: c2hvcnQ=\r\nSec-WebSocket-Version: 13\r\n\r\n",
		 " 400 "},
		{"POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
		 " 426 "},
	};

	c->ok = true;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct peer p = peer_plain(c->port);

		peer_say(&p, rows[i].text);
		c->got[peer_read(&p, c->got, sizeof(c->got) - 1)] = '\0';
		c->ok = c->ok && strstr(c->got, rows[i].status) &&
			strstr(c->got, "Sec-WebSocket-Version: 13\r\n");
		peer_close(&p);
	}
}

static void test_what_is_no_upgrade_is_refused(void **state)
{
	struct room room = {0};

	start(&room, NULL);
	assert_true(visit(&room, ask_wrongly)->ok);
	assert_int_equal(room.opened, 0);
	finish(&room);
}

static void echo_over_tls(struct client *c)
{
	static char text[MESSAGE_MOST + 1];
	struct peer p = peer_tls(c->port);

	memset(text, 'x', MESSAGE_MOST);
	c->ok = p.tls && upgrade(&p);
	for (int i = 0; i < 50 && c->ok; i++) {
		send_frame(&p, 0x81, text, MESSAGE_MOST);
		c->ok = comes_back(&p, 0x81, text);
	}
	send_frame(&p, 0x88, "\x03\xe8", 2);
	c->ok = c->ok && closes_with(&p, 1000) && is_closed(&p);
	peer_close(&p);
}

static void test_the_upgrade_works_over_tls(void **state)
{
	struct room room = {0};
	struct tls_server *tls;

	enter_work_folder();
	assert_int_equal(tls_make_certificate("localhost", "ws-cert.pem", "ws-key.pem"), 0);
	assert_int_equal(tls_server_new("ws-cert.pem", "ws-key.pem", &tls), 0);
	start(&room, tls);
	assert_true(visit(&room, echo_over_tls)->ok);
	assert_int_equal(room.messages, 50);
	finish(&room);
	tls_server_free(tls);
	unlink("ws-cert.pem");
	unlink("ws-key.pem");
	leave_work_folder();
}

static void stay(struct client *c)
{
	struct peer p = peer_plain(c->port);

	c->ok = upgrade(&p);
	send_frame(&p, 0x81, "la", 2);
	c->ok = c->ok && comes_back(&p, 0x81, "la");
	/* Left to the test: the server goes first. */
	c->len = (size_t)p.fd;
}

static void test_a_server_that_ends_says_1001(void **state)
{
	struct room room = {0};
	struct peer p = {-1, NULL};
	struct client *c;

	start(&room, NULL);
	c = visit(&room, stay);
	assert_true(c->ok);
	p.fd = (int)c->len;
	finish(&room);
	assert_true(closes_with(&p, 1001));
	close(p.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_and_binary_come_back_and_a_goodbye_is_returned),
		cmocka_unit_test(
			test_fragments_byte_by_byte_make_one_message_and_pings_are_answered),
		cmocka_unit_test(test_frames_behind_the_handshake_are_not_lost),
		cmocka_unit_test(test_what_the_standard_forbids_is_closed_with_its_code),
		cmocka_unit_test(test_our_close_waits_for_the_peers),
		cmocka_unit_test(test_pongs_count_as_backlog),
		cmocka_unit_test(test_a_peer_that_does_not_read_is_closed_with_1013),
		cmocka_unit_test(test_what_is_written_at_once_keeps_its_place),
		cmocka_unit_test(test_a_write_that_fails_ends_the_connection_once),
		cmocka_unit_test(test_a_silent_peer_is_pinged_and_then_closed),
		cmocka_unit_test(test_what_is_no_upgrade_is_refused),
		cmocka_unit_test(test_the_upgrade_works_over_tls),
		cmocka_unit_test(test_a_server_that_ends_says_1001),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
