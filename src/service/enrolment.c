/* A telephone becomes a device: the code of the counter, and what the telephone gets for it. */
#include <errno.h>

#include "crypto/random.h"
#include "service/admin_parts.h"
#include "service/spoken_code.h"
#include "service/visits.h"
#include "store/enrolments.h"
#include "store/pins.h"

enum { CODE_VALID_MS = 30 * 60 * 1000 };

int admin_give_code(struct admin *a, const struct device *device)
{
	char code[CODE_ENROLMENT_LEN + 1], shown[CODE_SHOWN_SIZE];
	int64_t expires_at_ms = a->w->now_ms + CODE_VALID_MS;
	int r;

	code_new(CODE_ENROLMENT_LEN, code);
	r = enrolment_insert(a->w->vault, device->id, str_from(code), expires_at_ms);
	if (r)
		return r;
	code_print(code, shown);
	admin_changed(a, ENTRY_CHANGED, "device", device->id, ID_NONE,
		      vault_house_key(a->w->vault));
	json_id(&a->answer, "id", device->id);
	json_word(&a->answer, "code", shown);
	json_time(&a->answer, "expires_at", expires_at_ms);
	wipe(code, sizeof(code));
	wipe(shown, sizeof(shown));
	return 0;
}

int admin_device_code(struct admin *a)
{
	struct device device;
	int r = device_load(a->w->vault, admin_value(a, "device")->id, &device);

	if (r)
		return r;
	if (device.protocol != PROTOCOL_PHONE)
		return admin_invalid(a, "device", "seul un téléphone (« phone ») a un code.");
	return admin_give_code(a, &device);
}

static struct str answer(struct command *command, const struct device *device, const char *secret)
{
	struct buf b = BUF_INIT;
	struct str kept;

	json_open(&b, NULL, '{');
	json_id(&b, "device", device->id);
	json_word(&b, "secret", secret);
	json_word(&b, "label", device->label);
	json_close(&b, '}');
	kept = command_keep(command, buf_str(&b));
	wipe(b.ptr, b.len);
	buf_fini(&b);
	return kept;
}

/* The telephone's credential is a new one: whoever held the former is nobody from now on. */
static int enrol(struct work *w, struct command *command, const struct device *device)
{
	char secret[TOKEN_TEXT_SIZE];
	int r = enrolment_delete(w->vault, device->id);

	/* Another telephone, perhaps another person's: they choose their own codes. */
	if (!r)
		r = pins_delete(w->vault, device->id);
	/* A visit announced on the former one is not theirs to end. */
	if (!r)
		r = visit_hide(w, device->id);

	token_new(secret);
	if (!r)
		r = device_set_secret(w->vault, device->id, str_from(secret));
	if (!r) {
		command->actor = (struct actor){.kind = ACTOR_DEVICE, .id = device->id};
		command->outcome.subject = device->id;
		command->outcome.json = answer(command, device, secret);
		work_entry(w, command, ENTRY_CHANGED, device->id, ID_NONE,
			   vault_house_key(w->vault),
			   STR("{\"what\":\"device\",\"command\":\"device.enrol\",\"fields\":{}}"));
	}
	wipe(secret, sizeof(secret));
	return r;
}

int handle_enrolment(struct work *w, struct command *command)
{
	char code[CODE_LEN_MAX];
	struct str read = code_read(command->token, CODE_ENROLMENT_LEN, code);
	struct device device;
	int r = read.len ? enrolment_load(w->vault, read, w->now_ms, &device.id) : -ENOENT;

	wipe(code, sizeof(code));
	if (!r)
		r = device_load(w->vault, device.id, &device);
	if (r == -ENOENT) {
		command_refuse(command, PROBLEM_NOT_FOUND,
			       "Ce code n'est pas valable : il est faux, a déjà servi, ou date de "
			       "plus de trente minutes. Demandez-en un autre.");
		return 0;
	}
	return r ? r : enrol(w, command, &device);
}
