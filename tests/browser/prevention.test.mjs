// What the official does at the telephone beside calling, in a real browser with the real server: codes, and what nobody may tell apart.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {Browser, PHONE, picture, takePost, threeTaps, sound} from './browser.mjs';
import {HOME, OFFICIAL, SECOND, Server} from './server.mjs';
import {Line} from '../lib/impair.mjs';
import {Phone} from '../lib/phone.mjs';
import {until} from '../lib/wait.mjs';

const PIN = '7031', DURESS = '9264', WRONG = '1111';
const PLACE = 'Ferme des Aulnes, route de Vaux';
let server, line, browser, room, telephone;

before(async () => {
	server = await Server.start({sound: 'both'});
	line = await Line.open(server.port);
	browser = await Browser.open(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
	room = await browser.page();
	await takePost(room, server.url, 'c.marchand');
});

after(async () => {
	await browser?.close();
	line?.close();
	await server?.stop();
});

// Who finds nothing presses again.
async function pressLong() {
	await until('what a long press opens', async () => {
		await telephone.mouse.move(200, 200);
		await telephone.mouse.down();
		const came = await telephone.locator('h1:not(.unseen)').waitFor({timeout: 6000}).then(() => true, () => false);
		await telephone.mouse.up();
		return came;
	});
}

// Types a code at the keypad that is on screen; resolves with what is there before, while and after it is checked.
async function enter(code) {
	await telephone.getByRole('button', {name: 'Valider'}).waitFor();
	const shots = [];
	const shoot = async () => shots.push(await telephone.screenshot({animations: 'disabled', caret: 'hide'}));
	for (const figure of code) await telephone.keyboard.press(figure);
	await shoot();
	await telephone.getByRole('button', {name: 'Valider'}).click();
	await telephone.getByText('Un instant…').waitFor();
	await shoot();
	await telephone.getByText(/C’est noté|pas le bon/).waitFor();
	await shoot();
	return shots;
}

const type = async (code) => {
	await pressLong();
	return enter(code);
};

const headingAfterAPress = async () => {
	await pressLong();
	return telephone.locator('h1').innerText();
};

const announce = async () => {
	await telephone.getByRole('button', {name: 'Annoncer une visite'}).click();
	await telephone.getByLabel('Lieu').fill(PLACE);
	await telephone.getByRole('button', {name: 'Annoncer', exact: true}).click();
	await telephone.getByRole('heading', {name: 'Visite annoncée'}).waitFor();
};

const backToTheClock = () => telephone.locator('.clock').waitFor();
const aCard = async () => {
	const {answer: {alerts}} = await server.ask('GET', '/api/alerts?state=open');
	return alerts[0];
};

test('two_codes_are_chosen_before_arming', async () => {
	const {id} = await server.ctl('device', 'add', {protocol: 'phone', label: 'Téléphone', official: OFFICIAL.phone});
	const {code} = await server.ctl('device', 'code', {device: id});
	telephone = await browser.page({viewport: PHONE, context: {
		hasTouch: true, isMobile: true, permissions: ['microphone', 'geolocation'], geolocation: {latitude: HOME.lat, longitude: HOME.lon, accuracy: 12},
	}});
	await telephone.goto(`${line.url}/bouton`);
	await telephone.getByLabel('Code').fill(code);
	await telephone.getByRole('button', {name: 'Relier ce téléphone'}).click();
	await telephone.getByRole('button', {name: 'Choisir mes codes'}).click();
	await telephone.getByLabel('Code de fin').fill(PIN);
	await telephone.getByLabel('Code sous la contrainte').fill(PIN);
	await telephone.getByRole('button', {name: 'Enregistrer ces codes'}).click();
	await telephone.getByText('Les deux codes doivent être différents.').waitFor();
	await sound(telephone, 'bouton-codes');
	await telephone.getByLabel('Code sous la contrainte').fill(DURESS);
	await telephone.keyboard.press('Enter');
	await telephone.getByRole('button', {name: 'Armer'}).click();
	await backToTheClock();
	assert.equal(await telephone.getByRole('button', {name: 'Choisir mes codes'}).count(), 0);
});

test('a_visit_is_announced_when_the_network_returns_prolonged_with_the_code_and_found_again', async () => {
	await pressLong();
	await telephone.getByRole('button', {name: 'Annoncer une visite'}).click();
	await telephone.getByRole('button', {name: 'Annoncer', exact: true}).click();
	await telephone.getByText('Dites où vous allez.', {exact: true}).waitFor();
	await telephone.getByLabel('Lieu').fill(PLACE);
	await telephone.getByLabel('Personne rencontrée').fill('M. Ferrand');
	await telephone.getByLabel('Durée').selectOption('45 min');
	await sound(telephone, 'bouton-visite');
	line.cut();
	await telephone.getByRole('button', {name: 'Annoncer', exact: true}).click();
	await telephone.getByRole('heading', {name: 'Pas encore annoncée'}).waitFor();
	await sound(telephone, 'bouton-visite-sans-reseau');
	line.mend();
	await telephone.getByText('Encore 44').waitFor();
	await telephone.getByRole('button', {name: '30 min'}).click();
	for (const figure of PIN) await telephone.getByRole('button', {name: figure, exact: true}).click();
	await telephone.getByRole('button', {name: 'Valider'}).click();
	await telephone.getByText('C’est noté.').waitFor();
	await telephone.getByText('Encore 1 h 14').waitFor();
	await telephone.reload();
	await backToTheClock();
	await pressLong();
	await telephone.getByText('Encore 1 h 14').waitFor();
	await sound(telephone, 'bouton-visite-en-cours');
	await telephone.getByRole('button', {name: 'Fermer'}).click();
	await backToTheClock();
});

test('the_right_code_the_one_under_duress_and_one_without_a_network_look_the_same', async () => {
	await server.login();
	await threeTaps(telephone);
	const {id} = await until('an alert', aCard);
	await room.getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await room.getByRole('heading', {name: 'Visite annoncée'}).waitFor();
	await room.locator('.visit-place').getByText(PLACE).waitFor();
	await sound(room, 'salle-visite');

	// While a visit runs a press shows the visit, in an alert too: who says there that they are back asks for the end.
	await pressLong();
	await telephone.getByRole('heading', {name: 'Visite annoncée'}).waitFor();
	await telephone.getByRole('button', {name: 'Je suis en sécurité'}).click();
	await enter(PIN);
	await backToTheClock();
	const asked = async () => (await server.ask('GET', `/api/alerts/${id}`)).answer.entries.filter(({kind}) => kind === 'end.asked').length;
	await until('the end that is asked for', async () => (await asked()) === 1);
	await room.getByText('Demande de fin : à vérifier').first().waitFor();
	await sound(room, 'salle-fin-demandee');

	const wrong = await type(WRONG);
	await telephone.getByText('Ce code n’est pas le bon.').waitFor();
	await telephone.getByRole('button', {name: 'Retour à l’horloge'}).click();
	await backToTheClock();

	line.cut();
	const unheard = await type(PIN);
	await telephone.getByText('C’est noté').waitFor();
	await sound(telephone, 'bouton-code-note');
	await backToTheClock();
	assert.equal(await asked(), 1);
	line.mend();
	await until('the code that was kept', async () => (await asked()) === 2);

	const right = await type(PIN);
	await backToTheClock();
	const forced = await type(DURESS);
	await backToTheClock();
	await room.locator('.ending-note.duress').waitFor();
	await sound(room, 'salle-contrainte');
	for (const [name, shots] of Object.entries({unheard, forced}))
		shots.forEach((shot, at) => assert.ok(shot.equals(right[at]), `picture ${at} of ${name}`));
	assert.ok(!wrong[2].equals(right[2]));

	// Nothing was ended: the sound goes on, and the room alone closes.
	const card = await aCard();
	assert.deepEqual([card.id, card.silent, card.warnings.includes('duress')], [id, true, true]);
	const recorded = async () => (await server.ask('GET', `/api/alerts/${id}/recording`)).answer.frames, soFar = await recorded();
	await until('sound after all these codes', async () => (await recorded()) > soFar + 50);
	assert.deepEqual(await browser.takeFaults(), []);
});

test('a_code_under_duress_given_for_a_visit_shows_no_more_than_the_right_one_afterwards', async () => {
	await server.endAlerts();
	const after = {};
	for (const code of [PIN, DURESS]) {
		await pressLong();
		await announce();
		await telephone.getByRole('button', {name: 'Je suis en sécurité'}).click();
		await enter(code);
		await backToTheClock();
		if (code === DURESS) await until('help was called', async () => (await aCard())?.warnings.includes('duress'));
		after[code] = await headingAfterAPress();
		await telephone.getByRole('button', {name: 'Retour à l’horloge'}).click();
		await backToTheClock();
		// The page that was closed knows no more of it.
		await telephone.reload();
		await backToTheClock();
		assert.equal(await headingAfterAPress(), after[code]);
		if (code === DURESS) break;
		// The next visit is announced from here.
		await telephone.getByRole('button', {name: 'Retour à l’horloge'}).click();
		await backToTheClock();
	}
	assert.equal(after[DURESS], after[PIN]);
	assert.equal(after[PIN], 'Essai visible');
	// The alert is the telephone's all the same: its sound reaches the room.
	const card = await aCard();
	assert.equal((await server.ask('GET', `/api/alerts/${card.id}`)).answer.connected, true);
	assert.deepEqual(await browser.takeFaults(), []);
});

// As the page kept it before codes of a visit had a place of their own.
const keepAsBefore = ([credential, visitWaiting]) => new Promise((resolve, reject) => {
	const request = indexedDB.open('horloge', 2);
	request.onupgradeneeded = () => {
		for (const [name, keyPath] of Object.entries({facts: undefined, calls: 'at', positions: 'at', sound: ['epoch', 'first'], ends: 'at'}))
			request.result.createObjectStore(name, keyPath ? {keyPath} : undefined);
	};
	request.onsuccess = () => {
		const transaction = request.result.transaction('facts', 'readwrite'), facts = transaction.objectStore('facts');
		facts.put(credential, 'credential');
		facts.put(visitWaiting, 'visitWaiting');
		transaction.oncomplete = () => resolve(request.result.close());
		transaction.onabort = () => reject(transaction.error);
	};
});

test('what_a_page_of_before_kept_of_a_visit_is_said_by_the_one_of_now', async () => {
	await server.addOfficial(SECOND);
	const at = Date.now(), minutes = 60_000;
	let due;
	for (const waiting of [{type: 'announce', at, place: PLACE, person: 'M. Ferrand', until: at + 45 * minutes}, {type: 'extend', at: at + 1, pin: null, minutes: 30}]) {
		const {id} = await server.ctl('device', 'add', {protocol: 'phone', label: 'Téléphone', official: SECOND.phone});
		const {code} = await server.ctl('device', 'code', {device: id});
		const {answer: credential} = await server.ask('POST', '/api/phone/enrol', {code});
		const visitOf = async () => {
			const phone = await Phone.welcome(server, credential);
			await phone.end();
			return phone.welcomed.visit;
		};
		if (waiting.type === 'extend') {
			const phone = await Phone.welcome(server, credential);
			due = (await phone.ask({type: 'announce', at, place: PLACE, person: null, minutes: 60}, 'visit')).visit.due_at;
			await phone.end();
		}
		const page = await browser.page({viewport: PHONE});
		await page.goto(`${server.url}/`);
		await page.evaluate(keepAsBefore, [credential, waiting]);
		await page.goto(`${server.url}/bouton`);
		if (waiting.type === 'announce') assert.equal((await until('the announcement', visitOf)).place, PLACE);
		else await until('the prolongation', async () => (await visitOf()).due_at === due + 30 * minutes);
		await page.context().close();
	}
	assert.deepEqual(await browser.takeFaults(), []);
});
