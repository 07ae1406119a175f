// The proof of sound: speech in at a telephone's microphone, what comes out of a loudspeaker and what is on disk, each
// laid beside the speech.
import {execFileSync} from 'node:child_process';
import path from 'node:path';

export const RATE = 48000;
// The envelope is a number each 10 ms: a syllable lasts fifteen of them.
export const STEP_MS = 10;
const STEP = RATE * STEP_MS / 1000;
// What the tap of a loudspeaker gives at a time: a whole number of steps and of the 128 samples of an audio thread.
export const BLOCK_MS = 80;

const SPEECH = `Je vous répète que la mairie est fermée le samedi. Non, monsieur, posez cela tout de suite. Reculez, s’il vous
plaît, il y a des enfants dans la maison d’à côté. Vous êtes venu pour le permis de construire ? Nous pouvons en parler lundi,
à neuf heures, avec l’adjointe chargée de l’urbanisme. Personne ici ne vous veut de mal. Le portail vert est ouvert, prenez
votre temps, et rentrez chez vous. Combien êtes-vous dehors ? J’entends deux voitures, un chien, et quelqu’un qui frappe aux
volets. Je ne descendrai pas. Écoutez, cela ne sert à rien de crier, expliquez-moi plutôt ce qui s’est passé hier soir.`;

// Half a minute of French that is said by a machine, as the file a microphone gives again and again.
export function speech(folder) {
	const [said, file] = [path.join(folder, 'said.wav'), path.join(folder, 'speech.wav')];
	execFileSync('espeak-ng', ['-v', 'fr', '-s', '165', '-w', said, SPEECH]);
	execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', said, '-ar', `${RATE}`, '-ac', '1', '-c:a', 'pcm_s16le', file]);
	return {file, samples: decoded(file)};
}

// Any file of sound, as samples.
export function decoded(file) {
	const bytes = execFileSync('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'f32le', '-ar', `${RATE}`, '-ac', '1', '-'], {maxBuffer: 1 << 28});
	return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

// How loud it is, each 10 ms, in decibels above a quiet room.
export function envelope(samples) {
	return Float64Array.from({length: Math.floor(samples.length / STEP)}, (_, i) => {
		let power = 0;
		for (let at = i * STEP; at < (i + 1) * STEP; at++) power += samples[at] ** 2;
		return Math.max(0, 60 + 10 * Math.log10(power / STEP + 1e-12));
	});
}

// Pearson's correlation of `part` with `whole` from `shift` on; `whole` begins again at its end.
function alike(part, whole, shift) {
	const n = part.length;
	let a = 0, b = 0, aa = 0, bb = 0, ab = 0;
	for (let i = 0; i < n; i++) {
		const x = part[i], y = whole[(shift + i) % whole.length];
		a += x, b += y, aa += x * x, bb += y * y, ab += x * y;
	}
	const spread = (aa - a * a / n) * (bb - b * b / n);
	return spread > 0 ? (ab - a * b / n) / Math.sqrt(spread) : 0;
}

// Where `whole` is most like `part`: {at, correlation}.
export function place(part, whole) {
	let best = {at: 0, correlation: -1};
	for (let at = 0; at < whole.length; at++) {
		const correlation = alike(part, whole, at);
		if (correlation > best.correlation) best = {at, correlation};
	}
	return best;
}

// Each window of so many steps, found again in what was said: {from, at, correlation}, times in steps.
export function windows(heard, said, steps) {
	const found = [];
	for (let from = 0; from + steps <= heard.length; from += steps) {
		const part = heard.subarray(from, from + steps);
		// Between two sentences there is nothing to find.
		if (part.filter((level) => level > 10).length >= steps / 2) found.push({from, ...place(part, said)});
	}
	return found;
}

export const middle = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

// How far each window is from where the one before it says it should be, in steps, around the loop.
export function slips(found, loop) {
	return found.slice(1).map((one, i) => {
		const before = found[i];
		const slip = one.at - before.at - (one.from - before.from);
		return ((slip % loop) + 1.5 * loop) % loop - 0.5 * loop;
	});
}

// --- in the pages

// Keeps a copy of all that goes to the loudspeaker of a page, and when: {at, samples}, `at` being the clock of the last
// sample. Only what reaches a destination is heard. The pages allow no script but the server's: needs bypassCSP.
export async function tapLoudspeaker(page) {
	await page.addInitScript((block) => {
		const worklet = `registerProcessor('tap', class extends AudioWorkletProcessor {
			#kept = new Float32Array(${block});
			#count = 0;
			process([[samples]]) {
				this.#kept.set(samples ?? new Float32Array(128), this.#count);
				this.#count = (this.#count + 128) % ${block};
				if (this.#count === 0) this.port.postMessage({at: Date.now(), samples: this.#kept.slice()});
				return true;
			}
		});`;
		const {connect} = AudioNode.prototype;
		const sums = new WeakMap(); // one a context: what leads to it is added up, as in a loudspeaker
		const sumOf = (context) => {
			if (sums.has(context)) return sums.get(context);
			const sum = context.createGain();
			sums.set(context, sum);
			const heard = (globalThis.heard = []); // of the newest: the alarm has a context of its own
			void context.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], {type: 'text/javascript'}))).then(() => {
				const tap = new AudioWorkletNode(context, 'tap', {channelCount: 1, channelCountMode: 'explicit'});
				tap.port.onmessage = ({data}) => heard.push(data);
				connect.call(sum, tap);
				connect.call(tap, context.destination);
			});
			return sum;
		};
		AudioNode.prototype.connect = function (to, ...more) {
			if (to instanceof AudioDestinationNode) connect.call(this, sumOf(this.context));
			return connect.call(this, to, ...more);
		};
	}, BLOCK_MS * RATE / 1000);
}

// The same of what the microphone gives.
export async function tapMicrophone(page) {
	await page.addInitScript(() => {
		const {getUserMedia} = MediaDevices.prototype;
		const listen = async (track) => {
			const reader = new MediaStreamTrackProcessor({track, maxBufferSize: 500}).readable.getReader();
			for (let piece; (piece = (await reader.read()).value); piece.close()) {
				const samples = new Float32Array(piece.numberOfFrames);
				piece.copyTo(samples, {planeIndex: 0, format: 'f32-planar'});
				globalThis.heard.push({at: Date.now(), samples});
			}
		};
		MediaDevices.prototype.getUserMedia = async function (wanted) {
			const stream = await getUserMedia.call(this, wanted);
			globalThis.heard = [];
			void listen(stream.getAudioTracks()[0].clone());
			return stream;
		};
	});
}

// Keeps every packet the telephone's encoder gave, in hexadecimal, whatever becomes of it.
export async function keepPackets(page) {
	await page.addInitScript(() => {
		globalThis.packets = [];
		globalThis.AudioEncoder = class extends AudioEncoder {
			constructor({output, error}) {
				super({error, output: (chunk, ...more) => {
					const bytes = new Uint8Array(chunk.byteLength);
					chunk.copyTo(bytes);
					globalThis.packets.push(Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));
					output(chunk, ...more);
				}});
			}
		};
	});
}

// What a tap has kept, from its block `first` on: one run of samples, and the clock at its beginning.
export async function tapped(page, first = 0, count = Infinity) {
	const {at, text} = await page.evaluate(([from, to]) => {
		const blocks = globalThis.heard.slice(from, to ?? undefined);
		const all = new Int16Array(blocks.reduce((sum, {samples}) => sum + samples.length, 0));
		// The clock of each block is late by chance, never early: the earliest is the truest.
		let begin = Infinity, filled = 0;
		for (const {at: time, samples} of blocks) {
			for (const sample of samples) all[filled++] = Math.max(-1, Math.min(1, sample)) * 32767;
			begin = Math.min(begin, time - filled / 48);
		}
		const bytes = new Uint8Array(all.buffer);
		let binary = '';
		for (let i = 0; i < bytes.length; i += 32768) binary += String.fromCharCode(...bytes.subarray(i, i + 32768));
		return {at: begin, text: btoa(binary)};
	}, [first, first + count]);
	const bytes = Buffer.from(text, 'base64');
	return {at, samples: Float32Array.from({length: bytes.length / 2}, (_, i) => bytes.readInt16LE(2 * i) / 32768)};
}

// --- on disk

// The packets of an Ogg stream (RFC 3533 §6), without its two heads.
export function oggPackets(file) {
	const packets = [];
	let part = [];
	for (let at = 0; at + 27 <= file.length; ) {
		const count = file[at + 26];
		let body = at + 27 + count;
		for (const size of file.subarray(at + 27, at + 27 + count)) {
			part.push(file.subarray(body, body + size));
			body += size;
			if (size < 255) packets.push(Buffer.concat(part)), (part = []);
		}
		at = body;
	}
	return packets.slice(2);
}
