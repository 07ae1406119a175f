/* OpenSSL's side of a tls_server, for tcp.c and http.c; nothing outside net/ includes this. */
#ifndef NET_TLS_PRIVATE_H
#define NET_TLS_PRIVATE_H

/* OpenSSL names parameters "rand", which banned.h refuses: whoever includes this does so first. */
#include <openssl/ssl.h>

#include "net/tls.h"

/* The server's side of a new connection, with the certificate of now; NULL when memory is short. */
SSL *tls_server_session(struct tls_server *tls);
/* OpenSSL keeps errors a thread; one left over would be taken for the next call's. Logs at debug.
 */
void tls_drop_errors(const char *event);

#endif
