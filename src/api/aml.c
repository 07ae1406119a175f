/* Where a telephone that calls 17 is: AML by HTTPS, and by SMS through Kannel. */
#include "api/aml.h"

#include "api/api_private.h"
#include "service/locations.h"

static void on_located(struct command *command)
{
	struct request *q = command->context;

	/* Telephones want to hear 2xx whatever they said; what was not written is said again. */
	answer_empty(q, command->outcome.problem == PROBLEM_UNAVAILABLE ? 503 : 204);
	command_free(command);
}

void location_command(struct command *c, const struct aml *a)
{
	c->verb = VERB_LOCATION;
	c->as.call.position = (struct position){.known = true,
						.approximate = a->approximate,
						.lat_e7 = a->lat_e7,
						.lon_e7 = a->lon_e7,
						.at_ms = a->at_ms,
						.accuracy_m = a->radius_m,
						.speed_kmh = -1,
						.course_deg = -1,
						.altitude_m = a->altitude_m};
}

void take_aml(struct request *q, const struct http_request *r)
{
	struct str said, hmac, key = str_from(q->api->options.aml_secret);
	struct command *c;
	struct aml a;

	if (!aml_form_signature(r->body, &said, &hmac) || !location_is_signed(key, said, hmac) ||
	    aml_decode_form(said, &a)) {
		answer_empty(q, 204);
		return;
	}
	c = command_new(VERB_LOCATION, (struct actor){.kind = ACTOR_GATEWAY});
	c->number = command_keep(c, str_from(a.number));
	location_command(c, &a);
	c->context = q;
	c->on_done = on_located;
	request_submit(q, c);
}
