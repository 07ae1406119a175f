/* The file open: what it holds and on what ground, the sheet given by consent, the devices, and what its official may do. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { OwnCopy, OwnFile } from '../api';
import { day, dayAndTime } from '../format';
import { bodyOf, stepsOf, type Values } from '../inscription/fields';
import { StepFields, useSaving } from '../inscription/form';
import { groundOf } from '../inscription/grounds';
import { messages } from '../messages';
import { get, post, remove } from '../request';
import { Failure, useGesture } from '../ui';
import { contactOf, deviceOf, entriesOf, labelOf, listed, termRows } from './copy';
import { Readings } from './list';
import { formOf, hasSheet, shown } from './values';

const t = messages.own;
const r = messages.registration;

type Props = { own: OwnFile; onChange(): Promise<void> };

const Held = ({ name, value, ground }: { name: string; value: string; ground?: string }) => (
  <div class="held">
    <dt>{name}</dt>
    <dd>
      {value || <span class="muted">{t.none}</span>}
      {ground && <p class="ground small">{ground}</p>}
    </dd>
  </div>
);

const Facts = ({ own: { file } }: { own: OwnFile }) => (
  <section class="card">
    <h2>{t.fileHeading}</h2>
    <p>{t.fileLead(day(file.registered_at), file.force ? messages.forces[file.force] : '', file.unit)}</p>
    <dl>
      {listed.map((key) => (
        <Held key={key} name={labelOf(key)} value={shown(file, key)} ground={groundOf(key, file.force)} />
      ))}
      <Held name={t.level} value={file.level === null ? '' : (messages.levels[file.level - 1] ?? '')} ground={t.levelGround} />
    </dl>
  </section>
);

const Term = ({ own, done }: { own: OwnFile; done(said: string): Promise<void> }) => {
  const { busy, failure, run } = useGesture();
  const keep = (): Promise<void> => post('/api/own/term', {}).then(() => done(t.term.kept));
  return (
    <section class="card">
      <h2>{messages.term.heading}</h2>
      <dl>
        {termRows(own).map(({ name, value }) => (
          <Held key={name} name={name} value={value} />
        ))}
      </dl>
      {own.term.asked && (
        <>
          <p>{t.term.lead}</p>
          <button type="button" class="primary" aria-disabled={busy} onClick={() => void (!busy && run(keep))}>
            {t.term.keep}
          </button>
          <Failure text={failure} />
        </>
      )}
    </section>
  );
};

/* What cannot be undone is asked again, in the same place; the focus is on what changes nothing. */
const Twice = ({ label, warning, sure, run }: { label: string; warning: string; sure: string; run(): Promise<unknown> }) => {
  const [isAsked, setAsked] = useState(false);
  const { busy, failure, run: go } = useGesture();
  const keep = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (isAsked) keep.current?.focus();
  }, [isAsked]);
  if (!isAsked)
    return (
      <button type="button" onClick={() => setAsked(true)}>
        {label}
      </button>
    );
  return (
    <div class="twice" role="group" aria-label={label}>
      <p>{warning}</p>
      <Failure text={failure} />
      <button type="button" ref={keep} onClick={() => setAsked(false)}>
        {t.keep}
      </button>
      <button type="button" class="danger" aria-disabled={busy} onClick={() => void (!busy && go(run))}>
        {sure}
      </button>
    </div>
  );
};

const Sheet = ({ own, done }: { own: OwnFile; done(said: string): Promise<void> }) => (
  <section class="card">
    <h2>{t.sheetHeading}</h2>
    <p>{t.sheetLead}</p>
    {hasSheet(own) ? (
      <>
        <dl>
          <Held name={labelOf('access')} value={own.file.access ?? ''} />
          {entriesOf(own.file).map(({ name, access }) => (
            <Held key={name} name={name} value={access} />
          ))}
          <Held name={labelOf('remarks')} value={own.file.remarks ?? ''} />
          {own.contacts.map((one, i) => (
            <Held key={one.phone} name={r.trusted.person(i + 1)} value={contactOf(one)} />
          ))}
        </dl>
        <Twice label={t.withdraw} warning={t.withdrawWarning} sure={t.withdrawSure} run={() => remove('/api/own/consent').then(() => done(t.withdrawn))} />
      </>
    ) : (
      <p class="muted">{t.sheetNone}</p>
    )}
  </section>
);

const Devices = ({ own }: { own: OwnFile }) => (
  <section class="card">
    <h2>{t.devicesHeading}</h2>
    {own.devices.length === 0 && <p class="muted">{t.devicesNone}</p>}
    <ul>
      {own.devices.map((one) => (
        <li key={one.label}>
          {one.label} <span class="muted">{deviceOf(one)}</span>
        </li>
      ))}
    </ul>
  </section>
);

/* --- correcting */

const Correction = ({ own, onSent, onCancel }: { own: OwnFile; onSent(): Promise<void>; onCancel(): void }) => {
  const [values, setValues] = useState<Values>(formOf(own));
  const { failure, save, errorOf } = useSaving();
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  const showField = (field: string): void => document.getElementById(field)?.focus();
  const send = async (): Promise<void> => {
    await post('/api/own/correction', bodyOf(values, own.consent_sheet));
    await onSent();
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save(send, showField);
      }}
    >
      <h2 ref={heading} tabIndex={-1}>
        {t.correct.heading}
      </h2>
      <p>{t.correct.lead}</p>
      {stepsOf(own.consent_sheet).map((step) => (
        <fieldset key={step.name}>
          <legend>{r.steps[step.name]}</legend>
          <StepFields step={step} values={values} force={own.file.force ?? ''} errorOf={errorOf} onChange={setValues} />
        </fieldset>
      ))}
      <Failure text={failure} />
      <button type="submit" class="primary large">
        {t.correct.send}
      </button>
      <button type="button" class="quiet" onClick={onCancel}>
        {t.correct.cancel}
      </button>
    </form>
  );
};

const Correct = ({ own, onOpen, done }: { own: OwnFile; onOpen(): void; done(said: string): Promise<void> }) => {
  const { failure, run } = useGesture();
  return (
    <section class="card">
      <h2>{t.correct.heading}</h2>
      <p>{own.correction ? t.correct.waiting(dayAndTime(own.correction.changed_at)) : t.correct.lead}</p>
      <button type="button" onClick={onOpen}>
        {own.correction ? t.correct.again : t.correct.go}
      </button>
      {own.correction && (
        <button type="button" class="quiet" onClick={() => void run(() => remove('/api/own/correction').then(() => done(t.correct.takenBack)))}>
          {t.correct.takeBack}
        </button>
      )}
      <Failure text={failure} />
    </section>
  );
};

/* --- the copy */

const offer = (blob: Blob, name: string): void => {
  const address = URL.createObjectURL(blob);
  Object.assign(document.createElement('a'), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
};

const asJson = async (copy: OwnCopy): Promise<Blob> => new Blob([`${JSON.stringify(copy, null, 2)}\n`], { type: 'application/json' });
const asPdf = async (copy: OwnCopy): Promise<Blob> => (await import('./pdf')).pdfOf(copy);

const Copy = () => {
  const [made, setMade] = useState('');
  const { busy, failure, run } = useGesture();
  const take = (ending: string, write: (copy: OwnCopy) => Promise<Blob>): void => {
    setMade('');
    void run(async () => {
      const name = `${t.copy.file}.${ending}`;
      offer(await write(await get<OwnCopy>('/api/own/copy')), name);
      setMade(t.copy.made(name));
    });
  };
  return (
    <section class="card">
      <h2>{t.copy.heading}</h2>
      <p>{t.copy.words}</p>
      <div class="choices">
        <button type="button" aria-disabled={busy} onClick={() => !busy && take('pdf', asPdf)}>
          {t.copy.pdf}
        </button>
        <button type="button" aria-disabled={busy} onClick={() => !busy && take('json', asJson)}>
          {t.copy.json}
        </button>
      </div>
      <p role="status">{made}</p>
      <Failure text={failure} />
    </section>
  );
};

/* --- leaving */

const Leave = ({ own, done }: { own: OwnFile; done(said: string): Promise<void> }) => (
  <section class="card">
    <h2>{t.leave.heading}</h2>
    {own.leaving ? (
      <p>{t.leave.asked(dayAndTime(own.leaving.asked_at), day(own.leaving.not_before))}</p>
    ) : (
      <>
        <p>{t.leave.lead}</p>
        <Twice label={t.leave.go} warning={t.leave.warning} sure={t.leave.sure} run={() => post('/api/own/leaving', {}).then(() => done(''))} />
      </>
    )}
  </section>
);

const Stay = ({ done }: { done(said: string): Promise<void> }) => {
  const { failure, run } = useGesture();
  return (
    <>
      <button type="button" class="primary" onClick={() => void run(() => remove('/api/own/leaving').then(() => done(t.leave.stayed)))}>
        {t.leave.stay}
      </button>
      <Failure text={failure} />
    </>
  );
};

const Notice = ({ children }: { children: ComponentChildren }) => <div class="notice">{children}</div>;

export const File = ({ own, onChange }: Props) => {
  const [said, setSaid] = useState('');
  const [isCorrecting, setCorrecting] = useState(false);
  const top = useRef<HTMLParagraphElement>(null);
  /* What was asked for is said at the top, where what it changed is too. */
  const done = async (words: string): Promise<void> => {
    await onChange();
    setSaid(words);
    top.current?.focus();
  };
  if (isCorrecting)
    return (
      <Correction
        own={own}
        onCancel={() => setCorrecting(false)}
        onSent={async () => {
          setCorrecting(false);
          await done(t.correct.sent);
        }}
      />
    );
  return (
    <>
      <p ref={top} tabIndex={-1} role="status" class={said ? 'notice' : ''}>
        {said}
      </p>
      {own.leaving && (
        <Notice>
          <p>{t.leave.asked(dayAndTime(own.leaving.asked_at), day(own.leaving.not_before))}</p>
          <Stay done={done} />
        </Notice>
      )}
      <Facts own={own} />
      <Term own={own} done={done} />
      {own.consent_sheet && <Sheet own={own} done={done} />}
      <Devices own={own} />
      <Correct own={own} onOpen={() => setCorrecting(true)} done={done} />
      <Copy />
      <Readings />
      {!own.leaving && <Leave own={own} done={done} />}
    </>
  );
};
