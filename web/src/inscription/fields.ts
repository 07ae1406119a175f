/* What a registration asks, in which order, and on what ground: one table for the official and the counter. Pure. */
import { phone } from '../format';
import { messages } from '../messages';

const f = messages.registration.fields;

export type FieldName = keyof typeof f;
export type Values = Partial<Record<FieldName, string>>;

export type Field = {
  name: FieldName;
  lines?: number; /* a text of several lines */
  input?: 'tel' | 'numeric' | 'people' | 'commune' | 'numbers' | 'places' | 'entries';
  also?: FieldName; /* what is taken with it */
  optional?: true; /* as its label says */
  complete?: string; /* what the browser may fill in (RGAA 11.13) */
};

export type Step = { name: keyof typeof messages.registration.steps; fields: Field[]; byConsent?: boolean };

export const steps: Step[] = [
  { name: 'who', fields: [{ name: 'name', complete: 'name' }, { name: 'mandate' }, { name: 'other_mandates', lines: 2, optional: true }, { name: 'commune', input: 'commune', also: 'commune_code' }] },
  { name: 'numbers', fields: [{ name: 'phone', input: 'tel', complete: 'tel' }, { name: 'other_phones', input: 'numbers', also: 'other_kinds', optional: true }] },
  { name: 'places', fields: [{ name: 'address', lines: 2, complete: 'street-address' }, { name: 'places', input: 'places', also: 'place_kinds', optional: true }] },
  { name: 'why', fields: [{ name: 'household', input: 'numeric' }, { name: 'reason', lines: 4 }] },
  { name: 'consent', fields: [{ name: 'access', lines: 3 }, { name: 'place_access', input: 'entries' }, { name: 'remarks', lines: 3 }, { name: 'contacts', input: 'people' }], byConsent: true },
];

/** Trusted persons travel one a line, "name;relation;telephone" (docs/protocol/registration.md); here a line may still be empty. */
export type Trusted = { name: string; relation: string; phone: string };
export const trustedMax = 6;

export const trustedOf = (text: string): Trusted[] =>
  text === ''
    ? []
    : text.split('\n').map((line) => {
        const [name = '', relation = '', phone = ''] = line.split(';');
        return { name, relation, phone };
      });

const plain = (text: string): string => text.replace(/[;\n]/g, ',');

export const textOf = (people: Trusted[]): string => people.map((one) => [one.name, one.relation, one.phone].map(plain).join(';')).join('\n');

/** Other numbers travel separated by commas, their kinds beside them in the same order; here a number may still be empty. */
export const kindsOfNumbers = ['', 'own', 'home', 'town_hall', 'duty'] as const;
export type OtherNumber = { kind: (typeof kindsOfNumbers)[number]; phone: string };
export const numbersMax = 4;

export const numbersOf = ({ other_phones: phones = '', other_kinds: kinds = '' }: Values): OtherNumber[] => {
  const list = kinds.split(',');
  return phones === '' ? [] : phones.split(',').map((phone, i) => ({ kind: kindsOfNumbers.find((kind) => kind === list[i]) ?? '', phone: phone.trim() }));
};

/* One that is still empty is a space: an empty text is no number at all. */
export const valuesOfNumbers = (numbers: OtherNumber[]): Values => ({
  other_phones: numbers.map(({ phone }) => phone.replaceAll(',', ' ') || ' ').join(','),
  other_kinds: numbers.map(({ kind }) => kind).join(','),
});

/** Other addresses travel one a line; what each is, and how to get in there, beside them in the same order. A line may still be empty. */
export const kindsOfPlaces = ['town_hall', 'duty', 'second_home', 'work', 'other'] as const;
export type Place = { kind: (typeof kindsOfPlaces)[number]; address: string; access: string };
export const placesMax = 6;

export const placesOf = ({ places = '', place_kinds: kinds = '', place_access: access = '' }: Values): Place[] => {
  const [lines, names, entries] = [places.split('\n'), kinds.split(','), access.split('\n')];
  const count = places === '' && kinds === '' ? 0 : Math.max(lines.length, names.length);
  return Array.from({ length: count }, (_, i) => ({ kind: kindsOfPlaces.find((kind) => kind === names[i]) ?? 'other', address: lines[i] ?? '', access: entries[i] ?? '' }));
};

const onOneLine = (text: string): string => text.replace(/\n/g, ' ');

export const valuesOfPlaces = (places: Place[]): Values => ({
  places: places.map(({ address }) => onOneLine(address)).join('\n'),
  place_kinds: places.map(({ kind }) => kind).join(','),
  place_access: places.some(({ access }) => access) ? places.map(({ access }) => onOneLine(access)).join('\n') : '',
});

/* One that says nothing is not sent. */
const isSaid = ({ kind, address, access }: Place): boolean => kind !== 'other' || address.trim() !== '' || access.trim() !== '';

const trimmed = ({ kind, address, access }: Place): Place => ({ kind, address: address.trim(), access: access.trim() });

/** Where each is among those that are sent, from 1, as the server counts them; 0: it is not. */
export const linesOfPlaces = (places: Place[]): number[] => {
  let line = 0;
  return places.map((place) => (isSaid(place) ? ++line : 0));
};

/** Those this administration takes. */
export const stepsOf = (consentSheet: boolean): Step[] => steps.filter(({ byConsent }) => consentSheet || !byConsent);

const namesOf = ({ name, also }: Field): FieldName[] => (also ? [name, also] : [name]);

/* Without consent nothing of the sheet leaves the page, whatever was written in it. */
export const bodyOf = (values: Values, consentSheet: boolean): Record<string, string> => {
  const consents = consentSheet && values.consent === 'oui';
  const taken = steps.flatMap(({ fields, byConsent }) => (byConsent && !consents ? [] : fields.flatMap(namesOf)));
  const whole: Values = {
    ...Object.fromEntries(Object.entries(values).map(([name, text]) => [name, text.trim()])),
    ...valuesOfNumbers(numbersOf(values).filter(({ phone }) => phone !== '')),
    ...valuesOfPlaces(placesOf(values).filter(isSaid).map(trimmed)),
  };
  const body = Object.fromEntries(taken.map((name) => [name, whole[name] ?? '']));
  return consentSheet ? { ...body, consent: consents ? 'oui' : 'non' } : body;
};

/** The step that asks this field; -1: none. */
export const stepOf = (list: Step[], field: string | undefined): number =>
  list.findIndex(({ fields, byConsent }) => fields.flatMap(namesOf).some((name) => name === field) || (byConsent && field === 'consent'));

/** What is not written yet, of what is asked for: nobody has to give what consent alone allows. */
export const missingOf = (values: Values): FieldName[] =>
  steps.flatMap(({ fields, byConsent }) => (byConsent ? [] : fields.filter(({ name, optional }) => !optional && !values[name]?.trim()).map(({ name }) => name)));

/** Numbers as they are read. */
export const withNumbersRead = (values: Values): Values => {
  const { phone: first, contacts } = values;
  const others = numbersOf(values);
  return {
    ...values,
    ...(first && { phone: phone(first) }),
    ...(others.length > 0 && { other_phones: others.map((one) => phone(one.phone)).join(', ') }),
    ...(contacts && { contacts: textOf(trustedOf(contacts).map((one) => ({ ...one, phone: phone(one.phone) }))) }),
  };
};

/** What the server keeps is text by field. */
export const valuesOf = (fields: Record<string, unknown>): Values =>
  Object.fromEntries(Object.entries(fields).filter(([name, value]) => name in f && typeof value === 'string')) as Values;
