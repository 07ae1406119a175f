/* One event, one line: see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"

static _Atomic int least_level = LOG_INFO;

void log_set_level(enum log_level least)
{
	atomic_store(&least_level, (int)least);
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
	static const char *const names[] = {"debug", "info", "warning", "error"};
	char line[1024], at[TIME_TEXT_SIZE];
	va_list args;
	int len;

	if ((int)level < atomic_load(&least_level))
		return;
	time_print(clock_now_ms(), at);
	len = snprintf(line, sizeof(line), "%s %s %s ", at, names[level], event);
	va_start(args, format);
	len += vsnprintf(line + len, sizeof(line) - (size_t)len, format, args);
	va_end(args);
	if (len > (int)sizeof(line) - 2)
		len = (int)sizeof(line) - 2;
	/* A line break in a value must not forge a second line. */
	for (int i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = '?';
	while (len && line[len - 1] == ' ')
		len--;
	line[len++] = '\n';
	/* One write, so that lines of several threads do not mix. */
	if (write(STDERR_FILENO, line, (size_t)len) < 0)
		return;
}
