/*
 * The limit: what one thread of C reaches here with no features. Reads watch frames (brackets),
 * writes them to a preallocated file, fdatasyncs once a round of epoll, then answers and fans the
 * frames out to every console. Nothing is parsed, sealed, indexed or checked.
 *
 *   bare WATCH_PORT FEED_PORT FILE
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	FDS = 20000,
	EVENTS = 1024,
	FILE_BYTES = 64 * 1024 * 1024,
	READ_BYTES = 4096,
	ROUND_BYTES = 1024 * 1024,
	MAX_CONSOLES = 64,
};

enum kind { NOBODY, WATCH, CONSOLE };

/* Part of a frame that has not ended yet is kept; a watch's frame here fits. */
struct peer {
	uint8_t kind;
	uint16_t held;
	char *rest;
};

static struct peer peers[FDS];
static struct console {
	int fd;
	char *late; /* what did not fit in its socket yet */
	size_t late_len;
} consoles[MAX_CONSOLES];
static unsigned console_count;
static char round_file[ROUND_BYTES], round_feed[ROUND_BYTES + EVENTS * 64];
static size_t file_len, feed_len;
static struct {
	int fd;
	char text[64];
} answers[EVENTS * 64];
static unsigned answer_count;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_on(int epoll, const char *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
	struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};

	at.sin_port = htons((uint16_t)strtol(port, NULL, 10));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, 4096))
		die(port);
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	return fd;
}

static void welcome(int epoll, int listener, enum kind kind)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), on = 1;
	struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	peers[fd].kind = (uint8_t)kind;
	peers[fd].held = 0;
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void leave(int fd)
{
	for (unsigned i = 0; i < console_count; i++)
		if (consoles[i].fd == fd) {
			free(consoles[i].late);
			consoles[i--] = consoles[--console_count];
		}
	free(peers[fd].rest);
	peers[fd] = (struct peer){0};
	close(fd);
}

/* "[SG*0123456789*…": what the answer needs of a frame. */
static void answer(int fd, const char *frame, size_t len)
{
	if (len < 15 || answer_count == sizeof(answers) / sizeof(answers[0]))
		return;
	answers[answer_count].fd = fd;
	snprintf(answers[answer_count++].text, sizeof(answers[0].text), "[%.13s*0002*AL]",
		 frame + 1);
}

/* The frame to the file and, as an unmasked WebSocket text of less than 64 KiB, to the consoles. */
static void take_frame(int fd, const char *frame, size_t len)
{
	if (file_len + len > sizeof(round_file))
		return;
	memcpy(round_file + file_len, frame, len);
	file_len += len;
	round_feed[feed_len++] = (char)0x81;
	round_feed[feed_len++] = 126;
	round_feed[feed_len++] = (char)(len >> 8);
	round_feed[feed_len++] = (char)len;
	memcpy(round_feed + feed_len, frame, len);
	feed_len += len;
	answer(fd, frame, len);
}

static size_t take_frames(int fd, const char *bytes, size_t len)
{
	size_t used = 0;
	const char *end;

	while ((end = memchr(bytes + used, ']', len - used))) {
		take_frame(fd, bytes + used, (size_t)(end - bytes) + 1 - used);
		used = (size_t)(end - bytes) + 1;
	}
	return used;
}

static void read_watch(int fd)
{
	struct peer *p = &peers[fd];
	char bytes[2 * READ_BYTES];
	ssize_t got;
	size_t len, used;

	if (p->held)
		memcpy(bytes, p->rest, p->held);
	got = read(fd, bytes + p->held, READ_BYTES);
	if (got <= 0) {
		if (got == 0 || errno != EAGAIN)
			leave(fd);
		return;
	}
	len = p->held + (size_t)got;
	used = take_frames(fd, bytes, len);
	p->held = (uint16_t)(len - used);
	if (p->held > READ_BYTES) {
		leave(fd);
	} else if (p->held) {
		p->rest = p->rest ? p->rest : malloc(READ_BYTES);
		memcpy(p->rest, bytes + used, p->held);
	}
}

/* Anything that ends like a request is one; what comes after it is not looked at. */
static void read_console(int fd)
{
	static const char switching[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
					"Connection: Upgrade\r\n\r\n";
	char bytes[READ_BYTES];
	ssize_t got = read(fd, bytes, sizeof(bytes));

	if (got == 0 || (got < 0 && errno != EAGAIN)) {
		leave(fd);
	} else if (got >= 4 && !memcmp(bytes + got - 4, "\r\n\r\n", 4) &&
		   console_count < MAX_CONSOLES) {
		consoles[console_count++] = (struct console){.fd = fd};
		send(fd, switching, sizeof(switching) - 1, MSG_NOSIGNAL);
	}
}

static void store(int file)
{
	static off_t at;

	if (at + (off_t)file_len > FILE_BYTES)
		at = 0;
	if (pwrite(file, round_file, file_len, at) != (ssize_t)file_len || fdatasync(file))
		die("write");
	at += (off_t)file_len;
}

static void tell_console(struct console *c)
{
	ssize_t sent;

	if (feed_len) {
		c->late = realloc(c->late, c->late_len + feed_len);
		memcpy(c->late + c->late_len, round_feed, feed_len);
		c->late_len += feed_len;
	}
	sent = send(c->fd, c->late, c->late_len, MSG_NOSIGNAL);
	if (sent > 0) {
		c->late_len -= (size_t)sent;
		memmove(c->late, c->late + sent, c->late_len);
	}
}

static bool somebody_is_late(void)
{
	for (unsigned i = 0; i < console_count; i++)
		if (consoles[i].late_len)
			return true;
	return false;
}

/* One write a peer. */
static void tell(void)
{
	for (unsigned i = 0; i < answer_count; i++)
		send(answers[i].fd, answers[i].text, strlen(answers[i].text), MSG_NOSIGNAL);
	for (unsigned i = 0; i < console_count; i++)
		if (feed_len || consoles[i].late_len)
			tell_console(&consoles[i]);
}

static int preallocate(const char *path)
{
	static char zeros[1024 * 1024];
	int file = open(path, O_RDWR | O_CREAT, 0600);

	for (off_t at = 0; file >= 0 && at < FILE_BYTES; at += (off_t)sizeof(zeros))
		if (pwrite(file, zeros, sizeof(zeros), at) != (ssize_t)sizeof(zeros))
			die(path);
	if (file < 0 || fsync(file))
		die(path);
	return file;
}

int main(int argc, char **argv)
{
	struct rlimit descriptors = {FDS, FDS};
	struct epoll_event events[EVENTS];
	int epoll = epoll_create1(0), file, watches, feed;

	if (argc != 4) {
		fputs("usage: bare WATCH_PORT FEED_PORT FILE\n", stderr);
		return 2;
	}
	setrlimit(RLIMIT_NOFILE, &descriptors);
	file = preallocate(argv[3]);
	watches = listen_on(epoll, argv[1]);
	feed = listen_on(epoll, argv[2]);
	for (;;) {
		int count = epoll_wait(epoll, events, EVENTS, somebody_is_late() ? 1 : -1);

		file_len = feed_len = answer_count = 0;
		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;

			if (fd == watches)
				welcome(epoll, fd, WATCH);
			else if (fd == feed)
				welcome(epoll, fd, CONSOLE);
			else if (peers[fd].kind == WATCH)
				read_watch(fd);
			else if (peers[fd].kind == CONSOLE)
				read_console(fd);
		}
		if (file_len)
			store(file);
		tell();
	}
}
