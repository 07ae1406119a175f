// What the microphone hears: a file that Chromium takes for one. 48 kHz, mono, 16 bits.
export const RATE = 48000;

// isVoice(seconds): a voice's height then, or nothing.
export function wav(seconds, isVoice) {
	const data = Buffer.alloc(RATE * seconds * 2), header = Buffer.alloc(44);
	for (let i = 0; i < RATE * seconds; i++)
		if (isVoice(i / RATE)) data.writeInt16LE(Math.round(32767 * (0.3 * Math.sin(i / 40) + 0.2 * Math.sin(i / 13))), 2 * i);
	header.write('RIFF', 0);
	header.writeUInt32LE(36 + data.length, 4);
	header.write('WAVEfmt ', 8);
	header.writeUInt32LE(16, 16);
	header.writeUInt16LE(1, 20); // PCM
	header.writeUInt16LE(1, 22); // mono
	header.writeUInt32LE(RATE, 24);
	header.writeUInt32LE(RATE * 2, 28);
	header.writeUInt16LE(2, 32);
	header.writeUInt16LE(16, 34);
	header.write('data', 36);
	header.writeUInt32LE(data.length, 40);
	return Buffer.concat([header, data]);
}
