/* The checkpoint thread: see checkpoint.h. */
#include "daemon/checkpoint.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/queue.h"
#include "base/thread.h"
#include "store/db.h"

enum { PERIOD_MS = 500 };

struct checkpoint {
	struct db *db;
	struct queue *stop; /* closed: end */
	pthread_t thread;
};

static void *run(void *arg)
{
	struct checkpoint *c = arg;
	int before = 0;

	thread_introduce("checkpoint", THREAD_PROMPT); /* it may keep the writer waiting */
	while (!queue_is_closed(c->stop)) {
		int r = db_checkpoint(c->db);

		if (r && r != before)
			log_warning("checkpoint.failed", "error=%d text=\"%s\"", r,
				    db_error_text(c->db));
		before = r;
		queue_pop(c->stop, PERIOD_MS);
	}
	return NULL;
}

int checkpoint_start(struct db *writer, struct checkpoint **ret_checkpoint)
{
	struct checkpoint *c;
	int r;

	*ret_checkpoint = NULL;
	c = xcalloc(1, sizeof(*c));
	r = db_open_checkpointer(writer, &c->db);

	if (!r) {
		c->stop = queue_new(1, 1);
		r = -pthread_create(&c->thread, NULL, run, c);
	}
	if (r) {
		if (c->stop)
			queue_free(c->stop);
		db_close(c->db);
		free(c);
		return r;
	}
	*ret_checkpoint = c;
	return 0;
}

void checkpoint_stop(struct checkpoint *c)
{
	if (!c)
		return;
	queue_close(c->stop);
	pthread_join(c->thread, NULL);
	queue_free(c->stop);
	db_close(c->db);
	free(c);
}
