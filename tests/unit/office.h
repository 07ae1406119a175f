/* A whole service on the database under test, run on the calling thread: for tests of
 * administration and sessions. */
#ifndef TESTS_UNIT_OFFICE_H
#define TESTS_UNIT_OFFICE_H

#include "registry.h"
#include "service/command.h"
#include "service/executor.h"

void office_open(void);
void office_close(void); /* frees every command that was run */
void office_crash(void); /* drops the service with all it knows, and opens the database again */
/* Ends the service and starts one whose ladder.json was edited meanwhile. */
void office_restart(const struct ladder *ladder);
struct vault *office_vault(void);
const char *office_sound_folder(void); /* made by the first track that is opened in it */
struct reader *office_reader(void);    /* its own connection; opened once, closed by office_close */

/* What the clock says: TEST_NOW_MS when an office opens. */
extern int64_t office_now_ms;

/* Carries the command out; it lives until office_close. */
struct command *office_run(struct command *command);
/* Each category and the rest, once. Whether something went, and there may be more. */
bool office_keep_house(void);
/* How far the clock has been set ahead since the machine began. */
extern int64_t office_ahead_ms;
/* What could not go, the last time. */
extern int office_failed;
/* All in one group, on the executor's own thread and at the time it is; then crashes. */
void office_run_together(struct command **list, size_t count);
/* What the last command or group published, in order; lives until the next one. */
const struct publication *office_published(void);
/* An administration command, by the control socket or by an account with these roles. */
struct command *office_control(const char *name, const char *json);
struct command *office_account(uint32_t roles, const char *name, const char *json);
struct command *office_as(struct actor actor, const char *name, const char *json);
/* The text of a key of the answer; "" when there is none. Lives until office_close. */
const char *office_answer(struct command *command, const char *key);
struct id
office_id(struct command *command); /* "id" of the answer; the command must have succeeded */

/* Last number of the journal, and how many rows the registry has: unchanged by what is refused. */
int64_t office_journal(void);
int64_t office_rows(void);

/* A room, a brigade of it, and an official of that brigade: where most tests begin. */
struct id office_room(void);
struct id office_brigade(void);
struct id office_official(void);

#endif
