// Measures, and prints each figure beside its limit or its peer of the same run:
//
//	bench/run                       everything, about ten minutes
//	bench/run alerts positions …    these parts: alerts postgres positions idle storm growth sound heard
//	                                territory officials lookup audit sip
//
// The table also goes to bench/results/LAST.md. EGIDE_BENCH_NICE, EGIDE_BENCH_SERVER_CPUS, EGIDE_BENCH_LOAD_CPUS,
// EGIDE_BENCH_PORTS and EGIDE_BENCH_SERVER are explained in house.mjs. EGIDE_BENCH_REGISTERED: how many lookup registers, 600,000.
// EGIDE_BENCH_OFFICIALS: how many lines the register of officials has, 520,000.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { join } from 'node:path';

import { until } from '../tests/lib/wait.mjs';
import { auditing, bare, begin, beginBehind, copy, data, devices, icecast, importing, load, lookups, mosquitto, ours, oursWithSound, peak, ports, prepare, redis, result, root, said, seed, serverCpus, speak, sqlite } from './house.mjs';
import { fillRedis, Operator, redisLookups } from './lookup.mjs';
import { listen, Trunk } from './sip.mjs';

const REPEATS = Number(process.env.EGIDE_BENCH_REPEATS || 3);
const CONSOLES = 10;
const IDLE = 15000;

const rows = [];
const say = (text) => process.stderr.write(`${text}\n`);
const number = (value) => (value >= 100 ? Math.round(value).toLocaleString('en').replaceAll(',', ' ') : value.toPrecision(3));
const ms = (us) => `${(us / 1000).toPrecision(3)} ms`;
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
/** Each figure's median over the runs. */
const medians = (runs) => Object.fromEntries(Object.keys(runs[0]).map((key) => [key, median(runs.map((run) => run[key] ?? 0))]));

function row(figure, value, beside, ratio, goal, reached) {
	rows.push([figure, value, beside, ratio, goal, reached === null ? '' : reached ? 'yes' : '**no**']);
	say(`  ${figure}: ${value} | ${beside} | ${ratio} | ${goal} | ${reached}`);
}

function beside(figure, value, limit, print, goal, reached, name = 'bare') {
	row(figure, print(value), `${name} ${print(limit)}`, `× ${(value / limit).toPrecision(2)}`, goal, reached);
}

/** Runs `measure` on a server that is new each time. */
async function on(server, measure) {
	const s = await server();
	try {
		return await measure(s);
	} finally {
		await s.stop();
	}
}

async function repeat(work) {
	const runs = [];
	for (let i = 0; i < REPEATS; i++) runs.push(await work());
	return runs;
}

const fresh = (from) => () => (copy(from, 'run'), ours(sqlite('run')));

// --- 1: alerts

const alertsAt = (rate, seconds) => (s) =>
	load('alerts', s.load, '--first', devices.calls, '--count', 20000, '--consoles', CONSOLES, '--rate', rate, '--seconds', seconds);

/** Ours and the bare one take turns, so that both see the same machine. */
async function inTurns(measureOurs, measureBare, server) {
	const our = [], its = [];
	for (let i = 0; i < REPEATS; i++) {
		its.push(await on(bare, measureBare));
		our.push(await on(server, measureOurs));
	}
	return [medians(our), medians(its)];
}

async function alertRate(rate, seconds, server, label, goals) {
	const [our, its] = await inTurns(alertsAt(rate, seconds), alertsAt(rate, seconds), server);
	const missing = our.sent - our.answered + our.sent * CONSOLES - our.shown;
	for (const [what, key] of [['acknowledgement', 'ack'], ['feed', 'feed']])
		for (const p of ['p50', 'p99'])
			beside(`${label}, ${rate}/s, to ${what}, ${p}`, our[`${key}_${p}_us`], its[`${key}_${p}_us`], ms, goals ? '≤ × 3' : '',
				goals ? our[`${key}_${p}_us`] <= 3 * its[`${key}_${p}_us`] : null);
	beside(`${label}, ${rate}/s, server CPU an alert`, our.cpu_us, its.cpu_us, (us) => `${number(us)} µs`, '', null);
	if (missing) row(`${label}, ${rate}/s, answers and feed messages missing`, missing, '', '', '0', false);
}

const alertsHighest = (s) => load('alerts', s.load, '--first', devices.calls, '--count', 15000, '--consoles', 1, '--window', 400, '--seconds', 20);
const bareHighest = (s) => load('alerts', s.load, '--first', devices.calls, '--count', 1000, '--consoles', 1, '--window', 1000, '--again', '--seconds', 3);

async function alerts() {
	await alertRate(200, 5, fresh('people'), 'Alert', true);
	await alertRate(2000, 4, fresh('people'), 'Alert', true);
	const [our, its] = await inTurns(alertsHighest, bareHighest, fresh('people'));
	beside('Alerts, highest rate (1 console)', our.per_second, its.per_second, (v) => `${number(v)}/s`, '≥ × 0.1',
		our.per_second >= its.per_second / 10);
	beside('Alerts at that rate, server CPU an alert', our.cpu_us, its.cpu_us, (us) => `${number(us)} µs`, '', null);
	if (cpus().length > 1 && serverCpus === '0') {
		const both = medians(await repeat(() => on(() => (copy('people', 'run'), ours(sqlite('run'), '0,1')), alertsHighest)));
		row('The same, server on both processors', `${number(both.per_second)}/s`, '', '', '', null);
	}
}

/** PostgreSQL is reported, beside pgbench inserting one row a transaction. */
async function postgres() {
	const helper = join(root, 'tests', 'lib', 'postgres'), folder = join(data, 'postgres');
	const url = execFileSync(helper, ['start', folder], { encoding: 'utf8' }).trim();
	try {
		await seed(url, 'people');
		const connection = url.replace('postgresql:', '');
		const script = join(data, 'insert.sql');
		writeFileSync(script, 'INSERT INTO bench VALUES (:client_id, now(), repeat(\'x\', 200));\n');
		execFileSync('psql', [connection, '-qc', 'CREATE TABLE bench (device bigint, at timestamptz, body text); CREATE INDEX ON bench (device, at)']);
		const tps = (clients) => Number(/tps = ([\d.]+)/.exec(execFileSync('pgbench', ['-n', '-M', 'prepared', '-c', clients, '-j', 2, '-T', 4,
			'-f', script, connection], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))[1]);
		const one = tps(1), many = tps(32);
		const slow = await on(() => ours(url, '0,1'), alertsAt(200, 5));
		row('PostgreSQL, alert, 200/s, to acknowledgement, p50', ms(slow.ack_p50_us), `pgbench, 1 client, 1 row: ${ms(1e6 / one)}`, '', '', null);
		row('PostgreSQL, alert, 200/s, to acknowledgement, p99', ms(slow.ack_p99_us), '', '', '', null);
		const high = await on(() => ours(url, '0,1'), (s) => load('alerts', s.load, '--first', devices.calls + 1000, '--count', 10000,
			'--consoles', 1, '--window', 400, '--seconds', 20));
		row('PostgreSQL, alerts, highest rate', `${number(high.per_second)}/s`, `pgbench, 32 clients, 1 row: ${number(many)}/s`,
			`× ${(high.per_second / many).toPrecision(2)}`, '', null);
	} finally {
		execFileSync(helper, ['stop', folder]);
	}
}

// --- 2: positions

const positionsHighest = (s) => load('positions', s.load, '--first', devices.moves, '--count', 1000, '--window', 3, '--seconds', 5);
const ownTracks = (s) => load('owntracks', s.load, '--first', devices.movesHttp, '--count', 200, '--seconds', 5);

/** Watches that move, and others that call among them: two load processes, so that none waits for the other's work. */
async function positionsAndCalls(s, rate) {
	const moving = begin('positions', s.load, '--first', devices.moves, '--count', 1000, '--rate', rate, '--seconds', 8);
	const calling = begin('alerts', s.load, '--first', devices.calls, '--count', 150, '--rate', 30, '--seconds', 5);
	const [calls, moves] = [await result(calling), await result(moving)];
	return { ...calls, moves_per_second: moves.per_second, moves_p99_us: moves.feed_p99_us };
}

async function positions() {
	const watch = medians(await repeat(() => on(fresh('running'), positionsHighest)));
	const mqtt = medians(await repeat(() => on(mosquitto, (s) => load('mqtt', s.load, '--count', 1000, '--seconds', 4))));
	const reached = watch.per_second >= 20000;
	beside('Positions from 1,000 watches in alert, stored', watch.per_second, mqtt.per_second, (v) => `${number(v)}/s`, '≥ 20 000/s', reached, 'Mosquitto QoS 1, not stored');
	beside('Positions, server CPU each', watch.cpu_us, mqtt.cpu_us, (us) => `${number(us)} µs`, '', null, 'Mosquitto');
	const http = medians(await repeat(() => on(fresh('running'), ownTracks)));
	row('Positions over OwnTracks HTTP, stored before the 200', `${number(http.per_second)}/s`, "OwnTracks' recorder, no fsync (performance.md): 1 100/s",
		`× ${number(http.per_second / 1100)}`, '≥ 20 000/s', http.per_second >= 20000);
	row('The same, to the 200, p50 / p99; server CPU', `${ms(http.answer_p50_us)} / ${ms(http.answer_p99_us)}; ${number(http.cpu_us)} µs`, '', '', '', null);
	const rate = Math.min(20000, Math.round(watch.per_second * 0.7 / 100) * 100);
	const calls = medians(await repeat(() => on(fresh('running'), (s) => positionsAndCalls(s, rate))));
	row(`An SOS among ${number(rate)} positions/s (${number(calls.moves_per_second)} stored), to acknowledgement, p99`, ms(calls.ack_p99_us), '', '', '≤ 20 ms', calls.ack_p99_us <= 20000);
}

// --- 3: connections

const idle = (count, ...more) => (s) => load('idle', s.load, '--first', devices.calls, '--count', count, ...more);

async function connections() {
	const mqtt = await on(mosquitto, idle(IDLE, '--kind', 'mqtt'));
	const watch = medians(await repeat(() => on(fresh('people'), idle(IDLE, '--seconds', 5))));
	beside(`Memory a watch connection, TCP, ${IDLE} idle`, watch.kib_each, mqtt.kib_each, (v) => `${number(v)} KiB`, '≤ 1.3 KiB', watch.kib_each <= 1.3, 'Mosquitto');
	beside('CPU to accept a watch connection', watch.accept_cpu_us, mqtt.accept_cpu_us, (v) => `${number(v)} µs`, '≤ 45 µs', watch.accept_cpu_us <= 45, 'Mosquitto with CONNECT');
	row('CPU of 15,000 heartbeats a minute', `${number(watch.heartbeat_minute_cpu_ms)} ms a minute`,
		`without heartbeats: ${number(watch.idle_minute_cpu_ms)} ms`, '', '', null);
	const socket = await on(fresh('people'), idle(IDLE, '--kind', 'websocket'));
	row(`Memory a WebSocket, ${IDLE} idle`, `${number(socket.kib_each)} KiB`, '', '', '≤ 8 KiB', socket.kib_each <= 8);
	row('CPU to accept a WebSocket, with login cookie and upgrade', `${number(socket.accept_cpu_us)} µs`, '', '', '', null);
	const tls = await on(fresh('people'), (s) => load('idle', s.tls, '--first', devices.calls, '--count', IDLE, '--seconds', 0));
	row(`Memory a watch connection, TLS, ${IDLE} idle`, `${number(tls.kib_each)} KiB`, 'OpenSSL alone (performance.md): 14.0 KiB', `× ${number(tls.kib_each / 14)}`, '≤ 17 KiB', tls.kib_each <= 17);
	row('CPU to accept a TLS connection', `${number(tls.accept_cpu_us)} µs`, 'OpenSSL alone (performance.md): 425 µs', `× ${number(tls.accept_cpu_us / 425)}`, '≤ 500 µs', tls.accept_cpu_us <= 500);
}

async function stormOn(s, ...how) {
	const storm = beginBehind('storm', s.load, '--first', devices.calls, '--count', IDLE, ...how);
	await said(storm, /ready/, 120);
	const calling = begin('alerts', s.load, '--first', devices.calls + IDLE, '--count', 600, '--consoles', 1, '--rate', 200, '--seconds', 3);
	await said(calling, /ready/);
	setTimeout(() => storm.stdin.end('now\n'), 500);
	const [calls, come] = [await result(calling), await result(storm)];
	return { ...calls, storm_seconds: come.seconds };
}

async function storm() {
	const calls = medians(await repeat(() => on(fresh('people'), (s) => stormOn(s))));
	row(`An alert while ${IDLE} watches come back within ${number(calls.storm_seconds)} s, to acknowledgement, p99`, ms(calls.ack_p99_us), '', '',
		'≤ 20 ms', calls.ack_p99_us <= 20000);
	const cut = medians(await repeat(() => on(fresh('people'), (s) => stormOn(s, '--again'))));
	row(`The same, all of them closing at the same instant, within ${number(cut.storm_seconds)} s, p99`, ms(cut.ack_p99_us), '', '', '', null);
}

// --- 4: growth

const SCALES = [[1, 500], [10, 4500], [100, 45000]]; // scale, alerts added to reach it; each with 20 positions

async function growth() {
	copy('people', 'grown');
	const flat = (value, first) => Math.abs(value / first - 1) <= 0.2;
	let first;
	for (const [scale, added] of SCALES) {
		say(`  filling to ${scale} ×`);
		await seed(sqlite('grown'), 'history', added, 20);
		copy('grown', 'moving');
		await seed(sqlite('moving'), 'running');
		const call = medians(await repeat(() => on(fresh('grown'), alertsAt(200, 4))));
		const highest = medians(await repeat(() => on(fresh('grown'), alertsHighest)));
		const move = medians(await repeat(() => on(fresh('moving'), positionsHighest)));
		const now = { 'alert, 200/s, p50': call.ack_p50_us, 'alert, CPU at the highest rate': highest.cpu_us, 'position, CPU': move.cpu_us };
		first ??= now;
		for (const [what, value] of Object.entries(now))
			row(`${number(scale * 500)} alerts, ${number(scale * 10000)} positions stored: ${what}`, `${number(value)} µs`, `at 1 ×: ${number(first[what])} µs`,
				`× ${(value / first[what]).toPrecision(3)}`, '± 20 %', scale === 1 ? null : flat(value, first[what]));
	}
	await restart();
}

/** kill -9 while alerts come in, on the database with more than a million entries; then until it answers again. */
async function restart() {
	copy('grown', 'run');
	const s = await ours(sqlite('run'));
	const calling = begin('alerts', s.load, '--first', devices.calls, '--count', 4000, '--consoles', 1, '--rate', 1000, '--seconds', 4);
	await said(calling, /ready/);
	await new Promise((done) => setTimeout(done, 2000));
	await s.kill();
	await calling.over;
	const again = await ours(sqlite('run'));
	await again.stop();
	row('Start after kill -9, more than 1,000,000 entries', `${number(again.milliseconds)} ms`, '', '', '≤ 1 s', again.milliseconds <= 1000);
}

// --- the sound, through the server

const soundFresh = () => (copy('people', 'run'), oursWithSound(sqlite('run')));
const relayed = (mode, streams, listeners, seconds = 5) => (s) =>
	load(mode, s.sound, '--count', streams, '--consoles', listeners, '--seconds', seconds);

/** Each stream recorded by ours; Icecast records nothing. */
async function relay(streams, listeners, goals) {
	const our = [], its = [];
	for (let i = 0; i < REPEATS; i++) {
		its.push(await on(() => icecast(), relayed('icecast', streams, listeners)));
		our.push(await on(soundFresh, relayed('sound', streams, listeners)));
	}
	const [ours, icecasts] = [medians(our), medians(its)], label = `Sound, ${streams} × ${listeners}, recorded,`;
	const compare = (what, key, print, goal, most) =>
		beside(`${label} ${what}`, ours[key], icecasts[key], print, goal, most ? ours[key] <= most : null, 'Icecast');
	for (const [p, most] of Object.entries(goals))
		compare(`relay ${p}`, `relay_${p}_us`, ms, most ? `≤ ${most / 1000} ms` : '', most);
	compare('server CPU a delivered frame', 'cpu_us', (us) => `${number(us)} µs`, '≤ 12 µs', 12);
	if (ours.missing || ours.not_stored)
		row(`${label} frames not delivered; not on disk`, `${ours.missing}; ${ours.not_stored}`, `Icecast, not delivered: ${icecasts.missing}`, '', '0', false);
}

/** How old what a listener hears first is, when the stream has been going on for so long. */
async function joining() {
	const late = (mode, seconds) => (s) => load(mode, s.sound, '--count', 10, '--consoles', 1, '--seconds', seconds, '--late', 40);
	const our = medians(await repeat(() => on(soundFresh, late('sound', 2))));
	const its = await on(() => icecast(0), late('icecast', 2)), usual = await on(() => icecast(null), late('icecast', 20));
	row('Sound, age of the first frame that who comes late hears, p50 / longest of 40', `${ms(our.late_p50_us)} / ${ms(our.late_max_us)}`,
		`Icecast ${number(usual.late_p50_us / 1e6)} / ${number(usual.late_max_us / 1e6)} s; with no burst ${ms(its.late_p50_us)} / ${ms(its.late_max_us)}`,
		`1 / ${number(usual.late_p50_us / our.late_p50_us)}`, '≤ 40 ms', our.late_max_us <= 40000);
}

/** Ten minutes of each stream, come twenty times as fast as they would: half a minute. EGIDE_BENCH_KEPT_SPEED=1 takes ten. */
async function kept() {
	const speed = Number(process.env.EGIDE_BENCH_KEPT_SPEED || 20), streams = 20;
	const { kib_each, read_kib_each, not_stored } = await on(soundFresh, (s) => load('kept', s.sound, '--count', streams, '--seconds', 600, '--rate', speed));
	const how = speed === 1 ? 'in ten minutes' : `${speed} times as fast`;
	row(`Sound, memory a stream, ${streams} with ten minutes kept, come ${how}`, `${number(kib_each)} KiB`,
		`all of them read from the beginning: ${number((read_kib_each - kib_each) * streams)} KiB more, together`, '', '≤ 64 KiB', kib_each <= 64);
	if (not_stored) row('The same, frames not on disk', not_stored, '', '', '0', false);
}

/** The alerts of the first part, while telephones stream and are listened to, or when the same have called and are gone, in turn. */
async function amidSound(streams) {
	const calls = alertsAt(200, 5), gone = [], amid = [];
	const streaming = (s, seconds) => begin('sound', s.sound, '--count', streams, '--consoles', 1, '--seconds', seconds);
	for (let i = 0; i < REPEATS; i++) {
		gone.push(await on(soundFresh, async (s) => (await result(streaming(s, 0)), calls(s))));
		amid.push(await on(soundFresh, async (s) => {
			const all = streaming(s, 9);
			await said(all, /ready/);
			const called = await calls(s);
			return { ...called, missing: (await result(all)).missing };
		}));
	}
	const [without, with_] = [medians(gone), medians(amid)];
	for (const [what, key] of [['acknowledgement', 'ack'], ['feed', 'feed']])
		for (const p of ['p50', 'p99'])
			beside(`Alert, 200/s, amid ${streams} streams, to ${what}, ${p}`, with_[`${key}_${p}_us`], without[`${key}_${p}_us`], ms, '≤ × 1.5',
				with_[`${key}_${p}_us`] <= 1.5 * without[`${key}_${p}_us`], 'without');
}

async function sound() {
	speak();
	await relay(50, 10, { p50: 200, p99: 5000 });
	await relay(200, 2, { p50: 200, p99: 5000 });
	await relay(1, 500, { p50: 3000, p99: null });
	await joining();
	await kept();
	await amidSound(100);
}

// --- the sound, from browser to browser

/** On both processors: browsers are the load here, and the server is the least of it. */
function heard() {
	execFileSync('npm', ['run', '--silent', 'build'], { cwd: join(root, 'web'), stdio: ['ignore', 'ignore', 'inherit'] });
	const { taps, clean, edge, again } = JSON.parse(execFileSync('taskset', ['-c', '0,1', process.execPath, join(root, 'bench', 'heard.mjs')], { encoding: 'utf8' }));
	const delay = (what, list, goal) => row(`Sound, mouth to ear, ${what}, p50 / p95`, `${at(list, 0.5)} ms / ${at(list, 0.95)} ms`, '', '', goal ? `≤ ${goal} ms` : '', goal ? at(list, 0.95) <= goal : null);
	row(`Third tap to the first sound in the operator's browser, p50 / p95 of ${taps.length}`, `${at(taps, 0.5)} ms / ${at(taps, 0.95)} ms`, '', '', '≤ 1 500 ms', at(taps, 0.95) <= 1500);
	delay('clean line', clean, 400);
	delay('120 ms there and back, 5 % lost in bursts of three', edge, 1200);
	delay('clean again', again);
}

// --- the territory, and who is elected in it

/** The outlines of six départements, repeated; those of one that are in the repository when the others are not at hand. */
async function territory() {
	const folder = process.env.EGIDE_CONTOURS ?? join(root, '..', 'shared', 'data', 'contours');
	const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('communes-')).map((name) => join(folder, name))
		: [join(root, 'data', 'communes-86.geojson')];
	const runs = await repeat(() => lookups(files));
	const { outlines, per_second, plain_per_second, found, different } = medians(runs);
	beside(`Position to commune to unit, ${number(outlines)} outlines, one processor (${Math.round(found * 100)} % on one)`, per_second, plain_per_second,
		(v) => `${number(v)}/s`, '≥ 200 000/s', per_second >= 200000 && !different, 'every outline looked at');
}

const OFFICIALS = Number(process.env.EGIDE_BENCH_OFFICIALS || 520000), MANDATES_A_COMMUNE = 15;

/** A register of nobody, in the form of the ministry's files; without one line in so many, when some mandates ended. */
function writeOfficials(file, count, without = Infinity) {
	const lines = ["Code du département;Code de la commune;Nom de l'élu;Prénom de l'élu;Date de naissance;Libellé de la fonction;Date de début du mandat\n"];
	for (let i = 0; i < count; i++) {
		if (i % without === without - 1) continue;
		const place = Math.floor(i / MANDATES_A_COMMUNE), departement = String(1 + Math.floor(place / 400) % 95).padStart(2, '0');
		lines.push(`${departement === '20' ? '2A' : departement};${String(1 + place % 400).padStart(3, '0')};SYNTHÈSE-${(i * 7919) % 99991};Élu ${i % 977};` +
			`${String(1 + i % 28).padStart(2, '0')}/${String(1 + i % 12).padStart(2, '0')}/${1940 + i % 60};;22/03/2026\n`);
	}
	writeFileSync(file, lines.join(''));
}

const register = join(data, 'rne-conseillers-municipaux.csv');

/** Ten a second. */
const tenCalling = (s, seconds) => [s.load, '--first', devices.calls, '--count', 10 * seconds, '--rate', 10, '--seconds', seconds];
const tenCalls = (s) => load('alerts', ...tenCalling(s, 15));

/** Imported while watches call; what the import said of itself, how long it took, and the most memory each had. */
async function importRegister(count, callingFor) {
	const s = await ours(sqlite('run'), '0,1');
	try {
		const before = peak(s.pid), calling = begin('alerts', ...tenCalling(s, callingFor)), began = Date.now();
		const [text, memory] = await importing(register);
		const whole = (Date.now() - began) / 1000, calls = await result(calling);
		const [read, sent] = [...text.matchAll(/\(([\d.]+) s\)/g)].map((found) => Number(found[1]));
		const touched = Number(/Inscriptions touchées : (\d+)/.exec(text)?.[1] ?? 0);
		return { read: count / read, stored: count / sent, after: whole - read - sent, touched, memory, grown: peak(s.pid) - before, ack_p99_us: calls.ack_p99_us };
	} finally {
		await s.stop();
	}
}

/** Into a new house. */
function importOfficials(count) {
	writeOfficials(register, count);
	copy('people', 'run');
	return importRegister(count, 15);
}

/** Another edition, in which one mandate in twenty is over, into a house where so many officials of the first are registered. */
async function importEdition(registered) {
	copy('imported', 'run');
	await seed(sqlite('run'), 'mandates', registered);
	writeOfficials(register, OFFICIALS, 20);
	const measured = await importRegister(OFFICIALS * 19 / 20, 30);
	if (!measured.touched || measured.touched > registered / 10) throw new Error(`${measured.touched} registrations touched of ${registered}`);
	return measured;
}

async function officials() {
	const few = await importOfficials(OFFICIALS / 10), all = medians(await repeat(() => importOfficials(OFFICIALS)));
	copy('run', 'imported');
	const plain = sqliteImport();
	const rate = (v) => `${number(v)}/s`, mib = (v) => `${number(v / 1024)} MiB`;
	beside(`Register of ${number(OFFICIALS)} officials, lines validated`, all.read, plain, rate, '≥ 100 000/s', all.read >= 100000, 'sqlite3 .import, in memory');
	beside('The same, stored and sealed, server running and called', all.stored, plain, rate, '≥ 20 000/s', all.stored >= 20000, 'sqlite3 .import, in memory');
	beside('The same, peak memory of egidectl', all.memory, few.memory, mib, '± 20 %', all.memory <= few.memory * 1.2, 'a tenth of it');
	beside('The same, growth of the server', all.grown, 64 * 1024, mib, '', null, "its database's cache, at most");
	const edition = `Its next edition, ${number(OFFICIALS / 20)} mandates ended`;
	for (const registered of [600, 20000]) {
		const next = medians(await repeat(() => importEdition(registered))), among = `${edition}, ${number(registered)} registered`;
		row(`${among}: validated; stored and sealed`, `${rate(next.read)}; ${rate(next.stored)}`, '', '', '≥ 100 000/s; ≥ 20 000/s', next.read >= 100000 && next.stored >= 20000);
		row(`The same: ${next.touched.toLocaleString('en').replaceAll(',', ' ')} registrations shown, then told, and the rest`, `${next.after.toPrecision(3)} s`, '', '', '', null);
		beside('The same: peak memory of egidectl', next.memory, few.memory, mib, '± 20 %', next.memory <= few.memory * 1.2, 'a tenth, nobody registered');
		row('The same: an SOS, to acknowledgement, p99', ms(next.ack_p99_us), '', '', '≤ 20 ms', next.ack_p99_us <= 20000);
	}
	const quiet = medians(await repeat(() => on(() => (copy('people', 'run'), ours(sqlite('run'), '0,1')), tenCalls)));
	beside('An SOS during the import, to acknowledgement, p99', all.ack_p99_us, quiet.ack_p99_us, ms, '≤ 20 ms', all.ack_p99_us <= 20000, 'without it');
}

/** Lines a second that SQLite's own shell takes in from the same file, unsealed, on no disk. */
function sqliteImport() {
	const before = process.hrtime.bigint();
	execFileSync('sqlite3', [':memory:', '.mode csv', '.separator ;', `.import ${register} officials`], { stdio: 'ignore' });
	return OFFICIALS / (Number(process.hrtime.bigint() - before) / 1e9);
}

// --- who calls 17

const REGISTERED = Number(process.env.EGIDE_BENCH_REGISTERED || 600000), SWITCH = 'banc-essai-2026-standard', CALLS = 2000;

/** Fifty watches a second call for help for as long as the work takes, at most so many seconds: the same beside ours and beside Redis. */
async function amidCalls(s, seconds, work) {
	const calling = begin('alerts', s.load, '--first', devices.calls, '--count', 3000, '--consoles', 1, '--rate', 50, '--seconds', seconds);
	await said(calling, /ready/);
	const measured = await work();
	await result(calling);
	return measured;
}

async function oursLookUp(s, asked, pressed) {
	const operator = await Operator.open({ registered: REGISTERED, secret: SWITCH });
	const reads = await operator.take(CALLS);
	const [read, taken] = await amidCalls(s, asked.seconds + 5, async () => [await operator.reading(reads, asked), await operator.taking(100, 50)]);
	const most = await amidCalls(s, pressed.seconds + 1, () => operator.reading(reads, pressed));
	operator.close();
	return { read, taken, most };
}

async function redisLookUp(s, asked, pressed) {
	const ask = (how) => redisLookups({ ...how, registered: REGISTERED, distinct: CALLS });
	return {
		read: await amidCalls(s, asked.seconds + 1, () => ask(asked)),
		most: await amidCalls(s, pressed.seconds + 1, () => ask(pressed)),
	};
}

async function lookup() {
	copy('people', 'register');
	const began = performance.now();
	await seed(sqlite('register'), 'register', REGISTERED);
	say(`  ${number(REGISTERED)} registered in ${number((performance.now() - began) / 1000)} s`);
	const server = () => (copy('register', 'run'), ours(sqlite('run'), serverCpus, { switch_secret: SWITCH }));
	const asked = { seconds: 10, rate: 100, lines: 8 }, pressed = { seconds: 5, rate: 0, lines: 32 };
	const peer = await redis(), its = [], our = [];
	try {
		await fillRedis(REGISTERED, 600);
		for (let i = 0; i < REPEATS; i++) {
			its.push(await on(server, (s) => redisLookUp(s, asked, pressed)));
			our.push(await on(server, (s) => oursLookUp(s, asked, pressed)));
		}
	} finally {
		await peer.stop();
	}
	const of = (runs, part) => medians(runs.map((run) => run[part]));
	const [mine, its_] = [of(our, 'read'), of(its, 'read')], name = 'Redis GET + XADD, fsync always,';
	for (const p of ['p50', 'p99'])
		beside(`The file of a caller among ${number(REGISTERED)} (${number(mine.distinct)} callers), audit line on disk, 100/s amid 50 alerts/s, ${p}`, mine[`${p}_us`],
			its_[`${p}_us`], ms, '≤ × 2', mine[`${p}_us`] <= 2 * its_[`${p}_us`], name);
	const taken = of(our, 'taken');
	row('A call taken, its number looked up, the line on disk, 50/s amid the same, p50 / p99', `${ms(taken.p50_us)} / ${ms(taken.p99_us)}`, '', '', '', null);
	beside('The same file, highest rate, 32 lines, amid the same', of(our, 'most').per_second, of(its, 'most').per_second, (v) => `${number(v)}/s`, '', null, name);
}

// --- the journal's tree

/** One entry of the journal with its hash tree and without; a proof among ten million entries. */
async function audit() {
	const found = await auditing(Number(process.env.EGIDE_BENCH_ENTRIES || 10_000_000));
	const us = (v) => `${number(v)} µs`;
	for (const [what, key] of [['appended and synced, eight a commit', 'us'], ['the same, CPU', 'cpu_us']])
		beside(`Entry of the journal, ${what}`, found[`with_${key}`], found[`without_${key}`], us, '≤ × 1.05', found[`with_${key}`] <= 1.05 * found[`without_${key}`], 'without tree');
	for (const p of ['p50', 'p99'])
		beside(`Proof of any of ${number(found.count)} entries, ${p}`, found[`proof_${p}_us`], Math.max(1, found[`row_${p}_us`]), ms, '≤ 5 ms', found[`proof_${p}_us`] <= 5000, 'one row by its number');
	row('The same by all leaves; nodes made for a journal that has none', `${ms(found.leaves_us)}; ${number(found.build_ms / 1000)} s`, '', '', '', null);
}

// --- a call from the operator's trunk

const CALLS_A_SECOND = 20, CALLED_SECONDS = 10;
let called = 0;

const someNumbers = (count = CALLS_A_SECOND * CALLED_SECONDS) => Array.from({ length: count }, () => `+3371${String(called++).padStart(7, '0')}`);
const at = (list, part) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))];

/** After a second of calls that are not counted: the first ones find everything cold. */
async function through(trunk) {
	await trunk.calls(someNumbers(CALLS_A_SECOND), CALLS_A_SECOND);
	return (await trunk.calls(someNumbers(), CALLS_A_SECOND)).map(({ rang_ms }) => rang_ms);
}

const trunkTo = (change) => Trunk.start({ egide: `http://127.0.0.1:${ports.http}`, secret: SWITCH, room: "Centre d'opérations du banc", ring: 500, change });

/** Nothing is told to anybody: what Kamailio and the switch take by themselves. */
async function withoutUs() {
	const trunk = await trunkTo((config) => config.replaceAll(/^\s*route\(TELL\);$/gm, ''));
	try {
		return await through(trunk);
	} finally {
		await trunk.stop();
	}
}

/** Shown, then frozen, then gone: one Kamailio, as in a bad night. */
async function withUs() {
	copy('people', 'run');
	const s = await ours(sqlite('run'), serverCpus, { switch_secret: SWITCH });
	const trunk = await trunkTo();
	try {
		const operator = await listen();
		await trunk.calls(someNumbers(CALLS_A_SECOND), CALLS_A_SECOND);
		const calls = await trunk.calls(someNumbers(), CALLS_A_SECOND);
		await until('every call on the screen', () => calls.every(({ number }) => operator.rang.has(number)));
		operator.close();
		const shown = calls.map(({ number, invited_ms }) => operator.rang.get(number) - invited_ms);
		process.kill(s.pid, 'SIGSTOP');
		const frozen = await through(trunk);
		await s.kill();
		return { shown, rang: calls.map(({ rang_ms }) => rang_ms), frozen, gone: await through(trunk) };
	} finally {
		await trunk.stop();
		await s.kill();
	}
}

async function sip() {
	const alone = [], runs = [];
	for (let i = 0; i < REPEATS; i++) {
		alone.push(await withoutUs());
		runs.push(await withUs());
	}
	const all = (part) => runs.flatMap((run) => run[part]), its = alone.flat(), us = (list, part) => 1000 * at(list, part);
	for (const [p, part] of [['p50', 0.5], ['p99', 0.99]])
		beside(`Call of sipp through Kamailio, INVITE to the operator's socket, ${CALLS_A_SECOND}/s (${all('shown').length} calls), ${p}`, us(all('shown'), part), us(its, part), ms,
			p === 'p99' ? '≤ 50 ms' : '', p === 'p99' ? us(all('shown'), part) <= 50000 : null, 'Kamailio and the switch alone, INVITE to 180');
	for (const [what, part] of [['Égide is there', 'rang'], ['Égide is frozen', 'frozen'], ['Égide is stopped', 'gone']])
		beside(`The same call when ${what}, INVITE to 180, longest of ${all(part).length}`, us(all(part), 1), us(its, 1), ms, '≤ 300 ms', us(all(part), 1) <= 300000, 'alone');
}

// --- all of it

function report(started) {
	const heads = ['figure', 'ours', 'beside', 'ratio', 'goal', 'reached'];
	const line = (cells) => `| ${cells.join(' | ')} |`;
	const commit = execFileSync('git', ['-C', root, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
	return [
		`${new Date().toISOString().slice(0, 16)}Z, ${commit}, ${cpus()[0].model.trim()} × ${cpus().length}, Linux ${release()}, load average at the start ${started.map((v) => v.toFixed(1)).join(' ')}, `
		+ `medians of ${REPEATS}, server on CPU ${serverCpus}, load on CPU 1 unless said.`,
		'', line(heads), line(heads.map(() => '---')), ...rows.map(line), '',
	].join('\n');
}

const parts = { alerts, postgres, positions, idle: connections, storm, growth, sound, heard, territory, officials, lookup, audit, sip };
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
const unknown = wanted.filter((name) => !parts[name]);
if (unknown.length) {
	say(`bench/run: ${unknown.join(' ')}? One of ${Object.keys(parts).join(' ')}`);
	process.exit(2);
}
const started = loadavg();
prepare();
say('→ people');
await seed(sqlite('people'), 'people');
copy('people', 'running');
await seed(sqlite('running'), 'running');
for (const name of wanted) {
	say(`→ ${name} (load average ${loadavg()[0].toFixed(1)})`);
	try {
		await parts[name]();
	} catch (error) {
		// What one part cannot measure must not hide what the others did.
		say(error.stack);
		row(`${name}: not measured to the end`, error.message.split('\n')[0].slice(-80), '', '', '', false);
	}
}
const text = report(started);
mkdirSync(join(root, 'bench', 'results'), { recursive: true });
writeFileSync(join(root, 'bench', 'results', 'LAST.md'), text);
process.stdout.write(`\n${text}`);
rmSync(data, { recursive: true, force: true });
process.exit(0);
