/* The client side of the control socket (service/control.h): one request, one answer. */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>

struct settings;

/*
 * Sends the command and its arguments (borrowed), waits for the answer. *ret_result: new reference
 * to the result. A refusal or a failure is said on standard error. 0, or an exit status.
 */
int client_ask(const struct settings *s, const char *command, json_t *arguments,
	       json_t **ret_result);
/* Whether a server answers on the socket. */
bool client_server_runs(const struct settings *s);

#endif
