/* Listening sockets and their addresses: see tcp.h and socket.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "base/alloc.h"
#include "net/socket.h"

struct address socket_address(const struct sockaddr *from)
{
	struct address a = {.port = 0};

	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)from;

		a.ip[10] = a.ip[11] = 0xff; /* ::ffff:0:0/96, where IPv4 lives */
		memcpy(a.ip + 12, &in->sin_addr, 4);
		a.port = ntohs(in->sin_port);
	} else if (from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)from;

		memcpy(a.ip, &in6->sin6_addr, 16);
		a.port = ntohs(in6->sin6_port);
	}
	return a;
}

/* "[::]:5093" or "0.0.0.0:5093" to what bind takes. */
static int parse_host_port(struct str text, struct sockaddr_in6 *ret6, struct sockaddr_in *ret4,
			   bool *ret_is_v6)
{
	size_t colon = text.len;
	struct address a;
	int64_t port;
	struct str host;

	while (colon && text.ptr[colon - 1] != ':')
		colon--;
	if (!colon || str_parse_i64(str_slice(text, colon, text.len), 0, 65535, &port) < 0)
		return -EINVAL;
	host = str_slice(text, 0, colon - 1);
	*ret_is_v6 = str_starts(host, STR("[")) && str_ends(host, STR("]"));
	if (*ret_is_v6)
		host = str_slice(host, 1, host.len - 1);
	if (address_parse(host, &a) < 0 || (!*ret_is_v6 && str_find(host, ':') >= 0))
		return -EINVAL;
	*ret4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	memcpy(&ret4->sin_addr, a.ip + 12, 4);
	*ret6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	memcpy(&ret6->sin6_addr, a.ip, 16);
	return 0;
}

bool tcp_address_is_valid(struct str address)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in4;
	bool v6;

	return !parse_host_port(address, &in6, &in4, &v6);
}

int socket_listen(const char *address, int *ret_fd, uint16_t *ret_port)
{
	struct sockaddr_in6 in6;
	struct sockaddr_in in4;
	struct sockaddr_storage real;
	socklen_t len = sizeof(real);
	bool v6;
	int one = 1, zero = 0, fd, r;

	r = parse_host_port(str_from(address), &in6, &in4, &v6);
	if (r < 0)
		return r;
	fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	/* [::] serves IPv4 too, whatever the machine's default. */
	if (v6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	r = bind(fd, v6 ? (void *)&in6 : (void *)&in4, v6 ? sizeof(in6) : sizeof(in4));
	if (r < 0 || listen(fd, SOCKET_BACKLOG) < 0 || getsockname(fd, (void *)&real, &len) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	*ret_fd = fd;
	*ret_port = socket_address((void *)&real).port;
	return 0;
}

void socket_tune(int fd)
{
	int one = 1, zero = 0;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &zero, sizeof(zero));
}

bool socket_error_is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}
