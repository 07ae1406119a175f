// What an authenticator does (RFC 6238), from the secret it was shown.
import {createHmac} from 'node:crypto';

export const stepNow = () => Math.floor(Date.now() / 30_000);

export function totp(secret, step) {
	const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
	const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
	const moving = Buffer.alloc(8);
	moving.writeBigUInt64BE(BigInt(step));
	const mac = createHmac('sha1', key).update(moving).digest();
	return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
