/* live/recording: what was recorded, of real speech, is a file that others read. */
#include "sound_lab.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "live/recording.h"

enum { MAX_PACKETS = 2000, HEADER_PACKETS = 2 };

static struct str packets[MAX_PACKETS];
static size_t packet_count;
static struct buf speech_file;

static void run(const char *format, const char *a, const char *b)
{
	char command[1024];

	snprintf(command, sizeof(command), format, a, b);
	if (system(command))
		fail_msg("%s", command);
}

static struct buf contents(const char *path)
{
	struct buf b = BUF_INIT;
	FILE *file = fopen(path, "rb");
	size_t got;

	assert_non_null(file);
	while ((got = fread(buf_reserve(&b, 65536), 1, 65536, file)))
		b.len += got;
	fclose(file);
	return b;
}

/* The packets of a file opusenc made. None of them is longer than a page. */
static void take_apart(struct str ogg)
{
	const uint8_t *at = (const uint8_t *)ogg.ptr, *end = at + ogg.len;
	size_t seen = 0;

	while (at + 27 < end) {
		unsigned segments = at[26];
		const uint8_t *lacing = at + 27, *body = lacing + segments;
		size_t len = 0;

		for (unsigned i = 0; i < segments; i++) {
			len += lacing[i];
			if (lacing[i] == 255)
				continue;
			if (seen++ >= HEADER_PACKETS && packet_count < MAX_PACKETS)
				packets[packet_count++] = str_of(body, len);
			body += len;
			len = 0;
		}
		at = body;
	}
}

static int make_speech(void **state)
{
	char folder[] = "/tmp/egide-speech-XXXXXX", path[64];

	assert_non_null(mkdtemp(folder));
	run("espeak-ng -v fr -w %s/speech.wav 'Bonjour, ici la mairie. Un homme est entré et il "
	    "menace les agents. Venez vite, je vous en prie. Il crie dans le couloir.'%s",
	    folder, "");
	run("opusenc --quiet --hard-cbr --bitrate 24 --framesize 20 %s/speech.wav %s/speech.opus",
	    folder, folder);
	snprintf(path, sizeof(path), "%s/speech.opus", folder);
	speech_file = contents(path);
	take_apart(buf_str(&speech_file));
	run("rm -r %s%s", folder, "");
	assert_true(packet_count > 200);
	return 0;
}

static void begin(void **state)
{
	if (!packet_count)
		make_speech(state);
	lab_open(*state);
	lab_start(true);
}

static void end(void)
{
	lab_stop();
	lab_close();
}

static void say(uint32_t epoch, int64_t began_ms, uint32_t from, uint32_t to, unsigned flags)
{
	struct buf b = BUF_INIT;

	assert_int_equal(sound_open(lab_sound, lab_alert, lab_device, epoch, began_ms, LAB_SOURCE),
			 0);
	for (uint32_t i = from; i < to; i++) {
		struct sound_frame f = {.alert = lab_alert,
					.epoch = epoch,
					.sequence = i,
					.at_ms = began_ms + i * SOUND_FRAME_MS,
					.flags = (uint8_t)flags,
					.packet = packets[i]};

		buf_reset(&b);
		sound_encode(&f, &b);
		assert_int_equal(
			sound_frame(lab_sound, lab_alert, lab_device, buf_str(&b), lab_now_ms),
			SOUND_TAKEN);
	}
	buf_fini(&b);
}

/* All that was said is on disk; the file, read from there. */
static struct recording *recorded(void)
{
	struct recording *r = NULL;

	lab_tick(1000);
	lab_stop();
	assert_int_equal(recording_read(lab_vault, lab_folder, lab_alert, &r), 0);
	lab_start(true);
	return r;
}

static struct buf json_of(const struct recording *r)
{
	struct buf b = BUF_INIT;

	recording_json(r, &b);
	buf_cstr(&b);
	return b;
}

static void write_file(const struct recording *r, char path[300])
{
	struct buf ogg = BUF_INIT;
	FILE *file;

	assert_true(recording_ogg(r, 0, UINT64_MAX, &ogg) == ogg.len);
	snprintf(path, 300, "%s/audio.ogg", lab_folder);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(ogg.ptr, 1, ogg.len, file), ogg.len);
	fclose(file);
	buf_fini(&ogg);
}

/* What ffmpeg and opusinfo say of it: nothing. */
static void must_be_accepted(const char *path)
{
	char report[320];
	struct buf said;

	snprintf(report, sizeof(report), "%s.txt", path);
	run("ffmpeg -v error -xerror -i %s -f null - >%s 2>&1 </dev/null", path, report);
	said = contents(report);
	assert_string_equal(buf_cstr(&said), "");
	buf_fini(&said);
	run("opusinfo %s >%s 2>&1", path, report);
	said = contents(report);
	if (strstr(buf_cstr(&said), "WARNING") || !strstr(said.ptr, "Logical stream 1 ended"))
		fail_msg("%s", said.ptr);
	buf_fini(&said);
}

static long milliseconds_of(const char *path)
{
	char report[320];
	struct buf said;
	long ms;

	snprintf(report, sizeof(report), "%s.txt", path);
	run("ffprobe -v error -show_entries format=duration -of csv=p=0 %s >%s", path, report);
	said = contents(report);
	ms = (long)(strtod(buf_cstr(&said), NULL) * 1000 + 0.5);
	buf_fini(&said);
	return ms;
}

/* How much of it is heard: what is decoded and not to be played left out. */
static long decoded_milliseconds(const char *path)
{
	char samples[320];
	struct buf heard;
	long ms;

	snprintf(samples, sizeof(samples), "%s.raw", path);
	run("ffmpeg -v error -y -i %s -f s16le -ar 48000 %s </dev/null", path, samples);
	heard = contents(samples);
	ms = (long)(heard.len / 2 / 48);
	buf_fini(&heard);
	return ms;
}

static void test_speech_comes_back_packet_by_packet(void **state)
{
	struct recording *r;
	struct buf ogg = BUF_INIT;
	struct str before[MAX_PACKETS];
	size_t count;
	char path[300];

	begin(state);
	count = packet_count;
	say(1, LAB_BEGAN_MS, 0, (uint32_t)count, 0);
	r = recorded();
	write_file(r, path);
	must_be_accepted(path);
	assert_true(labs(milliseconds_of(path) - (long)count * 20) <= 10);
	memcpy(before, packets, sizeof(before));
	recording_ogg(r, 0, UINT64_MAX, &ogg);
	packet_count = 0;
	take_apart(buf_str(&ogg));
	assert_int_equal(packet_count, count);
	for (size_t i = 0; i < count; i++)
		assert_true(str_eq(packets[i], before[i]));
	memcpy(packets, before, sizeof(before));
	buf_fini(&ogg);
	recording_free(r);
	end();
}

static void test_what_was_missed_is_put_in_its_place_and_holes_are_listed(void **state)
{
	struct recording *r;
	struct buf json;
	char path[300];

	begin(state);
	say(1, LAB_BEGAN_MS, 0, 50, 0);
	say(1, LAB_BEGAN_MS, 100, 150, 0);
	say(1, LAB_BEGAN_MS, 50, 80, SOUND_BACKFILL);
	r = recorded();
	json = json_of(r);
	assert_non_null(strstr(json.ptr, "{\"milliseconds\":3000,\"frames\":130,"));
	assert_non_null(strstr(json.ptr, "\"gaps\":[{\"at\":1600,\"milliseconds\":400,"
					 "\"reason\":\"missing\"}],\"gaps_more\":0}"));
	write_file(r, path);
	must_be_accepted(path);
	assert_true(labs(milliseconds_of(path) - 3000) <= 10);
	buf_fini(&json);
	recording_free(r);
	end();
}

static void test_streams_keep_the_wall_clock_between_them(void **state)
{
	struct recording *r;
	struct buf json;
	char path[300];

	begin(state);
	say(9, LAB_BEGAN_MS + 5000, 0, 100, 0);
	say(3, LAB_BEGAN_MS, 0, 50, SOUND_BACKFILL);
	r = recorded();
	json = json_of(r);
	assert_non_null(strstr(json.ptr, "\"gaps\":[{\"at\":1000,\"milliseconds\":4000,"
					 "\"reason\":\"apart\"}]"));
	write_file(r, path);
	must_be_accepted(path);
	assert_true(labs(milliseconds_of(path) - 7000) <= 10);
	buf_fini(&json);
	recording_free(r);
	end();
}

static void test_every_range_is_a_part_of_the_whole(void **state)
{
	struct buf whole = BUF_INIT, part = BUF_INIT;
	struct recording *r;

	begin(state);
	say(1, LAB_BEGAN_MS, 0, 120, 0);
	r = recorded();
	recording_ogg(r, 0, UINT64_MAX, &whole);
	for (uint64_t from = 0; from < whole.len; from += 61) {
		uint64_t to = from + 1000 < whole.len ? from + 1000 : whole.len;

		buf_reset(&part);
		assert_int_equal(recording_ogg(r, from, to, &part), whole.len);
		assert_int_equal(part.len, to - from);
		assert_memory_equal(part.ptr, whole.ptr + from, part.len);
	}
	buf_fini(&whole);
	buf_fini(&part);
	recording_free(r);
	end();
}

/* Packets of the last file written, HEADER_PACKETS left out, into `list`; how many. */
static size_t packets_of(struct str ogg, struct str *list)
{
	struct str kept[MAX_PACKETS];
	size_t count, before = packet_count;

	memcpy(kept, packets, sizeof(kept));
	packet_count = 0;
	take_apart(ogg);
	count = packet_count;
	memcpy(list, packets, count * sizeof(*list));
	memcpy(packets, kept, sizeof(kept));
	packet_count = before;
	return count;
}

static void test_a_part_is_a_file_of_its_own(void **state)
{
	struct str list[MAX_PACKETS];
	struct buf ogg = BUF_INIT;
	struct recording *r;
	char path[300];

	begin(state);
	say(1, LAB_BEGAN_MS, 0, 60, 0);
	say(1, LAB_BEGAN_MS, 70, 150, 0);
	r = recorded();
	assert_true(recording_cut(r, 1000, 2500));
	write_file(r, path);
	must_be_accepted(path);
	assert_true(labs(decoded_milliseconds(path) - 1500) <= 10);
	recording_ogg(r, 0, UINT64_MAX, &ogg);
	/* 80 ms before it, for the decoder to settle: RFC 7845 §4.6. */
	assert_int_equal(packets_of(buf_str(&ogg), list), 75 + 4);
	for (size_t i = 0; i < 75 + 4; i++)
		if (i + 46 < 60 || i + 46 >= 70)
			assert_true(str_eq(list[i], packets[i + 46]));
	assert_non_null(memmem(ogg.ptr, ogg.len, "EGIDE_GAP=200+200", 17));
	assert_non_null(memmem(ogg.ptr, ogg.len, "EGIDE_FROM=1000", 15));
	buf_fini(&ogg);
	recording_free(r);
	end();
}

static void test_a_part_ends_where_the_recording_does(void **state)
{
	struct recording *r;
	char path[300];

	begin(state);
	say(1, LAB_BEGAN_MS, 0, 100, 0);
	r = recorded();
	assert_true(recording_cut(r, 1980, 600000));
	write_file(r, path);
	must_be_accepted(path);
	assert_true(labs(decoded_milliseconds(path) - 20) <= 10);
	assert_true(recording_cut(r, 20, 40));
	write_file(r, path);
	must_be_accepted(path);
	assert_false(recording_cut(r, 2000, 600000));
	recording_free(r);
	end();
}

static void test_what_has_no_sound_or_no_key_any_more_is_not_found(void **state)
{
	struct recording *r;

	begin(state);
	assert_int_equal(recording_read(lab_vault, lab_folder, lab_alert, &r), -ENOENT);
	say(1, LAB_BEGAN_MS, 0, 50, 0);
	recording_free(recorded());
	in_transaction(lab_vault, vault_delete_key(lab_vault, lab_alert));
	assert_int_equal(recording_read(lab_vault, lab_folder, lab_alert, &r), -ENOENT);
	end();
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_SQLITE, test_speech_comes_back_packet_by_packet),
		on(ON_SQLITE, test_what_was_missed_is_put_in_its_place_and_holes_are_listed),
		on(ON_SQLITE, test_streams_keep_the_wall_clock_between_them),
		on(ON_SQLITE, test_every_range_is_a_part_of_the_whole),
		on(ON_SQLITE, test_a_part_is_a_file_of_its_own),
		on(ON_SQLITE, test_a_part_ends_where_the_recording_does),
		on(ON_SQLITE, test_what_has_no_sound_or_no_key_any_more_is_not_found),
	};
	int failed = run_on_databases("recording", tests, ARRAY_LEN(tests), db_migrate);

	buf_fini(&speech_file);
	return failed;
}
