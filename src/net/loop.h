/*
 * The loop thread: every socket, the feed, presence. Other threads reach it only by
 * loop_post. Everything else in net/ is called on the loop thread.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct timer;

struct loop *loop_new(void); /* also ignores SIGPIPE, for the whole process */
/* Listeners and servers go first. What was posted and has not run is dropped. */
void loop_free(struct loop *loop);
void loop_run(struct loop *loop); /* returns after loop_stop; may be called again */
/* After loop_stop, when no other thread posts any more: runs what was posted last. */
void loop_run_posted(struct loop *loop);
void loop_stop(struct loop *loop); /* any thread, and from a signal callback */

/* Any thread: `call` runs on the loop thread with arg, in order of posting. Takes arg. Posts
 * coalesce wake-ups. */
void loop_post(struct loop *loop, void (*call)(void *arg), void *arg);

/* One-shot unless repeat; freed by timer_stop only, which on_time may call on its own timer. */
struct timer *timer_start(struct loop *loop, int64_t delay_ms, bool repeat,
			  void (*on_time)(void *arg), void *arg);
void timer_stop(struct timer *timer); /* NULL is fine; frees */

/* on_signal runs on the loop thread, as an ordinary callback. */
void loop_on_signal(struct loop *loop, int number, void (*on_signal)(void *arg), void *arg);

/* Longest turn since the last call, in microseconds: for /metrics. */
int64_t loop_longest_turn_us(struct loop *loop);

/* libevent's base, for net/ only. */
struct event_base;
struct event_base *loop_base(struct loop *loop);

#endif
