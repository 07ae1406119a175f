/* The commands of egidectl; argv[0] is the command's name. Each gives an exit status. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

int command_init(int argc, char **argv);
int command_registry(int argc, char **argv); /* unit, account, official, contact, device */
int command_alert(int argc, char **argv);
int command_verify(int argc, char **argv);
int command_verify_export(int argc, char **argv);
int command_backup(int argc, char **argv);
int command_restore(int argc, char **argv);
int command_epoch(int argc, char **argv);
int command_keys(int argc, char **argv);
int command_import(int argc, char **argv);
int command_synthesize(int argc, char **argv);

/* The actions of a group ("unit") and their fields, from the server's own table; NULL: of every
 * group. */
void registry_print_help(const char *group);

#endif
