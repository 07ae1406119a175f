/* Numbers and moments as the reader's language writes them; dates are day, month, year in both. Pure. */
import { messages } from './messages';

const t = messages.format;

const two = (n: number): string => String(n).padStart(2, '0');

/* No-break spaces: a number never leaves its unit. */
const fixed = '\u00a0';

/** "47 s", "2 min 07 s", "1 h 02 min 07 s", "3 j 4 h". A moment still to come counts as now. */
export const age = (ms: number): string => {
  const total = Math.max(0, Math.floor(ms / 1000));
  const seconds = total % 60;
  const minutes = Math.floor(total / 60) % 60;
  const hours = Math.floor(total / 3600) % 24;
  const days = Math.floor(total / 86400);
  const parts = (text: string): string => text.replaceAll(' ', fixed);
  if (days > 0) return parts(`${days} ${t.days} ${hours} h`);
  if (hours > 0) return parts(`${hours} h ${two(minutes)} min ${two(seconds)} s`);
  if (minutes > 0) return parts(`${minutes} min ${two(seconds)} s`);
  return parts(`${seconds} s`);
};

/** The largest part only, for the map: "4 s", "2 min", "1 h". */
export const shortAge = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}${fixed}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${fixed}min`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)}${fixed}h` : `${Math.floor(seconds / 86400)}${fixed}${t.days}`;
};

/** "03:14:07" */
export const clock = (ms: number): string => {
  const d = new Date(ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
};

/** "23/11/2026" */
export const day = (ms: number): string => {
  const d = new Date(ms);
  return `${two(d.getDate())}/${two(d.getMonth() + 1)}/${d.getFullYear()}`;
};

/** "2026-11-23", a day of Paris whatever the clock here, as "23/11/2026" */
export const calendarDay = (date: string): string => date.split('-').reverse().join('/');

/** "23/11/2026 à 03:14" */
export const dayAndTime = (ms: number): string => t.dayAndTime(day(ms), clock(ms).slice(0, 5));

/** "6,2" */
export const decimal = (value: number, digits: number): string => value.toFixed(digits).replace('.', t.decimal);

/** "850 m", "6,2 km", "24 km" */
export const distance = (metres: number): string => {
  if (metres < 1000) return `${Math.round(metres)}${fixed}m`;
  if (metres < 10000) return `${decimal(metres / 1000, 1)}${fixed}km`;
  return `${Math.round(metres / 1000)}${fixed}km`;
};

/** "06 12 34 56 78" for a French number, overseas ones included; any other one is left as it is. */
export const phone = (number: string): string => {
  const digits = number.replace(/[\s.]/g, '').replace(/^\+(33|262|508|590|594|596)(?=\d{9}$)/, '0');
  return /^0\d{9}$/.test(digits) ? (digits.match(/../g) ?? []).join(fixed) : number;
};

/** "46,5812° N, 0,3351° E" */
export const coordinates = (lat: number, lon: number): string => {
  const part = (degrees: number, positive: string, negative: string): string =>
    `${decimal(Math.abs(degrees), 5)}°${fixed}${degrees < 0 ? negative : positive}`;
  return `${part(lat, 'N', 'S')}, ${part(lon, 'E', t.west)}`;
};
