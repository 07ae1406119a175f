/*
 * notify/: the sender of SMS against a gateway of a few lines, rows in memory and an executor that
 * can be told to refuse. The reader is ours here: the linker takes these three functions instead of
 * service's.
 */
#include "test.h"

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/queue.h"
#include "notify/kannel_request.h"
#include "notify/notify.h"
#include "service/command.h"
#include "service/reader.h"

enum { ROWS_MAX = 600, HISTORY_MAX = 12, PATIENCE_MS = 20 * 1000, GATEWAYS = 2 };

struct row {
	struct outgoing message;
	int64_t next_at_ms;
	enum message_state history[HISTORY_MAX];
	unsigned changes;
	char why[100];
};

/* A gateway: answers `status`, or nothing at all. */
struct gateway {
	int listener, port;
	pthread_t thread;
	bool is_up;
	int status; /* 0: holds every request */
	unsigned requests, held;
	int holds[64];
	char target[2048]; /* of the last request */
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct row rows[ROWS_MAX];
	unsigned row_count;
	unsigned reads, opens;
	int read_error, submit_error;
	enum problem problem;
	struct queue *commands;
	pthread_t executor;
	struct gateway gateways[GATEWAYS];
	struct notify *notify;
	bool is_stopped;
	int limit_ms; /* of a request; 0: as in a server */
} world = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

#define LOCKED(statement)                               \
	do {                                            \
		pthread_mutex_lock(&world.lock);        \
		statement;                              \
		pthread_cond_broadcast(&world.changed); \
		pthread_mutex_unlock(&world.lock);      \
	} while (0)

/* Waits until the condition holds; it is looked at whenever something happens. */
#define wait_for(condition)                                                                   \
	do {                                                                                  \
		struct timespec until_;                                                       \
		int late_ = 0;                                                                \
                                                                                              \
		clock_gettime(CLOCK_REALTIME, &until_);                                       \
		until_.tv_sec += PATIENCE_MS / 1000;                                          \
		pthread_mutex_lock(&world.lock);                                              \
		while (!(condition) && !late_)                                                \
			late_ = pthread_cond_timedwait(&world.changed, &world.lock, &until_); \
		pthread_mutex_unlock(&world.lock);                                            \
		if (late_)                                                                    \
			fail_msg("never came: %s", #condition);                               \
	} while (0)

/* --- rows, as service/reader would give them */

int reader_open(const char *database_url, const struct keyring *ring, const struct ladder *ladder,
		struct reader **ret_reader)
{
	LOCKED(world.opens++);
	*ret_reader = (struct reader *)&world;
	return 0;
}

void reader_close(struct reader *r)
{
}

int reader_messages_due(struct reader *r, struct arena *arena, int64_t now_ms, int limit,
			struct outgoing **ret_messages, size_t *ret_count, int64_t *ret_next_ms)
{
	struct outgoing *list = arena_alloc(arena, (size_t)limit * sizeof(*list));
	int error;

	pthread_mutex_lock(&world.lock);
	world.reads++;
	error = world.read_error;
	*ret_count = 0;
	*ret_next_ms = INT64_MAX;
	for (unsigned i = 0; i < world.row_count; i++) {
		const struct row *row = &world.rows[i];

		if (row->next_at_ms == TIME_NONE)
			continue;
		if (row->next_at_ms <= now_ms && *ret_count < (size_t)limit)
			list[(*ret_count)++] = row->message;
		else if (row->next_at_ms < *ret_next_ms)
			*ret_next_ms = row->next_at_ms;
	}
	pthread_cond_broadcast(&world.changed);
	pthread_mutex_unlock(&world.lock);
	*ret_messages = list;
	return error;
}

/* --- the executor */

static struct row *row_of(struct id id)
{
	for (unsigned i = 0; i < world.row_count; i++)
		if (id_eq(world.rows[i].message.id, id))
			return &world.rows[i];
	return NULL;
}

static void carry_out(const struct command *command)
{
	struct row *row = row_of(command->subject);

	if (row->changes < HISTORY_MAX)
		row->history[row->changes] = command->as.message.state;
	row->changes++;
	row->message.attempts++;
	row->next_at_ms = command->as.message.retry_at_ms;
	snprintf(row->why, sizeof(row->why), "%.*s", STR_FMT(command->text));
}

static void *execute(void *arg)
{
	struct command *command;

	while ((command = queue_pop(world.commands, -1))) {
		LOCKED({
			command->outcome.problem = world.problem;
			if (!world.problem)
				carry_out(command);
		});
		command->on_done(command);
	}
	return NULL;
}

static int submit(struct service *service, struct command *command)
{
	int r;

	LOCKED(r = world.submit_error);
	return r ? r : queue_push(world.commands, 0, command);
}

/* --- the gateway */

/* Reads the request's head, whatever it says; its target. */
static void hear(int fd, char target[2048])
{
	char bytes[8192] = "";
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, bytes + len, sizeof(bytes) - 1 - len)) > 0) {
		len += (size_t)n;
		bytes[len] = 0;
		if (strstr(bytes, "\r\n\r\n"))
			break;
	}
	sscanf(bytes, "GET %2047s", target);
}

static void answer(struct gateway *g, int fd)
{
	char text[200], target[2048] = "";
	int len, status;

	hear(fd, target);
	LOCKED({
		memcpy(g->target, target, sizeof(target));
		g->requests++;
		status = g->status;
		if (!status)
			g->holds[g->held++] = fd;
	});
	if (!status)
		return;
	len = snprintf(text, sizeof(text),
		       "HTTP/1.1 %d X\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", status);
	/* A client that has gone is its own affair. */
	if (write(fd, text, (size_t)len) != len)
		perror("gateway");
	close(fd);
}

static void *serve(void *arg)
{
	struct gateway *g = arg;
	int fd;

	while ((fd = accept(g->listener, NULL, NULL)) >= 0)
		answer(g, fd);
	return NULL;
}

/* The port is kept from one life of the gateway to the next. */
static void gateway_up(struct gateway *g, int status)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)g->port)};
	socklen_t len = sizeof(address);
	int one = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	g->status = status;
	g->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(g->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(g->listener, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(g->listener, 64), 0);
	getsockname(g->listener, (struct sockaddr *)&address, &len);
	g->port = ntohs(address.sin_port);
	pthread_create(&g->thread, NULL, serve, g);
	g->is_up = true;
}

static void gateway_down(struct gateway *g)
{
	if (!g->is_up)
		return;
	g->is_up = false;
	shutdown(g->listener, SHUT_RDWR);
	pthread_join(g->thread, NULL);
	close(g->listener);
	for (unsigned i = 0; i < g->held; i++)
		close(g->holds[i]);
	g->held = 0;
}

/* --- the scene */

static struct row *add_row(int64_t valid_ms)
{
	struct row *row = &world.rows[world.row_count];
	uint8_t chance[10] = {(uint8_t)(world.row_count >> 8), (uint8_t)world.row_count};
	int64_t now_ms = clock_now_ms();

	*row = (struct row){.message = {.id = id_v7(now_ms, chance),
					.to = STR("+33639980001"),
					.text = STR("ALERTE & lien https://egide.example/s/a"),
					.created_at_ms = now_ms,
					.valid_until_ms = now_ms + valid_ms},
			    .next_at_ms = now_ms};
	LOCKED(world.row_count++);
	return row;
}

static void start(const struct notify_gateway *backup)
{
	char url[100], backup_url[100];
	struct notify_options options = {
		.gateway = {.sendsms_url = url,
			    .user = "egide",
			    .password = "mot de passe",
			    .from = "EGIDE",
			    .callback_url = "http://127.0.0.1:8080/kannel/receipt"},
		.callback_secret = "demonstration-0123456789",
		.connect_timeout_ms = world.limit_ms,
		.total_timeout_ms = world.limit_ms,
		.first_retry_ms = 20,
		.database_url = "",
		.submit = submit,
	};

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/cgi-bin/sendsms", world.gateways[0].port);
	snprintf(backup_url, sizeof(backup_url), "http://127.0.0.1:%d/cgi-bin/sendsms?smsc=backup",
		 world.gateways[1].port);
	if (backup) {
		options.backup = *backup;
		options.backup.sendsms_url = backup_url;
	}
	assert_int_equal(notify_start(&options, &world.notify), 0);
}

static void stop(void)
{
	if (world.notify && !world.is_stopped)
		notify_stop(world.notify);
	world.is_stopped = true;
}

static int set_up(void **state)
{
	world.is_stopped = false;
	world.limit_ms = 300;
	world.row_count = world.reads = world.opens = 0;
	world.read_error = world.submit_error = 0;
	world.problem = PROBLEM_NONE;
	world.commands = queue_new(1, ROWS_MAX);
	memset(world.gateways, 0, sizeof(world.gateways));
	pthread_create(&world.executor, NULL, execute, NULL);
	for (int i = 0; i < GATEWAYS; i++)
		gateway_up(&world.gateways[i], 202);
	return 0;
}

static int tear_down(void **state)
{
	stop();
	queue_close(world.commands);
	pthread_join(world.executor, NULL);
	notify_free(world.notify);
	world.notify = NULL;
	queue_free(world.commands);
	for (int i = 0; i < GATEWAYS; i++)
		gateway_down(&world.gateways[i]);
	return 0;
}

/* --- tests */

static void test_a_message_is_given_to_the_gateway_once(void **state)
{
	struct row *row = add_row(600 * 1000);

	start(NULL);
	wait_for(row->changes == 1);
	assert_int_equal(row->history[0], MESSAGE_ACCEPTED);
	assert_true(row->next_at_ms == TIME_NONE);
	assert_string_equal(row->why, "");
	for (unsigned reads = world.reads, i = 0; i < 3; i++, reads = world.reads) {
		notify_wake(world.notify);
		wait_for(world.reads > reads);
	}
	assert_int_equal(world.gateways[0].requests, 1);
}

static void test_a_wake_up_sends_what_was_added(void **state)
{
	struct row *row;

	start(NULL);
	wait_for(world.reads > 0);
	row = add_row(600 * 1000);
	notify_wake(world.notify);
	wait_for(row->changes == 1);
	assert_int_equal(row->history[0], MESSAGE_ACCEPTED);
}

static void test_the_request_says_what_kannel_needs(void **state)
{
	struct notify_gateway gateway = {
		.sendsms_url = "http://127.0.0.1:13013/cgi-bin/sendsms",
		.user = "egide",
		.password = "a&b %",
		.from = "EGIDE",
		.callback_url = "http://127.0.0.1:8080/kannel/receipt",
	};
	struct outgoing message = {
		.to = STR("+33639980001"), .text = STR("Élu & €"), .valid_until_ms = 61000};
	struct buf url = BUF_INIT;

	kannel_request_url(&gateway, "demonstration-0123456789", &message, 0, 1000, &url);
	assert_string_equal(
		buf_cstr(&url),
		"http://127.0.0.1:13013/cgi-bin/sendsms?charset=UTF-8&coding=0&priority=3"
		"&validity=1&username=egide&password=a%26b%20%25&from=EGIDE"
		"&to=%2B33639980001&text=%C3%89lu%20%26%20%E2%82%AC&dlr-mask=31"
		"&dlr-url=http%3A%2F%2F127.0.0.1%3A8080%2Fkannel%2Freceipt%3Fid%3D"
		"00000000-0000-0000-0000-000000000000%26d%3D%25d%26r%3D0"
		"%26secret%3Ddemonstration-0123456789");
	buf_reset(&url);
	message.text = STR("Benoît");
	message.valid_until_ms = 600 * 1000;
	gateway.sendsms_url = "";
	kannel_request_url(&gateway, "demonstration-0123456789", &message, 0, 1000, &url);
	assert_non_null(strstr(buf_cstr(&url), "&coding=2&"));
	assert_non_null(strstr(buf_cstr(&url), "&validity=10&"));
	buf_fini(&url);
}

static void test_a_gateway_that_comes_back_gets_the_message(void **state)
{
	struct row *row = add_row(600 * 1000);

	gateway_down(&world.gateways[0]);
	start(NULL);
	wait_for(row->changes >= 2);
	assert_int_equal(row->history[0], MESSAGE_FAILED);
	assert_int_equal(row->history[1], MESSAGE_FAILED);
	LOCKED(assert_string_equal(row->why, "passerelle SMS injoignable"));
	gateway_up(&world.gateways[0], 202);
	wait_for(row->next_at_ms == TIME_NONE);
	assert_int_equal(row->history[row->changes - 1], MESSAGE_ACCEPTED);
	assert_int_equal(world.gateways[0].requests, 1);
}

static void test_a_gateway_out_of_order_is_asked_again(void **state)
{
	struct row *row = add_row(600 * 1000);

	world.gateways[0].status = 503;
	start(NULL);
	wait_for(row->changes >= 1);
	assert_int_equal(row->history[0], MESSAGE_FAILED);
	LOCKED(world.gateways[0].status = 202);
	wait_for(row->next_at_ms == TIME_NONE);
	assert_int_equal(row->history[row->changes - 1], MESSAGE_ACCEPTED);
}

static void test_a_refused_number_is_not_tried_again(void **state)
{
	struct row *row = add_row(600 * 1000);

	world.gateways[0].status = 400;
	start(NULL);
	wait_for(row->changes == 1);
	assert_int_equal(row->history[0], MESSAGE_FAILED);
	assert_true(row->next_at_ms == TIME_NONE);
	assert_string_equal(row->why, "numéro ou texte refusé par la passerelle SMS");
}

static void test_a_message_that_is_too_old_is_never_sent(void **state)
{
	struct row *row = add_row(-1);

	start(NULL);
	wait_for(row->changes == 1);
	assert_int_equal(row->history[0], MESSAGE_FAILED);
	assert_true(row->next_at_ms == TIME_NONE);
	assert_string_equal(row->why, "périmé");
	assert_int_equal(world.gateways[0].requests, 0);
}

static void test_attempts_end_with_the_validity(void **state)
{
	struct row *row = add_row(200);

	gateway_down(&world.gateways[0]);
	start(NULL);
	wait_for(row->next_at_ms == TIME_NONE);
	assert_int_equal(row->history[row->changes - 1], MESSAGE_FAILED);
}

static void test_a_test_alert_goes_through_every_step_but_the_gateway(void **state)
{
	struct row *row = add_row(600 * 1000);

	row->message.simulated = true;
	start(NULL);
	wait_for(row->next_at_ms == TIME_NONE);
	assert_int_equal(row->changes, 3);
	assert_int_equal(row->history[0], MESSAGE_ACCEPTED);
	assert_int_equal(row->history[1], MESSAGE_SENT);
	assert_int_equal(row->history[2], MESSAGE_DELIVERED);
	assert_int_equal(world.gateways[0].requests, 0);
}

static void test_an_outcome_the_executor_has_no_room_for_is_kept(void **state)
{
	struct row *row = add_row(600 * 1000);

	world.submit_error = -EAGAIN;
	start(NULL);
	wait_for(world.gateways[0].requests == 1);
	LOCKED(world.submit_error = 0);
	wait_for(row->changes == 1);
	assert_int_equal(row->history[0], MESSAGE_ACCEPTED);
	assert_int_equal(world.gateways[0].requests, 1);
}

static void
test_an_outcome_storage_could_not_keep_is_told_again_and_nothing_is_sent_twice(void **state)
{
	struct row *row = add_row(600 * 1000);
	unsigned reads;

	world.problem = PROBLEM_UNAVAILABLE;
	start(NULL);
	wait_for(world.gateways[0].requests == 1);
	reads = world.reads;
	notify_wake(world.notify);
	wait_for(world.reads > reads);
	LOCKED(world.problem = PROBLEM_NONE);
	wait_for(row->changes == 1);
	assert_int_equal(world.gateways[0].requests, 1);
}

static void test_the_backup_is_tried_at_once(void **state)
{
	static const struct notify_gateway same = {.user = NULL};
	struct row *row = add_row(600 * 1000);
	struct notify_figures figures;

	gateway_down(&world.gateways[0]);
	start(&same);
	wait_for(row->changes == 1);
	assert_int_equal(row->history[0], MESSAGE_ACCEPTED);
	assert_int_equal(world.gateways[1].requests, 1);
	notify_figures(world.notify, &figures);
	assert_int_equal(figures.requests, 2);
	assert_int_equal(figures.backup, 1);
	assert_int_equal(figures.accepted, 1);
	assert_int_equal(figures.failed, 0);
}

static void target_of_the_backup(const struct notify_gateway *backup, char target[2048])
{
	struct row *row = add_row(600 * 1000);

	world.gateways[0].status = 503;
	start(backup);
	wait_for(row->changes == 1);
	LOCKED(memcpy(target, world.gateways[1].target, sizeof(world.gateways[1].target)));
	assert_int_equal(row->history[0], MESSAGE_ACCEPTED);
}

static void test_a_backup_is_asked_as_the_first_for_what_it_leaves_out(void **state)
{
	char target[2048];

	target_of_the_backup(&(struct notify_gateway){.user = ""}, target);
	assert_ptr_equal(strstr(target, "/cgi-bin/sendsms?smsc=backup&charset="), target);
	assert_non_null(strstr(target, "&username=egide&password=mot%20de%20passe&from=EGIDE&"));
	assert_non_null(strstr(target, "&dlr-url=http%3A%2F%2F127.0.0.1%3A8080%2Fkannel%2F"));
}

static void test_a_backup_has_its_own_user_sender_and_callback(void **state)
{
	char target[2048];

	target_of_the_backup(&(struct notify_gateway){.user = "secours",
						      .password = "autre",
						      .from = "36111",
						      .callback_url = "https://egide.example/kannel"
								      "/receipt?par=secours"},
			     target);
	assert_non_null(strstr(target, "&username=secours&password=autre&from=36111&"));
	assert_non_null(strstr(target, "&dlr-url=https%3A%2F%2Fegide.example%2Fkannel%2Freceipt"
				       "%3Fpar%3Dsecours%26id%3D"));
	LOCKED(assert_non_null(strstr(world.gateways[0].target, "&username=egide&")));
}

/* What the backup refuses for good says nothing of the first, which is only out of order. */
static void test_a_backup_that_refuses_does_not_end_the_attempts_of_the_first(void **state)
{
	static const struct notify_gateway wrong = {.password = "faux"};
	struct row *row = add_row(600 * 1000);

	world.gateways[0].status = 503;
	world.gateways[1].status = 403;
	start(&wrong);
	wait_for(row->changes >= 1);
	LOCKED(world.gateways[0].status = 202);
	wait_for(row->next_at_ms == TIME_NONE);
	assert_int_equal(row->history[0], MESSAGE_FAILED);
	assert_int_equal(row->history[row->changes - 1], MESSAGE_ACCEPTED);
}

static void test_a_silent_first_is_tried_again_when_the_backup_refuses(void **state)
{
	static const struct notify_gateway wrong = {.password = "faux"};
	struct row *row, *next;

	world.gateways[0].status = 0;
	world.gateways[1].status = 403;
	row = add_row(600 * 1000);
	start(&wrong);
	wait_for(row->changes >= 1);
	/* Begun while the first is left alone: only the backup is asked. */
	next = add_row(600 * 1000);
	notify_wake(world.notify);
	wait_for(next->changes >= 1);
	LOCKED(world.gateways[0].status = 202);
	wait_for(row->next_at_ms == TIME_NONE && next->next_at_ms == TIME_NONE);
	assert_int_equal(row->history[row->changes - 1], MESSAGE_ACCEPTED);
	assert_int_equal(next->history[next->changes - 1], MESSAGE_ACCEPTED);
}

static void test_an_address_that_has_a_query_keeps_it(void **state)
{
	static const char *const rows[][2] = {
		{"http://k/sendsms", "http://k/sendsms?charset="},
		{"http://k/sendsms?", "http://k/sendsms?charset="},
		{"http://k/sendsms?smsc=backup", "http://k/sendsms?smsc=backup&charset="},
		{"http://k/sendsms?smsc=backup&", "http://k/sendsms?smsc=backup&charset="},
	};
	struct outgoing message = {.to = STR("+33639980001"), .text = STR("a")};
	struct buf url = BUF_INIT;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct notify_gateway gateway = {rows[i][0], "u", "p", "f", "http://e/receipt"};

		kannel_request_url(&gateway, "demonstration-0123456789", &message, 0, 0, &url);
		assert_ptr_equal(strstr(buf_cstr(&url), rows[i][1]), buf_cstr(&url));
		buf_reset(&url);
	}
	buf_fini(&url);
}

static double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void test_a_silent_gateway_fails_everyone_without_making_them_wait_in_turn(void **state)
{
	int64_t began_ms = clock_monotonic_ms();
	double cpu = cpu_ms();

	world.gateways[0].status = 0;
	for (int i = 0; i < 40; i++)
		add_row(600 * 1000);
	start(NULL);
	for (int i = 0; i < 40; i++)
		wait_for(world.rows[i].changes >= 1);
	for (int i = 0; i < 40; i++)
		assert_int_equal(world.rows[i].history[0], MESSAGE_FAILED);
	/* One after the other, eight at once, it would have been five times the limit. */
	assert_true(clock_monotonic_ms() - began_ms < 5 * 300);
	/* Waiting is sleeping. */
	assert_true(cpu_ms() - cpu < 0.5 * (double)(clock_monotonic_ms() - began_ms));
}

static void test_thousands_waiting_leave_in_slices_each_once(void **state)
{
	/* No gateway is silent here: a busy machine is no reason to give one up. */
	world.limit_ms = 0;
	for (int i = 0; i < ROWS_MAX; i++)
		add_row(600 * 1000);
	start(NULL);
	for (int i = 0; i < ROWS_MAX; i++)
		wait_for(world.rows[i].changes == 1);
	for (int i = 0; i < ROWS_MAX; i++)
		assert_int_equal(world.rows[i].history[0], MESSAGE_ACCEPTED);
	assert_int_equal(world.gateways[0].requests, ROWS_MAX);
}

static void test_an_outbox_that_cannot_be_read_is_opened_again(void **state)
{
	struct row *row = add_row(600 * 1000);

	world.read_error = -EIO;
	start(NULL);
	wait_for(world.reads == 1);
	LOCKED(world.read_error = 0);
	wait_for(row->changes == 1);
	assert_int_equal(world.opens, 2);
}

static void test_stopping_waits_for_the_request_under_way(void **state)
{
	struct row *row = add_row(600 * 1000);

	world.gateways[0].status = 0;
	start(NULL);
	wait_for(world.gateways[0].held == 1);
	LOCKED({
		int fd = world.gateways[0].holds[--world.gateways[0].held];

		assert_int_equal(write(fd, "HTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n", 37), 37);
		close(fd);
	});
	stop();
	wait_for(row->changes == 1);
	assert_int_equal(row->history[0], MESSAGE_ACCEPTED);
}

static void test_stopping_before_a_silent_gateway_leaves_the_row_as_it_is(void **state)
{
	struct row *row = add_row(600 * 1000);

	world.gateways[0].status = 0;
	start(NULL);
	wait_for(world.gateways[0].held == 1);
	stop();
	assert_int_equal(row->changes, 0);
}

static void test_a_secret_that_kannel_would_expand_is_refused(void **state)
{
	struct notify_options options = {.gateway.sendsms_url = "http://127.0.0.1:1/",
					 .callback_secret = "demonstration-%d-0123456789",
					 .submit = submit};
	struct notify *n;

	assert_int_equal(notify_start(&options, &n), -EINVAL);
	options.callback_secret = "court";
	assert_int_equal(notify_start(&options, &n), -EINVAL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_message_is_given_to_the_gateway_once),
		TEST(test_a_wake_up_sends_what_was_added),
		cmocka_unit_test(test_the_request_says_what_kannel_needs),
		TEST(test_a_gateway_that_comes_back_gets_the_message),
		TEST(test_a_gateway_out_of_order_is_asked_again),
		TEST(test_a_refused_number_is_not_tried_again),
		TEST(test_a_message_that_is_too_old_is_never_sent),
		TEST(test_attempts_end_with_the_validity),
		TEST(test_a_test_alert_goes_through_every_step_but_the_gateway),
		TEST(test_an_outcome_the_executor_has_no_room_for_is_kept),
		TEST(test_an_outcome_storage_could_not_keep_is_told_again_and_nothing_is_sent_twice),
		TEST(test_the_backup_is_tried_at_once),
		TEST(test_a_backup_is_asked_as_the_first_for_what_it_leaves_out),
		TEST(test_a_backup_has_its_own_user_sender_and_callback),
		TEST(test_a_backup_that_refuses_does_not_end_the_attempts_of_the_first),
		TEST(test_a_silent_first_is_tried_again_when_the_backup_refuses),
		cmocka_unit_test(test_an_address_that_has_a_query_keeps_it),
		TEST(test_a_silent_gateway_fails_everyone_without_making_them_wait_in_turn),
		TEST(test_thousands_waiting_leave_in_slices_each_once),
		TEST(test_an_outbox_that_cannot_be_read_is_opened_again),
		TEST(test_stopping_waits_for_the_request_under_way),
		TEST(test_stopping_before_a_silent_gateway_leaves_the_row_as_it_is),
		TEST(test_a_secret_that_kannel_would_expand_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
