/* Places of telephones that call 17: see locations.h. */
#include "service/locations.h"

#include <errno.h>

#include "base/phone.h"
#include "crypto/mac.h"
#include "service/emergency_calls.h"
#include "store/aml_positions.h"

enum { CALLS_OF_A_NUMBER = 4 };

bool location_is_signed(struct str key, struct str said, struct str hmac)
{
	return hmac_sha1_is(key, said, hmac);
}

struct stored_fix location_fix(const struct position *p, int64_t now_ms)
{
	return (struct stored_fix){.lat_e7 = p->lat_e7,
				   .lon_e7 = p->lon_e7,
				   .at_ms = p->at_ms,
				   .received_at_ms = now_ms,
				   .accuracy_m = (float)p->accuracy_m,
				   .speed_kmh = -1,
				   .course_deg = -1,
				   .altitude_m = (float)p->altitude_m,
				   .approximate = p->approximate};
}

/* A telephone whose clock is ahead must not hide what it says next. */
int64_t location_moment(const struct stored_fix *fix)
{
	return fix->at_ms == TIME_NONE || fix->at_ms > fix->received_at_ms ? fix->received_at_ms
									   : fix->at_ms;
}

int location_of_number(struct work *w, struct str number, struct stored_fix *ret_fix)
{
	return aml_position_load(w->vault, number, w->now_ms - LOCATION_KEPT_MS, ret_fix);
}

struct locating {
	struct work *w;
	struct command *command;
	const struct stored_fix *fix;
};

static int locate(void *context, struct id id)
{
	struct locating *l = context;
	struct emergency_call call;
	struct call_face face;
	int r = emergency_call_load(l->w->vault, l->w->arena, id, &call, &face);

	return r ? r : call_locate(l->w, l->command, &call, &face, l->fix);
}

/* An SMS comes after what went by the network: what waits for the call is the place where its
 * telephone was last. */
static int keep(struct work *w, struct str number, const struct stored_fix *fix)
{
	struct stored_fix known;
	int r = location_of_number(w, number, &known);

	if (!r && location_moment(&known) >= location_moment(fix))
		return 0;
	return r && r != -ENOENT ? r : aml_position_save(w->vault, number, fix);
}

/* It may come before the call, and again and again during it. */
int handle_location(struct work *w, struct command *command)
{
	struct stored_fix fix = location_fix(&command->as.call.position, w->now_ms);
	struct locating l = {w, command, &fix};
	char number[PHONE_SIZE];
	int r;

	if (phone_parse_caller(command->number, number))
		return 0;
	r = keep(w, str_from(number), &fix);
	return r ? r
		 : emergency_calls_from(w->vault, str_from(number), CALLS_OF_A_NUMBER, locate, &l);
}
