/* Between the file as the server shows it and the form that asks for a correction. Pure. */
import type { OwnFields, OwnFile } from '../api';
import { phone } from '../format';
import { numbersOf, placesOf, textOf, valuesOf, valuesOfPlaces, type Place, type Values } from '../inscription/fields';
import { messages } from '../messages';

const kinds = messages.registration.numbers.short;
const placeKinds = messages.registration.places.kinds;

const number = (value: number | null): string => (value === null ? '' : String(value));

/** Whether anything is there that was given by consent alone. */
export const hasSheet = ({ file, contacts }: Pick<OwnFile, 'file' | 'contacts'>): boolean => Boolean(file.access || file.remarks || contacts.length || file.places.some(({ access }) => access));

const ofFile = ({ file, contacts }: OwnFile): Values => ({
  name: file.name,
  mandate: file.mandate ?? '',
  other_mandates: file.other_mandates.join('\n'),
  commune: file.commune ?? '',
  commune_code: file.commune_code ?? '',
  phone: phone(file.phone),
  other_phones: file.other_phones.map(phone).join(', '),
  other_kinds: file.other_kinds.join(','),
  address: file.address ?? '',
  ...valuesOfPlaces(file.places.map((one) => ({ ...one, access: one.access ?? '' }))),
  household: number(file.household),
  reason: file.reason ?? '',
  access: file.access ?? '',
  remarks: file.remarks ?? '',
  contacts: textOf(contacts.map((one) => ({ name: one.name, relation: one.relation ?? '', phone: phone(one.phone) }))),
});

/** What the form begins with: the correction that waits, or the file as it is. */
export const formOf = (own: OwnFile): Values =>
  own.correction ? valuesOf(own.correction.fields) : { ...ofFile(own), consent: hasSheet(own) ? 'oui' : 'non' };

export type FieldKey = Exclude<keyof OwnFields, 'force' | 'unit' | 'registered_at' | 'level' | 'access' | 'remarks' | 'other_kinds'>;

/** A number, and where it rings. */
export const withKind = (number: string, kind: keyof typeof kinds | undefined): string => (kind ? `${number} (${kinds[kind]})` : number);

/** An address, after what it is. */
export const placeOf = ({ kind, address }: Pick<Place, 'kind' | 'address'>): string => messages.format.colon(placeKinds[kind], address);

/* Numbers and their kinds are read as one, and so are addresses and how to get in there. */
const spoken = (fields: Record<string, unknown>): Values => {
  const { other_kinds: _, place_kinds: __, ...values } = valuesOf(fields);
  const numbers = numbersOf(valuesOf(fields)).map((one) => withKind(phone(one.phone), one.kind));
  const places = placesOf(valuesOf(fields));
  const entries = places.filter(({ access }) => access).map(({ address, access }) => messages.format.colon(address, access));
  return {
    ...values,
    ...(numbers.length > 0 && { other_phones: numbers.join(', ') }),
    ...(places.length > 0 && { places: places.map(placeOf).join('\n') }),
    ...(entries.length > 0 && { place_access: entries.join('\n') }),
  };
};

/** A field of the file, as it is read. */
export const shown = (file: OwnFields, key: keyof OwnFields): string => {
  const value = file[key];
  if (value === null) return '';
  if (key === 'phone') return phone(file.phone);
  if (key === 'other_mandates') return file.other_mandates.join('\n');
  if (key === 'places') return file.places.map(placeOf).join('\n');
  if (key === 'other_phones') return file.other_phones.map((one, i) => withKind(phone(one), file.other_kinds[i])).join(', ');
  return String(value);
};

/** The fields a correction would change, for the counter: what there is, and what is asked for. */
export const changesOf = (present: Record<string, unknown>, fields: Record<string, unknown>): { name: keyof Values; before: string; after: string }[] => {
  const before = spoken(present);
  const after = spoken(fields);
  const names = Object.keys({ ...before, ...after }) as (keyof Values)[];
  return names
    .filter((name) => name !== 'consent' && (before[name] ?? '') !== (after[name] ?? ''))
    .map((name) => ({ name, before: before[name] ?? '', after: after[name] ?? '' }));
};

/** What is taken by consent alone. */
export const sheetFields = ['access', 'place_access', 'remarks', 'contacts'] as const;
export const isOfSheet = (name: string): boolean => sheetFields.some((one) => one === name);

/** Whether a correction takes back the consent that there was. */
export const hasWithdrawn = (present: Record<string, unknown>, fields: Record<string, unknown>): boolean => {
  const before = valuesOf(present);
  return fields['consent'] === 'non' && sheetFields.some((name) => before[name]);
};
