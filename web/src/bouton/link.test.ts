import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Link } from './link';

/* A network that is silent when it is told to be, and a clock that is moved by hand. */
class Line {
  static made: Line[] = [];
  binaryType = '';
  bufferedAmount = 0;
  isClosed = false;
  sent: string[] = [];
  onopen = (): void => undefined;
  onmessage: (event: { data: unknown }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;

  constructor() {
    Line.made.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }

  say(message: object): void {
    this.onmessage({ data: JSON.stringify(message) });
  }

  welcome(): void {
    this.onopen();
    this.say({ type: 'welcome', now: 0, sound: true, silent: true, alert: null, streams: [] });
  }
}

let now = 0;
let look = (): void => undefined;

const pass = (ms: number): void => {
  for (const end = now + ms; now < end; look()) now += 250;
};

const aLink = (isWaiting: boolean): { link: Link; first: Line } => {
  Line.made = [];
  const globals = {
    performance: { now: () => now },
    addEventListener: () => undefined,
    document: { addEventListener: () => undefined },
    location: { origin: 'http://telephone.invalid' },
    setInterval: (tick: () => void) => (look = tick),
    WebSocket: Line,
  };
  for (const [name, value] of Object.entries(globals)) Object.defineProperty(globalThis, name, { value, configurable: true });
  const link = new Link({
    greet: () => [],
    onOpen: () => undefined,
    onMessage: () => undefined,
    onBytes: () => undefined,
    onState: () => undefined,
    isWaiting: () => isWaiting,
  });
  link.start({ device: 'd', secret: 's', label: 'Téléphone' });
  const first = Line.made[0]!;
  first.welcome();
  first.say({ type: 'now', now: 0 });
  return { link, first };
};

const asked = (line: Line): number => line.sent.filter((text) => text.includes('"alive"')).length;

test('a call on a line that has been quiet for long keeps it, and asks at once', () => {
  const { link, first } = aLink(false);
  pass(15000);
  const before = asked(first);
  link.inAlert = true;
  assert.equal(asked(first), before + 1);
  pass(9000);
  assert.equal(first.isClosed, false);
  pass(2000);
  assert.equal(first.isClosed, true);
});

test('the line beside takes over from one that stays silent, and is not dropped with it', () => {
  const { link, first } = aLink(true);
  link.inAlert = true;
  pass(10500);
  const [, beside] = Line.made;
  assert.ok(beside);
  assert.equal(first.isClosed, true);
  assert.equal(beside.isClosed, false);
  beside.welcome();
  assert.equal(link.state, 'open');
  assert.equal(Line.made.length, 2);
});

test('a line beside that is never welcomed is left in its turn', () => {
  const { link } = aLink(true);
  link.inAlert = true;
  pass(14000);
  assert.equal(Line.made[1]?.isClosed, true);
  assert.equal(link.state, 'connecting');
});
