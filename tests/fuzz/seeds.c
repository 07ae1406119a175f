/*
 * seeds NAME FOLDER: writes each vector of tests/vectors/NAME.jsonl as one seed file. Bytes as
 * they are behind one byte 'A' (fuzz_watch cuts there); a request as its URI, content type and
 * body, a newline between two.
 */
#include <jansson.h>

#include "base/alloc.h"
#include "base/buf.h"

static struct str text_of(const json_t *vector, const char *key)
{
	return str_from(json_string_value(json_object_get(vector, key)));
}

static struct buf seed_of(const json_t *vector)
{
	struct str hex = text_of(vector, "input_hex");
	struct buf seed = BUF_INIT;

	if (hex.len) {
		buf_add_byte(&seed, 'A');
		hex_decode(hex, (uint8_t *)buf_reserve(&seed, hex.len / 2), hex.len / 2);
		seed.len += hex.len / 2;
	} else if (text_of(vector, "http_uri").len) {
		buf_add_str(&seed, text_of(vector, "http_uri"));
		buf_add_byte(&seed, '\n');
		buf_add_str(&seed, text_of(vector, "http_content_type"));
		buf_add_byte(&seed, '\n');
		buf_add_str(&seed, text_of(vector, "http_body"));
	}
	return seed;
}

static int write_seed(const json_t *vector, const char *folder)
{
	struct buf seed = seed_of(vector);
	char path[1024];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder,
		 json_string_value(json_object_get(vector, "id")));
	file = fopen(path, "wb");
	if (!file)
		return -1;
	fwrite(seed.ptr, 1, seed.len, file);
	buf_fini(&seed);
	return fclose(file);
}

int main(int argc, char **argv)
{
	char path[1024];
	json_t *vector;
	FILE *file;
	int status = 0;

	if (argc != 3)
		return 2;
	snprintf(path, sizeof(path), TEST_DATA "/vectors/%s.jsonl", argv[1]);
	file = fopen(path, "r");
	if (!file)
		return 1;
	while (!status && (vector = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL))) {
		status = write_seed(vector, argv[2]);
		json_decref(vector);
	}
	fclose(file);
	return status ? 1 : 0;
}
