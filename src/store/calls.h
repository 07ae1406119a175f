/*
 * The last calls for help of each device: the same one sent twice is one alert (I5). They lie in
 * the row that every report of the device writes anyway, so that a call touches no other page.
 */
#ifndef STORE_CALLS_H
#define STORE_CALLS_H

#include "store/vault.h"

/* As the device said it, when it was heard (milliseconds UTC), and the alert it made or joined. */
struct call {
	int64_t device_at_ms; /* TIME_NONE: not said */
	uint32_t reasons;
	int64_t heard_at_ms;
	struct id alert;
};

/* Newest first. A device repeats a call until it is answered: more than a few different ones within
 * minutes means that the oldest have been answered. */
enum { CALLS_KEPT = 8 };
struct calls {
	size_t count;
	struct call list[CALLS_KEPT];
};

int calls_load(struct vault *v, struct id device, struct calls *ret_calls); /* none: count 0 */
/* The same call heard at since_ms or later; NULL. */
const struct call *calls_find(const struct calls *calls, const struct call *call, int64_t since_ms);
/* Keeps it before the others. The device has been heard (device_last_save). */
int calls_add(struct vault *v, struct id device, struct calls *calls, const struct call *call);

#endif
