/* TLS 1.2 and 1.3 for listeners; the certificate can be replaced while connections live. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/str.h"

struct tls_server;

/* What is wrong with a certificate or its key. */
struct tls_fault {
	bool is_key;
	int error; /* -ENOENT, -EACCES, -EBADMSG: does not parse, or the key is not the
		      certificate's */
};
/* Whether a server could be made of these PEM files. 0 or ret_fault->error; logs nothing but at
 * debug level. */
int tls_check(const char *certificate_path, const char *key_path, struct tls_fault *ret_fault);
/* PEM files. -ENOENT, -EACCES, -EBADMSG (does not parse, or key and certificate do not match); logs
 * why. */
int tls_server_new(const char *certificate_path, const char *key_path, struct tls_server **ret_tls);
/* Reads the files again; on an error the old certificate stays. New connections use the new one. */
int tls_server_reload(struct tls_server *tls);
void tls_server_free(struct tls_server *tls);
/* Days until the certificate ends, negative after; for /metrics and the log. */
int tls_server_days_left(const struct tls_server *tls);

/*
 * Makes a self-signed P-256 certificate for these names (comma separated DNS names and IP
 * addresses); the key file is 0600. 0, -EINVAL (a name), -EEXIST (never over an existing file) or
 * another -errno.
 */
int tls_make_certificate(const char *names, const char *certificate_path, const char *key_path);

#endif
