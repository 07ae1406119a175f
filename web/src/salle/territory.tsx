/* Where the alert is, for the police: the commune, and the unit that is competent there. */
import { useEffect, useState } from 'preact/hooks';
import type { Card, Territory, TerritoryAnswer } from '../api';
import { phone } from '../format';
import { messages } from '../messages.fr';
import { get } from '../request';

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

/** Whom officials ask for by name in that unit. */
export const referentLine = (referent: NonNullable<Territory['referent']>): string =>
  t.referent(referent.name, referent.phone && phone(referent.phone));
