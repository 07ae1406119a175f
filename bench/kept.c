/*
 * Memory of streams that have long been running: what the server has of its own for each, with so
 * many seconds of it kept on disk to rewind to; and after each was read from its beginning. The
 * past comes as it does from a telephone that had no network: live first, what was missed behind.
 */
#include "streams.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "telephones.h"
#include "wire/sound.h"

enum { TURN_US = 20000 };

static uint32_t frame_count; /* of each stream */

static void send_range(uint32_t from, uint32_t to, uint8_t flags)
{
	for (uint32_t sequence = from; sequence < to; sequence++)
		for (size_t i = 0; i < telephone_count(); i++)
			telephone_send(i, sequence, flags, packet_at(sequence));
}

/* Live at its pace, and what is missed so much faster that all is there `speed` times as soon as it
 * would have been captured. */
static void send_all(double speed)
{
	uint32_t live_count = (uint32_t)((double)frame_count / speed);
	uint32_t late = 0, live = frame_count - live_count, first_live = live;
	int64_t start_us = clock_monotonic_us(), next_us = start_us;

	while (live < frame_count || late < first_live) {
		double frames = (double)(next_us - start_us) / STREAM_FRAME_US;
		uint32_t live_to = first_live + (uint32_t)frames;
		uint32_t late_to = (uint32_t)(frames * (speed - 1));

		live_to = live_to < frame_count ? live_to : frame_count;
		late_to = late_to < first_live ? late_to : first_live;
		send_range(live, live_to, 0);
		send_range(late, late_to, SOUND_BACKFILL);
		live = live_to;
		late = late_to;
		next_us += TURN_US;
		wait_us(next_us - clock_monotonic_us());
	}
}

/* --- reading it again */

/* Bytes of the whole recording. */
static size_t read_recording(const struct console_options *o, const char *cookie, size_t index)
{
	static char bytes[256 * 1024];
	struct buf request = BUF_INIT;
	char alert[ID_TEXT_SIZE];
	int fd = connect_blocking(o->port);
	size_t total = 0;
	ssize_t got;

	id_print(telephone_alert(index), alert);
	buf_printf(&request,
		   "GET /api/alerts/%s/audio.ogg HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %s\r\n"
		   "Connection: close\r\n\r\n",
		   alert, o->port, cookie);
	if (write(fd, request.ptr, request.len) != (ssize_t)request.len)
		die("a recording cannot be asked for");
	while ((got = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		total += (size_t)got;
	close(fd);
	buf_fini(&request);
	return total;
}

static size_t read_all(const struct settings *s)
{
	struct console_options options = {s->http_port, s->login, s->password, NULL};
	const char *cookie = console_log_in(&options);
	size_t least = SIZE_MAX;

	for (size_t i = 0; i < s->count; i++) {
		size_t bytes = read_recording(&options, cookie, i);

		least = bytes < least ? bytes : least;
	}
	return least;
}

static double kib_each(const struct settings *s, const struct usage *before)
{
	struct usage now;

	wait_for_calm(s->pid);
	now = usage_of(s->pid);
	return (double)(now.anonymous_bytes - before->anonymous_bytes) / 1024 / (double)s->count;
}

/* --seconds: how long they have been running; --rate: how many times faster than that it comes. */
void mode_kept(const struct settings *s)
{
	struct usage before;
	uint64_t stored;
	double running;
	size_t least;

	packets_read(s->opus);
	frame_count = (uint32_t)(s->seconds * STREAM_FRAMES_A_SECOND);
	telephones_open(s);
	wait_for_calm(s->pid);
	before = usage_of(s->pid);
	telephones_stream((int64_t)(s->seconds * 1000));
	send_all(s->rate);
	stored = telephones_acknowledged();
	running = kib_each(s, &before);
	least = read_all(s);
	printf("{\"kib_each\":%.1f,\"read_kib_each\":%.1f,\"read_bytes\":%zu,\"not_stored\":%lld}"
	       "\n",
	       running, kib_each(s, &before), least, (long long)(s->count * frame_count - stored));
}
