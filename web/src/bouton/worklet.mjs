/* In the audio thread: cuts the microphone into blocks of 20 ms, while somebody wants them. */
const blockSamples = 960;

class Cutter extends AudioWorkletProcessor {
  #wanted = false;
  #block = new Float32Array(blockSamples);
  #filled = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      this.#wanted = data;
      this.#filled = 0;
    };
  }

  process([input]) {
    const samples = input?.[0];
    if (this.#wanted && samples) this.#take(samples);
    return true;
  }

  #take(samples) {
    for (let from = 0; from < samples.length; ) {
      const count = Math.min(samples.length - from, blockSamples - this.#filled);
      this.#block.set(samples.subarray(from, from + count), this.#filled);
      this.#filled += count;
      from += count;
      if (this.#filled === blockSamples) this.#post();
    }
  }

  #post() {
    this.port.postMessage({ at: Date.now(), samples: this.#block }, [this.#block.buffer]);
    this.#block = new Float32Array(blockSamples);
    this.#filled = 0;
  }
}

registerProcessor('cutter', Cutter);
