/* The gate on a real loop and a real service: what a watch, or somebody who is none, can do to it.
 */
#include "test_net.h"

#include "base/limits.h"
#include "databases.h"
#include "gate/gate.h"
#include "store/vault.h"

#define FIRST "8800000021"
#define SECOND "8800000022"
#define STRANGER "8800000099"
#define LIST(status) \
	"231126,201500,A,46.640100,N,0.166000,E,4.2,90.0,92.0,9,78,82,1200,3," status ",0,0,0,0"
#define UD(id) "[3G*" id "*0069*UD," LIST("00000000") "]"
#define AL(id) "[3G*" id "*0069*AL," LIST("00010000") "]"

static struct loop *loop;
static struct gate *gate;
static struct service *service;
static struct keyring *ring;
static uint16_t port;
static struct id first, second;
static size_t answered, wanted;
static char keys_path[512];

/* --- a server without its consoles */

static void deliver(void *arg)
{
	struct batch *batch = arg;
	struct command *next;

	for (struct command *c = batch->done; c; c = next) {
		next = c->next;
		answered++;
		if (c->on_done)
			c->on_done(c);
		else
			command_free(c);
	}
	batch_free(batch);
	if (wanted && answered >= wanted)
		loop_stop(loop);
}

static void on_batch(void *context, struct batch *batch)
{
	if (loop)
		loop_post(loop, deliver, batch);
	else
		batch_free(batch);
}

static struct id administer(const char *name, const char *json)
{
	struct command *command = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_CONTROL});
	struct id id;

	command->name = command_keep(command, str_from(name));
	command->text = command_keep(command, str_from(json));
	service_run_now(service, command, clock_now_ms());
	if (command->outcome.problem)
		fail_msg("%.*s", STR_FMT(command->outcome.detail));
	id = command->outcome.subject;
	command_free(command);
	return id;
}

static struct id add_device(struct id unit, const char *ident, const char *silent)
{
	char unit_text[ID_TEXT_SIZE], json[256];

	id_print(unit, unit_text);
	snprintf(json, sizeof(json),
		 "{\"protocol\":\"watch\",\"ident\":\"%s\",\"label\":\"Montre\",\"networks\":\"127."
		 "0.0.0/8\",\"unit\":\"%s\",\"silent\":%s}",
		 ident, unit_text, silent);
	return administer("device.add", json);
}

static void open_gate(void)
{
	static const struct service_hooks hooks = {on_batch, NULL};
	struct service_options options = {.database_url = database_url,
					  .public_url = "https://egide.example",
					  .may_record = true,
					  .unverified_per_minute = 60};
	struct gate_options gate_options = {.idle_timeout_s = 60, .listen_number = "+33549000000"};
	const char *temporary = getenv("TMPDIR");
	struct id room;
	unsigned line;

	ladder_default(&options.ladder);
	snprintf(keys_path, sizeof(keys_path), "%s/egide-gate-%d", temporary ? temporary : "/tmp",
		 (int)getpid());
	unlink(keys_path);
	assert_int_equal(keyring_create(keys_path), 0);
	assert_int_equal(keyring_open(keys_path, &ring, &line), 0);
	assert_int_equal(service_open(&options, ring, &hooks, &service), 0);
	room = administer("unit.add", "{\"name\":\"Salle\",\"kind\":\"room\"}");
	first = add_device(room, FIRST, "false");
	second = add_device(room, SECOND, "true");
	loop = loop_new();
	gate_options.loop = loop;
	gate_options.service = service;
	gate = gate_new(&gate_options);
	assert_int_equal(gate_listen_watch(gate, "127.0.0.1:0", NULL, &port), 0);
	answered = wanted = 0;
}

static void close_gate(void)
{
	service_stop(service);
	loop_run_posted(loop);
	gate_free(gate);
	loop_free(loop);
	loop = NULL;
	service_close(service);
	keyring_free(ring);
	unlink(keys_path);
}

/* Runs the loop until so many more reports were answered by the executor. */
static void run_until_answered(size_t count)
{
	wanted = answered + count;
	loop_run(loop);
	wanted = 0;
}

static void stop_when_alone(void *arg)
{
	struct gate_figures figures;

	gate_figures(gate, &figures);
	if (!figures.connections)
		loop_stop(loop);
}

static void run_until_alone(void)
{
	struct timer *t = timer_start(loop, 1, true, stop_when_alone, NULL);

	loop_run(loop);
	timer_stop(t);
}

SQL(alerts, "SELECT COUNT(*) FROM alert");
SQL(clip_parts, "SELECT COUNT(*) FROM clip");
SQL(voice_entries, "SELECT COUNT(*) FROM journal WHERE kind = 28");

/* Once the executor has ended. */
static int64_t number_of(const struct sql *sql)
{
	struct query *q = db_query(vault_db(service_vault(service)), sql);
	int64_t count;

	assert_int_equal(query_step(q), 1);
	count = column_i64(q, 0);
	db_done(q);
	return count;
}

static int64_t alert_count(void)
{
	return number_of(&alerts);
}

static bool is_present(struct id device)
{
	struct arena arena = ARENA_INIT;
	struct device_presence presence = gate_presence(gate, &arena);
	bool found = false;

	for (size_t i = 0; i < presence.count; i++)
		found |= id_eq(presence.connected[i], device);
	arena_fini(&arena);
	return found;
}

/* Whether that comes out of the peer's socket next, whatever stands before it. */
static bool comes(struct peer *p, const char *text)
{
	char got[4096];
	size_t len = 0;

	while (len < sizeof(got) - 1) {
		ssize_t n = peer_recv(p, got + len, sizeof(got) - 1 - len);

		if (n <= 0)
			return false;
		len += (size_t)n;
		got[len] = '\0';
		if (strstr(got, text))
			return true;
	}
	return false;
}

/* --- who is reached */

static void test_a_connection_that_spoke_for_two_watches_leaves_none_behind(void **state)
{
	struct peer p;

	open_gate();
	assert_int_equal(service_start(service), 0);
	p = peer_plain(port);
	assert_true(peer_say(&p, UD(FIRST)));
	run_until_answered(1);
	assert_true(is_present(first));
	assert_true(peer_say(&p, UD(SECOND)));
	run_until_answered(1);
	assert_true(is_present(second));
	assert_false(is_present(first));
	peer_close(&p);
	run_until_alone();
	assert_false(is_present(first) || is_present(second));
	assert_false(gate_ask(gate, first, WATCH_LOCATE, 0));
	close_gate();
}

static void test_a_command_carries_the_identity_of_the_watch_it_is_for(void **state)
{
	struct peer p;

	open_gate();
	assert_int_equal(service_start(service), 0);
	p = peer_plain(port);
	assert_true(peer_say(&p, UD(FIRST) UD(SECOND)));
	run_until_answered(2);
	assert_true(gate_ask(gate, second, WATCH_INTERVAL, 600));
	peer_close(&p);
	p = peer_plain(port);
	assert_true(peer_say(&p, "[3G*" FIRST "*0002*LK]"));
	run_until_answered(1);
	/* The last bytes of an ended loop leave with the next turn. */
	assert_true(gate_ask(gate, first, WATCH_INTERVAL, 600));
	loop_run_posted(loop);
	assert_true(comes(&p, "[3G*" FIRST "*000a*UPLOAD,600]"));
	assert_true(gate_listen(gate, first));
	assert_false(gate_listen(gate, second));
	loop_run_posted(loop);
	assert_true(comes(&p, "[3G*" FIRST "*0014*MONITOR,+33549000000]"));
	peer_close(&p);
	close_gate();
}

static void test_a_watch_that_comes_back_in_an_alert_is_asked_where_it_is(void **state)
{
	struct peer p;

	open_gate();
	assert_int_equal(service_start(service), 0);
	p = peer_plain(port);
	assert_true(peer_say(&p, "[3G*" FIRST "*0002*LK]"));
	run_until_answered(1);
	assert_true(peer_say(&p, AL(FIRST)));
	run_until_answered(1);
	peer_close(&p);
	run_until_alone();
	p = peer_plain(port);
	assert_true(peer_say(&p, "[3G*" FIRST "*0002*LK]"));
	run_until_answered(1);
	loop_run_posted(loop);
	assert_true(comes(&p, "[3G*" FIRST "*0002*CR]"));
	peer_close(&p);
	close_gate();
}

static void test_a_watch_that_is_to_be_silent_is_told_at_each_connection(void **state)
{
	open_gate();
	assert_int_equal(service_start(service), 0);
	for (int i = 0; i < 2; i++) {
		struct peer p = peer_plain(port);

		assert_true(peer_say(&p, "[3G*" SECOND "*0002*LK]"));
		run_until_answered(1);
		loop_run_posted(loop);
		assert_true(comes(&p, "[3G*" SECOND "*0009*profile,4]"));
		peer_close(&p);
		run_until_alone();
	}
	close_gate();
}

#define CLIP "#!AMR\n\x7c\x7c"
#define PART(number) "[3G*" FIRST "*0019*JXTK,0,0439," number ",2,"

static void test_a_voice_clip_is_kept_in_an_alert_only_and_the_watch_is_told(void **state)
{
	struct peer p;

	open_gate();
	assert_int_equal(service_start(service), 0);
	p = peer_plain(port);
	assert_true(peer_say(&p, "[3G*" FIRST "*000b*TK," CLIP "]"));
	run_until_answered(1);
	loop_run_posted(loop);
	assert_true(comes(&p, "*0004*TK,0]"));
	assert_true(peer_say(&p, AL(FIRST)));
	run_until_answered(1);
	for (int i = 0; i < 2; i++) { /* the second time it is the same one */
		assert_true(peer_say(&p, "[3G*" FIRST "*000b*TK," CLIP "]"));
		run_until_answered(1);
		loop_run_posted(loop);
		assert_true(comes(&p, "*0004*TK,1]"));
	}
	/* A second clip of the same name begins with another part 1. */
	assert_true(peer_say(&p, PART("1") CLIP "]"));
	assert_true(peer_say(&p, PART("2") "\x7c]"));
	assert_true(peer_say(&p, PART("1") CLIP "\x7c]"));
	run_until_answered(3);
	loop_run_posted(loop);
	assert_true(comes(&p, "*JXTKR,1]"));
	assert_true(peer_say(&p, "[3G*" FIRST "*0008*TK,wrong]"));
	loop_run_posted(loop);
	peer_close(&p);
	service_stop(service);
	assert_int_equal(number_of(&clip_parts), 4);
	assert_int_equal(number_of(&voice_entries), 2);
	close_gate();
}

static void test_a_watch_is_reached_where_it_was_heard_last(void **state)
{
	struct peer old, new;

	open_gate();
	assert_int_equal(service_start(service), 0);
	old = peer_plain(port);
	assert_true(peer_say(&old, UD(FIRST)));
	run_until_answered(1);
	new = peer_plain(port);
	assert_true(peer_say(&new, UD(FIRST)));
	run_until_answered(1);
	assert_true(peer_say(&old, UD(FIRST)));
	run_until_answered(1);
	peer_close(&new);
	assert_true(peer_say(&old, UD(FIRST)));
	run_until_answered(1);
	assert_true(gate_ask(gate, first, WATCH_LOCATE, 0));
	loop_run_posted(loop);
	assert_true(comes(&old, "*CR]"));
	peer_close(&old);
	close_gate();
}

static void test_a_bare_heartbeat_is_enough_to_be_reached(void **state)
{
	struct peer p;

	open_gate();
	assert_int_equal(service_start(service), 0);
	p = peer_plain(port);
	assert_true(peer_say(&p, "[3G*" FIRST "*0002*LK]"));
	run_until_answered(1);
	assert_true(is_present(first));
	peer_close(&p);
	close_gate();
}

static void stop_when_read(void *arg)
{
	struct gate_figures figures;

	gate_figures(gate, &figures);
	if (figures.frames >= *(uint64_t *)arg)
		loop_stop(loop);
}

static void run_until_read(uint64_t frames)
{
	struct timer *t = timer_start(loop, 1, true, stop_when_read, &frames);

	loop_run(loop);
	timer_stop(t);
}

static uint64_t commits(void)
{
	struct service_figures figures;

	service_figures(service, &figures);
	return figures.commits;
}

static void test_heartbeats_of_a_known_watch_share_a_commit_with_what_comes(void **state)
{
	struct peer p;
	uint64_t before;
	size_t all;

	open_gate();
	assert_int_equal(service_start(service), 0);
	p = peer_plain(port);
	assert_true(peer_say(&p, UD(FIRST)));
	run_until_answered(1);
	before = commits();
	all = answered;
	for (uint64_t i = 0; i < 20; i++) {
		assert_true(peer_say(&p, "[3G*" FIRST "*000a*LK,0,12,77]"));
		run_until_read(i + 2);
	}
	assert_true(peer_say(&p, UD(FIRST)));
	all += 21;
	if (answered < all)
		run_until_answered(all - answered);
	assert_in_range(commits() - before, 1, 5);
	peer_close(&p);
	close_gate();
}

/* --- calls for help that do not come whole */

static void test_a_call_cut_by_the_end_of_its_connection_raises_an_alert(void **state)
{
	static const char call[] = AL(FIRST);
	struct peer p;

	open_gate();
	assert_int_equal(service_start(service), 0);
	p = peer_plain(port);
	assert_true(peer_send(&p, call, sizeof(call) - 20));
	peer_close(&p);
	run_until_answered(1);
	service_stop(service);
	assert_int_equal(alert_count(), 1);
	close_gate();
}

static void test_a_call_without_an_end_raises_an_alert_before_it_is_closed(void **state)
{
	static char call[LIMIT_WATCH_TEXT_BYTES];
	struct peer p;

	memset(call, 'x', sizeof(call));
	memcpy(call, AL(FIRST), sizeof(AL(FIRST)) - 2);
	open_gate();
	assert_int_equal(service_start(service), 0);
	p = peer_plain(port);
	assert_true(peer_send(&p, call, sizeof(call)));
	run_until_answered(1);
	peer_close(&p);
	service_stop(service);
	assert_int_equal(alert_count(), 1);
	close_gate();
}

static void test_a_harmless_frame_cut_by_the_end_raises_nothing(void **state)
{
	static const char status[] = UD(FIRST);
	struct peer p;

	open_gate();
	assert_int_equal(service_start(service), 0);
	p = peer_plain(port);
	assert_true(peer_send(&p, status, sizeof(status) - 20));
	peer_close(&p);
	p = peer_plain(port);
	assert_true(peer_say(&p, UD(FIRST)));
	run_until_answered(1);
	peer_close(&p);
	run_until_alone();
	service_stop(service);
	assert_int_equal(alert_count(), 0);
	close_gate();
}

/* --- strangers */

static void test_a_stranger_has_few_frames_on_their_way(void **state)
{
	struct service_figures figures;
	struct peer p;

	open_gate();
	p = peer_plain(port);
	for (int i = 0; i < 100; i++)
		assert_true(peer_say(&p, AL(STRANGER)));
	run_until_read(4);
	loop_run_posted(loop);
	service_figures(service, &figures);
	assert_int_equal(figures.queue_len, 4);
	/* They are read on as they are answered. */
	assert_int_equal(service_start(service), 0);
	run_until_answered(50);
	peer_close(&p);
	close_gate();
}

/* Its descriptor is free long before all it sent could have been looked at. */
static void test_a_stranger_who_floods_is_closed(void **state)
{
	struct peer p;

	open_gate();
	assert_int_equal(service_start(service), 0);
	p = peer_plain(port);
	for (int i = 0; i < 2000; i++)
		assert_true(peer_say(&p, "*AL,]"));
	run_until_answered(60);
	run_until_alone();
	/* The share of its source, what was on its way then, and the last look. */
	assert_true(answered < 100);
	peer_close(&p);
	close_gate();
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_SQLITE, test_a_connection_that_spoke_for_two_watches_leaves_none_behind),
		on(ON_SQLITE, test_a_command_carries_the_identity_of_the_watch_it_is_for),
		on(ON_SQLITE, test_a_watch_is_reached_where_it_was_heard_last),
		on(ON_SQLITE, test_a_watch_that_comes_back_in_an_alert_is_asked_where_it_is),
		on(ON_SQLITE, test_a_watch_that_is_to_be_silent_is_told_at_each_connection),
		on(ON_SQLITE, test_a_voice_clip_is_kept_in_an_alert_only_and_the_watch_is_told),
		on(ON_SQLITE, test_a_bare_heartbeat_is_enough_to_be_reached),
		on(ON_SQLITE, test_heartbeats_of_a_known_watch_share_a_commit_with_what_comes),
		on(ON_SQLITE, test_a_call_cut_by_the_end_of_its_connection_raises_an_alert),
		on(ON_SQLITE, test_a_call_without_an_end_raises_an_alert_before_it_is_closed),
		on(ON_SQLITE, test_a_harmless_frame_cut_by_the_end_raises_nothing),
		on(ON_SQLITE, test_a_stranger_has_few_frames_on_their_way),
		on(ON_SQLITE, test_a_stranger_who_floods_is_closed),
	};

	return run_on_databases("gate", tests, ARRAY_LEN(tests), db_migrate);
}
