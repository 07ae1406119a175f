/* /bouton: a telephone as the button of one person. It looks like a clock; three taps are a call for help. */
import { render } from 'preact';
import { useEffect, useReducer, useState } from 'preact/hooks';
import { Arm } from './bouton/arm';
import { Button } from './bouton/button';
import { Clock } from './bouton/clock';
import { Enrol } from './bouton/enrol';
import { Status } from './bouton/status';
import { deviceTheme, useTheme } from './theme';
import { Urgency } from './ui';
import './base.css';
import './phone.css';
import './bouton/bouton.css';

type Screen = 'setup' | 'clock' | 'status';

const useButton = (button: Button): void => {
  const [, wake] = useReducer((count: number) => count + 1, 0);
  useEffect(() => button.listen(() => wake(undefined)), []);
};

/* Not armed yet: which question comes next. */
const Setup = ({ button, onArmed }: { button: Button; onArmed(): void }) => {
  useButton(button);
  const isUnlinked = button.link.state === 'refused';
  if (!button.credential || isUnlinked) return <Enrol unlinked={isUnlinked} onCredential={(credential) => button.enrol(credential)} />;
  return <Arm button={button} onArmed={onArmed} />;
};

const Bouton = ({ button }: { button: Button }) => {
  useTheme(deviceTheme());
  const [screen, setScreen] = useState<Screen>(button.isArmed ? 'clock' : 'setup');
  const openStatus = (): void => {
    if (!button.isInAlert) setScreen('status');
  };
  if (screen === 'clock') return <Clock onCall={() => button.call()} onTouch={() => button.capture.wake()} onLongPress={openStatus} />;
  return (
    <div class="phone">
      <header class="top">
        <Urgency />
      </header>
      {screen === 'setup' && <Setup button={button} onArmed={() => setScreen('clock')} />}
      {screen === 'status' && <Status button={button} onLeave={() => setScreen('clock')} />}
    </div>
  );
};

/* The page must open without a network too. */
const keepPage = (): void => void navigator.serviceWorker?.register('/bouton-service.js', { scope: '/bouton' }).catch(() => undefined);

const start = async (page: HTMLElement): Promise<void> => {
  const button = new Button();
  await button.load().catch(() => undefined);
  render(<Bouton button={button} />, page);
};

const page = document.getElementById('page');
if (page) {
  void start(page);
  keepPage();
}
