/*
 * Reading, one a thread: its own read connection. Answers are JSON of docs/protocol/api.md, in the
 * caller's arena. Access is decided here, by core/access, for the account the question comes from.
 */
#ifndef SERVICE_READER_H
#define SERVICE_READER_H

#include "core/ladder.h"
#include "service/command.h"

struct keyring;
struct reader;
struct question;

int reader_open(const char *database_url, const struct keyring *ring, const struct ladder *ladder,
		struct reader **ret_reader);
void reader_close(struct reader *r);
/* From now on it looks up places, and makes the atlas anew when something was imported. */
struct atlas_shelf;
void reader_use_atlas(struct reader *r, struct atlas_shelf *shelf);

/* --- for notify/ */

struct outgoing {
	struct id id;
	struct str to;   /* E.164 */
	struct str text; /* UTF-8 */
	bool simulated;  /* test alert: every step but the gateway */
	int attempts;
	int route; /* the first gateway to ask */
	int64_t created_at_ms, valid_until_ms;
};

/* Messages due at now_ms, oldest first; *ret_next_ms: when the next one after them is due
 * (INT64_MAX: none). */
int reader_messages_due(struct reader *r, struct arena *arena, int64_t now_ms, int limit,
			struct outgoing **ret_messages, size_t *ret_count, int64_t *ret_next_ms);

/* --- for /metrics: what waits */

struct backlog {
	int64_t messages;          /* SMS that should leave now */
	int64_t alerts, unclaimed; /* open ones, tests left out */
	int64_t deadlines;         /* past their time by two seconds: the clock does not keep up */
};
int reader_backlog(struct reader *r, int64_t now_ms, struct backlog *ret_backlog);

/* --- for live/: the clock, and consoles that come back */

struct due {
	struct id alert, target;
	enum timer_kind timer;
	int step;
	int64_t due_at_ms;
};
/* The soonest deadlines, due or not; at most limit into list. */
int reader_deadlines(struct reader *r, int limit, struct due *list, size_t *ret_count);

struct publication;
/*
 * Entries after `number` as publications (cards are of now), at most limit; *ret_number: how far
 * they reach, entries that are not for consoles included. The list is freed by publication_free.
 */
int reader_entries(struct reader *r, int64_t number, int limit, struct publication **ret_list,
		   int64_t *ret_number);
int reader_head(struct reader *r, int64_t *ret_epoch, int64_t *ret_number);

/* --- for api/: answers */

struct answer {
	enum problem problem;
	struct str detail; /* French */
	struct str json;
	const char *type;      /* of `json` when it is none: "audio/amr"; NULL */
	struct id subject;     /* what was read, for the audit line (VERB_READ); ID_NONE: nothing
				  personal */
	const struct id *also; /* others of whom something was read: a line each; arena */
	unsigned also_count;
	struct id call;   /* to 17, for which it was read: the lines' target; ID_NONE */
	bool looked_for;  /* `subject` is whom its holder found, not whom its number says */
	struct id holder; /* by link: the contact or dispatch it was sent to */
	bool often;       /* asked again and again: one line an hour says so */
	bool urgent;      /* of an alert that runs: given even when no line can be written */
};

struct session_account {
	struct id id, room;
	uint32_t roles;
	struct str login, name;   /* arena */
	struct str password_hash; /* only from reader_login */
};
/* -ENOENT when there is no such session, login, or it is over. */
int reader_session(struct reader *r, struct arena *arena, struct str token, int64_t now_ms,
		   struct session_account *ret_account);
int reader_login(struct reader *r, struct arena *arena, struct str login,
		 struct session_account *ret_account);
/* HTTP devices: whether the secret is the device's; its id. -ENOENT. */
int reader_device_credential(struct reader *r, enum protocol protocol, struct str ident,
			     struct str secret, struct id *ret_device);

/* A telephone: what it is told when the secret is its own. -ENOENT. */
struct phone_facts {
	struct id alert; /* open of it or of its wearer, ID_NONE */
	bool silent;     /* nothing may be heard of it */
	bool no_sound;   /* none is taken of it, whatever the administration takes of others */
	bool has_pins;   /* the official has chosen their codes */
	bool follows; /* it did not call for `alert`: nothing was heard at the end of its visit */
	struct str visit; /* JSON, what it knows of; STR_NONE: none. In the arena */
};
int reader_phone(struct reader *r, struct arena *arena, struct id device, struct str secret,
		 struct phone_facts *ret_facts);
/* The same of one whose secret was checked. */
int reader_phone_facts(struct reader *r, struct arena *arena, struct id device,
		       struct phone_facts *ret_facts);

typedef int reader_question(struct reader *r, struct arena *arena,
			    const struct session_account *who, int64_t now_ms,
			    const struct question *question, struct answer *ret_answer);
struct question {
	struct id subject;    /* alert; reader_journal: what the lines are about */
	struct id part;       /* reader_clip: the clip of the alert in `subject` */
	struct id actor;      /* reader_journal: the account that did it */
	struct id person;     /* reader_journal: the official, and what is theirs */
	enum entry_kind kind; /* reader_journal: what was done; ENTRY_NONE */
	int64_t ref; /* the alert, when subject is none: reader_control_alert, reader_journal */
	struct str token;       /* links */
	struct str text;        /* reader_call_search, reader_counter_people: words */
	struct str state;       /* "open", "closed"; reader_import_changes: the kind of import */
	struct str scope;       /* reader_import_changes: and what part of the territory */
	struct str commune;     /* reader_territory: INSEE code; or a place */
	int32_t lat_e7, lon_e7; /* when `has_place` */
	bool has_place;
	struct str name; /* reader_mandates, reader_communes, reader_counter_units */
	int64_t before, after;
	int64_t since_ms, until_ms; /* reader_journal: the second excluded; 0: no bound */
	int limit;
	const struct device_presence *presence; /* which devices are connected now; may be NULL */
	const char *watch_listening_refused;    /* reader_alert: why, in French; NULL */
	const char
		*hearing_refused; /* reader_clip too: the same of sound, while the alert is open */
	bool may_record;
	const struct id *listeners; /* reader_alert: accounts that hear the alert now */
	size_t listener_count;
};
/* Sorted ids of devices whose own connection is up: a snapshot made by the loop for one question.
 */
struct device_presence {
	const struct id *connected;
	size_t count;
};

/* Sound of an alert: 0, or -ENOENT when there is no such alert, or `who` (NULL: the house) may not
 * read it. */
int reader_hear(struct reader *r, struct arena *arena, const struct session_account *who,
		struct id alert, bool *ret_open);
/* Whether the alert is open and has sound. 0 or -errno. */
int reader_has_live_sound(struct reader *r, struct arena *arena, struct id alert, bool may_record,
			  bool *ret_live);
/* Its database, for files that are sealed with its keys. */
struct vault;
struct vault *reader_vault(struct reader *r);

reader_question reader_session_json, reader_alerts, reader_alert, reader_trail, reader_units,
	reader_devices;
/* A call to 17: to who has taken it, whose it is. */
reader_question reader_call;
/* Who may be calling: `text`; for who has taken the call in `subject`. */
reader_question reader_call_search;
/* Which commune and which unit, for a position or a commune; egidectl asks too (`who` NULL), and
 * without either learns what is loaded. */
reader_question reader_territory;
/* The register of elected officials, by commune and name: for the counter. */
reader_question reader_mandates;
reader_question reader_communes; /* this one and two more: reader_counter.c */
reader_question reader_counter_units;
reader_question reader_counter_people;
/* egidectl: what the edition `after` of the kind `state` would change. */
reader_question reader_import_changes;
/* A voice clip as the watch recorded it. */
reader_question reader_clip;
/* Auditors only: lines; officials by the beginnings of words in `text`, to look for theirs. */
reader_question reader_journal, reader_journal_people;
/*
 * The lines an auditor takes away: *ret_filter, newest first, no more than may be taken at once.
 * ret_answer: why not, or what the line of the journal about it names. */
struct journal_filter;
struct buf;
int reader_journal_selection(struct reader *r, struct arena *arena,
			     const struct session_account *who, const struct question *question,
			     struct journal_filter *ret_filter, struct answer *ret_answer);
/* The same lines as reader_journal shows them, no further than they reach now: filter->before is
 * set. -EFBIG: they have become too many. */
int reader_journal_selected(struct reader *r, struct journal_filter *filter, struct buf *out);
/* The feed's message about the unverified lane, whole; `who` and question are NULL. */
reader_question reader_lane;
/* Links: `who` is NULL. Reading changes nothing. */
reader_question reader_follow, reader_patrol, reader_term;
/* egidectl over the control socket: `who` is NULL, everything, the last `limit` lines of each list.
 */
reader_question reader_control_alerts, reader_control_alert;
/* A device as the administrator names it: its id, or PROTOCOL:IDENT. -ENOENT. */
int reader_device(struct reader *r, struct str text, struct id *ret_device);

#endif
