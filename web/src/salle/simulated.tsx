/* What a test alert would have sent, and the pages it leads to: the room sees what those it is for would see. */
import type { Detail, SimulatedSms } from '../api';
import { clock } from '../format';
import { messages } from '../messages';
import { Deeds, Dialog, Key, type Deed } from '../ui';
import type { Asking } from './acts';
import { Panel } from './panels';

const t = messages.room.simulated;

const nameOf = (detail: Detail, { kind, target }: SimulatedSms): string => {
  if (kind === 'duty') return t.duty;
  const named = kind === 'contact' ? detail.contacts.find(({ id }) => id === target) : detail.dispatches.find(({ id }) => id === target)?.unit;
  return named?.name ?? messages.unknown;
};

export const SimulatedPanel = ({ detail, onAsk }: { detail: Detail; onAsk(asking: Asking): void }) => (
  <Panel
    title={t.heading}
    count={detail.simulated.length}
    action={
      <button type="button" class="quiet" aria-keyshortcuts="V" onClick={() => onAsk('simulated')}>
        {t.open} <Key name="V" />
      </button>
    }
  >
    <p class="muted small">{detail.simulated.length === 0 ? t.none : t.unsent}</p>
    <ul>
      {detail.simulated.map((sms) => (
        <li key={`${sms.target} ${sms.at}`} class="sms">
          <p>
            <strong>{t.to(nameOf(detail, sms))}</strong> <span class="muted">{clock(sms.at)}</span>
          </p>
          <p class="said" lang="fr">
            {messages.quotes(sms.text)}
          </p>
        </li>
      ))}
    </ul>
  </Panel>
);

/* On this server, by whatever name the room reaches it; the address in the SMS is the one telephones reach. */
const pathIn = (text: string): string | undefined => text.match(/\/[sp]\/[\w-]+/)?.[0];

/* Asked again, a person gets a new link, and the one before is dead. */
const lastOfEach = (list: SimulatedSms[]): SimulatedSms[] => list.filter(({ target }, i) => list.findLastIndex((sms) => sms.target === target) === i);

export const SimulatedDialog = ({ detail, onClose }: { detail: Detail; onClose(): void }) => {
  const deeds = lastOfEach(detail.simulated).flatMap((sms): Deed[] => {
    const path = pathIn(sms.text);
    const run = (): Promise<unknown> => Promise.resolve(open(path, '_blank', 'noopener'));
    return path && detail.state !== 'closed' ? [{ label: t.page(nameOf(detail, sms)), help: t.help, run }] : [];
  });
  return (
    <Dialog title={t.heading} onClose={onClose} wide>
      {deeds.length === 0 && <p>{t.noPage}</p>}
      <Deeds deeds={deeds} onDone={onClose} />
    </Dialog>
  );
};
