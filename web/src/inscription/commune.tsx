/* The commune, by its name: chosen among those that were imported, so that its INSEE code is known without anybody knowing it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CommuneList, Force } from '../api';
import { messages } from '../messages';
import { get } from '../request';
import { folded, Suggest } from '../suggest';
import type { Values } from './fields';

const t = messages.registration;

export type Commune = CommuneList['communes'][number];

const search = (words: string): Promise<CommuneList> => get<CommuneList>(`/api/communes?${new URLSearchParams({ name: words })}`);

const textOf = ({ name, departement }: Commune): string => `${name} (${departement})`;

/* Told from its namesakes; a large town has many postcodes. */
const labelOf = (one: Commune): string => {
  const [first, more] = one.postcodes;
  return first === undefined ? textOf(one) : `${textOf(one)}, ${first}${more === undefined ? '' : '…'}`;
};

/* The only one that bears that name, or that code: unless it is the postcode of others, who are then chosen from. */
const only = (list: Commune[], words: string): Commune | undefined => {
  const said = folded(words);
  const isPostcode = list.some(({ postcodes }) => postcodes.includes(said));
  const same = list.filter((one) => folded(one.name) === said || folded(textOf(one)) === said || (one.code.toLowerCase() === said && !isPostcode));
  return same.length === 1 ? same[0] : undefined;
};

type Props = { values: Values; described: string; invalid: boolean; onChange(values: Values): void; onLoaded(loaded: boolean): void; onForce?: ((force: Force | '') => void) | undefined };

export const CommuneInput = ({ values, described, invalid, onChange, onLoaded, onForce }: Props) => {
  const [known, setKnown] = useState<Commune | null>(null);
  const [loaded, setLoaded] = useState<boolean | null>(null);
  const latest = useRef(values);
  latest.current = values;
  const { commune = '', commune_code: code = '' } = values;
  const take = (one: Commune | undefined, name?: string): void => {
    setKnown(one ?? null);
    onForce?.(one?.force ?? '');
    const next = { ...latest.current, commune_code: one?.code ?? '', ...(name !== undefined && { commune: name }) };
    latest.current = next;
    onChange(next);
  };
  const heard = (answer: CommuneList): Commune[] => {
    setLoaded(answer.loaded);
    onLoaded(answer.loaded);
    return answer.communes;
  };
  /* What was written before: its code is kept, and one that was written by its name alone is found. */
  useEffect(() => {
    void search(code || commune).then(
      (answer) => {
        const list = heard(answer);
        const found = code ? list.find((one) => one.code === code) : only(list, commune);
        if (latest.current.commune === values.commune && found) take(found);
      },
      () => {},
    );
  }, []);
  const find = async (words: string): Promise<Commune[]> => {
    const list = heard(await search(words));
    const one = only(list, words);
    if (one && latest.current.commune === words) take(one);
    return list;
  };
  const isKnown = known !== null && known.code === code;
  return (
    <>
      <Suggest
        id="commune"
        value={commune}
        listLabel={t.communes.list}
        described={`${described} commune-found`}
        invalid={invalid}
        find={find}
        textOf={labelOf}
        onInput={(words) => {
          /* Where none are loaded the code is written by hand. */
          if (loaded === false) onChange({ ...values, commune: words });
          else take(undefined, words);
        }}
        onChoose={(one) => take(one, one.name)}
      />
      <p id="commune-found" class="small" role="status">
        {loaded === false && t.communes.notLoaded}
        {loaded && isKnown && t.communes.known(textOf(known), known.code)}
        {loaded && !isKnown && commune.trim() && t.communes.unknown}
      </p>
    </>
  );
};
