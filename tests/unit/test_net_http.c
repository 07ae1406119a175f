/* The HTTP server, against clients that are polite, hasty, slow, wrong or gone. */
#include "test_net.h"

#include <signal.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/http.h"

struct site {
	struct loop *loop;
	struct http_server *server;
	uint16_t port;
	uint64_t pending_id;
	struct address seen;
	bool secure, released, replied;
	unsigned requests;
	char path[256];
};

static const struct http_options usual = {
	.max_body_bytes = 4096,
	.max_header_bytes = 2048,
	.read_timeout_s = 2,
};

static void release(void *owner)
{
	struct site *s = owner;

	s->released = true;
}

static void answer(struct site *s, uint64_t id, int status, struct str body)
{
	static const char *const headers[] = {"Cache-Control", "no-store", NULL};
	struct http_response response = {.status = status,
					 .content_type = STR("text/plain"),
					 .body = body,
					 .headers = headers};

	s->replied = http_reply(s->server, id, &response);
}

static void answer_pending(void *arg)
{
	struct site *s = arg;
	struct http_response response = {.status = 200,
					 .content_type = STR("text/plain"),
					 .body = STR("enfin"),
					 .release = release,
					 .owner = s};

	s->replied = http_reply(s->server, s->pending_id, &response);
}

static void answer_pending_and_stop(void *arg)
{
	struct site *s = arg;

	answer_pending(s);
	loop_stop(s->loop);
}

static void answer_with_param(struct site *s, const struct http_request *r)
{
	struct arena arena = ARENA_INIT;
	struct str value = http_param(&arena, r->query, "nom");

	answer(s, r->id, 200, value.ptr ? value : STR("rien"));
	arena_fini(&arena);
}

static void on_request(void *context, const struct http_request *r)
{
	struct site *s = context;

	s->requests++;
	s->seen = r->peer;
	s->secure = r->secure;
	snprintf(s->path, sizeof(s->path), "%.*s", STR_FMT(r->path));
	if (str_eq(r->path, STR("/bonjour")))
		answer(s, r->id, 200, STR("bonjour"));
	else if (str_eq(r->path, STR("/echo")))
		answer(s, r->id, 200, r->body);
	else if (str_eq(r->path, STR("/vide")))
		answer(s, r->id, 204, STR_NONE);
	else if (str_eq(r->path, STR("/nom")))
		answer_with_param(s, r);
	else if (str_eq(r->path, STR("/cookie")))
		answer(s, r->id, 200, http_cookie(r, "session"));
	else if (str_eq(r->path, STR("/tard")))
		s->pending_id = r->id;
	else
		answer(s, r->id, 404, STR("introuvable"));
	if (s->pending_id == r->id)
		loop_post(s->loop, answer_pending, s);
}

static void start(struct site *s, const struct http_options *options)
{
	s->loop = loop_new();
	s->server = http_server_new(s->loop, options, on_request, s);
	assert_int_equal(http_listen(s->server, "127.0.0.1:0", NULL, &s->port), 0);
}

static void finish(struct site *s)
{
	http_server_free(s->server);
	loop_free(s->loop);
}

/* Sends everything, then reads until the server closes. */
static void exchange(struct client *c)
{
	struct peer p = peer_plain(c->port);

	peer_say(&p, c->text);
	c->len = peer_read(&p, c->got, sizeof(c->got) - 1);
	c->got[c->len] = '\0';
	peer_close(&p);
}

static struct client *ask(struct site *s, const char *text)
{
	static struct client c;

	c = (struct client){.loop = s->loop, .port = s->port, .run = exchange, .text = text};
	run_with(&c);
	return &c;
}

static void assert_status(const struct client *c, int status)
{
	char line[32];

	snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
	if (strncmp(c->got, line, strlen(line)))
		fail_msg("wanted %s, got %.60s for %.60s", line, c->got, c->text);
}

#define CLOSE "Host: a\r\nConnection: close\r\n"

static void test_each_method_gets_its_answer(void **state)
{
	struct site s = {0};
	struct client *c;

	start(&s, &usual);
	c = ask(&s, "GET /bonjour HTTP/1.1\r\n" CLOSE "\r\n");
	assert_status(c, 200);
	assert_non_null(strstr(c->got, "\r\n\r\nbonjour"));
	assert_non_null(strstr(c->got, "Cache-Control: no-store\r\n"));
	assert_non_null(strstr(c->got, "Content-Type: text/plain\r\n"));
	assert_null(strstr(c->got, "Server:"));
	c = ask(&s, "POST /echo HTTP/1.1\r\n" CLOSE "Content-Length: 5\r\n\r\nsalut");
	assert_non_null(strstr(c->got, "\r\n\r\nsalut"));
	c = ask(&s, "HEAD /bonjour HTTP/1.1\r\n" CLOSE "\r\n");
	assert_status(c, 200);
	assert_non_null(strstr(c->got, "Content-Length: 7\r\n"));
	assert_string_equal(c->got + c->len - 4, "\r\n\r\n");
	c = ask(&s, "PUT /vide HTTP/1.1\r\n" CLOSE "Content-Length: 0\r\n\r\n");
	assert_status(c, 204);
	assert_null(strstr(c->got, "Content-Length"));
	assert_status(ask(&s, "DELETE /autre HTTP/1.1\r\n" CLOSE "\r\n"), 404);
	assert_status(ask(&s, "OPTIONS /autre HTTP/1.1\r\n" CLOSE "\r\n"), 404);
	finish(&s);
}

static void test_methods_we_do_not_serve_never_reach_the_handler(void **state)
{
	struct site s = {0};

	start(&s, &usual);
	assert_status(ask(&s, "TRACE /bonjour HTTP/1.1\r\n" CLOSE "\r\n"), 501);
	assert_status(ask(&s, "BREW /bonjour HTTP/1.1\r\n" CLOSE "\r\n"), 501);
	assert_int_equal(s.requests, 0);
	finish(&s);
}

static void test_malformed_requests_are_answered_400(void **state)
{
	static const char *const texts[] = {
		"GET\r\n\r\n",
		"GET /\r\n\r\n",
		"bonjour monsieur le serveur, comment allez-vous ?\r\n\r\n",
		"GET /a b HTTP/1.1\r\n" CLOSE "\r\n",
		"GET /a//b HTTP/1.1\r\n" CLOSE "\r\n",
		"GET /a/../b HTTP/1.1\r\n" CLOSE "\r\n",
		"GET /a/%2e%2e/b HTTP/1.1\r\n" CLOSE "\r\n",
		"GET /a/. HTTP/1.1\r\n" CLOSE "\r\n",
		"GET /a%00b HTTP/1.1\r\n" CLOSE "\r\n",
		"GET /a%0ab HTTP/1.1\r\n" CLOSE "\r\n",
		"GET /a%zz HTTP/1.1\r\n" CLOSE "\r\n",
		"GET /a% HTTP/1.1\r\n" CLOSE "\r\n",
		"GET /%ff HTTP/1.1\r\n" CLOSE "\r\n",
		"GET /a#b HTTP/1.1\r\n" CLOSE "\r\n",
		"GET bonjour HTTP/1.1\r\n" CLOSE "\r\n",
		"GET * HTTP/1.1\r\n" CLOSE "\r\n",
		"GET / HTTP/2.0\r\n" CLOSE "\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
	};
	struct site s = {0};

	start(&s, &usual);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!strstr(ask(&s, texts[i])->got, " 400 "))
			fail_msg("not refused: %s", texts[i]);
	assert_int_equal(s.requests, 0);
	finish(&s);
}

static void test_what_two_readers_could_frame_differently_is_refused(void **state)
{
	static const struct {
		const char *method, *framing, *body;
	} rows[] = {
		{"POST", "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"},
		{"POST", "Content-Length: 0\r\nContent-Length: 5", ""},
		{"POST", "Content-Length: +0", ""},
		{"POST", "Content-Length: -5", ""},
		{"POST", "Content-Length: 0x5", ""},
		{"POST", "Transfer-Encoding: gzip, chunked", "0\r\n\r\n"},
		{"POST", "Transfer-Encoding: identity", "0\r\n\r\n"},
		{"POST", "Content-Length : 5", ""},
		{"HEAD", "Content-Length: 5", ""},
	};
	struct site s = {0};
	char text[512];

	start(&s, &usual);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		snprintf(text, sizeof(text), "%s /echo HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n%s",
			 rows[i].method, rows[i].framing, rows[i].body);
		if (!strstr(ask(&s, text)->got, " 400 "))
			fail_msg("not refused: %s", text);
	}
	assert_int_equal(s.requests, 0);
	finish(&s);
}

static void test_a_chunked_body_arrives_whole(void **state)
{
	struct site s = {0};
	struct client *c;

	start(&s, &usual);
	c = ask(&s, "POST /echo HTTP/1.1\r\n" CLOSE "Transfer-Encoding: chunked\r\n\r\n"
		    "3\r\nbon\r\n4\r\njour\r\n0\r\n\r\n");
	assert_status(c, 200);
	assert_non_null(strstr(c->got, "\r\n\r\nbonjour"));
	c = ask(&s, "POST /echo HTTP/1.1\r\n" CLOSE "Transfer-Encoding: chunked\r\n\r\nffffff\r\n");
	assert_status(c, 413);
	finish(&s);
}

static void expect_continue(struct client *c)
{
	struct peer p = peer_plain(c->port);

	peer_say(&p, "POST /echo HTTP/1.1\r\n" CLOSE
		     "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
	c->len = peer_read(&p, c->got, strlen("HTTP/1.1 100 Continue\r\n\r\n"));
	c->ok = !memcmp(c->got, "HTTP/1.1 100 Continue\r\n\r\n", c->len);
	peer_say(&p, "salut");
	c->len = peer_read(&p, c->got, sizeof(c->got) - 1);
	c->got[c->len] = '\0';
	peer_close(&p);
}

static void test_a_client_that_waits_to_continue_is_told_to(void **state)
{
	struct site s = {0};
	static struct client c;

	start(&s, &usual);
	c = (struct client){.loop = s.loop, .port = s.port, .run = expect_continue};
	run_with(&c);
	assert_true(c.ok);
	assert_non_null(strstr(c.got, "\r\n\r\nsalut"));
	finish(&s);
}

static void send_large_body(struct client *c)
{
	struct peer p = peer_plain(c->port);
	static char body[100000];

	peer_say(&p, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
	peer_send(&p, body, sizeof(body));
	c->len = peer_read(&p, c->got, sizeof(c->got) - 1);
	c->got[c->len] = '\0';
	peer_close(&p);
}

static void test_a_body_over_the_cap_is_answered_413(void **state)
{
	struct site s = {0};
	static struct client c;

	start(&s, &usual);
	c = (struct client){.loop = s.loop, .port = s.port, .run = send_large_body, .text = ""};
	run_with(&c);
	assert_status(&c, 413);
	assert_int_equal(s.requests, 0);
	finish(&s);
}

static void test_headers_over_the_cap_are_refused(void **state)
{
	struct site s = {0};
	static char text[6000] = "GET / HTTP/1.1\r\nX: ";

	memset(text + strlen(text), 'x', sizeof(text) - strlen(text) - 1);
	start(&s, &usual);
	assert_status(ask(&s, text), 400);
	assert_int_equal(s.requests, 0);
	finish(&s);
}

/* One byte each tenth of a second: every single one would feed a plain read timeout. */
static void drip(struct client *c)
{
	struct peer p = peer_plain(c->port);
	struct timeval tenth = {0, 100000};

	setsockopt(p.fd, SOL_SOCKET, SO_RCVTIMEO, &tenth, sizeof(tenth));
	for (int i = 0; i < 100 && !c->ok; i++) {
		peer_say(&p, "G");
		c->ok = recv(p.fd, c->got, 1, 0) == 0;
	}
	peer_close(&p);
}

static void test_a_request_that_drips_in_is_closed_at_its_deadline(void **state)
{
	struct site s = {0};
	static struct client c;

	start(&s, &usual);
	c = (struct client){.loop = s.loop, .port = s.port, .run = drip};
	run_with(&c);
	assert_true(c.ok);
	finish(&s);
}

static void test_a_late_answer_reaches_its_client(void **state)
{
	struct site s = {0};
	struct client *c;

	start(&s, &usual);
	c = ask(&s, "GET /tard HTTP/1.1\r\n" CLOSE "\r\n");
	assert_status(c, 200);
	assert_non_null(strstr(c->got, "\r\n\r\nenfin"));
	assert_true(s.released);
	/* Answered once: the number means nothing any more. */
	answer_pending(&s);
	assert_false(s.replied);
	finish(&s);
}

static void on_request_pending(void *context, const struct http_request *r)
{
	struct site *s = context;

	s->pending_id = r->id;
	loop_stop(s->loop);
}

static void test_an_answer_after_the_client_left_harms_nobody(void **state)
{
	struct site s = {0};
	struct timer *timer;
	struct peer p;

	s.loop = loop_new();
	s.server = http_server_new(s.loop, &usual, on_request_pending, &s);
	assert_int_equal(http_listen(s.server, "127.0.0.1:0", NULL, &s.port), 0);
	p = peer_plain(s.port);
	peer_say(&p, "GET /tard HTTP/1.1\r\nHost: a\r\n\r\n");
	loop_run(s.loop);
	/* A reset: the answer meets a dead socket. */
	setsockopt(p.fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
	peer_close(&p);
	timer = timer_start(s.loop, 20, false, answer_pending_and_stop, &s);
	loop_run(s.loop);
	timer_stop(timer);
	timer = timer_start(s.loop, 20, false, (void (*)(void *))loop_stop, s.loop);
	loop_run(s.loop);
	timer_stop(timer);
	assert_true(s.released);
	assert_int_equal(http_server_connections(s.server), 0);
	finish(&s);
}

static void test_an_answer_of_the_last_turn_leaves_before_the_server_ends(void **state)
{
	char got[256] = "";
	struct site s = {0};
	struct peer p;

	s.loop = loop_new();
	s.server = http_server_new(s.loop, &usual, on_request_pending, &s);
	assert_int_equal(http_listen(s.server, "127.0.0.1:0", NULL, &s.port), 0);
	p = peer_plain(s.port);
	peer_say(&p, "GET /tard HTTP/1.1\r\nHost: a\r\n\r\n");
	loop_run(s.loop);
	answer_pending(&s);
	finish(&s);
	peer_read(&p, got, sizeof(got) - 1);
	assert_non_null(strstr(got, "\r\n\r\nenfin"));
	peer_close(&p);
}

static void test_a_server_that_ends_answers_503_to_who_waits(void **state)
{
	struct site s = {0};
	char got[512] = "";
	struct peer p;

	s.loop = loop_new();
	s.server = http_server_new(s.loop, &usual, on_request_pending, &s);
	assert_int_equal(http_listen(s.server, "127.0.0.1:0", NULL, &s.port), 0);
	p = peer_plain(s.port);
	peer_say(&p, "GET /tard HTTP/1.1\r\nHost: a\r\n\r\n");
	loop_run(s.loop);
	finish(&s);
	peer_read(&p, got, sizeof(got) - 1);
	assert_non_null(strstr(got, " 503 "));
	peer_close(&p);
}

/* One answer with a body of 7 bytes, by its Content-Length. */
static bool read_one(struct peer *p)
{
	char got[1024];
	size_t len = 0;

	while (len < sizeof(got) - 1) {
		if (peer_read(p, got + len, 1) != 1)
			return false;
		got[++len] = '\0';
		if (len > 11 && !memcmp(got + len - 11, "\r\n\r\nbonjour", 11))
			return true;
	}
	return false;
}

static void ask_a_hundred_times(struct client *c)
{
	struct peer p = peer_plain(c->port);

	c->ok = true;
	for (int i = 0; i < 100 && c->ok; i++) {
		peer_say(&p, "GET /bonjour HTTP/1.1\r\nHost: a\r\n\r\n");
		c->ok = read_one(&p);
	}
	peer_close(&p);
}

static void test_one_connection_serves_a_hundred_requests(void **state)
{
	struct site s = {0};
	static struct client c;

	start(&s, &usual);
	c = (struct client){.loop = s.loop, .port = s.port, .run = ask_a_hundred_times};
	run_with(&c);
	assert_true(c.ok);
	assert_int_equal(s.requests, 100);
	finish(&s);
}

static void pipeline(struct client *c)
{
	struct peer p = peer_plain(c->port);
	struct buf text = BUF_INIT;

	/* The first is answered late: the others wait behind it. */
	buf_printf(&text, "GET /tard HTTP/1.1\r\nHost: a\r\n\r\n");
	for (int i = 0; i < 20; i++)
		buf_printf(&text,
			   "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\nbonjour");
	peer_send(&p, text.ptr, text.len);
	buf_fini(&text);
	c->ok = true;
	for (int i = 0; i < 20 && c->ok; i++)
		c->ok = read_one(&p);
	peer_close(&p);
}

static void test_pipelined_requests_are_answered_in_order(void **state)
{
	struct site s = {0};
	static struct client c;

	start(&s, &usual);
	c = (struct client){.loop = s.loop, .port = s.port, .run = pipeline};
	run_with(&c);
	assert_true(c.ok);
	assert_int_equal(s.requests, 21);
	finish(&s);
}

static void test_targets_parameters_and_cookies_are_decoded_once(void **state)
{
	struct site s = {0};
	struct client *c;

	start(&s, &usual);
	ask(&s, "GET /mairie%20d%27Ars%C3%A9/ HTTP/1.1\r\n" CLOSE "\r\n");
	assert_string_equal(s.path, "/mairie d'Arsé/");
	ask(&s, "GET http://exemple.invalid/chemin?x HTTP/1.1\r\n" CLOSE "\r\n");
	assert_string_equal(s.path, "/chemin");
	c = ask(&s, "GET /nom?a=1&nom=l%C3%A9a+b%2Bc HTTP/1.1\r\n" CLOSE "\r\n");
	assert_non_null(strstr(c->got, "\r\n\r\nléa b+c"));
	c = ask(&s, "GET /nom?nom=%f HTTP/1.1\r\n" CLOSE "\r\n");
	assert_non_null(strstr(c->got, "\r\n\r\nrien"));
	c = ask(&s, "GET /cookie HTTP/1.1\r\n" CLOSE "Cookie: a=b; session=xyz; c=d\r\n\r\n");
	assert_non_null(strstr(c->got, "\r\n\r\nxyz"));
	finish(&s);
}

static void assert_seen(const struct site *s, const char *address, bool secure)
{
	char text[ADDRESS_TEXT_SIZE];

	address_print(&s->seen, text);
	assert_string_equal(text, address);
	assert_int_equal(s->secure, secure);
}

static void test_only_a_trusted_proxy_says_who_the_client_is(void **state)
{
	static const char text[] = "GET /bonjour HTTP/1.1\r\n" CLOSE "X-Forwarded-Proto: https\r\n"
				   "X-Forwarded-For: 203.0.113.9, 192.0.2.7, 10.0.0.2\r\n\r\n";
	struct http_options options = usual;
	struct site s = {0};

	start(&s, &options);
	ask(&s, text);
	assert_seen(&s, "127.0.0.1", false);
	finish(&s);
	networks_parse(STR("127.0.0.0/8, 10.0.0.0/8"), &options.trusted_proxies);
	start(&s, &options);
	ask(&s, text);
	/* The nearest address nobody vouches for; what it claims itself is not believed. */
	assert_seen(&s, "192.0.2.7", true);
	ask(&s, "GET /bonjour HTTP/1.1\r\n" CLOSE "X-Forwarded-For: 203.0.113.9\r\n"
		"X-Forwarded-For: 192.0.2.8\r\n\r\n");
	assert_seen(&s, "192.0.2.8", false);
	finish(&s);
}

static void crowd(struct client *c)
{
	struct peer p[3];

	for (int i = 0; i < 3; i++)
		p[i] = peer_plain(c->port);
	/* The third is closed, the first is served. */
	c->ok = peer_read(&p[2], c->got, 1) == 0;
	peer_say(&p[0], "GET /bonjour HTTP/1.1\r\nHost: a\r\n\r\n");
	c->ok = c->ok && read_one(&p[0]);
	for (int i = 0; i < 3; i++)
		peer_close(&p[i]);
}

static void test_connections_beyond_the_cap_are_closed(void **state)
{
	struct http_options options = usual;
	struct site s = {0};
	static struct client c;

	options.max_connections = 2;
	start(&s, &options);
	c = (struct client){.loop = s.loop, .port = s.port, .run = crowd};
	run_with(&c);
	assert_true(c.ok);
	finish(&s);
}

static void test_a_source_has_its_share_of_connections_and_no_more(void **state)
{
	struct http_options options = usual;
	struct site s = {0};
	static struct client c;

	options.max_per_source = 2;
	start(&s, &options);
	/* Twice: the places of those who left are free again. */
	for (int i = 0; i < 2; i++) {
		c = (struct client){.loop = s.loop, .port = s.port, .run = crowd};
		run_with(&c);
		assert_true(c.ok);
	}
	finish(&s);
}

static void crowd_behind_a_proxy(struct client *c)
{
	struct peer p[3];

	c->ok = true;
	for (int i = 0; i < 3; i++) {
		p[i] = peer_plain(c->port);
		peer_say(&p[i], "GET /bonjour HTTP/1.1\r\nHost: a\r\n\r\n");
		c->ok = read_one(&p[i]) && c->ok;
	}
	for (int i = 0; i < 3; i++)
		peer_close(&p[i]);
}

static void test_a_trusted_proxy_has_no_share(void **state)
{
	struct http_options options = usual;
	struct site s = {0};
	static struct client c;

	options.max_per_source = 2;
	assert_int_equal(networks_parse(STR("127.0.0.1"), &options.trusted_proxies), 0);
	start(&s, &options);
	c = (struct client){.loop = s.loop, .port = s.port, .run = crowd_behind_a_proxy};
	run_with(&c);
	assert_true(c.ok);
	finish(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_method_gets_its_answer),
		cmocka_unit_test(test_methods_we_do_not_serve_never_reach_the_handler),
		cmocka_unit_test(test_malformed_requests_are_answered_400),
		cmocka_unit_test(test_what_two_readers_could_frame_differently_is_refused),
		cmocka_unit_test(test_a_chunked_body_arrives_whole),
		cmocka_unit_test(test_a_client_that_waits_to_continue_is_told_to),
		cmocka_unit_test(test_a_body_over_the_cap_is_answered_413),
		cmocka_unit_test(test_headers_over_the_cap_are_refused),
		cmocka_unit_test(test_a_request_that_drips_in_is_closed_at_its_deadline),
		cmocka_unit_test(test_a_late_answer_reaches_its_client),
		cmocka_unit_test(test_an_answer_after_the_client_left_harms_nobody),
		cmocka_unit_test(test_an_answer_of_the_last_turn_leaves_before_the_server_ends),
		cmocka_unit_test(test_a_server_that_ends_answers_503_to_who_waits),
		cmocka_unit_test(test_one_connection_serves_a_hundred_requests),
		cmocka_unit_test(test_pipelined_requests_are_answered_in_order),
		cmocka_unit_test(test_targets_parameters_and_cookies_are_decoded_once),
		cmocka_unit_test(test_only_a_trusted_proxy_says_who_the_client_is),
		cmocka_unit_test(test_connections_beyond_the_cap_are_closed),
		cmocka_unit_test(test_a_source_has_its_share_of_connections_and_no_more),
		cmocka_unit_test(test_a_trusted_proxy_has_no_share),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
