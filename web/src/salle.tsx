/* /salle: login, the post, the room. */
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Configuration, Session } from './api';
import { setServerClock } from './clock';
import { messages } from './messages';
import { get, reasonOf } from './request';
import { Login, TakePost } from './salle/login';
import { RoomPage } from './salle/room';
import { createSounds, type Sounds } from './salle/sound';
import { sessionNow } from './session';
import { useTheme } from './theme';
import './base.css';
import './salle.css';
import './salle/calls.css';

type Step =
  | { name: 'loading'; failure: string | null }
  | { name: 'login'; ended: boolean }
  | { name: 'take'; session: Session }
  | { name: 'room'; session: Session; sounds: Sounds };

const retryMs = 2000;

const Salle = () => {
  const [theme, turnTheme] = useTheme('night');
  const [configuration, setConfiguration] = useState<Configuration>();
  const [step, setStep] = useState<Step>({ name: 'loading', failure: null });

  const start = async (): Promise<void> => {
    try {
      const loaded = await get<Configuration>('/api/configuration');
      setServerClock(loaded.now);
      setConfiguration(loaded);
      const session = await sessionNow();
      setStep(session ? { name: 'take', session } : { name: 'login', ended: false });
    } catch (thrown) {
      setStep({ name: 'loading', failure: reasonOf(thrown) });
      setTimeout(() => void start(), retryMs);
    }
  };
  useEffect(() => void start(), []);

  const take = (session: Session) => async (): Promise<void> => {
    const sounds = createSounds();
    await sounds.unlock();
    sounds.play('step');
    setStep({ name: 'room', session, sounds });
  };
  const out = (ended: boolean) => (): void => {
    if (step.name === 'room') step.sounds.close();
    setStep({ name: 'login', ended });
  };

  if (!configuration || step.name === 'loading') {
    return (
      <main class="gate">
        <h1>{messages.room.heading}</h1>
        <p role="status">{step.name === 'loading' && step.failure ? step.failure : messages.loading}</p>
      </main>
    );
  }
  switch (step.name) {
    case 'login':
      return (
        <Login
          heading={messages.room.login.heading}
          ended={step.ended ? messages.room.login.ended : null}
          onSession={(session) => setStep({ name: 'take', session })}
        />
      );
    case 'take':
      return <TakePost session={step.session} onSession={(session) => setStep({ name: 'take', session })} onTake={() => void take(step.session)()} onOut={out(false)} />;
    case 'room':
      return (
        <RoomPage
          session={step.session}
          sounds={step.sounds}
          configuration={configuration}
          night={theme === 'night'}
          onTheme={turnTheme}
          onEnded={out(true)}
          onLeave={out(false)}
        />
      );
  }
};

const page = document.getElementById('page');
if (page) render(<Salle />, page);
