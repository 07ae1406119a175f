/* The alert at hand: the biggest thing on the screen. */
import type { Card, Configuration, Detail, Entry, Fix, Unit } from '../api';
import { useNow } from '../clock';
import { momentOf } from '../fix';
import { age, dayAndTime, distance } from '../format';
import type { LiveMap } from '../map/live';
import { PositionMap, precisionOf, usePlace } from '../map/position';
import { messages } from '../messages';
import { reasonOf } from '../request';
import { Key } from '../ui';
import { ActRow } from './act_row';
import type { Act, Asking } from './acts';
import type { Ear } from './ear';
import { HoldFacts } from '../hold';
import { EvidencePanel } from './evidence';
import { isOnLine, OnLine, callsOfPerson } from './on_line';
import { About, Column, Panel, People, Timeline } from './panels';
import { nameOf } from './post';
import { SimulatedPanel } from './simulated';
import type { Room } from './state';
import { Together, type Family } from './together';
import { CallPanel, SoundPanel, UnheardPanel } from './sound_panel';
import { referentLine, territoryLine, usePointed, useTerritory } from './territory';
import { VisitPanels } from './visit_panel';

const t = messages.room;
const a = messages.alert;

const ClaimLine = ({ card, me }: { card: Card; me: string }) => {
  const now = useNow();
  if (card.closed) {
    const outcome = card.closed.outcome ? a.outcomes[card.closed.outcome] : messages.unknown;
    return <p>{t.hand.closedAt(dayAndTime(card.closed.at), outcome)}</p>;
  }
  if (!card.claim) return <p class="unclaimed">{t.hand.unclaimed}</p>;
  const held = age(now - card.claim.at);
  return <p>{card.claim.account.id === me ? t.hand.claimedByYou(held) : t.hand.claimedBy(card.claim.account.name, held)}</p>;
};

const LastFix = ({ fix }: { fix: Fix | null }) => {
  const now = useNow();
  const place = usePlace(fix);
  if (!fix) return <p class="where muted">{t.hand.noFix}</p>;
  return (
    <p class="where">
      {place ?? t.hand.lastFix}
      <span class="where-age">
        {messages.ago(age(now - momentOf(fix)))}, {precisionOf(fix)}
      </span>
    </p>
  );
};

/* Who is competent: where the position says, or else for the official; both when they differ. */
const CompetentLines = ({ card, units }: { card: Card; units: Unit[] }) => {
  const territory = useTerritory(card);
  const isOther = territory?.unit && card.unit && territory.unit.id !== card.unit.id;
  return (
    <>
      {territory && <p class="territory">{territoryLine(territory)}</p>}
      {territory?.referent && <p class="muted">{referentLine(territory.referent)}</p>}
      {(!territory || isOther) && <p class="muted">{competentLine(card, units, isOther === true)}</p>}
    </>
  );
};

const competentLine = (card: Card, units: Unit[], isOther: boolean): string => {
  if (!card.unit) return t.hand.noUnit;
  const metres = units.find(({ id }) => id === card.unit?.id)?.distance_m ?? null;
  if (isOther)
    return metres === null ? t.territory.official(card.unit.name) : t.territory.officialAt(card.unit.name, distance(metres));
  return metres === null ? t.hand.unitPlain(card.unit.name) : t.hand.unit(card.unit.name, distance(metres));
};

/* Its line is always there, so that a warning that comes moves nothing. */
const Warnings = ({ card }: { card: Card }) => (
  <div class="warnings">
    {card.warnings.length === 0 ? (
      <p class="muted">{t.hand.noWarning}</p>
    ) : (
      <ul>
        {card.warnings.map((warning) => (
          <li key={warning}>{a.warnings[warning]}</li>
        ))}
      </ul>
    )}
  </div>
);

/* What the official's code said, as big as what it changes. */
const Ending = ({ warnings }: Card) => {
  if (warnings.includes('duress'))
    return (
      <p class="ending-note duress">
        <strong>{a.warnings.duress}</strong> {t.hand.duressText}
      </p>
    );
  if (!warnings.includes('end_asked')) return null;
  return (
    <p class="ending-note">
      <strong>{a.warnings.end_asked}</strong> {t.hand.endAskedText}
    </p>
  );
};

type HeroProps = { card: Card; detail: Detail | null; units: Unit[]; me: string };

const Hero = ({ card, detail, units, me }: HeroProps) => (
  <header class={`hero state-${card.state}${card.test ? ' is-test' : ''}`}>
    <div class="hero-who">
      <p class="hero-line">
        <span class="state">{a.states[card.state]}</span>
        <span class="hero-ref">{t.hand.ref(card.ref)}</span>
        {card.test && <span class="tag test">{t.hand.test}</span>}
        {card.level > 0 && card.state === 'raised' && <span class="tag climb">{t.list.level(card.level)}</span>}
        <span>{card.reasons.map((reason) => a.reasons[reason]).join(', ')}</span>
      </p>
      <h1>{nameOf(card)}</h1>
      <p class="hero-mandate">{card.official ? `${card.official.mandate}, ${card.official.commune}` : card.device.label}</p>
    </div>
    <div class="hero-where">
      <LastFix fix={card.fix} />
      {detail?.address && <p>{t.hand.home(detail.address)}</p>}
      <CompetentLines card={card} units={units} />
    </div>
    <div class="hero-when">
      <Elapsed since={card.raised_at} />
      <p class="muted">{t.hand.sinceCall}</p>
      <ClaimLine card={card} me={me} />
      {card.triggers > 1 && (
        <p>
          <Triggers card={card} />
        </p>
      )}
      {detail && detail.rooms.length > 1 && (
        <p class="muted">{t.hand.otherRooms(detail.rooms.slice(1).map(({ name }) => name).join(', '))}</p>
      )}
    </div>
    <Ending {...card} />
    {card.silent && (
      <p class="silent-note">
        <strong>{t.hand.silent}</strong> {t.hand.silentText}
      </p>
    )}
  </header>
);

const hour = 3600 * 1000;

const Elapsed = ({ since }: { since: number }) => {
  const elapsed = useNow() - since;
  return <p class={elapsed < hour ? 'elapsed' : 'elapsed long'}>{age(elapsed)}</p>;
};

const Triggers = ({ card }: { card: Card }) => <>{t.hand.triggers(card.triggers, age(useNow() - card.last_trigger_at))}</>;

type ActsProps = { acts: Act[]; message: string; onLine: boolean; onMessage(text: string): void };

/** What hinders a call back is said before anybody asks; not of somebody who is on the telephone already. */
const Acts = ({ acts, message, onLine, onMessage }: ActsProps) => {
  const why = acts.find(({ name }) => name === 'call_back')?.refused;
  const refusedCall = why === t.actions.early ? null : why;
  const said = message || (refusedCall && !onLine ? messages.format.colon(t.actions.call_back, refusedCall) : '');
  return <ActRow acts={acts} message={said} onAct={(act) => runAct(act, onMessage)} />;
};

export const runAct = (act: Act, onMessage: (text: string) => void): void => {
  if (act.refused !== null) {
    onMessage(messages.format.colon(act.label, act.refused));
    return;
  }
  void Promise.resolve(act.run()).catch((thrown: unknown) => onMessage(t.actions.refused(reasonOf(thrown))));
};

type MapProps = { alert: string; fix: Fix | null; trail: Fix[]; configuration: Configuration; night: boolean; onMap(map: LiveMap): void; onCentre(): void; onTrail(): void };

const MapPanel = ({ alert, fix, trail, configuration, night, onMap, onCentre, onTrail }: MapProps) => {
  const [pointed, point] = usePointed(alert);
  return (
    <div class="map-panel">
      <PositionMap fix={fix} trail={trail} configuration={configuration} night={night} onOpen={onMap} onPoint={point} />
      <p class={pointed ? 'map-pointed' : 'unseen'} role="status">
        {pointed}
      </p>
      <div class="map-foot">
        <button type="button" class="quiet" aria-keyshortcuts="M" onClick={onCentre}>
          {messages.map.centre} <Key name="M" />
        </button>
        <button type="button" class="quiet" aria-keyshortcuts="B" onClick={onTrail}>
          {t.trail.show} ({trail.length}) <Key name="B" />
        </button>
      </div>
    </div>
  );
};

type HandProps = {
  card: Card;
  detail: Detail | null;
  units: Unit[];
  room: Room;
  acts: Act[];
  ear: Ear | null;
  message: string;
  configuration: Configuration;
  night: boolean;
  family: Family;
  lines: Entry[];
  heard: string | null;
  onMessage(text: string): void;
  onAsk(asking: Asking): void;
  onCall(call: string): void;
  onMap(map: LiveMap): void;
  onCentre(): void;
  onMark(): void;
  onTalk(): void;
  onListen(): void;
};

const noTrail: Fix[] = [];

export const Hand = (props: HandProps) => {
  const { card, detail, units, room, acts, ear, message, configuration, night } = props;
  /* Once it is over, what is kept of it comes before who was called. */
  const evidence = detail?.keeping && <EvidencePanel detail={detail} onAsk={props.onAsk} />;
  const unheard = detail?.refusals.hear;
  const isGone = card.state === 'closed' && detail?.keeping?.state === 'deleted';
  return (
    <main class="hand" aria-label={t.hand.ref(card.ref)}>
      {card.test && <p class="test-strip">{messages.testBanner}</p>}
      <Hero card={card} detail={detail} units={units} me={room.me} />
      <Together card={card} family={props.family} heard={props.heard} />
      <OnLine card={card} room={room} onOpen={props.onCall} />
      <Warnings card={card} />
      <Acts acts={acts} message={message} onLine={isOnLine(callsOfPerson(room))} onMessage={props.onMessage} />
      <div class="columns">
        <div class="column first">
          <MapPanel
            alert={card.id}
            fix={card.fix}
            trail={detail?.trail ?? noTrail}
            configuration={configuration}
            night={night}
            onMap={props.onMap}
            onCentre={props.onCentre}
            onTrail={() => props.onAsk('trail')}
          />
          <Panel title={t.timeline.heading}>
            <Timeline entries={props.lines} under={props.family.children} unheard={detail?.refusals.clips} onReplay={ear && ear.playFrom} />
          </Panel>
        </div>
        <Column name={t.hand.columns.doing}>
          {detail && <VisitPanels entries={detail.entries} />}
          {ear && !isGone && <SoundPanel card={card} detail={detail} ear={ear} onMark={props.onMark} onTalk={props.onTalk} />}
          {unheard !== undefined && <UnheardPanel why={unheard} />}
          {card.device.kind === 'watch' && <CallPanel card={card} detail={detail} onListen={props.onListen} />}
          {card.state === 'closed' && evidence}
          {detail ? <People detail={detail} onAsk={props.onAsk} /> : <p class="muted">{messages.loading}</p>}
          {card.state !== 'closed' && evidence}
          {detail?.hold && (
            <Panel title={messages.hold.heading}>
              <HoldFacts hold={detail.hold} />
            </Panel>
          )}
          {detail?.test && <SimulatedPanel detail={detail} onAsk={props.onAsk} />}
        </Column>
        <Column name={t.hand.columns.file}>{detail && <About detail={detail} onAsk={props.onAsk} />}</Column>
      </div>
    </main>
  );
};
