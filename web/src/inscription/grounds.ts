/* On what ground a field is taken: each force has its own; where nobody knows yet whose file it will be, both. Pure. */
import type { Force } from '../api';
import { messages } from '../messages';

const t = messages.registration;

/* Of the second paragraph of R. 236-39 (CSI). What it does not list is taken by consent, in both files. */
const points: Partial<Record<keyof typeof t.fields, string>> = {
  reason: 'a',
  name: 'b',
  mandate: 'b',
  other_mandates: 'b',
  phone: 'c',
  other_phones: 'c',
  other_kinds: 'c',
  commune: 'c',
  commune_code: 'c',
  address: 'c',
  places: 'c',
  place_kinds: 'c',
  household: 'd',
};

/** fields: in the words of who reads. */
export const groundOf = (field: keyof typeof t.fields, force: Force | '' | null, fields = t.fields): string => {
  const { ground } = fields[field];
  const point = points[field];
  if (!point) return ground;
  const gendarmerie = `R. 236-39, 2°, ${point} (SIDPP)`;
  return t.grounds.of(ground, force === 'police' ? t.grounds.police : force === 'gendarmerie' ? gendarmerie : t.grounds.both(gendarmerie, t.grounds.police));
};
