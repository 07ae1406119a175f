/* What the national register of elected officials says, beside the papers shown; the line that is theirs is remembered with the registration. */
import { useEffect, useState } from 'preact/hooks';
import type { MandateList } from '../api';
import { calendarDay } from '../format';
import type { Values } from '../inscription/fields';
import { messages } from '../messages';
import { get } from '../request';
import { Choices, Failure, useGesture } from '../ui';

const t = messages.counter;

type Line = MandateList['mandates'][number];

const textOf = (one: Line): string => `${one.first_name} ${one.last_name}, ${one.function ?? one.mandate}, ${t.since(calendarDay(one.since))}, ${t.born(calendarDay(one.birth_date))}`;

export const Register = ({ values, mark, onChoose }: { values: Values; mark: string; onChoose(mark: string): void }) => {
  const [answer, setAnswer] = useState<MandateList | null>(null);
  const { failure, run } = useGesture();
  const [needs, setNeeds] = useState(false);
  const clear = (): void => {
    setAnswer(null);
    onChoose('');
  };
  /* Lines of another commune are nobody's here. */
  useEffect(clear, [values.commune_code]);
  const search = (): void => {
    setNeeds(!values.commune_code);
    clear();
    if (!values.commune_code) return;
    const query = new URLSearchParams({ commune: values.commune_code, name: values.name ?? '' });
    void run(async () => setAnswer(await get<MandateList>(`/api/mandates?${query}`)));
  };
  const lines = (answer?.mandates ?? []).filter((one, at, all) => all.findIndex((other) => other.mark === one.mark) === at);
  return (
    <>
      <button type="button" onClick={search}>
        {t.register}
      </button>
      <Failure text={failure} />
      <div role="status">
        {needs && <p>{t.registerNeeds}</p>}
        {answer?.mandates.length === 0 && <p>{answer.loaded ? t.registerNone : t.registerNotLoaded}</p>}
        {lines.length > 0 && <p class="muted small">{t.registerChoose}</p>}
      </div>
      {lines.length > 0 && (
        <Choices
          legend={t.registerLines}
          choices={[...lines.map((one) => ({ value: one.mark, label: textOf(one) })), { value: '', label: t.registerOther }]}
          value={mark}
          onChoose={onChoose}
        />
      )}
    </>
  );
};
