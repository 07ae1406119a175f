/* Inside daemon/: the rooms, joined. */
#ifndef DAEMON_SERVER_PRIVATE_H
#define DAEMON_SERVER_PRIVATE_H

#include "api/api.h"
#include "gate/gate.h"
#include "live/clock.h"
#include "notify/notify.h"
#include "service/retention.h"

struct checkpoint;

struct server {
	struct loop *loop;
	struct keyring *ring;
	struct ladder ladder;
	struct service *service;
	struct checkpoint *checkpoint;
	struct readers *readers;
	struct atlas_shelf *atlas_shelf;
	struct recorder *recorder; /* NULL: no sound is kept */
	char *sound_folder;
	int sound_days; /* see service/executor.h */
	struct api *api;
	struct gate *gate;
	struct tls_server *tls;
	struct alarm_clock *clock;
	struct notify *notify;
	struct tcp_listener *control;
	struct timer *beat, *housekeeping;
	bool is_keeping_house; /* housekeeping, and the erasing behind it, are under way */
	bool has_forgotten;    /* this time, in some category */
	unsigned categories_waiting;
	struct category_kept {
		int skip;         /* see service/command.h */
		unsigned failing; /* what could not go last time */
	} keeping[RETENTION_KINDS + 1];
	int64_t started_ms; /* monotonic */
};

/* housekeeping.c. prepare: before sound is taken, what a crash left set aside finds its place
 * again. start: once everything runs. */
void housekeeping_prepare(struct server *s);
void housekeeping_start(struct server *s);
/* What should be gone and could not go: for /metrics. */
unsigned housekeeping_failing(const struct server *s);

/* egidectl's socket: control.c. "" listens nowhere. */
int control_listen(struct server *s, const char *path);
void control_close(struct server *s);

#endif
