/* The telephones of somebody who is registered: the code that links one, shown once; another in its place; none any more. */
import { useState } from 'preact/hooks';
import type { CounterFile, Done, TelephoneCode } from '../api';
import { clock, dayAndTime } from '../format';
import { messages } from '../messages';
import { QrCode } from '../qr';
import { post } from '../request';
import { Dialog, Failure, useGesture } from '../ui';

const t = messages.counterFile;

type Device = CounterFile['devices'][number];
type Props = { file: CounterFile; verified: boolean; onChanged(): Promise<unknown> };

/* The page of the telephone takes the code from behind the « # », which goes to no server. */
const linkOf = (code: string): string => `${location.origin}/bouton#${code}`;

const Code = ({ given, onClose }: { given: TelephoneCode; onClose(): void }) => (
  <Dialog title={t.codeTitle} onClose={onClose}>
    <p class="code">{given.code}</p>
    <QrCode text={linkOf(given.code)} label={t.codePicture} />
    <p>{t.codeHow(`${location.origin}/bouton`)}</p>
    <p>{t.codeUntil(clock(given.expires_at).slice(0, 5))}</p>
  </Dialog>
);

const stateOf = (device: Device): string => {
  if (!device.enabled) return t.disabled;
  if (device.protocol === 'phone' && !device.linked) return t.notLinked;
  return device.heard_at === null ? t.neverHeard : t.heard(dayAndTime(device.heard_at));
};

export const Telephones = ({ file, verified, onChanged }: Props) => {
  const [given, setGiven] = useState<TelephoneCode | null>(null);
  const [withdrawing, setWithdrawing] = useState('');
  const { busy, failure, run } = useGesture();
  const body = { official: file.id, verified: verified ? 'oui' : 'non' };
  const give = (device?: string): void =>
    void run(async () => {
      setGiven(await post<TelephoneCode>('/api/counter/telephones', { ...body, ...(device && { device }) }));
      await onChanged();
    });
  const withdraw = (device: string): void =>
    void run(async () => {
      await post<Done>('/api/counter/telephones/withdraw', { ...body, device });
      await onChanged();
    }).then(() => setWithdrawing(''));
  return (
    <section class="telephones">
      <h3>{t.devices}</h3>
      {file.devices.length === 0 && <p>{t.noDevice}</p>}
      <ul>
        {file.devices.map((device) => (
          <li key={device.id}>
            <p>
              <b>{device.label}</b> ({t.kinds[device.protocol]}), {stateOf(device)}
            </p>
            {device.protocol === 'phone' && !file.ended && (
              <div class="deeds">
                <button type="button" aria-disabled={busy} onClick={() => give(device.id)}>
                  {device.linked ? t.replace : t.giveCode}
                </button>
                <button
                  type="button"
                  aria-disabled={busy}
                  class={withdrawing === device.id ? 'danger' : ''}
                  onClick={() => (withdrawing === device.id ? withdraw(device.id) : setWithdrawing(device.id))}
                >
                  {withdrawing === device.id ? t.withdrawSure : t.withdraw}
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      <Failure text={failure} />
      {!file.ended && (
        <button type="button" aria-disabled={busy} onClick={() => give()}>
          {t.addTelephone}
        </button>
      )}
      {given && <Code given={given} onClose={() => setGiven(null)} />}
    </section>
  );
};
