/*
 * The configuration: one file of "name = value" lines; one table of options (config.c), of which
 * the sample file is made. A line that is wrong is named by its number.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include "base/buf.h"

enum { CONFIG_OPTIONS_MAX = 64 };

struct config {
	char *data_folder, *keys, *database, *control_socket;
	char *http, *https, *watch, *watch_tls, *agent, *agent_tls;
	char *certificate, *certificate_key;
	char *public_url, *web_folder, *definitions_folder;
	char *tile_url, *tile_attribution;
	double map_lon, map_lat, map_zoom;
	char *sendsms_url, *sms_user, *sms_password, *sms_from, *kannel_callback;
	char *backup_sendsms_url, *backup_sms_user, *backup_sms_password, *backup_sms_from,
		*backup_kannel_callback; /* "" : as the first */
	char *kannel_secret, *kannel_networks;
	char *switch_secret, *switch_networks;
	char *aml_secret, *aml_networks;
	char *trusted_proxies;
	char *timestamp_url; /* "": nobody stamps what is exported as evidence */
	int64_t session_hours, unverified_per_minute, readers, password_strength;
	int64_t max_connections, max_per_source, watch_idle_s, sound_reserve_mib;
	char *sound; /* off, listen, record, both */
	char *listen_number;
	char *consent_sheet; /* on, off */
	char *log_level;

	char *path;                    /* of the file, once read */
	int lines[CONFIG_OPTIONS_MAX]; /* where each option of the table is set; 0: it is not */
};

/* Everything at its default. */
void config_init(struct config *c);
void config_fini(struct config *c);
/* 0, or -errno with a French sentence, "FILE, ligne N : …", appended to ret_why. */
int config_read(struct config *c, const char *path, struct buf *ret_why);
/* The line that sets that option; 0: none. */
int config_line(const struct config *c, const char *option);
/*
 * What the values mean, once read: addresses, networks, certificate, the ladder. Nothing is opened
 * but files that are only read. True, or a French sentence as above appended to ret_why.
 */
bool config_is_sound(const struct config *c, struct buf *ret_why);
/* The first option that wants TLS, or NULL: the certificate is for it. */
const char *config_tls_option(const struct config *c);
/* Whether the administration has that right over sound: "listen", "record". */
bool config_may(const struct config *c, const char *right);
/* Every option with its default and what it does, as a file that config_read takes. */
void config_sample(struct buf *out);

#endif
