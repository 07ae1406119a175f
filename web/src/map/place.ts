/* Which commune a position is on, from the bundled outlines. Pure, but for the one download. */
import type { Feature, FeatureCollection, MultiPolygon, Polygon } from 'geojson';
import communesUrl from '../../../data/communes-86.geojson';
import centres from '../../../data/communes-86.json';
import { persist } from '../request';

export type Outline = Feature<Polygon | MultiPolygon, { code: string; name: string }>;
export type Outlines = FeatureCollection<Polygon | MultiPolygon, { code: string; name: string }>;
export type Point = { lat: number; lon: number };

/** Where a point is, in words: the commune it is on, and how it lies from the middle of that commune. */
export type Place = { commune: string; metres: number; bearing: number };

let loading: Promise<Outlines> | undefined;

/** The outlines, downloaded once for the map and for the words. */
export const outlines = (): Promise<Outlines> =>
  (loading ??= persist(async () => (await fetch(communesUrl)).json() as Promise<Outlines>));

export const communesFile = communesUrl;
export const communeCentres = centres;

const earthRadius = 6371008.8;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Metres between two points; near ones, so on a flat plane. */
export const metresBetween = (a: Point, b: Point): number => {
  const x = radians(b.lon - a.lon) * Math.cos(radians((a.lat + b.lat) / 2));
  const y = radians(b.lat - a.lat);
  return Math.hypot(x, y) * earthRadius;
};

/** Degrees from north, from a to b. */
export const bearingTo = (a: Point, b: Point): number => {
  const x = radians(b.lon - a.lon) * Math.cos(radians((a.lat + b.lat) / 2));
  const y = radians(b.lat - a.lat);
  return ((Math.atan2(x, y) * 180) / Math.PI + 360) % 360;
};

/** The point so many metres east and north of another. */
export const moved = (from: Point, east: number, north: number): Point => ({
  lat: from.lat + ((north / earthRadius) * 180) / Math.PI,
  lon: from.lon + ((east / (earthRadius * Math.cos(radians(from.lat)))) * 180) / Math.PI,
});

const ringHolds = (ring: number[][], { lat, lon }: Point): boolean => {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi = 0, yi = 0] = ring[i] ?? [];
    const [xj = 0, yj = 0] = ring[j] ?? [];
    if (yi > lat !== yj > lat && lon < ((xj - xi) * (lat - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
};

export const outlineHolds = ({ geometry }: Outline, point: Point): boolean => {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  return polygons.some((rings) => rings.filter((ring) => ringHolds(ring, point)).length % 2 === 1);
};

export const placeOf = (all: Outlines, point: Point): Place | undefined => {
  const found = all.features.find((outline) => outlineHolds(outline, point));
  const centre = found && centres.find((commune) => commune.code === found.properties.code);
  if (!centre) return undefined;
  return { commune: centre.name, metres: metresBetween(centre, point), bearing: bearingTo(centre, point) };
};
