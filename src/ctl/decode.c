/* egidectl decode: see decode.h, and docs/protocol/ for the protocols. */
#include "ctl/decode.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/limits.h"
#include "ctl/report_json.h"
#include "ctl/request.h"
#include "wire/osmand.h"
#include "wire/owntracks.h"
#include "wire/watch.h"

/* Exit statuses. */
enum { DONE = 0, SOME_FAILED = 1, MISUSED = 2 };

enum { LINE_MAX_BYTES = 2 * LIMIT_WATCH_FRAME_BYTES + 2, CHUNK_BYTES = 64 * 1024 };

struct protocol {
	const char *name;
	/* Decodes and prints all messages of one line. */
	void (*decode_line)(struct str bytes);
	/*
	 * Decodes and prints one message at the front of a stream: bytes used, 0 when more are
	 * needed, -errno when nothing can be read any more.
	 */
	ptrdiff_t (*decode_next)(struct str stream);
};

static void print_watch(struct str raw)
{
	struct buf reply = BUF_INIT;
	struct report r;

	watch_decode(raw, &r);
	watch_reply(raw, true, &reply);
	report_print(&r, buf_str(&reply), 0);
	buf_fini(&reply);
}

static ptrdiff_t watch_next(struct str stream)
{
	struct str raw;
	size_t skip;
	ptrdiff_t used = watch_next_frame(stream, &raw, &skip);

	if (used == -EBADMSG)
		used = (ptrdiff_t)skip;
	if (used > 0)
		print_watch(raw);
	return used;
}

/* One frame a line; several, as they came, when their lengths say so. */
static void watch_line(struct str bytes)
{
	struct watch_frame frame;
	ptrdiff_t used;

	if (!watch_split(bytes, &frame) && !frame.length_lies) {
		print_watch(bytes);
		return;
	}
	while (bytes.len && (used = watch_next(bytes)) > 0)
		bytes = str_slice(bytes, (size_t)used, bytes.len);
	if (bytes.len)
		print_watch(bytes);
}

/* What a device is told: an unverified SOS is stored, so it is accepted. */
static void print_posted(const struct report *r, bool refused)
{
	report_print(r, STR_NONE, refused && !r->sos ? 400 : 200);
}

static void print_osmand(struct str uri, struct str content_type, struct str body)
{
	struct arena arena = ARENA_INIT;
	struct report r;

	osmand_decode(uri, content_type, body, &arena, &r);
	print_posted(&r, r.kind == REPORT_REJECT || r.kind == REPORT_NONE);
	arena_fini(&arena);
}

static void print_owntracks(struct str uri, struct str content_type, struct str body)
{
	struct arena arena = ARENA_INIT;
	struct report r;

	owntracks_decode(body, &arena, &r);
	print_posted(&r, r.kind == REPORT_REJECT);
	arena_fini(&arena);
}

typedef void print_post(struct str uri, struct str content_type, struct str body);

static ptrdiff_t next_post(struct str stream, print_post *print)
{
	struct request request;
	size_t blank = 0;
	ptrdiff_t head;

	while (blank < stream.len && memchr("\r\n", stream.ptr[blank], 2))
		blank++;
	if (blank)
		return (ptrdiff_t)blank;
	head = request_parse(stream, &request);
	if (head <= 0)
		return head;
	if (stream.len - (size_t)head < request.body_size_bytes)
		return 0;
	request.body = str_slice(stream, (size_t)head, (size_t)head + request.body_size_bytes);
	print(request.uri, request.content_type, request.body);
	return head + (ptrdiff_t)request.body_size_bytes;
}

/* A whole request, or its URI, or its body. Without Content-Length the body is what is left. */
static void post_line(struct str bytes, print_post *print)
{
	struct request request = {0};
	struct str method;
	ptrdiff_t head;

	if (request_is_one(bytes)) {
		head = request_parse(bytes, &request);
		if (head > 0) {
			request.body = str_slice(bytes, (size_t)head, bytes.len);
		} else {
			str_split(&bytes, ' ', &method);
			str_split(&bytes, ' ', &request.uri);
		}
	} else if (str_starts(bytes, STR("/")) || str_starts(bytes, STR("?")) ||
		   str_starts(bytes, STR("http"))) {
		request.uri = bytes;
	} else {
		request.body = bytes;
	}
	print(request.uri, request.content_type, request.body);
}

static void osmand_line(struct str bytes)
{
	post_line(bytes, print_osmand);
}

static ptrdiff_t osmand_next(struct str stream)
{
	return next_post(stream, print_osmand);
}

static void owntracks_line(struct str bytes)
{
	post_line(bytes, print_owntracks);
}

static ptrdiff_t owntracks_next(struct str stream)
{
	return next_post(stream, print_owntracks);
}

static const struct protocol protocols[] = {
	{"watch", watch_line, watch_next},
	{"osmand", osmand_line, osmand_next},
	{"owntracks", owntracks_line, owntracks_next},
};

/* "" when the line was decoded, else what is wrong with it. */
static const char *decode_line(const struct protocol *p, struct str line)
{
	struct buf bytes = BUF_INIT;
	ptrdiff_t size;

	if (line.len > LINE_MAX_BYTES)
		return "ligne trop longue";
	size = hex_decode(line, (uint8_t *)buf_reserve(&bytes, line.len / 2 + 1), line.len / 2);
	if (size > 0) {
		bytes.len = (size_t)size;
		p->decode_line(buf_str(&bytes));
	}
	buf_fini(&bytes);
	return size < 0 ? "ce n'est pas de l'hexadécimal" : "";
}

static struct str trimmed(struct str line)
{
	while (line.len && memchr("\r\n", line.ptr[line.len - 1], 2))
		line.len--;
	return str_trim(line);
}

static int decode_lines(const struct protocol *p)
{
	char *line = NULL;
	size_t size = 0, number = 0;
	ssize_t len;
	int status = DONE;

	while ((len = getline(&line, &size, stdin)) >= 0) {
		const char *wrong = decode_line(p, trimmed(str_of(line, (size_t)len)));

		number++;
		if (*wrong) {
			fflush(stdout);
			fprintf(stderr, "egidectl decode : ligne %zu : %s\n", number, wrong);
			status = SOME_FAILED;
		}
	}
	free(line);
	return status;
}

static const char *stream_error(ptrdiff_t error)
{
	switch (error) {
	case -EMSGSIZE:
		return "message trop long";
	case -ENOTSUP:
		return "corps en morceaux (Transfer-Encoding) : non lu ici";
	default:
		return "ce n'est pas une requête HTTP";
	}
}

/* Prints what is whole at the front of waiting and drops it. 0, or -errno. */
static ptrdiff_t drain(const struct protocol *p, struct buf *waiting)
{
	size_t at = 0;
	ptrdiff_t used = 0;

	while (at < waiting->len) {
		used = p->decode_next(str_slice(buf_str(waiting), at, waiting->len));
		if (used <= 0)
			break;
		at += (size_t)used;
	}
	buf_consume(waiting, at);
	return used < 0 ? used : 0;
}

static int decode_stream(const struct protocol *p)
{
	struct buf waiting = BUF_INIT;
	ptrdiff_t error = 0;
	size_t received = 0;
	ssize_t len;
	int status = DONE;

	/* Not fread: what a live connection has said so far is shown at once. */
	while (!error &&
	       (len = read(STDIN_FILENO, buf_reserve(&waiting, CHUNK_BYTES), CHUNK_BYTES)) > 0) {
		waiting.len += (size_t)len;
		received += (size_t)len;
		error = drain(p, &waiting);
		fflush(stdout);
	}
	if (error) {
		fprintf(stderr, "egidectl decode : vers l'octet %zu : %s\n", received - waiting.len,
			stream_error(error));
		status = SOME_FAILED;
	} else if (trimmed(buf_str(&waiting)).len) {
		p->decode_line(buf_str(&waiting));
		fflush(stdout);
		fprintf(stderr, "egidectl decode : le dernier message est incomplet\n");
		status = SOME_FAILED;
	}
	buf_fini(&waiting);
	return status;
}

static int usage(void)
{
	fputs("Usage : egidectl decode PROTOCOLE [--stream] < trames\n"
	      "\n"
	      "Lit sur l'entrée standard une trame en hexadécimal par ligne et écrit une ligne "
	      "JSON par\n"
	      "message. Avec --stream, lit les octets tels quels, comme la connexion les a "
	      "portés.\n"
	      "\n"
	      "PROTOCOLE : watch (montres SeTracker), osmand (OsmAnd, Traccar Client), owntracks.\n"
	      "Pour osmand et owntracks, une ligne est une requête HTTP entière, son adresse ou "
	      "son corps.\n",
	      stderr);
	return MISUSED;
}

int command_decode(int argc, char **argv)
{
	bool is_stream = argc == 3 && strcmp(argv[2], "--stream") == 0;

	if (argc != 2 && !is_stream)
		return usage();
	for (size_t i = 0; i < ARRAY_LEN(protocols); i++)
		if (strcmp(argv[1], protocols[i].name) == 0)
			return is_stream ? decode_stream(&protocols[i])
					 : decode_lines(&protocols[i]);
	return usage();
}
