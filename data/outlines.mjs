/*
 * Makes the map's outlines and the list of communes from their sources (SOURCES.md):
 *
 *   node data/outlines.mjs 86 COMMUNES.geojson DEPARTEMENTS.geojson COMMUNES.json
 *
 * Points are rounded (communes 4 decimals, about 10 m; départements 3, about 100 m), the same way for both sides of a
 * border, so neighbours still touch. Communes that merged since the outlines were drawn become one outline: an edge
 * that two of them share is dropped, and what is left is chained into rings again.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const [department, communesFile, departmentsFile, listFile] = process.argv.slice(2);
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const write = (name, text) => writeFileSync(new URL(name, import.meta.url), text);

const rounded = (ring, decimals) => {
  const scale = 10 ** decimals;
  const points = ring.map(([lon, lat]) => [Math.round(lon * scale) / scale, Math.round(lat * scale) / scale]);
  return points.filter(([lon, lat], i) => i === 0 || lon !== points[i - 1][0] || lat !== points[i - 1][1]);
};

const polygonsOf = (geometry) => (geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates);

const roundedPolygons = (geometry, decimals) =>
  polygonsOf(geometry)
    .map((polygon) => polygon.map((ring) => rounded(ring, decimals)).filter((ring) => ring.length > 3))
    .filter((polygon) => polygon.length > 0);

const area = (ring) => {
  let twice = 0;
  for (let i = 1; i < ring.length; i++) twice += ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
  return twice / 2;
};

const centroid = (ring) => {
  let x = 0;
  let y = 0;
  for (let i = 1; i < ring.length; i++) {
    const cross = ring[i - 1][0] * ring[i][1] - ring[i][0] * ring[i - 1][1];
    x += (ring[i - 1][0] + ring[i][0]) * cross;
    y += (ring[i - 1][1] + ring[i][1]) * cross;
  }
  const six = 6 * area(ring);
  return [x / six, y / six];
};

/* Outer and inner rings of several touching polygons, their common edges gone. */
const dissolve = (polygons) => {
  const edges = new Map();
  for (const polygon of polygons) {
    for (const ring of polygon) {
      for (let i = 1; i < ring.length; i++) {
        const back = `${ring[i]}|${ring[i - 1]}`;
        if (edges.has(back)) edges.delete(back);
        else edges.set(`${ring[i - 1]}|${ring[i]}`, [ring[i - 1], ring[i]]);
      }
    }
  }
  const from = new Map();
  for (const [a, b] of edges.values()) from.set(`${a}`, [...(from.get(`${a}`) ?? []), b]);
  const rings = [];
  for (const [key, ends] of from) {
    while (ends.length > 0) {
      const start = key.split(',').map(Number);
      const ring = [start];
      let next = ends.pop();
      while (next) {
        ring.push(next);
        next = `${next}` === key ? undefined : from.get(`${next}`)?.pop();
      }
      if (`${ring.at(-1)}` === key && ring.length > 3) rings.push(ring);
    }
  }
  rings.sort((a, b) => Math.abs(area(b)) - Math.abs(area(a)));
  /* Clockwise and counter-clockwise tell outer rings from holes, as the largest ring turns. */
  const turn = Math.sign(area(rings[0]));
  const outer = rings.filter((ring) => Math.sign(area(ring)) === turn).map((ring) => [ring]);
  outer[0].push(...rings.filter((ring) => Math.sign(area(ring)) !== turn));
  return outer;
};

const geometryOf = (polygons) =>
  polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0] }
    : { type: 'MultiPolygon', coordinates: polygons };

const collection = (features) =>
  `{"type":"FeatureCollection","features":[\n${features.map((f) => JSON.stringify(f)).join(',\n')}\n]}\n`;

const outlines = new Map(
  read(communesFile).features.map((f) => [f.properties.code, roundedPolygons(f.geometry, 4)]),
);
const communes = read(listFile)
  .filter((c) => c.departement === department && c.type === 'commune-actuelle')
  .sort((a, b) => a.code.localeCompare(b.code));

const features = communes.map((commune) => {
  const codes = [commune.code, ...(commune.anciensCodes ?? [])].filter((code) => outlines.has(code));
  const polygons = codes.flatMap((code) => outlines.get(code));
  return {
    type: 'Feature',
    properties: { code: commune.code, name: commune.nom },
    geometry: geometryOf(codes.length > 1 ? dissolve(polygons) : polygons),
  };
});
write(`communes-${department}.geojson`, collection(features));

const list = communes.map((commune, i) => {
  const rings = polygonsOf(features[i].geometry).map((polygon) => polygon[0]);
  const largest = rings.reduce((a, b) => (Math.abs(area(b)) > Math.abs(area(a)) ? b : a));
  const [lon, lat] = centroid(largest).map((degrees) => Math.round(degrees * 1e4) / 1e4);
  return {
    code: commune.code,
    name: commune.nom,
    postcodes: commune.codesPostaux ?? [],
    population: commune.population ?? 0,
    lat,
    lon,
  };
});
write(`communes-${department}.json`, `[\n${list.map((c) => JSON.stringify(c)).join(',\n')}\n]\n`);

write(
  'departements.geojson',
  collection(
    read(departmentsFile).features.map((f) => ({
      type: 'Feature',
      properties: { code: f.properties.code, name: f.properties.nom },
      geometry: geometryOf(roundedPolygons(f.geometry, 3)),
    })),
  ),
);
