/* Calls to 17: the list above the alerts, and which of them is at hand. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Call, CallFile, Configuration } from '../api';
import { messages } from '../messages';
import { get, post as send, reasonOf, Refusal } from '../request';
import { Age, Key } from '../ui';
import { SearchDialog, WrapUpDialog } from './call_dialogs';
import { CallHand, candidateKeys, type Act } from './call_hand';
import { callsOfPerson } from './on_line';
import { isFree, nextCall, numberOf, openAlertOf, ordered } from './calls';
import type { Shortcut } from './keys';
import type { Post } from './post';
import type { Room } from './state';

const t = messages.room.calls;

/* --- the list */

const isOf = (call: Call, me: string): boolean => call.claim?.account.id === me;

const holderOf = (call: Call, me: string): string => {
  if (!call.claim) return '';
  return call.claim.account.id === me ? messages.room.list.byYou : messages.room.list.by(call.claim.account.name);
};

type RowProps = { call: Call; name: string | undefined; me: string; current: boolean; onSelect(call: string): void };

/* Its person is named to who has it, and to nobody else. */
const Row = ({ call, name, me, current, onSelect }: RowProps) => (
  <li>
    <button
      type="button"
      class={`row-alert row-call call-${call.state}${isFree(call) ? ' waits' : ''}`}
      aria-current={current ? 'true' : undefined}
      onClick={() => onSelect(call.id)}
    >
      <span class="row-top">
        <span class="row-name">{name ?? numberOf(call)}</span>
        <Age since={call.rang_at} />
      </span>
      {name && <span class="row-middle">{numberOf(call)}</span>}
      <span class="row-bottom">
        <span class="state">{t.states[call.state]}</span> {holderOf(call, me)} {call.line !== null && <span class="muted">{t.line(call.line)}</span>}
      </span>
    </button>
  </li>
);

type ListProps = { room: Room; names: Record<string, string>; current: string | null; onSelect(call: string): void };

/* Its place is there while there are calls; it stands above the alerts, which keep their own order. */
const CallList = ({ room, names, current, onSelect }: ListProps) => {
  const list = ordered(room.calls);
  if (list.length === 0) return null;
  return (
    <section class="calls" aria-labelledby="calls-heading">
      <h2 id="calls-heading">
        {t.heading} <span class="count">{list.length}</span> <Key name="7" />
      </h2>
      <ul class="rows">
        {list.map((call) => (
          <Row key={call.id} call={call} name={isOf(call, room.me) ? names[call.id] : undefined} me={room.me} current={call.id === current} onSelect={onSelect} />
        ))}
      </ul>
    </section>
  );
};

/* --- what the room needs of it */

export type CallDesk = {
  list: ComponentChildren;
  hand: ComponentChildren | null; /* a call is at hand instead of an alert */
  window: ComponentChildren;
  shortcuts: Shortcut[]; /* of the call at hand; otherwise the one that opens it */
  open(call: string): void;
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

/* Who is at each of one's own calls: of the one at hand its file says so, of the others it is asked once. */
const useNames = (room: Room, file: CallFile | null): Record<string, string> => {
  const [names, setNames] = useState<Record<string, string>>({});
  const asked = useRef(new Set<string>());
  const learn = ({ id, person }: CallFile): void => {
    asked.current.add(id);
    if (person) setNames((before) => ({ ...before, [id]: person.name }));
  };
  useEffect(() => {
    if (file?.holds) learn(file);
  }, [file]);
  useEffect(() => {
    for (const call of Object.values(room.calls)) {
      if (!isOf(call, room.me) || asked.current.has(call.id)) continue;
      asked.current.add(call.id);
      void get<CallFile>(`/api/calls/${call.id}`).then(learn, () => asked.current.delete(call.id));
    }
  }, [room.calls]);
  return names;
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
  const names = useNames(room, file);
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
  const opened = openAlertOf(file);
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
  const take: Act[] = call
    ? [{ key: 'P', label: call.claim && !isMine ? t.takeOver : t.take, refused: isMine ? t.alreadyYours : null, strong: !call.claim, run: () => attempt(call.id, 'claim', {}, t.taken) }]
    : [];
  /* What is done is no longer the first thing to do. */
  const acts: Act[] = call
    ? [
        ...(isMine ? [] : take),
        { key: 'E', ...alertAct, run: () => attempt(call.id, 'alert', {}, t.joined) },
        { key: 'R', label: t.search, refused: isMine ? null : t.takeFirst, run: () => ask('search', call.id) },
        { key: 'C', label: t.close, refused: call.claim ? null : t.takeFirst, run: () => ask('close', call.id) },
        ...(isMine ? take : []),
        { key: '7', label: t.back, refused: null, run: () => open(null) },
      ]
    : [];
  const run = (one: Act): void => (one.refused === null ? one.run() : setMessage(messages.format.colon(one.label, one.refused)));
  const identify = (id: string) => (official: string): void => attempt(id, 'identify', { official }, t.identified);
  const next = nextCall(room.calls, room.me, callsOfPerson(room));

  const shortcuts: Shortcut[] = call
    ? [
        ...acts.map((one) => ({ key: one.key, label: one.label, run: () => run(one) })),
        ...(file?.candidates ?? []).slice(0, candidateKeys).map((candidate, i) => ({ key: String(i + 1), label: candidate.name, run: () => identify(call.id)(candidate.id) })),
      ]
    : [{ key: '7', label: t.openKey, run: () => next && open(next.id) }];

  return {
    list: <CallList room={room} names={names} current={call ? call.id : null} onSelect={open} />,
    hand: call ? (
      <CallHand
        key={call.id}
        call={call}
        file={file}
        me={room.me}
        alert={opened && room.cards[opened.id]}
        acts={acts.map((one) => ({ ...one, run: () => run(one) }))}
        message={message}
        configuration={configuration}
        night={night}
        onIdentify={identify(call.id)}
      />
    ) : null,
    window:
      asking?.what === 'close' ? (
        <WrapUpDialog
          key={asking.call}
          call={room.calls[asking.call]}
          file={file?.id === asking.call ? file : null}
          onSave={(closing) => act(asking.call, 'close', closing, '')}
          onClose={() => setAsking(null)}
        />
      ) : asking?.what === 'search' ? (
        <SearchDialog key={asking.call} call={asking.call} onChoose={identify(asking.call)} onClose={() => setAsking(null)} />
      ) : null,
    shortcuts,
    open,
    leave: () => open(null),
  };
};
