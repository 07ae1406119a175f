/*
 * One connection: see tcp_private.h. Plain and TLS differ in four functions only. Bytes are read
 * into the loop's shared buffer and written at the end of the turn, so an idle connection holds
 * no buffer and several answers leave in one packet.
 */
#include "net/tcp_private.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "net/socket.h"
#include "net/sources.h"

static int fd_of(const struct tcp_connection *c)
{
	return event_get_fd(&c->event);
}

static struct loop *loop_of(const struct tcp_connection *c)
{
	return c->listener->loop;
}

/* --- the two transports: bytes, 0 at the end, -EAGAIN or another -errno */

static ssize_t tls_result(struct tcp_connection *c, int r)
{
	switch (SSL_get_error(c->tls, r)) {
	case SSL_ERROR_WANT_READ:
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		c->blocked = true;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return 0;
	default:
		tls_drop_errors("tls.error");
		return -EPROTO;
	}
}

static ssize_t transport_read(struct tcp_connection *c, void *to, size_t cap)
{
	ssize_t n;

	if (c->tls) {
		ERR_clear_error();
		n = SSL_read(c->tls, to, (int)cap);
		return n > 0 ? n : tls_result(c, (int)n);
	}
	n = recv(fd_of(c), to, cap, 0);
	return n < 0 ? -errno : n;
}

static ssize_t transport_write(struct tcp_connection *c, const void *from, size_t len)
{
	ssize_t n;

	if (c->tls) {
		ERR_clear_error();
		n = SSL_write(c->tls, from, len < INT32_MAX ? (int)len : INT32_MAX);
		return n > 0 ? n : tls_result(c, (int)n);
	}
	n = send(fd_of(c), from, len, MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		c->blocked = true;
	return n < 0 ? -errno : n;
}

static void transport_close(struct tcp_connection *c)
{
	if (c->tls) {
		if (SSL_is_init_finished(c->tls))
			SSL_shutdown(c->tls);
		tls_drop_errors("tls.close");
		SSL_free(c->tls);
	}
	/* Unread bytes would turn the close into a reset, which can overtake our last answer. */
	shutdown(fd_of(c), SHUT_WR);
	while (recv(fd_of(c), loop_of(c)->input, LOOP_INPUT_BYTES, MSG_DONTWAIT) ==
	       LOOP_INPUT_BYTES)
		;
	close(fd_of(c));
}

/* --- what is watched and what is put off to the end of the turn */

static void on_event(int fd, short what, void *arg);

static void watch(struct tcp_connection *c)
{
	uint8_t wanted = 0;

	if (c->stage == STAGE_HANDSHAKE ? !c->handshake_ready
					: c->stage == STAGE_OPEN && !c->paused)
		wanted |= EV_READ;
	if (c->blocked && c->stage != STAGE_DEAD)
		wanted |= EV_WRITE;
	if (wanted == c->watched)
		return;
	if (c->watched)
		event_del(&c->event);
	c->watched = wanted;
	if (!wanted)
		return;
	event_assign(&c->event, loop_of(c)->base, fd_of(c), (short)(wanted | EV_PERSIST), on_event,
		     c);
	event_add(&c->event, NULL);
}

static void make_busy(struct tcp_connection *c)
{
	struct loop *loop = loop_of(c);

	loop_at_turn_end(loop, &loop->busy_work);
	if (c->busy)
		return;
	c->busy = true;
	c->next_busy = NULL;
	*loop->busy_tail = c;
	loop->busy_tail = &c->next_busy;
}

static void forget_busy(struct tcp_connection *c)
{
	struct loop *loop = loop_of(c);
	struct tcp_connection **at = &loop->busy;

	if (!c->busy)
		return;
	while (*at != c)
		at = &(*at)->next_busy;
	*at = c->next_busy;
	if (!*at)
		loop->busy_tail = at;
	c->busy = false;
}

static void handshake_is_ready(struct tcp_connection *c, bool ready)
{
	if (c->handshake_ready == ready)
		return;
	c->handshake_ready = ready;
	c->listener->handshakes_waiting += ready ? 1 : -1;
}

void connection_end(struct tcp_connection *c, const char *reason)
{
	if (c->stage == STAGE_DEAD)
		return;
	if (!c->reason)
		c->reason = reason;
	handshake_is_ready(c, false);
	c->stage = STAGE_DEAD;
	map_remove(&loop_of(c)->connections, map_key_u64(c->id));
	watch(c);
	make_busy(c);
}

void connection_free(struct tcp_connection *c)
{
	struct tcp_listener *l = c->listener;

	connection_end(c, "shutdown");
	if (c->session && c->in.len && l->handlers->on_rest)
		l->handlers->on_rest(c->session, c, buf_str(&c->in));
	forget_busy(c);
	/* A peer that closed its side may still read an answer of this turn. */
	if (c->out.len && !c->blocked && c->session)
		transport_write(c, c->out.ptr, c->out.len);
	if (c->session)
		l->handlers->on_close(c->session, c->id, c->reason);
	transport_close(c);
	source_uncount(&l->per_source, &c->peer);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	l->count--;
	buf_fini(&c->in);
	buf_fini(&c->out);
	free(c);
}

/* --- reading */

/* The session looks at bytes; what it leaves is kept. */
static void deliver(struct tcp_connection *c, struct str bytes, bool kept)
{
	size_t used = c->listener->handlers->on_data(c->session, c, bytes);

	assert(used <= bytes.len);
	/* Also when it was ended meanwhile: on_rest gets what is left. */
	if (kept)
		buf_consume(&c->in, used);
	else
		buf_add_str(&c->in, str_slice(bytes, used, bytes.len));
	if (!c->in.len)
		buf_fini(&c->in);
	else if (c->stage == STAGE_OPEN && c->in.len > c->listener->options.max_input_bytes)
		connection_end(c, "too large");
}

static void receive(struct tcp_connection *c)
{
	struct loop *loop = loop_of(c);
	size_t most =
		c->share && !c->tls && c->share < LOOP_INPUT_BYTES ? c->share : LOOP_INPUT_BYTES;
	ssize_t n = transport_read(c, loop->input, most);

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		connection_end(c, n ? "error" : "peer closed");
		return;
	}
	c->heard_s = (uint32_t)loop->now_s;
	if (c->in.len) {
		buf_add(&c->in, loop->input, (size_t)n);
		deliver(c, buf_str(&c->in), true);
	} else {
		deliver(c, str_of(loop->input, (size_t)n), false);
	}
}

/*
 * Whoever leaves does not count: when a network is cut 15,000 do at once, a call for help that is
 * behind them waits only until each has been looked at, and what that leaves to do waits in `gone`.
 */
static void on_event(int fd, short what, void *arg)
{
	struct tcp_connection *c = arg;

	loop_begin(loop_of(c));
	if (what & EV_WRITE)
		c->blocked = false;
	if (c->stage == STAGE_HANDSHAKE)
		handshake_is_ready(c, true);
	else if (what & EV_READ && c->stage == STAGE_OPEN)
		receive(c);
	if (what & EV_WRITE || c->stage == STAGE_HANDSHAKE)
		make_busy(c);
	watch(c);
	if (c->stage != STAGE_DEAD)
		loop_count(loop_of(c));
}

/* --- writing */

static void flush(struct tcp_connection *c)
{
	while (c->out.len && !c->blocked) {
		ssize_t n = transport_write(c, c->out.ptr, c->out.len);

		if (n > 0) {
			buf_consume(&c->out, (size_t)n);
		} else if (n != -EAGAIN && n != -EINTR) {
			connection_end(c, "error");
			return;
		} else if (!c->blocked) {
			/* TLS must read first; what it reads will bring us back here. */
			return;
		}
	}
	if (!c->out.len)
		buf_fini(&c->out);
}

void tcp_send(struct tcp_connection *c, struct str bytes)
{
	if (c->stage != STAGE_OPEN)
		return;
	buf_add_str(&c->out, bytes);
	if (c->out.len > c->listener->options.max_output_bytes) {
		flush(c);
		if (c->out.len > c->listener->options.max_output_bytes)
			connection_end(c, "slow");
	}
	make_busy(c);
}

size_t tcp_backlog(const struct tcp_connection *c)
{
	return c->out.len;
}

void tcp_share(struct tcp_connection *c, uint32_t bytes)
{
	c->share = bytes;
}

void tcp_pause(struct tcp_connection *c, bool paused)
{
	c->paused = paused;
	/* What was kept while paused is looked at again, but not from inside on_data. */
	c->again = !paused;
	make_busy(c);
}

void tcp_close(struct tcp_connection *c, const char *reason)
{
	if (c->stage != STAGE_OPEN)
		return;
	c->reason = reason;
	c->stage = STAGE_CLOSING;
	c->heard_s = (uint32_t)loop_of(c)->now_s;
	map_remove(&loop_of(c)->connections, map_key_u64(c->id));
	make_busy(c);
}

/* --- opening */

static void start_session(struct tcp_connection *c)
{
	struct tcp_listener *l = c->listener;

	c->stage = STAGE_OPEN;
	c->heard_s = (uint32_t)l->loop->now_s;
	map_set(&l->loop->connections, map_key_u64(c->id), c);
	c->session = l->handlers->on_open(l->context, c);
	if (!c->session)
		connection_end(c, "refused");
}

static void handshake(struct tcp_connection *c)
{
	int r;

	handshake_is_ready(c, false);
	ERR_clear_error();
	r = SSL_do_handshake(c->tls);
	if (r == 1)
		start_session(c);
	else if (tls_result(c, r) != -EAGAIN)
		connection_end(c, "error");
}

void connection_open(struct tcp_listener *l, int fd, const struct address *peer)
{
	struct tcp_connection *c;
	SSL *tls = NULL;

	if (l->options.tls &&
	    (!(tls = tls_server_session(l->options.tls)) || SSL_set_fd(tls, fd) != 1)) {
		SSL_free(tls);
		source_uncount(&l->per_source, peer);
		close(fd);
		return;
	}
	c = xcalloc(1, sizeof(*c));
	c->listener = l;
	c->id = ++l->loop->last_id;
	c->tls = tls;
	c->peer = *peer;
	c->heard_s = (uint32_t)l->loop->now_s;
	c->next = l->first;
	c->at = &l->first;
	if (c->next)
		c->next->at = &c->next;
	l->first = c;
	l->count++;
	socket_tune(fd);
	event_assign(&c->event, l->loop->base, fd, EV_READ | EV_PERSIST, on_event, c);
	if (tls)
		c->stage = STAGE_HANDSHAKE;
	else
		start_session(c);
	watch(c);
}

/* --- the end of the turn */

/* At once when there is something left to say or to hear; otherwise in its turn. */
static void leave(struct tcp_connection *c)
{
	struct loop *loop = loop_of(c);

	if (c->in.len || c->out.len) {
		connection_free(c);
		return;
	}
	forget_busy(c);
	c->busy = true; /* with this, and never again with anything else */
	c->next_busy = NULL;
	*loop->gone_tail = c;
	loop->gone_tail = &c->next_busy;
}

void connections_bury(struct loop *loop, size_t most)
{
	while (loop->gone && most--) {
		struct tcp_connection *c = loop->gone;

		loop->gone = c->next_busy;
		if (!loop->gone)
			loop->gone_tail = &loop->gone;
		c->busy = false;
		connection_free(c);
	}
	if (loop->gone)
		loop_at_turn_end(loop, &loop->busy_work);
}

static void finish_turn(struct tcp_connection *c, unsigned *handshakes)
{
	if (c->handshake_ready) {
		if (!*handshakes) {
			make_busy(c);
			return;
		}
		--*handshakes;
		handshake(c);
	}
	if (c->again && c->stage == STAGE_OPEN) {
		c->again = false;
		if (c->in.len)
			deliver(c, buf_str(&c->in), true);
	}
	if (c->stage == STAGE_OPEN || c->stage == STAGE_CLOSING)
		flush(c);
	if (c->stage == STAGE_CLOSING && !c->out.len)
		connection_end(c, c->reason);
	if (c->stage == STAGE_DEAD)
		leave(c);
	else
		watch(c);
}

void connections_work(void *arg)
{
	struct loop *loop = arg;
	unsigned handshakes = LOOP_HANDSHAKES_A_TURN;
	size_t count = 0;

	/* Only those that are here now: who becomes busy meanwhile waits for the next turn. */
	for (struct tcp_connection *c = loop->busy; c; c = c->next_busy)
		count++;
	while (count-- && loop->busy) {
		struct tcp_connection *c = loop->busy;

		forget_busy(c);
		finish_turn(c, &handshakes);
	}
	connections_bury(loop, LOOP_FAREWELLS_A_TURN);
}

uint64_t tcp_id(const struct tcp_connection *c)
{
	return c->id;
}

struct tcp_connection *tcp_find(struct loop *loop, uint64_t id)
{
	return map_get(&loop->connections, map_key_u64(id));
}

void *tcp_session(const struct tcp_connection *c)
{
	return c->session;
}

const struct address *tcp_peer(const struct tcp_connection *c)
{
	return &c->peer;
}

int tcp_peer_uid(const struct tcp_connection *c, unsigned *ret_uid)
{
	struct ucred credentials;
	socklen_t size = sizeof(credentials), domain_size = sizeof(int);
	int domain;

	/* The kernel answers for TCP too, with an identity of nobody. */
	if (getsockopt(fd_of(c), SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) < 0 ||
	    domain != AF_UNIX ||
	    getsockopt(fd_of(c), SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
		return -EINVAL;
	*ret_uid = credentials.uid;
	return 0;
}
