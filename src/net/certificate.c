/* Self-signed certificates for a first start and for tests: see tls.h. */
#include "net/tls_private.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "net/socket.h"

enum {
	SERIAL_BYTES = 16,
	/* Clocks of old devices run late. */
	BACKDATE_S = 86400,
	/* What browsers accept of a certificate the administrator trusts by hand. */
	VALID_DAYS = 825,
	/* RFC 5280, ub-common-name. */
	COMMON_NAME_BYTES = 64,
};

static bool is_dns_name(struct str name)
{
	if (!name.len || name.len > 253)
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '.' || (c == '*' && !i)))
			return false;
	}
	return true;
}

/* "DNS:a.example,IP:10.0.0.1", which OpenSSL parses; so nothing but checked names goes in. */
static int alternative_names(struct str names, struct buf *ret_text)
{
	struct address a;
	struct str name;

	while (str_split(&names, ',', &name)) {
		name = str_trim(name);
		if (address_parse(name, &a) == 0)
			buf_printf(ret_text, "%sIP:%.*s", ret_text->len ? "," : "", STR_FMT(name));
		else if (is_dns_name(name))
			buf_printf(ret_text, "%sDNS:%.*s", ret_text->len ? "," : "", STR_FMT(name));
		else
			return -EINVAL;
	}
	return ret_text->len ? 0 : -EINVAL;
}

static bool add_extension(X509 *certificate, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	bool ok;

	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	ok = extension && X509_add_ext(certificate, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return ok;
}

static bool set_serial(X509 *certificate)
{
	uint8_t bytes[SERIAL_BYTES];
	BIGNUM *number;
	bool ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] &= 0x7f; /* RFC 5280 §4.1.2.2: positive */
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
	BN_free(number);
	return ok;
}

static bool set_name(X509 *certificate, struct str first)
{
	X509_NAME *name = X509_get_subject_name(certificate);
	struct str common = str_slice(first, 0, COMMON_NAME_BYTES);

	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const void *)common.ptr,
					  (int)common.len, -1, 0) == 1 &&
	       X509_set_issuer_name(certificate, name) == 1;
}

static X509 *certificate_new(EVP_PKEY *key, struct str names, const char *alternatives)
{
	X509 *c = X509_new();
	struct str first = names;

	str_split(&names, ',', &first);
	if (c && X509_set_version(c, X509_VERSION_3) == 1 && set_serial(c) &&
	    set_name(c, str_trim(first)) && X509_gmtime_adj(X509_getm_notBefore(c), -BACKDATE_S) &&
	    X509_time_adj_ex(X509_getm_notAfter(c), VALID_DAYS, 0, NULL) &&
	    X509_set_pubkey(c, key) == 1 && add_extension(c, NID_subject_alt_name, alternatives) &&
	    add_extension(c, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(c, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(c, NID_ext_key_usage, "serverAuth") && X509_sign(c, key, EVP_sha256()))
		return c;
	X509_free(c);
	return NULL;
}

/* Writes the key, or the certificate when key is NULL. Never over a file that exists: it may be in
 * use. */
static int save(const char *path, mode_t mode, EVP_PKEY *key, X509 *certificate)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *file;
	bool ok;

	if (fd < 0)
		return -errno;
	file = fdopen(fd, "w");
	ok = key ? PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1
		 : PEM_write_X509(file, certificate) == 1;
	ok = ok && !fflush(file) && !fsync(fd);
	return !fclose(file) && ok ? 0 : -EIO;
}

static int save_pair(EVP_PKEY *key, X509 *certificate, const char *certificate_path,
		     const char *key_path)
{
	int r = save(key_path, 0600, key, NULL);

	if (r < 0)
		return r;
	r = save(certificate_path, 0644, NULL, certificate);
	if (r < 0)
		unlink(key_path);
	return r;
}

int tls_make_certificate(const char *names, const char *certificate_path, const char *key_path)
{
	struct buf alternatives = BUF_INIT;
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;
	int r;

	r = alternative_names(str_from(names), &alternatives);
	if (r < 0)
		goto out;
	r = -EIO;
	key = EVP_EC_gen("P-256");
	if (key)
		certificate = certificate_new(key, str_from(names), buf_cstr(&alternatives));
	if (certificate)
		r = save_pair(key, certificate, certificate_path, key_path);
out:
	tls_drop_errors("tls.make");
	X509_free(certificate);
	EVP_PKEY_free(key);
	buf_fini(&alternatives);
	return r;
}
