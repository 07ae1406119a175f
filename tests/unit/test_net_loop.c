/* The loop: posts, timers, signals; and the addresses every listener speaks of. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "base/alloc.h"
#include "net/loop_private.h"
#include "net/socket.h"
#include "net/tcp.h"
#include "test.h"

enum { THREADS = 4, POSTS = 100000 };

struct poster {
	struct loop *loop;
	pthread_t thread;
	size_t next; /* the number the loop expects from this thread */
	size_t total;
	bool ordered;
};

struct post {
	struct poster *from;
	size_t number;
};

static size_t posts_seen;

static void on_post(void *arg)
{
	struct post *p = arg;

	p->from->ordered &= p->number == p->from->next++;
	if (++posts_seen == POSTS)
		loop_stop(p->from->loop);
	free(p);
}

static void *post_many(void *arg)
{
	struct poster *from = arg;

	for (size_t i = 0; i < from->total; i++) {
		struct post *p = xmalloc(sizeof(*p));

		*p = (struct post){from, i};
		loop_post(from->loop, on_post, p);
	}
	return NULL;
}

static void test_posts_of_four_threads_arrive_in_each_threads_order(void **state)
{
	struct loop *loop = loop_new();
	struct poster from[THREADS];

	posts_seen = 0;
	for (int i = 0; i < THREADS; i++) {
		from[i] = (struct poster){.loop = loop, .total = POSTS / THREADS, .ordered = true};
		pthread_create(&from[i].thread, NULL, post_many, &from[i]);
	}
	loop_run(loop);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(from[i].thread, NULL);
		assert_int_equal(from[i].next, POSTS / THREADS);
		assert_true(from[i].ordered);
	}
	/* Wake-ups coalesce: far fewer turns than posts. */
	assert_true(loop->turns < POSTS / 2);
	loop_free(loop);
}

struct ticker {
	struct loop *loop;
	struct timer *timer;
	unsigned ticks, last;
};

static void on_tick(void *arg)
{
	struct ticker *t = arg;

	if (++t->ticks < t->last)
		return;
	timer_stop(t->timer);
	t->timer = NULL;
	loop_stop(t->loop);
}

static void test_a_repeating_timer_may_free_itself(void **state)
{
	struct ticker t = {.loop = loop_new(), .last = 3};

	t.timer = timer_start(t.loop, 1, true, on_tick, &t);
	loop_run(t.loop);
	assert_int_equal(t.ticks, 3);
	loop_free(t.loop);
}

static void test_a_one_shot_timer_fires_once(void **state)
{
	struct ticker once = {.loop = loop_new(), .last = 9};
	struct ticker end = {.loop = once.loop, .last = 1};

	once.timer = timer_start(once.loop, 1, false, on_tick, &once);
	end.timer = timer_start(once.loop, 20, false, on_tick, &end);
	loop_run(once.loop);
	assert_int_equal(once.ticks, 1);
	timer_stop(once.timer);
	timer_stop(NULL);
	loop_free(once.loop);
}

static void on_usr1(void *arg)
{
	loop_stop(arg);
}

static void test_a_signal_is_an_ordinary_callback(void **state)
{
	struct loop *loop = loop_new();

	loop_on_signal(loop, SIGUSR1, on_usr1, loop);
	raise(SIGUSR1);
	loop_run(loop);
	loop_free(loop);
}

static void be_slow(void *arg)
{
	struct timespec t = {0, 20 * 1000000};

	nanosleep(&t, NULL);
	loop_stop(arg);
}

static void test_the_longest_turn_is_remembered_until_asked(void **state)
{
	struct loop *loop = loop_new();

	loop_post(loop, be_slow, loop);
	loop_run(loop);
	assert_in_range(loop_longest_turn_us(loop), 20000, 10000000);
	assert_int_equal(loop_longest_turn_us(loop), 0);
	loop_free(loop);
}

static void test_networks_are_parsed_strictly(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *inside, *outside;
	} rows[] = {
		{"10.0.0.0/8", 0, "10.255.0.1", "11.0.0.1"},
		{"0.0.0.0/0", 0, "192.0.2.1", "2001:db8::1"},
		{"192.0.2.7", 0, "192.0.2.7", "192.0.2.8"},
		{"192.0.2.128/25", 0, "192.0.2.129", "192.0.2.127"},
		{"2001:db8::/32", 0, "2001:db8:ffff::1", "2001:db9::"},
		{"::/0", 0, "10.0.0.1", NULL},
		{"::1", 0, "::1", "::2"},
		{"::ffff:10.0.0.0/104", 0, "10.1.2.3", "11.1.2.3"},
		{"10.1.0.0/8", -EINVAL, NULL, NULL},
		{"10.0.0.0/33", -EINVAL, NULL, NULL},
		{"10.0.0.0/", -EINVAL, NULL, NULL},
		{"10.0.0.0/-1", -EINVAL, NULL, NULL},
		{"10.0.0/8", -EINVAL, NULL, NULL},
		{"2001:db8::/129", -EINVAL, NULL, NULL},
		{"", -EINVAL, NULL, NULL},
		{"proxy.example", -EINVAL, NULL, NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct network n;
		struct address a;

		assert_int_equal(network_parse(str_from(rows[i].text), &n), rows[i].result);
		if (rows[i].inside) {
			assert_int_equal(address_parse(str_from(rows[i].inside), &a), 0);
			assert_true(network_holds(&n, &a));
		}
		if (rows[i].outside) {
			assert_int_equal(address_parse(str_from(rows[i].outside), &a), 0);
			assert_false(network_holds(&n, &a));
		}
	}
}

static void test_a_list_of_networks_is_taken_whole_or_not_at_all(void **state)
{
	static const char many[] =
		"1.1.1.1,1.1.1.2,1.1.1.3,1.1.1.4,1.1.1.5,1.1.1.6,1.1.1.7,1.1.1.8,1.1.1.9,"
		"1.1.1.10,1.1.1.11,1.1.1.12,1.1.1.13,1.1.1.14,1.1.1.15,1.1.1.16,1.1.1.17";
	static const char *const wrong[] = {
		",", "10.0.0.0/8,", ",::1", "10.0.0.0/8 ::1", "10.0.0.0/8, proxy.example", many};
	struct network_list list = {.count = 0};
	struct address inside, other, outside;

	assert_int_equal(address_parse(STR("127.1.2.3"), &inside), 0);
	assert_int_equal(address_parse(STR("::1"), &other), 0);
	assert_int_equal(address_parse(STR("192.0.2.7"), &outside), 0);
	assert_int_equal(networks_parse(STR(" 127.0.0.0/8 ,::1 "), &list), 0);
	assert_int_equal(list.count, 2);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(networks_parse(str_from(wrong[i]), &list), -EINVAL);
	assert_true(networks_hold(&list, &inside) && networks_hold(&list, &other));
	assert_false(networks_hold(&list, &outside));
	assert_int_equal(networks_parse(STR(" "), &list), 0);
	assert_false(networks_hold(&list, &inside));
}

static void test_addresses_print_as_they_are_written(void **state)
{
	static const char *const texts[] = {"192.0.2.7", "2001:db8::1", "::1"};
	char out[ADDRESS_TEXT_SIZE];
	struct address a, b;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(address_parse(str_from(texts[i]), &a), 0);
		address_print(&a, out);
		assert_string_equal(out, texts[i]);
	}
	assert_int_equal(address_parse(STR("::ffff:192.0.2.7"), &a), 0);
	assert_int_equal(address_parse(STR("192.0.2.7"), &b), 0);
	b.port = 80;
	assert_true(address_eq_ip(&a, &b));
	assert_int_equal(address_parse(str_of("10.0.0.1\0", 9), &a), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_posts_of_four_threads_arrive_in_each_threads_order),
		cmocka_unit_test(test_a_repeating_timer_may_free_itself),
		cmocka_unit_test(test_a_one_shot_timer_fires_once),
		cmocka_unit_test(test_a_signal_is_an_ordinary_callback),
		cmocka_unit_test(test_the_longest_turn_is_remembered_until_asked),
		cmocka_unit_test(test_networks_are_parsed_strictly),
		cmocka_unit_test(test_a_list_of_networks_is_taken_whole_or_not_at_all),
		cmocka_unit_test(test_addresses_print_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
