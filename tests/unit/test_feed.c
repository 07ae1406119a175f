/* What consoles get of the journal, with real readers; the loop is this thread. */
#include "live/feed.h"

#include "base/queue.h"
#include "town.h"

enum { CONSOLE = 7 };

static struct readers *readers;
static struct queue *posted;
static struct feed *feed;
static struct buf heard; /* everything sent to the console */

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

/* The next answer of a reader. */
static void run_one(void)
{
	struct call *c = queue_pop(posted, 10000);

	assert_non_null(c);
	c->call(c->arg);
	free(c);
}

static void on_send(void *context, uint64_t subscriber, struct str text)
{
	assert_int_equal(subscriber, CONSOLE);
	buf_add_str(&heard, text);
}

static void on_close(void *context, uint64_t subscriber, uint16_t code)
{
	fail_msg("closed with %u", code);
}

static void on_painted(void *context, struct actor actor, struct id alert)
{
}

static int times_heard(const char *text)
{
	int count = 0;

	for (const char *at = buf_cstr(&heard); (at = strstr(at, text)); at++)
		count++;
	return count;
}

/* A town, and an operator's console that is live. */
static void open_feed(void)
{
	struct readers_options options = {.database_url = database_url, .threads = 1};
	struct feed_options feed_options = {
		.send = on_send, .close = on_close, .painted = on_painted};
	static struct ladder ladder;

	town_open();
	ladder_default(&ladder);
	options.ring = vault_ring(office_vault());
	options.ladder = &ladder;
	options.post = on_post;
	posted = queue_new(1, 1000);
	assert_int_equal(readers_start(&options, &readers), 0);
	feed_options.readers = readers;
	feed = feed_new(&feed_options);
	feed_start(feed, 1, office_journal());
	feed_join(feed, CONSOLE, town.alice);
	assert_int_equal(feed_message(feed, CONSOLE,
				      STR("{\"type\":\"hello\",\"cursor\":null,"
					  "\"visible\":true,\"sound\":true}")),
			 0);
}

static void close_feed(void)
{
	readers_stop(readers);
	readers_free(readers);
	feed_free(feed);
	queue_free(posted);
	buf_fini(&heard);
	town_close();
}

static void publish(int64_t before)
{
	struct batch batch = {.epoch = 1,
			      .before = before,
			      .number = office_journal(),
			      .published = (struct publication *)(uintptr_t)office_published()};

	feed_publish(feed, &batch);
}

static void test_a_live_console_gets_what_is_committed(void **state)
{
	int64_t before;

	open_feed();
	before = office_journal();
	town_alert();
	publish(before);
	assert_int_equal(times_heard("alert.raised"), 1);
	close_feed();
}

/* The database committed a group, and went away before it could say so. */
static void test_a_group_that_nobody_published_is_read_from_the_journal(void **state)
{
	struct id alert;
	int64_t before;

	open_feed();
	alert = town_alert();
	before = office_journal();
	assert_done(town_event(town.alice, alert, "vu", EVENT_NOTE, .has_text = true));
	publish(before);
	run_one();
	assert_int_equal(times_heard("alert.raised"), 1);
	assert_int_equal(times_heard("alert.noted"), 1);
	/* And is live again. */
	before = office_journal();
	assert_done(town_event(town.alice, alert, "encore", EVENT_NOTE, .has_text = true));
	publish(before);
	assert_int_equal(times_heard("alert.noted"), 2);
	close_feed();
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_BOTH, test_a_live_console_gets_what_is_committed),
		on(ON_BOTH, test_a_group_that_nobody_published_is_read_from_the_journal),
	};

	return run_on_databases("feed", tests, ARRAY_LEN(tests), db_migrate);
}
