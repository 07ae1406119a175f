/* Inside gate/: what its files share. */
#ifndef GATE_GATE_PRIVATE_H
#define GATE_GATE_PRIVATE_H

#include "base/map.h"
#include "gate/gate.h"

enum { MAX_LISTENERS = 8 };

struct phone_session;

struct gate {
	struct gate_options options;
	struct tcp_listener *listeners[MAX_LISTENERS];
	unsigned listener_count;
	struct map watches;     /* device id → struct watch_session: who can be reached now */
	struct map credentials; /* hash of a credential → struct credential: checked lately
				   (mobile.c) */
	struct map phones;      /* device id → struct phone: telephones connected now (phone.c) */
	struct map sockets;     /* socket → struct phone_session, unless it is closing */
	struct phone_session *strangers; /* sockets whose hello has not been checked, or that end */
	uint64_t changes; /* what makes a hello that is being checked be checked again */
	struct gate_figures figures;
};

/* One more listener of the gate's; its connections are limited as all are. -ENOSPC or as
 * tcp_listen. */
int gate_open_listener(struct gate *g, struct tcp_options *options,
		       const struct tcp_handlers *handlers, uint16_t *ret_port);
/* A report that wire/ decoded, as a command. Text is copied into the command. */
struct command *report_command(enum protocol protocol, const struct report *report,
			       const struct address *peer);
void credentials_forget(struct gate *g);
void phones_forget(struct gate *g);

#endif
