/* The keys of a window's buttons, in their order: figures, then letters. Beyond them a button has none. */
const keys = '1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ';

export const deedKey = (place: number): string | undefined => keys[place];

/** The place of the button that answers to this key; -1: none does. */
export const deedPlace = (key: string): number => (key.length === 1 ? keys.indexOf(key.toUpperCase()) : -1);
