/* The panels beside the map: units, trusted persons, device, person, history, timeline, positions. */
import type { ComponentChildren } from 'preact';
import { HomeAddress, OtherAddresses } from '../addresses';
import type { Card, Contact, Detail, Dispatch, Entry, Fix } from '../api';
import { useNow } from '../clock';
import { momentOf } from '../fix';
import { age, clock, dayAndTime, distance, phone } from '../format';
import { messages } from '../messages';
import { fromServer } from '../server';
import { Ago, Facts, Key } from '../ui';
import type { Asking } from './acts';
import type { Frame } from './places';
import { sentenceOf } from './sentence';
import { levelOf } from './threat';

const t = messages.room;
const a = messages.alert;

type PanelProps = { title: string; count?: number; action?: ComponentChildren; children: ComponentChildren };

export const Panel = ({ title, count, action, children }: PanelProps) => (
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

/* It scrolls when it holds more than its height: by the keyboard too, and under a name. */
export const Column = ({ name, first, children }: { name: string; first?: boolean; children: ComponentChildren }) => (
  <div class={first ? 'column first' : 'column'} tabIndex={0} role="region" aria-label={name}>
    {children}
  </div>
);

/* Why something failed is said once, in the journal: the latest entry of that kind about that person or unit. */
const lastText = (entries: Entry[], kind: Entry['kind'], about: string, id: string, word: string): string | null => {
  const last = entries.findLast((entry) => entry.kind === kind && entry.body[about] === id);
  const text = last?.body[word];
  return typeof text === 'string' && text ? fromServer(text) : null;
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
  /* A position comes without a card: it is news of the device all the same. */
  const heard = Math.max(device.heard_at ?? 0, fix?.received_at ?? 0);
  return (
    <Facts
      compact
      rows={[
        [d.connection, detail.connected ? d.connected : d.disconnected],
        [d.heard, heard > 0 && <Ago since={heard} />],
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
    <>
      <Facts
        rows={[
          [t.threat.level, levelOf(detail.threat_level)],
          [t.threat.reason, detail.reason ?? messages.notGiven],
          [p.phone, detail.phone && phone(detail.phone)],
        ]}
      />
      {(detail.address || detail.access) && <HomeAddress {...detail} />}
      <Facts
        rows={[
          [p.remarks, detail.remarks],
          [p.household, detail.household !== null && p.householdCount(detail.household)],
          [p.mandates, detail.other_mandates.join(', ')],
        ]}
      />
    </>
  );
};

type LineProps = { entry: Entry; of: number | null; isGone: boolean; unheard: string | undefined; onReplay: ((frame: Frame) => void) | null };

const Line = ({ entry, of, isGone, unheard, onReplay }: LineProps) => {
  const { text, said, weight } = sentenceOf(entry);
  const clip = typeof entry.body['clip'] === 'string' ? entry.body['clip'] : null;
  return (
    <li class={`line ${weight}`}>
      <time>{clock(entry.at)}</time>
      <div>
        {of !== null && <span class="tag">{t.together.ref(of)}</span>}
        {of !== null ? ` ${text}` : text}
        {said && <p class="said">{messages.quotes(said)}</p>}
        {entry.kind === 'sound.marked' && onReplay && !isGone && (
          <button type="button" class="quiet" onClick={() => onReplay(entry.body as Frame)}>
            {t.sound.replay} <span class="unseen">{clock(entry.at)}</span>
          </button>
        )}
        {clip !== null && isGone && <p class="muted small">{t.timeline.gone}</p>}
        {clip !== null && !isGone && unheard !== undefined && <p class="muted small">{unheard}</p>}
        {clip !== null && !isGone && unheard === undefined && entry.alert && <audio class="clip" controls preload="none" src={`/api/alerts/${entry.alert}/clips/${clip}`} />}
      </div>
    </li>
  );
};

/* unheard: why voice messages are not played now. */
type TimelineProps = { entries: Entry[]; under: Card[]; unheard: LineProps['unheard']; onReplay: LineProps['onReplay'] };

export const Timeline = ({ entries, under, unheard, onReplay }: TimelineProps) => {
  const refOf = (entry: Entry): number | null => under.find(({ id }) => id === entry.alert)?.ref ?? null;
  /* What was heard before that line cannot be played any more. */
  const deleted = entries.findLast(({ kind }) => kind === 'sound.deleted')?.number ?? 0;
  return (
    <ol class="timeline" tabIndex={0} aria-label={t.timeline.heading} reversed>
      {[...entries].reverse().map((entry) => (
        <Line
          key={entry.number}
          entry={entry}
          of={refOf(entry)}
          isGone={entry.number < deleted}
          unheard={unheard}
          onReplay={refOf(entry) === null ? onReplay : null}
        />
      ))}
    </ol>
  );
};

const History = ({ detail }: { detail: Detail }) => (
  <ul class="history">
    {detail.history.map((past) => (
      <li key={past.id}>
        {messages.format.colon(
          `${t.hand.ref(past.ref)}, ${dayAndTime(past.raised_at)}${past.test ? ` (${t.list.test})` : ''}`,
          past.outcome ? a.outcomes[past.outcome] : t.history.open,
        )}
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

export const People = ({ detail, onAsk }: { detail: Detail; onAsk(asking: Asking): void }) => (
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

export const About = ({ detail, onAsk }: { detail: Detail; onAsk(asking: Asking): void }) => (
  <>
    <Panel
      title={messages.format.colon(t.device.heading, a.kinds[detail.device.kind].toLowerCase())}
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
    {detail.places.length > 0 && (
      <Panel title={messages.addresses.heading} count={detail.places.length}>
        <OtherAddresses {...detail} />
      </Panel>
    )}
    <Panel title={t.history.heading} count={detail.history.length}>
      {detail.history.length === 0 ? <p class="muted">{t.history.none}</p> : <History detail={detail} />}
    </Panel>
  </>
);
