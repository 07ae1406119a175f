/*
 * Inside gate/: telephones and agents. phone.c hears them, phones.c knows who is there,
 * phone_answer.c tells them; phone_socket.c and agent.c carry what they say.
 */
#ifndef GATE_PHONE_SESSION_H
#define GATE_PHONE_SESSION_H

#include "gate/gate_private.h"

/* One telephone, as long as it has a socket. */
struct phone {
	struct id device;
	struct id alert; /* its open one, or its wearer's; ID_NONE */
	struct id ended; /* the one it was in before; ID_NONE */
	struct id test;  /* the test alert it asked for, while it is open; ID_NONE */
	struct phone_session *sessions;
	unsigned count;
	bool no_sound; /* as of its last hello */
};

enum {
	PHONE_PING_S = 20, /* of silence; after three times that it is closed */
	PHONE_BACKLOG_BYTES = 64 * 1024,
};

/* What carries its messages: a WebSocket, or an agent's connection. Nothing is sent to one that is
 * closing. */
struct phone_line {
	void (*send)(struct phone_session *s, bool binary, struct str message);
	/* Bytes that have not left yet. */
	size_t (*backlog)(const struct phone_session *s);
	/* After what was sent has left. Nothing is heard any more; phone_gone still comes. */
	void (*close)(struct phone_session *s, uint16_t code, struct str reason);
};

struct phone_session {
	struct gate *gate; /* NULL: it is gone */
	const struct phone_line *line;
	uint64_t socket; /* of a WebSocket or a TCP connection: no two have the same */
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

/* --- phone.c: what the telephone asks of the service. Its on_done begins with phone_done. Not
 * taken: it is not answered, and the telephone says it again. */
void phone_hand_over(struct phone_session *s, struct command *c);
/* An answer of the service. Its session, when the telephone is still there to be told. */
struct phone_session *phone_done(struct command *command);

/* --- phone_code.c */
void phone_submit_code(struct phone_session *s, const struct phone_message *m);

/* --- phone_test.c */
void phone_submit_test(struct phone_session *s, const struct phone_message *m);
/* --- phone_visit.c */
void phone_submit_visit(struct phone_session *s, const struct phone_message *m);

/* --- phone.c, for what carries it */
void phone_open(struct phone_session *s, struct gate *g, const struct phone_line *line,
		uint64_t socket, const struct address *peer);
void phone_hear(struct phone_session *s, bool binary, struct str message);
/* Its socket is no more; the caller frees it. */
void phone_gone(struct phone_session *s);

/* --- phone_settings.c has gate_changed */

/* --- phones.c */
/* NULL: it is closing, or gone. */
struct phone_session *phone_find(const struct gate *g, uint64_t socket);
void phone_link(struct phone_session *s, struct phone_session **list);
void phone_unlink(struct phone_session *s);
/* Among those of the telephone; alert: what is open of it. */
void phone_join(struct phone_session *s, struct id device, struct id alert);
/* The alert it is in from now on; its sockets are told when they do not know it yet. */
void phone_follow(struct phone *p, struct id alert);
/* Asks it where it is; false: it is not there. */
bool phone_locate(struct gate *g, struct id device);
/* Back among the strangers; the telephone is forgotten with its last socket. */
void phone_leave(struct phone_session *s);
/* Leaves, and closes the socket. */
void phone_end(struct phone_session *s, uint16_t code, struct str reason);

/* --- phone_answer.c. sound: NULL when none is taken. */
void phone_say_welcome(struct phone_session *s, const struct sound *sound,
		       const struct phone_facts *facts);
/* What has changed of that meanwhile. */
void phone_say_settings(struct phone_session *s, const struct sound *sound,
			const struct phone_facts *facts);
void phone_say_called(struct phone_session *s, int64_t at_ms, struct id alert);
void phone_say_stored(struct phone_session *s, int64_t at_ms);
void phone_say_now(struct phone_session *s);
/* An alert of it that it did not call for now. */
void phone_say_alert(struct phone_session *s, struct id alert);
void phone_say_locate(struct phone_session *s);
/* What became of a code; what became of codes chosen, NULL: they hold. */
void phone_say_heard(struct phone_session *s, int64_t at_ms, bool right);
void phone_say_pins(struct phone_session *s, int64_t at_ms, struct str problem);
/* How far its test came; a problem: why there is none. */
struct phone_test {
	int64_t at_ms;      /* which one */
	struct str problem; /* STR_NONE */
	struct id alert;
	const struct test_facts *facts;
	size_t screens, ready; /* of the room, that have it; that could show it and sound */
	bool record, listen;
};
void phone_say_tested(struct phone_session *s, const struct phone_test *t);
/* A screen of a room has shown the test. */
void phone_say_shown(struct phone_session *s, struct id alert);
/* What became of what it said of its visit, and the visit it has now. */
struct visit_answer {
	int64_t at_ms;      /* when it said so; TIME_NONE: it said nothing */
	bool right;         /* the code was not plainly wrong */
	struct str problem; /* STR_NONE */
	struct str visit;   /* JSON; STR_NONE: none */
};
void phone_say_visit(struct phone_session *s, const struct visit_answer *answer);
void phone_say_kept(struct phone_session *s, uint32_t epoch, uint32_t next);
void phone_say_ended(struct phone_session *s, struct id alert);

#endif
