/* live/sound: frames reach those who listen and the disk; the clock is made. */
#include "sound_lab.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/spans.h"

enum { LISTENER = 9 };

static int open_stream(void)
{
	return sound_open(lab_sound, lab_alert, lab_device, LAB_EPOCH, LAB_BEGAN_MS, LAB_SOURCE);
}

static void begin(void **state, bool recording)
{
	lab_open(*state);
	lab_start(recording);
	assert_int_equal(open_stream(), 0);
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
	assert_int_equal(lab_frame_count, 2);
	lab_send_many(100, 101, 0);
	assert_int_equal(lab_frame_count, 3);
	/* What is sent late is kept, not played in between. */
	lab_send_many(101, 102, SOUND_BACKFILL);
	assert_int_equal(lab_frame_count, 3);
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
	assert_true(heard("{\"type\":\"jumped\",\"epoch\":77,\"from\":20,\"to\":698}"));
	assert_int_equal(lab_frame_count, 22);
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

static void test_a_torn_page_is_cut_off_at_any_byte(void **state)
{
	char path[512];
	struct stat whole, torn;

	begin(state, true);
	lab_send_many(0, 50, 0);
	lab_run_one();
	path_of(TRACK_LIVE, path);
	assert_int_equal(stat(path, &whole), 0);
	lab_stop();
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
	}
	lab_start(true);
	assert_int_equal(stat(path, &torn), 0);
	assert_int_equal(torn.st_size, whole.st_size);
	end();
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
	sound_settled(lab_sound, lab_alert);
	lab_run_one();
	lab_stop();
	lab_start(true);
	assert_int_equal(sound_streams_of(lab_sound, lab_alert, &(struct sound_stream){0}, 1), 0);
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
	lab_start(true);
	assert_int_equal(open_stream(), 0);
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
		on(ON_SQLITE, test_who_comes_late_starts_at_the_live_edge),
		on(ON_SQLITE, test_a_slow_listener_jumps_and_is_told),
		on(ON_BOTH, test_a_page_is_acknowledged_when_it_is_on_disk),
		on(ON_SQLITE, test_nothing_is_in_clear_and_a_restart_knows_what_there_is),
		on(ON_SQLITE, test_a_torn_page_is_cut_off_at_any_byte),
		on(ON_SQLITE, test_the_end_says_pages_roots_and_gaps),
		on(ON_SQLITE, test_what_a_full_disk_refuses_is_not_acknowledged_and_comes_again),
		on(ON_SQLITE, test_what_was_acknowledged_outlives_kill_9),
	};

	return run_on_databases("sound", tests, sizeof(tests) / sizeof(tests[0]), db_migrate);
}
