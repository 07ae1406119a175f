/*
 * The whole core, service and store against a simulated world: watches, rooms, trusted persons,
 * units, an SMS gateway, crashes. Time and chance are the simulation's: a seed replays.
 *
 * What the simulation knows of alerts is its own (struct story), never read from what it tests.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include "base/alloc.h"
#include "service/executor.h"
#include "store/outbox.h"

enum {
	ROOMS = 4,
	UNITS = 4,
	OFFICIALS = 3,
	CONTACTS = 3, /* of one official, at most */
	WATCHES = 5,
	OPERATORS = 7,
	CALLS = 12, /* of one watch, still repeated */
	STORIES = 400,
	SECOND_MS = 1000,
	MINUTE_MS = 60 * SECOND_MS,
};

/* --- what the world is made of; the same for every seed (town.c) */

struct room {
	struct id id;
	bool has_duty;
	int neighbour, second, zone; /* −1: none */
};

struct person {
	struct id id;
	char phone[16];
	int rank;
	int64_t removed_at; /* number of the journal by then; 0: never */
};

struct citizen {
	struct id id;
	int room; /* competent */
	unsigned contact_count;
	struct person contacts[CONTACTS];
};

enum device_clock { CLOCK_RIGHT, CLOCK_AHEAD, CLOCK_BEHIND, CLOCK_STUCK, CLOCK_NONE };

/* A call a watch repeats until it is answered. */
struct call {
	int64_t at_ms, next_ms;
	uint32_t reasons;
	bool has_position;
};

struct watch {
	struct id id;
	char ident[12];
	int official; /* −1: nobody wears it */
	int room;
	enum device_clock clock;
	int64_t stuck_at_ms;
	unsigned call_count;
	struct call calls[CALLS];
};

struct operator
{
	struct actor actor;
	int room;
};

struct town {
	struct room rooms[ROOMS];
	struct id units[UNITS];
	struct citizen officials[OFFICIALS];
	struct watch watches[WATCHES];
	struct operator operators[OPERATORS];
};

/* --- what the simulation remembers */

/* An alert, as the simulation knows it from what it did and was told. */
struct story {
	struct id id;
	int watch, official; /* −1 */
	bool test, open;
	unsigned rooms; /* bits */
	int64_t triggers, fixes;
	int64_t last_closed_ms;
};

/* A call that was accepted: the same one again is a repeat. */
struct accepted {
	int watch, story;
	int64_t at_ms, when_ms;
	uint32_t reasons;
};

struct list {
	void *items;
	size_t count, cap;
};
void *list_add(struct list *list, size_t size); /* a zeroed item at the end */

struct sim {
	const char *database_url;
	const struct keyring *ring;
	uint64_t seed, chance; /* state of the generator */
	int64_t now_ms, began_ms;
	struct service *service;
	struct town town;
	struct ladder ladder;

	/* How this seed's world behaves, in percent. */
	unsigned lost, duplicated, attentive, answering, crashing;
	bool gateway_down;
	bool final; /* nothing is lost any more: everything must come to its end */

	struct story stories[STORIES];
	int story_count;
	struct list accepted; /* struct accepted */
	struct list polls;    /* int64_t: when the deadline clock looked */
	struct list messages; /* struct sms: gateway.c */
	struct list letters;  /* struct letter: people.c */
	struct list receipts; /* struct receipt: gateway.c */
	int64_t number;       /* of the journal, after the last command */
	bool tracing;
	struct buf trace;
};

/* Chance: below n; true in so many percent. */
uint64_t chance(struct sim *s, uint64_t n);
bool maybe(struct sim *s, unsigned percent);
int64_t between(struct sim *s, int64_t least_ms, int64_t most_ms);

/* Says what happens, for the failing seed's story. */
void tell(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The invariant does not hold: prints the story and ends the program. */
void broken(struct sim *s, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
#define hold(s, condition, ...)                   \
	do {                                      \
		if (!(condition))                 \
			broken((s), __VA_ARGS__); \
	} while (0)

/* --- sim.c */

/* Opens the world: database, keys, town, time and seed are set. */
void sim_begin(struct sim *s);
void sim_run(struct sim *s, int steps);
void sim_end(struct sim *s);

/* Carries it out at the simulation's time and checks what every command must keep; the caller
 * frees. */
void run(struct sim *s, struct command *command);
void crash(struct sim *s);
int story_of(struct sim *s, struct id alert); /* −1 */
void pass(struct sim *s, int64_t ms);         /* time goes on */

/* --- town.c */

extern const char town_public_url[];
/* The first official's telephone, which nobody here has the credential of. */
#define TOWN_TELEPHONE "telephone-0"
/* 23/11/2026; a simulation begins an hour later. */
#define TOWN_MADE_MS INT64_C(1795388400000)
/* Makes the town in a new database: only the first time, later it is copied. */
void town_make(struct service *service, struct town *ret_town);

/* --- devices.c */

void devices_begin(struct sim *s);
void devices_step(struct sim *s);
bool devices_wait(const struct sim *s); /* whether one still repeats a call */

/* --- people.c */

void operators_step(struct sim *s);
void people_step(struct sim *s);
/* An SMS reached a telephone. */
void people_get(struct sim *s, const struct message *m, int story);

/* --- gateway.c */

void sender_step(struct sim *s);
void receipts_step(struct sim *s);
void clock_step(struct sim *s);

/* --- checks.c: the whole journal, the rows, the tree */

void check_everything(struct sim *s);
void check_deadlines(struct sim *s);

#endif
