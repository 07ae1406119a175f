/* Inside service/: what the files of the reader share. */
#ifndef SERVICE_READER_PRIVATE_H
#define SERVICE_READER_PRIVATE_H

#include "service/card.h"
#include "service/reader.h"
#include "store/vault.h"

struct reader {
	struct vault *vault;
	struct directory *directory;
	struct people_index *people; /* made at the first search */
	struct ladder ladder;
	int64_t directory_checked_ms; /* monotonic */
	struct atlas_shelf *shelf;    /* NULL: no territory */
	struct atlas *atlas;          /* held */
};

/* Brings the names up to date, at most once a second. */
int reader_refresh(struct reader *r);
int reader_refresh_now(struct reader *r); /* even when it was looked at a moment ago */

struct loaded {
	struct alert alert;
	struct alert_face face;
	struct device_last last;
	bool heard;
};
/* What is damaged is said in the log, and hides nothing beside it: 0; else the error. */
int reader_pass_over(int error, const char *what, struct id id);
int reader_load(struct reader *r, struct arena *arena, struct id alert, struct loaded *ret_loaded);
struct card_facts reader_facts(struct reader *r, const struct loaded *l, int64_t now_ms);

/* Ends an answer: the JSON moves into the arena, the buffer is freed. */
int reader_answer(struct arena *arena, struct buf *b, struct answer *ret_answer);
/* The same, unless there was an error: it is given, and nothing said. */
int reader_end(struct arena *arena, struct buf *b, int error, struct answer *ret_answer);
int reader_refuse(struct answer *ret_answer, enum problem problem, const char *detail);

/* Members of the trail: [Fix, …] of the alert, after `after`, oldest first. */
int trail_json(struct reader *r, struct buf *b, const char *key, struct id alert, int64_t after,
	       int limit);
/* The name of who made an entry of that alert; STR_NONE when nobody has one. */
struct entry;
struct str reader_actor_name(struct reader *r, struct arena *arena, const struct loaded *l,
			     const struct entry *e);
/* Whether the device's own connection is up. */
bool presence_has(const struct device_presence *presence, struct id device);

/* --- reader_calls.c */
struct official;
/* The member "calls": those of the account's room that are not closed. */
int calls_json(struct reader *r, struct arena *arena, const struct session_account *who,
	       struct buf *b);
/* The member "calls" of an official's alert: those of that person that go on, or from one of their
 * numbers; for who may read calls of that room. */
int calls_of_json(struct reader *r, struct arena *arena, const struct session_account *who,
		  const struct official *official, struct buf *b);
/* The members "people" and "more": officials by the beginnings of words. Who was read: also. */
int people_json(struct reader *r, struct arena *arena, struct str words, struct buf *b,
		struct answer *ret_answer);
/* An entry about a call, for consoles; *ret_room must live as long as source. -ENOENT: purged. */
struct publication_source;
int reader_call_entry(struct reader *r, struct arena *arena, const struct entry *e,
		      struct publication_source *source, struct id *ret_room);
/* Distance in metres between two places; the Earth as a sphere. */
int64_t distance_m(int32_t lat_a, int32_t lon_a, int32_t lat_b, int32_t lon_b);

#endif
