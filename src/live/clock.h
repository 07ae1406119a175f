/*
 * The deadline clock: a thread that sleeps until the soonest deadline row is due and turns it into
 * a command. Rows survive a restart; an early wake-up or a lost one only costs a look.
 */
#ifndef LIVE_CLOCK_H
#define LIVE_CLOCK_H

#include "service/executor.h"
#include "service/reader.h"

struct alarm_clock;

struct alarm_clock_options {
	struct reader *reader;                                           /* taken */
	int (*submit)(struct service *service, struct command *command); /* service_submit */
	struct service *service;
	/* As command.on_done, of each deadline that fired; frees the command. */
	void (*on_fired)(struct command *command);
	void *context; /* on_fired's: command->context */
};

int alarm_clock_start(const struct alarm_clock_options *options, struct alarm_clock **ret_clock);
/* Any thread, after a commit that set a deadline due then: wakes the clock only if it would look
 * too late. */
void alarm_clock_wake(struct alarm_clock *c, int64_t due_at_ms);
void alarm_clock_stop(struct alarm_clock *c);

#endif
