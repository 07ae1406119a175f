// From the microphone of a telephone to the ear of an operator, both in a real browser, through the real server.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {axeFaults, Browser, inLink, PHONE, picture, takePost} from './browser.mjs';
import {HOME, OFFICIAL, Server} from './server.mjs';
import {wav} from './wav.mjs';
import {until} from '../lib/wait.mjs';

const SLOT_S = 0.2, SLOTS = 50;
let folder, server, mouth, ear;

// Said or silent, a fifth of a second each, as drawn: nothing else looks like it.
const spoken = [...'10100010000110001000010000110010001000011111110000'].map((bit) => bit === '1');

// What is handed to the loudspeaker, as its power each 20 ms.
function listenToTheLoudspeaker() {
	globalThis.powers = [];
	const copy = AudioBuffer.prototype.copyToChannel;
	AudioBuffer.prototype.copyToChannel = function (samples, channel) {
		globalThis.powers.push(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
		return copy.call(this, samples, channel);
	};
}

// Powers, one each 20 ms, as said or silent, one each slot: edges set the count right again when the machine stumbled.
function slotsOf(powers) {
	const slots = [];
	for (let from = 0, at = 1; at <= powers.length; at++) {
		if (at < powers.length && (powers[at] > 0.01) === (powers[from] > 0.01)) continue;
		for (let n = Math.round((at - from) / (SLOT_S * 50)); n > 0; n--) slots.push(powers[from] > 0.01);
		from = at;
	}
	return slots;
}

// How many slots in a row were heard as they were said, at best.
function longestAlike(heard) {
	let best = 0;
	for (let shift = 0; shift < SLOTS; shift++) {
		let run = 0;
		for (let i = 0; i < heard.length; i++) {
			run = heard[i] === spoken[(i + shift) % SLOTS] ? run + 1 : 0;
			best = Math.max(best, run);
		}
	}
	return best;
}

before(async () => {
	folder = await fs.mkdtemp(path.join(os.tmpdir(), 'egide-ecoute-'));
	await fs.writeFile(path.join(folder, 'voice.wav'), wav(SLOT_S * SLOTS, (at) => spoken[Math.floor(at / SLOT_S + 1e-9)]));
	server = await Server.start({sound: 'both'});
	mouth = await Browser.open(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
		`--use-file-for-fake-audio-capture=${folder}/voice.wav`]);
	ear = await Browser.open();
});

after(async () => {
	await mouth?.close();
	await ear?.close();
	await server?.stop();
	await fs.rm(folder, {recursive: true, force: true});
});

async function armedTelephone() {
	const {id} = await server.ctl('device', 'add', {protocol: 'phone', label: 'Téléphone', official: OFFICIAL.phone});
	const {code} = await server.ctl('device', 'code', {device: id});
	const page = await mouth.page({viewport: PHONE, context: {
		hasTouch: true, isMobile: true, permissions: ['microphone', 'geolocation'], geolocation: {latitude: HOME.lat, longitude: HOME.lon, accuracy: 12},
	}});
	await page.goto(`${server.url}/bouton`);
	await page.getByLabel('Code').fill(code);
	await page.getByRole('button', {name: 'Relier ce téléphone'}).click();
	await page.getByRole('button', {name: 'Armer'}).click();
	await page.locator('.clock').waitFor();
	return page;
}

async function threeTaps(page) {
	for (let i = 0; i < 3; i++) {
		await page.touchscreen.tap(80 + 60 * i, 300);
		await page.waitForTimeout(120);
	}
}

test('the_operator_hears_what_is_said_beside_the_telephone', async () => {
	const room = await ear.page({viewport: {width: 1600, height: 1000}, init: listenToTheLoudspeaker});
	await takePost(room, server.url, 'c.marchand');
	await inLink(room);
	const telephone = await armedTelephone();
	await threeTaps(telephone);
	await room.getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await room.keyboard.press('h');
	await room.getByText('Son en direct').waitFor();
	const powers = await until('ten seconds of sound', async () => {
		const list = await room.evaluate(() => globalThis.powers);
		return list.length >= 500 && list;
	});
	const heard = slotsOf(powers);
	assert.ok(longestAlike(heard) >= 20, `four seconds in a row as they were said: ${heard.map(Number).join('')}`);
	await room.getByText(/^Retard : \d+ ms$/).waitFor();
	assert.deepEqual(await axeFaults(room), []);
	await picture(room, 'salle-ecoute');
	await room.keyboard.press('h');
	await room.getByRole('button', {name: 'Écouter en direct'}).waitFor();

	await server.login();
	const {answer: {alerts: [{id}]}} = await server.ask('GET', '/api/alerts?state=open');
	const file = path.join(folder, 'audio.ogg');
	await fs.writeFile(file, Buffer.from(await (await fetch(`${server.url}/api/alerts/${id}/audio.ogg`, {headers: {Cookie: server.cookie}})).arrayBuffer()));
	assert.equal(execFileSync('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-'], {encoding: 'utf8', stdio: 'pipe'}), '');
	await telephone.context().close();
	await server.endAlerts();
	assert.deepEqual([...await mouth.takeFaults(), ...await ear.takeFaults()], []);
});
