/* The left column: what waits, what is open, and the lane of unknown devices. */
import type { ComponentChildren } from 'preact';
import type { Card, Unverified } from '../api';
import { clock } from '../format';
import { messages } from '../messages';
import { Age, Key } from '../ui';
import { nameOf } from './post';
import { isWaiting, waiting, type Room } from './state';

const t = messages.room.list;

export const rowId = (alert: string): string => `alert-${alert}`;

const claimText = ({ claim }: Card, me: string): string => {
  if (!claim) return '';
  return claim.account.id === me ? t.byYou : t.by(claim.account.name);
};

const Tags = ({ card }: { card: Card }) => (
  <span class="tags">
    {card.test && <span class="tag test">{t.test}</span>}
    {card.warnings.includes('duress') && <span class="tag duress">{messages.alert.warnings.duress}</span>}
    {card.warnings.includes('end_asked') && <span class="tag">{t.endAsked}</span>}
    {card.merged_into && <span class="tag">{t.under(card.merged_into.ref)}</span>}
    {card.silent && <span class="tag silent">{t.silent}</span>}
    {card.level > 0 && card.state === 'raised' && <span class="tag climb">{t.level(card.level)}</span>}
  </span>
);

type RowProps = { card: Card; me: string; current: boolean; onSelect(alert: string): void };

const Row = ({ card, me, current, onSelect }: RowProps) => (
  <li>
    <button
      type="button"
      id={rowId(card.id)}
      class={`row-alert state-${card.state}${isWaiting(card) ? ' waits' : ''}${card.merged_into ? ' under' : ''}`}
      aria-current={current ? 'true' : undefined}
      onClick={() => onSelect(card.id)}
    >
      <span class="row-top">
        <span class="row-name">{nameOf(card)}</span>
        <Age since={card.raised_at} />
      </span>
      <span class="row-middle">
        {card.official ? `${card.official.mandate}, ${card.official.commune}` : card.device.label}
      </span>
      <span class="row-bottom">
        <span class="state">{messages.alert.states[card.state]}</span> {claimText(card, me)}
      </span>
      <Tags card={card} />
    </button>
  </li>
);

const Lane = ({ lane }: { lane: Unverified[] }) => {
  const { heading, none, help, frames, reasons, last, sos } = messages.room.lane;
  return (
    <section class="lane" aria-labelledby="lane-heading">
      <h2 id="lane-heading">
        {heading} <span class="count">{lane.length}</span>
      </h2>
      {lane.length === 0 ? (
        <p class="muted">{none}</p>
      ) : (
        <>
          <p class="muted small">{help}</p>
          <ul>
            {lane.map((frame) => (
              <li key={frame.id} class={frame.sos ? 'lane-row sos' : 'lane-row'}>
                <strong>
                  {sos(frame.sos)} {frame.device}
                </strong>
                <span>{reasons[frame.reason]}</span>
                <span class="muted">
                  {frames(frame.frames)} de {frame.source}, {last(clock(frame.last_at))}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
};

type ListProps = {
  room: Room;
  calls: ComponentChildren;
  onSelect(alert: string): void;
  onHold(held: boolean): void;
  onNext(): void;
  onPast(): void;
  onTest(): void;
};

export const AlertList = ({ room, calls, onSelect, onHold, onNext, onPast, onTest }: ListProps) => {
  const cards = room.order.flatMap((id) => room.cards[id] ?? []);
  const waits = waiting(room).length;
  return (
    <nav class="list" aria-label={t.heading} onPointerEnter={() => onHold(true)} onPointerLeave={() => onHold(false)}>
      {calls}
      <button type="button" class={waits > 0 ? 'next waits' : 'next'} aria-disabled={waits === 0} aria-keyshortcuts="S" onClick={onNext}>
        <span>{waits > 0 ? t.next(waits) : t.nextNone}</span>
        <span class="next-hint">
          {t.open} <Key name="S" />
        </span>
      </button>
      <h2>
        {t.heading} <span class="count">{cards.length}</span>
      </h2>
      {cards.length === 0 ? (
        <div class="empty">
          <p>{t.none}</p>
          <p class="muted">{t.noneText}</p>
        </div>
      ) : (
        <ul class="rows">
          {cards.map((card) => (
            <Row key={card.id} card={card} me={room.me} current={card.id === room.selected} onSelect={onSelect} />
          ))}
        </ul>
      )}
      <Lane lane={room.lane} />
      <div class="list-foot">
        <button type="button" class="quiet" aria-keyshortcuts="F" onClick={onPast}>
          {t.past} <Key name="F" />
        </button>
        <button type="button" class="quiet" aria-keyshortcuts="T" onClick={onTest}>
          {t.testAlert} <Key name="T" />
        </button>
      </div>
    </nav>
  );
};
