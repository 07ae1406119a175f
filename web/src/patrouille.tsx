/* /p/{token}: what the patrol needs on its phone, and the steps it reports. */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { HomeAddress, OtherAddresses } from './addresses';
import type { DispatchState, Patrol, PatrolStep } from './api';
import { clock, day, dayAndTime, phone } from './format';
import { token, useConfiguration, usePolled } from './link';
import { messages } from './messages';
import { Navigation } from './navigation';
import { PlaceCard, Since, Stale, TestMark } from './phone';
import { post } from './request';
import { deviceTheme, useTheme } from './theme';
import { Choices, Dialog, Facts, Failure, Form, LanguageLink, TextField, ThemeButton, useGesture } from './ui';
import './base.css';
import './phone.css';

const t = messages.patrol;

type Step = 'received' | 'en_route' | 'arrived';

/* What the big button does next, by where the mission stands. */
const nextStep: Partial<Record<DispatchState, Step>> = { sent: 'received', received: 'en_route', en_route: 'arrived' };

const report = (body: PatrolStep): Promise<Patrol> => post<Patrol>(`/api/patrouille/${token()}/state`, body);

const Decline = ({ onDone, onClose }: { onDone(patrol: Patrol): void; onClose(): void }) => {
  const [reason, setReason] = useState<string | null>(null);
  const [other, setOther] = useState('');
  const isOther = reason === t.declineReasons.at(-1);
  const text = isOther ? other.trim() : reason;
  return (
    <Dialog title={t.steps.declined} onClose={onClose}>
      <Form
        save={t.declineSend}
        danger
        onSave={async () => onDone(await report({ state: 'declined', reason: text ?? '' }))}
        onDone={onClose}
        check={() => (text ? null : isOther ? t.declineOther : t.declineTitle)}
      >
        <Choices
          legend={t.declineTitle}
          choices={t.declineReasons.map((label) => ({ value: label, label }))}
          value={reason}
          onChoose={setReason}
          focus
        />
        {isOther && <TextField label={t.declineOther} value={other} onInput={setOther} rows={2} focus />}
      </Form>
    </Dialog>
  );
};

const Mission = ({ patrol, onPatrol }: { patrol: Patrol; onPatrol(patrol: Patrol): void }) => {
  const { busy, failure, run } = useGesture();
  const [declining, setDeclining] = useState(false);
  const { dispatch } = patrol;
  const next = nextStep[dispatch.state];
  const go = (state: Step) => () => void run(async () => onPatrol(await report({ state })));
  return (
    <div class="foot">
      <p class="mission-state" role="status">
        {t.states[dispatch.state]}
      </p>
      <Failure text={failure} />
      {next && (
        <button type="button" class="primary large" aria-disabled={busy} onClick={go(next)}>
          {t.steps[next]}
        </button>
      )}
      {next && (
        <button type="button" class="quiet decline" onClick={() => setDeclining(true)}>
          {t.steps.declined}
        </button>
      )}
      {declining && <Decline onDone={onPatrol} onClose={() => setDeclining(false)} />}
    </div>
  );
};

const Steps = ({ dispatch }: { dispatch: Patrol['dispatch'] }) => {
  const at: Record<Step, number | null> = { received: dispatch.received_at, en_route: dispatch.en_route_at, arrived: dispatch.arrived_at };
  const done = (Object.keys(at) as Step[]).filter((step) => at[step] !== null);
  return <Facts rows={done.map((step) => [t.steps[step], clock(at[step] ?? 0)])} />;
};

const Who = ({ patrol }: { patrol: Patrol }) => (
  <section class="card">
    <h2>{t.who}</h2>
    {patrol.official && (
      <p>
        {patrol.official.mandate}, {patrol.official.commune}
      </p>
    )}
    <Facts
      rows={[
        [messages.room.person.household, patrol.household !== null && messages.room.person.householdCount(patrol.household)],
        [t.phone, patrol.phone && <Phone number={patrol.phone} />],
        [t.remarks, patrol.remarks],
      ]}
    />
    {(patrol.address || patrol.access) && <HomeAddress {...patrol} />}
    {patrol.places.length > 0 && <OtherAddresses {...patrol} />}
  </section>
);

/* Where to look when nothing is heard of somebody. */
const Visit = ({ visit: { place, person, due_at } }: { visit: NonNullable<Patrol['visit']> }) => (
  <section class="card">
    <h2>{t.visit.heading}</h2>
    <Facts rows={[[t.visit.place, place], [t.visit.person, person], [t.visit.due, day(due_at) === day(Date.now()) ? clock(due_at).slice(0, 5) : dayAndTime(due_at)]]} />
  </section>
);

const Phone = ({ number }: { number: string }) => <a href={`tel:${number.replace(/\s/g, '')}`}>{phone(number)}</a>;

const Ended = ({ title, text }: { title: string; text: string }) => (
  <main>
    <h1>{title}</h1>
    <p>{text}</p>
  </main>
);

const CallRoom = ({ room }: { room: Patrol['room'] }) =>
  room.phone && (
    <a class="button wide-button" href={`tel:${room.phone.replace(/\s/g, '')}`}>
      {t.callRoom(room.name)}
    </a>
  );

const isOver = ({ dispatch }: Patrol): boolean => dispatch.state === 'declined' || dispatch.state === 'cancelled';

/* Declined, or called off while the page was open: who and where are no longer the unit's to see. */
const Over = ({ patrol }: { patrol: Patrol }) => (
  <main>
    <div role="alert">
      <h1>{t.states[patrol.dispatch.state]}</h1>
    </div>
    <p>{t.overText}</p>
    <CallRoom room={patrol.room} />
  </main>
);

const Patrouille = () => {
  const configuration = useConfiguration();
  const [theme, turnTheme] = useTheme(deviceTheme());
  const { value: patrol, dead, heardAt, set } = usePolled<Patrol>(`/api/patrouille/${token()}`);
  const closed = patrol !== undefined && (dead || patrol.state === 'closed');
  return (
    <div class="phone">
      <header class="top">
        <p class="mark">{patrol ? t.ref(patrol.ref) : messages.product}</p>
        <LanguageLink />
        <ThemeButton theme={theme} onTurn={turnTheme} />
        <TestMark test={patrol?.test} />
      </header>
      {closed && <Ended title={t.closedTitle} text={t.closedText} />}
      {!patrol && dead && <Ended title={t.dead} text={t.deadText} />}
      {!patrol && !dead && (
        <main>
          <h1 class="quiet-heading">{messages.loading}</h1>
        </main>
      )}
      {patrol && !closed && isOver(patrol) && <Over patrol={patrol} />}
      {patrol && !closed && !isOver(patrol) && (
        <main>
          {patrol.silent && (
            <p class="silent-note">
              <strong>{t.silentTitle}</strong>
              {t.silentText}
            </p>
          )}
          <h1>{patrol.official?.name ?? messages.room.list.unknownPerson}</h1>
          <Since at={patrol.raised_at} />
          <Stale heardAt={heardAt} />
          {patrol.visit && <Visit visit={patrol.visit} />}
          <PlaceCard title={t.where} fix={patrol.fix} trail={patrol.trail} configuration={configuration} theme={theme}>
            {patrol.fix && <Navigation fix={patrol.fix} />}
          </PlaceCard>
          <Who patrol={patrol} />
          <section class="card">
            <h2>{patrol.unit.name}</h2>
            <Steps dispatch={patrol.dispatch} />
            <CallRoom room={patrol.room} />
          </section>
          <Mission patrol={patrol} onPatrol={set} />
        </main>
      )}
    </div>
  );
};

const page = document.getElementById('page');
if (page) render(<Patrouille />, page);
