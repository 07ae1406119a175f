/* The row of actions of what is at hand. A double click is one: what comes to that place after the first one was not meant.
   What is refused stays in its place, greyed, and says why when it is asked. */
import { messages } from '../messages';
import { Key } from '../ui';

type Shown = { key: string; label: string; refused: string | null; strong?: boolean };
type Props<Act extends Shown> = { acts: Act[]; message: string; onAct(act: Act): void };

export const ActRow = <Act extends Shown>({ acts, message, onAct }: Props<Act>) => (
  <section class="acts" aria-label={messages.room.actions.heading}>
    <div class="acts-row">
      {acts.map((act) => (
        <button
          type="button"
          key={act.key}
          class={act.strong && !act.refused ? 'act primary' : 'act'}
          aria-disabled={act.refused !== null}
          aria-keyshortcuts={act.key}
          onClick={({ detail }) => detail < 2 && onAct(act)}
        >
          {act.label} <Key name={act.key} />
        </button>
      ))}
    </div>
    <p class="acts-message" role="status">
      {message}
    </p>
  </section>
);
