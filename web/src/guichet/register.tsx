/* What the national register of elected officials says, beside the papers shown. */
import { useState } from 'preact/hooks';
import type { MandateList } from '../api';
import type { Values } from '../inscription/fields';
import { messages } from '../messages';
import { get } from '../request';
import { Failure, useGesture } from '../ui';

const t = messages.counter;

/* What the national register says of that name in that commune, beside the papers shown. */
export const Register = ({ values }: { values: Values }) => {
  const [list, setList] = useState<MandateList['mandates'] | null>(null);
  const { failure, run } = useGesture();
  const [needs, setNeeds] = useState(false);
  const search = (): void => {
    setNeeds(!values.commune_code);
    setList(null);
    if (!values.commune_code) return;
    const query = new URLSearchParams({ commune: values.commune_code, name: values.name ?? '' });
    void run(async () => setList((await get<MandateList>(`/api/mandates?${query}`)).mandates));
  };
  return (
    <>
      <button type="button" onClick={search}>
        {t.register}
      </button>
      <Failure text={failure} />
      <div role="status">
        {needs && <p>{t.registerNeeds}</p>}
        {list?.length === 0 && <p>{t.registerNone}</p>}
        <ul>
          {list?.map((one) => (
            <li key={`${one.last_name}${one.first_name}${one.mandate}`}>
              {one.first_name} {one.last_name}, {one.function ?? one.mandate}, {t.since(one.since)}, {t.born(one.birth_date)}
            </li>
          ))}
        </ul>
      </div>
    </>
  );
};
