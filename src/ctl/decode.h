/* egidectl decode PROTOCOL: what a device's frames say, without any server. */
#ifndef CTL_DECODE_H
#define CTL_DECODE_H

/* Reads standard input, writes one JSON line a message. Returns the exit status. */
int command_decode(int argc, char **argv);

#endif
