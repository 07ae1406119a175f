/* A call as everybody of the room sees it: see call_card.h. */
#include "service/call_card.h"

#include "base/limits.h"
#include "base/phone.h"
#include "service/json.h"
#include "store/people.h"

static void account_json(struct buf *out, const struct emergency_call *c,
			 const struct directory *directory)
{
	if (id_is_none(c->claimed_by)) {
		json_nothing(out, "claim");
		return;
	}
	json_open(out, "claim", '{');
	json_open(out, "account", '{');
	json_id(out, "id", c->claimed_by);
	json_text(out, "name", directory_account_name(directory, c->claimed_by));
	json_close(out, '}');
	json_time(out, "at", c->claimed_at_ms);
	json_time(out, "offered_at", c->offered_at_ms);
	json_close(out, '}');
}

void call_members(struct buf *out, const struct emergency_call *c, const struct call_face *face,
		  const struct directory *directory)
{
	json_id(out, "id", c->id);
	json_word(out, "state", call_state_name(call_state_of(c)));
	json_filled(out, "number", face->number);
	json_filled(out, "line", face->line);
	json_time(out, "rang_at", c->rang_at_ms);
	json_time(out, "answered_at", c->answered_at_ms);
	json_time(out, "ended_at", c->ended_at_ms);
	json_time(out, "closed_at", c->closed_at_ms);
	account_json(out, c, directory);
	json_id(out, "alert", c->alert);
}

struct str call_taken(struct arena *arena, const struct directory *directory, struct id holder)
{
	struct str name = directory_account_name(directory, holder), text;
	struct buf b = BUF_INIT;

	if (!name.len)
		return STR("Cet appel est déjà pris par une autre personne.");
	buf_printf(&b, "Cet appel est déjà pris par %.*s.", STR_FMT(name));
	text = str_of(arena_copy(arena, b.ptr, b.len), b.len);
	buf_fini(&b);
	return text;
}

int call_is_from(struct vault *v, struct str number, struct id official, bool *ret_is)
{
	struct id ids[LIMIT_CALL_MATCHES];
	char e164[PHONE_SIZE];
	unsigned count = 0;
	int r = phone_parse(number, e164)
			? 0
			: officials_by_number(v, str_from(e164), ids, LIMIT_CALL_MATCHES, &count);

	*ret_is = false;
	for (unsigned i = 0; i < count; i++)
		*ret_is |= id_eq(ids[i], official);
	return r;
}
