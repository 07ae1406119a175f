/* Making a new alert: see raise.h. */
#include "service/raise.h"

#include <errno.h>

#include "crypto/random.h"
#include "service/atlas.h"
#include "service/card.h"
#include "service/directory.h"
#include "service/visits.h"
#include "store/people.h"

/* What the card will show for good. A device nobody wears, or whose wearer left, still raises (I4).
 */
static int fill_official(struct work *w, const struct device *device, struct case_file *c)
{
	struct official official;
	int r;

	c->alert.unit = device->unit;
	if (id_is_none(device->official))
		return 0;
	r = official_load(w->vault, w->arena, device->official, &official);
	if (r)
		return r == -ENOENT ? 0 : r;
	c->alert.official = official.id;
	c->face.official_name = official.name;
	c->face.mandate = official.mandate;
	c->face.commune = official.commune;
	if (!id_is_none(official.unit))
		c->alert.unit = official.unit;
	return 0;
}

struct id raise_phone(const struct device *device)
{
	return device->protocol == PROTOCOL_PHONE && !device->no_sound ? device->id : ID_NONE;
}

/* Of a device nobody wears and no unit has: the unit of where it is. */
static struct id unit_of_place(struct work *w, const struct device *device)
{
	struct atlas_place place;
	struct device_last last;

	if (w->atlas && !id_is_none(device->id) && !device_last_load(w->vault, device->id, &last) &&
	    last.has_fix && atlas_at(w->atlas, last.fix.lat_e7, last.fix.lon_e7, &place) &&
	    directory_unit(w->directory, place.unit))
		return place.unit;
	return ID_NONE;
}

/* All but the event itself; the device may be none. */
static int prepare(struct work *w, const struct device *device, struct case_file *c)
{
	int r;

	*c = (struct case_file){.is_new = true, .first_entry = w->entry_count};
	c->alert.id = random_id_v7(w->now_ms);
	c->alert.device = device->id;
	c->alert.silent = device->silent;
	c->face.device_label = str_of(arena_copy(w->arena, device->label, strlen(device->label)),
				      strlen(device->label));
	c->face.protocol = device->protocol;
	r = fill_official(w, device, c);
	if (r)
		return r;
	if (id_is_none(c->alert.unit))
		c->alert.unit = unit_of_place(w, device);
	alert_show(&c->alert, directory_unit_room(w->directory, c->alert.unit));
	r = alert_next_ref(w->vault, &c->alert.ref);
	return r ? r : alert_load_contacts(w->vault, &c->alert);
}

int raise_alert(struct work *w, struct command *command, const struct device *device, bool test,
		uint32_t reasons, int64_t device_at_ms, struct case_file *c)
{
	struct alert_command event = {.event = EVENT_RAISE,
				      .phone = raise_phone(device),
				      .reasons = reasons,
				      .device_at_ms = device_at_ms,
				      /* Nobody called: who is with the person may not know
				       * that anybody waits. */
				      .no_call_back = reasons & REASON_VISIT,
				      .ends_itself = test && command->actor.kind == ACTOR_DEVICE};
	int r = prepare(w, device, c);

	c->alert.test = test;
	if (!r)
		r = case_apply(w, command, c, &event, STR_NONE);
	return r || test ? r : visits_show(w, command, c);
}

int raise_called(struct work *w, struct command *command, struct id official, struct id room,
		 struct case_file *c)
{
	struct alert_command event = {
		.event = EVENT_RAISE, .by_call = true, .device_at_ms = TIME_NONE};
	struct device none = {
		.official = official, .protocol = PROTOCOL_CALL, .label = "Appel au 17"};
	int r = prepare(w, &none, c);

	if (r)
		return r;
	alert_show(&c->alert, room);
	r = case_apply(w, command, c, &event, STR_NONE);
	return r ? r : visits_show(w, command, c);
}
