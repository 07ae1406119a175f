/* Administration of devices and their credentials. */
#include <errno.h>

#include "crypto/random.h"
#include "service/admin_parts.h"
#include "service/directory.h"
#include "store/pins.h"
#include "store/visits.h"

/* A watch says a number and nothing proves it: its network is all we know it by. */
static bool has_credential(const struct device *device)
{
	return device->protocol != PROTOCOL_WATCH;
}

/* A telephone gets its secret itself, for a code (enrolment.c): nobody else ever sees it. */
static bool is_enrolled(const struct device *device)
{
	return device->protocol == PROTOCOL_PHONE;
}

static void take_sound(struct admin *a, struct device *device)
{
	bool sound = !device->no_sound;

	admin_take_flag(a, "sound", &sound);
	device->no_sound = !sound;
}

static bool apply(struct admin *a, struct device *device)
{
	admin_copy(a, "label", device->label, sizeof(device->label));
	admin_copy(a, "networks", device->networks, sizeof(device->networks));
	admin_take_id(a, "official", &device->official);
	admin_take_id(a, "unit", &device->unit);
	admin_take_flag(a, "silent", &device->silent);
	take_sound(a, device);
	if (!*device->label)
		return admin_invalid(a, "label", "valeur nécessaire."), false;
	if (id_is_none(device->official) && id_is_none(device->unit))
		return admin_invalid(a, "official",
				     "un appareil est à un élu, ou à une unité (« unit »)."),
		       false;
	if (!has_credential(device) && !*device->networks)
		return admin_invalid(a, "networks",
				     "valeur nécessaire : une montre ne prouve pas qui elle est "
				     "(exemple : "
				     "10.20.0.0/16)."),
		       false;
	return true;
}

static int finish(struct admin *a, enum entry_kind kind, struct id device)
{
	admin_changed(a, kind, "device", device, ID_NONE, vault_house_key(a->w->vault));
	json_id(&a->answer, "id", device);
	return 0;
}

/* Gives the device a new secret and writes it in the answer: the only time it is seen. */
static int new_secret(struct admin *a, struct id device)
{
	char secret[TOKEN_TEXT_SIZE];
	int r;

	token_new(secret);
	r = device_set_secret(a->w->vault, device, str_from(secret));
	if (!r)
		json_word(&a->answer, "secret", secret);
	wipe(secret, sizeof(secret));
	return r;
}

/* The identity given, or for what authenticates itself a short random one. */
static int choose_ident(struct admin *a, struct device *device)
{
	struct device other;
	int r;

	admin_copy(a, "ident", device->ident, sizeof(device->ident));
	if (!*device->ident && !has_credential(device))
		return admin_invalid(a, "ident",
				     "valeur nécessaire : le numéro que donne la montre.");
	if (!*device->ident) {
		uint8_t random[5];

		random_bytes(random, sizeof(random));
		hex_encode(random, sizeof(random), device->ident);
	}
	r = device_by_ident(a->w->vault, device->protocol, str_from(device->ident), &other);
	if (!r)
		return admin_invalid(a, "ident", "un appareil a déjà cette identité.");
	return r == -ENOENT ? 0 : r;
}

int admin_device_add(struct admin *a)
{
	struct device device = {.id = random_id_v7(a->w->now_ms),
				.protocol = (int)admin_value(a, "protocol")->number,
				.enabled = true,
				.created_at_ms = a->w->now_ms,
				.version = 1};
	int r = choose_ident(a, &device);

	device.silent = is_enrolled(&device);
	if (r || admin_refused(a) || !apply(a, &device))
		return r;
	r = device_insert(a->w->vault, &device);
	if (r)
		return r;
	finish(a, ENTRY_CREATED, device.id);
	json_word(&a->answer, "ident", device.ident);
	return has_credential(&device) && !is_enrolled(&device) ? new_secret(a, device.id) : 0;
}

int admin_add_telephone(struct admin *a, struct id official, struct device *ret_device)
{
	struct device device = {.id = random_id_v7(a->w->now_ms),
				.protocol = PROTOCOL_PHONE,
				.official = official,
				.enabled = true,
				.silent = true,
				.label = "Téléphone",
				.created_at_ms = a->w->now_ms,
				.version = 1};
	int r;

	admin_copy(a, "label", device.label, sizeof(device.label));
	r = choose_ident(a, &device);
	if (!r && !admin_refused(a))
		r = device_insert(a->w->vault, &device);
	if (!r && !admin_refused(a)) {
		admin_changed(a, ENTRY_CREATED, "device", device.id, ID_NONE,
			      vault_house_key(a->w->vault));
		*ret_device = device;
	}
	return r;
}

static int load(struct admin *a, struct device *ret_device)
{
	return device_load(a->w->vault, admin_value(a, "device")->id, ret_device);
}

static const char visit_runs_text[] = "Une visite annoncée de cet appareil est en cours.";

static int save(struct admin *a, struct device *device)
{
	int r = device_update(a->w->vault, device);

	return r ? r : finish(a, ENTRY_CHANGED, device->id);
}

int admin_device_set(struct admin *a)
{
	struct device device;
	int r = load(a, &device);

	return r || !apply(a, &device) ? r : save(a, &device);
}

static int set_enabled(struct admin *a, bool enabled)
{
	struct device device;
	int r = load(a, &device);

	if (r)
		return r;
	device.enabled = enabled;
	return save(a, &device);
}

int admin_device_enable(struct admin *a)
{
	return set_enabled(a, true);
}

int admin_device_disable(struct admin *a)
{
	return set_enabled(a, false);
}

int admin_device_credential(struct admin *a)
{
	struct device device;
	int r = load(a, &device);

	if (r)
		return r;
	if (!has_credential(&device))
		return admin_invalid(a, "device", "ce protocole n'a pas de secret.");
	finish(a, ENTRY_CHANGED, device.id);
	json_word(&a->answer, "ident", device.ident);
	return new_secret(a, device.id);
}

/* Without codes whoever holds the telephone says that its wearer is safe. */
int admin_device_pins(struct admin *a)
{
	struct device device;
	bool expected = false;
	int r = load(a, &device);

	if (!r)
		r = visits_expected(a->w->vault, ID_NONE, device.id, &expected);
	if (!r && expected)
		return admin_conflict(a, visit_runs_text);
	if (!r)
		r = pins_delete(a->w->vault, device.id);
	return r ? r : finish(a, ENTRY_CHANGED, device.id);
}

int admin_device_remove(struct admin *a)
{
	struct id device = admin_value(a, "device")->id;
	bool expected;
	int r = visits_expected(a->w->vault, ID_NONE, device, &expected);

	if (!r && expected)
		return admin_conflict(a, visit_runs_text);
	if (!r)
		r = device_delete(a->w->vault, device);
	if (r == -ENOTEMPTY)
		return admin_conflict(
			a, "Une alerte de cet appareil est ouverte : mettez-le hors service.");
	return r ? r : finish(a, ENTRY_DELETED, device);
}

static int write_wearer(struct admin *a, struct id id)
{
	struct official o = {.name = STR_NONE};
	int r = id_is_none(id) ? 0 : official_load(a->w->vault, &a->c->arena, id, &o);

	if (r == -ENOENT)
		r = 0;
	json_id(&a->answer, "official", id);
	json_text(&a->answer, "official_name", o.name);
	return r;
}

static int write_last(struct admin *a, struct id device)
{
	struct device_last last = {.heard_at_ms = TIME_NONE, .battery_percent = -1};
	int r = device_last_load(a->w->vault, device, &last);

	json_time(&a->answer, "heard_at", last.heard_at_ms);
	if (last.battery_percent < 0)
		json_nothing(&a->answer, "battery");
	else
		json_int(&a->answer, "battery", last.battery_percent);
	return r == -ENOENT ? 0 : r;
}

int admin_write_device(struct admin *a, const struct device *device)
{
	struct buf *b = &a->answer;
	int r;

	json_open(b, NULL, '{');
	json_id(b, "id", device->id);
	json_word(b, "protocol", protocol_name((enum protocol)device->protocol));
	json_word(b, "ident", device->ident);
	json_word(b, "label", device->label);
	r = write_wearer(a, device->official);
	json_text(b, "unit",
		  id_is_none(device->unit) ? STR_NONE
					   : directory_unit_name(a->w->directory, device->unit));
	json_word(b, "networks", device->networks);
	json_bool(b, "silent", device->silent);
	json_bool(b, "sound", !device->no_sound);
	json_bool(b, "enabled", device->enabled);
	json_bool(b, "credential", device->has_secret);
	if (!r)
		r = write_last(a, device->id);
	json_close(b, '}');
	return r;
}

struct page {
	struct admin *admin;
	struct id last;
	int count;
};

static int on_device(void *context, const struct device *device)
{
	struct page *page = context;

	page->last = device->id;
	page->count++;
	return admin_write_device(page->admin, device);
}

int admin_device_list(struct admin *a)
{
	struct id official = admin_value(a, "official")->id;
	struct page page = {.admin = a};
	int r;

	json_open(&a->answer, "devices", '[');
	if (id_is_none(official))
		r = devices_each(a->w->vault, admin_value(a, "after")->id, admin_limit(a),
				 on_device, &page);
	else
		r = devices_of(a->w->vault, official, on_device, &page);
	json_close(&a->answer, ']');
	admin_next(a, id_is_none(official) ? page.count : 0, page.last);
	admin_was_read(a, "devices", official);
	return r;
}
