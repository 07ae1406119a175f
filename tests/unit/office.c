/* A whole service for tests: see office.h. */
#include "office.h"

#include <jansson.h>
#include <unistd.h>

#include "base/alloc.h"
#include "service/reader.h"
#include "store/journal.h"

enum { MOST_COMMANDS = 4096 };

static struct keyring *ring;
static struct service *service;
static char keys_path[512];
static struct command *commands[MOST_COMMANDS];
static size_t command_count;
static struct arena answers;
static struct service_options options;
static struct reader *reader;
static struct publication *published;
int64_t office_now_ms, office_ahead_ms;
int office_failed;
static int stayed[RETENTION_KINDS + 1];

SQL(count_rows, "SELECT (SELECT COUNT(*) FROM unit) + (SELECT COUNT(*) FROM account)"
		" + (SELECT COUNT(*) FROM official) + (SELECT COUNT(*) FROM official_number)"
		" + (SELECT COUNT(*) FROM contact) + (SELECT COUNT(*) FROM device)"
		" + (SELECT COUNT(*) FROM data_key) + (SELECT COUNT(*) FROM session)");

static void on_batch(void *context, struct batch *batch)
{
	struct publication **last = &published;

	while (*last)
		last = &(*last)->next;
	*last = batch->published;
	batch->published = NULL;
	batch_free(batch);
}

const char *office_sound_folder(void)
{
	static char path[300];
	const char *temporary = getenv("TMPDIR");

	snprintf(path, sizeof(path), "%s/egide-sound-%d", temporary ? temporary : "/tmp",
		 (int)getpid());
	return path;
}

static void open_service(void)
{
	static const struct service_hooks hooks = {on_batch, NULL};

	assert_int_equal(service_open(&options, ring, &hooks, &service), 0);
}

void office_open(void)
{
	const char *temporary = getenv("TMPDIR");
	unsigned line;

	options = (struct service_options){.database_url = database_url,
					   .sms_routes = 2,
					   .public_url = "https://egide.example",
					   .session_hours = 12,
					   .consent_sheet = true,
					   .retention = retention_default(),
					   .sound_days = 30,
					   .sound_folder = office_sound_folder(),
					   .unverified_per_minute = 60};
	ladder_default(&options.ladder);
	snprintf(keys_path, sizeof(keys_path), "%s/egide-office-%d", temporary ? temporary : "/tmp",
		 (int)getpid());
	unlink(keys_path);
	assert_int_equal(keyring_create(keys_path), 0);
	assert_int_equal(keyring_open(keys_path, &ring, &line), 0);
	open_service();
	reader = NULL; /* a test that failed did not close its own */
	published = NULL;
	office_now_ms = TEST_NOW_MS;
	office_ahead_ms = 0;
	memset(stayed, 0, sizeof(stayed));
	command_count = 0;
	answers = ARENA_INIT;
}

void office_close(void)
{
	int64_t number;

	assert_int_equal(journal_verify(office_vault(), NULL, &number), 0);
	for (size_t i = 0; i < command_count; i++)
		command_free(commands[i]);
	arena_fini(&answers);
	publication_free(published);
	published = NULL;
	reader_close(reader);
	reader = NULL;
	service_close(service);
	keyring_free(ring);
	unlink(keys_path);
}

void office_crash(void)
{
	service_close(service);
	open_service();
}

void office_restart(const struct ladder *ladder)
{
	options.ladder = *ladder;
	office_crash();
	assert_int_equal(service_follow_ladder(service), 0);
}

struct reader *office_reader(void)
{
	if (!reader)
		assert_int_equal(reader_open(database_url, ring, &options.ladder, &reader), 0);
	return reader;
}

struct vault *office_vault(void)
{
	return service_vault(service);
}

static void keep(struct command *command)
{
	assert_true(command_count < MOST_COMMANDS);
	commands[command_count++] = command;
}

static void forget_published(void)
{
	publication_free(published);
	published = NULL;
}

struct command *office_run(struct command *command)
{
	keep(command);
	forget_published();
	service_run_at(service, command, office_now_ms, office_now_ms - office_ahead_ms);
	return command;
}

bool office_keep_house(void)
{
	bool forgot = false;

	office_failed = 0;
	for (int i = 0; i <= RETENTION_KINDS; i++) {
		struct command *c =
			command_new(VERB_HOUSEKEEPING, (struct actor){.kind = ACTOR_SYSTEM});

		c->as.house.category = i;
		c->as.house.skip = stayed[i];
		forget_published();
		service_run_at(service, c, office_now_ms, office_now_ms - office_ahead_ms);
		stayed[i] = c->outcome.stayed;
		office_failed += c->outcome.problem ? 1 : c->outcome.failed;
		forgot |= c->outcome.forgot;
		command_free(c);
	}
	return forgot;
}

void office_run_together(struct command **list, size_t count)
{
	forget_published();
	for (size_t i = 0; i < count; i++) {
		keep(list[i]);
		assert_int_equal(service_submit(service, list[i]), 0);
	}
	assert_int_equal(service_start(service), 0);
	office_crash();
}

const struct publication *office_published(void)
{
	return published;
}

static struct command *administer(struct actor actor, const char *name, const char *json)
{
	struct command *command = command_new(VERB_ADMIN, actor);

	command->name = command_keep(command, str_from(name));
	command->text = command_keep(command, str_from(json));
	return office_run(command);
}

struct command *office_control(const char *name, const char *json)
{
	return administer((struct actor){.kind = ACTOR_CONTROL}, name, json);
}

struct command *office_as(struct actor actor, const char *name, const char *json)
{
	return administer(actor, name, json);
}

struct command *office_account(uint32_t roles, const char *name, const char *json)
{
	return administer((struct actor){.kind = ACTOR_ACCOUNT, .id = new_id(), .roles = roles},
			  name, json);
}

const char *office_answer(struct command *command, const char *key)
{
	struct str json = command->outcome.json;
	json_t *body = json.len ? json_loadb(json.ptr, json.len, 0, NULL) : NULL;
	const char *text = json_string_value(json_object_get(body, key));
	const char *kept = text ? arena_copy(&answers, text, strlen(text)) : "";

	json_decref(body);
	return kept;
}

struct id office_id(struct command *command)
{
	struct id id;

	if (command->outcome.problem)
		fail_msg("refused: %.*s", STR_FMT(command->outcome.detail));
	assert_int_equal(id_parse(str_from(office_answer(command, "id")), &id), 0);
	return id;
}

int64_t office_journal(void)
{
	int64_t epoch, number;

	assert_int_equal(journal_head(office_vault(), &epoch, &number, NULL), 0);
	return number;
}

int64_t office_rows(void)
{
	struct query *q = db_query(vault_db(office_vault()), &count_rows);
	int64_t rows;

	assert_int_equal(query_step(q), 1);
	rows = column_i64(q, 0);
	db_done(q);
	return rows;
}

struct id office_room(void)
{
	return office_id(office_control("unit.add", "{\"name\":\"Salle\",\"kind\":\"room\"}"));
}

struct id office_brigade(void)
{
	return office_id(office_control(
		"unit.add", "{\"name\":\"Brigade\",\"kind\":\"brigade\",\"room\":\"Salle\"}"));
}

struct id office_official(void)
{
	return office_id(office_control("official.add",
					"{\"name\":\"Élue de Synthèse\",\"unit\":\"Brigade\","
					"\"phone\":\"06 00 00 00 11\"}"));
}
