/* Calls to 17: the list above the alerts, and the call at hand with the file of who calls. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Call, CallAlert, CallFile, CallSearch, Configuration, Official, ProtectedPerson } from '../api';
import { useNow } from '../clock';
import { momentOf } from '../fix';
import { age, dayAndTime, phone } from '../format';
import { PositionMap, precisionOf } from '../map/position';
import { messages } from '../messages';
import { get, post as send, reasonOf, Refusal } from '../request';
import { Age, Ago, Deeds, Dialog, Facts, Failure, Form, Key, TextField, useGesture } from '../ui';
import { ActRow } from './act_row';
import { fixesOf, isFree, nextCall, numberOf, ordered } from './calls';
import type { Shortcut } from './keys';
import { Panel } from './panels';
import type { Post } from './post';
import type { Room } from './state';

const t = messages.room.calls;

/* --- the list */

const holderOf = (call: Call, me: string): string => {
  if (!call.claim) return '';
  return call.claim.account.id === me ? messages.room.list.byYou : messages.room.list.by(call.claim.account.name);
};

const Row = ({ call, me, current, onSelect }: { call: Call; me: string; current: boolean; onSelect(call: string): void }) => (
  <li>
    <button
      type="button"
      class={`row-alert row-call call-${call.state}${isFree(call) ? ' waits' : ''}`}
      aria-current={current ? 'true' : undefined}
      onClick={() => onSelect(call.id)}
    >
      <span class="row-top">
        <span class="row-name">{numberOf(call)}</span>
        <Age since={call.rang_at} />
      </span>
      <span class="row-bottom">
        <span class="state">{t.states[call.state]}</span> {holderOf(call, me)} {call.line !== null && <span class="muted">{t.line(call.line)}</span>}
      </span>
    </button>
  </li>
);

type ListProps = { room: Room; current: string | null; onSelect(call: string): void };

/* Its place is there while there are calls; it stands above the alerts, which keep their own order. */
const CallList = ({ room, current, onSelect }: ListProps) => {
  const list = ordered(room.calls);
  if (list.length === 0) return null;
  return (
    <section class="calls" aria-labelledby="calls-heading">
      <h2 id="calls-heading">
        {t.heading} <span class="count">{list.length}</span> <Key name="7" />
      </h2>
      <ul class="rows">
        {list.map((call) => (
          <Row key={call.id} call={call} me={room.me} current={call.id === current} onSelect={onSelect} />
        ))}
      </ul>
    </section>
  );
};

/* --- the call at hand */

type Act = { key: string; label: string; refused: string | null; strong?: boolean; run(): void };

const Who = ({ call, file }: { call: Call; file: CallFile | null }) => {
  if (file?.person)
    return (
      <>
        <p class="protected">{t.protected}</p>
        <h1>{file.person.name}</h1>
        <p class="hero-mandate">{[file.person.mandate, file.person.commune].filter(Boolean).join(', ')}</p>
      </>
    );
  const text = isFree(call) ? t.takeFirst : !file ? t.reading : file.holds ? (file.candidates.length > 0 ? t.several : t.unknown) : t.others;
  return (
    <>
      <h1>{numberOf(call)}</h1>
      <p class="hero-mandate">{text}</p>
    </>
  );
};

const Hero = ({ call, file, me }: { call: Call; file: CallFile | null; me: string }) => (
  <header class={`hero call-hero call-${call.state}${file?.person ? ' is-protected' : ''}`}>
    <div class="hero-who">
      <p class="hero-line">
        <span class="state">{t.states[call.state]}</span>
        <span class="hero-ref">{t.title}</span>
        {call.line !== null && <span>{t.line(call.line)}</span>}
      </p>
      <Who call={call} file={file} />
    </div>
    <div class="hero-where">
      <p class="where">{t.from(numberOf(call))}</p>
      {file?.person?.unit && <p class="muted">{messages.room.hand.unitPlain(file.person.unit.name)}</p>}
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
  return (
    <>
      {first && (
        <div class="map-panel">
          <PositionMap fix={first.fix} trail={[]} configuration={configuration} night={night} onOpen={() => {}} />
        </div>
      )}
      <Panel title={t.places} count={fixes.length + [file.place, file.person?.address].filter(Boolean).length}>
        {fixes.length === 0 && !file.place && !file.person?.address && <p class="muted">{t.noPlace}</p>}
        <Facts
          rows={[
            ...fixes.map(({ label, fix }): [string, ComponentChildren] => [label, `${messages.ago(age(now - momentOf(fix)))}, ${precisionOf(fix)}`]),
            [t.placeOfCall, file.place],
            [t.home, file.person?.address],
            [t.otherPlaces, file.person?.places],
          ]}
        />
      </Panel>
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

const Person = ({ person }: { person: ProtectedPerson }) => (
  <>
    <Panel title={messages.room.person.heading}>
      <Facts
        rows={[
          [t.level, person.level !== null && `${person.level}. ${messages.levels[person.level - 1]}`],
          [t.why, person.reason],
          [t.force, person.force && messages.forces[person.force]],
          [messages.room.person.phone, person.phones.map(phone).join(', ')],
          [messages.room.person.access, person.access],
          [messages.room.person.remarks, person.remarks],
          [messages.room.person.household, person.household !== null && messages.room.person.householdCount(person.household)],
        ]}
      />
    </Panel>
    <Panel title={messages.room.contacts.heading} count={person.contacts.length}>
      {person.contacts.length === 0 ? (
        <p class="muted">{messages.room.contacts.none}</p>
      ) : (
        <Facts rows={person.contacts.map((contact): [string, string] => [contact.name, [contact.relation, phone(contact.phone)].filter(Boolean).join(', ')])} />
      )}
    </Panel>
  </>
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

const Candidates = ({ file, onIdentify }: { file: CallFile; onIdentify(official: string): void }) => (
  <section class="panel" aria-label={t.several}>
    <ul class="rows">
      {file.candidates.map((candidate, i) => (
        <li key={candidate.id}>
          <button type="button" class="row-alert" aria-keyshortcuts={String(i + 1)} onClick={() => onIdentify(candidate.id)}>
            <span class="row-top">
              <span class="row-name">{candidate.name}</span> <Key name={String(i + 1)} />
            </span>
            <span class="row-middle">{[candidate.mandate, candidate.commune].filter(Boolean).join(', ')}</span>
          </button>
        </li>
      ))}
    </ul>
  </section>
);

type HandProps = {
  call: Call;
  file: CallFile | null;
  me: string;
  acts: Act[];
  message: string;
  configuration: Configuration;
  night: boolean;
  onIdentify(official: string): void;
};

const CallHand = ({ call, file, me, acts, message, configuration, night, onIdentify }: HandProps) => (
  <main class="hand" aria-label={t.title}>
    <Hero call={call} file={file} me={me} />
    <ActRow acts={acts} message={message} onAct={(act) => act.run()} />
    {file && file.candidates.length > 0 && <Candidates file={file} onIdentify={onIdentify} />}
    {file?.holds && (
      <div class="columns">
        <div class="column first">
          <Places file={file} configuration={configuration} night={night} />
        </div>
        {file.person && (
          <>
            <div class="column">
              <Alerts title={t.openAlerts} none={t.noOpenAlert} list={file.person.alerts} />
              <Devices person={file.person} />
              <Alerts title={messages.room.history.heading} none={messages.room.history.none} list={file.person.history} />
            </div>
            <div class="column">
              <Person person={file.person} />
            </div>
          </>
        )}
      </div>
    )}
  </main>
);

const CloseDialog = ({ onSave, onClose }: { onSave(text: string): Promise<unknown>; onClose(): void }) => {
  const [text, setText] = useState('');
  return (
    <Dialog title={t.close} onClose={onClose}>
      <Form save={t.close} onSave={() => onSave(text.trim())} onDone={onClose}>
        <TextField label={t.note} value={text} onInput={setText} focus />
      </Form>
    </Dialog>
  );
};

/* Words, then who it is; a search that finds nothing leaves the words to be said otherwise. */
const SearchDialog = ({ call, onChoose, onClose }: { call: string; onChoose(official: string): void; onClose(): void }) => {
  const [words, setWords] = useState('');
  const [found, setFound] = useState<CallSearch | null>(null);
  const { failure, run } = useGesture();
  const search = (event: Event): void => {
    event.preventDefault();
    void run(async () => setFound(await get<CallSearch>(`/api/calls/${call}/search?q=${encodeURIComponent(words)}`)));
  };
  const choose = (person: Official) => async (): Promise<void> => onChoose(person.id);
  return (
    <Dialog title={t.search} onClose={onClose} wide>
      <form onSubmit={search} noValidate>
        <div class="field">
          <label for="search-words">{t.searchWords}</label>
          <input
            id="search-words"
            type="search"
            autofocus
            autocomplete="off"
            value={words}
            onInput={(event) => {
              setWords(event.currentTarget.value);
              setFound(null);
            }}
          />
        </div>
        <Failure text={failure} />
        <button type="submit" class="primary">
          {t.searchGo} <Key name={messages.keyNames.enter} />
        </button>
      </form>
      <p role="status">{found && (found.people.length === 0 ? t.searchNone : t.searchFound(found.people.length, found.more))}</p>
      {found && (
        <Deeds
          deeds={found.people.map((person) => ({
            label: person.name,
            help: [person.mandate, person.commune].filter(Boolean).join(', '),
            run: choose(person),
          }))}
          onDone={onClose}
        />
      )}
    </Dialog>
  );
};

/* --- what the room needs of it */

export type CallDesk = {
  list: ComponentChildren;
  hand: ComponentChildren | null; /* a call is at hand instead of an alert */
  window: ComponentChildren;
  shortcuts: Shortcut[]; /* of the call at hand; otherwise the one that opens it */
  leave(): void;
};

type Options = { room: Room; post: Post; configuration: Configuration; night: boolean; busy: boolean };

const retryMs = 2000;

const isForbidden = (thrown: unknown): boolean => thrown instanceof Refusal && (thrown.status === 403 || thrown.status === 404);

/* The file is read again at each change of the call, and is never shown beside another one, nor once somebody else has the call. What the network
   loses is asked again: an operator on the telephone keeps what they were reading. */
const useFile = (call: Call | undefined, stamp: string, post: Post): CallFile | null => {
  const [file, setFile] = useState<CallFile | null>(null);
  const id = call?.id;
  useEffect(() => {
    let retry: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const failed = (thrown: unknown): void => {
      if (isForbidden(thrown)) setFile(null);
      else retry = setTimeout(read, retryMs);
    };
    const read = (): void => void get<CallFile>(`/api/calls/${id}`).then((answer) => gone || setFile(answer), (thrown: unknown) => gone || failed(thrown));
    if (id) read();
    return () => {
      gone = true;
      clearTimeout(retry);
    };
  }, [id, call, stamp, post]);
  return file && file.id === id && file.claim?.account.id === call?.claim?.account.id ? file : null;
};

/* A window is about the call it was opened on, whatever rings or ends meanwhile. */
type Asking = { what: 'close' | 'search'; call: string };

export const useCallDesk = ({ room, post, configuration, night, busy }: Options): CallDesk => {
  const [selected, setSelected] = useState<string | null>(null);
  const [asking, setAsking] = useState<Asking | null>(null);
  const [message, setMessage] = useState('');
  const call = selected ? room.calls[selected] : undefined;
  /* An alert of anybody that comes or goes meanwhile may be this person's. */
  const stamp = room.order.map((alert) => `${alert}:${room.cards[alert]?.state}`).join();
  const file = useFile(call, stamp, post);
  const mine = useRef(new Set<string>());

  /* The switch says that it rings no more at this operator's desk: what they hear is on their screen, as soon as no window is open on it. */
  useEffect(() => {
    if (busy || asking) return;
    for (const { id, state, claim } of Object.values(room.calls)) {
      if (claim?.account.id !== room.me || mine.current.has(id)) continue;
      mine.current.add(id);
      if (state === 'talking') open(id);
    }
  }, [room.calls, busy, asking]);

  const open = (id: string | null): void => {
    setMessage('');
    setSelected(id);
  };
  const act = (id: string, path: string, body: unknown, done: string): Promise<void> =>
    send<Call>(`/api/calls/${id}/${path}`, body).then((card) => {
      post.dispatch({ type: 'call', call: card });
      setMessage(done);
    });
  const attempt = (id: string, path: string, body: unknown, done: string): void =>
    void act(id, path, body, done).catch((thrown: unknown) => setMessage(messages.room.actions.refused(reasonOf(thrown))));

  const isMine = call?.claim?.account.id === room.me;
  const [opened] = file?.person?.alerts.filter(({ test }) => !test) ?? [];
  const alertAct = {
    label: opened ? t.join(opened.ref) : t.openAlert,
    refused: call?.alert ? t.alreadyJoined : !call?.claim ? t.takeFirst : file?.person ? null : t.whoFirst,
    strong: file?.person !== null && file?.person !== undefined && !call?.alert,
  };
  /* Whose call it will be is not known yet: it must not end under who is looking for that, or writing what was said. */
  const ask = (what: Asking['what'], id: string): void => {
    setAsking({ what, call: id });
    if (isMine && !file?.person) attempt(id, 'claim', {}, '');
  };
  const acts: Act[] = call
    ? [
        { key: 'P', label: call.claim && !isMine ? t.takeOver : t.take, refused: isMine ? t.alreadyYours : null, strong: !call.claim, run: () => attempt(call.id, 'claim', {}, t.taken) },
        { key: 'E', ...alertAct, run: () => attempt(call.id, 'alert', {}, t.joined) },
        { key: 'R', label: t.search, refused: isMine ? null : t.takeFirst, run: () => ask('search', call.id) },
        { key: 'C', label: t.close, refused: call.claim ? null : t.takeFirst, run: () => ask('close', call.id) },
        { key: '7', label: t.back, refused: null, run: () => open(null) },
      ]
    : [];
  const run = (one: Act): void => (one.refused === null ? one.run() : setMessage(messages.format.colon(one.label, one.refused)));
  const identify = (id: string) => (official: string): void => attempt(id, 'identify', { official }, t.identified);
  const next = nextCall(room.calls, room.me);

  const shortcuts: Shortcut[] = call
    ? [
        ...acts.map((one) => ({ key: one.key, label: one.label, run: () => run(one) })),
        ...(file?.candidates ?? []).map((candidate, i) => ({ key: String(i + 1), label: candidate.name, run: () => identify(call.id)(candidate.id) })),
      ]
    : [{ key: '7', label: t.openKey, run: () => next && open(next.id) }];

  return {
    list: <CallList room={room} current={call ? call.id : null} onSelect={open} />,
    hand: call ? (
      <CallHand
        key={call.id}
        call={call}
        file={file}
        me={room.me}
        acts={acts.map((one) => ({ ...one, run: () => run(one) }))}
        message={message}
        configuration={configuration}
        night={night}
        onIdentify={identify(call.id)}
      />
    ) : null,
    window:
      asking?.what === 'close' ? (
        <CloseDialog key={asking.call} onSave={(text) => act(asking.call, 'close', text ? { text } : {}, '')} onClose={() => setAsking(null)} />
      ) : asking?.what === 'search' ? (
        <SearchDialog key={asking.call} call={asking.call} onChoose={identify(asking.call)} onClose={() => setAsking(null)} />
      ) : null,
    shortcuts,
    leave: () => open(null),
  };
};
