/* One entry of the journal as one French sentence of the timeline. Pure. */
import type { Entry, Outcome } from '../api';
import { age, clock, phone } from '../format';
import { messages } from '../messages';
import { fromServer } from '../server';

export type Sentence = { text: string; said: string | null; weight: 'plain' | 'strong' | 'trouble' };

const t = messages.timeline;

type Words = { who: string; name: string; unit: string; said: string | null; body: Entry['body'] };

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const outcomeOf = (value: unknown): string => messages.alert.outcomes[value as Outcome] ?? textOf(value);

const hourOf = (value: unknown): string => clock(Number(value ?? 0)).slice(0, 5);

const peopleAndPlace = (body: Entry['body']): string => [textOf(body['place']), textOf(body['person'])].filter(Boolean).join(', ');

/* One row a kind: what happened, and whether the eye should stop there. */
const rows: Record<Entry['kind'], [(w: Words) => string, Sentence['weight']]> = {
  'alert.raised': [() => t.raised, 'strong'],
  'alert.triggered': [() => t.triggered, 'strong'],
  'alert.painted': [({ who }) => t.painted(who), 'plain'],
  'alert.claimed': [({ who }) => t.claimed(who), 'strong'],
  'alert.taken_over': [({ who, body }) => t.takenOver(who, textOf(body['from'])), 'strong'],
  'alert.merged': [({ who, body }) => t.merged(who, Number(body['ref'])), 'strong'],
  'alert.took_in': [({ who, body }) => t.tookIn(who, Number(body['ref'])), 'strong'],
  'alert.unmerged': [({ who, body }) => t.unmerged(who, Number(body['ref'])), 'strong'],
  'alert.let_go': [({ who, body }) => t.letGo(who, Number(body['ref'])), 'strong'],
  'alert.shown': [({ body }) => t.shown(textOf(body['room']), Number(body['ref'])), 'strong'],
  'alert.silenced': [({ body }) => t.silenced(Number(body['ref'])), 'trouble'],
  'alert.offered': [({ who }) => t.offered(who), 'strong'],
  'alert.accepted': [({ who, body }) => t.accepted(who, textOf(body['from'])), 'strong'],
  'alert.offer_withdrawn': [({ who }) => t.offerWithdrawn(who), 'plain'],
  'alert.released': [({ who }) => t.released(who), 'trouble'],
  'alert.noted': [({ who }) => t.noted(who), 'plain'],
  'alert.closed': [({ who, body }) => t.closed(who, outcomeOf(body['outcome'])), 'strong'],
  'alert.reopened': [({ who }) => t.reopened(who), 'strong'],
  'alert.climbed': [({ body }) => t.climbed(t.steps[textOf(body['step'])] ?? textOf(body['step']), textOf(body['target'])), 'trouble'],
  'unit.sent': [({ who, unit }) => t.unitSent(who, unit), 'strong'],
  'unit.received': [({ unit }) => t.unitReceived(unit), 'plain'],
  'unit.en_route': [({ unit }) => t.unitEnRoute(unit), 'strong'],
  'unit.arrived': [({ unit }) => t.unitArrived(unit), 'strong'],
  'unit.declined': [({ unit }) => t.unitDeclined(unit), 'trouble'],
  'unit.silent': [({ unit }) => t.unitSilent(unit), 'trouble'],
  'unit.cancelled': [({ who, unit }) => t.unitCancelled(who, unit), 'plain'],
  'contact.messaged': [({ name }) => t.contactMessaged(name), 'plain'],
  'contact.answered': [({ name }) => t.contactAnswered(name), 'strong'],
  'contact.silent': [({ name }) => t.contactSilent(name), 'trouble'],
  'message.accepted': [({ name }) => t.messageAccepted(name), 'plain'],
  'message.sent': [({ name }) => t.messageSent(name), 'plain'],
  'message.delivered': [({ name }) => t.messageDelivered(name), 'plain'],
  'message.failed': [({ name }) => t.messageFailed(name), 'trouble'],
  'message.late': [({ name }) => t.messageLate(name), 'trouble'],
  'link.revoked': [({ name }) => t.linkRevoked(name), 'plain'],
  'device.asked': [({ body }) => t.deviceAsked[textOf(body['request'])] ?? t.deviceAskedOther, 'plain'],
  'device.unreached': [() => t.deviceUnreached, 'trouble'],
  'device.lost': [() => t.deviceLost, 'trouble'],
  'device.back': [() => t.deviceBack, 'plain'],
  'device.voice': [() => t.deviceVoice, 'plain'],
  'sound.listened': [({ who }) => t.soundListened(who), 'plain'],
  'sound.left': [({ who, body }) => t.soundLeft(who, age(1000 * Number(body['seconds'] ?? 0))), 'plain'],
  'talk.began': [({ who }) => t.talkBegan(who), 'strong'],
  'talk.ended': [({ who, body }) => t.talkEnded(who, age(1000 * Number(body['seconds'] ?? 0))), 'plain'],
  'sound.marked': [({ who }) => t.soundMarked(who), 'strong'],
  'sound.seal_asked': [({ who }) => t.sealAsked(who), 'plain'],
  'sound.sealed': [({ who }) => t.sealed(who), 'strong'],
  'sound.seal_withdrawn': [({ who }) => t.sealWithdrawn(who), 'plain'],
  'sound.unseal_asked': [({ who }) => t.unsealAsked(who), 'plain'],
  'sound.unsealed': [({ who }) => t.unsealed(who), 'strong'],
  'sound.unseal_withdrawn': [({ who }) => t.unsealWithdrawn(who), 'plain'],
  'sound.deleted': [({ body }) => t.soundDeleted(Number(body['days'] ?? 0)), 'plain'],
  'end.asked': [() => t.endAsked, 'strong'],
  'end.duress': [() => t.endDuress, 'trouble'],
  'end.refused': [({ body }) => t.endRefused(Number(body['tries'])), 'trouble'],
  'alert.called': [({ who, body }) => t.called(who, phone(textOf(body['number']))), 'strong'],
  'call.rang': [() => t.call, 'plain'],
  'call.answered': [() => t.call, 'plain'],
  'call.hung_up': [() => t.call, 'plain'],
  'call.claimed': [() => t.call, 'plain'],
  'call.identified': [() => t.call, 'plain'],
  'call.offered': [() => t.call, 'plain'],
  'call.accepted': [() => t.call, 'plain'],
  'call.offer_withdrawn': [() => t.call, 'plain'],
  'call.located': [() => t.call, 'plain'],
  'call.joined': [() => t.call, 'plain'],
  'call.closed': [() => t.call, 'plain'],
  'visit.announced': [({ body }) => t.visitAnnounced(peopleAndPlace(body), hourOf(body['announced_at']), hourOf(body['due_at'])), 'strong'],
  'visit.extended': [({ body }) => t.visitExtended(peopleAndPlace(body), hourOf(body['due_at'])), 'strong'],
  'visit.ended': [({ body }) => t.visitEnded(peopleAndPlace(body)), 'strong'],
  'visit.missed': [({ body }) => t.visitMissed(peopleAndPlace(body), hourOf(body['due_at'])), 'trouble'],
  fix: [() => t.fix, 'plain'],
  unverified: [() => t.unverified, 'plain'],
};

export const sentenceOf = ({ kind, actor, body }: Entry): Sentence => {
  const who = actor.name ?? t.actors[actor.kind] ?? t.someone;
  const named = (key: string, kindOfActor: string): string | null =>
    textOf(body[key]) || (actor.kind === kindOfActor ? actor.name : null);
  const unitName = textOf(body['unit']);
  const words: Words = {
    who,
    body,
    name: body['duty'] === true ? t.duty(unitName) : (named('name', 'contact') ?? (unitName || t.noName)),
    unit: named('unit', 'unit') ?? t.noUnit,
    said: textOf(body['text']) || textOf(body['reason']) || fromServer(textOf(body['error'])) || null,
  };
  const [say, weight] = rows[kind];
  return { text: say(words), said: words.said, weight };
};
