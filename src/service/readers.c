/* Reader threads and the password thread: see readers.h. */
#include "service/readers.h"
#include "service/reader_private.h"

#include <errno.h>
#include <pthread.h>

#include "base/log.h"
#include "base/queue.h"
#include "base/thread.h"

enum { MAX_READERS = 8, QUESTIONS_WAITING = 8192, PASSWORDS_WAITING = 64 };

struct seat {
	struct readers *readers;
	struct reader *reader;
	pthread_t thread;
};

struct readers {
	struct readers_options options;
	struct queue *questions, *passwords;
	struct seat seats[MAX_READERS];
	unsigned started;
	pthread_t password_thread;
};

static void work_off(struct readers *r, struct queue *queue, struct reader *reader)
{
	struct job *job;

	while ((job = queue_pop(queue, -1))) {
		job->run(job, reader);
		r->options.post(r->options.context, job->on_done, job);
	}
}

static void *read_thread(void *arg)
{
	struct seat *seat = arg;

	thread_introduce("reader", THREAD_PROMPT);
	/* The atlas takes a moment: not the first question's. What fails is told to whoever asks.
	 */
	if (seat->readers->options.atlas_shelf)
		reader_refresh(seat->reader);
	work_off(seat->readers, seat->readers->questions, seat->reader);
	return NULL;
}

static void *password_thread(void *arg)
{
	struct readers *r = arg;

	thread_introduce("password", THREAD_PATIENT);
	work_off(r, r->passwords, NULL);
	return NULL;
}

int readers_start(const struct readers_options *options, struct readers **ret_readers)
{
	struct readers *r = xcalloc(1, sizeof(*r));
	int error = 0;

	r->options = *options;
	r->questions = queue_new(1, QUESTIONS_WAITING);
	r->passwords = queue_new(1, PASSWORDS_WAITING);
	for (unsigned i = 0; !error && i < options->threads && i < MAX_READERS; i++) {
		struct seat *seat = &r->seats[i];

		seat->readers = r;
		error = reader_open(options->database_url, options->ring, options->ladder,
				    &seat->reader);
		if (!error)
			reader_use_atlas(seat->reader, options->atlas_shelf);
		if (!error)
			error = -pthread_create(&seat->thread, NULL, read_thread, seat);
		if (!error)
			r->started++;
	}
	if (!error)
		error = -pthread_create(&r->password_thread, NULL, password_thread, r);
	if (error) {
		log_error("readers.start_failed", "error=%d", error);
		return error; /* the daemon ends: nothing to give back */
	}
	*ret_readers = r;
	return 0;
}

void readers_stop(struct readers *r)
{
	if (!r)
		return;
	queue_close(r->questions);
	queue_close(r->passwords);
	for (unsigned i = 0; i < r->started; i++) {
		pthread_join(r->seats[i].thread, NULL);
		reader_close(r->seats[i].reader);
	}
	pthread_join(r->password_thread, NULL);
}

void readers_free(struct readers *r)
{
	if (!r)
		return;
	queue_free(r->questions);
	queue_free(r->passwords);
	free(r);
}

int readers_submit(struct readers *r, struct job *job)
{
	return queue_push(r->questions, 0, job);
}

int readers_submit_password(struct readers *r, struct job *job)
{
	return queue_push(r->passwords, 0, job);
}
