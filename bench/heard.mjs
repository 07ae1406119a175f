// How long a word takes from a telephone's microphone to an operator's ear, both real browsers, and how long the first
// sound takes from the third tap. Prints JSON, milliseconds; bench.mjs makes rows of it. Both processors are its own.
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { armedTelephone, Browser, inLink, microphone, takePost, threeTaps } from '../tests/browser/browser.mjs';
import { BLOCK_MS, envelope, speech, STEP_MS, tapLoudspeaker, tapMicrophone, tapped, windows } from '../tests/browser/heard.mjs';
import { HOME, OFFICIAL, Server } from '../tests/browser/server.mjs';
import { wav } from '../tests/browser/wav.mjs';
import { CLEAN, EDGE, Line } from '../tests/lib/impair.mjs';
import { until } from '../tests/lib/wait.mjs';

const TAPS = 20;
const SECONDS = 40;
const SETTLE_S = 10;
const LIKE = 0.8;

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const heardBlocks = (page) => page.evaluate(() => globalThis.heard?.length ?? 0);
const clean = { context: { bypassCSP: true } };

async function operator(ear, server) {
	const page = await ear.page({ viewport: { width: 1600, height: 1000 }, ...clean });
	await tapLoudspeaker(page);
	await takePost(page, server.url, 'c.marchand');
	await inLink(page);
	return page;
}

/** Of each two seconds that reached the ear, how long ago the microphone heard them. It hears the same again each `loop` ms. */
async function delays(telephone, room, loop) {
	await pause(SETTLE_S);
	const [ear, mouth] = [await heardBlocks(room), Math.max(0, (await heardBlocks(telephone)) - 300)];
	await pause(SECONDS);
	const [heard, spoken] = [await tapped(room, ear), await tapped(telephone, mouth)];
	return windows(envelope(heard.samples), envelope(spoken.samples), 2000 / STEP_MS)
		.filter(({ correlation }) => correlation >= LIKE)
		.map(({ from, at }) => heard.at + from * STEP_MS - spoken.at - at * STEP_MS)
		.map((delay) => Math.round(((delay % loop) + loop) % loop));
}

/** From the last of three taps to the first sample of sound, the operator pressing H as soon as the alert is there. */
async function firstSound(ref, telephone, room, server) {
	await room.evaluate(() => { globalThis.heard = []; });
	await threeTaps(telephone);
	const tapped_at = Date.now();
	await room.getByText(`Alerte n° ${ref}`).waitFor();
	await room.keyboard.press('h');
	const first = await until('a sound', () => room.evaluate((block) => {
		const one = globalThis.heard.find(({ samples }) => samples.some((sample) => Math.abs(sample) > 0.01));
		return one && one.at - block + one.samples.findIndex((sample) => Math.abs(sample) > 0.01) / 48;
	}, BLOCK_MS));
	await room.keyboard.press('h');
	await server.endAlerts();
	return Math.round(first - tapped_at);
}

/** Everything measured with one file at the microphone. */
async function withMicrophone(file, prepare, measure) {
	const server = await Server.start({ sound: 'both' });
	const line = await Line.open(server.port);
	const [mouth, ear] = [await Browser.open(microphone(file)), await Browser.open()];
	try {
		const room = await operator(ear, server);
		const telephone = await armedTelephone(mouth, server, { url: line.url, official: OFFICIAL.phone, at: HOME, prepare, ...clean });
		return await measure({ server, line, room, telephone });
	} finally {
		await mouth.close();
		await ear.close();
		await line.close();
		await server.stop();
	}
}

const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'egide-heard-'));
const tone = path.join(folder, 'tone.wav');
await fs.writeFile(tone, wav(4, () => true));

const taps = await withMicrophone(tone, undefined, async ({ server, room, telephone }) => {
	const list = [];
	for (let ref = 1; ref <= TAPS; ref++) list.push(await firstSound(ref, telephone, room, server));
	return list;
});
const said = speech(folder);
const loop = said.samples.length / 48;
const heard = await withMicrophone(said.file, tapMicrophone, async ({ line, room, telephone }) => {
	await threeTaps(telephone);
	await room.getByRole('heading', { name: OFFICIAL.name }).waitFor();
	await room.keyboard.press('h');
	await room.getByText('Son en direct').waitFor();
	const onClean = await delays(telephone, room, loop);
	line.impair(EDGE);
	const onEdge = await delays(telephone, room, loop);
	line.impair(CLEAN);
	return { clean: onClean, edge: onEdge, again: await delays(telephone, room, loop) };
});
await fs.rm(folder, { recursive: true, force: true });
process.stdout.write(JSON.stringify({ taps, ...heard }));
process.exit(0);
