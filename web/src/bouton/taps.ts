/* Three taps close together, anywhere, are the call. */

export const windowMs = 1500;

/* A finger that trembles, or one touch told twice: closer than this, two are one. */
export const bounceMs = 40;

/** To be told each tap, by a clock that only goes forward (ms): true at the third of a call. The next tap begins anew. */
export const tapDetector = (): ((at: number) => boolean) => {
  let taps: number[] = [];
  return (at) => {
    const last = taps.at(-1);
    if (last !== undefined && at - last < bounceMs) return false;
    taps = [...taps.filter((tap) => at - tap <= windowMs), at];
    if (taps.length < 3) return false;
    taps = [];
    return true;
  };
};
