// kill -9 at any instant, under load, on both databases: what was acknowledged is stored, once, with its ladder and its SMS.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {ROOT, SECRET, Server, run} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';
import {Watch} from '../lib/watch.mjs';

// On each of the two databases: a hundred in all in make check, two thousand in make torture.
const KILLS = Number(process.env.EGIDE_KILLS ?? 50) * Number(process.env.EGIDE_BUDGET ?? 1);
const WATCHES = 24, OPERATORS = 3, SERVED = WATCHES * 2 / 3;
const SEED = Number(process.env.EGIDE_SEED ?? Date.now() % 1e9);
const LADDER = (({steps}) => ({steps: steps.map((step, i) => step.unless === 'acted' ? step : {...step, after_s: 1 + i})}))(
	JSON.parse(readFileSync(path.join(ROOT, 'definitions/ladder.json'), 'utf8')));
const POSTGRES = path.join(ROOT, 'tests/lib/postgres');

// Chance, repeatable (mulberry32).
function chance(seed) {
	let state = seed >>> 0;
	return () => {
		state = state + 0x6D2B79F5 >>> 0;
		let z = Math.imul(state ^ state >>> 15, state | 1);
		z ^= z + Math.imul(z ^ z >>> 7, z | 61);
		return ((z ^ z >>> 14) >>> 0) / 4294967296;
	};
}

const wait = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// Takes every SMS; says so, sometimes late, sometimes not at all.
async function startGateway(random) {
	const gateway = http.createServer((request, response) => {
		const {searchParams} = new URL(request.url, 'http://localhost');
		gateway.taken.push(searchParams.get('text'));
		if (random() < 0.1) return response.destroy();
		response.writeHead(202).end('0: Accepted for delivery');
		fetch(searchParams.get('dlr-url').replace('%d', '1')).catch(() => {});
	});
	gateway.taken = [];
	gateway.listen(0, '127.0.0.1');
	await once(gateway, 'listening');
	return gateway;
}

// Claims and closes what it sees, except the alerts of the last watches: those climb their ladder to the end.
async function operate(server, random, state) {
	while (!state.over) {
		try {
			const {alerts} = await server.json('GET', '/api/alerts?state=open&limit=50');
			for (const card of alerts) {
				if (state.over || Number(card.device.label.split(' ')[1]) >= SERVED) continue;
				await server.json('POST', `/api/alerts/${card.id}/claim`, {});
				state.acted++;
				if (random() < 0.3) await server.json('POST', `/api/alerts/${card.id}/notes`, {text: 'Vu.'});
				await server.json('POST', `/api/alerts/${card.id}/close`, {outcome: 'false_alarm'});
			}
		} catch {
			state.disturbed++; // killed meanwhile, or somebody was quicker
		}
		await wait(10);
	}
}

async function press(watch, random, state) {
	while (!state.over) {
		await watch.press();
		await wait(random() * 200);
	}
}

async function killAgainAndAgain(server, random, state) {
	const starts = [];
	for (let i = 0; i < KILLS; i++) {
		await wait(20 + random() * 300);
		assert.equal(server.process.exitCode ?? server.process.signalCode, null, 'egided ended by itself');
		await server.kill();
		const before = performance.now();
		await server.start();
		starts.push(performance.now() - before);
	}
	state.over = true;
	return starts.sort((a, b) => a - b);
}

function aftermath(server, database) {
	const tool = path.join(process.env.EGIDE_BUILD ?? path.join(ROOT, 'build'), 'tests/system/tool_aftermath');
	const {stdout, stderr, status} = spawnSync(tool, [database, server.in('keys/keys')], {encoding: 'utf8', maxBuffer: 1 << 28});
	assert.equal(status, 0, stderr);
	const left = JSON.parse(stdout);
	left.of = Object.fromEntries(left.calls.map(([ident]) => [ident, 0]));
	for (const [ident, triggers] of left.calls) left.of[ident] += triggers;
	return left;
}

async function torture(t, database) {
	const random = chance(SEED), gateway = await startGateway(random);
	const server = await Server.prepare({folder: process.env.EGIDE_TEST_DISK}); // where a sync takes its time
	try {
		const url = database ?? `sqlite:${server.in('data/egide.db')}`;
		await server.init({ladder: LADDER, options: {database: url, sendsms_url: `http://127.0.0.1:${gateway.address().port}/sendsms`, kannel_secret: SECRET, log_level: 'error'}});
		await server.start();
		await server.register();
		const watches = [];
		for (let n = 0; n < WATCHES; n++) {
			const ident = `88${String(n).padStart(8, '0')}`;
			await server.addOfficial({name: `Élue ${n}`, phone: `+3363998${1000 + n}`, watch: ident, contacts: n % 2 ? [`+3363998${2000 + n}`, `+3363998${3000 + n}`] : []});
			await server.ctl('device', 'set', {device: `watch:${ident}`, label: `Montre ${n}`});
			watches.push(new Watch(server.watchPort, ident, 1_700_000_000));
		}
		await server.login();
		const state = {over: false, acted: 0, disturbed: 0};
		const work = [...watches.map((watch) => press(watch, random, state)), ...Array.from({length: OPERATORS}, () => operate(server, random, state))];
		const starts = await killAgainAndAgain(server, random, state);
		await Promise.all(work); // every call is answered in the end

		// The alerts nobody took have climbed, each step once, through all of it.
		await until('every ladder at its end', async () => {
			const {alerts} = await server.json('GET', '/api/alerts?state=open&limit=100');
			const waiting = alerts.filter((card) => !card.claim);
			return waiting.length >= WATCHES - SERVED && waiting.every((card) => card.level === 4);
		}, 120_000);
		const {alerts} = await server.json('GET', '/api/alerts?state=open&limit=100');
		for (const card of alerts.filter((one) => !one.claim)) {
			// An SMS the gateway dropped is tried again.
			const {entries} = await until(`the SMS of alert ${card.ref}`, async () => {
				const detail = await server.json('GET', `/api/alerts/${card.id}`);
				return (!detail.contacts.length || ['accepted', 'sent', 'delivered'].includes(detail.contacts[0].state)) && detail;
			});
			const steps = entries.filter((entry) => entry.kind === 'alert.climbed').map((entry) => entry.body.step);
			assert.deepEqual(steps, ['neighbour', 'supervisor', 'second', 'zone'], `alert ${card.ref}`);
		}
		await server.stop();

		const left = aftermath(server, url);
		assert.deepEqual(left.wrong, []);
		for (const watch of watches) {
			assert.equal(watch.answered, watch.pressed);
			assert.equal(left.of[watch.ident], watch.answered, `watch ${watch.ident}: calls stored and calls answered`);
		}
		await run('egidectl', ['verify', '--database', url, '--keys', server.in('keys/keys')]);
		const calls = watches.reduce((sum, watch) => sum + watch.answered, 0), frames = watches.reduce((sum, watch) => sum + watch.sent, 0);
		t.diagnostic(`seed ${SEED}: ${KILLS} kills, ${calls} calls in ${frames} frames, ${left.alerts} alerts, ${left.messages} SMS rows, ${gateway.taken.length} SMS taken, ` +
			`${state.acted} claims, restart ${starts[starts.length >> 1].toFixed(0)} ms (median), ${starts.at(-1).toFixed(0)} ms (most)`);
	} finally {
		await server.kill();
		await server.remove();
		gateway.closeAllConnections();
		gateway.close();
	}
}

describe(`kill -9 under load, ${KILLS} times on each of two databases`, () => {
	let folder, database;

	before(async () => {
		const prepared = spawnSync('mktemp', ['-d'], {encoding: 'utf8'});
		folder = path.join(prepared.stdout.trim(), 'postgres');
		const started = spawnSync(POSTGRES, ['start', folder], {encoding: 'utf8'});
		assert.equal(started.status, 0, started.stderr);
		database = started.stdout.trim();
	});
	after(() => { spawnSync(POSTGRES, ['stop', folder]); });

	test('nothing_acknowledged_is_lost_or_doubled_on_sqlite', (t) => torture(t));
	test('nothing_acknowledged_is_lost_or_doubled_on_postgresql', (t) => torture(t, database));
});
