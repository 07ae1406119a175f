/* How loud a block of sound is. Pure. */

const silenceDb = -100;
/* Louder than a quiet room as a telephone's microphone gives it. */
const voiceDb = -45;

/** In decibels under full scale. */
export const levelOf = (samples: Float32Array): number => {
  const sum = samples.reduce((total, sample) => total + sample * sample, 0);
  return sum > 0 ? Math.max(silenceDb, 10 * Math.log10(sum / samples.length)) : silenceDb;
};

export const isVoice = (level: number): boolean => level > voiceDb;
