// Somebody edits ladder.json and starts the server again while an alert climbs: what fires is the step that comes next by its name,
// and nothing twice.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import {after, before, test} from 'node:test';

import {Watch} from '../../demo/watch.mjs';
import {Server} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

const climbs = (name, after_s, show) => ({name, label: `Échelon ${name}`, after_s, unless: 'claimed', show, message_duty: false});
const NEVER_S = 3600;

let server, person, watch;

async function edit(steps) {
	const file = server.in('definitions/ladder.json');
	await fs.writeFile(file, JSON.stringify({...JSON.parse(await fs.readFile(file, 'utf8')), steps}));
}

const climbed = async () => (await server.alertOf(person.official)).entries
	.filter((entry) => entry.kind === 'alert.climbed').map((entry) => entry.body.step).sort();
const until_climbed = (...names) => until(`${names}`, async () => (await climbed()).length >= names.length);

before(async () => {
	server = await Server.prepare();
	await server.init({ladder: {steps: [climbs('one', 1, 'neighbour'), climbs('two', 2, 'second'), climbs('three', NEVER_S, 'zone')]}});
	await server.start();
	await server.register();
	await server.login();
	person = {watch: '8800000791'};
	Object.assign(person, await server.addOfficial({phone: '+33199007791', watch: person.watch, contacts: []}));
	watch = new Watch({id: person.watch, port: server.watchPort, lat: 46.5712, lon: 0.2154});
	watch.start();
	watch.socket.once('connect', () => watch.press());
	await until_climbed('one', 'two');
	watch.stop();
	watch.socket.destroy();
});
after(() => server?.remove());

test('a step put before those that fired fires, and they do not fire again', async () => {
	await server.kill();
	await edit([climbs('zero', 1, 'neighbour'), climbs('one', 1, 'neighbour'), climbs('two', 2, 'second'), climbs('three', NEVER_S, 'zone')]);
	await server.start();
	await until_climbed('one', 'two', 'zero');
	assert.deepEqual(await climbed(), ['one', 'two', 'zero']);
});

test('a step put nearer fires though nothing else happens, and one taken out shifts no other', async () => {
	await server.stop();
	await edit([climbs('two', 1, 'second'), climbs('three', 2, 'zone'), climbs('four', NEVER_S, 'zone')]);
	await server.start();
	await until_climbed('one', 'three', 'two', 'zero');
	assert.deepEqual(await climbed(), ['one', 'three', 'two', 'zero']);
});

test('a start without a change fires nothing', async () => {
	await server.kill();
	await server.start();
	assert.deepEqual(await climbed(), ['one', 'three', 'two', 'zero']);
});
