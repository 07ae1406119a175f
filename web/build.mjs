/*
 * Builds the pages into dist/: `node build.mjs`. `--types` only writes src/api.d.ts; `--tests` bundles the unit tests.
 */
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { writeTypes } from './types.mjs';

/* One page an audience: its file, and the key of its title in the messages. */
const pages = [
  ['index', 'index'],
  ['salle', 'room'],
  ['suivi', 'follow'],
  ['patrouille', 'patrol'],
  ['bouton', 'button'],
  ['journal', 'journal'],
  ['inscription', 'registration'],
  ['guichet', 'counter'],
  ['confirmation', 'term'],
  ['mon-dossier', 'ownFile'],
];

/* The button is installed on a telephone as the clock it looks like. */
const installed = `<link rel="manifest" href="/bouton.webmanifest">
<meta name="theme-color" content="#000000">
<link rel="icon" href="/icons/horloge.svg">
<link rel="apple-touch-icon" href="/icons/horloge-192.png">`;
const plain = '<link rel="icon" href="data:,">';
const manifest = (name) => ({
  id: '/bouton',
  name,
  short_name: name,
  lang: 'fr',
  start_url: '/bouton',
  scope: '/bouton',
  display: 'standalone',
  orientation: 'any',
  background_color: '#000000',
  theme_color: '#000000',
  icons: [
    { src: '/icons/horloge-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
    { src: '/icons/horloge-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
    { src: '/icons/horloge-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
});

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
  charset: 'utf8' /* what is not ASCII as it is, not six letters for each: libopus in WebAssembly is 140 KiB smaller */,
  target: 'es2022',
  loader: { '.woff2': 'file', '.geojson': 'file' },
  plugins: [assets],
  external: ['node:module'] /* libopus-wasm asks for it only where there is no browser */,
  absWorkingDir: here('.'),
  logLevel: 'warning',
};

const loadMessages = async () => {
  const { outputFiles } = await build({ ...common, entryPoints: ['src/messages.fr.ts'], outdir: 'dist', write: false });
  return (await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)).messages;
};

const html = (title, noscript, script, style, head) => `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="dark light">
${head}
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
    writeFileSync(here(`dist/${file}.html`), html(titles[title], noscript, address(script), address(output.cssBundle), file === 'bouton' ? installed : plain));
  }
  await buildInstalled(metafile.outputs, titles.button);
  compress();
};

/* All the page needs: its script, what that one imports or names, and what they name in turn. */
const filesOf = (outputs, path, isWanted, found = new Set()) => {
  if (found.has(path)) return found;
  found.add(path);
  const { imports = [], cssBundle } = outputs[path];
  for (const next of [cssBundle, ...imports.filter(isWanted).map((one) => one.path)]) if (next && outputs[next]) filesOf(outputs, next, isWanted, found);
  return found;
};

/* What the button needs to be installed and to open without a network. */
const buildInstalled = async (outputs, name) => {
  cpSync(here('icons'), here('dist/icons'), { recursive: true });
  writeFileSync(here('dist/bouton.webmanifest'), JSON.stringify(manifest(name)));
  const [entry] = Object.entries(outputs).find(([, o]) => o.entryPoint === 'src/bouton.tsx');
  const addresses = (isWanted) => [...filesOf(outputs, entry, isWanted)].map((path) => `/assets/${basename(path)}`);
  const assets = addresses(({ kind }) => kind !== 'dynamic-import');
  const later = addresses(() => true).filter((file) => !assets.includes(file));
  const icons = readdirSync(here('icons')).map((icon) => `/icons/${icon}`);
  const version = createHash('sha256').update(readFileSync(here('dist/bouton.html'))).update(assets.join()).digest('hex').slice(0, 12);
  const define = { FILES: JSON.stringify(['/bouton', '/bouton.webmanifest', ...icons, ...assets]), LATER: JSON.stringify(later), VERSION: JSON.stringify(version) };
  await build({ ...common, entryPoints: ['src/bouton/service.ts'], outfile: 'dist/bouton-service.js', minify: true, define });
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
