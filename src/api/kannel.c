/* Kannel's callbacks: see kannel.h. */
#include "api/kannel.h"

#include "api/aml.h"
#include "base/limits.h"
#include "net/http.h"

enum {
	MASK_MAX = 127,    /* DLR_* bits of Kannel 1.4: 64 | 32 | 16 | 8 | 4 | 2 | 1 */
	NUMBER_MAX = 32,   /* E.164 is 16; short codes and names of services are shorter */
	KEY_MAX = 64,      /* %I is a UUID */
	TEXT_MAX = 2000,   /* ten parts; whoever writes more has said it */
	QUERY_MAX = 16384, /* longer than any SMS, percent-encoded */
};

/* Takes as long for a wrong secret as for the right one. */
static bool secret_is_ours(struct arena *arena, struct str query, struct str secret)
{
	struct str given = http_param(arena, query, "secret");
	volatile unsigned char differs = given.len != secret.len || !secret.len;

	for (size_t i = 0; i < given.len && i < secret.len; i++)
		differs |= (unsigned char)(given.ptr[i] ^ secret.ptr[i]);
	return !differs;
}

static struct command *command_of(enum verb verb, struct str query, struct str secret)
{
	struct command *command = command_new(verb, (struct actor){.kind = ACTOR_GATEWAY});

	if (query.len <= QUERY_MAX && secret_is_ours(&command->arena, query, secret))
		return command;
	command_free(command);
	return NULL;
}

bool kannel_receipt_command(struct str query, struct str secret, struct command **ret_command)
{
	struct command *command = command_of(VERB_RECEIPT, query, secret);
	struct str by;
	int64_t bits, route = 0;

	if (!command)
		return false;
	by = http_param(&command->arena, query, "r");
	if ((by.len && str_parse_i64(by, 0, LIMIT_SMS_ROUTES - 1, &route)) ||
	    id_parse(http_param(&command->arena, query, "id"), &command->subject) ||
	    str_parse_i64(http_param(&command->arena, query, "d"), 1, MASK_MAX, &bits)) {
		command_free(command);
		return false;
	}
	command->as.message.bits = (int)bits;
	command->as.message.route = (int)route;
	command->as.message.retry_at_ms = TIME_NONE;
	*ret_command = command;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte at *at of a percent-encoded text; *at moves past it. A malformed escape stands for
 * itself. */
static char decode_byte(struct str encoded, size_t *at)
{
	char c = encoded.ptr[(*at)++];
	int high, low;

	if (c == '+')
		return ' ';
	if (c != '%' || *at + 2 > encoded.len)
		return c;
	high = hex_digit(encoded.ptr[*at]);
	low = hex_digit(encoded.ptr[*at + 1]);
	if (high < 0 || low < 0)
		return c;
	*at += 2;
	return (char)(high << 4 | low);
}

/* Bytes of the character text begins with; 0 when they are none. */
static size_t character_len(struct str text)
{
	for (size_t len = 1; len <= 4 && len <= text.len; len++)
		if (str_is_utf8(str_slice(text, 0, len)))
			return len;
	return 0;
}

/* Makes bytes well-formed in place ('?' for what is not), no longer than TEXT_MAX. */
static struct str mend(char *bytes, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t step = character_len(str_of(bytes + at, len - at));

		if (!step) {
			bytes[at] = '?';
			step = 1;
		}
		if (at + step > TEXT_MAX)
			break;
		at += step;
	}
	return str_of(bytes, at);
}

/* A data SMS of AML, as its text. */
static struct str unpacked(struct command *command, struct str bytes)
{
	struct buf text = BUF_INIT;
	struct str kept = STR("");

	if (!aml_unpack(bytes, &text))
		kept = command_keep(command, buf_str(&text));
	buf_fini(&text);
	return kept;
}

/* An SMS is what its sender's telephone made of it: unlike http_param, this refuses no bytes.
 * False: no text at all. */
static bool inbound_text(struct command *command, struct str query)
{
	struct str pair, encoded;
	char *bytes;
	size_t len = 0, at = 0;

	do {
		if (!str_split(&query, '&', &pair))
			return false;
	} while (!str_starts(pair, STR("text=")));
	encoded = str_slice(pair, sizeof("text=") - 1, pair.len);
	bytes = arena_alloc(&command->arena, encoded.len + 1);
	while (at < encoded.len)
		bytes[len++] = decode_byte(encoded, &at);
	command->text = aml_is_packed(str_of(bytes, len)) ? unpacked(command, str_of(bytes, len))
							  : mend(bytes, len);
	return true;
}

/* SMPP carries international numbers without the +, which Kannel does not always put back. */
static struct str with_plus(struct arena *arena, struct str number)
{
	char *text;

	number = str_trim(number);
	if (!number.len || number.ptr[0] < '1' || number.ptr[0] > '9' || number.len < 10)
		return number;
	text = arena_alloc(arena, number.len + 1);
	text[0] = '+';
	memcpy(text + 1, number.ptr, number.len);
	return str_of(text, number.len + 1);
}

bool kannel_inbound_command(struct str query, struct str secret, struct command **ret_command)
{
	struct command *command = command_of(VERB_INBOUND, query, secret);
	struct aml aml;

	if (!command)
		return false;
	command->number = with_plus(&command->arena, http_param(&command->arena, query, "from"));
	command->key = http_param(&command->arena, query, "id");
	if (!command->number.len || command->number.len > NUMBER_MAX || !command->key.len ||
	    command->key.len > KEY_MAX || !inbound_text(command, query)) {
		command_free(command);
		return false;
	}
	/* A telephone that calls 17 says where it is: no answer to anybody. */
	if (aml_is_text(command->text) && !aml_decode_text(command->text, &aml))
		location_command(command, &aml);
	*ret_command = command;
	return true;
}
