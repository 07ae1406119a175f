/* What the copy says, part by part, whatever it is written as. Pure. */
import type { OwnCopy } from '../api';
import { calendarDay, dayAndTime, phone } from '../format';
import { groundOf } from '../inscription/grounds';
import { messages } from '../messages';
import { deedOf, whoOf } from './readings';
import { placeOf, shown, type FieldKey } from './values';

const t = messages.own;
const r = messages.registration;

export type Row = { name: string; value: string; note?: string };
export type Part = { heading: string; lead?: string; rows: Row[] };

export const listed: FieldKey[] = ['name', 'mandate', 'other_mandates', 'commune', 'commune_code', 'phone', 'other_phones', 'address', 'places', 'household', 'reason'];

export const labelOf = (key: keyof typeof r.fields): string => t.labels[key] ?? r.fields[key].label;

const fileRows = ({ file }: OwnCopy): Row[] => [
  ...listed.map((key) => ({ name: labelOf(key), value: shown(file, key) || t.none, note: groundOf(key, file.force) })),
  { name: t.level, value: file.level === null ? t.none : (messages.levels[file.level - 1] ?? ''), note: t.levelGround },
  { name: t.unit, value: file.unit },
  { name: t.inFile, value: file.force ? messages.forces[file.force] : t.none },
  { name: t.since, value: dayAndTime(file.registered_at) },
];

const dayOf = (day: string | null): string => (day ? calendarDay(day) : t.none);

/** How long the registration lasts. */
export const termRows = ({ term }: Pick<OwnCopy, 'term'>): Row[] => [
  { name: t.term.ends, value: [calendarDay(term.ends), messages.term.whys[term.why]].filter(Boolean).join(', ') },
  { name: t.term.until, value: dayOf(term.until) },
  { name: t.term.mandate, value: dayOf(term.mandate_until) },
  { name: messages.term.confirmed, value: calendarDay(term.confirmed) },
  { name: t.term.confirm, value: term.confirm_on ? calendarDay(term.confirm_on) : t.term.never },
];

/** How to get in at the other addresses, each said. */
export const entriesOf = ({ places }: OwnCopy['file']): { name: string; access: string }[] =>
  places.flatMap(({ access, ...place }) => (access ? [{ name: t.entry(placeOf(place)), access }] : []));

const sheetRows = ({ file, contacts }: OwnCopy): Row[] => [
  { name: labelOf('access'), value: file.access ?? t.none },
  ...entriesOf(file).map(({ name, access }) => ({ name, value: access })),
  { name: labelOf('remarks'), value: file.remarks ?? t.none },
  ...contacts.map((one, i) => ({ name: r.trusted.person(i + 1), value: contactOf(one) })),
];

export const contactOf = ({ name, relation, phone: number, agreed }: OwnCopy['contacts'][number]): string =>
  [name, relation, phone(number), agreed ? t.agreed : t.notAgreed].filter(Boolean).join(', ');

export const deviceOf = ({ kind, in_service: inService, sound }: OwnCopy['devices'][number]): string =>
  [t.kinds[kind], inService ? t.inService : t.outOfService, kind === 'phone' && !sound ? t.noSound : null].filter(Boolean).join(', ');

export const partsOf = (copy: OwnCopy): Part[] => [
  { heading: t.fileHeading, lead: t.copy.lead(dayAndTime(copy.made_at)), rows: fileRows(copy) },
  { heading: messages.term.heading, rows: termRows(copy) },
  { heading: t.sheetHeading, lead: t.sheetLead, rows: sheetRows(copy) },
  { heading: t.devicesHeading, rows: copy.devices.map((one) => ({ name: one.label, value: deviceOf(one) })) },
  {
    heading: t.readings.heading,
    lead: copy.lines_are_all ? t.readings.lead : t.copy.cut,
    rows: copy.lines.map((line) => ({ name: dayAndTime(line.at), value: `${deedOf(line)}. ${whoOf(line)}` })),
  },
];
