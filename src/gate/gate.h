/*
 * The gate: devices. Watches, reports over HTTP (OsmAnd, OwnTracks), telephones on their
 * WebSockets, agents. wire/ makes values of their bytes, the gate makes commands of those, and
 * answers only what is on disk (I1).
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "live/feed.h"
#include "live/sound.h"
#include "net/http.h"
#include "net/tcp.h"
#include "service/executor.h"
#include "service/readers.h"
#include "wire/watch.h"

struct gate;

struct gate_options {
	struct loop *loop;
	struct service *service;
	struct readers *readers;
	struct sound *sound;         /* where frames of telephones go; NULL: they are not taken */
	struct feed *feed;           /* whose screens a test comes up on; NULL: nobody's */
	bool may_record, may_listen; /* what the administration does with sound */
	struct http_server *http;    /* where mobiles and telephones are answered */
	const char *listen_number;   /* E.164: what a watch dials to be listened to; "": none */
	int idle_timeout_s;          /* of a watch's connection; LK comes each 5 to 8 minutes */
	size_t max_connections, max_per_source; /* of a listener */
};

struct gate *gate_new(const struct gate_options *options);
void gate_free(struct gate *g);
/* Watches on this address ("0.0.0.0:5093"), plain or TLS. 0 or -errno. */
int gate_listen_watch(struct gate *g, const char *address, struct tls_server *tls,
		      uint16_t *ret_port);

/* Telephones that are no browser: agents, plain or TLS (docs/protocol/agent.md). 0 or -errno. */
int gate_listen_agent(struct gate *g, const char *address, struct tls_server *tls,
		      uint16_t *ret_port);

/*
 * A report over HTTP: GET or POST /mobile/osmand, POST /mobile/owntracks, with the device's
 * credential (HTTP Basic, or parameters id and secret). Answers the request, later.
 */
void gate_mobile(struct gate *g, const struct http_request *r, enum protocol protocol);

/* GET /api/phone/socket: takes the request and makes it a telephone's socket. */
void gate_phone(struct gate *g, const struct http_request *r);
/* The device has another secret, or none: its sockets are closed (4401). */
void gate_forget(struct gate *g, struct id device);
/* What is taken of the device, or the official's codes, are others: its telephone is told. */
void gate_changed(struct gate *g, struct id device);
/* A frame of voice to the telephone, on each of its sockets; STR_NONE: only whether it is there.
 * False: not connected, or not in that alert. */
bool gate_talk(struct gate *g, struct id device, struct id alert, struct str frame);
/* The alert was closed: its telephone is told. */
void gate_alert_closed(struct gate *g, struct id alert);
/* A screen of a room shows it: the telephone that asked for this test is told. */
void gate_alert_painted(struct gate *g, struct id alert);
/* An alert says that nothing was heard at the end of its visit: the telephone goes along. */
void gate_visit_missed(struct gate *g, struct id device, struct id alert);
/* It is open again: the telephone that was in it, and has stayed since, goes on with it. */
void gate_alert_reopened(struct gate *g, struct id alert);

/* All of that epoch below `next` is on disk: its telephone is told. */
void gate_kept(struct gate *g, uint64_t socket, uint32_t epoch, uint32_t next);
/* Its telephone comes back, and says again what is not on disk. */
void gate_hang_up(struct gate *g, uint64_t socket, uint16_t code);

/* Sends a command to the device's connection; false when it is not connected, or is a telephone,
 * which can only be asked where it is. */
bool gate_ask(struct gate *g, struct id device, enum watch_request request, int seconds);
/* Has the watch dial listen_number, unseen; false when it is not connected, or is none. */
bool gate_listen(struct gate *g, struct id device);
/* A snapshot of the devices connected now, in arena. */
struct device_presence gate_presence(const struct gate *g, struct arena *arena);

struct gate_figures {
	size_t connections; /* of watches */
	size_t phones;      /* sockets of telephones and agents that are known */
	uint64_t frames, rejected, alerts, unverified;
};
void gate_figures(const struct gate *g, struct gate_figures *ret_figures);

#endif
