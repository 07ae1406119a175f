/* Inside gate/: what its files share. */
#ifndef GATE_GATE_PRIVATE_H
#define GATE_GATE_PRIVATE_H

#include "base/map.h"
#include "gate/gate.h"

enum { MAX_WATCH_LISTENERS = 4 };

struct phone_session;

struct gate {
	struct gate_options options;
	struct tcp_listener *listeners[MAX_WATCH_LISTENERS];
	unsigned listener_count;
	struct map watches;     /* device id → struct watch_session: who can be reached now */
	struct map credentials; /* hash of a credential → struct credential: checked lately
				   (mobile.c) */
	struct map phones;      /* device id → struct phone: telephones connected now (phone.c) */
	struct phone_session *strangers; /* sockets whose hello has not been checked, or that end */
	uint64_t changes; /* what makes a hello that is being checked be checked again */
	struct gate_figures figures;
};

/* A report that wire/ decoded, as a command. Text is copied into the command. */
struct command *report_command(enum protocol protocol, const struct report *report,
			       const struct address *peer);
void credentials_forget(struct gate *g);
void phones_forget(struct gate *g);

#endif
