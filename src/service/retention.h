/*
 * How long what is kept: one table, category × event × duration × action (docs/retention.md), read
 * from definitions/retention.json. The event begins the time; the action is what is done when it is
 * over, by one loop (service/housekeeping.c). A legal hold (store/holds.h) wins over each.
 */
#ifndef SERVICE_RETENTION_H
#define SERVICE_RETENTION_H

#include "base/paris.h"

enum retention_kind {
	RETENTION_ALERT_SOUND,
	RETENTION_ALERT_POSITIONS,
	RETENTION_ALERT,
	RETENTION_CALL,
	RETENTION_OFFICIAL,
	RETENTION_DRAFT,
	RETENTION_AUDIT,
	RETENTION_SMS,
	RETENTION_VISIT,
	RETENTION_SESSION,
	RETENTION_ENROLMENT,
	RETENTION_DEVICE_POSITION,
	RETENTION_AML_POSITION,
	RETENTION_UNVERIFIED,
	RETENTION_OWN_ACCESS,
	RETENTION_REPEATS,
	RETENTION_KINDS,
};

struct retention_row {
	const char *category, *event, *action;
	const char *shortest; /* less, and something that counts on it does not hold */
	const char *shipped;  /* the duration of the file we ship */
	const char *longest;
	bool in_days; /* no other unit: it is counted, and said, in days */
};
extern const struct retention_row retention_rows[RETENTION_KINDS];

struct retention {
	struct period after[RETENTION_KINDS];
};
struct retention retention_default(void);
/* What began by then is over now. */
int64_t retention_before_ms(const struct retention *r, enum retention_kind kind, int64_t now_ms);

#endif
