/* The competent unit: that of the commune by itself, or the one that is chosen from a list. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CounterUnits, Force } from '../api';
import { messages } from '../messages';
import { get } from '../request';
import { folded, Suggest } from '../suggest';

const t = messages.counterUnit;

type Unit = CounterUnits['units'][number];

/** What is written; the unit once it is one of the list. Empty: that of the commune. */
export type UnitChoice = { text: string; unit: Unit | null };

const search = (commune: string, words: string): Promise<CounterUnits> =>
  get<CounterUnits>(`/api/counter/units?${new URLSearchParams({ commune, name: words })}`);

const forceOf = ({ force }: Unit): string => (force ? messages.forces[force] : '');

const textOf = (unit: Unit): string => [unit.name, unit.departement && `(${unit.departement})`].filter(Boolean).join(' ');

/* present: the unit of a file that has one, which stays until another is chosen. */
type Props = { commune: string; unit: UnitChoice; present?: string; error: string | null; onChange(unit: UnitChoice): void; onForce?(force: Force | ''): void };

export const UnitField = ({ commune, unit, present, error, onChange, onForce }: Props) => {
  const [ofCommune, setOfCommune] = useState<{ commune: string; answer: CounterUnits } | null>(null);
  const [isUnknown, setIsUnknown] = useState(false);
  const latest = useRef(unit.text);
  latest.current = unit.text;
  useEffect(() => {
    if (!commune) return;
    void search(commune, '').then(
      (answer) => setOfCommune({ commune, answer }),
      () => {},
    );
  }, [commune]);
  const competent = ofCommune?.commune === commune ? ofCommune.answer.units.find((one) => one.competent) : undefined;
  /* In whose file it will be. */
  const force = (unit.unit ?? (unit.text.trim() ? undefined : competent))?.force ?? '';
  useEffect(() => onForce?.(force), [force]);
  const find = async (words: string): Promise<Unit[]> => {
    const { units } = await search(commune, words);
    const same = units.filter(({ name }) => folded(name) === folded(words));
    if (words === latest.current) {
      setIsUnknown(units.length === 0);
      if (same.length === 1 && same[0]) onChange({ text: words, unit: same[0] });
    }
    return units;
  };
  const said = (): string => {
    if (unit.unit) return t.chosen(unit.unit.name, forceOf(unit.unit));
    if (unit.text.trim()) return isUnknown ? t.unknown : '';
    if (present) return competent && competent.name !== present ? t.otherThan(present, competent.name) : t.stays(present);
    if (!commune) return t.noCommune;
    if (ofCommune?.commune !== commune) return '';
    if (!competent) return t.none;
    return (ofCommune.answer.is_default ? t.byDefault : t.ofCommune)(competent.name, forceOf(competent));
  };
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for="unit">{t.label}</label>
      <p id="unit-hint" class="muted small">
        {present ? t.hintPresent : t.hint}
      </p>
      <Suggest
        id="unit"
        value={unit.text}
        listLabel={t.list}
        described={error ? 'unit-hint unit-said unit-error' : 'unit-hint unit-said'}
        invalid={error !== null}
        fromEmpty
        find={find}
        textOf={textOf}
        onInput={(text) => {
          latest.current = text;
          onChange({ text, unit: null });
        }}
        onChoose={(one) => onChange({ text: one.name, unit: one })}
      />
      <p id="unit-said" role="status">
        {said()}
      </p>
      {error && (
        <p id="unit-error" class="failure">
          {error}
        </p>
      )}
    </div>
  );
};
