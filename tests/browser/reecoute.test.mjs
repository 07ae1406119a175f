// Two operators at the sound of one alert: who listens is named, what was missed is heard again, fast, until it is live again.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {axeFaults, Browser, inLink, PHONE, picture, takePost, threeTaps} from './browser.mjs';
import {tapLoudspeaker} from './heard.mjs';
import {HOME, OFFICIAL, Server, Watch} from './server.mjs';
import {wav} from './wav.mjs';
import {enrol, frame, Phone} from '../lib/phone.mjs';
import {until} from '../lib/wait.mjs';
import {voiceClip} from '../lib/watch.mjs';

const DESK = {width: 1600, height: 1000};
let folder, server, mouth, ear, telephone, room;

before(async () => {
	folder = await fs.mkdtemp(path.join(os.tmpdir(), 'egide-reecoute-'));
	await fs.writeFile(path.join(folder, 'voice.wav'), wav(4, (at) => at % 1 < 0.5));
	server = await Server.start({sound: 'both'});
	const microphone = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${folder}/voice.wav`];
	mouth = await Browser.open(microphone);
	ear = await Browser.open(microphone);
});

after(async () => {
	await mouth?.close();
	await ear?.close();
	await server?.stop();
	await fs.rm(folder, {recursive: true, force: true});
});

async function armedTelephone(more = {}, prepare = () => {}, context = {}) {
	const {id} = await server.ctl('device', 'add', {protocol: 'phone', label: 'Téléphone', official: OFFICIAL.phone, ...more});
	const {code} = await server.ctl('device', 'code', {device: id});
	const page = await mouth.page({viewport: PHONE, context: {
		hasTouch: true, isMobile: true, permissions: ['microphone', 'geolocation'], geolocation: {latitude: HOME.lat, longitude: HOME.lon, accuracy: 12}, ...context,
	}});
	await prepare(page);
	await page.goto(`${server.url}/bouton`);
	await page.getByLabel('Code').fill(code);
	await page.getByRole('button', {name: 'Relier ce téléphone'}).click();
	await page.getByRole('button', {name: 'Armer'}).click();
	await page.locator('.clock').waitFor();
	return page;
}

// The parts of the recording a page asked for, in order: [from, to].
function partsOf(page) {
	const parts = [];
	page.on('request', (request) => {
		const {pathname, searchParams} = new URL(request.url());
		const part = ['from', 'to'].map((name) => Number(searchParams.get(name)));
		if (pathname.endsWith('/audio.ogg') && String(parts.at(-1)) !== String(part)) parts.push(part);
	});
	return parts;
}

test('those_who_listen_see_each_other_by_name', async () => {
	room = await ear.page({viewport: DESK, context: {permissions: ['microphone']}});
	const other = await ear.page({viewport: DESK});
	await takePost(room, server.url, 'c.marchand');
	await takePost(other, server.url, 'd.petit');
	await inLink(room);
	telephone = await armedTelephone();
	// The watch calls; what the telephone then sends is heard in the same alert.
	const watch = await Watch.connect(server, OFFICIAL.watch);
	await watch.sos();
	for (const page of [room, other]) await page.getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await room.locator('button[aria-keyshortcuts="H"]', {hasText: 'Faire appeler la montre'}).waitFor();
	await threeTaps(telephone);
	await room.getByText('Personne n’écoute').waitFor();
	await room.locator('button[aria-keyshortcuts="0"]', {hasText: 'Faire appeler la montre'}).waitFor();
	watch.close();
	await room.keyboard.press('h');
	await room.getByText('Son en direct').waitFor();
	await other.getByText('À l’écoute : Claire Marchand').waitFor();
	await other.keyboard.press('h');
	await room.getByText(/À l’écoute : .*Damien Petit/).waitFor();
	await room.getByText('Damien Petit écoute le son', {exact: true}).waitFor();
	await other.keyboard.press('h');
	await room.getByText('À l’écoute : Claire Marchand', {exact: true}).waitFor();
	await room.getByText(/^Damien Petit n’écoute plus le son/).waitFor();
	await other.context().close();
});

test('what_was_missed_is_heard_again_faster_until_it_is_live_again', async () => {
	const parts = partsOf(room);
	await until('twelve seconds of sound', async () => Number(await room.getByRole('slider').getAttribute('aria-valuenow')) >= 12);
	await room.keyboard.press('ArrowLeft');
	await room.getByText('Réécoute : le direct continue, son coupé').waitFor();
	await room.getByText(/derrière le direct, vitesse normale/).waitFor();
	await room.keyboard.press('x');
	await room.getByText(/derrière le direct, vitesse ×\s1,5/).waitFor();
	await picture(room, 'salle-reecoute');
	assert.deepEqual(await axeFaults(room), []);
	await room.getByText('Son en direct').waitFor();
	assert.ok(parts.length >= 2, 'more than one part was needed to catch up');
	for (let i = 1; i < parts.length; i++) assert.equal(parts[i][0], parts[i - 1][1], 'nothing is left out between two parts');
	assert.equal(await room.getByText(/derrière le direct/).count(), 0);
});

test('a_marked_moment_is_in_the_timeline_and_is_played_from_there', async () => {
	const parts = partsOf(room);
	await room.keyboard.press('g');
	await room.getByLabel('Ce que l’on entend').waitFor();
	await room.keyboard.type('Une porte claque.');
	await room.keyboard.press('Enter');
	await room.getByText('Claire Marchand marque un instant du son').waitFor();
	await room.getByText('« Une porte claque. »').waitFor();
	const marked = (await server.login(), await server.ask('GET', '/api/alerts?state=open')).answer.alerts[0].id;
	const {answer: {entries}} = await server.ask('GET', `/api/alerts/${marked}`);
	const {epoch, sequence} = entries.find(({kind}) => kind === 'sound.marked').body;
	const {answer: {streams}} = await server.ask('GET', `/api/alerts/${marked}/recording`);
	const place = streams.find((stream) => stream.epoch === epoch).at + 20 * sequence;
	await until('sound after the mark', async () => Number(await room.getByRole('slider').getAttribute('aria-valuenow')) * 1000 > place + 4000);
	await room.getByRole('button', {name: /^Réécouter \d/}).last().click();
	await until('the part from the mark on', () => parts.some(([from]) => from === place));
	await room.keyboard.press('w');
	await room.getByText(/en pause/).waitFor();
	await room.keyboard.press('r');
	await room.getByText('Son en direct').waitFor();
	await room.keyboard.press('h');
	await room.getByText('Personne n’écoute').waitFor();
	assert.deepEqual([...await mouth.takeFaults(), ...await ear.takeFaults()], []);
});

test('nothing_is_said_to_a_silent_telephone', async () => {
	await room.keyboard.press('p');
	await room.getByText('Alerte prise en charge.').waitFor();
	await room.getByText('Alerte silencieuse : rien ne doit s\'entendre près de la personne.').first().waitFor();
	await room.keyboard.press('y');
	await room.getByText('Parler à la personne : Alerte silencieuse').waitFor();
	assert.equal(await room.getByRole('dialog').count(), 0);
	await telephone.context().close();
	await server.endAlerts();
});

// The loudest that has come out of the telephone's loudspeaker; nothing when it has none.
const loudest = (page) => page.evaluate(() =>
	Math.max(0, ...(globalThis.heard ?? []).map(({samples}) => samples.reduce((most, one) => Math.max(most, Math.abs(one)), 0))));

test('the_operator_talks_while_the_key_is_held_and_it_is_logged', async () => {
	telephone = await armedTelephone({silent: 'non'}, tapLoudspeaker, {bypassCSP: true});
	await threeTaps(telephone);
	await room.getByText('Personne n’a encore pris cette alerte').waitFor();
	await room.keyboard.press('p');
	await room.getByText('Alerte prise en charge.').waitFor();
	await until('the right to talk', async () => (await room.getByRole('button', {name: 'Parler à la personne'}).getAttribute('aria-disabled')) !== 'true');
	await room.keyboard.press('y');
	await room.getByRole('button', {name: 'Ouvrir la liaison'}).waitFor();
	await room.keyboard.press('Enter');
	await room.getByText('Liaison ouverte, votre micro est coupé').waitFor();
	assert.equal(await loudest(telephone), 0, 'nothing is heard before the key is held');
	await room.keyboard.down(' ');
	await room.getByText('Vous parlez : la personne vous entend').waitFor();
	await picture(room, 'salle-parole');
	assert.deepEqual(await axeFaults(room), []);
	await until('the voice, aloud', async () => await loudest(telephone) > 0.05);
	await room.keyboard.up(' ');
	await room.getByText('Liaison ouverte, votre micro est coupé').waitFor();
	await room.keyboard.press('Escape');
	await room.getByText('Claire Marchand parle à la personne par son téléphone').waitFor();
	await room.getByText(/^Claire Marchand ne parle plus à la personne/).waitFor();
	assert.deepEqual([...await mouth.takeFaults(), ...await ear.takeFaults()], []);
});

test('a_disk_that_takes_no_sound_is_said_and_a_watch_s_message_is_played_in_place', async () => {
	const full = await Server.start({sound: 'both', sound_reserve_mib: 1048576});
	try {
		full.json = async (method, address, body) => (await full.ask(method, address, body)).answer;
		const page = await ear.page({viewport: DESK});
		await takePost(page, full.url, 'c.marchand');
		await inLink(page);
		const phone = await Phone.welcome(full, await enrol(full, OFFICIAL.phone)), {alert} = await phone.call(Date.now());
		phone.say({type: 'streaming', alert, epoch: 1, began: Date.now()});
		await page.getByRole('heading', {name: OFFICIAL.name}).waitFor();
		await page.keyboard.press('h');
		await page.getByText('À l’écoute : Claire Marchand').waitFor();
		for (let sequence = 0; sequence < 100; sequence++) phone.say(frame({alert, epoch: 1, sequence}));
		await page.getByText('L’enregistrement échoue : le disque ne prend rien').waitFor();
		assert.deepEqual(await axeFaults(page), []);
		await picture(page, 'salle-disque-plein');
		const watch = await Watch.connect(full, OFFICIAL.watch);
		watch.socket.write(await voiceClip(OFFICIAL.watch));
		const clip = page.locator('audio.clip');
		await clip.waitFor();
		await clip.evaluate((audio) => audio.play());
		await until('its end', () => clip.evaluate(({ended, duration}) => ended && duration > 0.3));
		await picture(page, 'salle-message-vocal');
		watch.close();
		phone.socket.terminate();
		assert.deepEqual(await ear.takeFaults(), []);
	} finally {
		await full.stop();
	}
});
