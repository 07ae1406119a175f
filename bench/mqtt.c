/*
 * The peer that stores nothing: `count` publishers of a frame at QoS 1 to an MQTT broker, each with
 * one waiting for its PUBACK, and one subscriber at QoS 0 that they are passed on to.
 */
#include "modes.h"

#include "base/alloc.h"
#include "base/clock.h"

enum {
	CONNECT = 0x10,
	CONNACK = 0x20,
	PUBLISH = 0x30,
	PUBLISH_ONCE = 0x32,
	PUBACK = 0x40,
	SUBSCRIBE = 0x82,
	SUBACK = 0x90
};
enum { FRAME_BYTES = 130 };

static struct client *clients; /* the last one subscribes */
static size_t publisher_count, ready, passed_on;
static int64_t *sent_us, start_us, end_us;
static struct latencies acknowledged;

static void add_text(struct buf *b, struct str text)
{
	buf_add_u16(b, (uint16_t)text.len);
	buf_add_str(b, text);
}

/* Every packet of ours is shorter than 16 KiB. */
static void send_packet(struct client *c, uint8_t type, const struct buf *body)
{
	struct buf packet = BUF_INIT;

	buf_add_byte(&packet, type);
	if (body->len < 128) {
		buf_add_byte(&packet, (uint8_t)body->len);
	} else {
		buf_add_byte(&packet, (uint8_t)(0x80 | (body->len & 0x7F)));
		buf_add_byte(&packet, (uint8_t)(body->len >> 7));
	}
	buf_add_str(&packet, buf_str(body));
	client_send(c, buf_str(&packet));
	buf_fini(&packet);
}

void mqtt_connect(struct client *c)
{
	struct buf body = BUF_INIT;
	char name[24];

	snprintf(name, sizeof(name), "bench%zu", c->index);
	add_text(&body, STR("MQTT"));
	buf_add_byte(&body, 4);
	buf_add_byte(&body, 2); /* a clean session */
	buf_add_u16(&body, 0);
	add_text(&body, str_from(name));
	send_packet(c, CONNECT, &body);
	buf_fini(&body);
}

static void publish(struct client *c)
{
	static const char frame[FRAME_BYTES] = "[SG*4100000001*006e*UD,";
	struct buf body = BUF_INIT;

	add_text(&body, STR("watch"));
	buf_add_u16(&body, 1);
	buf_add(&body, frame, sizeof(frame));
	sent_us[c->index] = clock_monotonic_us();
	send_packet(c, PUBLISH_ONCE, &body);
	buf_fini(&body);
}

static void subscribe(struct client *c)
{
	struct buf body = BUF_INIT;

	buf_add_u16(&body, 1);
	add_text(&body, STR("watch"));
	buf_add_byte(&body, 0);
	send_packet(c, SUBSCRIBE, &body);
	buf_fini(&body);
}

static void on_packet(struct client *c, uint8_t type)
{
	int64_t now_us = clock_monotonic_us();

	switch (type & 0xF0) {
	case CONNACK:
		if (c->index == publisher_count)
			subscribe(c);
		else
			ready++;
		break;
	case SUBACK:
		ready++;
		break;
	case PUBLISH:
		passed_on++;
		break;
	case PUBACK:
		latency_add(&acknowledged, now_us - sent_us[c->index]);
		if (now_us < end_us)
			publish(c);
		break;
	default:
		die("the broker sent a packet of type %u", type);
	}
}

static size_t on_data(struct client *c, struct str bytes)
{
	const uint8_t *b = (const uint8_t *)bytes.ptr;
	size_t used = 0;

	while (bytes.len - used >= 2) {
		size_t header = b[used + 1] < 128 ? 2 : 3, body = b[used + 1] & 0x7F;

		if (bytes.len - used < header)
			break;
		if (header == 3)
			body |= (size_t)b[used + 2] << 7;
		if (bytes.len - used < header + body)
			break;
		on_packet(c, b[used]);
		used += header + body;
	}
	return used;
}

void mode_mqtt(const struct settings *s)
{
	static const struct client_calls calls = {mqtt_connect, on_data};
	struct usage before, after;
	size_t counted;

	publisher_count = s->count;
	clients = xcalloc(s->count + 1, sizeof(clients[0]));
	sent_us = xcalloc(s->count + 1, sizeof(sent_us[0]));
	clients_open(clients, s->count + 1, &calls, s->watch_port, false);
	while (ready <= publisher_count)
		clients_poll(clock_monotonic_us() + 100000);
	before = usage_of(s->pid);
	start_us = clock_monotonic_us();
	end_us = start_us + (int64_t)(s->seconds * 1e6);
	for (size_t i = 0; i < publisher_count; i++)
		publish(&clients[i]);
	while (clock_monotonic_us() < end_us)
		clients_poll(end_us);
	after = usage_of(s->pid);
	counted = acknowledged.len;
	printf("{\"acknowledged\":%zu,\"passed_on\":%zu,\"per_second\":%.0f,\"cpu_us\":%.1f",
	       counted, passed_on, (double)counted / s->seconds,
	       (double)(after.cpu_us - before.cpu_us) / (double)counted);
	latency_print(&acknowledged, "ack");
	puts("}");
}
