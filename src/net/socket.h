/* Listening sockets and addresses, for tcp.c and http.c; nothing outside net/ includes this. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <sys/socket.h>

#include "net/tcp.h"

enum {
	/* A listener that met the descriptor limit looks again after this. */
	SOCKET_RETRY_MS = 100,
	/* What the kernel holds while a storm is accepted, 16 a turn. */
	SOCKET_BACKLOG = 4096,
};

/* "0.0.0.0:5093" or "[::]:5093", numeric only. 0, -EINVAL, or -errno of socket, bind, listen. */
int socket_listen(const char *address, int *ret_fd, uint16_t *ret_port);
/*
 * A socket file that only its owner may open; the folder exists. A file that a dead server left is
 * replaced; -EADDRINUSE when a server listens there or the file is no socket. The caller unlinks
 * it.
 */
int socket_listen_unix(const char *path, int *ret_fd);
/* Nothing waits to be sent together (an acknowledgement would wait up to 40 ms), no keep-alive
 * probes. */
void socket_tune(int fd);
struct address socket_address(const struct sockaddr *from);
/* Whether accept failed because descriptors or memory are short: trying at once would spin. */
bool socket_error_is_shortage(int error);

#endif
