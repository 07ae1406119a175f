/* A small town: see town.h. */
#include "town.h"

#include "base/alloc.h"
#include "core/access.h"
#include "store/deadlines.h"
#include "store/journal.h"

enum { MESSAGES_READ = 200 };

struct town town;
static struct arena kept;

SQL(messages_all, "SELECT id FROM outbox WHERE alert = $1 ORDER BY created_at, id LIMIT $2");

static struct id add(const char *name, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static struct id add(const char *name, const char *format, ...)
{
	char json[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(json, sizeof(json), format, arguments);
	va_end(arguments);
	return office_id(office_control(name, json));
}

static struct actor account(const char *login, const char *name, const char *roles,
			    const char *room_name, struct id room)
{
	struct actor actor = {.kind = ACTOR_ACCOUNT, .room = room};

	actor.id = add("account.add",
		       "{\"login\":\"%s\",\"name\":\"%s\",\"roles\":\"%s\",\"room\":\"%s\","
		       "\"password_hash\":\"$argon2id$v=19$m=8192,t=1,p=1$c2Vs$aGFjaA\"}",
		       login, name, roles, room_name);
	assert_int_equal(roles_parse(str_from(roles), &actor.roles), 0);
	return actor;
}

static void add_rooms(void)
{
	town.zone = add("unit.add", "{\"name\":\"Zone\",\"kind\":\"room\"}");
	town.second = add("unit.add", "{\"name\":\"Second centre\",\"kind\":\"room\"}");
	town.neighbour = add("unit.add", "{\"name\":\"Salle voisine\",\"kind\":\"room\"}");
	town.room =
		add("unit.add", "{\"name\":\"Salle\",\"kind\":\"room\",\"phone\":\"0549980000\","
				"\"duty_phone\":\"" DUTY_PHONE "\",\"neighbour\":\"Salle voisine\","
				"\"second\":\"Second centre\",\"zone\":\"Zone\"}");
	town.brigade =
		add("unit.add", "{\"name\":\"Brigade\",\"kind\":\"brigade\",\"room\":\"Salle\","
				"\"phone\":\"" BRIGADE_PHONE "\",\"lat\":46.64,\"lon\":0.166}");
	town.patrol =
		add("unit.add", "{\"name\":\"Patrouille\",\"kind\":\"patrol\",\"room\":\"Salle\","
				"\"phone\":\"+33639980021\",\"lat\":46.58,\"lon\":0.34}");
}

static void add_people(void)
{
	town.alice = account("alice", "Alice Marchand", "operator", "Salle", town.room);
	town.bruno = account("bruno", "Bruno Petit", "operator", "Salle", town.room);
	town.chief = account("chef", "Chloé Garnier", "operator,supervisor", "Salle", town.room);
	town.nadia = account("nadia", "Nadia Leroy", "operator", "Salle voisine", town.neighbour);
	town.official =
		add("official.add",
		    "{\"name\":\"Élue de Synthèse\",\"unit\":\"Brigade\","
		    "\"phone\":\"+33639980010\",\"mandate\":\"Maire\",\"commune\":\"Béruges\","
		    "\"address\":\"3 rue de l’Église\",\"access\":\"Portail vert\","
		    "\"remarks\":\"Un chien\",\"household\":3}");
	town.first_contact =
		add("contact.add",
		    "{\"official\":\"+33639980010\",\"name\":\"Première Confiance\","
		    "\"phone\":\"" FIRST_PHONE "\",\"relation\":\"conjoint\",\"rank\":1}");
	town.second_contact =
		add("contact.add", "{\"official\":\"+33639980010\",\"name\":\"Seconde Confiance\","
				   "\"phone\":\"" SECOND_PHONE "\",\"rank\":2}");
	town.watch =
		add("device.add",
		    "{\"protocol\":\"watch\",\"ident\":\"" TOWN_WATCH "\",\"label\":\"Montre\","
		    "\"official\":\"+33639980010\",\"networks\":\"127.0.0.0/8,2001:db8::/32\"}");
}

void town_open(void)
{
	office_open();
	kept = ARENA_INIT;
	add_rooms();
	add_people();
	/* Its registration is looked at in a year: what waits in a test is what it makes wait. */
	assert_int_equal(deadline_clear(office_vault(), town.official, TIMER_TERM, ID_NONE), 0);
}

void town_close(void)
{
	arena_fini(&kept);
	office_close();
}

/* --- devices */

struct device_report town_sos(int64_t at_ms)
{
	return (struct device_report){
		.protocol = PROTOCOL_WATCH,
		.ident = STR(TOWN_WATCH),
		.source = {[10] = 0xFF, [11] = 0xFF, [12] = 127, [15] = 1},
		.call_for_help = true,
		.reasons = 1,
		.at_ms = at_ms,
		.position = {.known = true,
			     .lat_e7 = 465712000,
			     .lon_e7 = 2154000,
			     .at_ms = at_ms,
			     .accuracy_m = 12,
			     .speed_kmh = -1,
			     .course_deg = -1,
			     .altitude_m = 118},
		.battery_percent = 74,
		.signal_percent = 61,
	};
}

struct command *town_report_command(const struct device_report *report)
{
	struct command *command = command_new(VERB_REPORT, (struct actor){.kind = ACTOR_DEVICE});

	command->as.report = *report;
	command->as.report.ident = command_keep(command, report->ident);
	return command;
}

struct command *town_say(const struct device_report *report)
{
	return office_run(town_report_command(report));
}

struct id town_alert(void)
{
	struct device_report report = town_sos(office_now_ms);
	struct command *command = town_say(&report);

	assert_done(command);
	assert_false(command->outcome.unverified);
	return command->outcome.subject;
}

/* --- people */

struct command *town_do(struct actor who, struct id alert, const struct alert_command *event,
			const char *text)
{
	struct command *command = command_new(VERB_ALERT, who);

	command->subject = alert;
	command->as.alert = *event;
	command->text = command_keep(command, str_from(text));
	return office_run(command);
}

struct command *town_link(const char *token, enum alert_event event, const char *text)
{
	struct command *command = command_new(VERB_LINK, (struct actor){.kind = ACTOR_SYSTEM});

	command->token = command_keep(command, str_from(token));
	command->as.alert.event = event;
	command->text = command_keep(command, str_from(text));
	return office_run(command);
}

struct command *town_sent_by(int route, struct id message, enum message_state state,
			     int64_t retry_at_ms)
{
	struct command *command = command_new(VERB_MESSAGE, (struct actor){.kind = ACTOR_GATEWAY});

	command->subject = message;
	command->as.message.state = state;
	command->as.message.retry_at_ms = retry_at_ms;
	command->as.message.route = route;
	return office_run(command);
}

struct command *town_sent(struct id message, enum message_state state, int64_t retry_at_ms)
{
	return town_sent_by(0, message, state, retry_at_ms);
}

struct command *town_receipt_by(int route, struct id message, int bits)
{
	struct command *command = command_new(VERB_RECEIPT, (struct actor){.kind = ACTOR_GATEWAY});

	command->subject = message;
	command->as.message.bits = bits;
	command->as.message.route = route;
	return office_run(command);
}

struct command *town_receipt(struct id message, int bits)
{
	return town_receipt_by(0, message, bits);
}

struct command *town_reply(const char *number, const char *text, const char *key)
{
	struct command *command = command_new(VERB_INBOUND, (struct actor){.kind = ACTOR_GATEWAY});

	command->number = command_keep(command, str_from(number));
	command->text = command_keep(command, str_from(text));
	command->key = command_keep(command, str_from(key));
	return office_run(command);
}

int town_wait_until(int64_t at_ms)
{
	struct deadline next;
	size_t count;
	int fired = 0;

	for (;; fired++) {
		struct command *command;

		assert_int_equal(deadlines_next(office_vault(), 1, &next, &count), 0);
		if (!count || next.due_at_ms > at_ms)
			break;
		if (next.due_at_ms > office_now_ms)
			office_now_ms = next.due_at_ms;
		command = command_new(VERB_TIMER, (struct actor){.kind = ACTOR_SYSTEM});
		command->subject = next.alert;
		command->as.timer.kind = next.timer;
		command->as.timer.target = next.target;
		command->as.timer.step = next.step;
		command->as.timer.due_at_ms = next.due_at_ms;
		assert_done(office_run(command));
	}
	office_now_ms = at_ms;
	return fired;
}

/* --- what is stored */

struct case_of town_stored(struct id alert)
{
	struct case_of c;

	assert_int_equal(alert_load(office_vault(), &kept, alert, &c.alert, &c.face), 0);
	return c;
}

int64_t town_count(const char *table)
{
	struct buf text = BUF_INIT;
	struct sql sql;
	struct db *db = open_other(DB_READER);
	struct query *q;
	int64_t rows;

	buf_printf(&text, "SELECT COUNT(*) FROM %s", table);
	sql.text = buf_cstr(&text);
	q = db_query(db, &sql);
	assert_int_equal(query_step(q), 1);
	rows = column_i64(q, 0);
	db_done(q);
	db_close(db);
	buf_fini(&text);
	return rows;
}

size_t town_messages(struct id alert, const char *to, struct message *list, size_t cap)
{
	struct id ids[MESSAGES_READ];
	struct query *q = db_query(vault_db(office_vault()), &messages_all);
	size_t count = 0, found = 0;

	bind_id(q, 1, alert);
	bind_i64(q, 2, MESSAGES_READ);
	while (query_step(q) == 1)
		ids[count++] = column_id(q, 0);
	db_done(q);
	for (size_t i = 0; i < count; i++) {
		struct message m;

		assert_int_equal(message_load(office_vault(), &kept, ids[i], &m), 0);
		if (to && !str_eq(m.to, str_from(to)))
			continue;
		assert_true(found < cap);
		list[found++] = m;
	}
	return found;
}

const char *town_token(struct id alert, const char *to)
{
	struct message list[MESSAGES_READ];
	size_t count = town_messages(alert, to, list, MESSAGES_READ);
	struct str text;
	const char *at;

	assert_true(count > 0);
	text = list[count - 1].text;
	at = strstr(arena_copy(&kept, text.ptr, text.len), "https://egide.example/");
	assert_non_null(at);
	at += strlen("https://egide.example/s/");
	return arena_copy(&kept, at, strcspn(at, " "));
}

struct tally {
	enum entry_kind kind;
	const char *last;
	int count;
};

static int count_entry(void *context, const struct entry *e)
{
	struct tally *t = context;

	if (e->kind != t->kind)
		return 0;
	t->count++;
	t->last = arena_copy(&kept, e->body.ptr, e->body.len);
	return 0;
}

int town_entries(struct id alert, enum entry_kind kind, const char **ret_body)
{
	struct tally t = {.kind = kind, .last = ""};

	assert_int_equal(journal_of(office_vault(), alert, entry_kind_class(kind), 0, 10000,
				    count_entry, &t),
			 0);
	if (ret_body)
		*ret_body = t.last;
	return t.count;
}

void assert_refused(const struct command *command, enum problem problem, const char *detail)
{
	assert_int_equal(command->outcome.problem, problem);
	assert_str_equal(command->outcome.detail, detail);
}

void assert_done(const struct command *command)
{
	if (command->outcome.problem)
		fail_msg("problem %d: %.*s", command->outcome.problem,
			 STR_FMT(command->outcome.detail));
}
