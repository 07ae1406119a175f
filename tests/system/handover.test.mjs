// The end of a shift over the API: what is offered, accepted, released; through a killed server too.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {House, SECRET} from '../lib/api.mjs';
import {ROOM} from '../lib/server.mjs';

let house, anne, bruno, neighbour;
const sockets = [];

before(async () => {
	house = await House.open({options: {switch_secret: SECRET, switch_networks: '10.66.0.0/16'}});
	await house.account('anne', 'operator', ROOM);
	await house.account('bruno', 'operator', ROOM);
	[anne, bruno, neighbour] = await Promise.all(['anne', 'bruno', 'voisine'].map((login) => house.client(login)));
});

after(async () => {
	for (const socket of sockets) socket.destroy();
	await house?.close();
});

const detail = (id, client = anne) => client.expect(200, 'GET', `/api/alerts/${id}`);
const post = (client, status, path) => client.expect(status, 'POST', path, {});
const kinds = ({entries}) => entries.map(({kind}) => kind);

async function claimed(n) {
	const official = await house.official(n);
	sockets.push(await house.press(official));
	const {id} = await house.alertOf(anne, official);
	await post(anne, 200, `/api/alerts/${id}/claim`);
	return id;
}

test('what_is_offered_is_accepted_one_by_one_and_survives_a_killed_server', async () => {
	const [one, two] = [await claimed(1), await claimed(2)];
	await post(bruno, 409, `/api/alerts/${one}/accept`);
	await post(anne, 204, '/api/handover');
	await post(anne, 204, '/api/handover');
	assert.equal(kinds(await detail(one)).filter((kind) => kind === 'alert.offered').length, 1);
	await house.server.kill();
	await house.server.start();
	for (const id of [one, two]) {
		const {claim} = await detail(id, bruno);
		assert.equal(claim.account.name, 'Compte anne');
		assert.ok(claim.offered_at);
	}
	await post(neighbour, 404, `/api/alerts/${one}/accept`);
	const card = await post(bruno, 200, `/api/alerts/${one}/accept`);
	assert.deepEqual([card.claim.account.name, card.claim.offered_at], ['Compte bruno', null]);
	await post(bruno, 409, `/api/alerts/${one}/accept`);
	await anne.expect(204, 'DELETE', '/api/handover');
	await post(bruno, 409, `/api/alerts/${two}/accept`);
	const {entries} = await detail(one);
	assert.equal(entries.find(({kind}) => kind === 'alert.accepted').body.from, 'Compte anne');
	assert.equal((await detail(two)).claim.account.name, 'Compte anne');
});

test('what_is_released_is_nobodys_and_waits_as_a_new_alert_does', async () => {
	const id = await claimed(3);
	await post(bruno, 409, `/api/alerts/${id}/release`);
	const card = await post(anne, 200, `/api/alerts/${id}/release`);
	assert.deepEqual([card.state, card.claim, card.level], ['raised', null, 0]);
	await post(bruno, 200, `/api/alerts/${id}/claim`);
	assert.deepEqual(kinds(await detail(id)).filter((kind) => kind.startsWith('alert.')).slice(-3), ['alert.claimed', 'alert.released', 'alert.claimed']);
});

test('a_call_to_17_is_handed_over_too', async () => {
	const ring = (event) => bruno.expect(204, 'POST', '/api/calls', {call: 'relève', event, number: '0639980099', line: '17', room: ROOM}, {Authorization: `Bearer ${SECRET}`});
	await ring('ringing');
	const {calls: [{id}]} = await anne.expect(200, 'GET', '/api/alerts');
	await post(anne, 200, `/api/calls/${id}/claim`);
	await post(bruno, 409, `/api/calls/${id}/accept`);
	await post(anne, 204, '/api/handover');
	await post(neighbour, 404, `/api/calls/${id}/accept`);
	const call = await post(bruno, 200, `/api/calls/${id}/accept`);
	assert.deepEqual([call.claim.account.name, call.claim.offered_at], ['Compte bruno', null]);
	assert.equal((await anne.expect(200, 'GET', `/api/calls/${id}`)).holds, false);
	assert.equal((await bruno.expect(200, 'GET', `/api/calls/${id}`)).holds, true);
});
