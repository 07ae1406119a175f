/* TLS: certificates made, loaded, replaced; and both servers behind it. */
#include "test_net.h"

#include <openssl/x509v3.h>

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "net/http.h"
#include "net/tcp.h"
#include "net/tls.h"

struct server {
	struct loop *loop;
	struct tcp_listener *listener;
	unsigned opened, closed;
	bool secure;
	struct http_server *http;
};

static const char *const files[] = {"tls-a.pem", "tls-a.key", "tls-b.pem",
				    "tls-b.key", "tls.pem",   "tls.key"};

static void remove_files(void)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
}

static int setup(void **state)
{
	enter_work_folder();
	assert_int_equal(
		tls_make_certificate("a.exemple, 127.0.0.1 ,::1", "tls-a.pem", "tls-a.key"), 0);
	assert_int_equal(tls_make_certificate("b.exemple", "tls-b.pem", "tls-b.key"), 0);
	return 0;
}

static int teardown(void **state)
{
	remove_files();
	leave_work_folder();
	return 0;
}

static X509 *read_certificate(const char *path)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	X509 *certificate;

	assert_int_equal(SSL_CTX_use_certificate_file(context, path, SSL_FILETYPE_PEM), 1);
	certificate = SSL_CTX_get0_certificate(context);
	X509_up_ref(certificate);
	SSL_CTX_free(context);
	return certificate;
}

static void test_a_made_certificate_names_hosts_and_addresses(void **state)
{
	X509 *certificate = read_certificate("tls-a.pem");
	struct stat st;

	assert_int_equal(X509_check_host(certificate, "a.exemple", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(certificate, "b.exemple", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ip_asc(certificate, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(certificate, "::1", 0), 1);
	X509_free(certificate);
	assert_int_equal(stat("tls-a.key", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_a_made_certificate_never_replaces_a_file(void **state)
{
	assert_int_equal(tls_make_certificate("c.exemple", "tls-a.pem", "tls-a.key"), -EEXIST);
	assert_int_equal(tls_make_certificate("c.exemple", "tls-a.pem", "tls.key"), -EEXIST);
	assert_int_not_equal(access("tls.key", F_OK), 0);
}

static void test_names_that_could_mean_more_are_refused(void **state)
{
	static const char *const names[] = {"", ",", "a,,b", "a b", "a/b", "DNS:a", "a\nb", "été"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(tls_make_certificate(names[i], "tls.pem", "tls.key"), -EINVAL);
	assert_int_not_equal(access("tls.key", F_OK), 0);
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	fputs(text, f);
	fclose(f);
}

static void test_what_does_not_load_is_told_apart(void **state)
{
	struct tls_server *tls;

	assert_int_equal(tls_server_new("tls-none.pem", "tls-a.key", &tls), -ENOENT);
	assert_int_equal(tls_server_new("tls-a.pem", "tls-none.key", &tls), -ENOENT);
	assert_int_equal(tls_server_new("tls-a.pem", "tls-b.key", &tls), -EBADMSG);
	write_text("tls.pem", "bonjour");
	assert_int_equal(tls_server_new("tls.pem", "tls-a.key", &tls), -EBADMSG);
	assert_int_equal(tls_server_new("tls-a.pem", "tls.pem", &tls), -EBADMSG);
	unlink("tls.pem");
	assert_int_equal(tls_server_new("tls-a.pem", "tls-a.key", &tls), 0);
	assert_in_range(tls_server_days_left(tls), 820, 825);
	tls_server_free(tls);
}

static void *on_open(void *context, struct tcp_connection *c)
{
	struct server *s = context;

	s->opened++;
	return s;
}

static size_t on_data(void *session, struct tcp_connection *c, struct str bytes)
{
	tcp_send(c, bytes);
	return bytes.len;
}

static void on_close(void *session, uint64_t id, const char *reason)
{
	struct server *s = session;

	s->closed++;
}

static const struct tcp_handlers echoing = {on_open, on_data, NULL, on_close};

static void start(struct server *s, struct tls_server *tls)
{
	struct tcp_options options = {.address = "127.0.0.1:0",
				      .tls = tls,
				      .max_input_bytes = 1 << 20,
				      .max_output_bytes = 8 << 20};

	s->loop = loop_new();
	assert_int_equal(tcp_listen(s->loop, &options, &echoing, s, &s->listener), 0);
}

static void finish(struct server *s)
{
	tcp_listener_close(s->listener);
	loop_free(s->loop);
	assert_int_equal(s->opened, s->closed);
}

static bool is_echoed(struct peer *p, const char *bytes, size_t len)
{
	char *got = malloc(len);
	bool ok = peer_send(p, bytes, len) && peer_read(p, got, len) == len &&
		  !memcmp(got, bytes, len);

	free(got);
	return ok;
}

static void echo(struct client *c)
{
	static char big[1 << 20];
	struct peer p = peer_tls(c->port);

	memset(big, 'x', sizeof(big));
	c->ok = p.tls && is_echoed(&p, "bonjour", 7) && is_echoed(&p, big, sizeof(big));
	peer_close(&p);
}

static void test_bytes_are_echoed_over_tls(void **state)
{
	static struct client c;
	struct tls_server *tls;
	struct server s = {0};

	assert_int_equal(tls_server_new("tls-a.pem", "tls-a.key", &tls), 0);
	start(&s, tls);
	c = (struct client){.loop = s.loop, .port = tcp_listener_port(s.listener), .run = echo};
	run_with(&c);
	assert_true(c.ok);
	finish(&s);
	tls_server_free(tls);
}

static bool shows(struct peer *p, const char *host)
{
	X509 *certificate = SSL_get1_peer_certificate(p->tls);
	bool ok = certificate && X509_check_host(certificate, host, 0, 0, NULL) == 1;

	X509_free(certificate);
	return ok;
}

static void copy_file(const char *from, const char *to)
{
	char text[8192];
	FILE *f = fopen(from, "r");

	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	write_text(to, text);
}

struct reload {
	struct loop *loop;
	struct tls_server *tls;
	int result;
};

static void reload(void *arg)
{
	struct reload *r = arg;

	r->result = tls_server_reload(r->tls);
	loop_stop(r->loop);
}

static void connect_only(struct client *c)
{
	static struct peer p;

	p = peer_tls(c->port);
	c->ok = p.tls && shows(&p, c->text) && is_echoed(&p, "un", 2);
	peer_close(&p);
}

/* Stays connected over the reload, which its echo proves. */
static struct peer old_peer;

static void connect_and_stay(struct client *c)
{
	old_peer = peer_tls(c->port);
	c->ok = old_peer.tls && shows(&old_peer, c->text) && is_echoed(&old_peer, "un", 2);
}

static void speak_again(struct client *c)
{
	c->ok = is_echoed(&old_peer, "deux", 4);
	peer_close(&old_peer);
}

static bool visit(struct server *s, void (*run)(struct client *c), const char *text)
{
	static struct client c;

	c = (struct client){
		.loop = s->loop, .port = tcp_listener_port(s->listener), .run = run, .text = text};
	run_with(&c);
	return c.ok;
}

static void test_a_reload_serves_the_new_certificate_and_cuts_nobody(void **state)
{
	struct server s = {0};
	struct reload r = {0};

	copy_file("tls-a.pem", "tls.pem");
	copy_file("tls-a.key", "tls.key");
	assert_int_equal(tls_server_new("tls.pem", "tls.key", &r.tls), 0);
	start(&s, r.tls);
	r.loop = s.loop;
	assert_true(visit(&s, connect_and_stay, "a.exemple"));
	copy_file("tls-b.pem", "tls.pem");
	loop_post(s.loop, reload, &r);
	loop_run(s.loop);
	/* Half replaced: the old one stays. */
	assert_int_equal(r.result, -EBADMSG);
	assert_true(visit(&s, connect_only, "a.exemple"));
	copy_file("tls-b.key", "tls.key");
	loop_post(s.loop, reload, &r);
	loop_run(s.loop);
	assert_int_equal(r.result, 0);
	assert_true(visit(&s, connect_only, "b.exemple"));
	assert_true(visit(&s, speak_again, NULL));
	finish(&s);
	tls_server_free(r.tls);
	unlink("tls.pem");
	unlink("tls.key");
}

static void speak_in_the_clear(struct client *c)
{
	struct peer p = peer_plain(c->port);
	char got[256];

	peer_say(&p, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	/* At most an alert record, then the end. */
	c->ok = peer_read(&p, got, sizeof(got)) < 64;
	peer_close(&p);
}

static void test_who_speaks_in_the_clear_never_becomes_a_session(void **state)
{
	struct tls_server *tls;
	struct server s = {0};

	assert_int_equal(tls_server_new("tls-a.pem", "tls-a.key", &tls), 0);
	start(&s, tls);
	assert_true(visit(&s, speak_in_the_clear, NULL));
	assert_int_equal(s.opened, 0);
	finish(&s);
	tls_server_free(tls);
}

enum { CROWD = 100 };

static void come_in_a_crowd(struct client *c)
{
	struct peer p[CROWD];

	c->ok = true;
	for (int i = 0; i < CROWD; i++)
		p[i].fd = dial(c->port);
	for (int i = 0; i < CROWD; i++) {
		SSL_CTX *context = SSL_CTX_new(TLS_client_method());

		p[i].tls = SSL_new(context);
		SSL_CTX_free(context);
		SSL_set_fd(p[i].tls, p[i].fd);
		c->ok = c->ok && SSL_connect(p[i].tls) == 1 && is_echoed(&p[i], "moi", 3);
	}
	for (int i = 0; i < CROWD; i++)
		peer_close(&p[i]);
}

static void test_a_crowd_of_handshakes_is_served_to_the_last(void **state)
{
	struct tls_server *tls;
	struct server s = {0};

	assert_int_equal(tls_server_new("tls-a.pem", "tls-a.key", &tls), 0);
	start(&s, tls);
	assert_true(visit(&s, come_in_a_crowd, NULL));
	assert_int_equal(s.opened, CROWD);
	finish(&s);
	tls_server_free(tls);
}

static void on_request(void *context, const struct http_request *r)
{
	static char body[300000];
	struct server *s = context;
	struct http_response response = {.status = 200,
					 .content_type = STR("text/plain"),
					 .body = str_of(body, sizeof(body))};

	memset(body, 'y', sizeof(body));
	s->secure = r->secure;
	http_reply(s->http, r->id, &response);
}

static void get_page(struct client *c)
{
	struct peer p = peer_tls(c->port);
	char *got = malloc(400000);
	size_t len;

	peer_say(&p, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	len = peer_read(&p, got, 400000);
	c->ok = len > 300000 && !memcmp(got, "HTTP/1.1 200 ", 13) && got[len - 1] == 'y';
	free(got);
	peer_close(&p);
}

static void test_a_page_comes_whole_over_https(void **state)
{
	static const struct http_options options = {
		.max_body_bytes = 4096, .max_header_bytes = 4096, .read_timeout_s = 5};
	static struct client c;
	struct tls_server *tls;
	struct server s = {.loop = loop_new()};
	uint16_t port;

	assert_int_equal(tls_server_new("tls-a.pem", "tls-a.key", &tls), 0);
	s.http = http_server_new(s.loop, &options, on_request, &s);
	assert_int_equal(http_listen(s.http, "127.0.0.1:0", tls, &port), 0);
	c = (struct client){.loop = s.loop, .port = port, .run = get_page};
	run_with(&c);
	assert_true(c.ok);
	assert_true(s.secure);
	http_server_free(s.http);
	loop_free(s.loop);
	tls_server_free(tls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_made_certificate_names_hosts_and_addresses),
		cmocka_unit_test(test_a_made_certificate_never_replaces_a_file),
		cmocka_unit_test(test_names_that_could_mean_more_are_refused),
		cmocka_unit_test(test_what_does_not_load_is_told_apart),
		cmocka_unit_test(test_bytes_are_echoed_over_tls),
		cmocka_unit_test(test_a_reload_serves_the_new_certificate_and_cuts_nobody),
		cmocka_unit_test(test_who_speaks_in_the_clear_never_becomes_a_session),
		cmocka_unit_test(test_a_crowd_of_handshakes_is_served_to_the_last),
		cmocka_unit_test(test_a_page_comes_whole_over_https),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, setup, teardown);
}
