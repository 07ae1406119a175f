/* Registrations that somebody at the counter has something to do about; an administrator sees them. */
import { useEffect, useId, useState } from 'preact/hooks';
import type { Term, TermEnd, TermList } from '../api';
import { calendarDay, phone } from '../format';
import { messages } from '../messages';
import { post } from '../request';
import { Register } from './register';
import { Choices, Dialog, Failure, Form, Tick, useGesture } from '../ui';

const t = messages.counter.terms;

type Why = TermEnd['why'];
type Act = { what: 'confirm' | 'prolong' | 'mandateEnds' | 'end'; term: Term };
const whys: Why[] = ['asked', 'protection', 'mandate'];

/* What ends is prolonged, or ends: that it is wanted was said. */
const possible: Record<Term['task'], Act['what'][]> = {
  end_asked: ['confirm', 'prolong', 'end'],
  go_on: ['prolong', 'end'],
  ends: ['prolong', 'end'],
  mandate_gone: ['confirm', 'prolong', 'mandateEnds', 'end'],
  confirm: ['confirm', 'prolong', 'end'],
  ended: ['prolong'],
};

const labelOf = ({ what, term }: Act): string => (what === 'prolong' && term.task === 'ended' ? t.takeBack : t[what]);
const doneOf = ({ what, term }: Act): string => t[`${what}Done`](term.name);

const DayField = ({ label, value, onInput }: { label: string; value: string; onInput(value: string): void }) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} type="date" value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </div>
  );
};

const Acting = ({ act, onDone, onClose }: { act: Act; onDone(): void; onClose(): void }) => {
  const { what, term } = act;
  const [verified, setVerified] = useState(false);
  /* A mandate that ended leaves the rest as it was: the day that is proposed is looked at here. */
  const ends = what === 'mandateEnds';
  const [until, setUntil] = useState(ends ? (term.until ?? '') : '');
  const [mandateUntil, setMandateUntil] = useState((ends ? term.mandate_ends : term.mandate_until) ?? '');
  const [why, setWhy] = useState<Why>(term.mandate_gone ? 'mandate' : 'asked');
  const [reason, setReason] = useState('');
  const [mark, setMark] = useState('');
  const reasonId = useId();
  const days = { ...(until && { until }), ...(mandateUntil && { mandate_until: mandateUntil }) };
  const bodies = {
    confirm: {},
    prolong: { ...days, ...(mark && { register_mark: mark }) },
    mandateEnds: days,
    end: { why, ...(reason && { reason }) },
  };
  const save = (): Promise<unknown> =>
    post(`/api/counter/terms/${ends ? 'prolong' : what}`, { official: term.official, verified: verified ? 'oui' : 'non', ...bodies[what] });
  return (
    <Dialog title={t.act(labelOf(act), term.name)} onClose={onClose}>
      <Form save={labelOf(act)} danger={what === 'end'} check={() => (!verified ? t.verifyFirst : ends && !mandateUntil ? t.mandateDay : null)} onSave={save} onDone={onDone}>
        {what === 'prolong' && (
          <>
            <DayField label={t.until} value={until} onInput={setUntil} />
            <DayField label={t.mandateUntil} value={mandateUntil} onInput={setMandateUntil} />
            <p class="muted small">{t.dates}</p>
            <p>{t.otherMandate}</p>
            <Register values={{ name: term.name, commune_code: term.commune_code ?? '' }} mark={mark} onChoose={setMark} />
          </>
        )}
        {ends && (
          <>
            <DayField label={t.mandateUntil} value={mandateUntil} onInput={setMandateUntil} />
            <p class="muted small">{t.mandateEndsHelp}</p>
          </>
        )}
        {what === 'end' && (
          <>
            <Choices legend={t.why} choices={whys.map((value) => ({ value, label: t.whys[value] }))} value={why} onChoose={(value) => setWhy(value as Why)} />
            <div class="field">
              <label for={reasonId}>{t.reason}</label>
              <input id={reasonId} autocomplete="off" value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
            </div>
            <p class="muted small">{t.endHelp}</p>
          </>
        )}
        <Tick checked={verified} onTick={setVerified}>
          {t.verified}
        </Tick>
      </Form>
    </Dialog>
  );
};

const Row = ({ term, canAct, onAct }: { term: Term; canAct: boolean; onAct(act: Act): void }) => {
  const what = possible[term.task];
  const who = [term.name, term.mandate, term.commune].filter(Boolean).join(', ');
  return (
    <li class={`term ${term.task}`}>
      <h3>{who}</h3>
      {term.task !== 'mandate_gone' && <p class="task">{t.tasks[term.task](calendarDay(term.ends), t.whys[term.why], term.why === 'mandate')}</p>}
      {term.mandate_gone && <p class={term.task === 'mandate_gone' ? 'task' : 'small'}>{t.mandateGone(calendarDay(term.mandate_gone))}</p>}
      <p class="muted small">
        {[phone(term.phone), t.confirmed(calendarDay(term.confirmed)), term.sms && t.sms[term.sms]].filter(Boolean).join(' · ')}
      </p>
      {term.hold && <p class="small">{t.held(term.hold.reason)}</p>}
      {term.erased && !term.hold && <p class="small">{t.erased(calendarDay(term.erased))}</p>}
      {canAct && (
        <div class="deeds">
          {what.map((one) => (
            <button key={one} type="button" aria-label={t.act(labelOf({ what: one, term }), term.name)} onClick={() => onAct({ what: one, term })}>
              {labelOf({ what: one, term })}
            </button>
          ))}
        </div>
      )}
    </li>
  );
};

export const Terms = ({ canAct }: { canAct: boolean }) => {
  const [list, setList] = useState<TermList | null>(null);
  const [act, setAct] = useState<Act | null>(null);
  const [done, setDone] = useState('');
  const { failure, run } = useGesture();
  const load = (): void => void run(async () => setList(await post<TermList>('/api/counter/terms', {})));
  useEffect(load, []);
  return (
    <section class="terms">
      <h2>{t.heading}</h2>
      {!canAct && <p class="muted">{t.readOnly}</p>}
      <p role="status" class={done ? 'notice' : ''}>
        {done}
      </p>
      <Failure text={failure} />
      {list?.terms.length === 0 && <p>{t.none}</p>}
      <ul>
        {list?.terms.map((term) => (
          <Row key={term.official} term={term} canAct={canAct} onAct={setAct} />
        ))}
      </ul>
      {list?.more && <p class="muted">{t.more}</p>}
      {act && (
        <Acting
          act={act}
          onClose={() => setAct(null)}
          onDone={() => {
            setDone(doneOf(act));
            setAct(null);
            load();
          }}
        />
      )}
    </section>
  );
};
