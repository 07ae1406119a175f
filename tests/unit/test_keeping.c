/* What is kept of an alert's sound: two persons seal it, what nobody sealed is deleted in time. */
#include "databases.h"
#include "town.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "service/case.h"
#include "service/keeping.h"
#include "store/clips.h"
#include "store/keeping.h"
#include "store/track.h"
#include "store/track_erase.h"

enum { DAY_MS = 24 * 3600 * 1000, DAYS = 30 }; /* of office.c's options */

static const char *folder(void)
{
	return office_sound_folder();
}

static struct command *recorded(struct id alert)
{
	struct command *c = command_new(VERB_RECORDED, (struct actor){.kind = ACTOR_SYSTEM});

	c->subject = alert;
	c->text = command_keep(c, STR("{\"live\":{\"pages\":1},\"backfill\":{\"pages\":0}}"));
	return office_run(c);
}

static struct command *keep(struct actor who, struct id alert, bool seal)
{
	struct command *c = command_new(VERB_KEEP, who);

	c->subject = alert;
	c->as.keep.seal = seal;
	c->text = command_keep(c, STR("Enquête en cours"));
	return office_run(c);
}

static void keep_house(void)
{
	office_keep_house();
	assert_int_equal(office_failed, 0);
}

static enum keeping_state state_of(struct id alert)
{
	struct keeping k;

	assert_int_equal(keeping_load(office_vault(), alert, &k), 0);
	return k.state;
}

static void write_page(struct id alert)
{
	struct track_name name = {folder(), alert, TRACK_LIVE};
	struct track *track;

	assert_int_equal(track_open(office_vault(), &name, &track), 0);
	assert_int_equal(track_append(track, office_vault(), STR("a second of sound")), 0);
	assert_int_equal(track_sync(track), 0);
	track_close(track);
}

static bool is_there(struct id alert, const char *suffix)
{
	char text[ID_TEXT_SIZE], path[600];
	struct stat st;

	id_print(alert, text);
	snprintf(path, sizeof(path), "%s/%s%s", folder(), text, suffix);
	return !stat(path, &st);
}

static enum track_fate fate_of(void *context, struct id alert)
{
	struct keeping k;

	return !keeping_load(context, alert, &k) && k.state == KEEPING_DELETED ? TRACK_IS_CONDEMNED
									       : TRACK_GOES_BACK;
}

static void erase(void)
{
	assert_int_equal(track_judge_all(folder(), fate_of, office_vault()), 0);
	assert_int_equal(track_erase_all(folder()), 0);
}

/* An alert with a page of sound and a clip, closed now. */
static struct id closed_alert(void)
{
	struct id alert = town_alert(), clip;
	struct clip_part part = {.alert = alert,
				 .name = STR("1"),
				 .part = 1,
				 .parts = 1,
				 .at_ms = office_now_ms,
				 .sound = STR("#!AMR\n")};
	bool is_new;
	int have;

	write_page(alert);
	assert_int_equal(clip_part_add(office_vault(), &part, &clip, &is_new, &have), 0);
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE));
	assert_done(recorded(alert));
	return alert;
}

static void test_what_nobody_sealed_goes_thirty_days_after_the_closing(void **state)
{
	const char *body;
	struct id alert;

	town_open();
	alert = closed_alert();
	office_now_ms += DAYS * (int64_t)DAY_MS - 1;
	keep_house();
	assert_int_equal(state_of(alert), KEEPING_FREE);
	office_now_ms += 1;
	keep_house();
	assert_int_equal(state_of(alert), KEEPING_DELETED);
	assert_int_equal(town_count("clip"), 0);
	assert_int_equal(town_entries(alert, ENTRY_SOUND_DELETED, &body), 1);
	assert_string_equal(body, "{\"days\":30,\"recording\":true,\"clips\":1}");
	assert_false(is_there(alert, ""));
	assert_true(is_there(alert, ".deleted"));
	erase();
	assert_false(is_there(alert, ".deleted"));
	keep_house();
	assert_int_equal(town_entries(alert, ENTRY_SOUND_DELETED, &body), 1);
	town_close();
}

static void test_one_person_does_not_seal_and_two_do(void **state)
{
	const char *body;
	struct id alert;

	town_open();
	alert = closed_alert();
	assert_done(keep(town.alice, alert, true));
	assert_refused(keep(town.alice, alert, true), PROBLEM_CONFLICT,
		       "Vous l'avez demandé : une autre personne doit confirmer.");
	assert_int_equal(state_of(alert), KEEPING_SEAL_ASKED);
	assert_done(keep(town.bruno, alert, true));
	assert_refused(keep(town.chief, alert, true), PROBLEM_CONFLICT, "C'est déjà le cas.");
	assert_int_equal(town_entries(alert, ENTRY_SEALED, &body), 1);
	assert_string_equal(body, "{\"reason\":\"Enquête en cours\"}");
	office_now_ms += 400 * (int64_t)DAY_MS;
	keep_house();
	assert_int_equal(state_of(alert), KEEPING_SEALED);
	assert_true(is_there(alert, ""));
	/* The same two are enough to open it again; then the days have long been over. */
	assert_done(keep(town.bruno, alert, false));
	keep_house();
	assert_int_equal(state_of(alert), KEEPING_UNSEAL_ASKED);
	assert_refused(keep(town.bruno, alert, false), PROBLEM_CONFLICT,
		       "Vous l'avez demandé : une autre personne doit confirmer.");
	assert_done(keep(town.alice, alert, false));
	keep_house();
	assert_int_equal(state_of(alert), KEEPING_DELETED);
	assert_refused(keep(town.alice, alert, true), PROBLEM_CONFLICT,
		       "Le son de cette alerte a été supprimé.");
	town_close();
}

static void test_a_request_does_not_stop_the_clock_and_can_be_withdrawn(void **state)
{
	const char *body;
	struct id alert;

	town_open();
	alert = closed_alert();
	assert_done(keep(town.alice, alert, true));
	assert_done(keep(town.bruno, alert, false));
	assert_int_equal(town_entries(alert, ENTRY_SEAL_WITHDRAWN, &body), 1);
	assert_done(keep(town.bruno, alert, true));
	office_now_ms += DAYS * (int64_t)DAY_MS;
	keep_house();
	assert_int_equal(state_of(alert), KEEPING_DELETED);
	town_close();
}

static void test_a_reopened_alert_keeps_its_sound_until_it_is_closed_again(void **state)
{
	struct id alert;

	town_open();
	alert = closed_alert();
	office_now_ms += 29 * (int64_t)DAY_MS;
	assert_done(town_event(town.alice, alert, "Nouvel élément", EVENT_REOPEN));
	office_now_ms += 29 * (int64_t)DAY_MS;
	keep_house();
	assert_int_equal(state_of(alert), KEEPING_FREE);
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE));
	office_now_ms += DAYS * (int64_t)DAY_MS - 1;
	keep_house();
	assert_int_equal(state_of(alert), KEEPING_FREE);
	office_now_ms += 1;
	keep_house();
	assert_int_equal(state_of(alert), KEEPING_DELETED);
	/* What is said afterwards is new sound. */
	assert_done(town_event(town.alice, alert, "Encore", EVENT_REOPEN));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE));
	assert_done(recorded(alert));
	assert_int_equal(state_of(alert), KEEPING_FREE);
	town_close();
}

static void test_other_rooms_cannot_tell_it_from_what_does_not_exist(void **state)
{
	struct id alert, none;

	town_open();
	none = town.room;
	alert = closed_alert();
	assert_refused(keep(town.nadia, alert, true), PROBLEM_NOT_FOUND, case_not_found);
	assert_refused(keep(town.alice, none, true), PROBLEM_NOT_FOUND, case_not_found);
	town_close();
}

static void test_a_crash_before_the_commit_puts_the_recording_back(void **state)
{
	struct id alert;
	bool was_there;

	town_open();
	alert = closed_alert();
	assert_int_equal(track_set_aside(folder(), alert, &was_there), 0);
	assert_true(was_there);
	office_crash();
	erase();
	assert_true(is_there(alert, ""));
	assert_false(is_there(alert, ".deleted"));
	town_close();
}

static enum track_fate cannot_say(void *context, struct id alert)
{
	return TRACK_STAYS_ASIDE;
}

static void test_what_the_database_cannot_judge_stays_aside(void **state)
{
	struct id alert;

	town_open();
	alert = closed_alert();
	office_now_ms += DAYS * (int64_t)DAY_MS;
	keep_house();
	assert_int_equal(track_judge_all(folder(), cannot_say, NULL), 0);
	assert_int_equal(track_erase_all(folder()), 0);
	assert_false(is_there(alert, ""));
	assert_true(is_there(alert, ".deleted"));
	erase();
	assert_false(is_there(alert, ".deleted"));
	assert_false(is_there(alert, ".erased"));
	town_close();
}

/* The server fell between the line and the erasing, and the alert is reopened and speaks again. */
static void test_new_sound_does_not_bring_back_what_was_deleted(void **state)
{
	struct id alert;

	town_open();
	alert = closed_alert();
	office_now_ms += DAYS * (int64_t)DAY_MS;
	keep_house();
	assert_done(town_event(town.alice, alert, "Encore", EVENT_REOPEN));
	assert_done(recorded(alert));
	assert_int_equal(state_of(alert), KEEPING_FREE);
	erase();
	assert_false(is_there(alert, ""));
	assert_false(is_there(alert, ".deleted"));
	assert_false(is_there(alert, ".erased"));
	town_close();
}

/* The server fell before it wrote the line of the sound, and does not record any more. */
static void test_a_recording_without_a_line_gets_its_date(void **state)
{
	struct id alert;
	struct keeping k;

	town_open();
	alert = town_alert();
	write_page(alert);
	assert_int_equal(keeping_adopt(office_vault(), DAYS, office_now_ms, alert), 0);
	assert_int_equal(keeping_load(office_vault(), alert, &k), 0);
	assert_int_equal(k.delete_at_ms, TIME_NONE);
	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	assert_done(
		town_event(town.alice, alert, NULL, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE));
	assert_done(keep(town.alice, alert, true));
	assert_int_equal(keeping_adopt(office_vault(), DAYS, office_now_ms, alert), 0);
	assert_int_equal(state_of(alert), KEEPING_SEAL_ASKED);
	assert_int_equal(keeping_adopt(office_vault(), DAYS, office_now_ms, town.room), -ENOENT);
	office_now_ms += DAYS * (int64_t)DAY_MS;
	keep_house();
	assert_int_equal(state_of(alert), KEEPING_DELETED);
	town_close();
}

static void test_who_asks_says_why(void **state)
{
	struct id alert;
	struct command *c;

	town_open();
	alert = closed_alert();
	c = command_new(VERB_KEEP, town.alice);
	c->subject = alert;
	c->as.keep.seal = true;
	assert_refused(office_run(c), PROBLEM_INVALID, "Un motif est nécessaire pour le demander.");
	assert_int_equal(state_of(alert), KEEPING_FREE);
	town_close();
}

static void test_nothing_readable_is_left_of_a_deleted_file(void **state)
{
	char text[ID_TEXT_SIZE], path[600], other[620], bytes[512];
	struct id alert;
	FILE *file;
	size_t len;

	town_open();
	alert = closed_alert();
	id_print(alert, text);
	snprintf(path, sizeof(path), "%s/%s/live", folder(), text);
	/* Another name of the same bytes, to look at them once the first is gone. */
	snprintf(other, sizeof(other), "%s.kept", folder());
	assert_int_equal(link(path, other), 0);
	office_now_ms += DAYS * (int64_t)DAY_MS;
	keep_house();
	erase();
	file = fopen(other, "r");
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	unlink(other);
	assert_true(len > 12);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(bytes[i], 0);
	town_close();
}

static bool file_holds(const char *path, struct str bytes)
{
	FILE *file = fopen(path, "r");
	struct buf all = BUF_INIT;
	bool found;

	assert_non_null(file);
	while (!feof(file))
		all.len += fread(buf_reserve(&all, 65536), 1, 65536, file);
	fclose(file);
	found = memmem(all.ptr, all.len, bytes.ptr, bytes.len) != NULL;
	buf_fini(&all);
	return found;
}

/* The database's file, once its log is copied into it and cut to nothing, as at each start. */
static bool database_holds(struct str bytes)
{
	struct db *checkpointer;
	char log[600];
	bool found;

	assert_int_equal(db_open_checkpointer(vault_db(office_vault()), &checkpointer), 0);
	db_close(checkpointer);
	snprintf(log, sizeof(log), "%s-wal", sqlite_path);
	found = file_holds(sqlite_path, bytes);
	return file_holds(log, bytes) || found;
}

SQL(clip_body, "SELECT body FROM clip");

static void test_not_even_the_sealed_bytes_of_a_clip_are_left_in_the_file(void **state)
{
	struct buf sealed = BUF_INIT;
	struct query *q;
	struct db *db;

	town_open();
	closed_alert();
	db = open_other(DB_READER);
	q = db_query(db, &clip_body);
	assert_int_equal(query_step(q), 1);
	buf_add_str(&sealed, column_blob(q, 0));
	db_done(q);
	db_close(db);
	assert_true(database_holds(buf_str(&sealed)));
	office_now_ms += DAYS * (int64_t)DAY_MS;
	keep_house();
	assert_false(database_holds(buf_str(&sealed)));
	buf_fini(&sealed);
	town_close();
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_BOTH, test_what_nobody_sealed_goes_thirty_days_after_the_closing),
		on(ON_BOTH, test_one_person_does_not_seal_and_two_do),
		on(ON_BOTH, test_a_request_does_not_stop_the_clock_and_can_be_withdrawn),
		on(ON_BOTH, test_a_reopened_alert_keeps_its_sound_until_it_is_closed_again),
		on(ON_BOTH, test_other_rooms_cannot_tell_it_from_what_does_not_exist),
		on(ON_BOTH, test_a_crash_before_the_commit_puts_the_recording_back),
		on(ON_BOTH, test_what_the_database_cannot_judge_stays_aside),
		on(ON_BOTH, test_new_sound_does_not_bring_back_what_was_deleted),
		on(ON_BOTH, test_a_recording_without_a_line_gets_its_date),
		on(ON_BOTH, test_who_asks_says_why),
		on(ON_BOTH, test_nothing_readable_is_left_of_a_deleted_file),
		on(ON_SQLITE, test_not_even_the_sealed_bytes_of_a_clip_are_left_in_the_file),
	};

	return run_on_databases("keeping", tests, ARRAY_LEN(tests), db_migrate);
}
