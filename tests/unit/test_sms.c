/*
 * The way of an SMS with everything real but the gateway: a device calls, the executor writes the
 * outbox, the sender asks the gateway, receipts and replies come back. On both databases.
 */
#include <errno.h>
#include <jansson.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "databases.h"
#include "notify/notify.h"
#include "service/executor.h"
#include "service/reader.h"

enum { PATIENCE_S = 30, REQUESTS_MAX = 200 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static struct {
	int listener, port, status;
	pthread_t thread;
	unsigned count;
	char targets[REQUESTS_MAX][2048];
	int statuses[REQUESTS_MAX]; /* what was answered */
} gateway;

static struct {
	char keys_path[512];
	struct keyring *ring;
	struct service *service;
	struct notify *notify;
	struct reader *reader;
	struct service_options options;
	struct id alert;
	bool is_closed;
	unsigned batches;
} house;

/* --- the gateway */

static void answer(int fd)
{
	char bytes[4096], text[100];
	size_t len = 0;
	ssize_t n;
	int status;

	while ((n = read(fd, bytes + len, sizeof(bytes) - 1 - len)) > 0) {
		len += (size_t)n;
		bytes[len] = 0;
		if (strstr(bytes, "\r\n\r\n"))
			break;
	}
	pthread_mutex_lock(&lock);
	status = gateway.status;
	if (len && gateway.count < REQUESTS_MAX) {
		gateway.statuses[gateway.count] = status;
		sscanf(bytes, "GET %2047s", gateway.targets[gateway.count++]);
	}
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	n = snprintf(text, sizeof(text),
		     "HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status);
	if (len && write(fd, text, (size_t)n) != n)
		perror("gateway");
	close(fd);
}

static void *serve(void *arg)
{
	int fd;

	while ((fd = accept(gateway.listener, NULL, NULL)) >= 0)
		answer(fd);
	return NULL;
}

static void gateway_start(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	gateway.count = 0;
	gateway.status = 202;
	gateway.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(gateway.listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(gateway.listener, 64), 0);
	getsockname(gateway.listener, (struct sockaddr *)&address, &len);
	gateway.port = ntohs(address.sin_port);
	pthread_create(&gateway.thread, NULL, serve, NULL);
}

static void gateway_stop(void)
{
	shutdown(gateway.listener, SHUT_RDWR);
	pthread_join(gateway.thread, NULL);
	close(gateway.listener);
}

static void gateway_says(int status)
{
	pthread_mutex_lock(&lock);
	gateway.status = status;
	pthread_mutex_unlock(&lock);
}

/* --- the house */

static void on_batch(void *context, struct batch *batch)
{
	struct command *next, *command = batch->done;

	for (; command; command = next) {
		next = command->next;
		if (command->on_done)
			command->on_done(command);
		else
			command_free(command);
	}
	if (batch->outbox_changed && house.notify)
		notify_wake(house.notify);
	batch_free(batch);
	pthread_mutex_lock(&lock);
	house.batches++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* Whoever waits frees it. */
static void leave(struct command *command)
{
}

static void administer(const char *name, const char *json)
{
	struct command *command = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_CONTROL});

	command->name = command_keep(command, str_from(name));
	command->text = command_keep(command, str_from(json));
	command->on_done = leave;
	service_run_now(house.service, command, clock_now_ms());
	if (command->outcome.problem)
		fail_msg("%s: %.*s", name, STR_FMT(command->outcome.detail));
	command_free(command);
}

static void fill_registry(void)
{
	administer("unit.add", "{\"name\":\"Salle\",\"kind\":\"room\"}");
	administer("unit.add", "{\"name\":\"Brigade\",\"kind\":\"brigade\",\"room\":\"Salle\"}");
	administer("official.add", "{\"name\":\"Élue de Synthèse\",\"unit\":\"Brigade\","
				   "\"phone\":\"+33199000010\"}");
	administer("contact.add", "{\"official\":\"+33199000010\",\"name\":\"Premier Proche\","
				  "\"phone\":\"+33199000001\",\"rank\":1}");
	administer("contact.add", "{\"official\":\"+33199000010\",\"name\":\"Second Proche\","
				  "\"phone\":\"+33199000002\",\"rank\":2}");
	administer("device.add",
		   "{\"protocol\":\"watch\",\"ident\":\"1234567890\",\"label\":\"Montre\","
		   "\"official\":\"+33199000010\",\"networks\":\"127.0.0.1\"}");
}

static void sender_start(void)
{
	char url[100];
	struct notify_options options = {
		.gateway = {url, "egide", "egide", "EGIDE", "http://127.0.0.1:8080/kannel/receipt"},
		.callback_secret = "demonstration-0123456789",
		.first_retry_ms = 20,
		.database_url = database_url,
		.ring = house.ring,
		.ladder = &house.options.ladder,
		.submit = service_submit,
		.service = house.service,
	};

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/cgi-bin/sendsms", gateway.port);
	assert_int_equal(notify_start(&options, &house.notify), 0);
}

static void open_house(void)
{
	static const struct service_hooks hooks = {on_batch, NULL};
	const char *temporary = getenv("TMPDIR");
	unsigned line;

	house.options = (struct service_options){.database_url = database_url,
						 .public_url = "https://egide.example",
						 .session_hours = 12,
						 .unverified_per_minute = 60};
	ladder_default(&house.options.ladder);
	snprintf(house.keys_path, sizeof(house.keys_path), "%s/egide-sms-%d",
		 temporary ? temporary : "/tmp", (int)getpid());
	house.alert = ID_NONE;
	house.is_closed = false;
	unlink(house.keys_path);
	assert_int_equal(keyring_create(house.keys_path), 0);
	assert_int_equal(keyring_open(house.keys_path, &house.ring, &line), 0);
	assert_int_equal(service_open(&house.options, house.ring, &hooks, &house.service), 0);
	fill_registry();
	gateway_start();
	assert_int_equal(
		reader_open(database_url, house.ring, &house.options.ladder, &house.reader), 0);
	sender_start();
	assert_int_equal(service_start(house.service), 0);
}

static void close_house(void)
{
	notify_stop(house.notify);
	reader_close(house.reader);
	service_close(house.service);
	notify_free(house.notify);
	house.notify = NULL;
	gateway_stop();
	keyring_free(house.ring);
	unlink(house.keys_path);
}

/* --- what tests do and see */

static void keep_alert(struct command *command)
{
	assert_int_equal(command->outcome.problem, PROBLEM_NONE);
	pthread_mutex_lock(&lock);
	house.alert = command->outcome.subject;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	command_free(command);
}

static void call_for_help(void)
{
	struct command *command = command_new(VERB_REPORT, (struct actor){.kind = ACTOR_DEVICE});
	struct device_report *report = &command->as.report;

	*report = (struct device_report){.protocol = PROTOCOL_WATCH,
					 .call_for_help = true,
					 .reasons = 1,
					 .at_ms = clock_now_ms(), /* each call is a new one */
					 .battery_percent = -1,
					 .signal_percent = -1};
	report->ident = command_keep(command, STR("1234567890"));
	memcpy(report->source, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1", 16);
	command->on_done = keep_alert;
	assert_int_equal(service_submit(house.service, command), 0);
}

static void submit_receipt(struct id message, int bits)
{
	struct command *command = command_new(VERB_RECEIPT, (struct actor){.kind = ACTOR_GATEWAY});

	command->subject = message;
	command->as.message.bits = bits;
	assert_int_equal(service_submit(house.service, command), 0);
}

static void submit_outcome(struct id message, enum message_state message_state, int64_t retry_at_ms)
{
	struct command *command = command_new(VERB_MESSAGE, (struct actor){.kind = ACTOR_GATEWAY});

	command->subject = message;
	command->as.message.state = message_state;
	command->as.message.retry_at_ms = retry_at_ms;
	assert_int_equal(service_submit(house.service, command), 0);
}

static void submit_reply(const char *number, const char *text, const char *key)
{
	struct command *command = command_new(VERB_INBOUND, (struct actor){.kind = ACTOR_GATEWAY});

	command->number = command_keep(command, str_from(number));
	command->text = command_keep(command, str_from(text));
	command->key = command_keep(command, str_from(key));
	assert_int_equal(service_submit(house.service, command), 0);
}

static void keep_closed(struct command *command)
{
	assert_int_equal(command->outcome.problem, PROBLEM_NONE);
	pthread_mutex_lock(&lock);
	house.is_closed |= command->as.alert.event == EVENT_CLOSE;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	command_free(command);
}

static void submit_event(struct alert_command event)
{
	struct actor operator= {.kind = ACTOR_CONTROL, .id = {{1}}};
	struct command *command = command_new(VERB_ALERT, operator);

	command->subject = house.alert;
	command->as.alert = event;
	command->on_done = keep_closed;
	assert_int_equal(service_submit(house.service, command), 0);
}

static void close_alert(void)
{
	submit_event((struct alert_command){.event = EVENT_CLAIM});
	submit_event((struct alert_command){.event = EVENT_CLOSE, .outcome = OUTCOME_FALSE_ALARM});
}

/* The alert as the page gets it; NULL when there is none yet. */
static json_t *read_alert(void)
{
	struct arena arena = ARENA_INIT;
	struct question question = {.subject = house.alert};
	struct answer answer = {.problem = PROBLEM_NONE};
	json_t *body = NULL;

	if (!id_is_none(house.alert) &&
	    !reader_control_alert(house.reader, &arena, NULL, clock_now_ms(), &question, &answer))
		body = json_loadb(answer.json.ptr, answer.json.len, 0, NULL);
	arena_fini(&arena);
	return body;
}

static bool has_state(const json_t *object, const char *state)
{
	const char *text = json_string_value(json_object_get(object, "state"));

	return text && !strcmp(text, state);
}

static bool contact_is(unsigned number, const char *state)
{
	json_t *body = read_alert();
	bool is = has_state(json_array_get(json_object_get(body, "contacts"), number), state);

	json_decref(body);
	return is;
}

/* Looks at the condition whenever a group was committed or the gateway was asked. */
#define wait_for(condition)                                                       \
	do {                                                                      \
		struct timespec until_;                                           \
		int late_ = 0;                                                    \
                                                                                  \
		clock_gettime(CLOCK_REALTIME, &until_);                           \
		until_.tv_sec += PATIENCE_S;                                      \
		pthread_mutex_lock(&lock);                                        \
		while (!(condition) && !late_)                                    \
			late_ = pthread_cond_timedwait(&changed, &lock, &until_); \
		pthread_mutex_unlock(&lock);                                      \
		if (late_)                                                        \
			fail_msg("never came: %s", #condition);                   \
	} while (0)

static struct id message_of(const char *target)
{
	const char *at = strstr(target, "receipt%3Fid%3D");
	struct id id;

	assert_non_null(at);
	assert_int_equal(id_parse(str_of(at + strlen("receipt%3Fid%3D"), 36), &id), 0);
	return id;
}

static unsigned accepted_to(const char *number)
{
	unsigned count = 0;

	for (unsigned i = 0; i < gateway.count; i++)
		count += gateway.statuses[i] == 202 && strstr(gateway.targets[i], number);
	return count;
}

static struct id first_message_to(const char *number)
{
	for (unsigned i = 0; i < gateway.count; i++)
		if (strstr(gateway.targets[i], number))
			return message_of(gateway.targets[i]);
	fail_msg("nothing to %s", number);
	return ID_NONE;
}

static bool was_accepted(struct id message)
{
	for (unsigned i = 0; i < gateway.count; i++)
		if (gateway.statuses[i] == 202 && id_eq(message_of(gateway.targets[i]), message))
			return true;
	return false;
}

/* --- tests */

static void test_the_first_contact_gets_a_link_and_their_answer_shows(void **state)
{
	open_house();
	call_for_help();
	wait_for(gateway.count == 1);
	assert_non_null(strstr(gateway.targets[0], "&to=%2B33199000001&"));
	assert_non_null(strstr(gateway.targets[0], "https%3A%2F%2Fegide.example%2Fs%2F"));
	assert_non_null(strstr(gateway.targets[0], "&coding=0&"));
	wait_for(contact_is(0, "accepted"));
	assert_true(contact_is(1, "waiting"));
	submit_receipt(message_of(gateway.targets[0]), 8);
	wait_for(contact_is(0, "sent"));
	submit_receipt(message_of(gateway.targets[0]), 1);
	wait_for(contact_is(0, "delivered"));
	submit_reply("+33199000001", "Ok j'y vais", "reply-1");
	wait_for(contact_is(0, "on_it"));
	close_house();
}

static void test_receipts_in_the_wrong_order_leave_the_message_delivered(void **state)
{
	unsigned batches;

	open_house();
	call_for_help();
	wait_for(gateway.count == 1);
	submit_receipt(message_of(gateway.targets[0]), 1);
	wait_for(contact_is(0, "delivered"));
	batches = house.batches;
	submit_receipt(message_of(gateway.targets[0]), 8);
	wait_for(house.batches > batches);
	assert_true(contact_is(0, "delivered"));
	close_house();
}

static void test_a_message_that_could_not_be_delivered_asks_the_next_contact_at_once(void **state)
{
	open_house();
	call_for_help();
	wait_for(gateway.count == 1);
	submit_receipt(message_of(gateway.targets[0]), 2);
	wait_for(contact_is(0, "failed"));
	wait_for(accepted_to("33199000002") == 1);
	wait_for(contact_is(1, "accepted"));
	close_house();
}

static void test_a_gateway_out_of_order_shows_and_is_asked_until_it_answers(void **state)
{
	open_house();
	gateway_says(503);
	call_for_help();
	wait_for(contact_is(0, "failed"));
	wait_for(contact_is(1, "failed"));
	gateway_says(202);
	wait_for(accepted_to("33199000001") == 1 && accepted_to("33199000002") == 1);
	submit_receipt(message_of(gateway.targets[0]), 1);
	wait_for(contact_is(0, "delivered"));
	close_house();
}

static void test_a_refused_number_asks_the_next_contact_at_once_and_is_left_alone(void **state)
{
	open_house();
	gateway_says(400);
	call_for_help();
	wait_for(contact_is(0, "failed") && contact_is(1, "failed"));
	assert_int_equal(gateway.count, 2);
	close_house();
}

/*
 * The outcome of a request that was under way when the alert was closed comes after it. The gateway
 * answers one request after the other, and is well again only when it has refused one of the second
 * alert: by then what the first alert had under way has had its answer.
 */
static void test_what_was_not_sent_when_the_alert_closes_is_never_sent(void **state)
{
	struct id closed, first, second;

	open_house();
	gateway_says(503);
	call_for_help();
	wait_for(contact_is(0, "failed") && contact_is(1, "failed"));
	closed = house.alert;
	first = first_message_to("33199000001");
	second = first_message_to("33199000002");
	close_alert();
	wait_for(house.is_closed);
	submit_outcome(first, MESSAGE_FAILED, clock_now_ms());
	call_for_help();
	wait_for(!id_eq(house.alert, closed) && contact_is(0, "failed"));
	gateway_says(202);
	wait_for(contact_is(0, "accepted") && contact_is(1, "accepted"));
	assert_false(was_accepted(first));
	assert_false(was_accepted(second));
	close_house();
}

int main(void)
{
	const struct database_test tests[] = {
		on(ON_BOTH, test_the_first_contact_gets_a_link_and_their_answer_shows),
		on(ON_BOTH, test_receipts_in_the_wrong_order_leave_the_message_delivered),
		on(ON_BOTH,
		   test_a_message_that_could_not_be_delivered_asks_the_next_contact_at_once),
		on(ON_BOTH, test_a_gateway_out_of_order_shows_and_is_asked_until_it_answers),
		on(ON_BOTH, test_a_refused_number_asks_the_next_contact_at_once_and_is_left_alone),
		on(ON_BOTH, test_what_was_not_sent_when_the_alert_closes_is_never_sent),
	};

	return run_on_databases("sms", tests, ARRAY_LEN(tests), db_migrate);
}
