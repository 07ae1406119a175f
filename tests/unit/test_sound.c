/* live/sound: frames reach those who listen and the disk; the clock is made. */
#include "sound_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "live/sound_ring.h"
#include "live/spans.h"

enum { LISTENER = 9 };

static int open_epoch(uint32_t epoch, uint64_t source)
{
	return sound_open(lab_sound, lab_alert, lab_device, epoch, LAB_BEGAN_MS, source);
}

static int open_stream(void)
{
	return open_epoch(LAB_EPOCH, LAB_SOURCE);
}

/* The first stream of an alert asks the disk what there is of it. */
static void start(bool recording)
{
	lab_start(recording);
	assert_int_equal(open_stream(), 0);
	if (recording)
		lab_run_one();
}

static void begin(void **state, bool recording)
{
	lab_open(*state);
	start(recording);
}

static void end(void)
{
	lab_stop();
	lab_close();
}

static bool heard(const char *text)
{
	return strstr(buf_cstr(&lab_heard), text) != NULL;
}

static void path_of(enum track_kind kind, char path[512])
{
	struct track_name name = {lab_folder, lab_alert, kind};

	assert_true(track_path(&name, path, 512));
}

/* --- the ring */

static struct str made_frame(uint32_t number)
{
	static char bytes[SOUND_FRAME_MAX_BYTES];
	/* All lengths, far apart from one to the next. */
	size_t len = number * 613 % (SOUND_FRAME_MAX_BYTES + 1);

	memset(bytes, (int)number, len);
	return str_of(bytes, len);
}

/* Many times round. */
static void test_the_ring_holds_the_newest_frames_as_they_came(void **state)
{
	struct sound_ring ring = {0};
	const struct ring_frame *frame;

	assert_null(ring_at(&ring, 0));
	for (uint32_t number = 0; number < 3000; number++) {
		uint32_t last = 0;

		ring_push(&ring, LAB_EPOCH, number, made_frame(number));
		assert_true(ring.next - ring.first <= RING_BYTES);
		assert_int_equal(ring_at(&ring, ring.newest)->sequence, number);
		for (uint64_t at = ring.first; (frame = ring_at(&ring, at));
		     at = ring_after(&ring, at)) {
			assert_true(at == ring.first || frame->sequence == last + 1);
			assert_true(str_eq(str_of(frame->bytes, frame->len),
					   made_frame(frame->sequence)));
			last = frame->sequence;
		}
		assert_int_equal(last, number);
	}
	ring_fini(&ring);
}

/* --- spans */

static void test_spans_join_part_and_have_an_end(void **state)
{
	struct spans s = {0};

	assert_int_equal(spans_add(&s, (struct span){10, 20}), 0);
	assert_int_equal(spans_next(&s), 0);
	assert_int_equal(spans_add(&s, (struct span){0, 5}), 0);
	assert_int_equal(spans_next(&s), 5);
	assert_false(spans_hold(&s, (struct span){4, 6}));
	assert_int_equal(spans_add(&s, (struct span){5, 10}), 0);
	assert_int_equal(s.count, 1);
	assert_int_equal(spans_next(&s), 20);
	spans_remove(&s, (struct span){7, 8});
	assert_int_equal(s.count, 2);
	assert_false(spans_hold(&s, (struct span){7, 8}));
	assert_true(spans_hold(&s, (struct span){8, 20}));
	assert_int_equal(spans_end(&s), 20);
	for (uint32_t i = 0; i < SPANS_MAX - 2; i++)
		assert_int_equal(spans_add(&s, (struct span){100 + 2 * i, 101 + 2 * i}), 0);
	assert_int_not_equal(spans_add(&s, (struct span){9000, 9001}), 0);
	assert_int_equal(spans_add(&s, (struct span){101, 102}), 0);
	spans_fini(&s);
}

/* --- taking frames in */

static void test_only_announced_frames_of_the_device_are_taken(void **state)
{
	begin(state, false);
	assert_int_equal(lab_send(LAB_EPOCH, 0, 0, 0), SOUND_TAKEN);
	assert_int_equal(lab_send(LAB_EPOCH, 0, 0, 0), SOUND_TAKEN); /* again: harmless */
	assert_int_equal(lab_send(LAB_EPOCH + 1, 0, 0, 0), SOUND_BAD);
	assert_int_equal(lab_send(LAB_EPOCH, 1, 8, 0), SOUND_BAD);
	lab_device = new_id();
	assert_int_equal(lab_send(LAB_EPOCH, 1, 0, 0), SOUND_BAD);
	assert_int_not_equal(open_stream(), 0);
	end();
}

static void test_a_device_that_sends_too_fast_is_refused_then_closed(void **state)
{
	unsigned count[4] = {0};

	begin(state, false);
	for (uint32_t i = 0; i < 2501; i++)
		count[lab_send(LAB_EPOCH, i, 0, 0)]++;
	assert_int_equal(count[SOUND_TAKEN], 750);
	assert_int_equal(count[SOUND_TOO_FAST], 1);
	lab_tick(5000);
	assert_int_equal(lab_send(LAB_EPOCH, 5000, 0, 0), SOUND_TAKEN);
	end();
}

static void test_the_pace_is_one_for_all_epochs_of_a_device(void **state)
{
	unsigned count[4] = {0};

	begin(state, false);
	for (uint32_t epoch = 1; epoch <= 10; epoch++) {
		assert_int_equal(open_epoch(epoch, LAB_SOURCE), 0);
		for (uint32_t i = 0; i < 100; i++)
			count[lab_send(epoch, i, 0, 0)]++;
	}
	assert_int_equal(count[SOUND_TAKEN], 750);
	for (uint32_t i = 0; i < 6000; i++)
		count[lab_send(LAB_EPOCH, i, SOUND_BACKFILL, 0)]++;
	assert_int_equal(count[SOUND_TAKEN], 750 + 5000);
	end();
}

static void test_what_nobody_can_have_captured_yet_is_refused(void **state)
{
	enum { AHEAD = 2 * 3600 * 50, LATE = 60 * 50, HOURS_3 = 3 * 3600 * 50 };
	int64_t now_ms = clock_now_ms();

	begin(state, false);
	sound_open(lab_sound, lab_alert, lab_device, 3, now_ms - 60000, LAB_SOURCE);
	assert_int_equal(lab_send(3, 0, 0, 0), SOUND_TAKEN);
	assert_int_equal(lab_send(3, LATE, 0, 0), SOUND_TAKEN);
	assert_int_equal(lab_send(3, LATE + AHEAD + 500, 0, 0), SOUND_REFUSED);
	assert_int_equal(lab_send(3, LATE + 1, SOUND_GAP, AHEAD + 500), SOUND_REFUSED);
	lab_tick(15000);
	assert_int_equal(lab_send(3, LATE + AHEAD + 500, 0, 0), SOUND_TAKEN);
	/* A clock that is ahead by hours: from when it is first heard of. */
	sound_open(lab_sound, lab_alert, lab_device, 4, now_ms + 6 * 3600000, LAB_SOURCE);
	assert_int_equal(lab_send(4, 100, 0, 0), SOUND_TAKEN);
	assert_int_equal(lab_send(4, HOURS_3, 0, 0), SOUND_REFUSED);
	end();
}

static void test_the_epoch_that_is_one_too_many_is_heard_and_not_kept(void **state)
{
	begin(state, true);
	sound_listen(lab_sound, LISTENER, lab_alert);
	for (uint32_t epoch = 1000; epoch < 1255; epoch++)
		assert_int_equal(open_epoch(epoch, LAB_SOURCE), 0);
	assert_false(heard("failing"));
	assert_int_equal(open_epoch(2000, LAB_SOURCE), -ENOSPC);
	assert_int_equal(lab_send(2000, 0, 0, 0), SOUND_REFUSED);
	assert_int_equal(lab_frame_count, 1);
	assert_true(heard("\"recording\":\"failing\""));
	assert_int_equal(lab_send(2000, 1, SOUND_BACKFILL, 0), SOUND_REFUSED);
	assert_int_equal(lab_frame_count, 1);
	/* The others go on. */
	lab_send_many(0, 50, 0);
	lab_run_one();
	assert_int_equal(lab_next(LAB_EPOCH), 0); /* not among the latest eight */
	assert_int_equal(lab_frame_count, 51);
	sound_leave(lab_sound, LISTENER);
	end();
}

static void test_of_a_page_that_is_open_twice_the_newest_is_heard_and_both_are_kept(void **state)
{
	enum { OTHER = 78, OTHER_SOURCE = 6 };

	begin(state, false);
	sound_listen(lab_sound, LISTENER, lab_alert);
	lab_send_many(0, 5, 0);
	assert_int_equal(open_epoch(OTHER, OTHER_SOURCE), 0);
	/* What it has to send late is no reason to be heard. */
	assert_int_equal(lab_send(OTHER, 0, SOUND_BACKFILL, 0), SOUND_TAKEN);
	lab_send_many(5, 10, 0);
	assert_int_equal(lab_frame_count, 10);
	assert_int_equal(lab_send(OTHER, 1, 0, 0), SOUND_TAKEN);
	lab_send_many(10, 15, 0);
	assert_int_equal(lab_frame_count, 11);
	assert_int_equal(lab_next(LAB_EPOCH), 15);
	assert_int_equal(lab_next(OTHER), 2);
	sound_source_gone(lab_sound, OTHER_SOURCE);
	lab_send_many(15, 20, 0);
	assert_int_equal(lab_frame_count, 16);
	sound_leave(lab_sound, LISTENER);
	end();
}

static void test_without_a_recorder_what_came_is_acknowledged(void **state)
{
	begin(state, false);
	lab_send_many(0, 10, 0);
	lab_tick(1000);
	assert_int_equal(lab_acked, 10);
	end();
}

/* --- listening */

static void test_who_comes_late_starts_at_the_live_edge(void **state)
{
	begin(state, false);
	lab_send_many(0, 100, 0);
	sound_listen(lab_sound, LISTENER, lab_alert);
	assert_true(heard("\"epoch\":77,\"began\":1000000,\"first\":0,\"next\":100,\"live\":true"));
	assert_int_equal(lab_frame_count, 1);
	lab_send_many(100, 101, 0);
	assert_int_equal(lab_frame_count, 2);
	/* What is sent late is kept, not played in between. */
	lab_send_many(101, 102, SOUND_BACKFILL);
	assert_int_equal(lab_frame_count, 2);
	sound_source_gone(lab_sound, LAB_SOURCE);
	assert_true(heard("\"live\":false"));
	sound_leave(lab_sound, LISTENER);
	end();
}

static void test_a_slow_listener_jumps_and_is_told(void **state)
{
	begin(state, false);
	sound_listen(lab_sound, LISTENER, lab_alert);
	lab_send_many(0, 10, 0);
	lab_socket_full = true;
	lab_send_many(10, 20, 0);
	lab_socket_full = false;
	sound_drained(lab_sound, LISTENER);
	assert_int_equal(lab_frame_count, 20);
	assert_false(heard("jumped"));
	lab_socket_full = true;
	lab_send_many(20, 700, 0);
	lab_socket_full = false;
	sound_drained(lab_sound, LISTENER);
	assert_true(heard("{\"type\":\"jumped\",\"epoch\":77,\"from\":20,\"to\":699}"));
	assert_int_equal(lab_frame_count, 21);
	sound_leave(lab_sound, LISTENER);
	end();
}

/* --- the recording */

static void test_a_page_is_acknowledged_when_it_is_on_disk(void **state)
{
	begin(state, true);
	lab_send_many(0, 50, 0);
	lab_tick(1000);
	assert_int_equal(lab_acked, 0);
	lab_run_one();
	lab_tick(0);
	assert_int_equal(lab_acked, 50);
	/* A hole stops it until the missed part has come. */
	lab_send_many(60, 100, 0);
	lab_tick(1000);
	lab_run_one();
	lab_tick(1000);
	assert_int_equal(lab_acked, 50);
	lab_send_many(50, 55, SOUND_BACKFILL);
	assert_int_equal(lab_send(LAB_EPOCH, 55, SOUND_GAP | SOUND_BACKFILL, 5), SOUND_TAKEN);
	lab_tick(1000);
	lab_run_one();
	lab_tick(1000);
	assert_int_equal(lab_acked, 100);
	end();
}

static void test_nothing_is_in_clear_and_a_restart_knows_what_there_is(void **state)
{
	char path[512], found[64];
	FILE *file;
	size_t len;

	begin(state, true);
	lab_send_many(0, 50, 0);
	lab_run_one();
	lab_stop();
	path_of(TRACK_LIVE, path);
	file = fopen(path, "rb");
	len = fread(found, 1, sizeof(found), file);
	assert_memory_equal(found, "EGP1", 4);
	assert_null(memmem(found, len, "77/", 3));
	fclose(file);
	lab_start(true);
	assert_int_equal(lab_next(LAB_EPOCH), 50);
	end();
}

/* The zeroes that a track grows by: a server that is killed leaves them behind what it wrote. */
static void test_a_torn_page_is_cut_off_at_any_byte(void **state)
{
	enum { GROWTH_BYTES = 64 * 1024 };
	char path[512];
	struct stat whole, torn;

	begin(state, true);
	lab_send_many(0, 50, 0);
	lab_run_one();
	path_of(TRACK_LIVE, path);
	assert_int_equal(stat(path, &torn), 0);
	assert_int_equal(torn.st_size, GROWTH_BYTES);
	lab_stop();
	assert_int_equal(stat(path, &whole), 0);
	for (int cut = 1; cut < 1200; cut += 97) {
		lab_start(true);
		assert_int_equal(open_stream(), 0);
		assert_int_equal(lab_next(LAB_EPOCH), 50);
		lab_send_many(50, 100, 0);
		lab_run_one();
		assert_int_equal(lab_next(LAB_EPOCH), 100);
		lab_stop();
		assert_int_equal(stat(path, &torn), 0);
		assert_int_equal(truncate(path, torn.st_size - cut), 0);
		if (cut % 2 == 0)
			assert_int_equal(truncate(path, GROWTH_BYTES), 0);
	}
	lab_start(true);
	assert_int_equal(stat(path, &torn), 0);
	assert_int_equal(torn.st_size, whole.st_size);
	end();
}

static void flip_byte(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	char byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	close(fd);
}

/* Two pages cannot be torn at once: a disk that spoils them is damaged, and nothing is cut off. */
static void test_more_than_one_page_that_cannot_be_read_is_kept(void **state)
{
	off_t ends[3];
	struct stat st;
	char path[512];

	begin(state, true);
	path_of(TRACK_LIVE, path);
	for (uint32_t page = 0; page < 3; page++) {
		lab_send_many(page * 50, page * 50 + 50, 0);
		lab_run_one();
		lab_stop();
		assert_int_equal(stat(path, &st), 0);
		ends[page] = st.st_size;
		lab_start(true);
		assert_int_equal(open_stream(), 0);
	}
	lab_stop();
	flip_byte(path, ends[1] - 1);
	flip_byte(path, ends[2] - 1);
	lab_start(true);
	assert_int_equal(open_stream(), 0);
	assert_int_equal(lab_next(LAB_EPOCH), 50);
	lab_stop();
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size >= ends[2]);
	/* The last one alone may be torn. */
	flip_byte(path, ends[1] - 1);
	lab_start(true);
	assert_int_equal(open_stream(), 0);
	assert_int_equal(lab_next(LAB_EPOCH), 100);
	lab_send_many(100, 150, 0);
	lab_run_one();
	lab_stop();
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, ends[2]);
	lab_close();
}

static void test_the_end_says_pages_roots_and_gaps(void **state)
{
	begin(state, true);
	lab_send_many(0, 50, 0);
	lab_send_many(60, 100, 0);
	sound_end(lab_sound, lab_alert);
	for (int i = 0; i < 3; i++)
		lab_run_one();
	assert_non_null(strstr(buf_cstr(&lab_recorded), "{\"live\":{\"pages\":2,\"root\":\""));
	assert_non_null(strstr(buf_cstr(&lab_recorded),
			       "\"gaps\":[{\"epoch\":77,\"from\":50,\"to\":60}],\"frames\":90"));
	assert_int_equal(open_stream(), -ESHUTDOWN);
	sound_settled(lab_sound, lab_alert, lab_sum);
	lab_run_one();
	lab_stop();
	lab_start(true);
	assert_int_equal(sound_streams_of(lab_sound, lab_alert, &(struct sound_stream){0}, 1), 0);
	end();
}

/* --- going on */

static void end_alert(unsigned pages)
{
	buf_reset(&lab_recorded);
	sound_end(lab_sound, lab_alert);
	while (pages--)
		lab_run_one();
	lab_run_one();
}

static bool recorded(const char *text)
{
	return strstr(buf_cstr(&lab_recorded), text) != NULL;
}

static void reopen(void)
{
	sound_reopen(lab_sound, lab_alert);
	lab_run_one();
	assert_int_equal(open_stream(), 0);
}

static void test_an_alert_that_goes_on_is_summed_up_whole(void **state)
{
	begin(state, true);
	lab_send_many(0, 50, 0);
	end_alert(1);
	sound_settled(lab_sound, lab_alert, lab_sum);
	lab_run_one();
	assert_int_equal(lab_next(LAB_EPOCH), 0); /* forgotten */
	reopen();
	assert_int_equal(lab_next(LAB_EPOCH), 50);
	lab_send_many(40, 100, 0);
	end_alert(1);
	assert_true(recorded("{\"live\":{\"pages\":2,"));
	assert_true(recorded("\"gaps\":[],\"frames\":100"));
	end();
}

static void test_an_alert_that_goes_on_while_it_is_settled_is_not(void **state)
{
	begin(state, true);
	lab_send_many(0, 50, 0);
	end_alert(1);
	sound_settled(lab_sound, lab_alert, lab_sum);
	sound_reopen(lab_sound, lab_alert);
	lab_run_one();
	lab_run_one();
	lab_stop();
	lab_start(true);
	assert_int_equal(lab_next(LAB_EPOCH), 50);
	end();
}

static void test_a_line_of_an_earlier_end_does_not_settle_a_later_one(void **state)
{
	uint64_t first;

	begin(state, true);
	lab_send_many(0, 50, 0);
	end_alert(1);
	first = lab_sum;
	reopen();
	lab_send_many(50, 100, 0);
	end_alert(1);
	sound_settled(lab_sound, lab_alert, first);
	lab_stop();
	lab_start(true);
	assert_int_equal(lab_next(LAB_EPOCH), 100);
	end();
}

/* The line never came into the journal, or its file could not be made. */
static void test_what_was_never_settled_goes_on_all_the_same(void **state)
{
	begin(state, true);
	lab_send_many(0, 50, 0);
	end_alert(1);
	assert_int_equal(open_stream(), -ESHUTDOWN);
	reopen();
	lab_send_many(50, 100, 0);
	end_alert(1);
	assert_true(recorded("\"frames\":100"));
	end();
}

static void test_an_alert_reopened_just_before_a_restart_is_read_again(void **state)
{
	begin(state, true);
	lab_send_many(0, 50, 0);
	end_alert(1);
	sound_settled(lab_sound, lab_alert, lab_sum);
	lab_run_one();
	lab_stop();
	lab_start(true);
	assert_int_equal(lab_next(LAB_EPOCH), 0); /* settled: not read at start */
	assert_int_equal(open_stream(), 0);
	/* What comes before the disk has answered is neither lost nor counted twice. */
	lab_send_many(40, 90, 0);
	lab_run_one();
	lab_run_one();
	assert_int_equal(lab_next(LAB_EPOCH), 90);
	end_alert(0);
	assert_true(recorded("\"gaps\":[],\"frames\":90"));
	end();
}

/* --- a disk that is full */

static void test_beyond_its_share_of_the_disk_sound_is_heard_and_not_kept(void **state)
{
	lab_open(*state);
	lab_most_bytes = 3000;
	start(true);
	sound_listen(lab_sound, LISTENER, lab_alert);
	lab_send_many(0, 50, 0);
	lab_run_one();
	assert_false(heard("failing"));
	assert_int_equal(lab_send(LAB_EPOCH, 50, 0, 0), SOUND_REFUSED);
	assert_int_equal(lab_frame_count, 51);
	assert_true(heard("\"recording\":\"failing\""));
	assert_int_equal(sound_figures(lab_sound).failing, 1);
	lab_tick(6000);
	assert_int_equal(lab_send(LAB_EPOCH, 51, 0, 0), SOUND_REFUSED);
	assert_int_equal(lab_next(LAB_EPOCH), 50);
	assert_int_equal(lab_closed, 0);
	sound_leave(lab_sound, LISTENER);
	end();
}

static void test_the_reserve_of_the_disk_is_not_for_sound(void **state)
{
	char path[512];
	struct stat st;

	lab_open(*state);
	lab_reserve_bytes = UINT64_MAX;
	start(true);
	sound_listen(lab_sound, LISTENER, lab_alert);
	lab_send_many(0, 50, 0);
	lab_run_one();
	assert_int_equal(lab_frame_count, 50);
	assert_true(heard("\"recording\":\"failing\""));
	assert_int_equal(lab_next(LAB_EPOCH), 0);
	path_of(TRACK_LIVE, path);
	assert_int_not_equal(stat(path, &st), 0);
	sound_leave(lab_sound, LISTENER);
	end();
}

static void limit_files(rlim_t bytes)
{
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, RLIM_INFINITY}), 0);
}

static void test_what_a_full_disk_refuses_is_not_acknowledged_and_comes_again(void **state)
{
	begin(state, true);
	signal(SIGXFSZ, SIG_IGN);
	sound_listen(lab_sound, LISTENER, lab_alert);
	lab_send_many(0, 50, 0);
	lab_run_one();
	limit_files(6000);
	lab_send_many(50, 100, 0);
	lab_run_one();
	assert_true(heard("\"recording\":\"failing\""));
	assert_int_equal(sound_figures(lab_sound).failing, 1);
	assert_int_equal(lab_send(LAB_EPOCH, 100, 0, 0), SOUND_REFUSED);
	lab_tick(1000);
	assert_int_equal(lab_acked, 50);
	limit_files(RLIM_INFINITY);
	lab_tick(5000);
	lab_send_many(50, 100, SOUND_BACKFILL);
	lab_run_one();
	lab_tick(1000);
	assert_int_equal(lab_acked, 100);
	/* The phone is made to come back with what was refused. */
	assert_int_equal(lab_closed, 1);
	sound_leave(lab_sound, LISTENER);
	end();
}

/* --- kill -9 */

static void record_for_ever(int acks)
{
	start(true);
	for (uint32_t i = 0;; i += 50) {
		lab_send_many(i, i + 50, 0);
		lab_run_one();
		lab_tick(1000);
		assert_int_equal(write(acks, &lab_acked, sizeof(lab_acked)), sizeof(lab_acked));
	}
}

static void test_what_was_acknowledged_outlives_kill_9(void **state)
{
	uint32_t acked = 0, last = 0;
	int acks[2];
	pid_t child;

	lab_open(*state);
	assert_int_equal(pipe(acks), 0);
	child = fork();
	if (child == 0) {
		close(acks[0]);
		record_for_ever(acks[1]);
	}
	close(acks[1]);
	for (int i = 0; i < 40; i++)
		assert_int_equal(read(acks[0], &acked, sizeof(acked)), sizeof(acked));
	kill(child, SIGKILL);
	/* What it could still say before it died. */
	while (read(acks[0], &last, sizeof(last)) == sizeof(last))
		acked = last;
	waitpid(child, NULL, 0);
	close(acks[0]);
	assert_true(acked >= 40 * 50);
	lab_start(true);
	assert_true(lab_next(LAB_EPOCH) >= acked);
	end();
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_SQLITE, test_spans_join_part_and_have_an_end),
		on(ON_SQLITE, test_only_announced_frames_of_the_device_are_taken),
		on(ON_SQLITE, test_a_device_that_sends_too_fast_is_refused_then_closed),
		on(ON_SQLITE, test_without_a_recorder_what_came_is_acknowledged),
		on(ON_SQLITE, test_the_ring_holds_the_newest_frames_as_they_came),
		on(ON_SQLITE, test_who_comes_late_starts_at_the_live_edge),
		on(ON_SQLITE, test_a_slow_listener_jumps_and_is_told),
		on(ON_BOTH, test_a_page_is_acknowledged_when_it_is_on_disk),
		on(ON_SQLITE, test_nothing_is_in_clear_and_a_restart_knows_what_there_is),
		on(ON_SQLITE, test_a_torn_page_is_cut_off_at_any_byte),
		on(ON_SQLITE, test_more_than_one_page_that_cannot_be_read_is_kept),
		on(ON_SQLITE, test_the_end_says_pages_roots_and_gaps),
		on(ON_SQLITE, test_the_pace_is_one_for_all_epochs_of_a_device),
		on(ON_SQLITE, test_what_nobody_can_have_captured_yet_is_refused),
		on(ON_SQLITE, test_the_epoch_that_is_one_too_many_is_heard_and_not_kept),
		on(ON_SQLITE,
		   test_of_a_page_that_is_open_twice_the_newest_is_heard_and_both_are_kept),
		on(ON_SQLITE, test_an_alert_that_goes_on_is_summed_up_whole),
		on(ON_SQLITE, test_an_alert_that_goes_on_while_it_is_settled_is_not),
		on(ON_SQLITE, test_a_line_of_an_earlier_end_does_not_settle_a_later_one),
		on(ON_SQLITE, test_what_was_never_settled_goes_on_all_the_same),
		on(ON_SQLITE, test_an_alert_reopened_just_before_a_restart_is_read_again),
		on(ON_SQLITE, test_beyond_its_share_of_the_disk_sound_is_heard_and_not_kept),
		on(ON_SQLITE, test_the_reserve_of_the_disk_is_not_for_sound),
		on(ON_SQLITE, test_what_a_full_disk_refuses_is_not_acknowledged_and_comes_again),
		on(ON_SQLITE, test_what_was_acknowledged_outlives_kill_9),
	};

	return run_on_databases("sound", tests, sizeof(tests) / sizeof(tests[0]), db_migrate);
}
