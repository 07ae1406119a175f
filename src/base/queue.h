/*
 * A bounded queue between threads: the only place with a lock. Values are pointers
 * whose ownership passes from pusher to popper.
 */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct queue;

/* lanes: number of priorities; lane 0 is always served first. cap: entries per lane. */
struct queue *queue_new(unsigned lanes, size_t cap);
void queue_free(struct queue *q); /* must be empty or the caller drains it first */
/* 0, -EAGAIN when the lane is full, -ESHUTDOWN after queue_close. Takes item on success. */
int queue_push(struct queue *q, unsigned lane, void *item);
/* Waits at most timeout_ms (-1: for ever). NULL on timeout, or when closed and empty. */
void *queue_pop(struct queue *q, int timeout_ms);
void *queue_try_pop(struct queue *q); /* NULL when empty */
void *queue_try_pop_lane(struct queue *q, unsigned lane);
/* Waits until one of the first `lanes` lanes holds something, the queue is closed, or the time has
 * passed; what comes in the others wakes nobody. For the only thread that pops. */
void queue_wait(struct queue *q, unsigned lanes, int timeout_ms);
size_t queue_len(struct queue *q);
void queue_close(struct queue *q); /* wakes every popper; what is inside can still be popped */
bool queue_is_closed(struct queue *q);

#endif
