/* The voice of the room, aloud: never on a silent telephone (I6), and only of the alert that is open. */
import { openDecoder, type Decoder } from '../opus';
import { createPlayer, type Player } from '../salle/player';
import { headerBytes, idOf } from './frames';

const silentAfterMs = 5000;

type Loudspeaker = { player: Player; decoder: Decoder<number> };

export class Voice {
  #loudspeaker: Loudspeaker | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A binary message of the server. */
  hear(message: ArrayBuffer, alert: string | null, isSilent: boolean): void {
    if (isSilent || alert === null || message.byteLength <= headerBytes || idOf(message) !== alert) return;
    const { decoder } = (this.#loudspeaker ??= this.#open());
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop(), silentAfterMs);
    decoder.decode(new Uint8Array(message, headerBytes), new DataView(message).getUint32(22));
  }

  #open(): Loudspeaker {
    const player = createPlayer(() => undefined);
    const decoder = openDecoder<number>((samples, sequence) => player.play(samples, { epoch: 1, sequence }, Date.now()), () => this.stop());
    return { player, decoder };
  }

  /** No loudspeaker is kept open for what may come. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#loudspeaker?.decoder.close();
    this.#loudspeaker?.player.close();
    this.#loudspeaker = undefined;
  }
}
