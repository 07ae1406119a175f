// The network that tests make worse: what its model gives, and that bytes come through it whole and in order.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import net from 'node:net';
import {test} from 'node:test';

import {CLEAN, EDGE, Lane, Line} from '../lib/impair.mjs';
import {until} from '../lib/wait.mjs';

const FRAMES = 60_000;

// When each of so many frames of 20 ms arrives.
function arrivals(path, seed, count = FRAMES) {
	const lane = new Lane(path, seed);
	return {lane, list: Array.from({length: count}, (_, i) => lane.arrival(20 * i, 94))};
}

test('the_same_seed_is_the_same_network_and_another_is_not', () => {
	assert.deepEqual(arrivals(EDGE, 7, 1000).list, arrivals(EDGE, 7, 1000).list);
	assert.notDeepEqual(arrivals(EDGE, 7, 1000).list, arrivals(EDGE, 8, 1000).list);
});

test('a_clean_line_brings_everything_at_once', () => {
	assert.deepEqual(arrivals(CLEAN, 1, 100).list, Array.from({length: 100}, (_, i) => 20 * i));
});

test('loss_is_as_frequent_as_asked_comes_in_bursts_and_becomes_stalls_in_order', () => {
	const {lane, list} = arrivals(EDGE, 3);
	assert.ok(Math.abs(lane.lost / lane.sent - EDGE.loss) < 0.01, `${lane.lost} of ${lane.sent}`);
	assert.ok(list.every((at, i) => i === 0 || at >= list[i - 1]), 'in order');
	const late = list.map((at, i) => at - 20 * i).sort((a, b) => a - b);
	assert.ok(late[0] >= EDGE.delay_ms, 'never before its time');
	// A round trip and a quarter to send again, and what is lost twice waits for a timer.
	assert.ok(late.at(-1) > EDGE.delay_ms + 2.5 * EDGE.delay_ms + 200, `${late.at(-1)}`);
	// Losses follow each other: fewer runs of stalls than scattered losses would make.
	const scattered = arrivals({...EDGE, burst: 1}, 3).list;
	const runs = (times) => times.filter((at, i) => i > 0 && at - times[i - 1] > 100).length;
	assert.ok(runs(list) < 0.6 * runs(scattered), `${runs(list)} beside ${runs(scattered)}`);
});

test('a_narrow_line_brings_a_byte_at_a_time', () => {
	const lane = new Lane({...CLEAN, bytes_per_s: 1000}, 1);
	assert.equal(lane.arrival(0, 500), 500);
	assert.equal(lane.arrival(100, 500), 1000);
	assert.equal(lane.arrival(5000, 1000), 6000);
});

// A server that answers each byte with itself, a line to it, and what came to either end.
async function echo(t, path) {
	const server = net.createServer((socket) => {
		server.last = keep(socket);
		socket.on('data', (bytes) => socket.write(bytes)).on('end', () => socket.end());
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const line = await Line.open(server.address().port, path);
	t.after(async () => { await line.close(); server.close(); });
	const connect = async () => {
		const socket = keep(net.connect(new URL(line.url).port, '127.0.0.1'));
		await once(socket, 'connect');
		return socket;
	};
	return {server, line, connect};
}

function keep(socket) {
	socket.received = '';
	socket.setEncoding('latin1').on('data', (text) => { socket.received += text; });
	socket.on('error', () => {});
	socket.over = new Promise((resolve) => { socket.on('close', resolve); });
	return socket;
}

const says = (socket, text) => until(`"${text}"`, () => socket.received === text);

test('what_goes_through_a_bad_line_comes_out_whole_and_in_order_to_its_end', async (t) => {
	const {connect} = await echo(t, {...EDGE, delay_ms: 5, bytes_per_s: 2_000_000});
	const socket = await connect();
	const sent = Array.from({length: 300_000}, (_, i) => String.fromCharCode((i * 31) >> 3 & 127)).join('');
	socket.end(sent);
	await socket.over;
	assert.equal(socket.received.length, sent.length);
	assert.ok(socket.received === sent);
});

test('a_cut_breaks_what_is_there_and_what_comes_until_it_is_mended', async (t) => {
	const {line, connect} = await echo(t);
	const socket = await connect();
	line.cut();
	await socket.over;
	await (await connect()).over;
	line.mend();
	const again = await connect();
	again.write('encore');
	await says(again, 'encore');
});

test('one_way_can_be_dead_and_the_other_not', async (t) => {
	const {server, line, connect} = await echo(t);
	const socket = await connect();
	socket.write('avant');
	await says(socket, 'avant');
	const far = server.last;
	line.freeze(['up']);
	socket.write(' perdu');
	far.write(' entendu');
	await says(socket, 'avant entendu');
	assert.equal(far.received, 'avant');

	line.mend();
	await socket.over;
	const other = await connect();
	line.freeze(['down']);
	other.write('un');
	await until('the first is there', () => server.last.received === 'un');
	other.write(' deux');
	await until('the second too', () => server.last.received === 'un deux');
	assert.deepEqual([other.received, other.destroyed], ['', false]);
});

test('a_connection_half_open_says_nothing_of_it', async (t) => {
	const {server, line, connect} = await echo(t);
	const socket = await connect();
	socket.write('avant');
	await says(socket, 'avant');
	line.halfOpen();
	await server.last.over;
	socket.write('après');
	assert.equal(socket.destroyed, false);
	line.mend();
	await socket.over;
	assert.equal(socket.received, 'avant');
});
