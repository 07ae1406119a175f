// Chromium for one test file, and what must hold on every page: nothing asked of another host, no error in the page,
// every answer and every message of the feed as its schema says.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';

import {PASSWORD} from './server.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const {chromium} = require('playwright-core');
const Ajv = require('ajv/dist/2020.js').default;
const axe = require('axe-core').source;

const FLAGS = ['--no-sandbox', '--disable-background-networking', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];

export const DESK = {width: 1440, height: 900};
export const PHONE = {width: 390, height: 844};

const FEED = '/api/feed';

// What each answer must be, by method and address; the first that fits.
const ANSWERS = [
	[/^GET \/api\/configuration$/, 'Configuration'],
	[/^(GET|POST) \/api\/session$/, 'Session'],
	[/^POST \/api\/second-factor$/, 'SecondFactor'],
	[/^POST \/api\/second-factor\/confirm$/, 'RecoveryCodes'],
	[/^GET \/api\/alerts\?/, 'AlertList'],
	[/^GET \/api\/alerts\/[^/]+$/, 'Detail'],
	[/^GET \/api\/communes/, 'CommuneList'],
	[/^GET \/api\/counter\/units/, 'CounterUnits'],
	[/^GET \/api\/counter\/people/, 'CounterPeople'],
	[/^POST \/api\/counter\/files$/, 'CounterFile'],
	[/^POST \/api\/counter\/telephones$/, 'TelephoneCode'],
	[/^POST \/api\/counter\/(changes|telephones\/withdraw)$/, 'Done'],
	[/^GET \/api\/mandates/, 'MandateList'],
	[/^GET \/api\/units/, 'UnitList'],
	[/^GET \/api\/territory/, 'TerritoryAnswer'],
	[/^GET \/api\/alerts\/[^/]+\/recording$/, 'Recording'],
	[/^GET \/api\/devices$/, 'DeviceList'],
	[/^GET \/api\/journal\/people/, 'CallSearch'],
	[/^GET \/api\/journal\/held/, 'HeldList'],
	[/^GET \/api\/journal\/holds/, 'HoldList'],
	[/^POST \/api\/journal\/holds/, 'Done'],
	[/^GET \/api\/journal/, 'Journal'],
	[/^POST \/api\/phone\/enrol$/, 'Enrolled'],
	[/^POST \/api\/alerts\/[^/]+\/device$/, 'Sent'],
	[/^(POST|DELETE) \/api\/(alerts|test-alerts)/, 'Card'],
	[/^POST \/api\/registration/, 'RegistrationDraft'],
	[/^POST \/api\/counter\/invitations$/, 'Invitation'],
	[/^POST \/api\/counter\/drafts$/, 'RegistrationDrafts'],
	[/^POST \/api\/counter\/registrations$/, 'Registered'],
	[/^POST \/api\/counter\/terms$/, 'TermList'],
	[/^POST \/api\/counter\/terms\//, 'Done'],
	[/^(GET|POST) \/api\/confirmation\//, 'TermPage'],
	[/^GET \/api\/counter\/requests$/, 'CounterRequests'],
	[/^POST \/api\/counter\/(corrections|leavings)$/, 'Settled'],
	[/^POST \/api\/own\/code$/, 'OwnCodeSent'],
	[/^POST \/api\/own\/session/, 'OwnSession'],
	[/^GET \/api\/own$/, 'OwnFile'],
	[/^GET \/api\/own\/readings/, 'OwnReadings'],
	[/^GET \/api\/own\/copy$/, 'OwnCopy'],
	[/^GET \/api\/calls\/[^/]+$/, 'CallFile'],
	[/^GET \/api\/calls\/[^/]+\/search/, 'CallSearch'],
	[/^POST \/api\/calls\//, 'Call'],
	[/^(GET|POST) \/api\/suivi\//, 'Follow'],
	[/^(GET|POST) \/api\/patrouille\//, 'Patrol'],
];

const file = new URL('../../definitions/api_schemas.json', import.meta.url);
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ajv = new Ajv({strict: false, formats: {uuid}});
ajv.addSchema({$id: 'api', ...JSON.parse(fs.readFileSync(file, 'utf8'))});

// What is wrong with a value, or nothing.
function wrong(name, value) {
	const check = ajv.getSchema(`api#/components/schemas/${name}`);
	return check(value) ? undefined : `not a ${name}: ${ajv.errorsText(check.errors)}`;
}

async function answerFault(response) {
	const request = response.request();
	const {pathname, search} = new URL(response.url());
	const what = `${request.method()} ${pathname}${search}`;
	if (!pathname.startsWith('/api/') || pathname.endsWith('/audio.ogg') || pathname.includes('/clips/') || (response.ok() && pathname === '/api/journal/export') || response.status() === 101 || response.status() === 204) return undefined;
	const name = response.ok() ? ANSWERS.find(([pattern]) => pattern.test(what))?.[1] : 'Problem';
	if (!name) return `${what} has no schema here`;
	// A page that has gone meanwhile takes its answers with it.
	const value = await response.json().catch(() => undefined);
	const fault = value === undefined ? undefined : wrong(name, value);
	return fault && `${what}: ${fault}`;
}

export class Browser {
	faults = [];
	#checks = [];

	static async open(flags = []) {
		const browser = new Browser();
		browser.chromium = await chromium.launch({executablePath: '/usr/bin/chromium', args: [...FLAGS, ...flags]});
		return browser;
	}

	// A page of its own person: cookies and memory are not shared.
	async page({viewport = DESK, theme, init, argument, userAgent, context: more} = {}) {
		const context = await this.chromium.newContext({viewport, userAgent, locale: 'fr-FR', timezoneId: 'Europe/Paris', reducedMotion: 'reduce', ...more});
		const page = await context.newPage();
		if (theme) await page.addInitScript((name) => localStorage.setItem('egide-theme', name), theme);
		if (init) await page.addInitScript(init, argument);
		this.#watch(page);
		return page;
	}

	#watch(page) {
		const note = (fault) => { if (fault) this.faults.push(fault); };
		page.on('pageerror', (error) => note(`error in the page: ${error.stack}`));
		page.on('console', (message) => {
			// A refused answer and a lost connection are logged by the browser itself; they have tests of their own.
			const isExpected = /^Failed to load resource|^WebSocket connection/.test(message.text());
			if (message.type() === 'error' && !isExpected) note(`console: ${message.text()}`);
		});
		page.on('request', (request) => {
			const {protocol, hostname} = new URL(request.url());
			if (!['data:', 'blob:'].includes(protocol) && hostname !== '127.0.0.1') note(`asked of another host: ${request.url()}`);
		});
		page.on('response', (response) => { this.#checks.push(answerFault(response).then(note)); });
		page.on('websocket', (socket) => {
			if (new URL(socket.url()).pathname !== FEED) return;
			socket.on('framereceived', ({payload}) => note(wrong('FeedToPage', JSON.parse(payload))));
			socket.on('framesent', ({payload}) => note(wrong('FeedFromPage', JSON.parse(payload))));
		});
	}

	// What was wrong since the last call, once every answer so far has been looked at.
	async takeFaults() {
		await Promise.all(this.#checks.splice(0));
		return this.faults.splice(0);
	}

	// The end of a test: every page is closed, and nothing was wrong in any.
	async leave() {
		for (const context of this.chromium.contexts()) await context.close();
		assert.deepEqual(await this.takeFaults(), []);
	}

	async close() { await this.chromium.close(); }
}

// A screen as it must be whatever it shows: nothing that axe finds, no wider than its window; and its picture.
export async function sound(page, name) {
	assert.deepEqual(await axeFaults(page), [], name);
	assert.equal(await widthTooLarge(page), 0, `${name} is wider than its window`);
	await picture(page, name);
}

// Login and post, by keyboard.
export async function takePost(page, url, login) {
	await page.goto(`${url}/salle`);
	await page.getByLabel('Identifiant').waitFor();
	await page.keyboard.type(login);
	await page.keyboard.press('Tab');
	await page.keyboard.type(PASSWORD);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Prendre le poste'}).waitFor();
	await page.keyboard.press('Enter');
	await page.locator('.room').waitFor();
}

// To the counter, logged in with the password that all accounts have.
export async function takeCounter(page, url, login) {
	await page.goto(`${url}/guichet`);
	await page.getByLabel('Identifiant').fill(login);
	await page.getByLabel('Mot de passe').fill(PASSWORD);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Retrouver une inscription préparée'}).waitFor();
}

export const inLink = (page) => page.getByText('En liaison, son actif').waitFor();

// What axe says against the page, one line a violation.
export async function axeFaults(page, part = 'html') {
	await page.evaluate(axe);
	const {violations} = await page.evaluate((selector) => globalThis.axe.run(selector, {resultTypes: ['violations']}), part);
	return violations.map(({id, help, nodes}) => `${id}: ${help}: ${nodes.map(({html}) => html.slice(0, 160)).join(' | ')}`);
}

export const widthTooLarge = (page) => page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));

// Keeps a picture for the eye, in the folder EGIDE_SHOTS names.
export async function picture(page, name) {
	if (process.env.EGIDE_SHOTS) await page.screenshot({path: path.join(process.env.EGIDE_SHOTS, `${name}.png`)});
}

// What a browser needs for its microphone to be a file.
export const microphone = (file) => ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-audio-capture=${file}`];

// The telephone of an official, linked and armed; `prepare` sees the page before it is opened.
export async function armedTelephone(browser, server, {url = server.url, official, at, prepare, context, ...more} = {}) {
	const {id} = await server.ctl('device', 'add', {protocol: 'phone', label: 'Téléphone', official, ...more});
	const {code} = await server.ctl('device', 'code', {device: id});
	const page = await browser.page({viewport: PHONE, context: {
		hasTouch: true, isMobile: true, permissions: ['microphone', 'geolocation'], geolocation: {latitude: at.lat, longitude: at.lon, accuracy: 12}, ...context,
	}});
	await prepare?.(page);
	await page.goto(`${url}/bouton`);
	await page.getByLabel('Code').fill(code);
	await page.getByRole('button', {name: 'Relier ce téléphone'}).click();
	await page.getByText('Le micro s’ouvre dès maintenant').waitFor();
	await page.getByRole('button', {name: 'Armer'}).click();
	await page.locator('.clock').waitFor();
	return page;
}

const touches = new WeakMap(); // page → {cdp, at}: when it was last touched, seconds

// A finger, by the finger's own clock: 0.1 s after the one before, however long this machine takes between the two.
export async function tap(page, x, y) {
	// Before a page was loaded again is before its time.
	if (!touches.has(page)) page.once('framenavigated', () => touches.delete(page));
	const touched = touches.get(page) ?? {cdp: await page.context().newCDPSession(page), at: Date.now() / 1000};
	touches.set(page, touched);
	touched.at += 0.1;
	const touch = (type, touchPoints) => touched.cdp.send('Input.dispatchTouchEvent', {type, touchPoints, timestamp: touched.at});
	await touch('touchStart', [{x, y}]);
	await touch('touchEnd', []);
}

export async function threeTaps(page) {
	for (let i = 0; i < 3; i++) await tap(page, 60 + 90 * i, 200 + 150 * i);
}
