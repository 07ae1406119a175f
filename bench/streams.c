/* Live sound of the load tool: see streams.h. */
#include "streams.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/cursor.h"

enum { WARM_US = 2000000, DRAIN_US = 300000, LATE_EACH_US = 113000, LATE_MOST_US = 5000000 };

static const struct settings *settings;
static size_t frame_count; /* of each stream, at most */
static int64_t *sent_us;   /* by stream, then by sequence */
static int64_t measured_from_us;
static uint64_t sent, measured, heard;
static struct latencies relayed, joined;
static bool joiner_hears;

/* --- packets */

static struct str packets[4096];
static size_t packet_count;

void packets_read(const char *path)
{
	static char bytes[256 * 1024];
	FILE *file = path ? fopen(path, "re") : NULL;
	struct cursor c;

	if (!file)
		die("no file of Opus packets: --opus FILE");
	c = cursor_of(str_of(bytes, fread(bytes, 1, sizeof(bytes), file)));
	fclose(file);
	while (cursor_left(&c) && packet_count < ARRAY_LEN(packets)) {
		struct str packet = cursor_take(&c, cursor_u16(&c));

		if (cursor_ok(&c))
			packets[packet_count++] = packet;
	}
	if (!packet_count)
		die("%s holds no packet", path);
}

struct str packet_at(uint32_t sequence)
{
	return packets[sequence % packet_count];
}

/* --- who listens */

size_t stream_of(size_t listener)
{
	return listener % settings->count;
}

void stream_heard(size_t listener, uint32_t sequence)
{
	bool is_late = listener >= settings->count * settings->consoles;
	int64_t left_us;

	if (sequence >= frame_count)
		die("sequence %u was never sent", sequence);
	left_us = sent_us[stream_of(listener) * frame_count + sequence];
	heard += !is_late;
	if (is_late && !joiner_hears)
		latency_add(&joined, clock_monotonic_us() - left_us);
	else if (!is_late && left_us >= measured_from_us)
		latency_add(&relayed, clock_monotonic_us() - left_us);
	joiner_hears |= is_late;
}

/* --- what is sent */

/* Each stream has its own moment within the 20 ms, as microphones have. */
static void pace(const struct carrier *carrier, int64_t start_us, int64_t until_us)
{
	int64_t due_us, now_us;

	for (;; sent++) {
		uint32_t sequence = (uint32_t)(sent / settings->count);
		size_t stream = sent % settings->count;

		due_us = start_us + (int64_t)(sent * STREAM_FRAME_US / settings->count);
		while (clock_monotonic_us() < due_us && clock_monotonic_us() < until_us)
			clients_poll(due_us < until_us ? due_us : until_us);
		if (due_us >= until_us || sequence == frame_count)
			return;
		now_us = clock_monotonic_us();
		sent_us[stream * frame_count + sequence] = now_us;
		measured += now_us >= measured_from_us;
		carrier->send(stream, sequence, packet_at(sequence));
	}
}

/* One after the other, while the streams go on; returns when that is. */
static int64_t join_late(const struct carrier *carrier, int64_t start_us, int64_t now_us)
{
	for (size_t i = 0; i < settings->late; i++) {
		int64_t give_up_us = now_us + LATE_MOST_US;
		struct client c;

		joiner_hears = false;
		carrier->join(&c, settings->count * settings->consoles + i);
		do
			pace(carrier, start_us, now_us += LATE_EACH_US);
		while (!joiner_hears && now_us < give_up_us);
		if (!joiner_hears)
			die("listener %zu of those who come late hears nothing", i);
		client_close(&c);
	}
	return now_us;
}

static void run(const struct carrier *carrier)
{
	int64_t start_us = clock_monotonic_us(), end_us;
	struct usage before, after;
	uint64_t heard_before, delivered;

	measured_from_us = start_us + WARM_US;
	end_us = measured_from_us + (int64_t)(settings->seconds * 1e6);
	pace(carrier, start_us, measured_from_us);
	fputs("ready\n", stderr);
	before = usage_of(settings->pid);
	heard_before = heard;
	pace(carrier, start_us, end_us);
	if (settings->late)
		join_late(carrier, start_us, end_us);
	wait_us(DRAIN_US);
	after = usage_of(settings->pid);
	delivered = heard - heard_before;
	printf("{\"sent\":%llu,\"missing\":%lld,\"cpu_us\":%.2f", (unsigned long long)sent,
	       (long long)(measured * settings->consoles) - (long long)relayed.len,
	       delivered ? (double)(after.cpu_us - before.cpu_us) / (double)delivered : 0);
}

void streams_run(const struct settings *s, const struct carrier *carrier)
{
	double late_s = (double)s->late * LATE_MOST_US / 1e6;

	settings = s;
	packets_read(s->opus);
	frame_count = (size_t)((s->seconds + late_s + 2) * STREAM_FRAMES_A_SECOND);
	sent_us = xcalloc(s->count * frame_count, sizeof(sent_us[0]));
	carrier->open(s);
	run(carrier);
	if (carrier->stored)
		printf(",\"not_stored\":%lld", (long long)(sent - carrier->stored()));
	latency_print(&relayed, "relay");
	latency_print(&joined, "late");
	puts("}");
}
