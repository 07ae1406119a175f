/* A client for the tests of net/: blocking, in a thread of its own, plain or TLS. */
#ifndef TESTS_UNIT_TEST_NET_H
#define TESTS_UNIT_TEST_NET_H

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/loop.h"
#include "test.h"

struct peer {
	int fd;
	SSL *tls;
};

static inline int dial(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval patience = {10, 0};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (void *)&to, sizeof(to)), 0);
	return fd;
}

static inline struct peer peer_plain(uint16_t port)
{
	return (struct peer){dial(port), NULL};
}

/* Takes any certificate: the tests look at it themselves. tls is NULL when the handshake failed. */
static inline struct peer peer_tls(uint16_t port)
{
	struct peer p = {dial(port), NULL};
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	p.tls = SSL_new(context);
	SSL_CTX_free(context);
	SSL_set_fd(p.tls, p.fd);
	if (SSL_connect(p.tls) != 1) {
		SSL_free(p.tls);
		p.tls = NULL;
	}
	return p;
}

static inline void peer_close(struct peer *p)
{
	SSL_free(p->tls);
	close(p->fd);
}

/* False when the other side has closed. */
static inline bool peer_send(struct peer *p, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		ssize_t n = p->tls ? SSL_write(p->tls, at, (int)len)
				   : send(p->fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static inline bool peer_say(struct peer *p, const char *text)
{
	return peer_send(p, text, strlen(text));
}

static inline ssize_t peer_recv(struct peer *p, void *to, size_t cap)
{
	return p->tls ? SSL_read(p->tls, to, (int)cap) : recv(p->fd, to, cap, 0);
}

/* Reads until len bytes or the end; returns how many. */
static inline size_t peer_read(struct peer *p, void *to, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = peer_recv(p, (char *)to + got, len - got);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

/* Tests that write files do so in a folder of their own. */
static char work_folder[64];

static inline void enter_work_folder(void)
{
	const char *temporary = getenv("TMPDIR");

	snprintf(work_folder, sizeof(work_folder), "%s/net-XXXXXX", temporary ? temporary : "/tmp");
	assert_non_null(mkdtemp(work_folder));
	assert_int_equal(chdir(work_folder), 0);
}

static inline void leave_work_folder(void)
{
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(work_folder), 0);
}

/* A thread that runs one client function and stops the loop when it is done. */
struct client {
	struct loop *loop;
	uint16_t port;
	void (*run)(struct client *c);
	pthread_t thread;
	const char *text;
	char got[1 << 16];
	size_t len;
	bool ok;
};

static inline void *client_main(void *arg)
{
	struct client *c = arg;

	c->run(c);
	loop_stop(c->loop);
	return NULL;
}

static inline void run_with(struct client *c)
{
	pthread_create(&c->thread, NULL, client_main, c);
	loop_run(c->loop);
	pthread_join(c->thread, NULL);
}

#endif
