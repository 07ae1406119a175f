/* What a registration asks, in which order, and on what ground: one table for the official and the counter. Pure. */
import { messages } from '../messages';

const f = messages.registration.fields;

export type FieldName = keyof typeof f;
export type Values = Partial<Record<FieldName, string>>;

export type Field = {
  name: FieldName;
  lines?: number; /* a text of several lines */
  input?: 'tel' | 'numeric' | 'people' | 'commune' | 'numbers';
  also?: FieldName; /* what is taken with it */
  complete?: string; /* what the browser may fill in (RGAA 11.13) */
};

export type Step = { name: keyof typeof messages.registration.steps; fields: Field[]; byConsent?: boolean };

export const steps: Step[] = [
  { name: 'who', fields: [{ name: 'name', complete: 'name' }, { name: 'mandate' }, { name: 'commune', input: 'commune', also: 'commune_code' }] },
  { name: 'numbers', fields: [{ name: 'phone', input: 'tel', complete: 'tel' }, { name: 'other_phones', input: 'numbers', also: 'other_kinds' }] },
  { name: 'places', fields: [{ name: 'address', lines: 2, complete: 'street-address' }, { name: 'places', lines: 3 }] },
  { name: 'why', fields: [{ name: 'household', input: 'numeric' }, { name: 'reason', lines: 4 }] },
  { name: 'consent', fields: [{ name: 'access', lines: 3 }, { name: 'remarks', lines: 3 }, { name: 'contacts', input: 'people' }], byConsent: true },
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

/** Those this administration takes. */
export const stepsOf = (consentSheet: boolean): Step[] => steps.filter(({ byConsent }) => consentSheet || !byConsent);

const namesOf = ({ name, also }: Field): FieldName[] => (also ? [name, also] : [name]);

/* Without consent nothing of the sheet leaves the page, whatever was written in it. */
export const bodyOf = (values: Values, consentSheet: boolean): Record<string, string> => {
  const consents = consentSheet && values.consent === 'oui';
  const taken = steps.flatMap(({ fields, byConsent }) => (byConsent && !consents ? [] : fields.flatMap(namesOf)));
  const whole = { ...values, ...valuesOfNumbers(numbersOf(values).filter(({ phone }) => phone !== '')) };
  const body = Object.fromEntries(taken.map((name) => [name, (whole[name] ?? '').trim()]));
  return consentSheet ? { ...body, consent: consents ? 'oui' : 'non' } : body;
};

/** The step that asks this field; -1: none. */
export const stepOf = (list: Step[], field: string | undefined): number =>
  list.findIndex(({ fields, byConsent }) => fields.flatMap(namesOf).some((name) => name === field) || (byConsent && field === 'consent'));

/** What the server keeps is text by field. */
export const valuesOf = (fields: Record<string, unknown>): Values =>
  Object.fromEntries(Object.entries(fields).filter(([name, value]) => name in f && typeof value === 'string')) as Values;
