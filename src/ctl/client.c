/* The control socket, client side: see client.h. */
#include "ctl/client.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "ctl/settings.h"

enum { CHUNK_BYTES = 64 * 1024, ANSWER_MAX_BYTES = 64 * 1024 * 1024 };

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		int error = -errno;

		close(fd);
		return error;
	}
	return fd;
}

bool client_server_runs(const struct settings *s)
{
	int fd = connect_to(s->socket);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int send_all(int fd, struct str bytes)
{
	while (bytes.len) {
		ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		bytes = str_slice(bytes, (size_t)sent, bytes.len);
	}
	return 0;
}

/* One line, without its end. */
static int receive_line(int fd, struct buf *line)
{
	while (line->len < ANSWER_MAX_BYTES) {
		ssize_t got = recv(fd, buf_reserve(line, CHUNK_BYTES), CHUNK_BYTES, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -ECONNRESET;
		line->len += (size_t)got;
		if (line->ptr[line->len - 1] == '\n') {
			line->len--;
			return 0;
		}
	}
	return -EMSGSIZE;
}

static int exchange(const char *path, struct str request, struct buf *answer)
{
	int fd = connect_to(path), r;

	if (fd < 0)
		return fd;
	r = send_all(fd, request);
	if (!r)
		r = receive_line(fd, answer);
	close(fd);
	return r;
}

static int say_refusal(const json_t *answer)
{
	const char *title = json_string_value(json_object_get(answer, "title"));
	const char *detail = json_string_value(json_object_get(answer, "detail"));

	if (!title)
		return fail("réponse du serveur incompréhensible");
	return detail && *detail ? fail("%s : %s", title, detail) : fail("%s", title);
}

static int read_answer(const struct buf *line, json_t **ret_result)
{
	json_t *answer = json_loadb(line->ptr, line->len, 0, NULL);
	json_t *result = json_object_get(answer, "result");
	int status = 0;

	if (result)
		*ret_result = json_incref(result);
	else
		status = say_refusal(answer);
	json_decref(answer);
	return status;
}

int client_ask(const struct settings *s, const char *command, json_t *arguments,
	       json_t **ret_result)
{
	json_t *request = json_pack("{s:s, s:O}", "command", command, "arguments", arguments);
	struct buf line = BUF_INIT, answer = BUF_INIT;
	char *text = json_dumps(request, JSON_COMPACT);
	int r;

	buf_printf(&line, "%s\n", text);
	free(text);
	json_decref(request);
	r = exchange(s->socket, buf_str(&line), &answer);
	if (r == -ENOENT || r == -ECONNREFUSED)
		r = fail("le serveur ne tourne pas (%s : personne ne répond)", s->socket);
	else if (r)
		r = fail("prise de commande %s : %s", s->socket, error_text(r));
	else
		r = read_answer(&answer, ret_result);
	explicit_bzero(line.ptr, line.len);
	buf_fini(&line);
	buf_fini(&answer);
	return r;
}
