/* Inside api/: a request from its first byte to its answer. */
#ifndef API_API_PRIVATE_H
#define API_API_PRIVATE_H

#include <jansson.h>

#include "api/api.h"
#include "api/limiter.h"
#include "base/map.h"

struct console;
struct hearer;
struct talker;
struct request;
struct pages;

/* Who may use a route; what they may do there is core/access's to say, further in. */
enum who {
	WHO_ANYONE,
	WHO_ACCOUNT,
	WHO_LINK,
	WHO_OFFICIAL, /* with their own file open */
	WHO_DEVICE,
	WHO_LOOPBACK,
	WHO_KANNEL,
	WHO_SWITCH,
	WHO_AML
};

/* A route answers in one of three ways: a question for a reader, a command for the executor, or by
 * itself. */
struct route {
	enum http_method method;
	const char *pattern; /* "/api/alerts/{id}/claim" */
	enum who who;
	reader_question *question;
	struct command *(*command)(
		struct request *q); /* NULL: it has answered already (bad body) */
	void (*by_itself)(struct request *q, const struct http_request *r);
	int status;                          /* of success */
	const char *summary, *body, *answer; /* for the description: French, schema names */
	const char *query;                   /* "state limit": what the query may say */
};
extern const struct route routes[];
extern const size_t route_count;

enum { MAX_PARAMETERS = 2, ALLOW_SIZE = 64 };

struct request {
	struct job job;
	struct api *api;
	const struct route *route;
	uint64_t http;
	struct arena arena;
	struct address peer;
	bool secure;
	struct str parameters[MAX_PARAMETERS]; /* of the pattern, in order */
	struct str query;
	struct str token; /* of the session's cookie */
	struct str key;   /* Idempotency-Key */
	struct str raw_body;
	json_t *body; /* an object, or NULL */
	struct session_account who;
	struct question question;
	struct answer answer;
	struct backlog backlog; /* show_metrics */
	int error;
	struct str password, code, new_token; /* sessions.c */
	enum verb login_verb;
	bool password_ok;
};

/* Whose sockets: consoles of the feed, who listens, who talks. */
enum guest_kind { GUEST_CONSOLE, GUEST_HEARER, GUEST_TALKER, GUEST_KINDS };

struct api {
	struct api_options options;
	struct http_server *http;
	struct feed *feed;
	struct pages *pages;
	struct limiter *own_codes;
	struct limiter *login_sources, *login_names, *link_guesses, *link_readings, *list_readings,
		*sound_readings;
	struct buf description;
	char *security_policy; /* Content-Security-Policy */
	struct guest *guests[GUEST_KINDS];
	struct sound *sound;
	struct timer *sound_tick;
	struct timer *recheck;    /* of the guests' sessions */
	struct timer *lane_timer; /* the lane of unknown devices is sent when it is due */
	bool lane_asked;
	bool is_exporting;           /* evidence.c */
	struct map opened, searched; /* bulk.c */
};

/* --- match.c */
/* NULL: no such path, or only for the methods listed in ret_allow ("" otherwise). HEAD is GET. */
const struct route *route_find(enum http_method method, struct str path,
			       struct str parameters[MAX_PARAMETERS], char ret_allow[ALLOW_SIZE]);
/* Whether a page of that Origin is one of those this Host serves. */
bool origin_is(struct str origin, struct str host, bool secure);

/* --- bulk.c */
enum bulk {
	BULK_FILES,  /* opened: of what is over, of the registry */
	BULK_PEOPLE, /* shown by a search */
	BULK_LISTED, /* shown by a list of what is to be done */
	BULK_CALL,   /* opened for one call */
	BULK_KINDS,
};
/* Whether the account must wait for a second person before these are given. Counts them when not,
 * says it in the journal when so. */
bool bulk_is_held(struct request *q, enum bulk kind, const struct id *ids, unsigned count);
/* People that a search shows for a call: counted as well, but the first of a call are given. */
bool bulk_is_held_of_call(struct request *q, struct id call, const struct id *ids, unsigned count);
/* More were identified for one call than a second person need not know of. */
void bulk_hold_call(struct request *q);
void bulk_answer_held(struct request *q, enum bulk kind); /* what is answered then */
void bulk_free(struct api *a);

/* --- voice.c */
reader_question clip_question;

/* --- request.c */
void request_free(struct request *q);
/* Answers. Each ends the request. */
void answer_json(struct request *q, int status, struct str json);
void answer_empty(struct request *q, int status);
/* RFC 9457; in arena. */
struct str problem_json(struct arena *arena, enum problem problem, struct str detail,
			struct str field);
void answer_problem(struct request *q, enum problem problem, struct str detail, struct str field);
void answer_session_needed(struct request *q);
void answer_too_many(struct request *q, int retry_after_s);
void answer_with(struct request *q, int status, struct str type, struct str body,
		 const char *header, const char *value);
void answer_outcome(struct request *q, const struct command *command);
/* A command of this request's account, whose end answers it. */
struct command *request_command(struct request *q, enum verb verb);
void request_submit(struct request *q, struct command *command);
/* Links and codes that are guessed, by source. False: answered already. */
bool may_guess(struct request *q);
void count_guess(struct request *q);
void forgive_guess(struct request *q);
/* Starts it: session, question, command, as its route says. */
void request_start(struct request *q);
struct actor request_actor(const struct request *q);

/* --- body.c: fields of the body. False: answered already, naming the field. */
bool body_only(struct request *q, const char *const *names); /* NULL-terminated */
bool body_empty(struct request *q);                          /* no field at all */
bool body_text(struct request *q, const char *name, bool needed, size_t max, struct str *ret_text);
bool body_id(struct request *q, const char *name, struct id *ret_id);
bool body_int(struct request *q, const char *name, int64_t min, int64_t max, int64_t *ret_value);
/* The n-th {…} of the path. */
bool path_id(struct request *q, int n, struct id *ret_id);

/* --- what the table names */
typedef struct command *make_command(struct request *q);
make_command seal_command, unseal_command;
make_command merge_command, unmerge_command;
make_command offer_command, withdraw_command, accept_command, release_command, accept_call_command;
make_command claim_command, take_over_command, dispatch_command, note_command, mark_command,
	close_command, reopen_command, ask_contact_command, revoke_link_command,
	cancel_dispatch_command, test_alert_command, follow_answer_command, patrol_state_command,
	ask_device_command, switch_command, claim_call_command, identify_call_command,
	join_call_command, invite_command, find_draft_command, activate_command, close_call_command,
	terms_command, confirm_term_command, prolong_term_command, end_term_command,
	term_answer_command, requests_command, correct_command, leave_command, file_command,
	change_file_command, telephone_command, withdraw_telephone_command, holds_command,
	settle_hold_command;
typedef void answer_itself(struct request *q, const struct http_request *r);
answer_itself open_session, begin_factor, confirm_factor, close_session, close_sessions,
	show_configuration, show_description, show_health, show_metrics, take_receipt, take_inbound,
	take_osmand, take_owntracks, open_feed, enrol_phone, open_phone, open_sound, open_talk,
	show_audio, show_recording, show_evidence, export_journal, show_held, confirm_held,
	take_aml, open_draft, save_draft, ask_own_code, open_own, open_own_by_phone, close_own,
	show_own, show_own_readings, take_own_copy, correct_own, correct_own_not, withdraw_consent,
	go_on_with_term, ask_to_leave, ask_to_stay;

/* Why nobody hears a telephone while its alert is open, in French; NULL: they may. */
const char *hearing_refused(const struct api *a);
/* The same of listening to a watch. */
const char *watch_listening_refused(const struct api *a);

/*
 * --- guest.c: the socket of an account. It is accepted first, then its session (and the alert it
 * is about) is looked up; nothing is sent before that. While it stays that is looked at again each
 * 30 s: a session that ended elsewhere (another node, its time, egidectl) ends it within this.
 */
struct admission {
	struct job job;
	struct api *api;
	uint64_t socket;
	struct arena arena;
	struct str token;
	struct id alert;
	struct session_account who;
	int session_error, alert_error;
	bool open;
};

/* Embed it as the first member; made by xcalloc. */
struct guest {
	struct api *api;
	uint64_t socket;
	struct guest *next, **at; /* of its kind */
	struct str token;
	struct id alert;  /* ID_NONE: it is about none */
	struct actor who; /* once joined */
	bool joined, looking;
	void (*admit)(struct guest *g, struct websocket *w, const struct admission *m);
};

struct guest_socket {
	struct websocket_handlers handlers; /* on_close frees it: guest_free */
	size_t max_message_bytes, max_backlog_bytes;
	int ping_s;
	/* What was found: at the beginning, and each time it was looked at again. */
	void (*admit)(struct guest *g, struct websocket *w, const struct admission *m);
};

/* Ends the request. Frees the guest when its socket is refused. */
void guest_open(struct guest *g, enum guest_kind kind, struct request *q,
		const struct http_request *r, const struct guest_socket *how);
void guest_free(struct guest *g);
/* Ends what that session opened, all that the account has open: code 4401. */
void guests_end_session(struct api *a, struct str token);
void guests_end_account(struct api *a, struct id account);
void guests_start(struct api *a); /* looking again */

/* --- pages.c */
int pages_load(const char *folder, struct pages **ret_pages);
void pages_free(struct pages *p);
/* Answers a GET or HEAD outside /api; false: no such page. */
bool pages_answer(struct api *a, const struct http_request *r);
void security_headers(const struct api *a, bool secure, const char **headers, size_t *count);

/* --- sound_socket.c */
int sound_socket_new(struct api *a);
/* The accounts that listen to the alert now, each once; how many. */
enum { HEARERS_NAMED = 32 };
size_t sound_hearers(const struct api *a, struct id alert, struct id *list, size_t cap);
/* What was committed: the sound of alerts that were closed ends, of those reopened goes on. */
void sound_follow(struct api *a, const struct batch *batch);

/* --- talk_socket.c */
/* Something of the alert changed that may forbid it. */
void talk_end(struct api *a, struct id alert);

/* --- feed_socket.c */
void feed_socket_new(struct api *a);

#endif
