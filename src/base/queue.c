/* A bounded queue between threads: see queue.h. */
#include "base/queue.h"

#include <errno.h>
#include <pthread.h>

#include "base/alloc.h"

struct lane {
	void **items; /* ring, grown up to the cap */
	size_t head, len, size;
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t ready;
	size_t cap;
	unsigned lanes;
	unsigned awaited; /* what comes in these lanes wakes the popper */
	bool closed;
	struct lane lane[];
};

struct queue *queue_new(unsigned lanes, size_t cap)
{
	struct queue *q = xcalloc(1, sizeof(*q) + lanes * sizeof(struct lane));
	pthread_condattr_t attr;

	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->ready, &attr);
	pthread_condattr_destroy(&attr);
	q->lanes = q->awaited = lanes;
	q->cap = cap;
	return q;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	for (unsigned i = 0; i < q->lanes; i++)
		free(q->lane[i].items);
	pthread_cond_destroy(&q->ready);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

static void lane_grow(struct lane *l)
{
	size_t size = l->size ? l->size * 2 : 16;
	void **items = xmalloc(size * sizeof(*items));

	for (size_t i = 0; i < l->len; i++)
		items[i] = l->items[(l->head + i) % l->size];
	free(l->items);
	l->items = items;
	l->head = 0;
	l->size = size;
}

int queue_push(struct queue *q, unsigned lane, void *item)
{
	struct lane *l = &q->lane[lane];
	int r = 0;

	pthread_mutex_lock(&q->lock);
	if (q->closed) {
		r = -ESHUTDOWN;
	} else if (l->len == q->cap) {
		r = -EAGAIN;
	} else {
		if (l->len == l->size)
			lane_grow(l);
		l->items[(l->head + l->len++) % l->size] = item;
		if (lane < q->awaited)
			pthread_cond_signal(&q->ready);
	}
	pthread_mutex_unlock(&q->lock);
	return r;
}

static void *lane_take(struct lane *l)
{
	void *item;

	if (!l->len)
		return NULL;
	item = l->items[l->head];
	l->head = (l->head + 1) % l->size;
	l->len--;
	return item;
}

static void *take_first(struct queue *q)
{
	for (unsigned i = 0; i < q->lanes; i++) {
		void *item = lane_take(&q->lane[i]);

		if (item)
			return item;
	}
	return NULL;
}

static struct timespec deadline_in(int timeout_ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += timeout_ms / 1000;
	t.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000L;
	}
	return t;
}

void *queue_pop(struct queue *q, int timeout_ms)
{
	struct timespec until = deadline_in(timeout_ms < 0 ? 0 : timeout_ms);
	void *item;

	pthread_mutex_lock(&q->lock);
	while (!(item = take_first(q)) && !q->closed) {
		if (timeout_ms < 0)
			pthread_cond_wait(&q->ready, &q->lock);
		else if (pthread_cond_timedwait(&q->ready, &q->lock, &until) == ETIMEDOUT)
			break;
	}
	if (!item)
		item = take_first(q);
	pthread_mutex_unlock(&q->lock);
	return item;
}

static bool holds_any(const struct queue *q, unsigned lanes)
{
	for (unsigned i = 0; i < lanes; i++)
		if (q->lane[i].len)
			return true;
	return false;
}

void queue_wait(struct queue *q, unsigned lanes, int timeout_ms)
{
	struct timespec until = deadline_in(timeout_ms);

	pthread_mutex_lock(&q->lock);
	q->awaited = lanes;
	while (!holds_any(q, lanes) && !q->closed)
		if (pthread_cond_timedwait(&q->ready, &q->lock, &until) == ETIMEDOUT)
			break;
	q->awaited = q->lanes;
	pthread_mutex_unlock(&q->lock);
}

void *queue_try_pop(struct queue *q)
{
	void *item;

	pthread_mutex_lock(&q->lock);
	item = take_first(q);
	pthread_mutex_unlock(&q->lock);
	return item;
}

void *queue_try_pop_lane(struct queue *q, unsigned lane)
{
	void *item;

	pthread_mutex_lock(&q->lock);
	item = lane_take(&q->lane[lane]);
	pthread_mutex_unlock(&q->lock);
	return item;
}

size_t queue_len(struct queue *q)
{
	size_t len = 0;

	pthread_mutex_lock(&q->lock);
	for (unsigned i = 0; i < q->lanes; i++)
		len += q->lane[i].len;
	pthread_mutex_unlock(&q->lock);
	return len;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->ready);
	pthread_mutex_unlock(&q->lock);
}

bool queue_is_closed(struct queue *q)
{
	bool closed;

	pthread_mutex_lock(&q->lock);
	closed = q->closed;
	pthread_mutex_unlock(&q->lock);
	return closed;
}
