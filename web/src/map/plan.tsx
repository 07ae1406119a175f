/* Where WebGL is missing: a still plan of the communes around the position, in SVG, from the same outlines. */
import type { Fix } from '../api';
import { distance } from '../format';
import { messages } from '../messages';
import { communeCentres, metresBetween, moved, placeOf, type Outline, type Outlines, type Point } from './place';

const halfWidth = 8000; /* metres from the middle to the edge */
const size = 400;

type Frame = { project(point: Point): [number, number]; holds(point: Point): boolean };

const frameAround = (middle: Point): Frame => {
  const west = moved(middle, -halfWidth, 0).lon;
  const east = moved(middle, halfWidth, 0).lon;
  const south = moved(middle, 0, -halfWidth).lat;
  const north = moved(middle, 0, halfWidth).lat;
  return {
    project: ({ lat, lon }) => [((lon - west) / (east - west)) * size, ((north - lat) / (north - south)) * size],
    holds: ({ lat, lon }) => lon > west && lon < east && lat > south && lat < north,
  };
};

const pathOf = ({ geometry }: Outline, { project }: Frame): string => {
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  const rings = polygons.flat().map((ring) =>
    ring.map(([lon = 0, lat = 0]) => project({ lat, lon }).map((n) => n.toFixed(1)).join(' ')).join('L'),
  );
  return rings.map((ring) => `M${ring}Z`).join('');
};

const isNear = (outline: Outline, middle: Point): boolean => {
  const centre = communeCentres.find(({ code }) => code === outline.properties.code);
  return centre !== undefined && metresBetween(centre, middle) < halfWidth * 3;
};

export const Plan = ({ fix, outlines }: { fix: Fix; outlines: Outlines }) => {
  const frame = frameAround(fix);
  const metre = size / (2 * halfWidth);
  const commune = placeOf(outlines, fix)?.commune ?? messages.unknown;
  return (
    <figure class="plan">
      <figcaption>
        {messages.map.noGraphics} {messages.map.scale(distance(2 * halfWidth))}.
      </figcaption>
      <svg viewBox={`0 0 ${size} ${size}`} preserveAspectRatio="xMidYMid slice" role="img" aria-label={messages.map.outlineLabel(commune)}>
        {outlines.features
          .filter((outline) => isNear(outline, fix))
          .map((outline) => (
            <path key={outline.properties.code} class="plan-commune" d={pathOf(outline, frame)} />
          ))}
        {communeCentres.filter(frame.holds).map((centre) => {
          const [x, y] = frame.project(centre);
          return (
            <text key={centre.code} class="plan-name" x={x} y={y} text-anchor="middle">
              {centre.name}
            </text>
          );
        })}
        <circle class="plan-accuracy" cx={size / 2} cy={size / 2} r={(fix.accuracy ?? 0) * metre} />
        <circle class="plan-fix" cx={size / 2} cy={size / 2} r={7} />
      </svg>
    </figure>
  );
};
