/* What is kept of an alert as evidence: sealed by two persons, deleted otherwise, exported by a chief of room. */
import { useState } from 'preact/hooks';
import type { Detail } from '../api';
import { dayAndTime } from '../format';
import { messages } from '../messages';
import { Dialog, Failure, Form, Key, TextField, useGesture } from '../ui';
import type { Asking, Done, Server } from './acts';
import { Panel } from './panels';

const t = messages.room.evidence;

type Keeping = NonNullable<Detail['keeping']>;

const stateText = ({ state, at, asked_by, delete_at }: Keeping): string => {
  const who = asked_by ?? messages.timeline.someone;
  switch (state) {
    case 'free':
      return delete_at === null ? t.open : t.free(dayAndTime(delete_at));
    case 'seal_asked':
      return `${t.sealAsked(who)} ${delete_at === null ? t.open : t.free(dayAndTime(delete_at))}`;
    case 'sealed':
      return t.sealed(dayAndTime(at));
    case 'unseal_asked':
      return t.unsealAsked(who);
    case 'deleted':
      return t.deleted(dayAndTime(at));
  }
};

type PanelProps = { detail: Detail; onAsk(asking: Asking): void };

export const EvidencePanel = ({ detail, onAsk }: PanelProps) => (
  <Panel
    title={t.heading}
    action={
      <button type="button" class="quiet" aria-keyshortcuts="Z" onClick={() => onAsk('evidence')}>
        {t.open_dialog} <Key name="Z" />
      </button>
    }
  >
    <p class="small">{detail.keeping ? stateText(detail.keeping) : t.none}</p>
  </Panel>
);

type Step = { done: Done; path: 'seal' | 'unseal'; label: string; asks: boolean };

/* What this person can do now, the likely one first. */
const stepsOf = ({ state, asked_by_id }: Keeping, me: string): Step[] => {
  const seal = (label: string): Step => ({ done: 'seal', path: 'seal', label, asks: label === t.seal });
  const unseal = (label: string): Step => ({ done: 'unseal', path: 'unseal', label, asks: label === t.unseal });
  switch (state) {
    case 'free':
      return [seal(t.seal)];
    case 'seal_asked':
      return asked_by_id === me ? [unseal(t.withdraw)] : [seal(t.confirmSeal), unseal(t.withdraw)];
    case 'sealed':
      return [unseal(t.unseal)];
    case 'unseal_asked':
      return asked_by_id === me ? [seal(t.withdraw)] : [unseal(t.confirmUnseal), seal(t.withdraw)];
    case 'deleted':
      return [];
  }
};

type DialogProps = { detail: Detail; me: string; isChief: boolean; server: Server; onClose(): void };

export const EvidenceDialog = ({ detail, me, isChief, server, onClose }: DialogProps) => {
  const [reason, setReason] = useState('');
  const { busy, failure, run } = useGesture();
  const path = `/api/alerts/${detail.id}`;
  const isMerged = detail.merged_into !== null || detail.family.some(({ under }) => under);
  const [first, second] = detail.keeping ? stepsOf(detail.keeping, me) : [];
  const take = (step: Step) => (): Promise<void> => server.card(step.done, `${path}/${step.path}`, { reason: reason.trim() });
  const withdraw = async (step: Step): Promise<void> => {
    if (await run(take(step))) onClose();
  };
  return (
    <Dialog title={t.heading} onClose={onClose}>
      <p>{detail.keeping ? stateText(detail.keeping) : t.none}</p>
      {first && (
        <>
          <p class="muted small">{t.two}</p>
          {isMerged && <p class="muted small">{t.whole}</p>}
          <Form save={first.label} onSave={take(first)} onDone={onClose}>
            <TextField label={first.asks ? t.reason : t.anyReason} value={reason} onInput={setReason} rows={2} focus />
          </Form>
        </>
      )}
      {second && (
        <button type="button" class="quiet" aria-disabled={busy} onClick={() => void withdraw(second)}>
          {second.label}
        </button>
      )}
      <Failure text={failure} />
      <h3>{t.export}</h3>
      <p class="muted small">{t.exportText}</p>
      {isChief && detail.refusals.evidence !== undefined ? (
        <p class="small">{detail.refusals.evidence}</p>
      ) : isChief ? (
        <a class="button" href={`${path}/evidence`} download>
          {t.download}
        </a>
      ) : (
        <p class="small">{t.chiefOnly}</p>
      )}
    </Dialog>
  );
};
