/* Where the alert is, for the police: the commune, and the unit that is competent there. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { CallFile, Card, Territory, TerritoryAnswer } from '../api';
import { phone } from '../format';
import type { Pointed } from '../map/live';
import { messages } from '../messages';
import { get, reasonOf } from '../request';

const t = messages.room.territory;

/* A card says it for the position it came with; each position after it is asked. One question at a time: a device on
 * the move would otherwise have several answers cross each other. */
export const useTerritory = (card: Card): Territory | null => {
  const [answer, setAnswer] = useState<{ at: number; alert: string; territory: Territory | null }>();
  const [asking, setAsking] = useState(false);
  const { fix } = card;
  const isAnswered = !fix || (answer?.alert === card.id && answer.at >= fix.received_at);
  useEffect(() => {
    if (!fix || isAnswered || asking) return;
    setAsking(true);
    const { received_at: at } = fix;
    get<TerritoryAnswer>(`/api/territory?lat=${fix.lat}&lon=${fix.lon}`)
      .then(({ territory }) => setAnswer({ at, alert: card.id, territory }))
      .catch(() => setAnswer({ at, alert: card.id, territory: card.territory }))
      .finally(() => setAsking(false));
  }, [card.id, fix?.received_at, isAnswered, asking]);
  return answer?.alert === card.id ? answer.territory : card.territory;
};

/** "Commune : Béruges — unité compétente : Brigade de Vouillé." */
export const territoryLine = ({ commune, departement, unit, is_default }: Territory): string => {
  const where = commune ? t.commune(commune.name) : t.departement(departement);
  if (!unit) return t.nobody(where);
  return is_default ? t.byDefault(where, unit.name) : t.competent(where, unit.name);
};

/** What is said of the place that was pointed at on the map, and how to point. The last one asked about wins;
 * another alert at hand ends it. */
export const usePointed = (alert: string): [string, (at: Pointed) => void] => {
  const [text, setText] = useState('');
  const last = useRef<Pointed | null>(null);
  useEffect(() => {
    last.current = null;
    setText('');
  }, [alert]);
  const point = (at: Pointed): void => {
    last.current = at;
    get<TerritoryAnswer>(`/api/territory?lat=${at.lat.toFixed(6)}&lon=${at.lon.toFixed(6)}`)
      .then(({ territory }) => (territory ? [territoryLine(territory), territory.referent && referentLine(territory.referent)].filter(Boolean).join('. ') : t.nowhere))
      .catch(reasonOf)
      .then((said) => last.current === at && setText(t.pointed(said)));
  };
  return [text, point];
};

/** Whom officials ask for by name in that unit. */
export const referentLine = (referent: NonNullable<Territory['referent']>): string =>
  t.referent(referent.name, referent.phone && phone(referent.phone));

/* Whom to send is who is competent where the telephone is; the unit of the file is another one as soon as the person is away from home. */
export const CallTerritory = ({ file }: { file: CallFile }) => {
  const { territory, person } = file;
  const unit = person?.unit ?? null;
  const isSame = territory?.unit && unit && territory.unit.id === unit.id;
  return (
    <>
      {territory && <p class="territory">{territoryLine(territory)}</p>}
      {territory?.referent && <p class="muted">{referentLine(territory.referent)}</p>}
      {unit && !isSame && <p class={territory ? 'muted' : 'territory'}>{t.file(unit.name)}</p>}
    </>
  );
};
