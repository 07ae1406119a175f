/* The deadline clock on real rows. */
#include "live/clock.h"

#include <errno.h>

#include "base/queue.h"
#include "registry.h"
#include "store/deadlines.h"

static struct queue *fired;
static int refusals;

/* The executor's queue is full, once. */
static int submit(struct service *service, struct command *command)
{
	if (refusals++ == 0)
		return -EAGAIN;
	return queue_push(fired, 0, command);
}

static void put_deadline(struct vault *v, struct id alert, int64_t due_at_ms)
{
	struct deadline d = {.alert = alert, .timer = TIMER_LADDER, .due_at_ms = due_at_ms};

	in_transaction(v, deadline_set(v, &d));
}

static void test_what_could_not_be_fired_is_fired_again_though_another_waits_for_long(void **state)
{
	struct vault *v = open_vault();
	struct alarm_clock *alarm_clock;
	struct id due = new_id();
	struct command *command;
	struct ladder ladder;
	struct alarm_clock_options options = {.submit = submit, .on_fired = command_free};

	ladder_default(&ladder);
	refusals = 0;
	fired = queue_new(1, 100);
	put_deadline(v, due, clock_now_ms() - 1);
	put_deadline(v, new_id(), clock_now_ms() + 3600 * 1000);
	assert_int_equal(reader_open(database_url, test_ring(), &ladder, &options.reader), 0);
	assert_int_equal(alarm_clock_start(&options, &alarm_clock), 0);
	command = queue_pop(fired, 20000);
	assert_non_null(command);
	assert_true(id_eq(command->subject, due));
	command_free(command);
	alarm_clock_stop(alarm_clock);
	while ((command = queue_try_pop(fired)))
		command_free(command);
	queue_free(fired);
	close_vault(v);
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_SQLITE,
		   test_what_could_not_be_fired_is_fired_again_though_another_waits_for_long),
	};

	return run_on_databases("clock", tests, ARRAY_LEN(tests), db_migrate);
}
