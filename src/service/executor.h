/*
 * The executor: one thread, the write connection. Commands that come within 3 ms share a commit,
 * alerts first. Nothing is answered or published before the commit.
 */
#ifndef SERVICE_EXECUTOR_H
#define SERVICE_EXECUTOR_H

#include "core/ladder.h"
#include "service/command.h"
#include "service/retention.h"
#include "store/vault.h"

/* An entry as consoles get it: immutable, counted; JSON of docs/protocol/api.md "Entry". */
struct publication {
	int64_t epoch, number;
	enum entry_kind kind;
	struct id alert;
	struct id rooms[ALERT_MAX_ROOMS];
	unsigned room_count;
	struct str json;
	struct publication *next;
};

/* One group's result, for the loop thread. Freed by batch_free after delivery. */
struct batch {
	struct command *done;          /* list by next, in order */
	struct publication *published; /* list by next, in order of numbers */
	int64_t epoch, before, number; /* the journal's head, before and after it */
	bool outbox_changed, lane_changed;
	int64_t soonest_deadline_ms; /* of those set; INT64_MAX: none was */
};

struct atlas_shelf;

struct service_options {
	const char *database_url;
	const char *public_url; /* "https://egide.example": what links in SMS begin with */
	struct ladder ladder;
	bool may_record;            /* sound: the administration has the right to keep it */
	bool consent_sheet;         /* what the decree does not list is taken, by consent */
	struct retention retention; /* how long what is kept */
	int sound_days; /* of it: what nobody sealed is deleted so long after the closing */
	const char *sound_folder; /* NULL: nothing is recorded */
	int sms_routes;           /* SMS gateways configured */
	int session_hours;
	int unverified_per_minute;       /* per source, before frames are only counted */
	struct atlas_shelf *atlas_shelf; /* outlives the service; NULL: no territory */
};

struct service;

struct service_hooks {
	/* On the executor thread, after the commit: hand the batch to the loop. Takes it. */
	void (*on_batch)(void *context, struct batch *batch);
	void *context;
};

/* Opens the writer; starts nothing yet. 0 or -errno (logged). The ring outlives the service. */
int service_open(const struct service_options *options, const struct keyring *ring,
		 const struct service_hooks *hooks, struct service **ret_service);
/* Once it is open: alerts that climbed another ladder go on by this one. 0 or -errno (logged). */
int service_follow_ladder(struct service *s);
int service_start(struct service *s); /* the thread */
/* Finishes what is queued, commits, ends the thread. From then on service_submit says -ESHUTDOWN.
 */
void service_stop(struct service *s);
/* Stops when that was not done, closes, frees. NULL is fine. */
void service_close(struct service *s);

/* Any thread. Takes the command; on -EAGAIN (queue full) or -ESHUTDOWN the caller keeps it. */
int service_submit(struct service *s, struct command *command);
/* The same work on the calling thread, one group of one: for the simulator, init and restore. Its
 * clock is one that nobody sets. */
void service_run_now(struct service *s, struct command *command, int64_t now_ms);
/* The same, where the clock may have been set since the machine began. */
void service_run_at(struct service *s, struct command *command, int64_t now_ms, int64_t boot_ms);
/* Its writer, only while no thread runs (the simulator, init). */
struct vault *service_vault(struct service *s);

struct entry;
struct publication_source {
	const struct entry *entry;
	struct str actor_name;
	struct str card; /* JSON of the alert, or of the call; STR_NONE for none */
	const struct id *rooms;
	unsigned room_count;
};
struct publication *publication_new(const struct publication_source *source); /* returns new */
void publication_free(struct publication *list);
void batch_free(struct batch *batch); /* publications only; commands belong to their on_done */

/* Nothing is destroyed, nor does a registration end, until it is (core/date.h). Any thread. */
bool service_believes_date(const struct service *s);

struct service_figures { /* for /metrics: totals since start */
	uint64_t commands, commits, refused, failed, repeated;
	uint64_t queue_len;
	uint64_t longest_commit_us;
};
void service_figures(struct service *s, struct service_figures *ret_figures);

#endif
