// The voice clip of a watch: kept in an alert when the administration may record, played as WAV to those who see the alert.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import net from 'node:net';
import {after, before, test} from 'node:test';

import {Watch} from '../../demo/watch.mjs';
import {ROOT, Server} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

let server, person, watch, clip;

// As the watch escapes what its frames cannot hold.
const escape = (bytes) => Buffer.from([...bytes].flatMap((byte) => {
	const at = [0x7d, 0x5b, 0x5d, 0x2c, 0x2a].indexOf(byte);
	return at < 0 ? [byte] : [0x7d, at + 1];
}));

const frame = (content) => Buffer.concat([
	Buffer.from(`[3G*${person.watch}*${content.length.toString(16).padStart(4, '0')}*`), content, Buffer.from(']')]);

async function say(content, answer) {
	const socket = net.connect({port: server.watchPort, host: '127.0.0.1'});
	let got = '';
	socket.setEncoding('latin1').on('data', (text) => { got += text; });
	socket.write(frame(content));
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

before(async () => {
	const [tone] = (await fs.readFile(`${ROOT}/tests/vectors/amr.jsonl`, 'utf8')).split('\n');
	clip = Buffer.concat([Buffer.from('TK,'), escape(Buffer.from(JSON.parse(tone).input_hex, 'hex'))]);
});
after(() => server?.remove());

test('without_the_right_to_record_nothing_is_kept', async () => {
	await begin();
	await say(clip, 'TK,0');
	assert.ok(!(await server.alertOf(person.official)).entries.some(({kind}) => kind === 'device.voice'));
	await server.remove();
});

test('a_clip_is_a_line_of_the_alert_and_is_played_as_wav', async () => {
	await begin('record');
	await say(clip, 'TK,1');
	const alert = await server.alertOf(person.official);
	const [line] = alert.entries.filter(({kind}) => kind === 'device.voice');
	const response = await server.request('GET', `/api/alerts/${alert.id}/clips/${line.body.clip}`);
	assert.equal(response.status, 200);
	assert.equal(response.headers.get('content-type'), 'audio/wav');
	const wav = Buffer.from(await response.arrayBuffer());
	assert.equal(wav.length, 44 + 20 * 320);
	assert.equal(wav.toString('latin1', 0, 4), 'RIFF');
	assert.equal((await server.request('GET', `/api/alerts/${alert.id}/clips/${alert.id}`)).status, 404);
});
