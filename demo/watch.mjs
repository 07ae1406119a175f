// A simulated watch on the real protocol (docs/protocol/watch.md): connects, keeps the link, moves, presses SOS
// and repeats it until it is answered.
import net from 'node:net';

const REPEAT_MS = 5000, LINK_MS = 60000;

export class Watch {
	constructor({id, port, host = '127.0.0.1', lat, lon, battery = 82, label = '', speed = 1.3}) {
		Object.assign(this, {id, port, host, lat, lon, battery, label, speed, heading: Math.random() * 2 * Math.PI,
			pressed: null, answered: () => {}, asked: () => {}});
	}

	start() {
		this.socket = net.connect(this.port, this.host);
		this.socket.setNoDelay(true);
		this.socket.on('data', (bytes) => this.receive(bytes.toString('latin1')));
		this.socket.on('error', () => {});
		this.socket.on('close', () => {
			clearInterval(this.link);
			if (!this.stopped) this.retry = setTimeout(() => this.start(), 2000);
		});
		this.socket.on('connect', () => {
			this.send(`LK,0,0,${this.battery}`);
			this.link = setInterval(() => this.send(`LK,0,0,${this.battery}`), LINK_MS);
		});
	}

	stop() {
		this.stopped = true;
		for (const timer of [this.link, this.walk, this.repeat]) clearInterval(timer);
		clearTimeout(this.retry);
		this.socket?.destroy();
	}

	send(content) {
		const length = Buffer.byteLength(content).toString(16).toUpperCase().padStart(4, '0');
		if (this.socket.writable) this.socket.write(`[3G*${this.id}*${length}*${content}]`);
	}

	receive(text) {
		if (text.includes('*AL]') && this.repeat) {
			clearInterval(this.repeat);
			this.repeat = null;
			this.answered(Date.now() - this.pressed);
		}
		for (const word of ['CR', 'UPLOAD', 'SOSSMS', 'profile'])
			if (text.includes(`*${word}`)) this.asked(word);
	}

	// ddmmyy,hhmmss,A,lat,N,lon,E,speed,course,altitude,satellites,signal,battery,steps,rolls,status,cells…
	position(status = '00000000', at = new Date()) {
		const two = (n) => String(n).padStart(2, '0');
		const day = `${two(at.getUTCDate())}${two(at.getUTCMonth() + 1)}${two(at.getUTCFullYear() % 100)}`;
		const hour = `${two(at.getUTCHours())}${two(at.getUTCMinutes())}${two(at.getUTCSeconds())}`;
		const course = (90 - this.heading * 180 / Math.PI + 720) % 360;
		return `${day},${hour},A,${Math.abs(this.lat).toFixed(6)},${this.lat < 0 ? 'S' : 'N'},${Math.abs(this.lon).toFixed(6)},` +
			`${this.lon < 0 ? 'W' : 'E'},${(this.speed * 3.6).toFixed(1)},${course.toFixed(1)},92.0,9,78,${this.battery},1200,3,${status},1,1,208,01,2101,30518,158,0,12`;
	}

	// Moves at its speed (m/s), turning a little.
	move(everyMs) {
		clearInterval(this.walk);
		this.walk = setInterval(() => {
			this.heading += (Math.random() - 0.5) * 0.8;
			const metres = this.speed * everyMs / 1000;
			this.lat += Math.sin(this.heading) * metres / 111320;
			this.lon += Math.cos(this.heading) * metres / (111320 * Math.cos(this.lat * Math.PI / 180));
			this.send(`UD,${this.position()}`);
		}, everyMs);
	}

	press() {
		if (this.repeat) return;
		const frame = `AL,${this.position('00010000')}`;
		this.pressed = Date.now();
		this.send(frame);
		this.repeat = setInterval(() => this.send(frame), REPEAT_MS);
	}
}
