/* Inside gate/: telephones on their sockets. phone.c hears them, phones.c knows who is there,
 * phone_answer.c tells them. */
#ifndef GATE_PHONE_SESSION_H
#define GATE_PHONE_SESSION_H

#include "gate/gate_private.h"

/* One telephone, as long as it has a socket. */
struct phone {
	struct id device;
	struct id alert; /* its open one, or its wearer's; ID_NONE */
	struct id ended; /* the one it was in before; ID_NONE */
	struct phone_session *sessions;
	unsigned count;
};

struct phone_session {
	struct gate *gate; /* NULL: it is gone */
	uint64_t socket;
	struct address peer;
	struct phone *phone;              /* NULL: not known, or not any more */
	struct phone_session *next, **at; /* of the telephone; before that, the gate's strangers */
	struct timer *patience;           /* until its hello */
	struct buf early;                 /* length, message; length, message… */
	int64_t newest_fix_ms;
	unsigned pending, bad_frames, strange_calls;
	struct id stranger; /* what a refused hello said it was */
	bool greeted, refused;
};

struct phone_message;

/* --- phone.c: an answer of the service. Its socket, when the telephone is still there to be told.
 */
struct websocket *phone_done(struct command *command);

/* --- phone_code.c */
void phone_submit_code(struct phone_session *s, const struct phone_message *m);

/* --- phones.c */
void phone_link(struct phone_session *s, struct phone_session **list);
void phone_unlink(struct phone_session *s);
/* Among those of the telephone; alert: what is open of it. */
void phone_join(struct phone_session *s, struct id device, struct id alert);
/* The alert it is in from now on; its sockets are told when they do not know it yet. */
void phone_follow(struct phone *p, struct gate *g, struct id alert);
/* Asks it where it is; false: it is not there. */
bool phone_locate(struct gate *g, struct id device);
/* Back among the strangers; the telephone is forgotten with its last socket. */
void phone_leave(struct phone_session *s);
/* Leaves, and closes the socket. */
void phone_end(struct phone_session *s, uint16_t code, struct str reason);

/* --- phone_answer.c. sound: NULL when none is taken. */
void phone_say_welcome(struct websocket *w, const struct sound *sound,
		       const struct phone_facts *facts);
void phone_say_called(struct websocket *w, int64_t at_ms, struct id alert);
void phone_say_stored(struct websocket *w, int64_t at_ms);
void phone_say_now(struct websocket *w);
/* An alert of it that it did not call for now. */
void phone_say_alert(struct websocket *w, struct id alert);
void phone_say_locate(struct websocket *w);
/* What became of a code; what became of codes chosen, NULL: they hold. */
void phone_say_heard(struct websocket *w, int64_t at_ms, bool right);
void phone_say_pins(struct websocket *w, int64_t at_ms, struct str problem);
void phone_say_ended(struct websocket *w, struct id alert);

#endif
