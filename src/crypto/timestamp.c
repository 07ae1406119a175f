/* Time-stamps of RFC 3161: see timestamp.h. */
/* Before banned.h, which poisons names that OpenSSL declares. */
#include <openssl/ts.h>

#include "crypto/timestamp.h"

#include <errno.h>
#include <limits.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "crypto/random.h"

/* --- the request */

static TS_MSG_IMPRINT *imprint_of(const struct hash *hash)
{
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algorithm = X509_ALGOR_new();

	X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL);
	TS_MSG_IMPRINT_set_algo(imprint, algorithm);
	X509_ALGOR_free(algorithm);
	TS_MSG_IMPRINT_set_msg(imprint, (unsigned char *)(uintptr_t)hash->bytes, HASH_SIZE);
	return imprint;
}

static ASN1_INTEGER *new_nonce(void)
{
	ASN1_INTEGER *nonce = ASN1_INTEGER_new();
	uint64_t chance;

	random_bytes(&chance, sizeof(chance));
	ASN1_INTEGER_set_uint64(nonce, chance);
	return nonce;
}

void timestamp_request(const struct hash *hash, struct buf *out)
{
	TS_REQ *request = TS_REQ_new();
	TS_MSG_IMPRINT *imprint = imprint_of(hash);
	ASN1_INTEGER *nonce = new_nonce();
	unsigned char *der = NULL;
	int len;

	TS_REQ_set_version(request, 1);
	TS_REQ_set_msg_imprint(request, imprint);
	TS_REQ_set_nonce(request, nonce);
	TS_REQ_set_cert_req(request, 1);
	len = i2d_TS_REQ(request, &der);
	if (len > 0)
		buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	ASN1_INTEGER_free(nonce);
	TS_MSG_IMPRINT_free(imprint);
	TS_REQ_free(request);
}

/* --- the reply */

static int granted(const TS_RESP *reply)
{
	long status = ASN1_INTEGER_get(
		TS_STATUS_INFO_get0_status(TS_RESP_get_status_info((TS_RESP *)(uintptr_t)reply)));

	return status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS ? 0 : -EACCES;
}

/* With a store: the chain and the signature too. */
static bool verifies(TS_RESP *reply, const struct hash *hash, X509_STORE *store)
{
	TS_VERIFY_CTX *check = TS_VERIFY_CTX_new();
	unsigned char *copy = OPENSSL_memdup(hash->bytes, HASH_SIZE);
	bool good;

	TS_VERIFY_CTX_set_flags(check,
				TS_VFY_VERSION | TS_VFY_IMPRINT | (store ? TS_VFY_SIGNATURE : 0));
	TS_VERIFY_CTX_set_imprint(check, copy, HASH_SIZE);
	if (store)
		TS_VERIFY_CTX_set_store(check, store);
	good = TS_RESP_verify_response(check, reply) == 1;
	TS_VERIFY_CTX_free(check);
	return good;
}

static void read_time(const TS_TST_INFO *info, struct timestamp *t)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) != 1 ||
	    civil_to_ms(&(struct civil_time){.year = tm.tm_year + 1900,
					     .month = tm.tm_mon + 1,
					     .day = tm.tm_mday,
					     .hour = tm.tm_hour,
					     .minute = tm.tm_min,
					     .second = tm.tm_sec},
			&t->at_ms))
		t->at_ms = TIME_NONE;
}

static void read_authority(TS_RESP *reply, struct timestamp *t)
{
	STACK_OF(X509) *signers = PKCS7_get0_signers(TS_RESP_get_token(reply), NULL, 0);

	t->authority[0] = '\0';
	if (signers && sk_X509_num(signers))
		X509_NAME_oneline(X509_get_subject_name(sk_X509_value(signers, 0)), t->authority,
				  sizeof(t->authority));
	sk_X509_free(signers);
}

static int check_trust(TS_RESP *reply, const struct hash *hash, const char *ca_file,
		       struct timestamp *t)
{
	X509_STORE *store = X509_STORE_new();

	if (X509_STORE_load_file(store, ca_file) != 1) {
		X509_STORE_free(store);
		return -ENOENT;
	}
	t->is_trusted = verifies(reply, hash, store); /* takes the store */
	return 0;
}

int timestamp_open(struct str bytes, const struct hash *hash, const char *ca_file,
		   struct timestamp *ret_timestamp)
{
	const unsigned char *at = (const unsigned char *)bytes.ptr;
	TS_RESP *reply =
		bytes.len && bytes.len <= LONG_MAX ? d2i_TS_RESP(NULL, &at, (long)bytes.len) : NULL;
	struct timestamp t = {0};
	int r = -EBADMSG;

	if (reply && at == (const unsigned char *)bytes.ptr + bytes.len)
		r = granted(reply);
	if (!r && (!TS_RESP_get_tst_info(reply) || !verifies(reply, hash, NULL)))
		r = -EBADMSG;
	if (!r) {
		read_time(TS_RESP_get_tst_info(reply), &t);
		read_authority(reply, &t);
		r = ca_file ? check_trust(reply, hash, ca_file, &t) : 0;
	}
	if (!r)
		*ret_timestamp = t;
	TS_RESP_free(reply);
	return r;
}
