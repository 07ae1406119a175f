/* TLS servers: see tls.h. Tuned for many idle connections: 14 KiB each instead of 23. */
#include "net/tls_private.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"

struct tls_server {
	char *certificate_path, *key_path;
	SSL_CTX *current; /* each connection holds a reference to the one it began with */
};

void tls_drop_errors(const char *event)
{
	char text[256];
	unsigned long code;

	while ((code = ERR_get_error())) {
		ERR_error_string_n(code, text, sizeof(text));
		log_debug(event, "openssl=\"%s\"", text);
	}
}

/* A key with a passphrase is refused rather than asked for on a terminal nobody watches. */
static int no_passphrase(char *buf, int size, int writing, void *arg)
{
	return -1;
}

static SSL_CTX *context_new(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context)
		return NULL;
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	/* TLS 1.2: forward secrecy and authenticated encryption only. 1.3 has nothing else. */
	SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
	SSL_CTX_set1_groups_list(context, "X25519:P-256");
	/* No session state on our side, and none handed out: the memory of a handshake is freed. */
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
					     SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	return context;
}

static int refuse(struct tls_fault fault, SSL_CTX *context, struct tls_fault *ret_fault)
{
	tls_drop_errors("tls.load");
	SSL_CTX_free(context);
	*ret_fault = fault;
	return fault.error;
}

static int check_readable(const char *path, bool is_key, struct tls_fault *ret_fault)
{
	if (!access(path, R_OK))
		return 0;
	return refuse((struct tls_fault){is_key, errno == ENOENT ? -ENOENT : -EACCES}, NULL,
		      ret_fault);
}

static int context_load(const char *certificate_path, const char *key_path, SSL_CTX **ret_context,
			struct tls_fault *ret_fault)
{
	SSL_CTX *context;
	int r;

	if ((r = check_readable(certificate_path, false, ret_fault)) < 0 ||
	    (r = check_readable(key_path, true, ret_fault)) < 0)
		return r;
	context = context_new();
	if (!context)
		return refuse((struct tls_fault){false, -ENOMEM}, NULL, ret_fault);
	if (SSL_CTX_use_certificate_chain_file(context, certificate_path) != 1)
		return refuse((struct tls_fault){false, -EBADMSG}, context, ret_fault);
	if (SSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(context) != 1)
		return refuse((struct tls_fault){true, -EBADMSG}, context, ret_fault);
	*ret_context = context;
	return 0;
}

/* The server's files, read; what is wrong is logged. */
static int load(const struct tls_server *tls, SSL_CTX **ret_context)
{
	struct tls_fault fault;
	int r = context_load(tls->certificate_path, tls->key_path, ret_context, &fault);

	if (r == -EBADMSG)
		log_error("tls.load", "refused=\"%s\"",
			  fault.is_key ? "the key does not parse or is not the certificate's"
				       : "the certificate does not parse");
	else if (r)
		log_error("tls.load", "file=%s path=%s errno=%d",
			  fault.is_key ? "key" : "certificate",
			  fault.is_key ? tls->key_path : tls->certificate_path, -r);
	return r;
}

int tls_check(const char *certificate_path, const char *key_path, struct tls_fault *ret_fault)
{
	SSL_CTX *context;
	int r = context_load(certificate_path, key_path, &context, ret_fault);

	if (!r)
		SSL_CTX_free(context);
	return r;
}

int tls_server_new(const char *certificate_path, const char *key_path, struct tls_server **ret_tls)
{
	struct tls_server *tls = xcalloc(1, sizeof(*tls));
	int r;

	tls->certificate_path = xstrdup(certificate_path);
	tls->key_path = xstrdup(key_path);
	r = load(tls, &tls->current);
	if (r < 0) {
		tls_server_free(tls);
		return r;
	}
	*ret_tls = tls;
	return 0;
}

int tls_server_reload(struct tls_server *tls)
{
	SSL_CTX *fresh;
	int r = load(tls, &fresh);

	if (r < 0)
		return r;
	SSL_CTX_free(tls->current);
	tls->current = fresh;
	return 0;
}

void tls_server_free(struct tls_server *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->current);
	free(tls->certificate_path);
	free(tls->key_path);
	free(tls);
}

int tls_server_days_left(const struct tls_server *tls)
{
	const X509 *certificate = SSL_CTX_get0_certificate(tls->current);
	int days = 0, seconds = 0;

	ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate));
	/* Both have one sign; an hour too late is one day too late. */
	return seconds < 0 ? days - 1 : days;
}

SSL *tls_server_session(struct tls_server *tls)
{
	SSL *session = SSL_new(tls->current);

	if (session)
		SSL_set_accept_state(session);
	return session;
}
