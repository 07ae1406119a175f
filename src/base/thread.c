/* Threads: see thread.h. */
#include "base/thread.h"

#include <pthread.h>
#include <sys/resource.h>

/* A tenth of the processor's time when the others want all of it. */
enum { PATIENT_NICE = 10 };

void thread_introduce(const char *name, enum thread_rank rank)
{
	pthread_setname_np(pthread_self(), name);
	/* Linux counts this by thread. More than the rest of the system may be given: then it
	 * stays, and that is all. */
	if (rank == THREAD_PATIENT)
		(void)setpriority(PRIO_PROCESS, 0, PATIENT_NICE);
}
