/* The animated map: MapLibre over the bundled outlines, and over raster tiles where the configuration names some. */
import {
  AttributionControl,
  Map as MapLibre,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type GeoJSONSource,
  type StyleSpecification,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import type { Feature, FeatureCollection } from 'geojson';
import workerUrl from 'asset:maplibre-gl/dist/maplibre-gl-worker.mjs';
import fontUrl from '@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-latin-wght-normal.woff2';
import departmentsUrl from '../../../data/departements.geojson';
import type { Configuration, Fix } from '../api';
import { momentOf } from '../fix';
import { shortAge } from '../format';
import { messages } from '../messages';
import { communeCentres, communesFile, moved } from './place';

export type Shown = { fix: Fix | null; trail: Fix[] };

export type LiveMap = {
  show(shown: Shown, now: number): void;
  centre(): void;
  setNight(night: boolean): void;
  close(): void;
};

type Colours = Record<'land' | 'commune' | 'department' | 'label' | 'halo' | 'trail' | 'fix' | 'circle', string>;

const colours: Record<'night' | 'day', Colours> = {
  night: {
    land: '#131a21',
    commune: '#53677a',
    department: '#7c8d9c',
    label: '#a9b6c2',
    halo: '#131a21',
    trail: '#f0b35a',
    fix: '#ff8577',
    circle: '#ff8577',
  },
  day: {
    land: '#f4f1ea',
    commune: '#a39b89',
    department: '#6d6656',
    label: '#4a453a',
    halo: '#f4f1ea',
    trail: '#9a5b00',
    fix: '#b3261e',
    circle: '#b3261e',
  },
};

const empty: FeatureCollection = { type: 'FeatureCollection', features: [] };
/* How close to look: tiles show streets; outlines alone need the neighbouring communes to mean something. */
const zoomWithTiles = 15;
const zoomWithOutlines = 11.5;
const agesEvery = 5000;
/* Closer than this, a commune's middle is often out of sight: its name goes where it can be seen. */
const namesInSightFrom = 12.5;

const labels = (): FeatureCollection => ({
  type: 'FeatureCollection',
  features: communeCentres.map(({ name, population, lat, lon }) => ({
    type: 'Feature',
    properties: { name, population },
    geometry: { type: 'Point', coordinates: [lon, lat] },
  })),
});

const circleAround = (fix: Fix): Feature[] => {
  const { accuracy } = fix;
  if (!accuracy) return [];
  const ring = Array.from({ length: 65 }, (_, i) => {
    const angle = (i / 64) * 2 * Math.PI;
    const point = moved(fix, Math.sin(angle) * accuracy, Math.cos(angle) * accuracy);
    return [point.lon, point.lat];
  });
  return [{ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } }];
};

const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });

const trailLine = (fixes: Fix[]): Feature[] =>
  fixes.length < 2
    ? []
    : [
        {
          type: 'Feature',
          properties: {},
          geometry: { type: 'LineString', coordinates: fixes.map(({ lon, lat }) => [lon, lat]) },
        },
      ];

const trailPoints = (fixes: Fix[], now: number): Feature[] =>
  fixes.map((fix, i) => ({
    type: 'Feature',
    properties: { age: shortAge(now - momentOf(fix)), rank: fixes.length - i, newness: (i + 1) / fixes.length },
    geometry: { type: 'Point', coordinates: [fix.lon, fix.lat] },
  }));

/* Absolute: the worker that reads them has no page address to start from. */
const absolute = (path: string): string => new URL(path, location.href).href;

const files = { communes: absolute(communesFile), departments: absolute(departmentsUrl) };
const retryMs = 2000;

const styleOf = ({ tile_url, tile_attribution }: Configuration, c: Colours): StyleSpecification => {
  const named = { 'text-color': c.label, 'text-halo-color': c.halo, 'text-halo-width': 1.5 };
  return {
    version: 8,
    'font-faces': { Atkinson: absolute(fontUrl) },
    sources: {
      communes: { type: 'geojson', data: files.communes },
      departments: { type: 'geojson', data: files.departments },
      labels: { type: 'geojson', data: labels() },
      circle: { type: 'geojson', data: empty },
      line: { type: 'geojson', data: empty },
      trail: { type: 'geojson', data: empty },
      fix: { type: 'geojson', data: empty },
      ...(tile_url
        ? { tiles: { type: 'raster', tiles: [tile_url], tileSize: 256, attribution: tile_attribution ?? '' } }
        : {}),
    },
    layers: [
      { id: 'land', type: 'background', paint: { 'background-color': c.land } },
      ...(tile_url ? [{ id: 'tiles', type: 'raster' as const, source: 'tiles' }] : []),
      { id: 'communes', type: 'line', source: 'communes', paint: { 'line-color': c.commune, 'line-width': 1 } },
      { id: 'departments', type: 'line', source: 'departments', paint: { 'line-color': c.department, 'line-width': 1.5 } },
      { id: 'circle', type: 'fill', source: 'circle', paint: { 'fill-color': c.circle, 'fill-opacity': 0.16 } },
      { id: 'rim', type: 'line', source: 'circle', paint: { 'line-color': c.circle, 'line-width': 1.5 } },
      { id: 'line', type: 'line', source: 'line', paint: { 'line-color': c.trail, 'line-width': 2, 'line-opacity': 0.7 } },
      {
        id: 'trail',
        type: 'circle',
        source: 'trail',
        paint: { 'circle-radius': 4, 'circle-color': c.trail, 'circle-opacity': ['+', 0.3, ['*', 0.7, ['get', 'newness']]] },
      },
      {
        id: 'names',
        type: 'symbol',
        source: 'labels',
        maxzoom: namesInSightFrom,
        layout: {
          'text-field': ['get', 'name'],
          'text-font': ['Atkinson'],
          'text-size': ['interpolate', ['linear'], ['get', 'population'], 500, 13, 5000, 15, 80000, 19],
          'symbol-sort-key': ['-', 0, ['get', 'population']],
          'text-max-width': 8,
        },
        paint: named,
      },
      {
        id: 'names-in-sight',
        type: 'symbol',
        source: 'communes',
        minzoom: namesInSightFrom,
        layout: { 'text-field': ['get', 'name'], 'text-font': ['Atkinson'], 'text-size': 15, 'text-padding': 40, 'text-max-width': 8 },
        paint: named,
      },
      {
        id: 'ages',
        type: 'symbol',
        source: 'trail',
        layout: {
          'text-field': ['get', 'age'],
          'text-font': ['Atkinson'],
          'text-size': 13,
          'text-variable-anchor': ['bottom-right', 'top-right', 'bottom-left', 'top-left', 'bottom', 'top'],
          'text-radial-offset': 0.9,
          'text-padding': 8,
          'symbol-sort-key': ['get', 'rank'],
        },
        paint: { 'text-color': c.trail, 'text-halo-color': c.halo, 'text-halo-width': 1.5 },
      },
      {
        id: 'fix',
        type: 'circle',
        source: 'fix',
        paint: { 'circle-radius': 8, 'circle-color': c.fix, 'circle-stroke-color': c.halo, 'circle-stroke-width': 3 },
      },
    ],
  };
};

const locale = {
  'Map.Title': messages.map.label,
  'NavigationControl.ZoomIn': messages.map.zoomIn,
  'NavigationControl.ZoomOut': messages.map.zoomOut,
  'NavigationControl.ResetBearing': messages.map.north,
};

/** A place that was pointed at: by a click, or by Enter for the middle of the map, which the arrows move. */
export type Pointed = { lat: number; lon: number };

export const openMap = (element: HTMLElement, configuration: Configuration, startNight: boolean, onPoint?: (at: Pointed) => void): LiveMap => {
  setWorkerUrl(absolute(workerUrl));
  const closeUp = configuration.tile_url ? zoomWithTiles : zoomWithOutlines;
  const map = new MapLibre({
    container: element,
    style: styleOf(configuration, colours[startNight ? 'night' : 'day']),
    center: configuration.map_centre,
    zoom: configuration.map_zoom,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    locale,
  });
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  map.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-left');
  if (configuration.tile_attribution) map.addControl(new AttributionControl({ compact: false }), 'bottom-right');

  let shown: Shown = { fix: null, trail: [] };
  let now = 0;
  let drawnAt = 0;
  let drawnFix: Fix | null = null;
  let moving = false; /* by the person's own hand, until they ask to centre again */
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;

  const fill = (source: string, features: Feature[]): void => {
    map.getSource<GeoJSONSource>(source)?.setData(collection(features));
  };

  const goTo = (fix: Fix, jump: boolean): void => {
    const camera = { center: [fix.lon, fix.lat] as [number, number], zoom: Math.max(map.getZoom(), closeUp) };
    if (jump || calm) map.jumpTo(camera);
    else map.easeTo(camera);
  };

  const isNearEdge = (fix: Fix): boolean => {
    const { x, y } = map.project([fix.lon, fix.lat]);
    const { clientWidth, clientHeight } = element;
    return x < clientWidth * 0.2 || x > clientWidth * 0.8 || y < clientHeight * 0.2 || y > clientHeight * 0.8;
  };

  const draw = (): void => {
    const { fix, trail } = shown;
    const isNew = fix?.received_at !== drawnFix?.received_at;
    if (!isNew && now - drawnAt < agesEvery) return;
    const past = trail.filter(({ received_at }) => received_at !== fix?.received_at);
    fill('trail', trailPoints(past, now));
    drawnAt = now;
    if (!isNew) return;
    fill('line', trailLine(fix ? [...past, fix] : past));
    fill('circle', fix ? circleAround(fix) : []);
    fill('fix', fix ? trailPoints([fix], now) : []);
    if (fix && !moving && (!drawnFix || isNearEdge(fix))) goTo(fix, !drawnFix);
    drawnFix = fix;
  };

  let ready = false;
  map.on('style.load', () => {
    ready = true;
    drawnAt = 0;
    draw();
  });
  /* Outlines that a lost connection kept from coming are asked again; a missing tile leaves the outlines. */
  let retry: ReturnType<typeof setTimeout> | undefined;
  map.on('error', () => {
    clearTimeout(retry);
    retry = setTimeout(() => {
      for (const [source, file] of Object.entries(files)) {
        if (!map.isSourceLoaded(source)) map.getSource<GeoJSONSource>(source)?.setData(file);
      }
    }, retryMs);
  });
  for (const gesture of ['dragstart', 'wheel'] as const) map.on(gesture, () => void (moving = true));
  if (onPoint) {
    const point = ({ lat, lng }: { lat: number; lng: number }): void => onPoint({ lat, lon: lng });
    map.on('click', ({ lngLat }) => point(lngLat));
    map.getCanvas().addEventListener('keydown', ({ key }) => key === 'Enter' && point(map.getCenter()));
  }

  return {
    show(next, at) {
      shown = next;
      now = at;
      if (ready) draw();
    },
    centre() {
      moving = false;
      if (shown.fix) goTo(shown.fix, false);
    },
    setNight(night) {
      ready = false;
      drawnFix = null;
      map.setStyle(styleOf(configuration, colours[night ? 'night' : 'day']), { diff: false });
    },
    close() {
      clearTimeout(retry);
      map.remove();
    },
  };
};
