/* The call to 17 at hand, with the file of who calls. */
import type { ComponentChildren } from 'preact';
import { HomeAddress, OtherAddresses } from '../addresses';
import type { Call, CallAlert, CallCandidate, CallFile, Card, Configuration, ProtectedPerson } from '../api';
import { useNow } from '../clock';
import { momentOf } from '../fix';
import { age, dayAndTime, phone } from '../format';
import { PositionMap, precisionOf } from '../map/position';
import { messages } from '../messages';
import { Age, Ago, Facts, Key } from '../ui';
import { ActRow } from './act_row';
import { withKind } from '../dossier/values';
import { fixesOf, isFree, numberOf, openAlertOf } from './calls';
import { OpenAlert } from './on_line';
import { Column, Panel } from './panels';
import { CallTerritory } from './territory';
import { isLong, levelOf, Threat } from './threat';

const t = messages.room.calls;

export type Act = { key: string; label: string; refused: string | null; strong?: boolean; run(): void };

const Who = ({ call, file }: { call: Call; file: CallFile | null }) => {
  if (file?.person)
    return (
      <>
        <p class="protected">{t.protected}</p>
        <h1>{file.person.name}</h1>
        <p class="hero-mandate">{[file.person.mandate, file.person.commune].filter(Boolean).join(', ')}</p>
        <Threat {...file.person} />
      </>
    );
  if (file && file.candidates.length > 0)
    return (
      <>
        <p class="protected">{t.protectedSeveral}</p>
        <h1>{numberOf(call)}</h1>
        <p class="hero-mandate">{t.several(file.candidates.length)}</p>
      </>
    );
  const text = isFree(call) ? t.takeFirst : !file ? t.reading : file.holds ? (call.number ? t.unknown : t.unknownWithheld) : t.others;
  return (
    <>
      <h1>{numberOf(call)}</h1>
      <p class="hero-mandate">{text}</p>
    </>
  );
};

const Hero = ({ call, file, me }: { call: Call; file: CallFile | null; me: string }) => (
  <header class={`hero call-hero call-${call.state}${file?.person || file?.candidates.length ? ' is-protected' : ''}`}>
    <div class="hero-who">
      <p class="hero-line">
        <span class="state">{t.states[call.state]}</span>
        <span class="hero-ref">{t.title}</span>
        {call.line !== null && <span>{t.line(call.line)}</span>}
      </p>
      <Who call={call} file={file} />
    </div>
    <div class="hero-where">
      {call.number && <p class="where">{t.from(file?.person ? withKind(numberOf(call), kindOf(call.number, file.person)) : numberOf(call))}</p>}
      {file?.holds && <CallTerritory file={file} />}
    </div>
    <div class="hero-when">
      <p class="elapsed">
        <Age since={call.rang_at} />
      </p>
      <p class="muted">{t.sinceRing}</p>
      <p>{call.claim ? (call.claim.account.id === me ? t.takenByYou : t.takenBy(call.claim.account.name)) : t.free}</p>
    </div>
  </header>
);

const Places = ({ file, configuration, night }: { file: CallFile; configuration: Configuration; night: boolean }) => {
  const now = useNow();
  const fixes = fixesOf(file);
  const first = fixes[0];
  const count = fixes.length + [file.place, file.person?.address].filter(Boolean).length + (file.person?.places.length ?? 0);
  return (
    <>
      <Panel title={t.places} count={count}>
        {count === 0 && <p class="muted">{t.noPlace}</p>}
        <Facts
          rows={[
            ...fixes.map(({ label, fix }): [string, ComponentChildren] => [label, `${messages.ago(age(now - momentOf(fix)))}, ${precisionOf(fix)}`]),
            [t.placeOfCall, file.place],
          ]}
        />
        {file.person && (
          <>
            <HomeAddress {...file.person} />
            {file.person.places.length > 0 && <OtherAddresses {...file.person} />}
          </>
        )}
      </Panel>
      {first && (
        <div class="map-panel">
          <PositionMap fix={first.fix} trail={[]} configuration={configuration} night={night} onOpen={() => {}} />
        </div>
      )}
    </>
  );
};

const AlertLine = ({ alert }: { alert: CallAlert }) => (
  <li>
    {messages.format.colon(
      `${messages.room.hand.ref(alert.ref)}, ${dayAndTime(alert.raised_at)}${alert.test ? ` (${messages.room.list.test})` : ''}`,
      alert.outcome ? messages.alert.outcomes[alert.outcome] : messages.alert.states[alert.state],
    )}
    {!alert.ours && ` (${t.elsewhere})`}
  </li>
);

const Alerts = ({ title, none, list }: { title: string; none: string; list: CallAlert[] }) => (
  <Panel title={title} count={list.length}>
    {list.length === 0 ? (
      <p class="muted">{none}</p>
    ) : (
      <ul class="history">
        {list.map((alert) => (
          <AlertLine key={alert.id} alert={alert} />
        ))}
      </ul>
    )}
  </Panel>
);

/* Switches write numbers each in their way: the last nine figures are the same. */
const kindOf = (number: string, { phones, phone_kinds: kinds }: ProtectedPerson): ProtectedPerson['phone_kinds'][number] | undefined =>
  kinds[phones.findIndex((one) => one.slice(-9) === number.replace(/\D/g, '').slice(-9))];

/* A reason too long for the hero is whole here. */
const Person = ({ person }: { person: ProtectedPerson }) => (
  <Panel title={messages.room.person.heading}>
    <Facts
      rows={[
        [messages.room.threat.reason, isLong(person.reason) && person.reason],
        [messages.room.person.phone, person.phones.map((one, i) => withKind(phone(one), person.phone_kinds[i])).join(', ')],
        [messages.room.person.mandates, person.other_mandates.join(', ')],
        [t.force, person.force && messages.forces[person.force]],
      ]}
    />
  </Panel>
);

const ToKnow = ({ person }: { person: ProtectedPerson }) => (
  <Panel title={messages.room.person.remarks}>
    {person.remarks ? <p>{person.remarks}</p> : <p class="muted">{messages.notGiven}</p>}
    {person.household !== null && <p>{messages.format.colon(messages.room.person.household, messages.room.person.householdCount(person.household))}</p>}
  </Panel>
);

const Trusted = ({ person }: { person: ProtectedPerson }) => (
  <Panel title={messages.room.contacts.heading} count={person.contacts.length}>
    {person.contacts.length === 0 ? (
      <p class="muted">{messages.room.contacts.none}</p>
    ) : (
      <Facts rows={person.contacts.map((contact): [string, string] => [contact.name, [contact.relation, phone(contact.phone)].filter(Boolean).join(', ')])} />
    )}
  </Panel>
);

const Devices = ({ person }: { person: ProtectedPerson }) => (
  <Panel title={t.devices} count={person.devices.length}>
    {person.devices.length === 0 ? (
      <p class="muted">{t.noDevice}</p>
    ) : (
      <Facts
        rows={person.devices.map((device): [string, ComponentChildren] => [
          device.label,
          <>
            {device.connected ? messages.room.device.connected : messages.room.device.disconnected}
            {device.heard_at !== null && (
              <>
                , <Ago since={device.heard_at} />
              </>
            )}
          </>,
        ])}
      />
    )}
  </Panel>
);

/** The figures that are no other key of a call. */
export const candidateKeys = 6;

const aboutOf = ({ number_kind: kind, level, unit }: CallCandidate): [string, ComponentChildren][] => [
  [t.thisNumber, kind ? messages.registration.numbers.short[kind] : messages.notGiven],
  [messages.room.threat.level, levelOf(level)],
  [t.unit, unit?.name],
];

const Candidate = ({ candidate, place, onIdentify }: { candidate: CallCandidate; place: number; onIdentify(official: string): void }) => {
  const key = place < candidateKeys ? String(place + 1) : undefined;
  return (
    <li>
      <button type="button" class="row-alert candidate" aria-keyshortcuts={key} onClick={() => onIdentify(candidate.id)}>
        <span class="row-top">
          <span class="row-name">{candidate.name}</span> {key && <Key name={key} />}
        </span>
        <span class="row-middle">{[candidate.mandate, candidate.commune].filter(Boolean).join(', ')}</span>
        {aboutOf(candidate).map(([name, value]) => value && <span key={name}>{messages.format.colon(name, String(value))}</span>)}
        {candidate.has_alert && <span class="tag duress">{t.candidateAlert}</span>}
      </button>
    </li>
  );
};

const Candidates = ({ file, onIdentify }: { file: CallFile; onIdentify(official: string): void }) => (
  <Panel title={t.whoIsIt} count={file.candidates.length}>
    <ul class="candidates">
      {file.candidates.map((candidate, i) => (
        <Candidate key={candidate.id} candidate={candidate} place={i} onIdentify={onIdentify} />
      ))}
    </ul>
    <p class="muted">{t.noneOfThem}</p>
  </Panel>
);

type HandProps = {
  call: Call;
  file: CallFile | null;
  me: string;
  alert: Card | undefined; /* the open one of who calls, when the room sees it */
  acts: Act[];
  message: string;
  configuration: Configuration;
  night: boolean;
  onIdentify(official: string): void;
};

export const CallHand = ({ call, file, me, alert, acts, message, configuration, night, onIdentify }: HandProps) => (
  <main class="hand" aria-label={t.title}>
    <Hero call={call} file={file} me={me} />
    <OpenAlert call={call} opened={openAlertOf(file)} card={alert} />
    <ActRow acts={acts} message={message} onAct={(act) => act.run()} />
    {file?.holds && (
      <div class={`columns call-columns${file.person ? '' : file.candidates.length > 0 ? ' asks' : ' alone'}`}>
        {file.candidates.length > 0 && (
          <Column name={t.whoIsIt}>
            <Candidates file={file} onIdentify={onIdentify} />
          </Column>
        )}
        <Column name={t.columns.where} first>
          <Places file={file} configuration={configuration} night={night} />
        </Column>
        {file.person && (
          <>
            <Column name={t.columns.around}>
              <ToKnow person={file.person} />
              <Trusted person={file.person} />
              <Devices person={file.person} />
            </Column>
            <Column name={t.columns.alerts}>
              <Alerts title={t.openAlerts} none={t.noOpenAlert} list={file.person.alerts} />
              <Alerts title={messages.room.history.heading} none={messages.room.history.none} list={file.person.history} />
              <Person person={file.person} />
            </Column>
          </>
        )}
      </div>
    )}
  </main>
);
