/*
 * What a telephone says over its socket: JSON texts (docs/protocol/phone.md). Who may say it is not
 * known here.
 */
#ifndef WIRE_PHONE_H
#define WIRE_PHONE_H

#include "base/alloc.h"
#include "base/id.h"
#include "wire/report.h"

enum phone_kind {
	PHONE_OTHER, /* nothing of the protocol */
	PHONE_HELLO,
	PHONE_CALL, /* three taps: always an SOS; a REPORT_REJECT when the rest of it is wrong (I3)
		     */
	PHONE_POSITION,
	PHONE_ALIVE,
	PHONE_STREAMING,
	PHONE_END,      /* a code typed */
	PHONE_PINS,     /* codes chosen */
	PHONE_TEST,     /* the visible test: nobody is called */
	PHONE_ANNOUNCE, /* a visit */
	PHONE_EXTEND,   /* it lasts longer */
};

struct phone_message {
	enum phone_kind kind;
	struct report report; /* CALL, POSITION, ALIVE, END, PINS, TEST, ANNOUNCE, EXTEND; at_ms is
				 what the answer says again */
	struct id device;     /* HELLO */
	struct str secret;    /* HELLO; in the arena */
	/* END, PINS, EXTEND; in the arena. The code typed (empty: none is chosen), or the present
	 * one; those from now on. */
	struct str typed, pin, duress;
	struct str place, person; /* ANNOUNCE; in the arena */
	int64_t duration_ms;      /* ANNOUNCE, EXTEND */
	/* STREAMING: frames of that epoch follow, of that alert. */
	struct id alert;
	uint32_t epoch;
	int64_t began_ms; /* device time of its sequence 0 */
};

void phone_decode(struct str text, struct arena *arena, struct phone_message *ret_message);

#endif
