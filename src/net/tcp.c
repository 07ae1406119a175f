/* TCP listeners: accepting in small groups, caps, idle connections. See tcp.h and tcp_private.h. */
#include "net/tcp_private.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/log.h"
#include "net/socket.h"
#include "net/sources.h"

static void take(struct tcp_listener *l, int fd, const struct address *peer)
{
	char text[ADDRESS_TEXT_SIZE];

	if ((l->options.max_connections && l->count >= l->options.max_connections) ||
	    !source_count(&l->per_source, peer, l->options.max_per_source)) {
		address_print(peer, text);
		log_debug("tcp.refused", "port=%u peer=%s", l->port, text);
		close(fd);
		return;
	}
	connection_open(l, fd, peer);
}

/* Without a descriptor to spare the listener stays readable: it is not watched for a moment. */
static void starve(struct tcp_listener *l, int error)
{
	struct timeval soon = {0, SOCKET_RETRY_MS * 1000};

	if (!l->starved)
		log_warning("tcp.starved", "port=%u connections=%zu errno=%d", l->port, l->count,
			    error);
	l->starved = true;
	event_del(&l->accept_event);
	event_add(&l->retry_event, &soon);
}

static bool may_accept(const struct tcp_listener *l)
{
	return l->loop->accepts_left && l->handshakes_waiting < TCP_HANDSHAKES_WAITING &&
	       !event_pending(&l->retry_event, EV_TIMEOUT, NULL);
}

static void accept_some(struct tcp_listener *l)
{
	while (may_accept(l)) {
		struct sockaddr_storage from;
		socklen_t len = sizeof(from);
		struct address peer;
		int fd = accept4(event_get_fd(&l->accept_event), (void *)&from, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && socket_error_is_shortage(errno)) {
			starve(l, errno);
			return;
		}
		if (fd < 0 && errno == EAGAIN)
			return;
		l->loop->accepts_left--;
		if (fd < 0)
			continue; /* that one is gone (ECONNABORTED and the network's errors) */
		l->starved = false;
		peer = socket_address((void *)&from);
		take(l, fd, &peer);
	}
}

static void on_accept(int fd, short what, void *arg)
{
	struct tcp_listener *l = arg;

	loop_enter(l->loop);
	accept_some(l);
}

static void on_retry(int fd, short what, void *arg)
{
	struct tcp_listener *l = arg;

	loop_enter(l->loop);
	event_add(&l->accept_event, NULL);
}

void tcp_accept_round(struct loop *loop)
{
	for (struct tcp_listener *l = loop->listeners; l; l = l->next)
		accept_some(l);
}

/* Why a connection has been silent for too long, or NULL. */
static const char *overdue(const struct tcp_connection *c, uint32_t now_s)
{
	uint32_t silent_s = now_s - c->heard_s;
	int idle_s = c->listener->options.idle_timeout_s;

	switch (c->stage) {
	case STAGE_HANDSHAKE:
		return silent_s >= TCP_HANDSHAKE_S ? "idle" : NULL;
	case STAGE_CLOSING:
		return silent_s >= TCP_LINGER_S ? c->reason : NULL;
	case STAGE_OPEN:
		return idle_s && !c->paused && silent_s >= (uint32_t)idle_s ? "idle" : NULL;
	default:
		return NULL;
	}
}

static void on_sweep(int fd, short what, void *arg)
{
	struct tcp_listener *l = arg;

	loop_enter(l->loop);
	for (struct tcp_connection *c = l->first; c; c = c->next) {
		const char *reason = overdue(c, (uint32_t)l->loop->now_s);

		if (reason)
			connection_end(c, reason);
	}
}

/* One timer a listener: 15,000 connections are walked in about a millisecond. */
static void start_sweeping(struct tcp_listener *l)
{
	int idle_s = l->options.idle_timeout_s;
	struct timeval period = {idle_s && idle_s < 20 ? idle_s / 4 : TCP_LINGER_S, 0};

	if (!period.tv_sec)
		period.tv_usec = 250000;
	event_assign(&l->sweep_event, l->loop->base, -1, EV_PERSIST, on_sweep, l);
	event_add(&l->sweep_event, &period);
}

/* The address of a socket file, or NULL. */
static const char *unix_path(const char *address)
{
	return str_starts(str_from(address), STR("unix:")) ? address + 5 : NULL;
}

int tcp_listen(struct loop *loop, const struct tcp_options *options,
	       const struct tcp_handlers *handlers, void *context,
	       struct tcp_listener **ret_listener)
{
	const char *path = unix_path(options->address);
	struct tcp_listener *l;
	uint16_t port = 0;
	int fd, r;

	r = path ? socket_listen_unix(path, &fd) : socket_listen(options->address, &fd, &port);
	if (r < 0)
		return r;
	l = xcalloc(1, sizeof(*l));
	l->loop = loop;
	l->options = *options;
	l->options.address = NULL; /* the caller's */
	l->handlers = handlers;
	l->context = context;
	l->port = port;
	l->path = path ? xstrdup(path) : NULL;
	l->next = loop->listeners;
	loop->listeners = l;
	loop->busy_work = (struct turn_work){loop->busy_work.next, connections_work, loop,
					     loop->busy_work.queued};
	event_assign(&l->accept_event, loop->base, fd, EV_READ | EV_PERSIST, on_accept, l);
	event_priority_set(&l->accept_event, PRIORITY_ACCEPT);
	event_add(&l->accept_event, NULL);
	event_assign(&l->retry_event, loop->base, -1, 0, on_retry, l);
	start_sweeping(l);
	*ret_listener = l;
	return 0;
}

void tcp_listener_close(struct tcp_listener *l)
{
	struct tcp_listener **at;

	if (!l)
		return;
	for (at = &l->loop->listeners; *at != l; at = &(*at)->next)
		;
	*at = l->next;
	event_del(&l->accept_event);
	event_del(&l->retry_event);
	event_del(&l->sweep_event);
	/* Before the socket: once that is closed the file may already be another server's. */
	if (l->path)
		unlink(l->path);
	free(l->path);
	close(event_get_fd(&l->accept_event));
	connections_bury(l->loop, SIZE_MAX);
	while (l->first)
		connection_free(l->first);
	if (!l->loop->busy)
		loop_forget_work(l->loop, &l->loop->busy_work);
	map_fini(&l->per_source);
	free(l);
}

uint16_t tcp_listener_port(const struct tcp_listener *l)
{
	return l->port;
}

size_t tcp_listener_connections(const struct tcp_listener *l)
{
	return l->count;
}
