// The voice clip of a watch: kept in an alert when the administration may record, played as WAV to those who see the alert.
import assert from 'node:assert/strict';
import net from 'node:net';
import {after, test} from 'node:test';

import {Watch} from '../../demo/watch.mjs';
import {Server} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';
import {voiceClip} from '../lib/watch.mjs';

let server, person, watch;

async function say(clip, answer) {
	const socket = net.connect({port: server.watchPort, host: '127.0.0.1'});
	let got = '';
	socket.setEncoding('latin1').on('data', (text) => { got += text; });
	socket.write(clip);
	await until(`the watch is told ${answer}`, () => got.includes(answer));
	socket.destroy();
}

async function begin(sound) {
	server = await Server.prepare();
	await server.init({options: sound ? {sound} : {}});
	await server.start();
	await server.register();
	await server.login();
	person = {watch: '8800000795'};
	Object.assign(person, await server.addOfficial({phone: '+33199007795', watch: person.watch, contacts: []}));
	watch = new Watch({id: person.watch, port: server.watchPort, lat: 46.5712, lon: 0.2154});
	watch.start();
	watch.socket.once('connect', () => watch.press());
	await until('the alert is there', () => server.alertOf(person.official));
	watch.stop();
	watch.socket.destroy();
}

after(() => server?.remove());

test('without_the_right_to_record_nothing_is_kept', async () => {
	await begin();
	await say(await voiceClip(person.watch), 'TK,0');
	assert.ok(!(await server.alertOf(person.official)).entries.some(({kind}) => kind === 'device.voice'));
	await server.remove();
});

test('a_clip_is_a_line_of_the_alert_and_is_played_as_wav', async () => {
	await begin('record');
	await say(await voiceClip(person.watch), 'TK,1');
	const alert = await server.alertOf(person.official);
	const [line] = alert.entries.filter(({kind}) => kind === 'device.voice');
	// What was kept is not heard while it goes on: that is another right.
	const early = await server.request('GET', `/api/alerts/${alert.id}/clips/${line.body.clip}`);
	assert.equal(early.status, 403);
	assert.equal((await early.json()).detail, alert.refusals.clips);
	assert.match(alert.refusals.clips, /se lit une fois l'alerte close/);
	assert.match(alert.refusals.evidence, /une fois l'alerte close/);
	assert.equal((await server.request('POST', `/api/alerts/${alert.id}/claim`, {})).status, 200);
	assert.equal((await server.request('POST', `/api/alerts/${alert.id}/close`, {outcome: 'verified_safe'})).status, 200);
	const response = await server.request('GET', `/api/alerts/${alert.id}/clips/${line.body.clip}`);
	assert.equal(response.status, 200);
	assert.equal(response.headers.get('content-type'), 'audio/wav');
	const wav = Buffer.from(await response.arrayBuffer());
	assert.equal(wav.length, 44 + 20 * 320);
	assert.equal(wav.toString('latin1', 0, 4), 'RIFF');
	assert.equal((await server.request('GET', `/api/alerts/${alert.id}/clips/${alert.id}`)).status, 404);
});
