/* What is to be sent (durable before anything is sent), and what the SMS centre said of it. */
#ifndef STORE_OUTBOX_H
#define STORE_OUTBOX_H

#include "base/alloc.h"
#include "base/limits.h"
#include "core/alert.h"
#include "store/vault.h"

/* To the official: OUTBOX_VISIT, of the visit in the alert's place; OUTBOX_TERM, of their
 * registration, and OUTBOX_OFFICIAL, of what is asked for in their file: the official in it. */
enum outbox_kind {
	OUTBOX_CONTACT,
	OUTBOX_UNIT,
	OUTBOX_DUTY,
	OUTBOX_VISIT,
	OUTBOX_TERM,
	OUTBOX_OFFICIAL,
};

struct message {
	struct id id, alert, target; /* contact, dispatch, or room */
	enum outbox_kind kind;
	struct str to, text; /* E.164 number; text as it is sent. Sealed with the alert's key. */
	bool simulated;      /* of a test alert: goes through every step but the gateway */
	enum message_state state;
	int attempts;
	int route; /* the first gateway to ask; the ones before it have it, or are not asked */
	int64_t created_at_ms, next_at_ms, valid_until_ms;
};

int message_insert(struct vault *v, const struct message *m);
int message_load(struct vault *v, struct arena *arena, struct id id, struct message *ret_message);
/* next_at_ms TIME_NONE: it has left us, or ended. */
int message_set(struct vault *v, const struct message *m); /* state, attempts, next_at_ms, route */
/* Stops what has not left yet: of the alert, or of one target in it (not ID_NONE). */
int messages_cancel(struct vault *v, struct id alert, struct id target);
/* Those of that kind about a file. */
int messages_cancel_kind(struct vault *v, struct id dossier, enum outbox_kind kind);
/* What became of the newest of that kind about a file: an enum message_state; MESSAGE_STATES: there
 * is none. */
int message_last_of(struct vault *v, struct id dossier, enum outbox_kind kind, int64_t *ret_state);
/* How many of that kind about a file were made since. */
int messages_count_of(struct vault *v, struct id dossier, enum outbox_kind kind, int64_t since_ms,
		      int64_t *ret_count);
/* Deletes those of that kind made before that, with their receipts: a file's, never an alert's. */
int messages_forget(struct vault *v, struct id dossier, enum outbox_kind kind, int64_t before_ms);
/* The alert's first `limit` messages, oldest first, into arena. */
int messages_of_alert(struct vault *v, struct arena *arena, struct id alert, int limit,
		      struct message **ret_messages, size_t *ret_count);
/* Those due at now, oldest first, into arena; *ret_next_ms: when the next one after them is
 * (INT64_MAX: none). */
int messages_due(struct vault *v, struct arena *arena, int64_t now_ms, int limit,
		 struct message **ret_messages, size_t *ret_count, int64_t *ret_next_ms);
/* How many wait to be sent, now or later; how many should leave now. */
int messages_waiting(struct vault *v, int64_t *ret_count);
/* The last SMS of which something is known, those of tests apart; -ENOENT: there is none. */
int message_last(struct vault *v, enum message_state *ret_state, int64_t *ret_created_at_ms);
int messages_count_due(struct vault *v, int64_t now_ms, int64_t *ret_count);

/*
 * Keeps a receipt of a gateway (each mask once); *ret_new false when it was known. bits: Kannel's
 * DLR mask, or RECEIPT_ACCEPTED: the gateway's own answer.
 */
enum { SMS_ROUTES = LIMIT_SMS_ROUTES, RECEIPT_ACCEPTED = 128 };
int receipt_insert(struct vault *v, struct id message, int route, int bits, int64_t at_ms,
		   bool *ret_new);
/* All masks received for the message, or-ed, for each gateway. */
int receipts_of(struct vault *v, struct id message, int ret_bits[SMS_ROUTES]);

#endif
