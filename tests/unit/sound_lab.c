/* What tests of sound share: see sound_lab.h. */
#include "sound_lab.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/queue.h"

struct vault *lab_vault;
struct recorder *lab_recorder;
struct sound *lab_sound;
struct id lab_alert, lab_device;
char lab_folder[256];
int64_t lab_now_ms;
struct buf lab_heard, lab_frames, lab_recorded;
unsigned lab_frame_count, lab_closed;
bool lab_socket_full;
uint32_t lab_acked;
uint64_t lab_sum, lab_most_bytes, lab_reserve_bytes;

static struct queue *posted;

struct call {
	void (*call)(void *arg);
	void *arg;
};

static void on_post(void *context, void (*call)(void *arg), void *arg)
{
	struct call *c = xmalloc(sizeof(*c));

	*c = (struct call){call, arg};
	assert_int_equal(queue_push(posted, 0, c), 0);
}

void lab_run_one(void)
{
	struct call *c = queue_pop(posted, 10000);

	assert_non_null(c);
	c->call(c->arg);
	free(c);
}

static void on_ack(void *context, uint64_t source, uint32_t epoch, uint32_t next)
{
	assert_int_equal(source, LAB_SOURCE);
	lab_acked = next;
}

static void on_close_source(void *context, uint64_t source, uint16_t code)
{
	lab_closed++;
}

static void on_text(void *context, uint64_t listener, struct str text)
{
	buf_add_str(&lab_heard, text);
}

static bool on_frame(void *context, uint64_t listener, struct str frame)
{
	if (lab_socket_full)
		return false;
	buf_add_str(&lab_frames, frame);
	lab_frame_count++;
	return true;
}

static void on_recorded(void *context, struct id alert, uint64_t sum, struct str json)
{
	lab_sum = sum;
	buf_add_str(&lab_recorded, json);
}

void lab_open(struct db *db)
{
	const char *temporary = getenv("TMPDIR");

	lab_vault = open_vault();
	lab_alert = new_id();
	lab_device = new_id();
	in_transaction(lab_vault, vault_new_key(lab_vault, lab_alert));
	snprintf(lab_folder, sizeof(lab_folder), "%s/egide-sound-XXXXXX",
		 temporary ? temporary : "/tmp");
	assert_non_null(mkdtemp(lab_folder));
	lab_now_ms = 100000;
	lab_most_bytes = UINT64_MAX;
	lab_reserve_bytes = 0;
}

void lab_start(bool recording)
{
	struct recorder_options recorder = {.folder = lab_folder,
					    .database_url = database_url,
					    .ring = test_ring(),
					    .reserve_bytes = lab_reserve_bytes,
					    .post = on_post};
	struct sound_options options = {.most_bytes = lab_most_bytes,
					.ack = on_ack,
					.close_source = on_close_source,
					.listener_text = on_text,
					.listener_frame = on_frame,
					.recorded = on_recorded};

	posted = queue_new(1, 4096);
	lab_acked = lab_frame_count = lab_closed = 0;
	lab_socket_full = false;
	if (recording)
		assert_int_equal(recorder_new(&recorder, &lab_recorder), 0);
	options.recorder = lab_recorder;
	assert_int_equal(sound_new(&options, &lab_sound), 0);
	if (recording)
		assert_int_equal(recorder_start(lab_recorder), 0);
	lab_tick(0);
}

void lab_stop(void)
{
	recorder_stop(lab_recorder);
	while (queue_len(posted))
		lab_run_one();
	sound_free(lab_sound);
	recorder_free(lab_recorder);
	queue_free(posted);
	lab_sound = NULL;
	lab_recorder = NULL;
}

void lab_close(void)
{
	char command[300];

	close_vault(lab_vault);
	snprintf(command, sizeof(command), "rm -rf '%s'", lab_folder);
	assert_int_equal(system(command), 0);
	buf_fini(&lab_heard);
	buf_fini(&lab_frames);
	buf_fini(&lab_recorded);
	lab_heard = lab_frames = lab_recorded = BUF_INIT;
}

void lab_tick(int64_t ms)
{
	lab_now_ms += ms;
	sound_tick(lab_sound, lab_now_ms);
}

enum sound_verdict lab_send(uint32_t epoch, uint32_t sequence, unsigned flags, uint32_t missing)
{
	char packet[60] = {(char)0xf8};
	struct sound_frame f = {.alert = lab_alert,
				.epoch = epoch,
				.sequence = sequence,
				.at_ms = LAB_BEGAN_MS + (int64_t)sequence * SOUND_FRAME_MS,
				.flags = (uint8_t)flags,
				.missing = missing};
	struct buf b = BUF_INIT;
	enum sound_verdict verdict;

	snprintf(packet + 1, sizeof(packet) - 1, "%u/%u", epoch, sequence);
	f.packet = str_of(packet, sizeof(packet));
	sound_encode(&f, &b);
	verdict = sound_frame(lab_sound, lab_alert, lab_device, buf_str(&b), lab_now_ms);
	buf_fini(&b);
	return verdict;
}

void lab_send_many(uint32_t from, uint32_t to, unsigned flags)
{
	for (uint32_t i = from; i < to; i++)
		assert_int_equal(lab_send(LAB_EPOCH, i, flags, 0), SOUND_TAKEN);
}

uint32_t lab_next(uint32_t epoch)
{
	struct sound_stream list[8];
	size_t count = sound_streams_of(lab_sound, lab_alert, list, 8);

	for (size_t i = 0; i < count; i++)
		if (list[i].epoch == epoch)
			return list[i].next;
	return 0;
}
