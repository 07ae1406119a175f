/* What a thread says of itself when it begins. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

enum thread_rank {
	THREAD_PROMPT,  /* on the way of a call for help */
	THREAD_PATIENT, /* gives way to the others: SMS leave, passwords are checked a little later
			 */
};

/* Called by the thread itself. name: at most 15 letters, as `top -H` shows it. */
void thread_introduce(const char *name, enum thread_rank rank);

#endif
