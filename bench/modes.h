/* What load can do; each mode prints one JSON line. */
#ifndef BENCH_MODES_H
#define BENCH_MODES_H

#include "console.h"
#include "measure.h"

struct settings {
	uint16_t watch_port, http_port, agent_port;
	const char *login, *password; /* of an operator; NULL: the bare server */
	int pid;                      /* of the server, for its CPU and memory; 0: unknown */
	uint64_t first;               /* identity of the first device */
	size_t count;                 /* devices; streams of sound */
	unsigned consoles;            /* of each stream, those who listen */
	double rate;                  /* a second, open loop; 0: closed loop */
	size_t window;                /* closed loop: how many wait for an answer at once */
	double seconds;
	bool tls;
	bool again;   /* calls: a device may call again, as the bare server allows; storm: close and
			 come back */
	size_t calls; /* positions: devices beside them that call for help */
	const char *kind; /* of idle connections: watch, websocket, mqtt */
	const char *opus; /* file of packets: streams.h */
	size_t late;      /* sound: who comes to listen while it goes on */
};

void mode_alerts(const struct settings *s);    /* alerts.c */
void mode_positions(const struct settings *s); /* positions.c */
void mode_owntracks(const struct settings *s); /* owntracks.c */
void mode_idle(const struct settings *s);      /* idle.c */
void mode_storm(const struct settings *s);     /* idle.c */
void mode_mqtt(const struct settings *s);      /* mqtt.c */
void mode_sound(const struct settings *s);     /* sound.c */
void mode_icecast(const struct settings *s);   /* icecast.c */
void mode_kept(const struct settings *s);      /* kept.c */

void wait_us(int64_t us); /* idle.c, as the next */
/* Until the server has nothing more to do: less than 2 % of a processor for a quarter of a second.
 */
void wait_for_calm(int pid);         /* idle.c */
void mqtt_connect(struct client *c); /* says CONNECT on an open connection */

#endif
