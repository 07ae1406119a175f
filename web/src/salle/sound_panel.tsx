/* What the telephone hears: live, and from the beginning. */
import { useEffect, useState } from 'preact/hooks';
import type { Card } from '../api';
import { messages } from '../messages.fr';
import { Key } from '../ui';
import { Panel } from './panels';
import { openListening, type Hearing } from './listen';

const t = messages.room.sound;

const Level = ({ level }: { level: number }) => (
  <meter class="sound-level" min={0} max={1} value={level} aria-label={t.level} />
);

const Facts = ({ hearing }: { hearing: Hearing }) => (
  <>
    <p role="status">{t.status[hearing.status]}</p>
    <Level level={hearing.level} />
    {hearing.delay !== null && hearing.delay > 0 && hearing.delay < 60000 && <p class="muted small">{t.delay(hearing.delay)}</p>}
    {hearing.missed > 0 && <p class="muted small">{t.missed(hearing.missed)}</p>}
    {hearing.recording === 'failing' && <p class="failure">{t.failing}</p>}
    {hearing.recording === 'off' && <p class="muted small">{t.notRecorded}</p>}
  </>
);

export const SoundPanel = ({ card }: { card: Card }) => {
  const [listens, setListens] = useState(false);
  const [hearing, setHearing] = useState<Hearing | null>(null);
  useEffect(() => {
    if (!listens) return;
    const listening = openListening(card.id, setHearing);
    return () => {
      listening.close();
      setHearing(null);
    };
  }, [listens, card.id]);
  return (
    <Panel title={t.heading}>
      <button type="button" class="quiet" data-listen aria-keyshortcuts="H" aria-pressed={listens} onClick={() => setListens(!listens)}>
        {listens ? t.stop : t.listen} <Key name="H" />
      </button>
      {hearing && <Facts hearing={hearing} />}
      <p class="muted small">{t.again}</p>
      <audio class="clip" controls preload="none" src={`/api/alerts/${card.id}/audio.ogg`} aria-label={t.again} />
    </Panel>
  );
};
