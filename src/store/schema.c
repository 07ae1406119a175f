/*
 * The tables, as numbered migrations; forward only. One SQL text for SQLite and PostgreSQL: BIGINT,
 * TEXT and blob only; booleans are 0 and 1; times are milliseconds UTC; ids are 16-byte blobs.
 * INTEGER PRIMARY KEY and WITHOUT ROWID spare SQLite a second tree a table, written at each
 * insertion; migrate.c takes them out for PostgreSQL. A column named body, face, phone… of type
 * blob holds a sealed value (crypto/seal.h).
 */
#include "store/journal.h"
#include "store/journal_nodes.h"
#include "store/migrate.h"
#include "store/vault.h"

#include <stddef.h>

static const char *const first[] = {
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",

	/* The journal's single head: locked just before a commit, so order of numbers = order of
	   commits. */
	"CREATE TABLE journal_head (id INTEGER PRIMARY KEY, epoch BIGINT NOT NULL, number BIGINT "
	"NOT NULL,"
	" frontier blob NOT NULL)",
	/* salt and body go when an entry is purged; body_hash and leaf stay, so the tree still
	   verifies. */
	"CREATE TABLE journal (number INTEGER PRIMARY KEY, epoch BIGINT NOT NULL, at_ms BIGINT NOT "
	"NULL,"
	" kind BIGINT NOT NULL, list BIGINT NOT NULL, subject blob, actor_kind BIGINT NOT NULL, "
	"actor blob,"
	" target blob, salt blob, body blob, body_hash blob NOT NULL, leaf blob NOT NULL)",
	"CREATE INDEX journal_subject ON journal (subject, list, number)",

	/* One data key a dossier (an official, an alert, the house itself), wrapped by a master
	   key. */
	"CREATE TABLE data_key (id blob PRIMARY KEY, wrapped blob NOT NULL) WITHOUT ROWID",

	"CREATE TABLE unit (id blob PRIMARY KEY, kind BIGINT NOT NULL, name TEXT NOT NULL, room "
	"blob,"
	" neighbour blob, second blob, zone blob, phone blob, duty_phone blob, lat_e7 BIGINT, "
	"lon_e7 BIGINT,"
	" available BIGINT NOT NULL, version BIGINT NOT NULL) WITHOUT ROWID",
	"CREATE UNIQUE INDEX unit_name ON unit (name)",

	"CREATE TABLE account (id blob PRIMARY KEY, login TEXT NOT NULL UNIQUE, name blob NOT NULL,"
	" password TEXT NOT NULL, roles BIGINT NOT NULL, room blob, disabled BIGINT NOT NULL,"
	" created_at BIGINT NOT NULL, version BIGINT NOT NULL) WITHOUT ROWID",
	"CREATE TABLE session (token blob PRIMARY KEY, account blob NOT NULL, created_at BIGINT "
	"NOT NULL,"
	" seen_at BIGINT NOT NULL, expires_at BIGINT NOT NULL) WITHOUT ROWID",
	"CREATE INDEX session_account ON session (account)",

	/* The dossier's data key has the official's id. unit: the competent one, kept clear. */
	"CREATE TABLE official (id blob PRIMARY KEY, unit blob, body blob NOT NULL,"
	" created_at BIGINT NOT NULL, version BIGINT NOT NULL) WITHOUT ROWID",
	"CREATE TABLE official_number (number blob NOT NULL, official blob NOT NULL,"
	" PRIMARY KEY (number, official)) WITHOUT ROWID",
	"CREATE INDEX official_number_official ON official_number (official)",
	"CREATE TABLE contact (id blob PRIMARY KEY, official blob NOT NULL, rank BIGINT NOT NULL,"
	" body blob NOT NULL, number blob NOT NULL, accepted_at BIGINT, version BIGINT NOT NULL) "
	"WITHOUT ROWID",
	"CREATE INDEX contact_official ON contact (official, rank, id)",
	"CREATE INDEX contact_number ON contact (number, id)",

	/* ident: blind index of the protocol's own identity. secret: SHA-256 of a random
	   credential. */
	"CREATE TABLE device (id blob PRIMARY KEY, protocol BIGINT NOT NULL, ident blob NOT NULL,"
	" official blob, unit blob, body blob NOT NULL, secret blob, networks TEXT NOT NULL,"
	" silent BIGINT NOT NULL, enabled BIGINT NOT NULL, created_at BIGINT NOT NULL, version "
	"BIGINT NOT NULL,"
	" UNIQUE (protocol, ident)) WITHOUT ROWID",
	"CREATE INDEX device_official ON device (official)",
	"CREATE TABLE device_last (device blob PRIMARY KEY, heard_at BIGINT NOT NULL, battery "
	"BIGINT NOT NULL,"
	" signal BIGINT NOT NULL, fix blob, fix_at BIGINT) WITHOUT ROWID",

	/* rooms: 16 bytes a room, the competent one first. face: what the card shows and does not
	   change. */
	"CREATE TABLE alert (id blob PRIMARY KEY, ref BIGINT NOT NULL UNIQUE, state BIGINT NOT "
	"NULL,"
	" test BIGINT NOT NULL, silent BIGINT NOT NULL, official blob, device blob, unit blob, "
	"rooms blob NOT NULL,"
	" face blob, reasons BIGINT NOT NULL, raised_at BIGINT NOT NULL, device_at BIGINT, "
	"last_trigger_at BIGINT NOT NULL,"
	" triggers BIGINT NOT NULL, ladder_from BIGINT NOT NULL, painted_at BIGINT, acted_at "
	"BIGINT,"
	" claimed_by blob, claimed_at BIGINT, level BIGINT NOT NULL, climbed BIGINT NOT NULL, "
	"closed_at BIGINT,"
	" outcome BIGINT NOT NULL, version BIGINT NOT NULL) WITHOUT ROWID",
	"CREATE INDEX alert_open ON alert (ref) WHERE closed_at IS NULL",
	"CREATE INDEX alert_open_device ON alert (device, test, ref) WHERE closed_at IS NULL",
	"CREATE INDEX alert_official ON alert (official, ref)",
	"CREATE TABLE alert_dispatch (id blob PRIMARY KEY, alert blob NOT NULL, unit blob NOT NULL,"
	" state BIGINT NOT NULL, message BIGINT NOT NULL, silent BIGINT NOT NULL, sent_at BIGINT "
	"NOT NULL,"
	" received_at BIGINT, en_route_at BIGINT, arrived_at BIGINT, ended_at BIGINT) WITHOUT "
	"ROWID",
	"CREATE INDEX alert_dispatch_alert ON alert_dispatch (alert, sent_at, id)",
	"CREATE INDEX alert_dispatch_live ON alert_dispatch (unit) WHERE ended_at IS NULL",
	"CREATE TABLE alert_contact (alert blob NOT NULL, contact blob NOT NULL, message BIGINT "
	"NOT NULL,"
	" asked_at BIGINT, answered_at BIGINT, attempts BIGINT NOT NULL, silent BIGINT NOT NULL,"
	" link_revoked BIGINT NOT NULL, PRIMARY KEY (alert, contact)) WITHOUT ROWID",

	/* token: when the link was made, then SHA-256 of it whole (store/links.h). kind: 0 trusted
	   person, 1 patrol. */
	"CREATE TABLE link (token blob PRIMARY KEY, kind BIGINT NOT NULL, alert blob NOT NULL,"
	" target blob NOT NULL, created_at BIGINT NOT NULL, revoked_at BIGINT) WITHOUT ROWID",
	"CREATE INDEX link_alert ON link (alert)",

	/* state: message_state of core/alert.h. next_at: when to try (again); NULL once it has left
	   us or ended. */
	"CREATE TABLE outbox (id blob PRIMARY KEY, alert blob NOT NULL, target blob NOT NULL, kind "
	"BIGINT NOT NULL,"
	" body blob NOT NULL, state BIGINT NOT NULL, attempts BIGINT NOT NULL, created_at BIGINT "
	"NOT NULL,"
	" next_at BIGINT, valid_until BIGINT NOT NULL) WITHOUT ROWID",
	"CREATE INDEX outbox_next ON outbox (next_at) WHERE next_at IS NOT NULL",
	"CREATE INDEX outbox_alert ON outbox (alert)",
	"CREATE TABLE receipt (outbox blob NOT NULL, bits BIGINT NOT NULL, at_ms BIGINT NOT NULL,"
	" PRIMARY KEY (outbox, bits)) WITHOUT ROWID",

	"CREATE TABLE deadline (alert blob NOT NULL, timer BIGINT NOT NULL, target blob NOT NULL,"
	" step BIGINT NOT NULL, due_at BIGINT NOT NULL, PRIMARY KEY (alert, timer, target)) "
	"WITHOUT ROWID",
	"CREATE INDEX deadline_due ON deadline (due_at)",

	/* Idempotency: who, which key (hashed with the body), what it made. */
	"CREATE TABLE seen (actor blob NOT NULL, key blob NOT NULL, subject blob, at_ms BIGINT NOT "
	"NULL,"
	" PRIMARY KEY (actor, key)) WITHOUT ROWID",
	"CREATE INDEX seen_at ON seen (at_ms)",

	"CREATE TABLE unverified (id blob PRIMARY KEY, protocol BIGINT NOT NULL, ident blob NOT "
	"NULL,"
	" source blob NOT NULL, reason BIGINT NOT NULL, frames BIGINT NOT NULL, sos BIGINT NOT "
	"NULL,"
	" first_at BIGINT NOT NULL, last_at BIGINT NOT NULL, body blob NOT NULL, UNIQUE (ident, "
	"source)) WITHOUT ROWID",
	"CREATE INDEX unverified_last ON unverified (last_at)",
	NULL,
};

/* The number people say was text in `meta`, converted twice for each alert. */
static const char *const counters[] = {
	"CREATE TABLE counter (name TEXT PRIMARY KEY, value BIGINT NOT NULL) WITHOUT ROWID",
	"INSERT INTO counter (name, value) VALUES ('alert_ref', COALESCE("
	"(SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'alert_ref'), 0))",
	"DELETE FROM meta WHERE name = 'alert_ref'",
	NULL,
};

/* The steps that the bits of alert.climbed mean, in order: ladder.json may be edited while alerts
 * climb. */
static const char *const ladder_steps[] = {
	"CREATE TABLE ladder_step (at BIGINT PRIMARY KEY, name TEXT NOT NULL, after_s BIGINT NOT "
	"NULL, unless BIGINT NOT NULL) WITHOUT ROWID",
	NULL,
};

/* What an account did; the entries of devices, which come by thousands, are not in it. */
static const char *const journal_actor[] = {
	"CREATE INDEX journal_account ON journal (actor, number) WHERE actor_kind = 1",
	NULL,
};

/* What was said once of a device and of an SMS; by which gateway an SMS goes. */
static const char *const late_messages[] = {
	"ALTER TABLE alert ADD COLUMN device_lost BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE alert_dispatch ADD COLUMN late BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE alert_contact ADD COLUMN late BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE outbox ADD COLUMN route BIGINT NOT NULL DEFAULT 0",
	NULL,
};

/* Whether the duty officer was called in vain. */
static const char *const duty[] = {
	"ALTER TABLE alert ADD COLUMN duty_failed BIGINT NOT NULL DEFAULT 0",
	NULL,
};

/* What a watch in an alert recorded, part by part; name: blind index. */
static const char *const clips[] = {
	"CREATE TABLE clip (alert blob NOT NULL, clip blob NOT NULL, part BIGINT NOT NULL,"
	" name blob NOT NULL, at_ms BIGINT NOT NULL, body blob NOT NULL,"
	" PRIMARY KEY (alert, clip, part)) WITHOUT ROWID",
	NULL,
};

/* A code makes a telephone a device; code: its blind index. */
static const char *const enrolments[] = {
	"CREATE TABLE enrolment (device blob PRIMARY KEY, code blob NOT NULL UNIQUE, expires_at "
	"BIGINT NOT NULL) WITHOUT ROWID",
	NULL,
};

/* How often a device was lost and came back in an alert. */
static const char *const losses[] = {
	"ALTER TABLE alert ADD COLUMN device_losses BIGINT NOT NULL DEFAULT 0",
	NULL,
};

/* A call reads and writes what is open, which is little; what is over is looked up by the page. */
static const char *const open_apart[] = {
	"DROP INDEX alert_official",
	"CREATE INDEX alert_open_official ON alert (official, ref) WHERE closed_at IS NULL",
	"CREATE INDEX alert_closed_official ON alert (official, ref) WHERE closed_at IS NOT NULL",
	NULL,
};

/* The last calls of a device, beside when it was heard: see store/calls.h. */
static const char *const calls[] = {
	"ALTER TABLE device_last ADD COLUMN calls blob",
	NULL,
};

/* What sound is kept, and until when: of alerts closed before there was a rule, thirty days. Those
 * without sound find nothing to delete. */
static const char *const keeping[] = {
	"CREATE TABLE keeping (alert blob PRIMARY KEY, state BIGINT NOT NULL, asked_by blob,"
	" at_ms BIGINT NOT NULL, delete_at BIGINT) WITHOUT ROWID",
	"CREATE INDEX keeping_due ON keeping (delete_at) WHERE delete_at IS NOT NULL",
	"INSERT INTO keeping (alert, state, at_ms, delete_at) SELECT DISTINCT journal.subject, 0,"
	" alert.raised_at, alert.closed_at + 2592000000 FROM journal JOIN alert"
	" ON alert.id = journal.subject WHERE journal.kind = 69 OR journal.kind = 28",
	NULL,
};

/* What the official's codes are (blind indexes), how often a wrong one came lately; what they said
 * of an alert. */
static const char *const pins[] = {
	"CREATE TABLE device_pin (device blob PRIMARY KEY, pin blob NOT NULL, duress blob NOT NULL,"
	" wrong BIGINT NOT NULL, wrong_from BIGINT) WITHOUT ROWID",
	"ALTER TABLE alert ADD COLUMN ending BIGINT NOT NULL DEFAULT 0",
	NULL,
};

/* Who was granted the button without the sound. */
static const char *const no_sound[] = {
	"ALTER TABLE device ADD COLUMN no_sound BIGINT NOT NULL DEFAULT 0",
	NULL,
};

/* Whose sound is heard in an alert, whatever device raised it. */
static const char *const sounding[] = {
	"ALTER TABLE alert ADD COLUMN phone blob",
	"UPDATE alert SET phone = device WHERE device IN (SELECT id FROM device WHERE protocol = 3"
	" AND no_sound = 0)",
	NULL,
};

/* Calls to 17. switch_key: blind index of the switch's own name of the call; number: of the
 * caller's, when it is one. face and fix are sealed with the call's own key. */
static const char *const emergency_calls[] = {
	"CREATE TABLE emergency_call (id blob PRIMARY KEY, room blob, switch_key blob NOT NULL,"
	" number blob, face blob NOT NULL, fix blob, rang_at BIGINT NOT NULL, answered_at BIGINT,"
	" ended_at BIGINT, claimed_by blob, claimed_at BIGINT, matches BIGINT NOT NULL,"
	" official blob, alert blob, closed_at BIGINT, version BIGINT NOT NULL) WITHOUT ROWID",
	"CREATE INDEX emergency_call_open ON emergency_call (rang_at) WHERE closed_at IS NULL",
	"CREATE INDEX emergency_call_key ON emergency_call (switch_key, rang_at)",
	"CREATE INDEX emergency_call_number ON emergency_call (number) WHERE closed_at IS NULL",
	"ALTER TABLE account ADD COLUMN extension TEXT",
	"CREATE INDEX account_extension ON account (extension) WHERE extension IS NOT NULL",
	NULL,
};

/* What was imported, in editions: see store/territory.h. competence: what was set by hand. */
static const char *const territory[] = {
	"CREATE TABLE territory_edition (kind BIGINT NOT NULL, scope TEXT NOT NULL, current BIGINT "
	"NOT NULL,"
	" last BIGINT NOT NULL, rows BIGINT NOT NULL, at_ms BIGINT NOT NULL,"
	" PRIMARY KEY (kind, scope)) WITHOUT ROWID",
	"CREATE TABLE territory_row (kind BIGINT NOT NULL, scope TEXT NOT NULL, code TEXT NOT NULL,"
	" fingerprint blob NOT NULL, since BIGINT NOT NULL, seen BIGINT NOT NULL, body TEXT NOT "
	"NULL,"
	" PRIMARY KEY (kind, scope, code, fingerprint)) WITHOUT ROWID",
	"CREATE TABLE competence (code TEXT PRIMARY KEY, unit blob, version BIGINT NOT NULL) "
	"WITHOUT ROWID",
	NULL,
};

/* Where telephones that call 17 are, while their call is not known yet. */
static const char *const aml_positions[] = {
	"CREATE TABLE aml_position (number blob PRIMARY KEY, fix blob NOT NULL,"
	" received_at BIGINT NOT NULL) WITHOUT ROWID",
	"CREATE INDEX aml_position_received ON aml_position (received_at)",
	NULL,
};

/* Whom officials can ask for in a unit. Lines of people are sealed. */
static const char *const referents[] = {
	"ALTER TABLE unit ADD COLUMN referent blob",
	"ALTER TABLE unit ADD COLUMN referent_phone blob",
	"ALTER TABLE territory_row ADD COLUMN sealed blob",
	NULL,
};

/* In what order officials changed: who keeps words of them in memory follows it. */
static const char *const official_changes[] = {
	"INSERT INTO counter (name, value) VALUES ('official_change', 1)",
	"ALTER TABLE official ADD COLUMN changed BIGINT NOT NULL DEFAULT 1",
	"CREATE INDEX official_changed ON official (changed, id)",
	NULL,
};

/* Registrations that officials prepare. code: blind index of the invitation. */
static const char *const drafts[] = {
	"CREATE TABLE registration_draft (id blob PRIMARY KEY, code blob NOT NULL UNIQUE, body "
	"blob,"
	" created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)"
	" WITHOUT ROWID",
	"CREATE INDEX registration_draft_changed ON registration_draft (changed_at)",
	NULL,
};

/* Lines lie in the order they came in, which is that of the communes; only what they are known
 * again by is sorted: an import writes a third of the pages. */
static const char *const territory_lines[] = {
	"CREATE TABLE territory_line (kind BIGINT NOT NULL, scope TEXT NOT NULL, code TEXT NOT "
	"NULL,"
	" fingerprint blob NOT NULL, since BIGINT NOT NULL, seen BIGINT NOT NULL, body TEXT NOT "
	"NULL,"
	" sealed blob)",
	"INSERT INTO territory_line SELECT kind, scope, code, fingerprint, since, seen, body, "
	"sealed"
	" FROM territory_row",
	"CREATE UNIQUE INDEX territory_line_key ON territory_line (kind, scope, code, fingerprint)",
	"DROP TABLE territory_row",
	NULL,
};

/* Calls to 17 that are over are destroyed in the order of their end. */
static const char *const calls_over[] = {
	"CREATE INDEX emergency_call_closed ON emergency_call (closed_at) WHERE closed_at IS NOT "
	"NULL",
	NULL,
};

/* Where an official said that they would be, and until when. hidden: its telephone knows of it no
 * more. */
static const char *const visits[] = {
	"CREATE TABLE visit (id blob PRIMARY KEY, device blob NOT NULL, official blob,"
	" state BIGINT NOT NULL, hidden BIGINT NOT NULL, reminded BIGINT NOT NULL,"
	" announced_at BIGINT NOT NULL, due_at BIGINT NOT NULL, over_at BIGINT, alert blob,"
	" body blob NOT NULL) WITHOUT ROWID",
	"CREATE UNIQUE INDEX visit_known ON visit (device) WHERE over_at IS NULL AND hidden = 0",
	"CREATE INDEX visit_device ON visit (device) WHERE over_at IS NULL",
	"CREATE INDEX visit_official ON visit (official) WHERE over_at IS NULL",
	"CREATE INDEX visit_over ON visit (over_at) WHERE over_at IS NOT NULL",
	NULL,
};

/* A room lists its own calls; who has one may keep it until they have wrapped it up. */
static const char *const calls_of_a_room[] = {
	"ALTER TABLE emergency_call ADD COLUMN kept BIGINT NOT NULL DEFAULT 0",
	"CREATE INDEX emergency_call_room ON emergency_call (room, rang_at) WHERE closed_at IS "
	"NULL",
	NULL,
};

/* The edition whose units were begun first and that was not finished since; 0: none. */
static const char *const unfinished_editions[] = {
	"ALTER TABLE territory_edition ADD COLUMN unfinished BIGINT NOT NULL DEFAULT 0",
	NULL,
};

/* What accounts show beside their password: see store/second_factor.h. The counter: of which roles
 * it is asked (bits). */
static const char *const second_factors[] = {
	"CREATE TABLE second_factor (account blob PRIMARY KEY, secret blob, since BIGINT,"
	" pending blob, pending_at BIGINT, last_step BIGINT NOT NULL, wrong BIGINT NOT NULL,"
	" wrong_from BIGINT) WITHOUT ROWID",
	"CREATE TABLE recovery_code (account blob NOT NULL, code blob NOT NULL,"
	" PRIMARY KEY (account, code)) WITHOUT ROWID",
	"INSERT INTO counter (name, value) VALUES ('second_factor_roles', 0)",
	NULL,
};

/* Who leaves wants it taken over. */
static const char *const handovers[] = {
	"ALTER TABLE alert ADD COLUMN offered_at BIGINT",
	"ALTER TABLE emergency_call ADD COLUMN offered_at BIGINT",
	NULL,
};

/* Two alerts of one event: the second is under the first. */
static const char *const merges[] = {
	"ALTER TABLE alert ADD COLUMN merged_into blob",
	"ALTER TABLE alert ADD COLUMN merged_ref BIGINT",
	"CREATE INDEX alert_merged ON alert (merged_into) WHERE merged_into IS NOT NULL",
	NULL,
};

/* What a merged alert calls afterwards, and the persons it asks. */
static const char *const merged_calls[] = {
	"ALTER TABLE alert ADD COLUMN calls_seen BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE alert ADD COLUMN chain_rests BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE alert ADD COLUMN chain_from BIGINT",
	"UPDATE alert SET calls_seen = triggers, chain_rests = 1 WHERE merged_into IS NOT NULL",
	NULL,
};

/* What an import ended, apart from what was set by hand: an import that stopped is taken back. */
static const char *const ended_editions[] = {
	"ALTER TABLE unit ADD COLUMN ended_in BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE unit ADD COLUMN referent_ended_in BIGINT NOT NULL DEFAULT 0",
	NULL,
};

/* Nodes of the journal's tree: see store/journal_nodes.h, which makes those of a journal that has
 * none. */
static const char *const journal_nodes[] = {
	"CREATE TABLE journal_node (level BIGINT NOT NULL, position BIGINT NOT NULL, hash blob NOT "
	"NULL,"
	" PRIMARY KEY (level, position)) WITHOUT ROWID",
	NULL,
};

/* The term of a registration (core/term.h): days, as base/paris.h counts them. */
static const char *const terms[] = {
	"ALTER TABLE official ADD COLUMN term_registered BIGINT",
	"ALTER TABLE official ADD COLUMN term_until BIGINT",
	"ALTER TABLE official ADD COLUMN term_mandate BIGINT",
	"ALTER TABLE official ADD COLUMN term_confirmed BIGINT",
	"ALTER TABLE official ADD COLUMN term_said BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE official ADD COLUMN term_warned BIGINT",
	"ALTER TABLE official ADD COLUMN term_answer BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE official ADD COLUMN term_ended BIGINT",
	"ALTER TABLE official ADD COLUMN term_why BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE official ADD COLUMN term_task BIGINT NOT NULL DEFAULT 0",
	"ALTER TABLE official ADD COLUMN term_last BIGINT",
	"ALTER TABLE official ADD COLUMN ended_at BIGINT",
	"CREATE INDEX official_task ON official (term_task, term_last) WHERE term_task <> 0",
	"CREATE INDEX official_ended ON official (ended_at) WHERE ended_at IS NOT NULL",
	"CREATE INDEX emergency_call_official ON emergency_call (official) WHERE closed_at IS NULL"
	" AND official IS NOT NULL",
	NULL,
};

/* Of before, those that a line of the journal was sealed by. */
static const char *const destroyed_keys[] = {
	"CREATE TABLE destroyed_key (id blob PRIMARY KEY) WITHOUT ROWID",
	"INSERT INTO destroyed_key (id) SELECT DISTINCT substr(body, 2, 16) FROM journal"
	" WHERE body IS NOT NULL AND NOT EXISTS"
	" (SELECT 1 FROM data_key WHERE data_key.id = substr(journal.body, 2, 16))",
	NULL,
};

/* Whose a call to 17 was found to be. */
static const char *const calls_of_a_person[] = {
	"CREATE INDEX emergency_call_whose ON emergency_call (official) WHERE official IS NOT NULL",
	NULL,
};

/* Officials and their own file: codes that open it (blind indexes), what they open, what is asked
 * for there. A draft of a file that exists is a correction of it. */
static const char *const own_files[] = {
	"CREATE TABLE own_code (request blob PRIMARY KEY, number blob NOT NULL, official blob,"
	" code blob NOT NULL, tries BIGINT NOT NULL, created_at BIGINT NOT NULL,"
	" expires_at BIGINT NOT NULL) WITHOUT ROWID",
	"CREATE INDEX own_code_number ON own_code (number, created_at)",
	"CREATE INDEX own_code_created ON own_code (created_at)",
	"CREATE TABLE own_session (token blob PRIMARY KEY, official blob NOT NULL, device blob,"
	" created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL) WITHOUT ROWID",
	"CREATE INDEX own_session_official ON own_session (official)",
	"CREATE TABLE own_wish (official blob PRIMARY KEY, leave_at BIGINT, withdraw_at BIGINT)"
	" WITHOUT ROWID",
	"ALTER TABLE registration_draft ADD COLUMN official blob",
	"CREATE UNIQUE INDEX registration_draft_official ON registration_draft (official)"
	" WHERE official IS NOT NULL",
	NULL,
};

/* What goes by the table of retention, and what is held. */
static const char *const retention[] = {
	"CREATE TABLE legal_hold (subject blob PRIMARY KEY, placed_by blob, reason blob NOT NULL,"
	" at_ms BIGINT NOT NULL) WITHOUT ROWID",
	"ALTER TABLE alert ADD COLUMN trail_forgotten BIGINT NOT NULL DEFAULT 0",
	"CREATE INDEX alert_closed_at ON alert (closed_at) WHERE closed_at IS NOT NULL",
	"CREATE INDEX alert_trail ON alert (closed_at) WHERE closed_at IS NOT NULL"
	" AND trail_forgotten = 0",
	"INSERT INTO counter (name, value) VALUES ('audit_forgotten', 0)",
	"INSERT INTO counter (name, value) VALUES ('housekeeping', 0)",
	NULL,
};

/* Whose mandate is in the register no more. It comes before two others in the order of the list. */
static const char *const mandates_gone[] = {
	"ALTER TABLE official ADD COLUMN term_mandate_gone BIGINT",
	"UPDATE official SET term_task = term_task + 1 WHERE term_task >= 4",
	NULL,
};

/* Alerts of one event are sealed as one: those without sound too, for what they may get. */
#define OF_SEALED_EVENTS                                                                     \
	"WITH sealed AS (SELECT COALESCE(alert.merged_into, alert.id) AS first FROM keeping" \
	" JOIN alert ON alert.id = keeping.alert WHERE keeping.state IN (2, 3)),"            \
	" of_them AS (SELECT id FROM alert WHERE merged_into IN (SELECT first FROM sealed)"  \
	" OR id IN (SELECT merged_into FROM alert WHERE merged_into IN (SELECT first FROM "  \
	"sealed))) "
static const char *const events_sealed[] = {
	"ALTER TABLE keeping ADD COLUMN sound BIGINT NOT NULL DEFAULT 1",
	"UPDATE keeping SET sound = 0 WHERE state = 4",
	OF_SEALED_EVENTS "UPDATE keeping SET state = 2, asked_by = NULL, delete_at = NULL"
			 " WHERE alert IN (SELECT id FROM of_them) AND state <> 4",
	OF_SEALED_EVENTS "INSERT INTO keeping (alert, state, at_ms, sound) SELECT of_them.id, 2,"
			 " (SELECT MAX(at_ms) FROM keeping), 0 FROM of_them WHERE of_them.id NOT IN"
			 " (SELECT alert FROM keeping)",
	NULL,
};

/* Until when something is held, and who wants it lifted. */
static const char *const holds_asked[] = {
	"ALTER TABLE legal_hold ADD COLUMN until BIGINT",
	"ALTER TABLE legal_hold ADD COLUMN lift_by blob",
	"ALTER TABLE legal_hold ADD COLUMN lift_at BIGINT",
	"ALTER TABLE legal_hold ADD COLUMN lift_reason blob",
	NULL,
};

/* The latest date that was believed (core/date.h); 0: not yet. Terms that were put off because it
 * is not. */
static const char *const dates[] = {
	"INSERT INTO counter (name, value) VALUES ('date_seen', 0)",
	"CREATE INDEX deadline_put_off ON deadline (alert) WHERE timer = 33 AND step = 1",
	NULL,
};

/* Why lines of the journal have lost what they said. Of before: as things are. */
static const char *const purges[] = {
	"CREATE TABLE purged_trail (alert blob PRIMARY KEY, last BIGINT NOT NULL) WITHOUT ROWID",
	"INSERT INTO purged_trail (alert, last) SELECT subject, MAX(number) FROM journal"
	" WHERE list = 1 AND salt IS NULL AND subject IS NOT NULL GROUP BY subject",
	"INSERT INTO counter (name, value) SELECT 'audit_purged', MAX(number) FROM"
	" (SELECT value AS number FROM counter WHERE name = 'audit_forgotten' UNION ALL"
	" SELECT number FROM journal WHERE list = 2 AND salt IS NULL AND subject IS NULL) AS gone",
	"INSERT INTO destroyed_key (id) SELECT DISTINCT subject FROM journal"
	" WHERE salt IS NULL AND subject IS NOT NULL AND list <> 1"
	" AND (list <> 2 OR number > (SELECT value FROM counter WHERE name = 'audit_purged'))"
	" AND NOT EXISTS (SELECT 1 FROM data_key WHERE data_key.id = journal.subject)"
	" AND NOT EXISTS (SELECT 1 FROM destroyed_key d WHERE d.id = journal.subject)",
	NULL,
};

const struct migration migrations[] = {
	{1, "the alert on one machine", first},
	{2, "counters", counters},
	{3, "the steps of the ladder", ladder_steps},
	{4, "who did it", journal_actor},
	{5, "SMS that do not leave, devices not heard", late_messages},
	{6, "SMS to the duty officer", duty},
	{7, "voice clips", clips},
	{8, "telephones are enrolled", enrolments},
	{9, "devices lost and back", losses},
	{10, "open alerts and those that are over, apart", open_apart},
	{11, "calls beside the device that made them", calls},
	{12, "sound is kept for a while", keeping},
	{13, "codes of officials", pins},
	{14, "the button without the sound", no_sound},
	{15, "whose sound is heard", sounding},
	{16, "calls to 17", emergency_calls},
	{17, "the territory", territory},
	{18, "places of telephones that call", aml_positions},
	{19, "referents, and people in what is imported", referents},
	{20, "in what order officials changed", official_changes},
	{21, "registrations being prepared", drafts},
	{22, "imported lines in the order they came", territory_lines},
	{23, "calls to 17 that are over", calls_over},
	{24, "visits announced beforehand", visits},
	{25, "calls to 17 of a room", calls_of_a_room},
	{26, "imports that stopped amid the units", unfinished_editions},
	{27, "second factors", second_factors},
	{28, "the end of a shift", handovers},
	{29, "alerts of one event", merges},
	{30, "what imports ended", ended_editions},
	{JOURNAL_NODES_SINCE, "nodes of the journal's tree", journal_nodes},
	{32, "the terms of registrations", terms},
	{DESTROYED_KEYS_SINCE, "keys that were destroyed", destroyed_keys},
	{34, "calls to 17 of a person", calls_of_a_person},
	{35, "officials and their own file", own_files},
	{36, "what merged alerts call", merged_calls},
	{37, "what is kept and for how long", retention},
	{38, "mandates that the register has no more", mandates_gone},
	{39, "alerts of one event are sealed as one", events_sealed},
	{40, "who wants a legal hold lifted", holds_asked},
	{41, "dates that are believed", dates},
	{PURGES_SINCE, "what was purged of the journal", purges},
};
const size_t migration_count = sizeof(migrations) / sizeof(migrations[0]);
