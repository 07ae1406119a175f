/*
 * One event, one line on standard error: 2026-11-23T19:18:05.123Z info listener.open port=5093
 * key=value pairs only. Never a name, a number, a position or a message's text at info or above.
 * base, wire and core do not log.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

void log_set_level(enum log_level least);
void log_line(enum log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_debug(event, ...) log_line(LOG_DEBUG, event, "" __VA_ARGS__)
#define log_info(event, ...) log_line(LOG_INFO, event, "" __VA_ARGS__)
#define log_warning(event, ...) log_line(LOG_WARNING, event, "" __VA_ARGS__)
#define log_error(event, ...) log_line(LOG_ERROR, event, "" __VA_ARGS__)

#endif
