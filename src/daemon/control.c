/* egidectl's Unix socket: one line of JSON in, one out; only for the server's own user and root. */
#include <errno.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "daemon/server_private.h"

enum { CONTROL_IDLE_S = 300, CONTROL_CONNECTIONS = 64, CONTROL_OUTPUT_BYTES = 64 * 1024 * 1024 };

struct control_session {
	struct server *server;
	uint64_t connection;
	bool busy; /* one request at a time */
};

static void *on_open(void *context, struct tcp_connection *c)
{
	struct control_session *s;
	unsigned uid;

	if (tcp_peer_uid(c, &uid) || (uid != 0 && uid != geteuid())) {
		log_warning("control.refused", "reason=\"another user\"");
		return NULL;
	}
	s = xcalloc(1, sizeof(*s));
	s->server = context;
	s->connection = tcp_id(c);
	return s;
}

static void on_answer(void *context, uint64_t id, struct str line)
{
	struct server *server = context;
	struct tcp_connection *c = tcp_find(server->loop, id);
	struct control_session *s = c ? tcp_session(c) : NULL;

	if (!s)
		return;
	tcp_send(c, line);
	tcp_send(c, STR("\n"));
	s->busy = false;
	tcp_pause(c, false);
}

static size_t on_data(void *session, struct tcp_connection *c, struct str bytes)
{
	struct control_session *s = session;
	ptrdiff_t end = str_find(bytes, '\n');

	if (end < 0 || s->busy)
		return 0;
	s->busy = true;
	tcp_pause(c, true);
	api_control(s->server->api, str_slice(bytes, 0, (size_t)end), on_answer, s->server,
		    s->connection);
	return (size_t)end + 1;
}

static void on_close(void *session, uint64_t id, const char *reason)
{
	free(session);
}

int control_listen(struct server *s, const char *path)
{
	static const struct tcp_handlers handlers = {on_open, on_data, NULL, on_close};
	char address[512];
	struct tcp_options options = {
		.address = address,
		.idle_timeout_s = CONTROL_IDLE_S,
		.max_input_bytes = LIMIT_HTTP_BODY_BYTES,
		.max_output_bytes = CONTROL_OUTPUT_BYTES,
		.max_connections = CONTROL_CONNECTIONS,
	};
	int r;

	if (!path[0])
		return 0;
	snprintf(address, sizeof(address), "unix:%s", path);
	r = tcp_listen(s->loop, &options, &handlers, s, &s->control);
	if (r)
		log_error("listener.failed", "what=control path=%s error=\"%s\"", path,
			  strerror(-r));
	return r;
}

void control_close(struct server *s)
{
	if (s->control)
		tcp_listener_close(s->control);
	s->control = NULL;
}
