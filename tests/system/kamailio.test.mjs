// A real SIP call through Kamailio with our configuration: it rings in the room, and Égide never delays or loses it.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {House, SECRET} from '../lib/api.mjs';
import {BRIGADE, ROOM} from '../lib/server.mjs';
import {Telephony} from '../lib/sip.mjs';
import {until} from '../lib/wait.mjs';

const PHONE = '+33639980101';
// Kamailio would wait a minute for an answer: a call that waits for Égide never gets through here, however slow the machine is.
const patient = (text) => {
	assert.match(text, /"connection_timeout", 1\)/);
	return text.replace('"connection_timeout", 1)', '"connection_timeout", 60)');
};
let house, operator, telephony, official;

before(async () => {
	house = await House.open({options: {switch_secret: SECRET}});
	operator = await house.client('operatrice');
	await house.server.ctl('account', 'set', {account: 'operatrice', extension: '4012'});
	({id: official} = await house.server.ctl('official', 'add', {name: 'Élue d’essai', phone: PHONE, unit: BRIGADE}));
	telephony = await Telephony.start({egide: house.server.url, secret: SECRET, room: ROOM, change: patient});
});

after(async () => {
	await telephony?.stop();
	await house?.close();
});

const ofCalls = (console) => console.entries.filter(({kind}) => kind.startsWith('call.'));

test('an_invite_rings_on_the_operator_s_screen_and_who_answers_has_the_file', async () => {
	const console = await operator.console();
	await console.first('welcome');
	await telephony.call({from: `"Mairie" <sip:${PHONE}@op.example;user=phone>`});
	await until('the whole call', () => ofCalls(console).length === 3);
	const [ring, answer, end] = ofCalls(console);
	assert.deepEqual([ring.kind, answer.kind, end.kind], ['call.rang', 'call.answered', 'call.hung_up']);
	assert.deepEqual([ring.call.number, ring.call.line, ring.actor.kind], [PHONE, '17', 'switch']);
	assert.equal(answer.call.claim.account.name, 'Opératrice d’essai');
	assert.equal(end.call.state, 'ended');
	assert.equal((await operator.expect(200, 'GET', `/api/calls/${ring.call.id}`)).person.id, official);
	await operator.expect(200, 'POST', `/api/calls/${ring.call.id}/close`, {alert: 'none', text: 'Essai.'});
	await house.forgetConsoles();
});

const PIDF = '<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml" '
	+ 'xmlns:gs="http://www.opengis.net/pidflo/1.0" entity="tel:+33639980101"><tuple id="t"><status><gp:geopriv><gp:location-info><gs:Circle srsName="urn:ogc:def:crs:EPSG::4326">'
	+ '<gml:pos>46.6312 0.1834</gml:pos><gs:radius uom="urn:ogc:def:uom:EPSG::9001">30</gs:radius></gs:Circle></gp:location-info></gp:geopriv></status></tuple></presence>';

test('the_place_in_an_invite_is_read_beside_its_offer_of_sound', async () => {
	const console = await operator.console();
	await console.first('welcome');
	await telephony.call({
		from: `<sip:${PHONE}@op.example>`, headers: ['Geolocation: <cid:place@op.example>', 'Geolocation-Routing: yes', 'MIME-Version: 1.0'],
		type: 'multipart/mixed;boundary=cut',
		body: ['--cut', 'Content-Type: application/sdp', '', 'v=0', 'o=caller 1 1 IN IP4 [local_ip]', 's=-', 'c=IN IP4 [local_ip]', 't=0 0', 'm=audio 6001 RTP/AVP 8', '',
			'--cut', 'Content-Type: application/pidf+xml', 'Content-ID: <place@op.example>', '', PIDF, '--cut--', ''],
	});
	await until('the whole call', () => ofCalls(console).some(({kind}) => kind === 'call.hung_up'));
	const {fix} = await operator.expect(200, 'GET', `/api/calls/${ofCalls(console)[0].call.id}`);
	assert.deepEqual([fix.lat, fix.lon, fix.accuracy], [46.6312, 0.1834, 30]);
	await operator.expect(200, 'POST', `/api/calls/${ofCalls(console)[0].call.id}/close`, {alert: 'none', text: 'Essai.'});
	await house.forgetConsoles();
});

test('a_call_goes_through_when_egide_is_frozen_and_is_seen_when_it_is_back', async () => {
	const console = await operator.console();
	await console.first('welcome');
	house.server.process.kill('SIGSTOP');
	try {
		await telephony.call({from: '<sip:0639980202@op.example>'});
		await telephony.call({from: '<sip:anonymous@anonymous.invalid>', headers: ['P-Asserted-Identity: <tel:+33639980303>']});
	} finally {
		house.server.process.kill('SIGCONT');
	}
	await until('both calls', () => ['+33639980202', '+33639980303'].every((number) => ofCalls(console).some(({call}) => call.number === number)));
	await house.forgetConsoles();
});

test('a_call_goes_through_when_egide_is_stopped_and_is_told_once_it_is_back', async () => {
	const before = await operator.console();
	const {cursor} = await before.first('welcome');
	await house.forgetConsoles();
	await house.server.kill();
	await telephony.call({from: '<sip:0639980404@op.example>'});
	await house.server.start();
	const console = await operator.console({cursor});
	await until('the call', () => ofCalls(console).some(({call}) => call.number === '+33639980404'));
	await house.forgetConsoles();
});
