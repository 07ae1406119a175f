// The server built with ASan and UBSan (tests/run makes build-asan) through what goes wrong around it: faults, SMS, a few kill -9. What a
// sanitizer finds ends the server, and the test.
process.env.EGIDE_BUILD = new URL('../../build-asan', import.meta.url).pathname;
process.env.EGIDE_KILLS = '5';

for (const name of ['faults', 'sms', 'torture']) await import(`./${name}.test.mjs`);
