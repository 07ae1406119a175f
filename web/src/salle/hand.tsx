/* The alert at hand: the biggest thing on the screen. */
import type { ComponentChildren } from 'preact';
import type { Card, Configuration, Contact, Detail, Dispatch, Entry, Fix, Unit } from '../api';
import { useNow } from '../clock';
import { momentOf } from '../fix';
import { age, clock, dayAndTime, distance, phone } from '../format';
import type { LiveMap } from '../map/live';
import { PositionMap, precisionOf, usePlace } from '../map/position';
import { messages } from '../messages.fr';
import { reasonOf } from '../request';
import { Age, Facts, Key } from '../ui';
import type { Act, Asking } from './acts';
import { nameOf } from './post';
import { sentenceOf } from './sentence';

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

const competentLine = (card: Card, units: Unit[]): string => {
  if (!card.unit) return t.hand.noUnit;
  const metres = units.find(({ id }) => id === card.unit?.id)?.distance_m;
  return metres === undefined || metres === null ? t.hand.unitPlain(card.unit.name) : t.hand.unit(card.unit.name, distance(metres));
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

type HeroProps = { card: Card; detail: Detail | null; units: Unit[]; me: string };

const Hero = ({ card, detail, units, me }: HeroProps) => (
  <header class={`hero state-${card.state}${card.test ? ' is-test' : ''}`}>
    <div class="hero-who">
      <p class="hero-line">
        <span class="state">{a.states[card.state]}</span>
        <span class="hero-ref">{t.hand.ref(card.ref)}</span>
        {card.test && <span class="tag test">{t.hand.test}</span>}
        {card.level > 0 && card.state === 'raised' && <span class="tag climb">{t.list.level(card.level)}</span>}
        <span class="hero-reasons">{card.reasons.map((reason) => a.reasons[reason]).join(', ')}</span>
      </p>
      <h1>{nameOf(card)}</h1>
      <p class="hero-mandate">{card.official ? `${card.official.mandate}, ${card.official.commune}` : card.device.label}</p>
    </div>
    <div class="hero-where">
      <LastFix fix={card.fix} />
      {detail?.address && <p>{t.hand.home(detail.address)}</p>}
      <p class="muted">{competentLine(card, units)}</p>
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

type ActsProps = { acts: Act[]; message: string; onMessage(text: string): void };

/** The row of actions. What is refused stays in its place, greyed, and says why when it is asked. */
const Acts = ({ acts, message, onMessage }: ActsProps) => {
  const refusedCall = acts.find(({ name }) => name === 'call_back')?.refused;
  return (
    <section class="acts" aria-label={t.actions.heading}>
      <div class="acts-row">
        {acts.map((act) => (
          <button
            type="button"
            key={act.key}
            class={act.strong && !act.refused ? 'act primary' : 'act'}
            aria-disabled={act.refused !== null}
            aria-keyshortcuts={act.key}
            onClick={() => runAct(act, onMessage)}
          >
            {act.label} <Key name={act.key} />
          </button>
        ))}
      </div>
      <p class="acts-message" role="status">
        {message || (refusedCall ? `${t.actions.call_back} : ${refusedCall}` : '')}
      </p>
    </section>
  );
};

export const runAct = (act: Act, onMessage: (text: string) => void): void => {
  if (act.refused !== null) {
    onMessage(`${act.label} : ${act.refused}`);
    return;
  }
  void Promise.resolve(act.run()).catch((thrown: unknown) => onMessage(t.actions.refused(reasonOf(thrown))));
};

type PanelProps = { title: string; count?: number; action?: ComponentChildren; children: ComponentChildren };

const Panel = ({ title, count, action, children }: PanelProps) => (
  <section class="panel">
    <div class="panel-head">
      <h2>
        {title} {count !== undefined && <span class="count">{count}</span>}
      </h2>
      {action}
    </div>
    {children}
  </section>
);

/* Why something failed is said once, in the journal: the latest entry of that kind about that person or unit. */
const lastText = (entries: Entry[], kind: Entry['kind'], about: string, id: string, word: string): string | null => {
  const last = entries.findLast((entry) => entry.kind === kind && entry.body[about] === id);
  const text = last?.body[word];
  return typeof text === 'string' && text ? text : null;
};

const Reason = ({ text, shown }: { text: string | null; shown: boolean }) =>
  shown && text ? <p class="trouble">{messages.quotes(text)}</p> : null;

type ContactProps = { contact: Contact; entries: Entry[]; index: number; onOpen(): void };

const ContactRow = ({ contact, entries, index, onOpen }: ContactProps) => {
  const { states, links, attempts, act, on } = t.contacts;
  const details = [contact.relation, contact.phone && phone(contact.phone)].filter(Boolean).join(', ');
  const followed = [contact.attempts > 0 && attempts(contact.attempts), links[contact.link], contact.at && clock(contact.at)];
  return (
    <li class={`person contact-${contact.state}`}>
      <div>
        <strong>{contact.name}</strong> <span class="muted">{details}</span>
        <p class="person-state">{states[contact.silent && contact.state === 'delivered' ? 'silent' : contact.state]}</p>
        <Reason text={lastText(entries, 'message.failed', 'contact', contact.id, 'error')} shown={contact.state === 'failed'} />
        <p class="muted small">{followed.filter(Boolean).join(', ')}</p>
      </div>
      <button type="button" class="quiet" aria-keyshortcuts={String(index + 1)} onClick={onOpen}>
        <span>
          {act} <span class="unseen">{on(contact.name)}</span>
        </span>
        <Key name={String(index + 1)} />
      </button>
    </li>
  );
};

const dispatchTimes = (sent: Dispatch): string =>
  [sent.sent_at, sent.received_at, sent.en_route_at, sent.arrived_at, sent.ended_at]
    .filter((at) => at !== null)
    .map(clock)
    .join(' → ');

const DispatchRow = ({ sent, entries }: { sent: Dispatch; entries: Entry[] }) => (
  <li class={`person dispatch-${sent.state}`}>
    <div>
      <strong>{sent.unit.name}</strong>
      <p class="person-state">
        {t.units.states[sent.state]}
        {sent.state === 'sent' && <span class="muted"> ({t.units.sms[sent.sms]})</span>}
      </p>
      <Reason text={lastText(entries, 'unit.declined', 'dispatch', sent.id, 'reason')} shown={sent.state === 'declined'} />
      <p class="muted small">{dispatchTimes(sent)}</p>
    </div>
  </li>
);

const DeviceFacts = ({ detail }: { detail: Detail }) => {
  const { device, fix } = detail;
  const d = t.device;
  return (
    <Facts
      compact
      rows={[
        [d.connection, detail.connected ? d.connected : d.disconnected],
        [d.heard, device.heard_at && <>{messages.ago('')}<Age since={device.heard_at} /></>],
        [d.battery, device.battery !== null && <Level percent={device.battery} />],
        [d.signal, device.signal !== null && <Level percent={device.signal} />],
        [d.speed, fix?.speed !== null && fix?.speed !== undefined && d.kmh(fix.speed)],
      ]}
    />
  );
};

const Level = ({ percent }: { percent: number }) => (
  <span class={percent <= 20 ? 'level low' : 'level'}>
    <meter min={0} max={100} low={20} value={percent} aria-hidden="true" /> {t.device.percent(percent)}
  </span>
);

const PersonFacts = ({ detail }: { detail: Detail }) => {
  const p = t.person;
  return (
    <Facts
      rows={[
        [p.phone, detail.phone && phone(detail.phone)],
        [p.access, detail.access],
        [p.remarks, detail.remarks],
        [p.household, detail.household !== null && p.householdCount(detail.household)],
      ]}
    />
  );
};

const Line = ({ entry }: { entry: Entry }) => {
  const { text, said, weight } = sentenceOf(entry);
  return (
    <li class={`line ${weight}`}>
      <time>{clock(entry.at)}</time>
      <div>
        {text}
        {said && <p class="said">{messages.quotes(said)}</p>}
      </div>
    </li>
  );
};

const Timeline = ({ entries }: { entries: Entry[] }) => (
  <ol class="timeline" tabIndex={0} aria-label={t.timeline.heading} reversed>
    {[...entries].reverse().map((entry) => (
      <Line key={entry.number} entry={entry} />
    ))}
  </ol>
);

const History = ({ detail }: { detail: Detail }) => (
  <ul class="history">
    {detail.history.map((past) => (
      <li key={past.id}>
        {t.hand.ref(past.ref)}, {dayAndTime(past.raised_at)}
        {past.test && ` (${t.list.test})`} : {past.outcome ? a.outcomes[past.outcome] : t.history.open}
      </li>
    ))}
  </ul>
);

export const TrailTable = ({ trail }: { trail: Fix[] }) => {
  const now = useNow();
  const c = t.trail;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={c.heading}>
      <table>
        <thead>
          <tr>
            {[c.time, c.age, c.accuracy, c.speed, c.source, c.place].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...trail].reverse().map((fix) => (
            <tr key={fix.number ?? fix.received_at}>
              <td>{clock(momentOf(fix))}</td>
              <td>{age(now - momentOf(fix))}</td>
              <td>{fix.accuracy === null ? messages.map.accuracyUnknown : distance(fix.accuracy)}</td>
              <td>{fix.speed === null ? '–' : t.device.kmh(fix.speed)}</td>
              <td>{messages.map[fix.source]}</td>
              <td>{`${fix.lat.toFixed(5)}, ${fix.lon.toFixed(5)}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

type MapProps = { fix: Fix | null; trail: Fix[]; configuration: Configuration; night: boolean; onMap(map: LiveMap): void; onCentre(): void; onTrail(): void };

const MapPanel = ({ fix, trail, configuration, night, onMap, onCentre, onTrail }: MapProps) => (
  <div class="map-panel">
    <PositionMap fix={fix} trail={trail} configuration={configuration} night={night} onOpen={onMap} />
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

type HandProps = {
  card: Card;
  detail: Detail | null;
  units: Unit[];
  me: string;
  acts: Act[];
  message: string;
  configuration: Configuration;
  night: boolean;
  onMessage(text: string): void;
  onAsk(asking: Asking): void;
  onMap(map: LiveMap): void;
  onCentre(): void;
};

const noTrail: Fix[] = [];
const noEntries: Entry[] = [];

const People = ({ detail, onAsk }: { detail: Detail; onAsk(asking: Asking): void }) => (
  <>
    <Panel
      title={t.units.heading}
      count={detail.dispatches.length}
      action={
        <button type="button" class="quiet" aria-keyshortcuts="U" onClick={() => onAsk('units')}>
          {t.units.manage} <Key name="U" />
        </button>
      }
    >
      {detail.dispatches.length === 0 ? (
        <p class="muted">{t.units.none}</p>
      ) : (
        <ul>
          {detail.dispatches.map((sent) => (
            <DispatchRow key={sent.id} sent={sent} entries={detail.entries} />
          ))}
        </ul>
      )}
    </Panel>
    <Panel title={t.contacts.heading} count={detail.contacts.length}>
      {detail.contacts.length === 0 ? (
        <p class="muted">{t.contacts.none}</p>
      ) : (
        <ul>
          {detail.contacts.map((contact, i) => (
            <ContactRow key={contact.id} contact={contact} entries={detail.entries} index={i} onOpen={() => onAsk({ contact: contact.id })} />
          ))}
        </ul>
      )}
    </Panel>
  </>
);

const About = ({ detail, onAsk }: { detail: Detail; onAsk(asking: Asking): void }) => (
  <>
    <Panel
      title={`${t.device.heading} : ${a.kinds[detail.device.kind].toLowerCase()}`}
      action={
        <button type="button" class="quiet" aria-keyshortcuts="D" onClick={() => onAsk('device')}>
          {t.device.manage} <Key name="D" />
        </button>
      }
    >
      <DeviceFacts detail={detail} />
    </Panel>
    <Panel title={t.person.heading}>
      <PersonFacts detail={detail} />
    </Panel>
    <Panel title={t.history.heading} count={detail.history.length}>
      {detail.history.length === 0 ? <p class="muted">{t.history.none}</p> : <History detail={detail} />}
    </Panel>
  </>
);

export const Hand = (props: HandProps) => {
  const { card, detail, units, me, acts, message, configuration, night } = props;
  return (
    <main class="hand" aria-label={t.hand.ref(card.ref)}>
      {card.test && <p class="test-strip">{messages.testBanner}</p>}
      <Hero card={card} detail={detail} units={units} me={me} />
      <Warnings card={card} />
      <Acts acts={acts} message={message} onMessage={props.onMessage} />
      <div class="columns">
        <div class="column first">
          <MapPanel
            fix={card.fix}
            trail={detail?.trail ?? noTrail}
            configuration={configuration}
            night={night}
            onMap={props.onMap}
            onCentre={props.onCentre}
            onTrail={() => props.onAsk('trail')}
          />
          <Panel title={t.timeline.heading}>
            <Timeline entries={detail?.entries ?? noEntries} />
          </Panel>
        </div>
        <div class="column">{detail ? <People detail={detail} onAsk={props.onAsk} /> : <p class="muted">{messages.loading}</p>}</div>
        <div class="column">{detail && <About detail={detail} onAsk={props.onAsk} />}</div>
      </div>
    </main>
  );
};
