/* How an official comes in: nobody has a password. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Enrolled, OwnCodeSent, OwnSession } from '../api';
import { store } from '../bouton/store';
import { messages } from '../messages';
import { post } from '../request';
import { Failure, useGesture } from '../ui';

const t = messages.own;

type Props = { onOpen(): Promise<void> };

const ByPhone = ({ credential, onOpen }: Props & { credential: Enrolled }) => {
  const [pin, setPin] = useState('');
  const { failure, run } = useGesture();
  const { device, secret } = credential;
  const open = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      await post<OwnSession>('/api/own/session/phone', { device, secret, ...(pin && { code: pin }) });
      await onOpen();
    });
  };
  return (
    <section class="card">
      <h2>{t.byPhone}</h2>
      <p>{t.byPhoneLead}</p>
      <form noValidate onSubmit={open}>
        <div class="field">
          <label for="pin">{t.pin}</label>
          <p id="pin-hint" class="muted small">
            {t.pinHint}
          </p>
          <input id="pin" type="password" inputmode="numeric" autocomplete="off" aria-describedby="pin-hint" value={pin} onInput={(event) => setPin(event.currentTarget.value)} />
        </div>
        <Failure text={failure} />
        <button type="submit" class="primary large">
          {t.byPhoneGo}
        </button>
      </form>
    </section>
  );
};

const Code = ({ number, sent, onOpen, onBack }: Props & { number: string; sent: OwnCodeSent; onBack(): void }) => {
  const [code, setCode] = useState('');
  const { failure, run } = useGesture();
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);
  const open = (event: Event): void => {
    event.preventDefault();
    void run(async () => {
      await post<OwnSession>('/api/own/session', { request: sent.request, code: code.replace(/\s/g, '') });
      await onOpen();
    });
  };
  return (
    <form noValidate onSubmit={open}>
      <p role="status">{t.sent(number, sent.minutes)}</p>
      <div class="field">
        <label for="code">{t.code}</label>
        <p id="code-hint" class="muted small">
          {t.codeHint}
        </p>
        <input id="code" ref={input} inputmode="numeric" autocomplete="one-time-code" aria-describedby="code-hint" value={code} onInput={(event) => setCode(event.currentTarget.value)} />
      </div>
      <Failure text={failure} />
      <button type="submit" class="primary large">
        {t.codeGo}
      </button>
      <button type="button" class="quiet" onClick={onBack}>
        {t.otherNumber}
      </button>
    </form>
  );
};

const BySms = ({ onOpen }: Props) => {
  const [number, setNumber] = useState('');
  const [sent, setSent] = useState<OwnCodeSent | null>(null);
  const { failure, run } = useGesture();
  const ask = (event: Event): void => {
    event.preventDefault();
    void run(async () => setSent(await post<OwnCodeSent>('/api/own/code', { phone: number })));
  };
  return (
    <section class="card">
      <h2>{t.bySms}</h2>
      {sent ? (
        <Code number={number} sent={sent} onOpen={onOpen} onBack={() => setSent(null)} />
      ) : (
        <form noValidate onSubmit={ask}>
          <p id="number-hint">{t.bySmsLead}</p>
          <div class="field">
            <label for="number">{t.number}</label>
            <input id="number" type="tel" autocomplete="tel" aria-describedby="number-hint" value={number} onInput={(event) => setNumber(event.currentTarget.value)} />
          </div>
          <Failure text={failure} />
          <button type="submit" class="primary large">
            {t.numberGo}
          </button>
        </form>
      )}
    </section>
  );
};

export const Door = ({ ended, onOpen }: Props & { ended: boolean }) => {
  const [credential, setCredential] = useState<Enrolled | undefined>();
  /* The telephone page keeps it; a browser that keeps nothing is no telephone of ours. */
  useEffect(() => void store.get('credential').then(setCredential, () => undefined), []);
  return (
    <>
      {ended ? <p class="notice" role="status">{t.ended}</p> : <p class="lead">{t.lead}</p>}
      {credential && <ByPhone credential={credential} onOpen={onOpen} />}
      <BySms onOpen={onOpen} />
      <p class="muted">{t.noWay}</p>
    </>
  );
};
