/* TCP: framing left to the session, caps, ends, fairness. The client sockets live in the same loop.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "net/loop_private.h"
#include "net/tcp.h"
#include "test.h"

/* What a test's server does and has seen. */
struct server {
	struct loop *loop;
	struct tcp_listener *listener;
	size_t opened, closed, bytes;
	size_t least; /* bytes a session waits for before it answers */
	uint64_t last_id, closed_id;
	const char *reason;
	size_t stop_after_closed, stop_after_opened;
	uint64_t turn;
	unsigned accepted_this_turn, most_accepted_a_turn;
	bool refuse, pause_first, close_after_answer;
	size_t closed_before_line;
	struct buf received;
};

static void *on_open(void *context, struct tcp_connection *c)
{
	struct server *s = context;

	if (s->turn != s->loop->turns)
		s->accepted_this_turn = 0;
	s->turn = s->loop->turns;
	if (++s->accepted_this_turn > s->most_accepted_a_turn)
		s->most_accepted_a_turn = s->accepted_this_turn;
	s->opened++;
	s->last_id = tcp_id(c);
	if (s->stop_after_opened == s->opened)
		loop_stop(s->loop);
	return s->refuse ? NULL : s;
}

/* Answers whole lines with themselves. */
static size_t on_line(void *session, struct tcp_connection *c, struct str bytes)
{
	struct server *s = session;
	size_t used = 0;

	s->bytes = bytes.len;
	for (size_t i = 0; i < bytes.len; i++)
		if (bytes.ptr[i] == '\n')
			used = i + 1;
	if (used)
		tcp_send(c, str_slice(bytes, 0, used));
	if (used && s->close_after_answer)
		tcp_close(c, "ours");
	return used;
}

static void on_close(void *session, uint64_t id, const char *reason)
{
	struct server *s = session;

	s->closed++;
	s->closed_id = id;
	s->reason = reason;
	if (s->stop_after_closed == s->closed)
		loop_stop(s->loop);
}

static const struct tcp_handlers lines = {on_open, on_line, NULL, on_close};

static const struct tcp_options usual = {
	.address = "127.0.0.1:0",
	.max_input_bytes = 4096,
	.max_output_bytes = 1 << 20,
};

static void start(struct server *s, const struct tcp_options *options,
		  const struct tcp_handlers *handlers)
{
	s->loop = loop_new();
	assert_int_equal(tcp_listen(s->loop, options, handlers, s, &s->listener), 0);
}

static void finish(struct server *s)
{
	tcp_listener_close(s->listener);
	loop_free(s->loop);
	buf_fini(&s->received);
}

static int dial(const struct server *s)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(tcp_listener_port(s->listener)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {10, 0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (void *)&to, sizeof(to)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* A client in a thread of its own, for what needs both sides at once. */
struct client {
	struct server *server;
	void (*run)(struct client *c);
	pthread_t thread;
	int fd;
	size_t got;
	int64_t slowest_us;
	const char *text;
};

static void *client_main(void *arg)
{
	struct client *c = arg;

	c->fd = dial(c->server);
	c->run(c);
	close(c->fd);
	loop_stop(c->server->loop);
	return NULL;
}

static void run_with(struct client *c)
{
	assert_int_equal(pthread_create(&c->thread, NULL, client_main, c), 0);
	loop_run(c->server->loop);
	pthread_join(c->thread, NULL);
}

static size_t read_until(int fd, char *to, size_t want)
{
	size_t got = 0;

	while (got < want) {
		ssize_t n = recv(fd, to + got, want - got, 0);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

static void ask_and_read(struct client *c)
{
	char answer[64] = "";

	say(c->fd, c->text);
	c->got = read_until(c->fd, answer, strlen(c->text));
	if (c->got != strlen(c->text) || memcmp(answer, c->text, c->got))
		c->got = 0;
}

static void test_a_line_is_echoed(void **state)
{
	struct server s = {0};
	struct client c = {.server = &s, .run = ask_and_read, .text = "bonjour\n"};

	start(&s, &usual, &lines);
	run_with(&c);
	assert_int_equal(c.got, 8);
	finish(&s);
	assert_int_equal(s.closed, s.opened);
}

static void send_byte_by_byte(struct client *c)
{
	char answer[64];

	for (const char *at = c->text; *at; at++)
		assert_int_equal(send(c->fd, at, 1, 0), 1);
	c->got = read_until(c->fd, answer, strlen(c->text));
}

static void test_one_byte_at_a_time_makes_the_same_message(void **state)
{
	struct server s = {0};
	struct client c = {.server = &s, .run = send_byte_by_byte, .text = "au secours\n"};

	start(&s, &usual, &lines);
	run_with(&c);
	assert_int_equal(c.got, strlen(c.text));
	finish(&s);
}

enum { BIG = 1 << 20 };

static void send_big(struct client *c)
{
	char *text = malloc(BIG), *answer = malloc(BIG);
	size_t sent = 0;

	memset(text, 'x', BIG);
	text[BIG - 1] = '\n';
	while (sent < BIG)
		sent += (size_t)send(c->fd, text + sent, BIG - sent, 0);
	c->got = read_until(c->fd, answer, BIG);
	if (memcmp(text, answer, BIG))
		c->got = 0;
	free(text);
	free(answer);
}

static void test_a_message_of_a_megabyte_comes_and_goes_whole(void **state)
{
	struct tcp_options options = usual;
	struct server s = {0};
	struct client c = {.server = &s, .run = send_big};

	options.max_input_bytes = BIG;
	options.max_output_bytes = 2 * BIG;
	start(&s, &options, &lines);
	run_with(&c);
	assert_int_equal(c.got, BIG);
	assert_int_equal(s.bytes, BIG);
	finish(&s);
}

static void test_a_silent_peer_is_closed_as_idle(void **state)
{
	struct tcp_options options = usual;
	struct server s = {.stop_after_closed = 1};
	int fd;

	options.idle_timeout_s = 1;
	start(&s, &options, &lines);
	fd = dial(&s);
	loop_run(s.loop);
	assert_string_equal(s.reason, "idle");
	assert_int_equal(s.closed_id, s.last_id);
	close(fd);
	finish(&s);
}

static void test_a_peer_that_goes_is_told_once_and_found_no_more(void **state)
{
	struct server s = {.stop_after_closed = 1};
	int fd;

	start(&s, &usual, &lines);
	fd = dial(&s);
	say(fd, "adieu\n");
	close(fd);
	loop_run(s.loop);
	assert_string_equal(s.reason, "peer closed");
	assert_int_equal(s.closed, 1);
	assert_null(tcp_find(s.loop, s.last_id));
	assert_int_equal(tcp_listener_connections(s.listener), 0);
	finish(&s);
}

static void test_an_answer_leaves_before_our_close(void **state)
{
	struct server s = {.close_after_answer = true, .stop_after_closed = 1};
	char answer[16];
	int fd;

	start(&s, &usual, &lines);
	fd = dial(&s);
	say(fd, "un\n");
	loop_run(s.loop);
	assert_string_equal(s.reason, "ours");
	assert_int_equal(read_until(fd, answer, sizeof(answer)), 3);
	close(fd);
	finish(&s);
}

/* Sends for ever; the peer never reads. */
static size_t on_flood(void *session, struct tcp_connection *c, struct str bytes)
{
	static const char block[65536];

	for (int i = 0; i < 4096; i++)
		tcp_send(c, str_of(block, sizeof(block)));
	return bytes.len;
}

static void test_a_peer_that_does_not_read_is_closed_at_the_output_cap(void **state)
{
	static const struct tcp_handlers flood = {on_open, on_flood, NULL, on_close};
	struct server s = {.stop_after_closed = 1};
	int fd;

	start(&s, &usual, &flood);
	fd = dial(&s);
	say(fd, "x");
	loop_run(s.loop);
	assert_string_equal(s.reason, "slow");
	close(fd);
	finish(&s);
}

static void test_unconsumed_input_beyond_the_cap_closes(void **state)
{
	struct server s = {.stop_after_closed = 1};
	char text[5000];
	int fd;

	memset(text, 'x', sizeof(text));
	start(&s, &usual, &lines);
	fd = dial(&s);
	assert_int_equal(send(fd, text, sizeof(text), 0), sizeof(text));
	loop_run(s.loop);
	assert_string_equal(s.reason, "too large");
	close(fd);
	finish(&s);
}

static void test_a_refused_connection_never_becomes_a_session(void **state)
{
	struct server s = {.refuse = true, .stop_after_opened = 1};
	char byte;
	int fd;

	start(&s, &usual, &lines);
	fd = dial(&s);
	loop_run(s.loop);
	assert_int_equal(recv(fd, &byte, 1, 0), 0);
	assert_int_equal(s.closed, 0);
	close(fd);
	finish(&s);
}

static void test_a_source_has_only_so_many_connections(void **state)
{
	struct tcp_options options = usual;
	struct server s = {.stop_after_opened = 2};
	int fd[3];
	char byte;

	options.max_per_source = 2;
	start(&s, &options, &lines);
	for (int i = 0; i < 3; i++)
		fd[i] = dial(&s);
	loop_run(s.loop);
	assert_int_equal(recv(fd[2], &byte, 1, 0), 0);
	/* A place comes free with the end of one. */
	s.stop_after_closed = 1;
	close(fd[0]);
	loop_run(s.loop);
	s.stop_after_opened = 3;
	fd[0] = dial(&s);
	loop_run(s.loop);
	assert_int_equal(tcp_listener_connections(s.listener), 2);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	finish(&s);
}

static void test_closing_the_listener_ends_its_sessions(void **state)
{
	struct server s = {.stop_after_opened = 3};
	int fd[3];

	start(&s, &usual, &lines);
	for (int i = 0; i < 3; i++)
		fd[i] = dial(&s);
	loop_run(s.loop);
	finish(&s);
	assert_int_equal(s.closed, 3);
	assert_string_equal(s.reason, "shutdown");
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}

static void resume(void *arg)
{
	struct server *s = arg;

	tcp_pause(tcp_find(s->loop, s->last_id), false);
}

/* The first look pauses and takes nothing; the second takes all. */
static size_t on_paused(void *session, struct tcp_connection *c, struct str bytes)
{
	struct server *s = session;

	if (!s->pause_first) {
		s->pause_first = true;
		tcp_pause(c, true);
		loop_post(s->loop, resume, s);
		return 0;
	}
	s->bytes = bytes.len;
	tcp_close(c, "ours");
	return bytes.len;
}

static void *on_open_with_share(void *context, struct tcp_connection *c)
{
	tcp_share(c, 10);
	return on_open(context, c);
}

static size_t on_share(void *session, struct tcp_connection *c, struct str bytes)
{
	struct server *s = session;

	assert_true(bytes.len <= 10);
	buf_add_str(&s->received, bytes);
	if (s->received.len == 100)
		tcp_close(c, "ours");
	return bytes.len;
}

static void test_a_connection_is_read_by_its_share(void **state)
{
	static const struct tcp_handlers sharing = {on_open_with_share, on_share, NULL, on_close};
	static const char text[101] = "0123456789012345678901234567890123456789012345678901234567"
				      "890123456789012345678901234567890123456789";
	struct server s = {.stop_after_closed = 1};
	int fd;

	start(&s, &usual, &sharing);
	fd = dial(&s);
	say(fd, text);
	loop_run(s.loop);
	assert_int_equal(s.received.len, 100);
	assert_memory_equal(s.received.ptr, text, 100);
	close(fd);
	finish(&s);
}

/* A peer that sends faster than it is read: each callback takes longer than a turn may. */
static void on_restless(int fd, short what, void *arg)
{
	int64_t began_us = clock_monotonic_us();

	loop_enter(arg);
	while (clock_monotonic_us() - began_us <= LOOP_TURN_US)
		;
}

static void test_who_is_never_silent_keeps_nobody_from_coming(void **state)
{
	struct client c = {.run = ask_and_read, .text = "?\n"};
	struct server s = {0};
	int never_silent = eventfd(1, EFD_CLOEXEC);
	struct event *restless;

	start(&s, &usual, &lines);
	restless = event_new(loop_base(s.loop), never_silent, EV_READ | EV_PERSIST, on_restless,
			     s.loop);
	event_add(restless, NULL);
	c.server = &s;
	run_with(&c);
	assert_int_equal(c.got, 2);
	event_free(restless);
	close(never_silent);
	finish(&s);
}

static void test_a_resumed_connection_sees_again_what_it_left(void **state)
{
	static const struct tcp_handlers pausing = {on_open, on_paused, NULL, on_close};
	struct server s = {.stop_after_closed = 1};
	int fd;

	start(&s, &usual, &pausing);
	fd = dial(&s);
	say(fd, "abc");
	loop_run(s.loop);
	assert_int_equal(s.bytes, 3);
	close(fd);
	finish(&s);
}

enum { MANY = 2000 };

/* The established client asks, line after line, while the others come. */
static void ask_often(struct client *c)
{
	char answer[2];

	for (int i = 0; i < 500; i++) {
		int64_t began_us = clock_monotonic_us(), took_us;

		say(c->fd, "?\n");
		c->got += read_until(c->fd, answer, 2);
		took_us = clock_monotonic_us() - began_us;
		if (took_us > c->slowest_us)
			c->slowest_us = took_us;
	}
	for (;;) {
		say(c->fd, "?\n");
		c->got += read_until(c->fd, answer, 2);
		if (__atomic_load_n(&c->server->opened, __ATOMIC_RELAXED) > MANY)
			break;
	}
}

static void test_two_thousand_arrivals_do_not_starve_an_established_connection(void **state)
{
	struct rlimit limit;
	struct server s = {0};
	struct client c = {.server = &s, .run = ask_often};
	int fd[MANY];

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < 2 * MANY + 64)
		skip();
	start(&s, &usual, &lines);
	for (int i = 0; i < MANY; i++)
		fd[i] = dial(&s);
	run_with(&c);
	assert_int_equal(s.opened, MANY + 1);
	assert_true(s.most_accepted_a_turn <= LIMIT_CONNECTIONS_A_TURN);
	assert_true(c.got >= 1000);
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	finish(&s);
}

static size_t on_last_line(void *session, struct tcp_connection *c, struct str bytes)
{
	struct server *s = session;

	s->closed_before_line = s->closed;
	s->stop_after_closed = MANY;
	return bytes.len;
}

static void test_two_thousand_departures_do_not_keep_waiting_who_stays(void **state)
{
	static const struct tcp_handlers handlers = {on_open, on_last_line, NULL, on_close};
	struct rlimit limit;
	struct server s = {.stop_after_opened = MANY + 1};
	int fd[MANY], stays;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_cur < 2 * MANY + 64)
		skip();
	start(&s, &usual, &handlers);
	for (int i = 0; i < MANY; i++)
		fd[i] = dial(&s);
	stays = dial(&s);
	loop_run(s.loop);
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	say(stays, "?\n");
	loop_run(s.loop);
	assert_int_equal(s.closed, MANY);
	assert_true(s.closed_before_line < MANY / 2);
	close(stays);
	finish(&s);
}

static void post_again(void *arg)
{
	struct server *s = arg;

	loop_post(s->loop, post_again, s);
}

static void test_posts_without_an_end_keep_no_peer_waiting(void **state)
{
	struct server s = {0};
	struct client c = {.server = &s, .run = ask_and_read, .text = "?\n"};

	start(&s, &usual, &lines);
	loop_post(s.loop, post_again, &s);
	run_with(&c);
	assert_int_equal(c.got, 2);
	finish(&s);
}

static void free_descriptors(void *arg)
{
	int *spare = arg;

	for (int i = 0; i < 64; i++)
		if (spare[i] >= 0)
			close(spare[i]);
}

static void test_at_the_descriptor_limit_accepting_stops_and_comes_back(void **state)
{
	struct server s = {.stop_after_opened = 1};
	struct rlimit before, low;
	struct timer *timer;
	int spare[64], fd, next;
	uint64_t turns;

	start(&s, &usual, &lines);
	fd = dial(&s);
	next = dup(fd);
	getrlimit(RLIMIT_NOFILE, &before);
	low = before;
	low.rlim_cur = (rlim_t)next + 16;
	close(next);
	setrlimit(RLIMIT_NOFILE, &low);
	for (int i = 0; i < 64; i++)
		spare[i] = dup(fd);
	timer = timer_start(s.loop, 350, false, free_descriptors, spare);
	turns = s.loop->turns;
	loop_run(s.loop);
	turns = s.loop->turns - turns;
	setrlimit(RLIMIT_NOFILE, &before);
	assert_int_equal(s.opened, 1);
	/* Four looks a tenth of a second apart, not one each microsecond. */
	assert_true(turns < 40);
	timer_stop(timer);
	close(fd);
	finish(&s);
}

static void test_a_taken_port_and_a_bad_address_are_errors(void **state)
{
	struct server s = {0};
	struct tcp_listener *other;
	struct tcp_options options = usual;
	char address[32];

	start(&s, &usual, &lines);
	snprintf(address, sizeof(address), "127.0.0.1:%u", tcp_listener_port(s.listener));
	options.address = address;
	assert_int_equal(tcp_listen(s.loop, &options, &lines, &s, &other), -EADDRINUSE);
	options.address = "localhost:5093";
	assert_int_equal(tcp_listen(s.loop, &options, &lines, &s, &other), -EINVAL);
	options.address = "127.0.0.1:65536";
	assert_int_equal(tcp_listen(s.loop, &options, &lines, &s, &other), -EINVAL);
	finish(&s);
}

/* --- socket files */

struct local {
	char folder[64], path[96], address[112];
	struct tcp_options options;
};

static void enter(struct local *l)
{
	const char *temporary = getenv("TMPDIR");

	snprintf(l->folder, sizeof(l->folder), "%s/tcp-XXXXXX", temporary ? temporary : "/tmp");
	assert_non_null(mkdtemp(l->folder));
	snprintf(l->path, sizeof(l->path), "%s/control", l->folder);
	snprintf(l->address, sizeof(l->address), "unix:%s", l->path);
	l->options = usual;
	l->options.address = l->address;
}

static void leave(const struct local *l)
{
	assert_int_equal(rmdir(l->folder), 0);
}

static int open_local(const char *path, int (*use)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(at.sun_path, path, strlen(path) + 1);
	assert_int_equal(use(fd, (void *)&at, sizeof(at)), 0);
	return fd;
}

static size_t tell_uid(void *session, struct tcp_connection *c, struct str bytes)
{
	struct server *s = session;
	unsigned uid;
	char text[32];

	s->bytes = bytes.len;
	if (tcp_peer_uid(c, &uid))
		snprintf(text, sizeof(text), "none\n");
	else
		snprintf(text, sizeof(text), "%u\n", uid);
	tcp_send(c, str_from(text));
	loop_stop(s->loop);
	return bytes.len;
}

static const struct tcp_handlers uids = {on_open, tell_uid, NULL, on_close};

static void ask_uid(struct server *s, int fd, const char *expected)
{
	char got[32] = "";

	say(fd, "?\n");
	loop_run(s->loop);
	assert_true(recv(fd, got, sizeof(got) - 1, 0) > 0);
	assert_string_equal(got, expected);
	close(fd);
}

static void test_a_socket_file_is_its_owners_and_goes_with_the_listener(void **state)
{
	mode_t mask = umask(0);
	struct server s = {0};
	struct stat about;
	struct local l;

	enter(&l);
	start(&s, &l.options, &lines);
	umask(mask);
	assert_int_equal(lstat(l.path, &about), 0);
	assert_true(S_ISSOCK(about.st_mode));
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(tcp_listener_port(s.listener), 0);
	finish(&s);
	assert_int_equal(lstat(l.path, &about), -1);
	leave(&l);
}

static void test_the_peer_of_a_socket_file_has_a_user_and_a_tcp_peer_has_none(void **state)
{
	struct server s = {0}, tcp = {0};
	char expected[32];
	struct local l;

	enter(&l);
	snprintf(expected, sizeof(expected), "%u\n", geteuid());
	start(&s, &l.options, &uids);
	ask_uid(&s, open_local(l.path, connect), expected);
	finish(&s);
	start(&tcp, &usual, &uids);
	ask_uid(&tcp, dial(&tcp), "none\n");
	finish(&tcp);
	leave(&l);
}

static void test_the_socket_file_of_a_dead_server_is_replaced(void **state)
{
	struct server s = {0};
	struct local l;
	int fd;

	enter(&l);
	close(open_local(l.path, bind));
	start(&s, &l.options, &uids);
	fd = open_local(l.path, connect);
	close(fd);
	finish(&s);
	leave(&l);
}

static void test_the_socket_file_of_a_live_server_is_left_alone(void **state)
{
	struct tcp_listener *other;
	struct server s = {0};
	struct local l;
	int fd;

	enter(&l);
	start(&s, &l.options, &lines);
	assert_int_equal(tcp_listen(s.loop, &l.options, &lines, &s, &other), -EADDRINUSE);
	fd = open_local(l.path, connect);
	close(fd);
	finish(&s);
	leave(&l);
}

static void test_a_file_that_is_no_socket_is_not_replaced(void **state)
{
	struct tcp_listener *other;
	struct server s = {.loop = loop_new()};
	struct stat about;
	struct local l;

	enter(&l);
	close(open(l.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(tcp_listen(s.loop, &l.options, &lines, &s, &other), -EADDRINUSE);
	assert_int_equal(lstat(l.path, &about), 0);
	unlink(l.path);
	leave(&l);
	assert_int_equal(tcp_listen(s.loop, &l.options, &lines, &s, &other), -ENOENT);
	loop_free(s.loop);
}

static void test_a_socket_path_that_cannot_be_is_an_error(void **state)
{
	struct tcp_options options = usual;
	struct server s = {.loop = loop_new()};
	struct tcp_listener *other;
	char address[200];

	options.address = "unix:";
	assert_int_equal(tcp_listen(s.loop, &options, &lines, &s, &other), -EINVAL);
	memset(address, 'a', sizeof(address));
	memcpy(address, "unix:/", 6);
	address[sizeof(address) - 1] = '\0';
	options.address = address;
	assert_int_equal(tcp_listen(s.loop, &options, &lines, &s, &other), -ENAMETOOLONG);
	loop_free(s.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_is_echoed),
		cmocka_unit_test(test_one_byte_at_a_time_makes_the_same_message),
		cmocka_unit_test(test_a_message_of_a_megabyte_comes_and_goes_whole),
		cmocka_unit_test(test_a_silent_peer_is_closed_as_idle),
		cmocka_unit_test(test_a_peer_that_goes_is_told_once_and_found_no_more),
		cmocka_unit_test(test_an_answer_leaves_before_our_close),
		cmocka_unit_test(test_a_peer_that_does_not_read_is_closed_at_the_output_cap),
		cmocka_unit_test(test_unconsumed_input_beyond_the_cap_closes),
		cmocka_unit_test(test_a_refused_connection_never_becomes_a_session),
		cmocka_unit_test(test_a_source_has_only_so_many_connections),
		cmocka_unit_test(test_closing_the_listener_ends_its_sessions),
		cmocka_unit_test(test_a_resumed_connection_sees_again_what_it_left),
		cmocka_unit_test(test_a_connection_is_read_by_its_share),
		cmocka_unit_test(test_who_is_never_silent_keeps_nobody_from_coming),
		cmocka_unit_test(
			test_two_thousand_arrivals_do_not_starve_an_established_connection),
		cmocka_unit_test(test_two_thousand_departures_do_not_keep_waiting_who_stays),
		cmocka_unit_test(test_posts_without_an_end_keep_no_peer_waiting),
		cmocka_unit_test(test_at_the_descriptor_limit_accepting_stops_and_comes_back),
		cmocka_unit_test(test_a_taken_port_and_a_bad_address_are_errors),
		cmocka_unit_test(test_a_socket_file_is_its_owners_and_goes_with_the_listener),
		cmocka_unit_test(test_the_peer_of_a_socket_file_has_a_user_and_a_tcp_peer_has_none),
		cmocka_unit_test(test_the_socket_file_of_a_dead_server_is_replaced),
		cmocka_unit_test(test_the_socket_file_of_a_live_server_is_left_alone),
		cmocka_unit_test(test_a_file_that_is_no_socket_is_not_replaced),
		cmocka_unit_test(test_a_socket_path_that_cannot_be_is_an_error),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
