/*
 * Inside service/: one turn of the executor. Handlers read and write through `vault`, and put the
 * journal entries of their command here; the executor numbers them, commits, publishes.
 */
#ifndef SERVICE_WORK_H
#define SERVICE_WORK_H

#include "core/ladder.h"
#include "service/command.h"
#include "service/executor.h"
#include "store/journal.h"
#include "store/vault.h"

struct atlas;
struct directory;
struct flood;

enum date_change { DATE_SAME, DATE_DOUBTED, DATE_CONFIRMED };

struct work {
	struct vault *vault;
	struct db *db; /* vault_db(vault) */
	const struct ladder *ladder;
	const struct service_options *options;
	int64_t now_ms, boot_ms;
	int64_t date_seen_ms;         /* the latest that was believed */
	bool date_is_believed;        /* now_ms is, by what cannot be undone (core/date.h) */
	bool doubt_is_told;           /* the journal and the log have it */
	enum date_change date_change; /* taken over once it is committed */
	struct arena *arena;          /* of this group: dies after the commit */

	struct entry *entries;            /* of this group, in order */
	struct publication_draft *drafts; /* beside each entry: who may see it, what a card says */
	size_t entry_count, entry_cap;
	bool outbox_changed, lane_changed; /* whom to wake after the commit */
	int64_t soonest_deadline_ms;       /* of those set; INT64_MAX: none was */
	struct directory *directory;       /* names of units and accounts, executor's copy */
	struct flood *flood;               /* counts frames of unknown sources; reports.c */
	struct atlas *atlas;               /* held for this group; NULL: none is loaded */
};

/* What publishing an entry needs beyond the entry itself. */
struct publication_draft {
	struct id rooms[ALERT_MAX_ROOMS];
	unsigned room_count;     /* 0: not for consoles (audit) */
	struct str actor_name;   /* arena, may be empty */
	struct str card;         /* JSON of the alert after the command; arena, may be empty */
	struct command *command; /* which command made it: its outcome.number is set */
};

/* Appends an entry of `command`; body: JSON in the arena, or STR_NONE. Returns its draft, to fill
 * in. */
struct publication_draft *work_entry(struct work *w, struct command *command, enum entry_kind kind,
				     struct id subject, struct id target, struct id dossier,
				     struct str body);

/* Moves a text that was built into the group's arena, and empties the buffer. */
struct str work_keep(struct work *w, struct buf *b);
/* Whether the actor's same command, named by key, came within a day; *ret_made: what it was about
 * then. Without a key each is new. */
int work_is_new(struct work *w, const struct command *command, struct str key, bool *ret_is_new,
		struct id *ret_made);
/* A body with one text. */
struct str work_one_text(struct work *w, const char *key, struct str text);

/*
 * A handler: 0, or −errno of storage (the group is rolled back and the command is tried again
 * alone, then answered "unavailable"). Refusals are not errors: command_refuse and return 0, having
 * written nothing.
 */
typedef int work_handler(struct work *w, struct command *command);

work_handler handle_report;                                  /* reports.c */
work_handler handle_voice;                                   /* voice.c */
work_handler handle_alert, handle_timer;                     /* alerts.c */
work_handler handle_test_alert;                              /* test_alerts.c */
work_handler handle_link, handle_term;                       /* links.c */
work_handler handle_message, handle_receipt, handle_inbound; /* messages.c */
work_handler handle_session_open, handle_session_close, handle_session_refused, handle_read,
	handle_exported, handle_bulk, handle_recorded;   /* sessions.c */
work_handler handle_factor_begin, handle_factor_confirm; /* second_factor.c */
work_handler handle_enrolment;                           /* enrolment.c */
work_handler handle_location;                            /* locations.c */
work_handler handle_switch, handle_call;                 /* emergency_calls.c */
work_handler handle_merge;                               /* merges.c */
work_handler handle_handover;                            /* handover.c */
work_handler handle_keep;                                /* keeping.c */
work_handler handle_code, handle_pins;                   /* codes.c */
work_handler handle_announce, handle_extend;             /* visits.c */
work_handler handle_housekeeping;
work_handler handle_admin; /* admin.c */

#endif
