/* The room, once the post is taken: list on the left, the alert at hand, the band, the keys. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Card, Configuration, Session } from '../api';
import { useNow } from '../clock';
import { clock } from '../format';
import type { LiveMap } from '../map/live';
import { messages } from '../messages';
import { closeSession } from '../session';
import { Key } from '../ui';
import { actsOf, earlyActsOf, serverFor, type Act, type Asking } from './acts';
import { Band, useHidden } from './band';
import { useCallDesk } from './call_desk';
import { Windows } from './dialogs';
import { useEar, type Ear } from './ear';
import { Hand, runAct } from './hand';
import { HandoverDialog, handoverOf } from './handover';
import { useAlt, useShortcuts, type Shortcut } from './keys';
import { AlertList, rowId } from './list';
import { openPost, type Post } from './post';
import type { Sounds } from './sound';
import { callKey, skipMs } from './sound_panel';
import { neighbour, waiting, type Room } from './state';
import { calledAgain, familyOf, TogetherDialog, useLines } from './together';

const t = messages.room;

type Props = {
  session: Session;
  sounds: Sounds;
  configuration: Configuration;
  night: boolean;
  onTheme(): void;
  onEnded(): void;
  onLeave(): void;
};

const useRoom = (post: Post): Room => {
  const [room, setRoom] = useState(post.room);
  useEffect(() => post.subscribe(() => setRoom(post.room())), [post]);
  return room;
};

const useSound = (sounds: Sounds): [boolean, () => void] => {
  const [on, setOn] = useState(sounds.isOn);
  const look = (): void => setOn(sounds.isOn());
  useEffect(() => sounds.onChange(look), [sounds]);
  return [on, () => void sounds.unlock().then(look)];
};

const isInSight = (alert: string): boolean => {
  const box = document.getElementById(rowId(alert))?.getBoundingClientRect();
  return box !== undefined && box.height > 0 && box.bottom > 0 && box.top < innerHeight && document.visibilityState === 'visible';
};

/*
 * Says "painted" once a card was really drawn: two frames after it came, on a visible page, within the window. Not
 * while the sound is blocked: nobody would look up.
 */
const usePainted = (room: Room, post: Post, sound: boolean, hidden: boolean): void => {
  const said = useRef(new Set<string>());
  const isReady = sound && room.link.status === 'open';
  useEffect(() => {
    /* What was said on a connection that is gone may never have arrived. */
    if (!isReady) {
      said.current.clear();
      return;
    }
    /* What was taken and let go of is to be seen anew. */
    for (const alert of said.current) if (room.cards[alert]?.state !== 'raised') said.current.delete(alert);
    const fresh = room.order.filter((alert) => !said.current.has(alert) && room.cards[alert]?.state === 'raised');
    if (fresh.length === 0) return;
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        for (const alert of fresh.filter(isInSight)) {
          if (said.current.has(alert)) continue;
          said.current.add(alert);
          post.painted(alert);
        }
      }),
    );
  }, [room.order, room.cards, isReady, hidden]);
};

const useTitle = (room: Room): void => {
  const waits = waiting(room).length;
  const lost = room.link.status === 'lost';
  useEffect(() => {
    const mark = lost ? '! ' : waits > 0 ? `(${waits}) ` : '';
    document.title = mark + messages.titles.room;
  }, [waits, lost]);
};

const Bar = ({ session, room, night, onTheme, onHelp, onHandover, onLegal, onLeave }: {
  session: Session;
  room: Room;
  night: boolean;
  onTheme(): void;
  onHelp(): void;
  onHandover(): void;
  onLegal(): void;
  onLeave(): void;
}) => (
  <header class="bar">
    <p class="mark">{messages.product}</p>
    <p class="bar-room">{session.room?.name}</p>
    <p class="bar-clock">{clock(useNow())}</p>
    <p class="bar-consoles">{t.bar.consoles(Math.max(1, room.consoles))}</p>
    <p class="bar-who">{session.account.name}</p>
    <button type="button" class={handoverOf(room).offered.length > 0 ? 'wanted' : 'quiet'} aria-keyshortcuts="9" onClick={onHandover}>
      {t.handover.bar(handoverOf(room).offered.length)} <Key name="9" />
    </button>
    <button type="button" class="quiet" onClick={onLegal}>
      {t.legal.link}
    </button>
    <button type="button" class="quiet" aria-keyshortcuts="I" onClick={onTheme}>
      {night ? messages.theme.day : messages.theme.night} <Key name="I" />
    </button>
    <button type="button" class="quiet" aria-keyshortcuts="?" onClick={onHelp}>
      {t.bar.help} <Key name="?" />
    </button>
    <button type="button" class="quiet" onClick={onLeave}>
      {t.bar.logout}
    </button>
  </header>
);

const soundKeys = (ear: Ear, mark: () => void): Shortcut[] => [
  { key: 'H', label: t.sound.keys.listen, run: ear.toggle },
  { key: 'ArrowLeft', shown: '←', label: t.sound.keys.back, run: () => ear.skip(-skipMs) },
  { key: 'ArrowRight', shown: '→', label: t.sound.keys.forward, run: () => ear.skip(skipMs) },
  { key: 'W', label: t.sound.keys.pause, run: ear.turnPause },
  { key: 'X', label: t.sound.keys.fast, run: ear.turnRate },
  { key: 'R', label: t.sound.keys.live, run: ear.live },
  { key: 'G', label: t.sound.keys.mark, run: mark },
];

export const RoomPage = ({ session, sounds, configuration, night, onTheme, onEnded, onLeave }: Props) => {
  const [spoken, setSpoken] = useState('');
  const post = useMemo(() => openPost({ session, sounds, onEnded, onSpeak: setSpoken }), []);
  useEffect(() => post.close, [post]);
  const room = useRoom(post);
  const [sound, unblock] = useSound(sounds);
  const hidden = useHidden();
  const [asking, setAsking] = useState<Asking | null>(null);
  /* What became of a gesture is said under the alert it was about, and no other. */
  const [message, setMessage] = useState<{ alert: string | null; text: string }>({ alert: null, text: '' });
  const say = (text: string): void => setMessage({ alert: post.room().selected, text });
  const [alt, setAlt] = useAlt();
  const map = useRef<LiveMap | null>(null);
  const server = useMemo(() => serverFor(post, (alert, text) => setMessage({ alert, text })), [post]);

  useEffect(() => post.presence(), [sound, hidden]);
  usePainted(room, post, sound, hidden);
  useTitle(room);

  const desk = useCallDesk({ room, post, configuration, night, busy: asking !== null });

  const card = room.selected ? room.cards[room.selected] : undefined;
  const { detail } = room;
  const hands = { me: room.me, server, open: setAsking };
  const acts: Act[] = detail ? actsOf({ ...hands, detail }) : card ? earlyActsOf(card, hands) : [];

  const select = (alert: string | undefined): void => {
    if (!alert) return;
    desk.leave();
    post.dispatch({ type: 'select', alert });
  };
  const selectNext = (): void => {
    const list = waiting(room);
    const at = list.findIndex(({ id }) => id === room.selected);
    select(list[(at + 1) % list.length]?.id);
  };
  const open = (past: Card): void => {
    post.dispatch({ type: 'card', card: past });
    select(past.id);
    setAsking(null);
  };
  const leave = (): void => void closeSession().then(onLeave, onLeave);
  /* Nobody goes with something in hand: it is handed over first, or goes back to the list. */
  const wantToLeave = (): void => (handoverOf(room).mine.length > 0 ? setAsking('handover') : leave());
  const centre = (): void => map.current?.centre();
  const family = familyOf(room, card);
  const lines = useLines(detail, family.children, room.told);
  /* One device is heard at a time; of an alert with others under it, any of theirs. */
  const [heardOf, setHeardOf] = useState<string | null>(null);
  const sounding = (card ? [card, ...family.children] : []).filter((one) => one.sound);
  const heard = (sounding.find(({ id }) => id === heardOf) ?? sounding[0])?.id ?? null;
  const unheard = detail?.refusals.hear;
  const ear = useEar(unheard === undefined ? heard : null);
  const mark = (): void => {
    const frame = ear?.frame();
    if (frame && detail) setAsking({ mark: frame });
    else say(t.sound.nothingToMark);
  };
  const talk = (): void => {
    const refused = detail ? detail.refusals.talk : t.actions.early;
    if (refused === undefined) setAsking('talk');
    else say(messages.format.colon(t.talk.title, refused));
  };
  const haveItCall = (): void => {
    const refused = detail ? detail.refusals.listen : t.actions.early;
    if (refused === undefined) setAsking('listen');
    else say(messages.format.colon(t.sound.call, refused));
  };
  const askWithDetail = (what: Asking) => (): void => {
    if (detail) setAsking(what);
  };

  const walk: Shortcut[] = [
    { key: 'S', label: t.keys.next, run: selectNext },
    { key: 'J', label: t.keys.down, run: () => select(neighbour(room, 1)) },
    { key: 'K', label: t.keys.up, run: () => select(neighbour(room, -1)) },
  ];
  const contacts: Shortcut[] = ['1', '2', '3', '4', '5', '6'].flatMap((key, i) => {
    const contact = detail?.contacts[i];
    return contact ? [{ key, label: t.contacts.open(contact.name), run: () => setAsking({ contact: contact.id }) }] : [];
  });
  const ofAlert: Shortcut[] = [
    ...acts.map((act) => ({ key: act.key, label: act.key === 'P' ? t.keys.claim : act.label, run: () => runAct(act, say) })),
    ...contacts,
    { key: 'U', label: t.units.heading, run: askWithDetail('units') },
    { key: 'D', label: t.dialogs.device.title, run: askWithDetail('device') },
    ...(detail?.test ? [{ key: 'V', label: t.simulated.heading, run: askWithDetail('simulated') }] : []),
    { key: 'Z', label: t.evidence.key, run: askWithDetail('evidence') },
    { key: 'B', label: t.keys.trail, run: askWithDetail('trail') },
    { key: 'M', label: t.keys.centre, run: centre },
    ...(ear ? [...soundKeys(ear, mark), { key: 'Y', label: t.talk.title, run: talk }] : []),
    ...(unheard !== undefined ? [{ key: 'H', label: t.sound.keys.listen, run: () => say(messages.format.colon(t.sound.listen, unheard)) }] : []),
    ...(card?.device.kind === 'watch' ? [{ key: callKey(card), label: t.sound.call, run: haveItCall }] : []),
    ...(card ? [{ key: '8', label: t.together.heading, run: () => setAsking('together') }] : []),
    { key: 'F', label: t.list.past, run: () => setAsking('past') },
    { key: 'T', label: t.list.testAlert, run: () => setAsking('test') },
  ];
  /* With a call at hand the keys of alerts rest: none means two things. */
  const shortcuts: Shortcut[] = [
    ...desk.shortcuts,
    ...(desk.hand ? [] : ofAlert),
    ...walk,
    { key: '9', label: t.handover.title, run: () => setAsking('handover') },
    { key: 'Q', label: t.keys.mute, run: post.mute },
    { key: 'I', label: t.keys.theme, run: onTheme },
    { key: '?', label: t.keys.help, run: () => setAsking('help') },
  ];
  useShortcuts(shortcuts, alt);

  return (
    <div class="room">
      <Bar
        session={session}
        room={room}
        night={night}
        onTheme={onTheme}
        onHelp={() => setAsking('help')}
        onHandover={() => setAsking('handover')}
        onLegal={() => setAsking('legal')}
        onLeave={wantToLeave}
      />
      <Band link={room.link} sound={sound} hidden={hidden} onUnblock={unblock} />
      <p class="unseen" role="alert">
        {spoken}
      </p>
      <AlertList
        room={room}
        calls={desk.list}
        onSelect={select}
        onHold={(held) => post.dispatch({ type: 'held', held })}
        onNext={selectNext}
        onPast={() => setAsking('past')}
        onTest={() => setAsking('test')}
      />
      {desk.hand ?? (card ? (
        <Hand
          key={card.id}
          card={card}
          detail={detail}
          units={room.units}
          room={room}
          acts={acts}
          ear={ear}
          family={family}
          lines={lines}
          heard={heard}
          message={message.alert === card.id ? message.text : ''}
          configuration={configuration}
          night={night}
          onMessage={say}
          onAsk={setAsking}
          onCall={desk.open}
          onMap={(opened) => void (map.current = opened)}
          onCentre={centre}
          onMark={mark}
          onTalk={talk}
          onListen={haveItCall}
        />
      ) : (
        <main class="hand hand-empty">
          <h1>{t.hand.none}</h1>
          <p class="muted">{t.hand.noneText}</p>
        </main>
      ))}
      {desk.window}
      {asking === 'handover' && <HandoverDialog room={room} dispatch={post.dispatch} onLeave={leave} onClose={() => setAsking(null)} />}
      {asking === 'together' && card && (
        <TogetherDialog card={card} detail={detail} room={room} server={server} onHear={setHeardOf} onOpen={select} onClose={() => setAsking(null)} />
      )}
      <Windows
        asking={asking}
        detail={detail}
        again={calledAgain(family)}
        units={room.units}
        me={{ id: room.me, isChief: session.account.roles.includes('supervisor') }}
        server={server}
        help={{ shortcuts, alt, onAlt: setAlt, onListen: sounds.play }}
        onAsk={setAsking}
        onOpen={open}
      />
    </div>
  );
};
