/* The last calls of a device: see calls.h. */
#include "store/calls.h"

#include "base/buf.h"
#include "base/cursor.h"

SQL(calls_get, "SELECT calls FROM device_last WHERE device = $1");
SQL(calls_set, "UPDATE device_last SET calls = $2 WHERE device = $1");

enum { CALL_SIZE = 8 + 4 + 8 + 16 };

/* One statement a field: the order inside an initialiser is the compiler's. */
static struct call take_call(struct cursor *c)
{
	struct call call;

	call.device_at_ms = (int64_t)cursor_u64(c);
	call.reasons = cursor_u32(c);
	call.heard_at_ms = (int64_t)cursor_u64(c);
	memcpy(call.alert.bytes, cursor_take(c, sizeof(call.alert.bytes)).ptr,
	       sizeof(call.alert.bytes));
	return call;
}

static void put_call(struct buf *b, const struct call *call)
{
	buf_add_u64(b, (uint64_t)call->device_at_ms);
	buf_add_u32(b, call->reasons);
	buf_add_u64(b, (uint64_t)call->heard_at_ms);
	buf_add(b, call->alert.bytes, sizeof(call->alert.bytes));
}

int calls_load(struct vault *v, struct id device, struct calls *ret_calls)
{
	struct query *q = db_query(vault_db(v), &calls_get);
	struct cursor c;
	int r;

	ret_calls->count = 0;
	bind_id(q, 1, device);
	r = query_step(q);
	if (r == 1) {
		/* What is not whole is not a call: a damaged row stops no new one (I4). */
		c = cursor_of(column_blob(q, 0));
		while (cursor_left(&c) >= CALL_SIZE && ret_calls->count < CALLS_KEPT)
			ret_calls->list[ret_calls->count++] = take_call(&c);
	}
	db_done(q);
	return r < 0 ? r : 0;
}

const struct call *calls_find(const struct calls *calls, const struct call *call, int64_t since_ms)
{
	for (size_t i = 0; i < calls->count; i++) {
		const struct call *c = &calls->list[i];

		if (c->device_at_ms == call->device_at_ms && c->reasons == call->reasons &&
		    c->heard_at_ms >= since_ms)
			return c;
	}
	return NULL;
}

int calls_add(struct vault *v, struct id device, struct calls *calls, const struct call *call)
{
	struct query *q = db_query(vault_db(v), &calls_set);
	struct buf b = BUF_INIT;
	int r;

	if (calls->count < CALLS_KEPT)
		calls->count++;
	memmove(&calls->list[1], &calls->list[0], (calls->count - 1) * sizeof(calls->list[0]));
	calls->list[0] = *call;
	for (size_t i = 0; i < calls->count; i++)
		put_call(&b, &calls->list[i]);
	bind_id(q, 1, device);
	bind_blob(q, 2, buf_str(&b));
	r = db_done_after(q);
	buf_fini(&b);
	return r;
}
