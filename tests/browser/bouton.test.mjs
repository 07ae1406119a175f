// The telephone as a button: what its holder sees of it, and what the server gets of a call.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {after, afterEach, before, beforeEach, test} from 'node:test';

import {Browser, PHONE, picture, takePost, tap, threeTaps, sound} from './browser.mjs';
import {Double} from './double.mjs';
import {HOME, OFFICIAL, Server} from './server.mjs';
import {wav} from './wav.mjs';
import {Line} from '../lib/impair.mjs';
import {until} from '../lib/wait.mjs';

let folder, server, browser, double, line;

before(async () => {
	folder = await fs.mkdtemp(path.join(os.tmpdir(), 'egide-bouton-'));
	const voice = path.join(folder, 'voice.wav');
	// Half a second of a voice's height, half a second of nothing, and so on: packets of one size all the same.
	await fs.writeFile(voice, wav(4, (at) => Math.floor(2 * at) % 2 === 0));
	server = await Server.start({sound: 'both'});
	browser = await Browser.open(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${voice}`]);
});

after(async () => {
	await browser?.close();
	await server?.stop();
	await fs.rm(folder, {recursive: true, force: true});
});

beforeEach(async () => {
	double = await Double.start(server);
	line = await Line.open(double.port);
});

afterEach(async () => {
	for (const context of browser.chromium.contexts()) await context.close();
	line.close();
	double.close();
	assert.deepEqual(await browser.takeFaults(), []);
});

// Notes in `noted` all that a telephone could show, play or shake.
function watchTheTelephone() {
	globalThis.noted = [];
	globalThis.contexts = [];
	const note = (what) => globalThis.noted.push(what);
	navigator.vibrate = () => note('vibrate');
	HTMLMediaElement.prototype.play = () => note('play');
	globalThis.Notification = class { constructor() { note('notification'); } };
	globalThis.AudioContext = class extends AudioContext {
		constructor(options) { super(options); globalThis.contexts.push(this); }
	};
	globalThis.watchThePage = () => new MutationObserver((changes) => note(`${changes.length} changes of the page`))
		.observe(document, {subtree: true, childList: true, attributes: true, characterData: true});
}

const allowed = {geolocation: {latitude: HOME.lat, longitude: HOME.lon, accuracy: 12}, permissions: ['microphone', 'geolocation', 'screen-wake-lock']};

async function open({prepare, ...options} = {}, through = line) {
	const page = await browser.page({viewport: PHONE, init: watchTheTelephone, context: {hasTouch: true, isMobile: true, ...allowed}, ...options});
	if (prepare) await page.addInitScript(prepare);
	await page.goto(`${through.url}/bouton`);
	return page;
}

async function enrol(page, code = double.code) {
	await page.getByLabel('Code').fill(code);
	await page.getByRole('button', {name: 'Relier ce téléphone'}).click();
	await page.getByRole('heading', {name: 'Armer le bouton'}).waitFor();
	await page.getByText('Le micro s’ouvre dès maintenant').waitFor();
}

async function arm(page) {
	await page.getByRole('button', {name: 'Armer'}).click();
	await page.locator('.clock').waitFor();
}

async function armed(options) {
	const page = await open(options);
	await enrol(page);
	await arm(page);
	return page;
}

const all = () => `of ${double.hellos} hellos, ${double.calls.length} calls, ${double.announced.length} epochs, ${double.frames.length} frames`;
const aCall = (count = 1) => until(() => `call ${count} ${all()}`, () => new Set(double.calls.map(({at}) => at)).size >= count);
const frames = (count) => until(() => `frame ${count} ${all()}`, () => double.frames.length >= count && double.frames.slice(0));
const epochs = () => [...new Set(double.frames.map(({epoch}) => epoch))];
const complete = (frame) => until(`every frame up to ${frame.sequence}`, () => double.next(frame.epoch) > frame.sequence);

// The minute on the clock must not change between two pictures of it.
const aNewMinute = () => until('time before the next minute', () => new Date().getSeconds() < 35);

async function longPress(page) {
	await page.mouse.move(200, 300);
	await page.mouse.down();
	await page.getByRole('heading', {name: 'Essai visible'}).waitFor();
	await page.mouse.up();
}

// --- with the server itself

const openAlerts = async () => (await server.ask('GET', '/api/alerts?state=open')).answer.alerts;
const recording = async (id) => (await server.ask('GET', `/api/alerts/${id}/recording`)).answer;

// How many connections were begun while another one was open.
function watchSockets() {
	let last;
	globalThis.besides = 0;
	globalThis.WebSocket = class extends WebSocket {
		constructor(...words) {
			super(...words);
			globalThis.besides += last?.readyState === WebSocket.OPEN;
			last = this;
		}
	};
}

test('three_taps_are_an_alert_of_the_room_and_its_sound_is_on_disk_complete_through_a_cut', async () => {
	const real = await Line.open(server.port);
	const {id} = await server.ctl('device', 'add', {protocol: 'phone', label: 'Téléphone de Camille', official: OFFICIAL.phone});
	const {code} = await server.ctl('device', 'code', {device: id});
	const page = await open({prepare: watchSockets}, real);
	await page.getByLabel('Code').fill('0000-0000');
	await page.keyboard.press('Enter');
	await until('a refusal in words', async () => (await page.locator('.failure').innerText()).length > 20);
	await enrol(page, code.toLowerCase());
	await arm(page);
	await server.login();
	await threeTaps(page);
	const alert = await until('the alert', async () => (await openAlerts()).find(({silent}) => silent));
	await until('sound on disk', async () => (await recording(alert.id)).frames > 100);
	const {answer: detail} = await server.ask('GET', `/api/alerts/${alert.id}`);
	assert.deepEqual([detail.fix.lat, detail.fix.lon].map((degrees) => degrees.toFixed(4)), [HOME.lat, HOME.lon].map((degrees) => degrees.toFixed(4)));

	const {joined} = real;
	real.cut();
	await until('several tries', () => real.joined > joined + 2);
	await threeTaps(page);
	real.mend();
	const {frames: before} = await recording(alert.id);
	await until('what was missed and more, without a gap', async () => {
		const {frames: now, gaps, streams} = await recording(alert.id);
		return now > before + 150 && gaps.length === 0 && streams.length === 1 && streams[0].next === now;
	});
	assert.deepEqual((await openAlerts()).map((one) => one.id), [alert.id]);

	// A connection that stands still is left for another beside it; what it carried all the same is not there twice.
	const goOn = real.stall(), {frames: then} = await recording(alert.id), {joined: asked} = real;
	await until('sound beside the line that stalls', async () => (await recording(alert.id)).frames > then + 150);
	assert.ok(real.joined > asked);
	assert.ok(await page.evaluate(() => globalThis.besides > 0), 'the one that stalls was not given up first');
	goOn();
	await until('everything once', async () => {
		const {frames: now, gaps, streams} = await recording(alert.id);
		return now > then + 400 && gaps.length === 0 && streams.length === 1 && streams[0].next === now;
	});

	await server.endAlerts();
	const room = await browser.page();
	await takePost(room, server.url, 'c.marchand');
	await longPressWhenOver(page);
	await room.locator('.row-alert', {hasText: 'ESSAI'}).waitFor();
	await picture(room, 'salle-essai-d-un-telephone');
	await page.getByText(/L’essai s’est affiché en .* Un opérateur l’a reçu/).waitFor();
	await page.getByText('La salle écouterait le son en direct, et il serait enregistré.').waitFor();
	await page.getByText('Une personne de confiance').or(page.getByText('2 personnes de confiance')).waitFor();
	await sound(page, 'bouton-essai-de-bout-en-bout');
	// It ends by itself: nobody in the room has anything to do.
	await until('no alert open', async () => (await openAlerts()).length === 0);
	await real.close();
});

// --- with a server told to misbehave

test('a_code_links_the_telephone_and_one_gesture_arms_a_plain_clock', async () => {
	const page = await open();
	// The room talks; nobody else has a microphone, and only the button knows where it is.
	for (const [address, policy] of [['bouton', /microphone=\(self\), geolocation=\(self\)/], ['salle', /microphone=\(self\), geolocation=\(\)/], ['', /microphone=\(\), geolocation=\(\)/]])
		assert.match((await fetch(`${line.url}/${address}`)).headers.get('permissions-policy'), policy);
	await page.getByRole('heading', {name: 'Relier ce téléphone'}).waitFor();
	await sound(page, 'bouton-code');

	await page.getByRole('button', {name: 'Relier ce téléphone'}).click();
	await page.getByText('huit lettres ou chiffres.').waitFor();
	await page.getByLabel('Code').fill('0000-0000');
	await page.keyboard.press('Enter');
	await page.getByText('Ce code n’existe pas').waitFor();
	await sound(page, 'bouton-code-refuse');

	await page.getByLabel('Code').fill(' 7k2m 9qxd');
	await page.keyboard.press('Enter');
	await page.getByText('Ce téléphone est relié : Téléphone de Camille.').waitFor();
	await page.getByText('Le micro s’ouvre dès maintenant').waitFor();
	await sound(page, 'bouton-armer');

	await arm(page);
	// Nothing stands against its being installed but that this window keeps nothing.
	const browsing = await page.context().newCDPSession(page);
	assert.deepEqual((await browsing.send('Page.getAppManifest')).errors, []);
	assert.deepEqual((await browsing.send('Page.getInstallabilityErrors')).installabilityErrors.map(({errorId}) => errorId), ['in-incognito']);
	assert.equal(await page.title(), 'Horloge');
	assert.match(await page.locator('main').innerText(), /^Horloge\s+\d\d:\d\d\s+\p{L}+ \d+ \p{L}+$/u);
	await picture(page, 'bouton-horloge');
	assert.deepEqual(double.calls, []);
	assert.deepEqual(double.frames, []);
});

// `storage`: what becomes of what the page wants to keep.
function withStorage() {
	const {open} = IDBFactory.prototype, {put} = IDBObjectStore.prototype;
	globalThis.storage = 'refused';
	IDBFactory.prototype.open = function (...words) {
		if (globalThis.storage === 'refused') throw new DOMException('', 'SecurityError');
		return open.apply(this, words);
	};
	IDBObjectStore.prototype.put = function (...words) {
		if (globalThis.storage === 'full') throw new DOMException('', 'QuotaExceededError');
		return put.apply(this, words);
	};
	StorageManager.prototype.persist = async () => false;
}

test('a_code_is_not_spent_where_the_telephone_can_keep_nothing', async () => {
	const page = await open({prepare: withStorage});
	await page.getByLabel('Code').fill(double.code);
	for (const [storage, text] of [['refused', 'Ouvrez-la hors navigation privée. Le code n’a pas été envoyé'], ['full', 'Libérez de la place, puis recommencez. Le code n’a pas été envoyé']]) {
		await page.evaluate((name) => { globalThis.storage = name; }, storage);
		await page.getByRole('button', {name: 'Relier ce téléphone'}).click();
		await page.getByText(text).waitFor();
		await sound(page, `bouton-memoire-${storage}`);
	}
	assert.deepEqual([double.codes, double.hellos], [0, 0]);
	await page.evaluate(() => { globalThis.storage = 'kept'; });
	await enrol(page);
	await page.getByText('Ce navigateur ne promet pas de garder').waitFor();
	assert.equal(double.codes, 1);
	await sound(page, 'bouton-memoire-sans-promesse');
});

test('one_page_of_a_telephone_is_the_button_and_another_takes_its_place_when_asked', async () => {
	const first = await armed();
	await threeTaps(first);
	await frames(100);
	const second = await first.context().newPage();
	await second.goto(`${line.url}/bouton`);
	await second.getByRole('heading', {name: 'Déjà ouverte sur ce téléphone'}).waitFor();
	await sound(second, 'bouton-ailleurs');
	const {hellos} = double;
	await threeTaps(second);
	await second.getByRole('button', {name: 'Continuer ici'}).click();
	await second.locator('.clock').waitFor();
	await first.getByRole('heading', {name: 'Déjà ouverte sur ce téléphone'}).waitFor();
	// It goes on with the alert: what the first one had not sent is not lost, and nobody called a second time.
	await until('the sound of both', () => epochs().length === 2 && double.next(epochs()[1]) > 50);
	const [before] = epochs();
	await until('the whole of the first', () => double.next(before) === 1 + Math.max(...double.frames.filter(({epoch}) => epoch === before).map(({sequence}) => sequence)));
	assert.equal(double.hellos, hellos + 1);
	assert.equal(new Set(double.calls.map(({at}) => at)).size, 1);
	// Its tab closed, the one that waited is the button.
	await second.close();
	await first.bringToFront();
	await first.locator('.clock').waitFor();
	await threeTaps(first);
	await aCall(2);
});

test('three_taps_call_and_nothing_changes_on_the_telephone', async () => {
	const page = await armed();
	await aNewMinute();
	await page.evaluate(() => globalThis.watchThePage());
	const [pixels, title] = [await page.screenshot(), await page.title()];
	await tap(page, 200, 300);
	await tap(page, 200, 300);
	assert.deepEqual(double.calls, []);
	await tap(page, 60, 700);
	await aCall();
	await frames(100);
	await threeTaps(page);
	await aCall(2);
	assert.ok(pixels.equals(await page.screenshot()));
	assert.equal(await page.title(), title);
	assert.deepEqual(await page.evaluate(() => globalThis.noted), []);
	assert.ok(await page.evaluate(() => globalThis.contexts.every(({sinkId}) => sinkId.type === 'none')));
	assert.equal(new URL(page.url()).pathname, '/bouton');
	const [call] = double.calls;
	assert.deepEqual([call.position.lat, call.position.lon, call.position.accuracy], [HOME.lat, HOME.lon, 12]);
	assert.equal(epochs().length, 1);

	// No test is opened while it runs.
	await page.mouse.move(200, 300);
	await page.mouse.down();
	await frames(double.frames.length + 150);
	await page.mouse.up();
	assert.ok(pixels.equals(await page.screenshot()));
});

// As in a browser that has neither a codec nor the microphone's own pieces.
function withoutCodecs() {
	for (const name of ['AudioEncoder', 'AudioDecoder', 'MediaStreamTrackProcessor']) delete globalThis[name];
}

for (const [where, prepare] of [['', undefined], ['_where_the_browser_has_no_codec', withoutCodecs]]) {
	test(`sound_comes_live_in_sequence_and_every_packet_has_the_same_size${where}`, async () => {
		const page = await armed({prepare});
		await threeTaps(page);
		const list = await frames(300);
		assert.deepEqual(list.map(({sequence}) => sequence), list.map((_, i) => i));
		assert.deepEqual([...new Set(list.map(({size}) => size))], [34 + 60]);
		assert.deepEqual([...new Set(list.map(({alert}) => alert))], [double.alert]);
		assert.ok(list.every(({version, isGap, isBackfill}) => version === 1 && !isGap && !isBackfill));
		// 20 ms, mono, one packet: RFC 6716 §3.1.
		for (const {packet} of list) assert.ok([1, 5, 9, 13, 15, 19, 23, 27, 31].includes(packet[0] >> 3) && (packet[0] & 7) === 0, `TOC ${packet[0]}`);
		assert.deepEqual([list.some(({isVoice}) => isVoice), list.some(({isVoice}) => !isVoice)], [true, true]);
		assert.deepEqual(list.map(({at}) => at), list.map((_, i) => double.announced[0].began + 20 * i));
	});
}

test('the_position_follows_while_the_alert_is_open', async () => {
	const page = await armed();
	await threeTaps(page);
	await aCall();
	await until('a position that moves', async () => {
		await page.context().setGeolocation({latitude: HOME.lat + 0.01, longitude: HOME.lon, accuracy: 8});
		return double.positions.some(({lat}) => lat === HOME.lat + 0.01);
	});
});

test('without_a_network_the_call_and_the_sound_wait_then_come_the_new_first', async () => {
	const page = await armed();
	line.cut();
	await threeTaps(page);
	await until('sound kept', () => page.evaluate(() => new Promise((resolve) => {
		const opening = indexedDB.open('horloge');
		opening.onsuccess = () => {
			const count = opening.result.transaction('sound').objectStore('sound').count();
			count.onsuccess = () => { opening.result.close(); resolve(count.result >= 4); };
		};
	})));
	assert.deepEqual(double.calls, []);
	line.mend();
	await aCall();
	const list = await frames(250);
	assert.ok(!list[0].isBackfill, 'live first');
	await complete(list.at(-1));
	assert.ok(double.frames.some(({isBackfill, sequence}) => isBackfill && sequence === 0));
	assert.equal(epochs().length, 1);
});

for (const way of ['cut', 'freeze']) {
	test(`a_line_${way === 'cut' ? 'cut' : 'that_lies_dead'}_during_the_alert_costs_no_frame`, async () => {
		const page = await armed();
		await threeTaps(page);
		await frames(50);
		const {hellos} = double, {joined} = line;
		line[way]();
		await until('another connection is tried', () => line.joined > joined);
		line.mend();
		await until('a new connection', () => double.hellos > hellos);
		const from = double.frames.length;
		const list = await frames(from + 100);
		await complete(list.at(-1));
		assert.ok(double.frames.slice(from).some(({isBackfill}) => !isBackfill));
		assert.ok(double.frames.every(({isGap}) => !isGap));
		assert.equal(epochs().length, 1);
	});
}

test('a_call_is_repeated_until_it_is_answered', async () => {
	double.answersCalls = false;
	const page = await armed();
	await threeTaps(page);
	await until('three times the same call', () => double.calls.length >= 3);
	assert.equal(new Set(double.calls.map((call) => JSON.stringify(call))).size, 1);
	double.answersCalls = true;
	const list = await frames(100);
	await complete(list.at(-1));
	const count = double.calls.length;
	await frames(double.frames.length + 250);
	assert.equal(double.calls.length, count);
});

test('a_page_closed_and_opened_again_goes_on_with_its_alert', async () => {
	double.acknowledges = false;
	const page = await armed();
	await threeTaps(page);
	await frames(150);
	await page.reload();
	await page.locator('.clock').waitFor();
	await until('a second epoch', () => epochs().length === 2);
	double.acknowledges = true;
	const [first, second] = epochs();
	await until('the first epoch again', () => double.frames.some(({epoch, isBackfill}) => epoch === first && isBackfill));
	await until('the second one live', () => double.next(second) > 50);
});

test('an_alert_that_is_closed_ends_the_sound_and_the_next_taps_are_another', async () => {
	const page = await armed();
	await threeTaps(page);
	await frames(50);
	const [alert] = double.frames.map((frame) => frame.alert);
	double.end();
	await longPressWhenOver(page);
	await page.getByText('Le micro entend').waitFor();
	// Their file is one tap away here, beside this page and not in its place.
	const file = page.getByRole('link', {name: 'Ouvrir mon dossier (nouvel onglet)'});
	assert.deepEqual([await file.getAttribute('href'), await file.getAttribute('target')], ['/mon-dossier', '_blank']);
	const heard = () => double.frames.filter((frame) => frame.alert === alert).length, count = heard();
	await page.getByRole('button', {name: 'Retour à l’horloge'}).click();
	await page.locator('.clock').waitFor();
	await threeTaps(page);
	await until('sound of another alert', () => double.frames.some((frame) => frame.alert === double.alert && frame.alert !== alert));
	assert.equal(heard(), count);
	assert.equal(epochs().length, 2);
});

test('an_alert_closed_while_the_telephone_was_away_is_over_for_it_too', async () => {
	const page = await armed();
	await threeTaps(page);
	await frames(50);
	const {alert} = double.frames[0], {hellos} = double;
	line.cut();
	double.end();
	const count = double.frames.length;
	line.mend();
	await until('it is back', () => double.hellos > hellos);
	await longPressWhenOver(page);
	await page.getByText('Le micro entend').waitFor();
	// Nothing of the closed alert came after its end; the next taps are another.
	assert.equal(double.frames.length, count);
	await page.getByRole('button', {name: 'Retour à l’horloge'}).click();
	await page.locator('.clock').waitFor();
	await threeTaps(page);
	await frames(count + 50);
	assert.ok(double.frames.slice(count).every((frame) => frame.alert !== alert));
});

test('sound_that_is_taken_no_more_stops_at_once_and_begins_anew_when_it_is', async () => {
	const page = await armed();
	await threeTaps(page);
	await frames(50);
	double.change({sound: false});
	double.change({sound: true});
	// The one was stopped, the other is announced for itself; of neither is anything missing.
	await until('another epoch', () => epochs().length === 2 && double.next(epochs()[1]) > 20);
	const [first, second] = epochs(), last = Math.max(...double.frames.filter(({epoch}) => epoch === first).map(({sequence}) => sequence));
	await until('the whole of the first', () => double.next(first) > last);
	double.change({sound: false});
	await threeTaps(page);
	await aCall(2);
	assert.deepEqual(epochs(), [first, second]);
});

// The server's word is on its way: pressed again until the test opens.
async function longPressWhenOver(page) {
	await page.mouse.move(200, 300);
	await until('the visible test', async () => {
		await page.mouse.down();
		const opened = await page.getByRole('heading', {name: 'Essai visible'}).waitFor({timeout: 4000}).then(() => true, () => false);
		await page.mouse.up();
		return opened;
	});
}

test('the_visible_test_says_what_works_and_what_does_not', async () => {
	const page = await armed({prepare: () => { StorageManager.prototype.persist = async () => true; }});
	await until('the files are kept', () => page.evaluate(async () => (await navigator.serviceWorker.getRegistration('/bouton'))?.active?.state === 'activated'));
	await longPress(page);
	await sound(page, 'bouton-essai-en-cours');
	await page.getByText('Le micro entend').waitFor();
	for (const text of ['Position trouvée, à 12 m près.', 'Le serveur répond en', 'un appel partirait aussitôt', 'La page s’ouvre aussi sans réseau.', 'Le serveur a enregistré l’essai en',
		'à l’écran de la salle (CORG de la Vienne). 2 opérateurs l’ont reçu.', 'Le dernier SMS d’alerte est arrivé', 'Portez alors la montre', 'Tout fonctionne.']) await page.getByText(text).waitFor();
	await sound(page, 'bouton-essai');
	await threeTaps(page);

	double.shows = false;
	double.trace = {...double.trace, screens: 0, ready: 0, contacts: 0, sms: 'failed', record: false};
	await page.getByRole('button', {name: 'Recommencer'}).click();
	for (const text of ['Personne n’a l’écran de la salle ouvert', 'Aucune personne de confiance ne serait prévenue', 'Le dernier SMS d’alerte n’est pas arrivé', 'il ne serait pas enregistré',
		'3 points sont à corriger.']) await page.getByText(text).waitFor();
	await sound(page, 'bouton-essai-rate');

	line.cut();
	await page.getByRole('button', {name: 'Recommencer'}).click();
	await page.getByText('Le serveur ne répond pas. Un appel serait gardé').waitFor();
	await page.getByText('La liaison n’est pas ouverte ;').waitFor();
	await page.getByText('L’essai n’est pas parti').waitFor();
	await sound(page, 'bouton-essai-coupe');
	await page.getByRole('button', {name: 'Retour à l’horloge'}).click();
	await page.locator('.clock').waitFor();
	assert.deepEqual(double.calls, []);
});

test('the_page_opens_armed_without_a_network_and_keeps_the_call', async () => {
	const page = await armed();
	await until('the files are kept', () => page.evaluate(async () => (await navigator.serviceWorker.getRegistration('/bouton'))?.active?.state === 'activated'));
	line.cut();
	await page.reload();
	await page.locator('.clock').waitFor();
	await threeTaps(page);
	line.mend();
	await aCall();
	const list = await frames(50);
	await complete(list.at(-1));
});

test('the_keyboard_alone_calls_too', async () => {
	const page = await open();
	await page.keyboard.press('Tab');
	await enrol(page);
	await page.getByRole('button', {name: 'Armer'}).focus();
	await page.keyboard.press('Enter');
	await page.locator('.clock').waitFor();
	for (let i = 0; i < 3; i++) await page.keyboard.press('Enter', {delay: 50});
	await aCall();
});

test('without_sound_or_permissions_the_call_leaves_all_the_same', async () => {
	double.sound = false;
	const page = await open({context: {hasTouch: true, isMobile: true}});
	await page.getByLabel('Code').fill(double.code);
	await page.keyboard.press('Enter');
	await page.getByText('Le téléphone demande l’accès à la position. Acceptez.').waitFor();
	await arm(page);
	await threeTaps(page);
	await aCall();
	assert.equal(double.calls[0].position, null);
	assert.deepEqual(double.frames, []);
});

test('a_telephone_replaced_by_another_asks_for_a_new_code', async () => {
	const page = await open();
	await enrol(page);
	double.refuses = true;
	double.drop(4401);
	await page.getByText('Le serveur ne reconnaît plus ce téléphone').waitFor();
	await sound(page, 'bouton-retire');
	await enrol(page);
});
