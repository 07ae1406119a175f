/* The post of one operator: the room's state, kept by the feed, heard through the sounds. */
import type { AlertList, Card, Detail, Entry, FeedToPage, Session, UnitList } from '../api';
import { serverNow, setServerClock } from '../clock';
import { messages } from '../messages';
import { get, Refusal } from '../request';
import { eachFromServer } from '../server';
import { numberOf, ringing } from './calls';
import { openFeed, type Feed } from './feed';
import type { Sound, Sounds } from './sound';
import { newlyWarned, newRoom, step, waiting, type Action, type Link, type Room } from './state';

export type Post = {
  room(): Room;
  dispatch(action: Action): void;
  subscribe(listener: () => void): () => void;
  refresh(): void; /* reads the alert at hand again */
  painted(alert: string): void;
  presence(): void; /* says at once that visibility or sound changed */
  mute(): void;
  close(): void;
};

type Options = { session: Session; sounds: Sounds; onEnded(): void; onSpeak(text: string): void };

const ringMs = 4000;
const muteMs = 30000;
const retryMs = 2000;
const warningsMs = 10000;

/* From the least to the most urgent: of several entries at once, only the most urgent is heard. */
const urgency: Sound[] = ['test', 'step', 'trouble', 'call', 'alert', 'climbed'];

/* After them, whose call it is may be known. */
const callNews: Entry['kind'][] = ['call.rang', 'call.answered', 'call.claimed', 'call.accepted', 'call.identified'];

const soundOf = ({ kind, card }: Entry): Sound | undefined => {
  if (kind === 'alert.raised' || kind === 'alert.triggered' || kind === 'alert.reopened' || kind === 'alert.released') return card?.test ? 'test' : 'alert';
  if (kind === 'alert.climbed') return card?.test ? 'test' : 'climbed';
  if (kind === 'end.duress') return 'alert';
  if (kind === 'call.rang') return 'call';
  if (['unit.declined', 'unit.silent', 'contact.silent', 'message.failed', 'message.late', 'device.lost', 'end.refused'].includes(kind)) return 'trouble';
  if (['unit.received', 'unit.en_route', 'unit.arrived', 'contact.answered', 'end.asked', 'alert.offered', 'alert.accepted', 'call.offered'].includes(kind)) return 'step';
  return undefined;
};

export const nameOf = (card: Card): string => card.official?.name ?? messages.room.list.unknownPerson;

const spokenOf = ({ kind, card, call }: Entry): string | undefined => {
  if (call) return kind === 'call.rang' ? messages.room.calls.spoken(numberOf(call)) : undefined;
  if (!card) return undefined;
  const { raised, climbed, endAsked, duress } = messages.room.spoken;
  if (kind === 'alert.raised') return raised(nameOf(card), card.official?.commune ?? '');
  if (kind === 'alert.climbed') return climbed(nameOf(card), card.level);
  if (kind === 'end.asked') return endAsked(nameOf(card));
  if (kind === 'end.duress') return duress(nameOf(card));
  return undefined;
};

const warnedOf = (card: Card): string =>
  messages.room.spoken.warned(nameOf(card), card.warnings.map((warning) => messages.alert.warnings[warning]).join(', '));

export const openPost = ({ session, sounds, onEnded, onSpeak }: Options): Post => {
  let room = newRoom(session.account.id);
  let feed: Feed | undefined;
  let done = false;
  let mutedUntil = 0;
  const openedAt = Date.now();
  const listeners = new Set<() => void>();

  const dispatch = (action: Action): void => {
    const before = room;
    room = step(room, action);
    listeners.forEach((wake) => wake());
    if (room.selected !== before.selected || action.type === 'loaded') void readDetail();
  };

  const failed = (thrown: unknown): void => {
    if (thrown instanceof Refusal && thrown.status === 401 && !done) onEnded();
  };

  let reading = false;
  let again = false;
  /* One reading at a time; what changes meanwhile asks for another one after it. */
  const readDetail = async (): Promise<void> => {
    again = true;
    if (reading) return;
    reading = true;
    while (again && !done && room.selected) {
      again = false;
      const path = `/api/alerts/${room.selected}`;
      try {
        const [detail, { units }] = await Promise.all([
          get<Detail>(path),
          get<UnitList>(`/api/units?alert=${room.selected}`),
        ]);
        dispatch({ type: 'detail', detail: { ...detail, refusals: eachFromServer(detail.refusals) }, units });
      } catch (thrown) {
        failed(thrown);
        if (!(thrown instanceof Refusal) || thrown.status >= 500) setTimeout(() => void readDetail(), retryMs);
      }
    }
    reading = false;
  };

  let loadings = 0;
  const load = async (): Promise<void> => {
    const mine = ++loadings;
    try {
      const list = await get<AlertList>('/api/alerts?state=open');
      if (done || mine !== loadings) return;
      const { cursor } = room;
      /* Entries overtook this answer: it is already old. */
      if (cursor?.epoch === list.cursor.epoch && cursor.number > list.cursor.number) void load();
      else dispatch({ type: 'loaded', list });
      feed ??= open();
    } catch (thrown) {
      failed(thrown);
      if (done || mine !== loadings) return;
      if (!feed) dispatch({ type: 'link', link: { status: 'lost', since: openedAt } });
      setTimeout(() => void load(), retryMs);
    }
  };

  const hearEntries = (entries: Entry[]): void => {
    const heard = entries.map(soundOf).filter((sound) => sound !== undefined);
    const loudest = urgency.findLast((sound) => heard.includes(sound));
    if (loudest) sounds.play(loudest);
    if (entries.some(({ kind }) => kind === 'alert.raised' || kind === 'alert.climbed' || kind === 'end.duress' || kind === 'call.rang')) mutedUntil = 0;
    const spoken = entries.map(spokenOf).filter((text) => text !== undefined);
    if (spoken.length > 0) onSpeak(spoken.join('. '));
  };

  /* Of the alert at hand; or a call that may be of its person, for nothing in it says whose it is. */
  const isNews = ({ alert, kind }: Entry): boolean => (alert === room.selected && kind !== 'fix') || callNews.includes(kind);

  const onMessage = (message: FeedToPage): void => {
    switch (message.type) {
      case 'welcome':
        setServerClock(message.now);
        break;
      case 'beat':
        setServerClock(message.now);
        dispatch({ type: 'beat', cursor: message.cursor, consoles: message.consoles });
        break;
      case 'entries':
        dispatch({ type: 'entries', entries: message.entries, cursor: message.cursor });
        hearEntries(message.entries);
        if (message.entries.some(isNews)) void readDetail();
        break;
      case 'unverified':
        dispatch({ type: 'lane', lane: message.lane });
        break;
      case 'reset':
        void load();
        break;
    }
  };

  const onLink = (link: Link): void => {
    const was = room.link.status;
    if (link.status === 'lost' && was === 'open') {
      sounds.play('lost');
      onSpeak(messages.room.spoken.lost);
    }
    if (link.status === 'open' && was === 'lost') {
      onSpeak(messages.room.spoken.back);
      void readDetail();
    }
    dispatch({ type: 'link', link });
  };

  const end = (): void => {
    close();
    onEnded();
  };

  const open = (): Feed =>
    openFeed({
      cursor: () => room.cursor,
      presence: () => ({ visible: document.visibilityState === 'visible', sound: sounds.isOn() }),
      onMessage,
      onLink,
      onEnded: end,
    });

  const ring = setInterval(() => {
    if (serverNow() < mutedUntil) return;
    const cards = waiting(room);
    if (cards.length > 0) sounds.play(cards.some(({ level }) => level > 0) ? 'climbed' : 'alert');
    else if (ringing(room.calls).length > 0) sounds.play('call');
    else if (room.link.status === 'lost') sounds.play('lost');
  }, ringMs);

  const lookForWarnings = async (): Promise<void> => {
    if (room.link.status !== 'open' || room.order.length === 0) return;
    const { alerts } = await get<AlertList>('/api/alerts?state=open');
    const fresh = newlyWarned(room, alerts);
    dispatch({ type: 'warned', cards: alerts });
    if (fresh.length === 0) return;
    sounds.play('trouble');
    onSpeak(fresh.map(warnedOf).join('. '));
  };
  const warnings = setInterval(() => void lookForWarnings().catch(failed), warningsMs);

  const close = (): void => {
    done = true;
    clearInterval(ring);
    clearInterval(warnings);
    feed?.close();
  };

  void load();
  return {
    room: () => room,
    dispatch,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    refresh: () => void readDetail(),
    painted(alert) {
      /* A page just shown again must not be taken for the hidden one it was. */
      feed?.sendPresence();
      feed?.sendPainted(alert);
    },
    presence: () => feed?.sendPresence(),
    mute() {
      mutedUntil = serverNow() + muteMs;
      onSpeak(messages.room.spoken.muted);
    },
    close,
  };
};
