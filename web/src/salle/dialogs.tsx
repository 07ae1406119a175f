/* The windows of the room: each asks one thing. */
import { useEffect, useState } from 'preact/hooks';
import type { AlertList, Card, Detail, DeviceList, Outcome, RoomDevice, Unit } from '../api';
import { dayAndTime, distance, phone } from '../format';
import { messages } from '../messages';
import { get } from '../request';
import { Choices, Deeds, Dialog, Failure, Form, TextField, Tick, useGesture, type Choice, type Deed } from '../ui';
import type { Asking, Server } from './acts';
import { EvidenceDialog } from './evidence';
import type { Shortcut } from './keys';
import { Legal } from './login';
import { TrailTable } from './panels';
import { nameOf } from './post';
import { SimulatedDialog } from './simulated';
import type { Sound } from './sound';
import { ListenDialog, MarkDialog, TalkDialog } from './sound_dialogs';

const d = messages.room.dialogs;
const u = messages.room.units;

type Props = { detail: Detail; server: Server; onClose(): void };

const pathOf = (detail: Detail): string => `/api/alerts/${detail.id}`;

const unitChoice = (detail: Detail, { id, name, kind, status, distance_m, competent }: Unit): Choice => {
  const already = detail.dispatches.some(({ unit, state }) => unit.id === id && state !== 'declined' && state !== 'cancelled');
  const facts = [
    u.kinds[kind],
    competent ? u.competent : '',
    distance_m === null ? u.noDistance : distance(distance_m),
    already ? d.dispatch.already : u.statuses[status],
  ];
  return { value: id, label: name, detail: facts.filter(Boolean).join(', '), disabled: already };
};

const DispatchDialog = ({ detail, units, server, onClose }: Props & { units: Unit[] }) => {
  const choices = units.map((unit) => unitChoice(detail, unit));
  const [unit, setUnit] = useState(choices.find(({ disabled }) => !disabled)?.value ?? null);
  return (
    <Dialog title={d.dispatch.title} onClose={onClose} wide>
      {choices.length === 0 ? (
        <p>{d.dispatch.none}</p>
      ) : (
        <Form
          save={d.dispatch.send}
          onSave={() => server.card('dispatch', `${pathOf(detail)}/dispatches`, { unit })}
          onDone={onClose}
          check={() => (unit ? null : d.dispatch.legend)}
        >
          <Choices legend={d.dispatch.legend} choices={choices} value={unit} onChoose={setUnit} focus />
        </Form>
      )}
    </Dialog>
  );
};

type SayProps = { title: string; label: string; save: string; onSave(text: string): Promise<unknown>; onClose(): void };

/** A window that asks for a sentence: a note, a reason. */
const SayDialog = ({ title, label, save, onSave, onClose }: SayProps) => {
  const [text, setText] = useState('');
  return (
    <Dialog title={title} onClose={onClose}>
      <Form save={save} onSave={() => onSave(text.trim())} onDone={onClose} check={() => (text.trim() ? null : messages.required)}>
        <TextField label={label} value={text} onInput={setText} focus />
      </Form>
    </Dialog>
  );
};

const outcomes = Object.keys(messages.alert.outcomes) as Outcome[];

const usualOutcome = ({ test, dispatches }: Detail): Outcome | null => {
  if (test) return 'test';
  return dispatches.some(({ state }) => state === 'arrived') ? 'intervention' : null;
};

const namesAll = (text: string, again: Card[]): boolean =>
  again.every(({ ref }) => (text.match(/\d+/g) ?? []).some((number) => Number(number) === ref));

const CloseDialog = ({ detail, again, server, onClose }: Props & { again: Card[] }) => {
  const refs = again.map(({ ref }) => messages.room.together.ref(ref)).join(', ');
  const [outcome, setOutcome] = useState<string | null>(usualOutcome(detail));
  const [text, setText] = useState('');
  const needsText = outcome === 'other';
  const said = text.trim();
  const optional = needsText ? d.close.textRequired : `${d.close.text} ${d.close.optional}`;
  const label = again.length > 0 ? d.close.textForAgain : optional;
  const check = (): string | null => {
    if (!outcome) return d.close.legend;
    if (!namesAll(said, again)) return d.close.textForAgain;
    return needsText && !said ? d.close.textRequired : null;
  };
  return (
    <Dialog title={d.close.title} onClose={onClose}>
      <Form
        save={d.close.save}
        onSave={() => server.card('close', `${pathOf(detail)}/close`, said ? { outcome, text: said } : { outcome })}
        onDone={onClose}
        check={check}
      >
        {again.length > 0 && (
          <p class="trouble">
            <strong>{again.length > 1 ? d.close.manyAgain(refs) : d.close.again(refs)}</strong>
          </p>
        )}
        <Choices
          legend={d.close.legend}
          choices={outcomes.map((value) => ({ value, label: messages.alert.outcomes[value] }))}
          value={outcome}
          onChoose={setOutcome}
          focus
        />
        <TextField label={label} value={text} onInput={setText} rows={2} />
      </Form>
    </Dialog>
  );
};

const CallDialog = ({ detail, server, onClose }: Props) => {
  const answers = Object.values(d.callBack.answers);
  const [answer, setAnswer] = useState<string | null>(null);
  const number = phone(detail.phone ?? '');
  const text = d.callBack.note(number, answer ?? '');
  return (
    <Dialog title={messages.format.colon(d.callBack.title, nameOf(detail))} onClose={onClose}>
      <p class="big-number">
        <a class="primary button" href={`tel:${(detail.phone ?? '').replace(/\s/g, '')}`}>
          {number}
        </a>
      </p>
      <Form
        save={d.callBack.save}
        onSave={() => server.card('note', `${pathOf(detail)}/notes`, { text })}
        onDone={onClose}
        check={() => (answer ? null : d.callBack.legend)}
      >
        <Choices
          legend={d.callBack.legend}
          choices={answers.map((label) => ({ value: label, label }))}
          value={answer}
          onChoose={setAnswer}
          focus
        />
      </Form>
    </Dialog>
  );
};

const DeviceDialog = ({ detail, server, onClose }: Props) => {
  const [seconds, setSeconds] = useState('60');
  const path = `${pathOf(detail)}/device`;
  const { locate, interval, discreet } = detail.refusals;
  const field = (
    <>
      <label for="interval">{d.device.interval}</label>
      <input
        id="interval"
        type="number"
        min={60}
        max={65535}
        value={seconds}
        onInput={(event) => setSeconds(event.currentTarget.value)}
      />
      <span>{d.device.seconds}</span>
    </>
  );
  return (
    <Dialog title={d.device.title} onClose={onClose} wide>
      <Deeds
        onDone={onClose}
        deeds={[
          { label: d.device.locate, refused: locate, run: () => server.ask('locate', path, { request: 'locate' }) },
          { label: d.device.apply, field, refused: interval, run: () => server.ask('interval', path, { request: 'interval', seconds: Number(seconds) }) },
          {
            label: d.device.discreet,
            help: d.device.discreetHelp,
            refused: discreet,
            run: () => server.ask('discreet', path, { request: 'discreet' }),
          },
        ]}
      />
    </Dialog>
  );
};

const ContactDialog = ({ detail, server, onClose, contact: id }: Props & { contact: string }) => {
  const contact = detail.contacts.find((one) => one.id === id);
  if (!contact) return null;
  const c = messages.room.contacts;
  const path = `${pathOf(detail)}/contacts/${id}`;
  const send: Deed = { label: c.send, refused: detail.refusals.message, run: () => server.card('message', `${path}/message`, {}) };
  const revoke: Deed = { label: c.revoke, run: () => server.revoke(detail.id, id) };
  return (
    <Dialog title={contact.name} onClose={onClose}>
      <p>
        {[contact.relation, contact.phone && phone(contact.phone)].filter(Boolean).join(', ')}
        <br />
        <span class="muted">
          {c.states[contact.state]}, {c.links[contact.link]}
        </span>
      </p>
      <Deeds deeds={contact.link === 'active' ? [send, revoke] : [send]} onDone={onClose} />
    </Dialog>
  );
};

const UnitsDialog = ({ detail, server, onClose, onSend }: Props & { onSend(): void }) => {
  const live = detail.dispatches.filter(({ state }) => state !== 'cancelled' && state !== 'declined');
  const send: Deed = { label: d.dispatch.title, refused: detail.refusals.dispatch, run: () => Promise.resolve() };
  const cancels = live.map(
    (sent): Deed => ({
      label: d.units.cancel(sent.unit.name),
      help: `${u.states[sent.state]}, ${u.sms[sent.sms]}`,
      run: () => server.card('cancel', `${pathOf(detail)}/dispatches/${sent.id}/cancel`, {}).then(onClose),
    }),
  );
  return (
    <Dialog title={d.units.title} onClose={onClose} wide>
      {live.length === 0 && <p>{u.none}</p>}
      <Deeds deeds={[send, ...cancels]} onDone={onSend} />
    </Dialog>
  );
};

const pageOf = (before: number | undefined): Promise<AlertList> =>
  get<AlertList>(`/api/alerts?state=closed&limit=50${before ? `&before=${before}` : ''}`);

const PastDialog = ({ onOpen, onClose }: { onOpen(card: Card): void; onClose(): void }) => {
  const [cards, setCards] = useState<Card[]>();
  const [ended, setEnded] = useState(false);
  const { failure, run } = useGesture();
  const more = (): void =>
    void run(async () => {
      const { alerts } = await pageOf(cards?.at(-1)?.ref);
      setCards([...(cards ?? []), ...alerts]);
      setEnded(alerts.length < 50);
    });
  useEffect(more, []);
  return (
    <Dialog title={d.past.title} onClose={onClose} wide>
      {cards?.length === 0 && <p>{d.past.none}</p>}
      <ul class="stack scroll">
        {cards?.map((card) => (
          <li key={card.id} class="past">
            <button type="button" onClick={() => onOpen(card)}>
              {messages.format.colon(messages.room.hand.ref(card.ref), nameOf(card))}
            </button>
            <span class="muted">
              {dayAndTime(card.raised_at)}
              {card.closed?.outcome && `, ${messages.alert.outcomes[card.closed.outcome]}`}
            </span>
          </li>
        ))}
      </ul>
      {cards && !ended && (
        <p>
          <button type="button" onClick={more}>
            {d.past.more}
          </button>
        </p>
      )}
      <Failure text={failure} />
    </Dialog>
  );
};

const deviceChoice = ({ id, label, kind, official, connected }: RoomDevice): Choice => ({
  value: id,
  label: official ?? label,
  detail: [messages.alert.kinds[kind], label, connected ? messages.room.device.connected : messages.room.device.disconnected].join(', '),
});

const TestDialog = ({ server, onClose }: { server: Server; onClose(): void }) => {
  const [devices, setDevices] = useState<RoomDevice[]>();
  const [device, setDevice] = useState<string | null>(null);
  const { failure, run } = useGesture();
  useEffect(
    () =>
      void run(async () => {
        const list = (await get<DeviceList>('/api/devices')).devices;
        setDevices(list);
        setDevice(list[0]?.id ?? null);
      }),
    [],
  );
  return (
    <Dialog title={d.test.title} onClose={onClose} wide>
      <p class="muted">{d.test.help}</p>
      {devices?.length === 0 && <p>{d.test.none}</p>}
      {devices && devices.length > 0 ? (
        <Form
          save={d.test.save}
          onSave={() => server.card('test', '/api/test-alerts', { device })}
          onDone={onClose}
          check={() => (device ? null : d.test.legend)}
        >
          <Choices legend={d.test.legend} choices={devices.map(deviceChoice)} value={device} onChoose={setDevice} focus />
        </Form>
      ) : (
        <Failure text={failure} />
      )}
    </Dialog>
  );
};

const audible = ['alert', 'climbed', 'step', 'trouble', 'call', 'lost'] as const;

type HelpProps = { shortcuts: Shortcut[]; alt: boolean; onAlt(alt: boolean): void; onListen(sound: Sound): void; onClose(): void };

const HelpDialog = ({ shortcuts, alt, onAlt, onListen, onClose }: HelpProps) => (
  <Dialog title={d.help.title} onClose={onClose} wide>
    <p>{d.help.intro}</p>
    <Tick checked={alt} onTick={onAlt}>
      {d.help.alt} <span class="muted">{d.help.altHelp}</span>
    </Tick>
    <dl class="keys">
      {shortcuts.map(({ key, shown = key, label }) => (
        <div key={key}>
          <dt>
            <kbd>{alt ? `Alt ${shown}` : shown}</kbd>
          </dt>
          <dd>{label}</dd>
        </div>
      ))}
      <div>
        <dt>
          <kbd>1</kbd>
        </dt>
        <dd>{messages.room.keys.deeds}</dd>
      </div>
      <div>
        <dt>
          <kbd>{messages.keyNames.escape}</kbd>
        </dt>
        <dd>{messages.room.keys.escape}</dd>
      </div>
    </dl>
    <h3>{d.help.sounds}</h3>
    <ul class="stack">
      {audible.map((sound) => (
        <li key={sound} class="row">
          <button type="button" aria-label={messages.format.colon(d.help.listen, d.help.soundRows[sound])} onClick={() => onListen(sound)}>
            {d.help.listen}
          </button>
          <span>{d.help.soundRows[sound]}</span>
        </li>
      ))}
    </ul>
    <Legal />
  </Dialog>
);

type WindowsProps = {
  asking: Asking | null;
  detail: Detail | null;
  /* Under it, and calling since: closed with it. */
  again: Card[];
  units: Unit[];
  me: { id: string; isChief: boolean };
  server: Server;
  help: Omit<HelpProps, 'onClose'>;
  onAsk(asking: Asking | null): void;
  onOpen(card: Card): void;
};

/** The window that is open, if any. */
export const Windows = ({ asking, detail, again, units, me, server, help, onAsk, onOpen }: WindowsProps) => {
  const onClose = (): void => onAsk(null);
  if (asking === null || asking === 'handover' || asking === 'together') return null;
  if (asking === 'help') return <HelpDialog {...help} onClose={onClose} />;
  if (asking === 'legal') {
    return (
      <Dialog title={messages.room.legal.link} onClose={onClose}>
        <Legal />
      </Dialog>
    );
  }
  if (asking === 'past') return <PastDialog onOpen={onOpen} onClose={onClose} />;
  if (asking === 'test') return <TestDialog server={server} onClose={onClose} />;
  if (!detail) return null;
  const common = { detail, server, onClose };
  if (typeof asking === 'object' && 'mark' in asking) return <MarkDialog {...common} frame={asking.mark} />;
  if (typeof asking === 'object') return <ContactDialog {...common} contact={asking.contact} />;
  const path = pathOf(detail);
  switch (asking) {
    case 'dispatch':
      return <DispatchDialog {...common} units={units} />;
    case 'note':
      return <SayDialog {...d.note} onClose={onClose} onSave={(text) => server.card('note', `${path}/notes`, { text })} />;
    case 'close':
      return <CloseDialog {...common} again={again} />;
    case 'reopen':
      return <SayDialog {...d.reopen} onClose={onClose} onSave={(reason) => server.card('reopen', `${path}/reopen`, { reason })} />;
    case 'takeOver':
      return (
        <SayDialog
          title={d.takeOver.title}
          label={d.takeOver.label(detail.claim?.account.name ?? messages.timeline.someone)}
          save={d.takeOver.save}
          onClose={onClose}
          onSave={(reason) => server.card('take_over', `${path}/take-over`, { reason })}
        />
      );
    case 'callBack':
      return <CallDialog {...common} />;
    case 'device':
      return <DeviceDialog {...common} />;
    case 'listen':
      return <ListenDialog {...common} />;
    case 'talk':
      return <TalkDialog detail={detail} onClose={onClose} />;
    case 'units':
      return <UnitsDialog {...common} onSend={() => onAsk('dispatch')} />;
    case 'evidence':
      return <EvidenceDialog {...common} me={me.id} isChief={me.isChief} />;
    case 'simulated':
      return <SimulatedDialog detail={detail} onClose={onClose} />;
    case 'trail':
      return (
        <Dialog title={d.trail.title} onClose={onClose} wide>
          <TrailTable trail={detail.trail} />
        </Dialog>
      );
  }
};

