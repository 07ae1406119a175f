// Who may listen, and what is said where nothing is recorded.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, test} from 'node:test';

import WebSocket from 'ws';

import {Client, House} from '../lib/api.mjs';

const NOWHERE = '01a20a29-0000-7000-8000-000000000000';

let house, operator, neighbour, auditor, alert;
const sockets = [];

before(async () => {
	house = await House.open({options: {sound: 'both'}});
	[operator, neighbour, auditor] = await Promise.all(['operatrice', 'voisine', 'auditrice'].map((login) => house.client(login)));
	const official = await house.official(1);
	sockets.push(await house.press(official));
	alert = (await house.alertOf(operator, official)).id;
});

after(async () => {
	for (const socket of sockets) socket.destroy?.();
	await house?.close();
});

const listen = (client, id) => new WebSocket(`${house.server.url.replace('http', 'ws')}/api/alerts/${id}/sound`, {headers: client.headers()});

async function closedWith(client, id) {
	const [code] = await once(listen(client, id), 'close');
	return code;
}

test('only_who_sees_the_alert_listens', async () => {
	assert.equal(await closedWith(new Client(house), alert), 4401);
	assert.equal(await closedWith(neighbour, alert), 4404);
	assert.equal(await closedWith(operator, NOWHERE), 4404);
});

test('who_listens_is_told_what_there_is_and_has_a_line_in_the_journal', async () => {
	const socket = listen(operator, alert);
	const [text] = await once(socket, 'message');
	const {now, ...state} = JSON.parse(text);
	assert.deepEqual(state, {type: 'sound', streams: [], recording: 'on'});
	assert.equal(typeof now, 'number');
	socket.close();
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${alert}&limit=200`);
	assert.equal(lines.filter(({kind}) => kind === 'sound.listened').length, 1);
});

test('an_alert_without_sound_has_no_recording', async () => {
	await operator.expect(404, 'GET', `/api/alerts/${alert}/recording`);
	await operator.expect(404, 'GET', `/api/alerts/${alert}/audio.ogg`);
	await new Client(house).expect(401, 'GET', `/api/alerts/${alert}/audio.ogg`);
});
