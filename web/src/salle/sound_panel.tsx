/* What the telephone hears: live, again from any moment, and who else listens. */
import type { Card, Detail, Entry, Recording } from '../api';
import { age } from '../format';
import { messages } from '../messages';
import { Key } from '../ui';
import { useHeard, type Ear, type Heard } from './ear';
import type { Hearing } from './listen';
import { Panel } from './panels';
import { levelWord, placeOf, type Frame } from './places';

const t = messages.room.sound;
export const skipMs = 10000;
const pageMs = 60000;

const Level = ({ level }: { level: number }) => (
  <p class="sound-level-row">
    <meter class="sound-level" min={0} max={1} value={level} aria-label={t.level} />
    <span class="muted small">{t.levels[levelWord(level)]}</span>
  </p>
);

/* What must not be taken for a quiet room. */
const broken: Hearing['status'][] = ['stalled', 'muted', 'lost'];
/* A tenth of a second. */
const worthSaying = 5;

const Facts = ({ hearing, isReplaying }: { hearing: Hearing; isReplaying: boolean }) => (
  <>
    <p role="status" class={broken.includes(hearing.status) ? 'failure' : ''}>
      {isReplaying && hearing.status === 'live' ? t.behind : t.status[hearing.status]}
    </p>
    <Level level={hearing.level} />
    {hearing.delay !== null && hearing.delay > 0 && hearing.delay < 60000 && <p class="muted small">{t.delay(hearing.delay)}</p>}
    {hearing.missed >= worthSaying && <p class="muted small">{t.missed(hearing.missed, hearing.recording !== 'off')}</p>}
    {hearing.recording === 'failing' && <p class="failure">{t.failing}</p>}
    {hearing.recording === 'off' && <p class="muted small">{t.notRecorded}</p>}
  </>
);

/** The marks of an alert, each with its place in the recording. */
const marksOf = (entries: Entry[], recording: Recording): number[] =>
  entries
    .filter(({ kind }) => kind === 'sound.marked')
    .map(({ body }) => placeOf(recording, body as Frame))
    .filter((place) => place !== null);

type BarProps = { heard: Heard; recording: Recording; marks: number[]; ear: Ear };

/* The whole recording on one line: what is missing, what is marked, where the ear is. */
const Bar = ({ heard: { replay, edge }, recording, marks, ear }: BarProps) => {
  const end = Math.max(recording.milliseconds, edge ?? 0, 1);
  const place = replay?.place ?? edge ?? recording.milliseconds;
  const part = (milliseconds: number): string => `${(100 * milliseconds) / end}%`;
  const keys: Record<string, () => void> = {
    ArrowLeft: () => ear.skip(-skipMs),
    ArrowRight: () => ear.skip(skipMs),
    PageDown: () => ear.skip(-pageMs),
    PageUp: () => ear.skip(pageMs),
    Home: () => ear.goTo(0),
    End: ear.live,
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const run = keys[event.key];
    if (!run || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };
  const onClick = (event: MouseEvent): void => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    ear.goTo((end * (event.clientX - box.left)) / box.width);
  };
  return (
    <div
      class="sound-bar"
      role="slider"
      tabIndex={0}
      aria-label={t.bar}
      aria-valuemin={0}
      aria-valuemax={Math.round(end / 1000)}
      aria-valuenow={Math.round(place / 1000)}
      aria-valuetext={placeText(place, replay && edge)}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <svg aria-hidden="true" width="100%" height="100%">
        <rect class="sound-done" width={part(place)} height="100%" />
        {recording.gaps.map(({ at, milliseconds }) => (
          <rect key={at} class="sound-gap" x={part(at)} width={part(milliseconds)} height="100%" />
        ))}
        {marks.map((at) => (
          <rect key={at} class="sound-mark" x={part(at)} width="3" height="100%" />
        ))}
        <rect class="sound-place" x={part(place)} width="3" height="100%" />
      </svg>
    </div>
  );
};

const placeText = (place: number, edge: number | null): string =>
  edge === null ? t.place(age(place)) : `${t.place(age(place))}, ${t.late(age(edge - place))}`;

const gapsText = ({ gaps, gaps_more }: Recording): string => {
  const missing = gaps.filter(({ reason }) => reason === 'missing');
  if (missing.length === 0) return t.whole;
  return t.gaps(age(missing.reduce((sum, { milliseconds }) => sum + milliseconds, 0)), missing.length + gaps_more);
};

type Control = { key: string; shown?: string; label: string; isOff: boolean; pressed?: boolean; run(): void };

type ReplayProps = { heard: Heard; entries: Entry[]; ear: Ear; onMark(): void };

const Replayed = ({ heard, entries, ear, onMark }: ReplayProps) => {
  const { recording, replay, edge, hearing } = heard;
  const isOff = replay === null;
  /* Each keeps its place; what is of no use now is greyed. */
  const controls: Control[] = [
    { key: 'ArrowLeft', shown: '←', label: t.back, isOff: false, run: () => ear.skip(-skipMs) },
    { key: 'ArrowRight', shown: '→', label: t.forward, isOff, run: () => ear.skip(skipMs) },
    { key: 'W', label: t.pause, isOff, run: ear.turnPause, pressed: replay?.paused ?? false },
    { key: 'X', label: t.fast, isOff, run: ear.turnRate, pressed: replay !== null && replay.rate !== 1 },
    { key: 'R', label: t.live, isOff, run: ear.live },
    { key: 'G', label: t.mark, isOff: isOff && hearing?.status !== 'live', run: onMark },
  ];
  return (
    <>
      {recording && <Bar heard={heard} recording={recording} marks={marksOf(entries, recording)} ear={ear} />}
      {recording && (
        <p class="muted small">
          {placeText(replay?.place ?? edge ?? recording.milliseconds, replay && edge)}
          {replay && (replay.paused ? `, ${t.paused}` : `, ${t.rate(replay.rate)}`)}. {gapsText(recording)}
        </p>
      )}
      <div class="sound-keys">
        {controls.map(({ key, shown, label, isOff, run, pressed }) => (
          <button
            type="button"
            key={key}
            class="quiet"
            aria-keyshortcuts={key}
            aria-disabled={isOff}
            aria-pressed={pressed}
            onClick={() => !isOff && run()}
          >
            {label} <Key name={shown ?? key} />
          </button>
        ))}
        <button type="button" class="quiet" onClick={() => ear.goTo(0)}>
          {t.again}
        </button>
      </div>
    </>
  );
};

type PanelProps = { card: Card; detail: Detail | null; ear: Ear; onMark(): void; onTalk(): void };

const noEntries: Entry[] = [];

export const SoundPanel = ({ card, detail, ear, onMark, onTalk }: PanelProps) => {
  const refused = detail ? detail.refusals.talk : messages.room.actions.early;
  const heard = useHeard(ear);
  const { hearing, replay } = heard;
  const names = detail?.listeners.map(({ name }) => name) ?? [];
  return (
    <Panel
      title={t.heading}
      action={
        card.state !== 'closed' && (
          <button type="button" class="quiet" aria-keyshortcuts="H" aria-pressed={hearing !== null} onClick={ear.toggle}>
            {hearing ? t.stop : t.listen} <Key name="H" />
          </button>
        )
      }
    >
      {hearing && <Facts hearing={hearing} isReplaying={replay !== null} />}
      <p class="small">{names.length > 0 ? t.listeners(names.join(', ')) : t.nobody}</p>
      <Replayed heard={heard} entries={detail?.entries ?? noEntries} ear={ear} onMark={onMark} />
      <p class="sound-talk">
        <button type="button" class="quiet" aria-keyshortcuts="Y" aria-disabled={refused !== undefined} onClick={onTalk}>
          {messages.room.talk.title} <Key name="Y" />
        </button>{' '}
        {refused !== undefined && <span class="muted small">{refused}</span>}
      </p>
    </Panel>
  );
};

/** Sound that nobody may hear while the alert is open. */
export const UnheardPanel = ({ why }: { why: string }) => (
  <Panel title={t.heading}>
    <p class="muted small">{why}</p>
  </Panel>
);

/** H is to hear; the watch's call has a key of its own where the person's telephone is heard as well. */
export const callKey = (card: Card): string => (card.sound ? '0' : 'H');

/** A watch sends no sound here: it calls a telephone. */
export const CallPanel = ({ card, detail, onListen }: { card: Card; detail: Detail | null; onListen(): void }) => {
  const refused = detail ? detail.refusals.listen : messages.room.actions.early;
  return (
    <Panel
      title={card.sound ? t.watchHeading : t.heading}
      action={
        <button type="button" class="quiet" aria-keyshortcuts={callKey(card)} aria-disabled={refused !== undefined} onClick={onListen}>
          {t.call} <Key name={callKey(card)} />
        </button>
      }
    >
      <p class="muted small">{refused ?? t.callHelp}</p>
    </Panel>
  );
};
