/*
 * Devices: what they are, whose, from where they may speak, and when they were last heard. Sealed
 * under the house key; found by a blind index of the identity their protocol gives.
 */
#ifndef STORE_DEVICES_H
#define STORE_DEVICES_H

#include "base/limits.h"
#include "store/fix.h"
#include "store/vault.h"

enum { DEVICE_IDENT_SIZE = 65, DEVICE_NETWORKS_SIZE = 401 };

struct device {
	struct id id;
	int protocol;                  /* enum protocol of service/command.h */
	struct id official, unit;      /* wearer; whose it is when nobody wears it */
	char ident[DEVICE_IDENT_SIZE]; /* as the protocol says it */
	char label[LIMIT_NAME_BYTES + 1];
	char networks[DEVICE_NETWORKS_SIZE]; /* "10.0.0.0/8,2001:db8::/32"; "": from anywhere */
	bool silent, enabled;
	bool no_sound;   /* its wearer was granted the button, not the sound */
	bool has_secret; /* read only: see device_set_secret */
	int64_t created_at_ms, version;
};

/* 0, -ENOENT or -errno. */
int device_load(struct vault *v, struct id id, struct device *ret_device);
int device_by_ident(struct vault *v, int protocol, struct str ident, struct device *ret_device);
/* -EEXIST: the protocol has this identity already. device_update: -ESTALE; moves device->version.
 */
int device_insert(struct vault *v, const struct device *device);
int device_update(struct vault *v, struct device *device);
int device_delete(struct vault *v, struct id id); /* -ENOTEMPTY while an alert of it is open */

/* Stores the hash of a random credential; an empty secret removes it. */
int device_set_secret(struct vault *v, struct id id, struct str secret);
/* 0 when it is the device's secret, -EACCES when not (or it has none), -ENOENT, -errno. Constant
 * time. */
int device_check_secret(struct vault *v, struct id id, struct str secret);

/* Up to limit devices after `after`, in order of ids. devices_of: those of one official. */
typedef int device_reader(void *context, const struct device *device);
int devices_each(struct vault *v, struct id after, int limit, device_reader *on_device,
		 void *context);
int devices_of(struct vault *v, struct id official, device_reader *on_device, void *context);

struct device_last {
	int64_t heard_at_ms;
	int battery_percent, signal_percent; /* -1: never said */
	bool has_fix;
	struct stored_fix fix;
};

/* What is not said (-1, no fix) leaves what was known. */
int device_last_save(struct vault *v, struct id device, const struct device_last *last);
int device_last_load(struct vault *v, struct id device,
		     struct device_last *ret_last); /* -ENOENT: never heard */
/* Outside an alert a last position is kept for some minutes only: forgets those received before. */
int device_fixes_forget(struct vault *v, int64_t before_ms);

#endif
