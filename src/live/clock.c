/* The deadline clock: see clock.h. */
#include "live/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "base/queue.h"
#include "base/thread.h"

enum {
	DEADLINES_A_LOOK = 64,
	LONGEST_SLEEP_MS = 60000,
	/* After storage failed: try again soon, without spinning. */
	FAILED_SLEEP_MS = 500,
	/* A fired deadline is looked at again after this: its command may have failed on a full
	   disk. */
	REFIRE_MS = 1000,
	/* More were due than one look takes: the next page soon. */
	NEXT_PAGE_MS = 20,
};

struct alarm_clock {
	struct alarm_clock_options options;
	struct queue *wake;
	/* When it looks again by itself; INT64_MAX while it looks, so that no wake-up is spared
	 * then. */
	_Atomic int64_t next_look_ms;
	pthread_t thread;
};

static void fire(struct alarm_clock *c, const struct due *due)
{
	struct command *command = command_new(VERB_TIMER, (struct actor){.kind = ACTOR_SYSTEM});

	command->subject = due->alert;
	command->as.timer.kind = due->timer;
	command->as.timer.target = due->target;
	command->as.timer.step = due->step;
	command->as.timer.due_at_ms = due->due_at_ms;
	command->on_done = c->options.on_fired;
	command->context = c->options.context;
	if (c->options.submit(c->options.service, command))
		command_free(command);
}

/* Fires what is due; milliseconds until the next look. */
static int64_t look(struct alarm_clock *c)
{
	struct due list[DEADLINES_A_LOOK];
	size_t count;
	int error = reader_deadlines(c->options.reader, DEADLINES_A_LOOK, list, &count);
	int64_t now = clock_now_ms();

	if (error) {
		log_error("clock.read_failed", "error=%d", error);
		return FAILED_SLEEP_MS;
	}
	for (size_t i = 0; i < count; i++) {
		int64_t left_ms = list[i].due_at_ms - now;

		if (left_ms > 0)
			return i && left_ms > REFIRE_MS ? REFIRE_MS : left_ms;
		fire(c, &list[i]);
	}
	if (count == DEADLINES_A_LOOK)
		return NEXT_PAGE_MS;
	return count ? REFIRE_MS : LONGEST_SLEEP_MS;
}

static void *run(void *arg)
{
	struct alarm_clock *c = arg;

	thread_introduce("clock", THREAD_PROMPT);
	while (!queue_is_closed(c->wake)) {
		int64_t sleep_ms;

		atomic_store(&c->next_look_ms, INT64_MAX);
		sleep_ms = look(c);
		atomic_store(&c->next_look_ms, clock_now_ms() + sleep_ms);
		queue_pop(c->wake,
			  (int)(sleep_ms < LONGEST_SLEEP_MS ? sleep_ms : LONGEST_SLEEP_MS));
		/* Several wake-ups are one. */
		while (queue_try_pop(c->wake))
			;
	}
	return NULL;
}

int alarm_clock_start(const struct alarm_clock_options *options, struct alarm_clock **ret_clock)
{
	struct alarm_clock *c = xcalloc(1, sizeof(*c));
	int error;

	c->options = *options;
	c->wake = queue_new(1, 4);
	atomic_init(&c->next_look_ms, INT64_MAX);
	error = -pthread_create(&c->thread, NULL, run, c);
	if (error) {
		queue_free(c->wake);
		free(c);
		return error;
	}
	*ret_clock = c;
	return 0;
}

void alarm_clock_wake(struct alarm_clock *c, int64_t due_at_ms)
{
	if (due_at_ms >= atomic_load(&c->next_look_ms))
		return;
	/* Full means that a wake-up is already waiting. */
	queue_push(c->wake, 0, c);
}

void alarm_clock_stop(struct alarm_clock *c)
{
	if (!c)
		return;
	queue_close(c->wake);
	pthread_join(c->thread, NULL);
	reader_close(c->options.reader);
	while (queue_try_pop(c->wake))
		;
	queue_free(c->wake);
	free(c);
}
