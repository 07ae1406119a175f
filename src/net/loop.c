/*
 * The loop: see loop.h. A turn is one call of event_base_loop: it waits, serves at most
 * LOOP_CALLBACKS_A_TURN callbacks and comes back, then posts are run, and what was put off to the
 * end of the turn is done: answers are written, connections freed, the accept budget renewed.
 */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/event_struct.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "net/loop_private.h"

struct mail {
	struct mail *next;
	void (*call)(void *arg);
	void *arg;
};

struct signal_watch {
	struct signal_watch *next;
	struct event *event;
	struct loop *loop;
	void (*on_signal)(void *arg);
	void *arg;
};

struct timer {
	struct event event;
	struct loop *loop;
	void (*on_time)(void *arg);
	void *arg;
};

static struct event_base *base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	/* No other thread touches the base: the mailbox needs no lock of libevent's. */
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	base = event_base_new_with_config(config);
	event_config_free(config);
	if (base)
		event_base_priority_init(base, PRIORITIES);
	return base;
}

static void wake(struct loop *loop)
{
	uint64_t one = 1;
	ssize_t n = write(loop->mail_fd, &one, sizeof(one));

	/* EAGAIN: the counter is full, so the loop is awake already. */
	(void)n;
}

/* Moves what other threads pushed to the end of our own list, oldest first. */
static void collect_mail(struct loop *loop)
{
	struct mail *newest = atomic_exchange_explicit(&loop->mail, NULL, memory_order_acquire);
	struct mail *oldest = NULL, **tail = loop->ready_tail;

	if (newest)
		loop->ready_tail = &newest->next;
	while (newest) {
		struct mail *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	*tail = oldest;
}

static void run_mail(struct loop *loop)
{
	int64_t until_us = clock_monotonic_us() + LOOP_TURN_US;

	while (loop->ready) {
		struct mail *m = loop->ready;

		loop->ready = m->next;
		if (!loop->ready)
			loop->ready_tail = &loop->ready;
		m->call(m->arg);
		free(m);
		if (clock_monotonic_us() > until_us)
			return;
	}
}

/* Emptied before end_turn collects: a post after that wakes us again. */
static void on_mail(int fd, short what, void *arg)
{
	struct loop *loop = arg;
	uint64_t count;
	ssize_t n;

	loop_enter(loop);
	n = read(fd, &count, sizeof(count));
	(void)n;
}

/* libevent's words may hold a peer's address. */
static void on_library_log(int severity, const char *text)
{
	log_debug("libevent", "text=\"%s\"", text);
}

static void on_library_fatal(int code)
{
	log_error("libevent.fatal", "code=%d", code);
	abort();
}

struct loop *loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	event_set_log_callback(on_library_log);
	event_set_fatal_callback(on_library_fatal);
	/* A peer that has gone is an error of write, never a signal (OpenSSL and libevent write
	 * too). */
	signal(SIGPIPE, SIG_IGN);
	loop->base = base_new();
	loop->mail_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!loop->base || loop->mail_fd < 0) {
		log_error("loop.new", "errno=%d", errno);
		abort();
	}
	loop->mail_event =
		event_new(loop->base, loop->mail_fd, EV_READ | EV_PERSIST, on_mail, loop);
	event_priority_set(loop->mail_event, PRIORITY_MAIL);
	event_add(loop->mail_event, NULL);
	loop->ready_tail = &loop->ready;
	loop->work_tail = &loop->work;
	loop->busy_tail = &loop->busy;
	loop->gone_tail = &loop->gone;
	loop->accepts_left = LIMIT_CONNECTIONS_A_TURN;
	loop->now_s = clock_monotonic_ms() / 1000;
	loop->input = xmalloc(LOOP_INPUT_BYTES);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	assert(!loop->connections.len && !loop->listeners);
	collect_mail(loop);
	while (loop->ready) {
		struct mail *m = loop->ready;

		loop->ready = m->next;
		free(m);
	}
	while (loop->signals) {
		struct signal_watch *s = loop->signals;

		loop->signals = s->next;
		event_free(s->event);
		free(s);
	}
	event_free(loop->mail_event);
	event_base_free(loop->base);
	close(loop->mail_fd);
	map_fini(&loop->connections);
	free(loop->input);
	free(loop);
}

void loop_begin(struct loop *loop)
{
	if (loop->turn_began_us)
		return;
	loop->turn_began_us = clock_monotonic_us();
	loop->now_s = loop->turn_began_us / 1000000;
}

void loop_count(struct loop *loop)
{
	if (++loop->callbacks == LOOP_CALLBACKS_A_TURN ||
	    clock_monotonic_us() - loop->turn_began_us > LOOP_TURN_US)
		event_base_loopbreak(loop->base);
}

void loop_enter(struct loop *loop)
{
	loop_begin(loop);
	loop_count(loop);
}

void loop_end_turn_now(struct loop *loop)
{
	event_base_loopbreak(loop->base);
}

void loop_at_turn_end(struct loop *loop, struct turn_work *work)
{
	if (work->queued)
		return;
	work->queued = true;
	work->next = NULL;
	*loop->work_tail = work;
	loop->work_tail = &work->next;
}

void loop_forget_work(struct loop *loop, struct turn_work *work)
{
	struct turn_work **at = &loop->work;

	while (*at && *at != work)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = work->next;
	if (!*at)
		loop->work_tail = at;
	work->queued = false;
}

/* Only what is queued now: work that queues itself again waits for the next turn. */
static void run_work(struct loop *loop)
{
	struct turn_work last = {.queued = true};

	*loop->work_tail = &last;
	loop->work_tail = &last.next;
	while (loop->work != &last) {
		struct turn_work *w = loop->work;

		loop->work = w->next;
		w->queued = false;
		w->call(w->arg);
	}
	loop->work = last.next;
	if (!loop->work)
		loop->work_tail = &loop->work;
}

static void end_turn(struct loop *loop)
{
	int64_t lasted_us;

	loop->accepts_left = LIMIT_CONNECTIONS_A_TURN;
	/* A turn that was ended leaves events active, and those who want to come are the last. */
	if (event_base_get_num_events(loop->base, EVENT_BASE_COUNT_ACTIVE))
		tcp_accept_round(loop);
	collect_mail(loop);
	run_mail(loop);
	run_work(loop);
	if (loop->turn_began_us) {
		lasted_us = clock_monotonic_us() - loop->turn_began_us;
		if (lasted_us > loop->longest_turn_us)
			loop->longest_turn_us = lasted_us;
	}
	loop->turn_began_us = 0;
	loop->callbacks = 0;
	loop->accepts_left = LIMIT_CONNECTIONS_A_TURN;
	loop->turns++;
}

void loop_run(struct loop *loop)
{
	while (!atomic_load(&loop->stopping)) {
		bool busy = loop->work || loop->ready;

		event_base_loop(loop->base, EVLOOP_ONCE | (busy ? EVLOOP_NONBLOCK : 0));
		end_turn(loop);
	}
	atomic_store(&loop->stopping, false);
}

void loop_run_posted(struct loop *loop)
{
	do {
		collect_mail(loop);
		run_mail(loop);
	} while (loop->ready);
	end_turn(loop);
}

void loop_stop(struct loop *loop)
{
	atomic_store(&loop->stopping, true);
	wake(loop);
}

void loop_post(struct loop *loop, void (*call)(void *arg), void *arg)
{
	struct mail *m = xmalloc(sizeof(*m)), *older;

	*m = (struct mail){NULL, call, arg};
	older = atomic_load_explicit(&loop->mail, memory_order_relaxed);
	do
		m->next = older;
	while (!atomic_compare_exchange_weak_explicit(&loop->mail, &older, m, memory_order_release,
						      memory_order_relaxed));
	/* The first post since the loop last looked wakes it; the others ride along. */
	if (!older)
		wake(loop);
}

static void on_timer(int fd, short what, void *arg)
{
	struct timer *t = arg;

	loop_enter(t->loop);
	t->on_time(t->arg);
}

struct timer *timer_start(struct loop *loop, int64_t delay_ms, bool repeat,
			  void (*on_time)(void *arg), void *arg)
{
	struct timer *t = xcalloc(1, sizeof(*t));
	struct timeval delay = {delay_ms / 1000, delay_ms % 1000 * 1000};

	t->loop = loop;
	t->on_time = on_time;
	t->arg = arg;
	event_assign(&t->event, loop->base, -1, repeat ? EV_PERSIST : 0, on_timer, t);
	event_add(&t->event, &delay);
	return t;
}

void timer_stop(struct timer *timer)
{
	if (!timer)
		return;
	event_del(&timer->event);
	free(timer);
}

static void on_signal_event(int number, short what, void *arg)
{
	struct signal_watch *s = arg;

	loop_enter(s->loop);
	s->on_signal(s->arg);
}

void loop_on_signal(struct loop *loop, int number, void (*on_signal)(void *arg), void *arg)
{
	struct signal_watch *s = xcalloc(1, sizeof(*s));

	*s = (struct signal_watch){loop->signals, NULL, loop, on_signal, arg};
	s->event = evsignal_new(loop->base, number, on_signal_event, s);
	event_add(s->event, NULL);
	loop->signals = s;
}

int64_t loop_longest_turn_us(struct loop *loop)
{
	int64_t longest_us = loop->longest_turn_us;

	loop->longest_turn_us = 0;
	return longest_us;
}

struct event_base *loop_base(struct loop *loop)
{
	return loop->base;
}
