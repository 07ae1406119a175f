/* /bouton: a telephone as the button of one person. It looks like a clock; three taps are a call for help. */
import { render } from 'preact';
import { useEffect, useReducer, useState } from 'preact/hooks';
import { Arm } from './bouton/arm';
import { Button } from './bouton/button';
import { Choose } from './bouton/choose';
import { Clock } from './bouton/clock';
import { Elsewhere } from './bouton/elsewhere';
import { Enrol } from './bouton/enrol';
import { Keypad } from './bouton/keypad';
import { Sheet } from './bouton/sheet';
import { Status } from './bouton/status';
import { takeTurn } from './bouton/turn';
import { Visit } from './bouton/visit';
import { messages } from './messages';
import { deviceTheme, useTheme } from './theme';
import './base.css';
import './phone.css';
import './bouton/bouton.css';

type Screen = 'setup' | 'clock' | 'status' | 'codes' | 'keypad' | 'visit';

const t = messages.button;

const useButton = (button: Button): void => {
  const [, wake] = useReducer((count: number) => count + 1, 0);
  useEffect(() => button.listen(() => wake(undefined)), []);
};

/* Not armed yet: which question comes next. */
type SetupProps = { button: Button; onArmed(): void; onCodes(): void; onVisit(): void };

const Setup = ({ button, onArmed, onCodes, onVisit }: SetupProps) => {
  useButton(button);
  const isUnlinked = button.link.state === 'refused';
  if (!button.credential || isUnlinked) return <Enrol unlinked={isUnlinked} onCredential={(credential) => button.enrol(credential)} />;
  return <Arm button={button} onArmed={onArmed} onCodes={onCodes} onVisit={onVisit} />;
};

const Prevention = (props: Parameters<typeof Visit>[0]) => {
  useButton(props.button);
  return <Visit {...props} />;
};

const Bouton = ({ button }: { button: Button }) => {
  useTheme(deviceTheme());
  const [screen, setScreen] = useState<Screen>(button.isArmed ? 'clock' : 'setup');
  const home = (): void => setScreen(button.isArmed ? 'clock' : 'setup');
  const open = (): void => {
    /* What is not announced yet hides nothing: nobody waits for them. */
    if (button.visits.current) setScreen('visit');
    else if (!button.hasCalled) setScreen(button.visits.announcement ? 'visit' : 'status');
    else if (button.hasPins) setScreen('keypad');
  };
  const show = (screen: Screen) => (): void => setScreen(screen);
  if (screen === 'clock') return <Clock onCall={() => button.call()} onTouch={() => button.capture.wake()} onLongPress={open} />;
  if (screen === 'keypad') return <Keypad submit={(pin) => button.codes.type(pin)} heading={t.keypad.heading} noted={t.keypad.noted} onLeave={home} />;
  if (screen === 'visit') return <Prevention button={button} onLeave={home} onCodes={show('codes')} onTest={show('status')} />;
  return (
    <Sheet isFirst={screen === 'setup'}>
      {screen === 'setup' && <Setup button={button} onArmed={home} onCodes={show('codes')} onVisit={show('visit')} />}
      {screen === 'status' && <Status button={button} onLeave={home} onCodes={show('codes')} onVisit={show('visit')} />}
      {screen === 'codes' && <Choose button={button} onDone={home} />}
    </Sheet>
  );
};

/* The page must open without a network too. */
const keepPage = (): void => void navigator.serviceWorker?.register('/bouton-service.js', { scope: '/bouton' }).catch(() => undefined);

const start = async (page: HTMLElement): Promise<void> => {
  let button: Button | undefined;
  await takeTurn({
    onElsewhere: (take) => render(<Elsewhere onTake={take} />, page),
    onAsked: async () => button?.leave(),
  });
  button = new Button();
  await button.load().catch(() => undefined);
  render(<Bouton button={button} />, page);
};

const page = document.getElementById('page');
if (page) {
  void start(page);
  keepPage();
}
