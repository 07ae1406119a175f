/*
 * In the audio thread: plays blocks of 20 ms behind a cushion that grows when the line stalls and shrinks when it does not.
 * What is beyond the cushion is caught up by leaving out blocks, quiet ones first: the operator hears what is said now.
 */
const rate = 48000;
const blockSamples = 960;
const fadeSamples = 240; /* 5 ms: a joint is not heard as a click */
const samplesOf = (ms) => (ms * rate) / 1000;

const cushionLeast = samplesOf(150);
const cushionMost = samplesOf(600);
const cushionGrowth = samplesOf(80); /* each time the line is slower than the cushion */
const cushionDecay = samplesOf(25); /* each time it was not, for: */
const calmSamples = samplesOf(5000);
/* A burst that has just come says nothing of the line: what counts is the least there was for so long. */
const lookBlocks = 25;
const spare = samplesOf(40);
const tooMuch = samplesOf(250); /* beyond this, loud blocks are left out as well, but one in five: it stays intelligible */
const loudEvery = 5;
const quietPower = 3e-5; /* −45 dB */
const concealedBlocks = 3;
const reportEvery = 4;

class Player extends AudioWorkletProcessor {
  #queue = []; /* { samples, frame, at } */
  #current; /* being played */
  #from = 0; /* of it */
  #last; /* the block before */
  #queued = 0; /* samples */
  #isPlaying = false;
  #concealed = 0;
  #cushion = cushionLeast;
  #calm = 0;
  #levels = []; /* what was queued at the end of each of the last blocks */
  #sinceLoud = 0;
  #leftOut = 0;
  #unreported = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => this.#take(data);
  }

  #take(block) {
    this.#queue.push(block);
    this.#queued += blockSamples;
  }

  process(_, [[out]]) {
    if (!out) return true;
    for (let to = 0; to < out.length; ) {
      if (!this.#current && !this.#next()) return true; /* the rest stays silent */
      const count = Math.min(out.length - to, blockSamples - this.#from);
      out.set(this.#current.samples.subarray(this.#from, this.#from + count), to);
      this.#from += count;
      to += count;
      if (this.#from === blockSamples) this.#finish();
    }
    return true;
  }

  #finish() {
    this.#last = this.#current.samples;
    this.#current = undefined;
    this.#from = 0;
  }

  /* The next block to play, if there is any. */
  #next() {
    if (!this.#isPlaying && this.#queued < this.#cushion) return this.#conceal();
    const isFirst = !this.#isPlaying;
    this.#isPlaying = true;
    this.#catchUp();
    const block = this.#queue.shift();
    if (!block) return this.#stall();
    this.#queued -= blockSamples;
    if (isFirst) rise(block.samples);
    this.#concealed = 0;
    this.#calmDown();
    this.#begin(block);
    return true;
  }

  #begin(block) {
    this.#current = block;
    if (this.#unreported++ % reportEvery === 0) this.port.postMessage({ frame: block.frame, at: block.at, now: Date.now(), leftOut: this.#leftOut });
  }

  #stall() {
    this.#isPlaying = false;
    this.#calm = 0;
    this.#levels = [];
    this.#cushion = Math.min(cushionMost, this.#cushion + cushionGrowth);
    return this.#conceal();
  }

  /* A voice that stops dead is a click. Backwards, the last block goes on where it ended, lower and lower. */
  #conceal() {
    if (!this.#last || this.#concealed >= concealedBlocks) return false;
    this.#concealed++;
    const samples = this.#last.slice().reverse();
    const loss = this.#concealed === concealedBlocks ? 1 : 0.5;
    for (let i = 0; i < blockSamples; i++) samples[i] *= 1 - (loss * i) / blockSamples;
    this.#current = { samples };
    return true;
  }

  #calmDown() {
    this.#calm += blockSamples;
    if (this.#calm < calmSamples) return;
    this.#calm = 0;
    this.#cushion = Math.max(cushionLeast, this.#cushion - cushionDecay);
  }

  #catchUp() {
    this.#levels.push(this.#queued);
    if (this.#levels.length > lookBlocks) this.#levels.shift();
    this.#sinceLoud++;
    if (this.#levels.length < lookBlocks) return;
    const beyond = Math.min(...this.#levels) - this.#cushion - spare;
    const isQuiet = this.#queue.length > 1 && powerOf(this.#queue[0].samples) < quietPower;
    if (beyond <= 0 || this.#queue.length < 2 || !(isQuiet || (beyond > tooMuch && this.#sinceLoud >= loudEvery))) return;
    const { samples } = this.#queue.shift();
    this.#queue[0] = { ...this.#queue[0], samples: blend(samples, this.#queue[0].samples) };
    this.#queued -= blockSamples;
    this.#levels = this.#levels.map((level) => level - blockSamples);
    if (isQuiet) return; /* nobody missed anything */
    this.#sinceLoud = 0;
    this.#leftOut++;
  }
}

const powerOf = (samples) => samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;

/* Begins as the one and goes on as the other. */
const blend = (one, other) => {
  const samples = other.slice();
  for (let i = 0; i < fadeSamples; i++) samples[i] = (one[i] * (fadeSamples - i) + other[i] * i) / fadeSamples;
  return samples;
};

const rise = (samples) => {
  for (let i = 0; i < fadeSamples; i++) samples[i] *= i / fadeSamples;
};

registerProcessor('player', Player);
