// The server as its administrator knows it: started, refused, told to reload, looked at, saved, restored, ended.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import {after, before, beforeEach, describe, test} from 'node:test';
import tls from 'node:tls';

import {CONTACT, House} from '../lib/api.mjs';
import {ROOT, Server, run} from '../lib/server.mjs';
import {freePorts, until} from '../lib/wait.mjs';
import {frameOf} from '../lib/watch.mjs';

const EGIDED = path.join(process.env.EGIDE_BUILD ?? path.join(ROOT, 'build'), 'egided');

// Runs egided to its end: {status, said}.
async function egided(...words) {
	const child = spawn(EGIDED, words, {stdio: ['ignore', 'pipe', 'pipe']});
	let said = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { said += bytes; });
	const [status] = await once(child, 'close');
	return {status, said};
}

// Presses SOS on as many watches as given, one after the other; their cards, in order.
async function alarms(house, operator, from, count) {
	const cards = [];
	for (let n = from; n < from + count; n++) {
		const official = await house.official(n);
		(await house.press(official)).destroy();
		cards.push(await house.alertOf(operator, official));
	}
	return cards;
}

describe('a start that is refused', () => {
	let server;
	const config = () => server.in('egide.conf');
	const change = async (from, to) => fs.writeFile(config(), (await fs.readFile(config(), 'utf8')).replace(from, to));
	const refused = async (pattern, status = 1) => {
		const end = await egided('--config', config());
		assert.equal(end.status, status, end.said);
		assert.match(end.said, pattern);
	};

	beforeEach(async () => {
		await server?.remove();
		server = await Server.prepare();
		await server.init();
	});
	after(() => server?.remove());

	test('a_wrong_option_is_told_in_french_by_its_line_with_status_2', async () => {
		await change(/^http = .*/m, 'htpp = 127.0.0.1:1');
		await refused(/^Configuration refusée : .*egide\.conf, ligne \d+ : l'option « htpp » n'existe pas$/m, 2);
		assert.equal((await egided('--config', config(), '--check-config')).status, 2);
		assert.equal((await egided('--config', server.in('none.conf'))).status, 2);
		assert.equal((await egided('--nonsense')).status, 2);
	});

	// What the values mean: the same sentence and status from a start and from a look, which opens no port and no database.
	test('what_an_option_means_is_told_by_its_line_at_a_start_and_at_a_look', async () => {
		const sound = await fs.readFile(config(), 'utf8');
		const ladder = await fs.readFile(server.in('definitions/ladder.json'), 'utf8');
		const wrong = {
			'http = 127.0.0.1': /egide\.conf, ligne 1 : « http » attend des adresses/,
			'trusted_proxies = 10.1.0.0/8': /egide\.conf, ligne 1 : « trusted_proxies » attend seize réseaux/,
			'public_url = egide.example': /egide\.conf, ligne 1 : « public_url » attend une adresse/,
			'database = mysql:egide': /egide\.conf, ligne 1 : « database » attend sqlite:CHEMIN/,
			'kannel_secret = court': /egide\.conf, ligne 1 : « kannel_secret » attend au moins 16 lettres/,
			'https = 127.0.0.1:0': /egide\.conf, ligne 1 : « certificate », \S+certificate\.pem : No such file/,
		};
		const both = async (pattern) => {
			for (const words of [[], ['--check-config']]) {
				const end = await egided('--config', config(), ...words);
				assert.match(end.said, new RegExp(`^Configuration refusée : \\S*${pattern.source}`));
				assert.equal(end.status, 2, end.said);
			}
		};
		for (const [line, pattern] of Object.entries(wrong)) {
			const name = line.split(' ')[0];
			await fs.writeFile(config(), `${line}\n${sound.replace(new RegExp(`^${name} = .*\n`, 'm'), '')}`);
			await both(pattern);
		}
		await fs.writeFile(config(), sound.replace(/^kannel_secret = .*/m, 'sendsms_url = http://127.0.0.1:1/'));
		await both(/egide\.conf, ligne \d+ : « sendsms_url » demande un « kannel_secret »/);
		await fs.writeFile(config(), sound);
		await fs.writeFile(server.in('definitions/ladder.json'), ladder.replace('"steps"', '\n"steps":'));
		await both(/ladder\.json : ligne 2, colonne \d+ : ce n'est pas du JSON valable/);
		await fs.writeFile(server.in('definitions/ladder.json'), ladder.replace(/"after_s":\s*5\b/, '"after_s":0'));
		await both(/ladder\.json : steps\[0\]\.after_s : /);
		await fs.writeFile(server.in('definitions/ladder.json'), ladder);

		// The server runs and has both port and database: looking takes neither.
		await server.start();
		assert.deepEqual(await egided('--config', config(), '--check-config'), {status: 0, said: 'Configuration correcte.\n'});
	});

	test('a_key_file_that_others_may_read_is_refused', async () => {
		await fs.chmod(server.in('keys/keys'), 0o644);
		await refused(/keys\.refused path=\S+ .*mode 0600/);
	});

	test('a_database_that_does_not_open_and_one_of_other_keys_are_refused', async () => {
		await fs.writeFile(server.in('data/other.db'), 'This is a letter, not a database. '.repeat(200));
		await change(/^database = .*/m, `database = sqlite:${server.in('data/other.db')}`);
		await refused(/not a database/);
		await change(/^database = .*/m, 'database = postgresql:host=/nowhere dbname=egide');
		await refused(/the database does not answer/);
		await run('egidectl', ['init', '--data', server.in('second'), '--keys', server.in('keys/second')]);
		await change(/^database = .*/m, `database = sqlite:${server.in('second/egide.db')}`);
		await refused(/keys and database of two different systems/);
	});

	test('a_second_server_of_the_same_folder_is_refused', async () => {
		await server.start();
		await change(/^(http|watch) = 127.0.0.1:(\d+)$/gm, '$1 = 127.0.0.1:0');
		await refused(/another egided uses it/);
		assert.equal((await server.request('GET', '/health')).status, 200);
	});

	test('an_address_that_is_taken_is_named', async () => {
		await server.start();
		await change(/^data_folder = .*/m, `data_folder = ${server.in('keys')}`);
		await refused(new RegExp(`listener\\.failed what=http address=127\\.0\\.0\\.1:${server.port} error="Address already in use"`));
	});

	test('a_certificate_that_is_not_there_is_named', async () => {
		await change(/^http = /m, `certificate = ${server.in('none.pem')}\nhttps = 127.0.0.1:0\nhttp = `);
		await refused(/ligne \d+ : « certificate », \S+none\.pem : No such file/, 2);
	});
});

test('the_sample_configuration_is_accepted', async () => {
	const server = await Server.prepare();
	try {
		const {status, said} = await egided('--sample-config');
		assert.equal(status, 0);
		// The ladder is not installed where the sample says.
		await fs.writeFile(server.in('sample.conf'), `${said}definitions_folder = ${path.join(ROOT, 'definitions')}\n`);
		assert.deepEqual(await egided('--config', server.in('sample.conf'), '--check-config'), {status: 0, said: 'Configuration correcte.\n'});
	} finally {
		await server.remove();
	}
});

describe('a server behind TLS', () => {
	let house, operator, ports, certificate;

	const make = async (names) => {
		for (const name of ['tls.pem', 'tls.key']) await fs.rm(house.server.in(name), {force: true});
		await run('egided', ['--config', house.server.in('egide.conf'), '--make-certificate', names]);
		return fs.readFile(house.server.in('tls.pem'));
	};
	const connect = async (port) => {
		const socket = tls.connect({port, host: '127.0.0.1', servername: 'localhost', ca: certificate});
		await once(socket, 'secureConnect');
		return socket;
	};
	const get = (agent) => new Promise((resolve, reject) => {
		https.get({agent, port: ports, host: '127.0.0.1', servername: 'localhost', path: '/health', ca: certificate}, (response) => {
			response.resume().on('end', () => resolve(response.statusCode));
		}).on('error', reject);
	});

	before(async () => {
		ports = await freePorts(2);
		house = new House();
		house.consoles = new Set();
		const server = house.server = await Server.prepare();
		await server.init({options: {
			https: `127.0.0.1:${ports}`, watch_tls: `127.0.0.1:${ports + 1}`, certificate: server.in('tls.pem'),
			certificate_key: server.in('tls.key'), trusted_proxies: '127.0.0.1', log_level: 'error',
		}});
		certificate = await make('localhost,127.0.0.1');
		await server.start();
		await server.register();
		operator = await house.client('operatrice');
	});
	after(() => house?.close());

	test('pages_and_watches_are_served', async () => {
		assert.equal(await get(), 200);
		const official = await house.official(1), socket = await connect(ports + 1);
		let said = '';
		socket.on('data', (bytes) => { said += bytes; });
		const content = 'AL,231126,201500,A,46.640100,N,0.166000,E,4.2,90.0,92.0,9,78,82,1200,3,00010000,1,1,208,01,2101,30518,158,0,12';
		socket.write(frameOf(official.watch, content));
		await until('the answer', () => said.includes('*AL]'));
		socket.destroy();
		assert.equal((await house.alertOf(operator, official)).state, 'raised');
	});

	test('a_renewed_certificate_is_served_and_no_connection_is_dropped', async () => {
		const agent = new https.Agent({keepAlive: true, maxSockets: 1}), watch = await connect(ports + 1);
		let heard = '', dropped = false;
		watch.on('data', (bytes) => { heard += bytes; }).on('close', () => { dropped = true; });
		assert.equal(await get(agent), 200);
		const [held] = Object.values(agent.freeSockets).flat();
		const old = watch.getPeerX509Certificate().serialNumber;

		certificate = await make('localhost,127.0.0.1');
		house.server.process.kill('SIGHUP');
		const renewed = await until('the new certificate', async () => {
			const socket = await connect(ports);
			const {serialNumber} = socket.getPeerX509Certificate();
			socket.destroy();
			return serialNumber !== old && serialNumber;
		});
		assert.notEqual(renewed, old);
		assert.equal(await get(agent), 200);
		assert.equal(Object.values(agent.freeSockets).flat()[0], held);
		watch.write('[3G*8800009999*0002*LK]');
		await until('the old connection answers', () => heard.includes('*LK]'));
		assert.equal(dropped, false);
		watch.destroy();
		agent.destroy();
	});

	test('a_certificate_that_cannot_be_read_leaves_the_old_one', async () => {
		await fs.writeFile(house.server.in('tls.pem'), 'nothing');
		house.server.process.kill('SIGHUP');
		assert.equal(await get(), 200);
		assert.equal(house.server.process.exitCode, null);
	});
});

describe('a server that runs', () => {
	let house, operator;

	before(async () => {
		house = await House.open();
		operator = await house.client('operatrice');
	});
	after(() => house?.close());

	test('its_figures_are_prometheus_text_for_loopback_only', async () => {
		await alarms(house, operator, 100, 1);
		const response = await fetch(`${house.server.url}/metrics`);
		assert.equal(response.status, 200);
		assert.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/);
		const values = new Map();
		const lines = (await response.text()).trimEnd().split('\n');
		for (let i = 0; i < lines.length; i += 3) {
			const [, name] = /^# HELP (egide_[a-z_]+) \S.*$/.exec(lines[i]) ?? assert.fail(lines[i]);
			const [, kind] = new RegExp(`^# TYPE ${name} (gauge|counter)$`).exec(lines[i + 1]) ?? assert.fail(lines[i + 1]);
			const [, value] = new RegExp(`^${name} (-?[0-9.]+(?:e[+-]?[0-9]+)?)$`).exec(lines[i + 2]) ?? assert.fail(lines[i + 2]);
			assert.equal(kind === 'counter', name.endsWith('_total'), name);
			assert.ok(!values.has(name), name);
			values.set(name, Number(value));
		}
		assert.equal(values.get('egide_alerts_total'), 1);
		assert.ok(values.get('egide_commits_total') > 0);
		assert.equal(values.get('egide_certificate_days'), -1);
		assert.equal(values.get('egide_alerts_open'), 1);
		assert.equal(values.get('egide_alerts_unclaimed'), 1);
		assert.ok(values.has('egide_deadlines_late') && values.has('egide_sms_due'));
		// As a proxy says of somebody who is not on this machine: for them there is no such page.
		assert.equal((await fetch(`${house.server.url}/metrics`, {headers: {'X-Forwarded-For': '192.0.2.7'}})).status, 404);
	});

	test('alert_rules_name_only_figures_that_exist', async () => {
		const rules = await fs.readFile(path.join(ROOT, 'packaging/egide.rules.yml'), 'utf8');
		const figures = await (await fetch(`${house.server.url}/metrics`)).text();
		for (const [name] of rules.matchAll(/\begide_[a-z_]+/g)) assert.ok(figures.includes(`\n${name} `), name);
	});

	test('it_ends_within_two_seconds_with_everything_committed', async () => {
		const cards = await alarms(house, operator, 200, 5);
		const console = await operator.console();
		await console.first('welcome');
		const official = await house.official(210), watch = await house.press(official);
		const asked = performance.now();
		await house.server.stop();
		assert.ok(performance.now() - asked < 2000);
		await console.closed();
		watch.destroy();

		await house.server.start();
		const {alerts} = await operator.expect(200, 'GET', '/api/alerts');
		for (const card of cards) assert.ok(alerts.some(({id}) => id === card.id));
		assert.ok(alerts.some((card) => card.official?.id === official.id));
		assert.match(await run('egidectl', ['verify', '--config', house.server.in('egide.conf')]), /\d/);
	});

	test('health_is_503_when_the_database_cannot_be_read', async () => {
		const database = house.server.in('data/egide.db');
		assert.equal((await fetch(`${house.server.url}/health`)).status, 200);
		await house.server.stop();
		await house.server.start();
		await fs.truncate(database, 0);
		await fs.truncate(`${database}-wal`, 0);
		const response = await until('503', async () => {
			const answer = await fetch(`${house.server.url}/health`);
			return answer.status !== 200 && answer;
		});
		assert.equal(response.status, 503);
		assert.equal((await response.json()).status, 503);
		// What storage would say is left out, the rest is there.
		await until('figures without those of storage, whichever reader makes them', async () => {
			const figures = await (await fetch(`${house.server.url}/metrics`)).text();
			return figures.includes('\negide_uptime_seconds ') && !figures.includes('egide_alerts_open');
		});
		// Nothing is acknowledged, and the process stays to say so.
		assert.equal(house.server.process.exitCode, null);
		await house.server.kill();
	});
});

test('a_backup_taken_while_alerts_arrive_comes_back_whole_in_a_new_epoch', async () => {
	const house = await House.open();
	try {
		const {server} = house, operator = await house.client('operatrice');
		const before_it = await alarms(house, operator, 300, 3);
		await operator.expect(201, 'POST', `/api/alerts/${before_it[0].id}/notes`, {text: 'Écrit avant la copie'});
		const {cursor} = await operator.expect(200, 'GET', '/api/alerts');
		const link = await house.gateway.token('s', CONTACT);
		await house.client().expect(200, 'GET', `/api/suivi/${link}`);
		const copy = server.in('copie.db');
		await Promise.all([
			run('egidectl', ['backup', copy, '--config', server.in('egide.conf')]),
			alarms(house, operator, 310, 5),
		]);
		assert.equal((await fs.stat(copy)).mode & 0o777, 0o600);
		await server.stop();

		await fs.rename(server.in('data'), server.in('data-before'));
		await fs.mkdir(server.in('data'), {mode: 0o700});
		const said = await run('egidectl', ['restore', copy, '--config', server.in('egide.conf')]);
		assert.match(said, /Restauration faite/);
		await server.start();

		// Who had logged out, and which link was revoked since the copy, is not known: none from before opens anything.
		await operator.expect(401, 'GET', '/api/session');
		await house.client().expect(410, 'GET', `/api/suivi/${link}`);
		await operator.login('operatrice');
		const list = await operator.expect(200, 'GET', '/api/alerts');
		for (const card of before_it) assert.ok(list.alerts.some(({id}) => id === card.id), 'an alert is missing');
		assert.notEqual(list.cursor.epoch, cursor.epoch);
		const detail = await operator.expect(200, 'GET', `/api/alerts/${before_it[0].id}`);
		assert.ok(JSON.stringify(detail).includes('Écrit avant la copie'));
		assert.equal(detail.contacts[0].link, 'revoked');
		const console = await operator.console({cursor});
		const reset = await console.first('reset');
		assert.equal(reset.cursor.epoch, list.cursor.epoch);
		await alarms(house, operator, 330, 1);
		await run('egidectl', ['verify', '--config', server.in('egide.conf')]);
	} finally {
		await house.forgetConsoles();
		await house.close();
	}
});

// systemd itself reads the unit; what it does not know it says, and says nothing else. The page of the manual is there once installed.
test('the_unit_of_systemd_is_well_formed', {skip: spawnSync('systemd-analyze', ['--version']).error && 'no systemd-analyze here'}, async () => {
	const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'egide-unit-'));
	try {
		const unit = await fs.readFile(path.join(ROOT, 'packaging/egided.service.in'), 'utf8');
		const verify = async (text) => {
			await fs.writeFile(path.join(folder, 'egided.service'), text.replace('@sbindir@', path.dirname(EGIDED)).replace(/^Documentation=.*$/m, ''));
			const {status, stdout, stderr} = spawnSync('systemd-analyze', ['verify', path.join(folder, 'egided.service')], {encoding: 'utf8'});
			return {status, said: stdout + stderr};
		};
		assert.deepEqual(await verify(unit), {status: 0, said: ''});
		assert.match((await verify(unit.replace('ProtectHome=yes', 'ProtectHomes=yes'))).said, /ProtectHomes/);
	} finally {
		await fs.rm(folder, {recursive: true});
	}
});
