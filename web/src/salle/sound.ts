/* Sounds, made on the spot: what is urgent is higher, faster, and comes again. */

export type Sound = 'alert' | 'climbed' | 'step' | 'trouble' | 'lost' | 'test' | 'call';

/* One row a sound: notes as [frequency in Hz, start in s, length in s], and how loud. */
const notes: Record<Sound, { volume: number; tones: [number, number, number][] }> = {
  alert: { volume: 0.5, tones: [[880, 0, 0.18], [1320, 0.2, 0.28], [880, 0.6, 0.18], [1320, 0.8, 0.28]] },
  climbed: {
    volume: 0.6,
    tones: [[1047, 0, 0.1], [1319, 0.12, 0.1], [1568, 0.24, 0.2], [1047, 0.5, 0.1], [1319, 0.62, 0.1], [1568, 0.74, 0.2]],
  },
  step: { volume: 0.25, tones: [[660, 0, 0.35]] },
  trouble: { volume: 0.35, tones: [[440, 0, 0.16], [440, 0.24, 0.16]] },
  lost: { volume: 0.4, tones: [[523, 0, 0.25], [349, 0.28, 0.45]] },
  /* As a telephone rings, lower than an alert. */
  call: {
    volume: 0.4,
    tones: [[587, 0, 0.09], [698, 0.1, 0.09], [587, 0.2, 0.09], [698, 0.3, 0.09], [587, 0.7, 0.09], [698, 0.8, 0.09], [587, 0.9, 0.09], [698, 1, 0.09]],
  },
  test: { volume: 0.25, tones: [[880, 0, 0.15], [1320, 0.17, 0.2]] },
};

export type Sounds = { unlock(): Promise<void>; isOn(): boolean; play(sound: Sound): void; onChange(listener: () => void): void; close(): void };

const strike = (context: AudioContext, volume: number, [frequency, start, length]: [number, number, number]): void => {
  const from = context.currentTime + start;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = 'triangle';
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(volume, from + 0.015);
  gain.gain.setValueAtTime(volume, from + length * 0.6);
  gain.gain.exponentialRampToValueAtTime(0.001, from + length);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + length);
};

export const createSounds = (): Sounds => {
  const context = new AudioContext();
  return {
    /* A browser without permission leaves this pending for ever: nobody waits for it longer than a moment. */
    unlock: () => Promise.race([context.resume(), new Promise<void>((resolve) => setTimeout(resolve, 500))]),
    isOn: () => context.state === 'running',
    play(sound) {
      const { volume, tones } = notes[sound];
      if (context.state === 'running') for (const tone of tones) strike(context, volume, tone);
    },
    onChange: (listener) => context.addEventListener('statechange', listener),
    /* Whoever leaves is told so by the feed as well. */
    close: () => void (context.state !== 'closed' && context.close()),
  };
};
