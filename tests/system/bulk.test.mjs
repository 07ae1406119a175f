// Reading in bulk: the registry is not leafed through by one person alone, and nobody who calls for help waits for a second one.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {House, SECRET} from '../lib/api.mjs';
import {BRIGADE} from '../lib/server.mjs';

const BEARER = {Authorization: `Bearer ${SECRET}`, 'X-Forwarded-For': undefined, Origin: undefined, Cookie: undefined};
const reason = 'Recherche demandée par le chef de salle';

let house, operator, chief, counter, administrator, auditor, people;
let calls = 0;

before(async () => {
	house = await House.open({options: {switch_secret: SECRET}});
	await house.account('guichet', 'counter');
	[operator, chief, counter, administrator, auditor] = await Promise.all(['operatrice', 'cheffe', 'guichet', 'admin', 'auditrice'].map((login) => house.client(login)));
	people = [];
	for (let i = 0; i < 112; i++)
		people.push(await counter.expect(200, 'POST', '/api/counter/registrations', {
			identity: 'oui', mandate_checked: 'oui', name: `Personne ${100 + i}`, mandate: 'Maire', commune: 'Béruges', unit: BRIGADE, phone: `+3363998${6000 + i}`,
		}));
});

after(() => house?.close());

// A call that the operator has.
async function ring(number) {
	await operator.expect(204, 'POST', '/api/calls', {call: `call-${++calls}`, event: 'ringing', line: '17', ...number && {number}}, BEARER);
	const {calls: open} = await operator.expect(200, 'GET', '/api/alerts');
	const {id} = open.find(({claim}) => !claim);
	await operator.expect(200, 'POST', `/api/calls/${id}/claim`, {});
	return id;
}

const identify = (client, call, {id}) => client.ask('POST', `/api/calls/${call}/identify`, {official: id});
const opens = async (client, call, {id}) => (await client.expect(200, 'GET', `/api/calls/${call}`)).person?.id === id;
const held = async (client, one) => (await client.expect(200, 'GET', '/api/journal/held')).held.find(({account}) => account === one);
const idOf = async (client) => (await client.expect(200, 'GET', '/api/session')).account.id;

test('five_people_are_identified_for_a_call_and_the_sixth_waits_for_a_second_person_through_a_restart', async () => {
	const account = await idOf(operator), call = await ring();
	for (const one of people.slice(0, 5)) {
		assert.equal((await identify(operator, call, one)).status, 200);
		assert.ok(await opens(operator, call, one));
	}
	const refused = await identify(operator, call, people[5]);
	assert.equal(refused.status, 429, refused.text);
	assert.match(refused.json.detail, /5 dossiers pour cet appel/);
	assert.ok(!await opens(operator, call, people[5]));
	// Those of before are given again; another call, and a number that says whose it is, never wait.
	assert.equal((await identify(operator, call, people[2])).status, 200);
	assert.equal((await identify(operator, await ring(), people[5])).status, 200);
	const known = await ring('+33639986050');
	assert.ok(await opens(operator, known, people[50]));
	await house.server.stop();
	await house.server.start();
	assert.equal((await identify(operator, call, people[5])).status, 429, 'a restart forgets nothing');
	assert.equal((await held(administrator, account)).what, 'call');
	await operator.expect(403, 'GET', '/api/journal/held');
	await administrator.expect(204, 'POST', `/api/journal/held/${account}/confirm`, {reason});
	assert.equal((await identify(operator, call, people[5])).status, 200);
	assert.ok(await opens(operator, call, people[5]));
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${people[5].id}`);
	assert.ok(lines.some(({kind, target}) => kind === 'read' && target === call), 'the line of a file says for which call it was read');
});

test('the_chief_who_takes_the_call_is_a_second_person', async () => {
	const call = await ring();
	for (const one of people.slice(10, 15)) assert.equal((await identify(operator, call, one)).status, 200);
	assert.equal((await identify(operator, call, people[15])).status, 429);
	await chief.expect(200, 'POST', `/api/calls/${call}/claim`, {});
	assert.equal((await identify(chief, call, people[15])).status, 200);
});

test('an_operator_who_is_held_still_searches_for_who_calls_and_opens_whom_they_found', async () => {
	let call = await ring();
	const search = (words) => operator.ask('GET', `/api/calls/${call}/search?q=${encodeURIComponent(words)}`);
	let status = 200;
	for (let i = 100; status === 200 && i < 201; i++) ({status} = await search(`personne ${i}`));
	const refused = await search('personne 201');
	assert.equal(refused.status, 429, refused.text);
	assert.match(refused.json.detail, /^Vos recherches ont montré 100 personnes/);
	assert.equal((await search('personne 110')).status, 200, 'whom they have seen');
	call = await ring();
	assert.equal((await search('personne 201')).status, 200, 'another call has its own first ones');
	assert.equal((await identify(operator, call, people[101])).status, 200);
});

test('a_counter_opens_a_hundred_files_and_the_next_one_waits', async () => {
	const account = await idOf(counter), open = ({id}) => counter.ask('POST', '/api/counter/files', {official: id});
	for (const one of people.slice(0, 100)) assert.equal((await open(one)).status, 200);
	const refused = await open(people[100]);
	assert.equal(refused.status, 429, refused.text);
	assert.match(refused.json.detail, /^Vous avez ouvert 100 dossiers/);
	assert.equal((await open(people[7])).status, 200, 'what was open stays so');
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${people[100].id}`);
	assert.deepEqual(lines.filter(({kind}) => kind === 'read'), [], 'nothing was read');
	assert.equal((await held(auditor, account)).what, 'files');
	await auditor.expect(204, 'POST', `/api/journal/held/${account}/confirm`, {reason});
	assert.equal((await open(people[100])).status, 200);
});

test('a_lone_auditor_who_is_held_is_released_by_an_administrator_only', async () => {
	const account = await idOf(auditor);
	let status = 200;
	for (let i = 100; status === 200 && i < 201; i++) ({status} = await auditor.ask('GET', `/api/journal/people?q=${encodeURIComponent(`personne ${i}`)}`));
	assert.equal(status, 429);
	await auditor.expect(409, 'POST', `/api/journal/held/${account}/confirm`, {reason});
	assert.equal((await held(administrator, account)).what, 'people');
	await administrator.expect(204, 'POST', `/api/journal/held/${account}/confirm`, {reason});
	await auditor.expect(200, 'GET', '/api/journal/people?q=personne%20210');
});
