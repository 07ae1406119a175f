// From the microphone of a telephone to the ear of an operator and to the disk, each in a real browser, through the real
// server and a network that is clean, then bad, then gone: what comes out is what was said.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {armedTelephone, axeFaults, Browser, inLink, microphone, picture, takePost, threeTaps} from './browser.mjs';
import {BLOCK_MS, decoded, envelope, keepPackets, oggPackets, slips, speech, STEP_MS, tapLoudspeaker, tapped, windows} from './heard.mjs';
import {HOME, OFFICIAL, Server} from './server.mjs';
import {CLEAN, EDGE, Line} from '../lib/impair.mjs';
import {until} from '../lib/wait.mjs';

// Two seconds of a voice are like nothing else it says.
const WINDOW = 2000 / STEP_MS;
const WINDOW_BLOCKS = 2000 / BLOCK_MS;
const MOST_WINDOWS = 45;
// Another place of the same speech is below 0.7. What was lost between the disk and the ear, on a machine that has no
// time, is not what the server is asked for; on disk nothing is lost.
const ALIKE = {heard: 0.85, kept: 0.9};
// What is left out to be live again, from one window to the next.
const MOST_SLIP = 300 / STEP_MS;
const CUT_MS = 20_000;

let folder, said, server, line, mouth, ear, room, telephone, alert;

before(async () => {
	folder = await fs.mkdtemp(path.join(os.tmpdir(), 'egide-ecoute-'));
	const {file, samples} = speech(folder);
	said = envelope(samples);
	server = await Server.start({sound: 'both'});
	line = await Line.open(server.port);
	mouth = await Browser.open(microphone(file));
	ear = await Browser.open();
	room = await operator('c.marchand');
	telephone = await armedTelephone(mouth, server, {url: line.url, official: OFFICIAL.phone, at: HOME, prepare: keepPackets});
	await server.login();
});

after(async () => {
	await mouth?.close();
	await ear?.close();
	await line?.close();
	await server?.stop();
	await fs.rm(folder, {recursive: true, force: true});
});

async function operator(login, prepare) {
	const page = await ear.page({viewport: {width: 1600, height: 1000}, context: {bypassCSP: true}, init: prepare});
	await tapLoudspeaker(page);
	await takePost(page, server.url, login);
	await inLink(page);
	return page;
}

// Waits until the loudspeaker has given, from now on, eight seconds of what was said, in the order it was said.
async function itIsHeard(page = room) {
	const from = await page.evaluate(() => globalThis.heard.length);
	const found = [];
	const isGood = () => {
		const good = found.filter(({correlation}) => correlation >= ALIKE.heard);
		return good.length >= 4 && slips(good, said.length).filter((slip) => Math.abs(slip) <= MOST_SLIP).length >= 3;
	};
	for (let i = 0; !isGood(); i++) {
		assert.ok(i < MOST_WINDOWS, `heard: ${found.map(({at, correlation}) => `${at}:${correlation.toFixed(2)}`).join(' ')}`);
		const first = from + i * WINDOW_BLOCKS;
		await until('two seconds of sound', () => page.evaluate((count) => globalThis.heard.length >= count, first + WINDOW_BLOCKS));
		const part = envelope((await tapped(page, first, WINDOW_BLOCKS)).samples);
		found.push(...windows(part, said, part.length).map((one) => ({...one, from: i * part.length})));
	}
}

const recording = async () => (await server.ask('GET', `/api/alerts/${alert}/recording`)).answer;

test('the_operator_hears_what_is_said_beside_the_telephone', async () => {
	await threeTaps(telephone);
	await room.getByRole('heading', {name: OFFICIAL.name}).waitFor();
	({answer: {alerts: [{id: alert}]}} = await server.ask('GET', '/api/alerts?state=open'));
	await room.keyboard.press('h');
	await room.getByText('Son en direct').waitFor();
	await itIsHeard();
	await room.getByText(/^Retard : \d+ ms$/).waitFor();
	assert.deepEqual(await axeFaults(room), []);
	await picture(room, 'salle-ecoute');
});

test('a_line_that_loses_one_packet_in_twenty_is_heard_all_the_same', async () => {
	line.impair(EDGE);
	await itIsHeard();
	line.impair(CLEAN);
});

// On a telephone that has six times less of a processor: nothing of what its microphone gives is lost for that.
async function slowDown(page, rate) {
	const session = await page.context().newCDPSession(page);
	await session.send('Emulation.setCPUThrottlingRate', {rate});
}

test('after_a_cut_of_20_seconds_the_sound_of_a_slow_telephone_is_live_again_and_the_recording_lacks_no_frame', async () => {
	await slowDown(telephone, 6);
	const captured = () => telephone.evaluate(() => globalThis.packets.length);
	const before = await captured();
	// At first nobody says that it is cut: what is not heard must not be taken for a quiet room.
	line.freeze();
	await room.getByText('Plus rien ne vient du téléphone').waitFor();
	await picture(room, 'salle-ecoute-coupee');
	line.cut();
	// What the microphone gives is the clock here: twenty seconds of it.
	await until('20 seconds without a network', async () => (await captured()) - before >= CUT_MS / 20);
	line.mend();
	await itIsHeard();
	await room.getByText('Son en direct').waitFor();
	const [, missed] = (await room.getByText(/s non entendues/).innerText()).match(/: (\d+),/);
	assert.ok(missed >= CUT_MS / 1000 - 1, `${missed} s are said to be missed`);
	const {next} = await until('all that was missed', async () => {
		const {gaps, streams} = await recording();
		return gaps.length === 0 && streams.length === 1 && streams[0].next > before + CUT_MS / 20 && streams[0];
	});

	const file = path.join(folder, 'audio.ogg');
	const answer = await fetch(`${server.url}/api/alerts/${alert}/audio.ogg`, {headers: {Cookie: server.cookie}});
	await fs.writeFile(file, Buffer.from(await answer.arrayBuffer()));
	const kept = oggPackets(await fs.readFile(file)).map((packet) => packet.toString('hex'));
	assert.ok(kept.length >= next, `${kept.length} packets of ${next}`);
	assert.deepEqual(kept, (await telephone.evaluate(() => globalThis.packets)).slice(0, kept.length));

	const found = windows(envelope(decoded(file)), said, WINDOW);
	const unlike = found.filter(({correlation}) => correlation < ALIKE.kept);
	assert.ok(found.length >= 15 && unlike.length === 0, JSON.stringify(unlike));
	assert.deepEqual(slips(found, said.length).filter((slip) => Math.abs(slip) > 2), []);
});

test('a_browser_without_a_codec_hears_it_too', async () => {
	await slowDown(telephone, 1);
	await room.keyboard.press('h');
	await room.getByRole('button', {name: 'Écouter en direct'}).waitFor();
	const page = await operator('d.petit', () => delete globalThis.AudioDecoder);
	await page.getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await page.keyboard.press('h');
	await page.getByText('Son en direct').waitFor();
	await itIsHeard(page);
	await page.context().close();
});

test('nothing_went_wrong_in_any_page', async () => {
	await server.endAlerts();
	assert.deepEqual([...await mouth.takeFaults(), ...await ear.takeFaults()], []);
});
