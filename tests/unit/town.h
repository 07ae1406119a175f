/*
 * A small town for tests of what the service does: four rooms joined by the ladder, two units, one
 * official with two trusted persons and a watch, and those who work in the rooms.
 */
#ifndef TESTS_UNIT_TOWN_H
#define TESTS_UNIT_TOWN_H

#include "office.h"
#include "schema.h"
#include "store/alerts.h"
#include "store/outbox.h"

extern struct town {
	struct id room, neighbour, second, zone;
	struct id brigade, patrol;
	struct id official, first_contact, second_contact;
	struct id watch;
	/* Operators of `room`, its supervisor, an operator of `neighbour`. */
	struct actor alice, bruno, chief, nadia;
} town;

#define TOWN_WATCH "8800000015"
#define FIRST_PHONE "+33639980011"
#define SECOND_PHONE "+33639980012"
#define BRIGADE_PHONE "+33639980020"
#define DUTY_PHONE "+33639980030"

void town_open(void); /* opens the office too */
void town_close(void);

/* A call for help of the town's watch, with a position; what a test wants otherwise it changes. */
struct device_report town_sos(int64_t at_ms);
struct command *town_report_command(const struct device_report *report);
struct command *town_say(const struct device_report *report);
/* The town's watch calls; the alert. */
struct id town_alert(void);

/* An event of the alert machine by an account; text may be NULL. */
struct command *town_do(struct actor who, struct id alert, const struct alert_command *event,
			const char *text);
#define town_event(who, alert, text, ...) \
	town_do(who, alert, &(struct alert_command){.event = __VA_ARGS__}, text)
/* By the holder of a link. */
struct command *town_link(const char *token, enum alert_event event, const char *text);
/* What became of an SMS, as the sender says it. */
struct command *town_sent(struct id message, enum message_state state, int64_t retry_at_ms);
struct command *town_receipt(struct id message, int bits);
/* The same of the second gateway (1). */
struct command *town_sent_by(int route, struct id message, enum message_state state,
			     int64_t retry_at_ms);
struct command *town_receipt_by(int route, struct id message, int bits);
struct command *town_reply(const char *number, const char *text, const char *key);

/* Moves the clock on to each deadline in turn and fires it, up to at_ms. How many fired. */
int town_wait_until(int64_t at_ms);

/* The alert as it is stored, with its face. Lives until town_close. */
struct case_of {
	struct alert alert;
	struct alert_face face;
};
struct case_of town_stored(struct id alert);
int64_t town_count(const char *table); /* rows */
/* The messages of an alert in the order they were made; to a number when it is not NULL. */
size_t town_messages(struct id alert, const char *to, struct message *list, size_t cap);
/* The secret in the last SMS to that number. */
const char *town_token(struct id alert, const char *to);
/* How many entries of that kind the alert has; the body of the last one, NUL-terminated. */
int town_entries(struct id alert, enum entry_kind kind, const char **ret_body);

void assert_refused(const struct command *command, enum problem problem, const char *detail);
void assert_done(const struct command *command);

#endif
