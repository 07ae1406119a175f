/* What of the live sound did not come here, by its sequence: it does not matter on which line it was lost. Pure. */
import type { Frame } from './places';

/** To be told each frame, and how many it stands for; how many are missing so far. What came before the first one was never waited for. */
export const missedCounter = (): ((frame: Frame, span: number) => number) => {
  const next = new Map<number, number>(); /* by epoch */
  let missed = 0;
  return ({ epoch, sequence }, span) => {
    const wanted = next.get(epoch) ?? sequence;
    missed += Math.max(0, sequence - wanted);
    next.set(epoch, Math.max(wanted, sequence + span));
    return missed;
  };
};
