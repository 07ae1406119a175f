/* Connections of the load tool: see client.h. */
#include <openssl/err.h> /* before banned.h: it has members named rand */
#include <openssl/ssl.h>

#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"

enum { SOURCES = 64, AT_ONCE = 256, EVENTS = 512, READ_BYTES = 256 * 1024 };

static int epoll_fd;
static SSL_CTX *tls_context;
static size_t shaking; /* connections that are not open yet */

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("load: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

void clients_init(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	tls_context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_mode(tls_context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

static void watch(struct client *c, int operation, uint32_t events)
{
	struct epoll_event event = {.events = events, .data = {.ptr = c}};

	if (epoll_ctl(epoll_fd, operation, c->fd, &event))
		die("epoll_ctl: %s", strerror(errno));
}

static void bind_source(int fd, size_t index)
{
	struct sockaddr_in from = {
		.sin_family = AF_INET,
		.sin_addr = {htonl(INADDR_LOOPBACK + (uint32_t)(index % SOURCES))}};
	int on = 1;

	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&from, sizeof(from)))
		die("bind: %s", strerror(errno));
}

void client_connect(struct client *c, const struct client_calls *calls, size_t index, uint16_t port,
		    bool tls)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int on = 1;

	*c = (struct client){.calls = calls, .index = index, .state = CLIENT_CONNECTING};
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		die("socket: %s", strerror(errno));
	bind_source(c->fd, index);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	to.sin_port = htons(port);
	if (connect(c->fd, (struct sockaddr *)&to, sizeof(to)) && errno != EINPROGRESS)
		die("connect: %s", strerror(errno));
	if (tls) {
		c->tls = SSL_new(tls_context);
		SSL_set_fd(c->tls, c->fd);
		SSL_set_connect_state(c->tls);
	}
	shaking++;
	watch(c, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void client_close(struct client *c)
{
	if (c->state == CLIENT_CONNECTING || c->state == CLIENT_SHAKING)
		shaking--;
	SSL_free(c->tls);
	close(c->fd);
	buf_fini(&c->in);
	buf_fini(&c->out);
	*c = (struct client){.fd = -1};
}

/* --- bytes */

static ssize_t write_some(struct client *c)
{
	ssize_t sent;

	if (!c->tls) {
		sent = send(c->fd, c->out.ptr, c->out.len, MSG_NOSIGNAL);
		return sent < 0 && errno == EAGAIN ? 0 : sent;
	}
	ERR_clear_error();
	sent = SSL_write(c->tls, c->out.ptr, (int)c->out.len);
	return sent > 0 || SSL_get_error(c->tls, (int)sent) != SSL_ERROR_WANT_WRITE ? sent : 0;
}

static void flush(struct client *c, bool was_waiting)
{
	ssize_t sent = c->out.len ? write_some(c) : 0;

	if (sent < 0)
		die("connection %zu: %s", c->index, strerror(errno));
	buf_consume(&c->out, (size_t)sent);
	if ((c->out.len > 0) != was_waiting)
		watch(c, EPOLL_CTL_MOD, c->out.len ? EPOLLIN | EPOLLOUT : EPOLLIN);
	if (!c->out.len)
		buf_fini(&c->out);
}

void client_send(struct client *c, struct str bytes)
{
	bool was_waiting = c->out.len > 0;

	buf_add_str(&c->out, bytes);
	flush(c, was_waiting);
}

static ssize_t read_some(struct client *c, char *bytes)
{
	ssize_t got;

	if (!c->tls) {
		got = recv(c->fd, bytes, READ_BYTES, 0);
		return got < 0 && errno == EAGAIN ? -EAGAIN : got;
	}
	ERR_clear_error();
	got = SSL_read(c->tls, bytes, READ_BYTES);
	return got > 0 ? got : SSL_get_error(c->tls, (int)got) == SSL_ERROR_WANT_READ ? -EAGAIN : 0;
}

static void give(struct client *c, struct str bytes)
{
	size_t used;

	if (c->in.len) {
		buf_add_str(&c->in, bytes);
		bytes = buf_str(&c->in);
	}
	used = c->calls->on_data(c, bytes);
	if (c->state == CLIENT_CLOSED)
		return;
	if (c->in.len)
		buf_consume(&c->in, used);
	else if (used < bytes.len)
		buf_add(&c->in, bytes.ptr + used, bytes.len - used);
	if (!c->in.len)
		buf_fini(&c->in);
}

static void on_readable(struct client *c)
{
	static char bytes[READ_BYTES];
	ssize_t got;

	do {
		got = read_some(c, bytes);
		if (got > 0)
			give(c, str_of(bytes, (size_t)got));
	} while (got > 0 && c->tls && SSL_pending(c->tls) > 0);
	if (got == 0 || (got < 0 && got != -EAGAIN))
		die("connection %zu was closed by the server: %s", c->index, strerror(errno));
}

/* --- opening */

static void opened(struct client *c)
{
	c->state = CLIENT_OPEN;
	shaking--;
	watch(c, EPOLL_CTL_MOD, EPOLLIN);
	c->calls->on_open(c);
}

static void shake(struct client *c)
{
	int r = SSL_do_handshake(c->tls), why = r == 1 ? SSL_ERROR_NONE : SSL_get_error(c->tls, r);

	if (r == 1)
		opened(c);
	else if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
		watch(c, EPOLL_CTL_MOD, why == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT);
	else
		die("TLS handshake of connection %zu failed", c->index);
}

static void on_connected(struct client *c)
{
	int error = 0;
	socklen_t size = sizeof(error);

	getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error)
		die("connection %zu: %s", c->index, strerror(error));
	if (!c->tls) {
		opened(c);
		return;
	}
	c->state = CLIENT_SHAKING;
	shake(c);
}

static void serve(struct client *c, uint32_t events)
{
	if (c->state == CLIENT_CONNECTING) {
		on_connected(c);
		return;
	}
	if (c->state == CLIENT_SHAKING) {
		shake(c);
		return;
	}
	if (c->state == CLIENT_OPEN && (events & EPOLLOUT))
		flush(c, true);
	if (c->state == CLIENT_OPEN && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		on_readable(c);
}

void clients_poll(int64_t until_us)
{
	struct epoll_event events[EVENTS];
	int64_t wait_us = until_us - clock_monotonic_us();
	struct timespec timeout = {0};
	int count;

	if (wait_us > 0)
		timeout = (struct timespec){wait_us / 1000000, wait_us % 1000000 * 1000};
	count = epoll_pwait2(epoll_fd, events, EVENTS, &timeout, NULL);
	for (int i = 0; i < count; i++)
		serve(events[i].data.ptr, events[i].events);
}

void clients_open(struct client *c, size_t count, const struct client_calls *calls, uint16_t port,
		  bool tls)
{
	int64_t give_up_us = clock_monotonic_us() + 120 * 1000000LL;

	for (size_t next = 0; next < count || shaking;) {
		while (next < count && shaking < AT_ONCE) {
			client_connect(&c[next], calls, next, port, tls);
			next++;
		}
		clients_poll(clock_monotonic_us() + 100000);
		if (clock_monotonic_us() > give_up_us)
			die("only %zu of %zu connections opened in two minutes", next - shaking,
			    count);
	}
}
