import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Visits } from './visits';
import type { FromPhone, Visit } from './wire';

const visit: Visit = { id: 'v', place: 'Ferme des Aulnes', person: '', announced_at: 0, due_at: 3600000 };

/* Nothing can be kept here, as on a telephone whose storage is refused: all is said all the same. */
const aTelephone = (): { visits: Visits; sent: FromPhone[]; pinsSent(): unknown[] } => {
  const sent: FromPhone[] = [];
  const visits = new Visits({ send: (message) => sent.push(message), onChange: () => undefined, tooLate: 'trop tard' });
  visits.onWelcome(visit);
  const pinsSent = (): unknown[] => sent.splice(0).map((message) => (message.type === 'extend' ? message.pin : message.type));
  return { visits, sent, pinsSent };
};

const answer = (at: number, right: boolean, problem: string | null): Parameters<Visits['onVisit']>[0] => ({ at, right, problem, visit });

const atOf = (message: FromPhone | undefined): number => (message?.type === 'extend' ? message.at : NaN);

const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test('a code typed to prolong without a network is said whatever is typed after it, until it is answered', async () => {
  const { visits, sent, pinsSent } = aTelephone();
  void visits.extend('9264', 30);
  const first = atOf(sent[0]);
  await aMoment();
  void visits.extend('7031', 15);
  pinsSent();
  visits.flush();
  const second = atOf(sent[1]);
  assert.deepEqual(pinsSent(), ['9264', '7031']);
  visits.onVisit(answer(second, true, null));
  visits.flush();
  assert.deepEqual(pinsSent(), ['9264']);
  assert.equal(visits.isProlonging, true);
  visits.onVisit(answer(first, true, null));
  visits.flush();
  assert.deepEqual(pinsSent(), []);
  assert.equal(visits.isProlonging, false);
});

test('only what the server says of the code makes it wrong', async () => {
  const { visits, sent } = aTelephone();
  const refused = visits.extend('7031', 30);
  visits.onVisit(answer(atOf(sent[0]), true, 'Une visite dure au plus douze heures.'));
  assert.equal(visits.problem, 'Une visite dure au plus douze heures.');
  await aMoment();
  const wrong = visits.extend('1111', 30);
  visits.onVisit(answer(atOf(sent.at(-1)), false, 'Ce code n’est pas le bon.'));
  assert.deepEqual(await Promise.all([refused, wrong]), [true, false]);
});
