/* Making a new alert for a device: whose it is, who sees it, who is asked. */
#ifndef SERVICE_RAISE_H
#define SERVICE_RAISE_H

#include "service/case.h"
#include "store/devices.h"

/* The device if its sound is taken; otherwise ID_NONE. */
struct id raise_phone(const struct device *device);

/* Fills *ret_case with a new alert and raises it. 0 or -errno. */
int raise_alert(struct work *w, struct command *command, const struct device *device, bool test,
		uint32_t reasons, int64_t device_at_ms, struct case_file *ret_case);

/* An alert that an operator opens for an official who calls 17: without a device, nobody is asked
 * by itself, the room that has the call sees it too. */
int raise_called(struct work *w, struct command *command, struct id official, struct id room,
		 struct case_file *ret_case);

#endif
