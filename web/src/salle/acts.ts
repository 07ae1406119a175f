/* What can be done with the alert at hand: one row an action, its key, why it is refused now. */
import type { Card, Detail } from '../api';
import { messages } from '../messages';
import { post, Refusal, remove } from '../request';
import type { Frame } from './places';
import type { Post } from './post';

const t = messages.room.actions;

export type Asking =
  | 'dispatch'
  | 'note'
  | 'close'
  | 'reopen'
  | 'takeOver'
  | 'callBack'
  | 'device'
  | 'listen'
  | 'talk'
  | 'units'
  | 'trail'
  | 'evidence'
  | 'simulated'
  | 'past'
  | 'test'
  | 'help'
  | 'handover'
  | 'together'
  | 'legal'
  | { contact: string }
  | { mark: Frame };

export type Done = keyof typeof t.done;

export type Server = {
  /** Sends a gesture about an alert; the answer is its card. */
  card(done: Done, path: string, body: unknown): Promise<void>;
  revoke(alert: string, contact: string): Promise<void>;
  ask(done: Done, path: string, body: unknown): Promise<void>;
};

export const serverFor = (held: Post, onDone: (alert: string | null, text: string) => void): Server => {
  const settle = (done: Done, card: Card): void => {
    held.dispatch({ type: 'card', card });
    held.refresh();
    onDone(card.id, t.done[done]);
  };
  return {
    card: async (done, path, body) => settle(done, await post<Card>(path, body)),
    revoke: async (alert, contact) => settle('revoke', await remove<Card>(`/api/alerts/${alert}/contacts/${contact}/link`)),
    ask: async (done, path, body) => {
      const { selected } = held.room();
      await post(path, body);
      onDone(selected, t.done[done]);
    },
  };
};

export type Act = { name: string; key: string; label: string; refused: string | null; strong?: boolean; run(): Promise<void> | void };

type Context = { detail: Detail; me: string; server: Server; open(asking: Asking): void };
type Claimable = Pick<Detail, 'id' | 'claim' | 'refusals'>;

const isReasonNeeded = (thrown: unknown): boolean => thrown instanceof Refusal && thrown.problem.type === '/problems/reason-needed';

const claimAct = ({ detail, me, server, open }: Omit<Context, 'detail'> & { detail: Claimable }): Act => {
  const path = `/api/alerts/${detail.id}`;
  const { claim, refusals } = detail;
  if (!claim) {
    return { name: 'claim', key: 'P', label: t.claim, refused: refusals.claim ?? null, strong: true, run: () => server.card('claim', `${path}/claim`, {}) };
  }
  if (claim.account.id === me) return { name: 'claim', key: 'P', label: t.claimed, refused: refusals.claim ?? t.claimed, run() {} };
  const takeOver = async (): Promise<void> => {
    try {
      await server.card('take_over', `${path}/take-over`, {});
    } catch (thrown) {
      if (!isReasonNeeded(thrown)) throw thrown;
      open('takeOver');
    }
  };
  return { name: 'take_over', key: 'P', label: t.take_over, refused: refusals.take_over ?? null, run: takeOver };
};

/* Between the card and its detail: a hand is quicker than the network. Claiming needs the card alone; the rest says that it comes. */
export const earlyActsOf = (card: Card, context: Omit<Context, 'detail'>): Act[] => [
  claimAct({ ...context, detail: { id: card.id, claim: card.claim, refusals: card.state === 'closed' ? { claim: t.early } : {} } }),
  ...(['dispatch', 'call_back', 'locate', 'note', 'close'] as const).map((name) => ({ name, key: keys[name], label: t[name], refused: t.early, run() {} })),
];

const keys = { dispatch: 'E', call_back: 'A', locate: 'L', note: 'N', close: 'C' };

const callBackRefused = ({ refusals, silent, phone }: Detail): string | null => {
  if (refusals.call_back) return refusals.call_back;
  if (silent) return t.silentCall;
  return phone ? null : t.noPhone;
};

/* Each action keeps its place whatever the state: only what it says changes. */
export const actsOf = (context: Context): Act[] => {
  const { detail, server, open } = context;
  const { refusals, state } = detail;
  const path = `/api/alerts/${detail.id}`;
  const closed = state === 'closed';
  const locate = (): Promise<void> => server.ask('locate', `${path}/device`, { request: 'locate' });
  return [
    claimAct(context),
    {
      name: 'dispatch',
      key: 'E',
      label: t.dispatch,
      refused: refusals.dispatch ?? null,
      strong: state === 'claimed',
      run: () => open('dispatch'),
    },
    { name: 'call_back', key: 'A', label: t.call_back, refused: callBackRefused(detail), run: () => open('callBack') },
    { name: 'locate', key: 'L', label: t.locate, refused: refusals.locate ?? null, run: locate },
    { name: 'note', key: 'N', label: t.note, refused: refusals.note ?? null, run: () => open('note') },
    closed
      ? { name: 'reopen', key: 'O', label: t.reopen, refused: refusals.reopen ?? null, run: () => open('reopen') }
      : { name: 'close', key: 'C', label: t.close, refused: refusals.close ?? null, strong: state === 'on_scene', run: () => open('close') },
  ];
};
