/* A position for the eye and for the ear: the map, or the plan, and the same thing in words. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Configuration, Fix } from '../api';
import { serverNow, useNow } from '../clock';
import { momentOf } from '../fix';
import { age, coordinates, distance } from '../format';
import { messages } from '../messages';
import { persist } from '../request';
import type { LiveMap, Pointed } from './live';
import { Plan } from './plan';
import { outlines, placeOf, type Outlines, type Place } from './place';

const textOf = (place: Place): string => {
  const { on, from, middle, directions } = messages.place;
  const where = place.metres < 150 ? middle : from(distance(place.metres), directions[Math.round(place.bearing / 45) % 8] ?? '');
  return `${on(place.commune)}, ${where}`;
};

const useOutlines = (): Outlines | undefined => {
  const [all, setAll] = useState<Outlines>();
  useEffect(() => void outlines().then(setAll), []);
  return all;
};

/** "Sur la commune de Béruges, à 1,2 km au nord-est du centre"; nothing until the outlines are there. */
export const usePlace = (fix: Fix | null): string | undefined => {
  const all = useOutlines();
  const [place, setPlace] = useState<string>();
  useEffect(() => {
    const found = all && fix ? placeOf(all, fix) : undefined;
    setPlace(found && textOf(found));
  }, [all, fix?.received_at]);
  return place;
};

export const precisionOf = (fix: Fix): string => {
  const from = messages.map[fix.source];
  if (fix.accuracy === null) return from;
  const near = messages.map.accuracy(distance(fix.accuracy));
  return fix.source === 'gnss' ? near : `${near}, ${from}`;
};

/** Age, precision, commune and coordinates of a fix, counting. */
export const PositionWords = ({ fix }: { fix: Fix | null }) => {
  const now = useNow();
  const place = usePlace(fix);
  if (!fix) return <p class="position-words">{messages.map.none}</p>;
  return (
    <div class="position-words">
      <p class="position-age">
        {messages.map.position(age(now - momentOf(fix)))} <span class="muted">({precisionOf(fix)})</span>
      </p>
      {place && <p>{place}</p>}
      <p class="muted">{coordinates(fix.lat, fix.lon)}</p>
    </div>
  );
};

type Props = { fix: Fix | null; trail: Fix[]; configuration: Configuration; night: boolean; onOpen?(map: LiveMap): void; onPoint?(at: Pointed): void };

const Animated = ({ fix, trail, configuration, night, onOpen, onPoint }: Props) => {
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<LiveMap | null>(null);
  const now = useNow();
  useEffect(() => {
    let gone = false;
    /* The words come first: the map's code is large and arrives after them. */
    void persist(() => import('./live')).then(({ openMap }) => {
      if (gone || !element.current) return;
      map.current = openMap(element.current, configuration, night, onPoint);
      map.current.show({ fix, trail }, serverNow());
      onOpen?.(map.current);
    });
    return () => {
      gone = true;
      map.current?.close();
    };
  }, [configuration]);
  useEffect(() => map.current?.show({ fix, trail }, serverNow()), [fix, trail, now]);
  const firstTheme = useRef(true);
  useEffect(() => {
    if (!firstTheme.current) map.current?.setNight(night);
    firstTheme.current = false;
  }, [night]);
  return <div class="map" ref={element} />;
};

const Still = ({ fix }: { fix: Fix | null }) => {
  const all = useOutlines();
  if (!fix || !all) return <p class="map map-empty">{fix ? messages.loading : messages.map.none}</p>;
  return <Plan fix={fix} outlines={all} />;
};

const hasGraphics = (): boolean => document.createElement('canvas').getContext('webgl2') !== null;

export const PositionMap = (props: Props) => {
  const [animated] = useState(hasGraphics);
  return animated ? <Animated {...props} /> : <Still fix={props.fix} />;
};
