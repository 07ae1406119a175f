/* The texts of the pages. Every page takes them from here and never asks in which language they are. */
export { messages } from './messages.fr';
