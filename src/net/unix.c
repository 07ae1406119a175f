/* Unix sockets that listen: for the administrator of this machine. See socket.h. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "net/socket.h"

static int open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

/* Whether the file is a socket that nobody listens on any more: its server died without a goodbye.
 */
static bool is_stale(const struct sockaddr_un *at)
{
	struct stat about;
	bool refused;
	int fd;

	if (lstat(at->sun_path, &about) < 0 || !S_ISSOCK(about.st_mode))
		return false;
	fd = open_socket();
	if (fd < 0)
		return false;
	refused = connect(fd, (const void *)at, sizeof(*at)) < 0 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

static int bind_to(int fd, const struct sockaddr_un *at)
{
	/* The mode before the name: there is no moment when others may connect. */
	if (fchmod(fd, S_IRUSR | S_IWUSR) < 0 || bind(fd, (const void *)at, sizeof(*at)) < 0)
		return -errno;
	return 0;
}

int socket_listen_unix(const char *path, int *ret_fd)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	size_t len = strlen(path);
	int fd, r;

	if (!len)
		return -EINVAL;
	if (len >= sizeof(at.sun_path))
		return -ENAMETOOLONG;
	memcpy(at.sun_path, path, len + 1);
	fd = open_socket();
	if (fd < 0)
		return fd;
	r = bind_to(fd, &at);
	if (r == -EADDRINUSE && is_stale(&at)) {
		log_info("socket.replaced", "reason=stale");
		unlink(path);
		r = bind_to(fd, &at);
	}
	if (!r && listen(fd, SOCKET_BACKLOG) < 0)
		r = -errno;
	if (r) {
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}
