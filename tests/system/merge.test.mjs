// Two alerts of one event, handled as one: nobody is paged twice, both devices go on, and all of it can be taken back.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import WebSocket from 'ws';

import {House} from '../lib/api.mjs';
import {enrol, frame, Phone} from '../lib/phone.mjs';
import {ROOM} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

let house, anne, bruno, neighbour;
let count = 0;
const sockets = [];

before(async () => {
	house = await House.open({options: {sound: 'both'}});
	await house.account('anne', 'operator', ROOM);
	await house.account('bruno', 'operator', ROOM);
	[anne, bruno, neighbour] = await Promise.all(['anne', 'bruno', 'voisine'].map((login) => house.client(login)));
});

after(async () => {
	for (const socket of sockets) socket.destroy();
	await house?.close();
});

const detail = (id, client = anne) => client.expect(200, 'GET', `/api/alerts/${id}`);
const post = (client, status, path, body = {}) => client.expect(status, 'POST', `/api/alerts/${path}`, body);
const kinds = async (id) => (await detail(id)).entries.map(({kind}) => kind);
const reason = 'Même foyer, même effraction';

async function raised() {
	const official = await house.official(++count);
	const socket = await house.press(official);
	sockets.push(socket);
	return {...official, socket, id: (await house.alertOf(anne, official)).id};
}

// Anne has the first; the second is merged into it.
async function merged() {
	const [one, two] = [await raised(), await raised()];
	await post(anne, 200, `${one.id}/claim`);
	const card = await post(anne, 200, `${two.id}/merge`, {into: one.id, reason});
	return {one, two, card};
}

const status = (lat, alarm, time) => `231126,${time},A,${lat},N,0.166000,E,4.2,90.0,92.0,9,78,82,1200,3,${alarm},1,1,208,01,2101,30518,158,0,12`;

function say({socket, watch}, kind, text) {
	const content = `${kind},${text}`;
	socket.write(`[3G*${watch}*${content.length.toString(16).toUpperCase().padStart(4, '0')}*${content}]`);
}

test('both_devices_go_on_in_their_own_alert_and_nobody_is_asked_twice', async () => {
	const {one, two, card} = await merged();
	const {ref} = await detail(one.id);
	assert.deepEqual(card.merged_into, {id: one.id, ref, calls: 0});
	assert.equal(card.claim.account.name, 'Compte anne');
	const sent = house.gateway.messages?.length;
	say(two, 'UD', status('46.650100', '00000000', '201600'));
	say(two, 'AL', status('46.651100', '00010000', '201700'));
	say(one, 'UD', status('46.660100', '00000000', '201600'));
	await until('the positions of both', async () => {
		const [a, b] = [await detail(one.id), await detail(two.id)];
		return a.fix?.lat === 46.6601 && b.fix?.lat === 46.6511 && b.triggers === 2;
	});
	const lines = await kinds(two.id);
	assert.equal(lines.filter((kind) => kind === 'contact.messaged').length, 1);
	assert.ok(!lines.slice(lines.indexOf('alert.merged')).some((kind) => ['contact.messaged', 'alert.climbed', 'unit.sent'].includes(kind)), lines.join());
	assert.equal(house.gateway.messages?.length, sent);
	// What is done, is done on the one it is under.
	await post(anne, 409, `${two.id}/dispatches`, {unit: house.patrol.id});
	await post(anne, 409, `${two.id}/close`, {outcome: 'verified_safe'});
	// It goes with it from hand to hand; the journal keeps each.
	await post(bruno, 200, `${one.id}/take-over`, {reason: 'Relève'});
	assert.equal((await detail(two.id)).claim.account.name, 'Compte bruno');
	await bruno.expect(204, 'POST', '/api/handover', {});
	await post(anne, 200, `${one.id}/accept`);
	assert.equal((await detail(two.id)).claim.account.name, 'Compte anne');
	// And through a killed server.
	await house.server.kill();
	await house.server.start();
	assert.deepEqual((await detail(two.id)).merged_into, {id: one.id, ref, calls: 1});
	const {entries} = await detail(one.id);
	assert.deepEqual(entries.find(({kind}) => kind === 'alert.took_in').body, {ref: (await detail(two.id)).ref, reason});
	// It has called since: nobody closes that unseen.
	assert.match((await post(anne, 409, `${one.id}/close`, {outcome: 'intervention'})).detail, /n° \d+, regroupée sous celle-ci, a appelé de nouveau/);
	await post(anne, 200, `${one.id}/close`, {outcome: 'intervention', text: `N° ${card.ref} : sauf.`});
	const over = await detail(two.id);
	assert.deepEqual([over.state, over.closed.outcome, over.merged_into.id], ['closed', 'intervention', one.id]);
	assert.equal(over.entries.at(-1).body.text, `Avec l'alerte n° ${ref}.`);
});

// So many frames of the telephone, from `first` on; once they are acknowledged from the disk.
async function speak({phone, alert, epoch}, first, count) {
	for (let i = 0; i < count; i++) phone.say(frame({alert, epoch, sequence: first + i}));
	await phone.first('ack', (message) => message.epoch === epoch && message.next >= first + count);
}

test('sound_of_both_is_heard_and_kept_without_a_break_through_merging_and_parting', async () => {
	const voices = [];
	for (const epoch of [7, 9]) {
		const official = await house.official(++count);
		const phone = await house.keep(Phone.welcome(house.server, await enrol(house.server, official.id)));
		const {alert} = await phone.call(Date.now());
		const heard = [];
		const ear = new WebSocket(`${house.server.url.replace('http', 'ws')}/api/alerts/${alert}/sound`, {headers: anne.headers()});
		ear.on('message', (data, binary) => { if (binary) heard.push(data.readUInt32BE(22)); });
		sockets.push({destroy: () => ear.terminate()});
		await until('somebody who listens', async () => (await detail(alert)).listeners.length === 1);
		phone.say({type: 'streaming', alert, epoch, began: Date.now()});
		voices.push({phone, alert, epoch, heard, ear});
	}
	const [one, two] = voices;
	const both = (first) => Promise.all(voices.map((voice) => speak(voice, first, 50)));
	await both(0);
	await post(anne, 200, `${one.alert}/claim`);
	await post(anne, 200, `${two.alert}/merge`, {into: one.alert, reason});
	await both(50);
	await post(anne, 200, `${two.alert}/unmerge`);
	await both(100);
	for (const {alert, heard, ear} of voices) {
		await until('all that was said', () => heard.length === 150);
		assert.deepEqual(heard, [...Array(150).keys()]);
		assert.equal(ear.readyState, WebSocket.OPEN);
		const {frames, gaps} = await anne.expect(200, 'GET', `/api/alerts/${alert}/recording`);
		assert.deepEqual([frames, gaps], [150, []]);
	}
});

test('it_is_taken_back_while_it_is_open', async () => {
	const {one, two} = await merged();
	await post(bruno, 409, `${two.id}/unmerge`);
	const card = await post(anne, 200, `${two.id}/unmerge`);
	assert.deepEqual([card.merged_into, card.state, card.claim.account.name], [null, 'claimed', 'Compte anne']);
	assert.ok((await kinds(one.id)).includes('alert.let_go'));
	assert.deepEqual((await detail(one.id)).family.map(({id, under}) => [id, under]), [[two.id, false]]);
	await post(anne, 200, `${one.id}/close`, {outcome: 'verified_safe'});
	assert.equal((await detail(two.id)).state, 'claimed');
	await post(anne, 409, `${two.id}/unmerge`);
	await post(anne, 409, `${two.id}/merge`, {into: one.id, reason});
	await post(anne, 200, `${two.id}/close`, {outcome: 'verified_safe'});
});

test('duress_under_another_alert_stands_alone_silences_both_and_nobody_did_it', async () => {
	const one = await raised(), official = await house.official(++count);
	const phone = await house.keep(Phone.welcome(house.server, await enrol(house.server, official.id)));
	await phone.ask({type: 'pins', at: Date.now(), pin: '70318264', duress: '92640517', current: null}, 'pins');
	const {alert} = await phone.call(Date.now());
	await post(anne, 200, `${one.id}/claim`);
	await post(anne, 200, `${alert}/merge`, {into: one.id, reason});
	const {family, ref} = await detail(one.id);
	assert.deepEqual(family.map(({id, merged_by, under}) => [id, merged_by, under]), [[alert, 'Compte anne', true]]);
	await phone.ask({type: 'end', at: Date.now(), pin: '92640517'}, 'heard');
	const [first, second] = [await detail(one.id), await detail(alert)];
	assert.deepEqual([second.merged_into, first.silent, second.silent], [null, true, true]);
	const line = ({entries}, kind) => entries.filter((entry) => entry.kind === kind).map(({actor, body}) => [actor.kind, body.ref]);
	assert.deepEqual(line(second, 'alert.unmerged'), [['system', ref]]);
	assert.deepEqual(line(first, 'alert.let_go'), [['system', second.ref]]);
});

test('only_what_belongs_together_is_merged', async () => {
	const [one, two, three] = [await raised(), await raised(), await raised()];
	await post(anne, 409, `${two.id}/merge`, {into: one.id, reason}); // nobody has the first
	assert.deepEqual(Object.keys((await detail(two.id)).refusals).filter((action) => action.endsWith('merge')), ['unmerge']);
	await post(anne, 200, `${one.id}/claim`);
	assert.equal((await post(anne, 409, `${two.id}/merge`, {into: one.id})).type, '/problems/reason-needed');
	await post(anne, 409, `${one.id}/merge`, {into: one.id, reason});
	await post(bruno, 409, `${two.id}/merge`, {into: one.id, reason}); // Anne has it
	await post(neighbour, 404, `${two.id}/merge`, {into: one.id, reason});
	await post(anne, 404, `${two.id}/merge`, {into: '01a20a29-0000-7000-8000-000000000000', reason});
	await post(bruno, 200, `${three.id}/claim`);
	await post(anne, 409, `${three.id}/merge`, {into: one.id, reason}); // Bruno has the other
	await post(anne, 200, `${two.id}/merge`, {into: one.id, reason});
	assert.match((await detail(two.id)).refusals.merge, /regroupée avec une autre/);
	await post(bruno, 409, `${three.id}/merge`, {into: two.id, reason}); // no chains
	await post(anne, 409, `${one.id}/merge`, {into: three.id, reason});
	const {state} = await post(anne, 200, `${one.id}/release`);
	assert.equal(state, 'raised');
	assert.equal((await detail(two.id)).claim, null);
	await post(bruno, 200, `${one.id}/claim`);
	assert.equal((await detail(two.id)).claim.account.name, 'Compte bruno');
});
