/*
 * Builds the pages into dist/: `node build.mjs`. `--types` only writes src/api.d.ts; `--tests` bundles the unit tests.
 */
import { build } from 'esbuild';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeTypes } from './types.mjs';

/* One page an audience: its file, and the key of its title in the messages. */
const pages = [
  ['index', 'index'],
  ['salle', 'room'],
  ['suivi', 'follow'],
  ['patrouille', 'patrol'],
];

const here = (path) => new URL(path, import.meta.url).pathname;

/* `import url from "asset:x"` copies the file x as it is and gives its address. */
const assets = {
  name: 'assets',
  setup(builder) {
    builder.onResolve({ filter: /^asset:/ }, async ({ path, resolveDir, kind }) => {
      const found = await builder.resolve(path.slice('asset:'.length), { resolveDir, kind });
      /* Named .js whatever it was: one media type for every script. */
      return { path: found.path.replace(/\.mjs$/, '.js'), namespace: 'asset', errors: found.errors, pluginData: found.path };
    });
    builder.onLoad({ filter: /.*/, namespace: 'asset' }, ({ pluginData }) => ({ contents: readFileSync(pluginData), loader: 'file' }));
  },
};

const common = {
  bundle: true,
  format: 'esm',
  target: 'es2022',
  loader: { '.woff2': 'file', '.geojson': 'file' },
  plugins: [assets],
  absWorkingDir: here('.'),
  logLevel: 'warning',
};

const loadMessages = async () => {
  const { outputFiles } = await build({ ...common, entryPoints: ['src/messages.fr.ts'], outdir: 'dist', write: false });
  return (await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)).messages;
};

const html = (title, noscript, script, style) => `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="dark light">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${style}">
<script type="module" src="${script}"></script>
</head>
<body>
<div id="page"><noscript><p>${noscript}</p></noscript></div>
</body>
</html>
`;

const buildPages = async () => {
  rmSync(here('dist'), { recursive: true, force: true });
  const { metafile } = await build({
    ...common,
    entryPoints: pages.map(([file]) => `src/${file}.tsx`),
    outdir: 'dist/assets',
    publicPath: '/assets',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    splitting: true,
    minify: true,
    metafile: true,
  });
  const { titles, noscript } = await loadMessages();
  for (const [file, title] of pages) {
    const [script, output] = Object.entries(metafile.outputs).find(([, o]) => o.entryPoint === `src/${file}.tsx`);
    const address = (path) => `/assets/${basename(path)}`;
    writeFileSync(here(`dist/${file}.html`), html(titles[title], noscript, address(script), address(output.cssBundle)));
  }
  compress();
};

/* The server sends the .gz beside a file to who accepts it. */
const compress = () => {
  for (const name of readdirSync(here('dist/assets'))) {
    if (!name.endsWith('.woff2')) writeFileSync(here(`dist/assets/${name}.gz`), gzipSync(readFileSync(here(`dist/assets/${name}`)), { level: 9 }));
  }
};

const buildTests = async () => {
  rmSync(here('build'), { recursive: true, force: true });
  mkdirSync(here('build'));
  const entryPoints = readdirSync(here('src'), { recursive: true })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `src/${name}`);
  await build({ ...common, entryPoints, outdir: 'build', outExtension: { '.js': '.mjs' }, platform: 'node' });
};

writeTypes();
if (process.argv.includes('--tests')) await buildTests();
else if (!process.argv.includes('--types')) await buildPages();
