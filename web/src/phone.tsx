/* What the pages opened on a phone have in common. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Configuration, Fix } from './api';
import { PositionMap, PositionWords } from './map/position';
import { useNow } from './clock';
import { age, clock } from './format';
import { messages } from './messages';
import type { Theme } from './theme';

/** Never leaves the screen of a test, nor its tab's name. */
export const TestMark = ({ test }: { test: boolean | undefined }) => {
  useEffect(() => {
    if (test) document.title = messages.testTitle(document.title);
  }, [test]);
  return test ? <p class="test-strip">{messages.testBanner}</p> : null;
};

/** How long ago the call came, counting, and at what time. */
export const Since = ({ at }: { at: number }) => (
  <p class="since">
    {messages.follow.since(age(useNow() - at))} <span class="muted">({clock(at)})</span>
  </p>
);

const staleMs = 10000;

/** Says when the server has not answered for a while. */
export const Stale = ({ heardAt }: { heardAt: number }) => {
  const silence = useNow() - heardAt;
  return (
    <div role="alert">{silence > staleMs && <p class="notice stale">{messages.follow.stale(age(silence))}</p>}</div>
  );
};

type PlaceProps = { title: string; fix: Fix | null; trail: Fix[]; configuration: Configuration | undefined; theme: Theme; children?: ComponentChildren };

export const PlaceCard = ({ title, fix, trail, configuration, theme, children }: PlaceProps) => (
  <section class="card">
    <h2>{title}</h2>
    <PositionWords fix={fix} />
    {children}
    {configuration && (
      <div class="phone-map">
        <PositionMap fix={fix} trail={trail} configuration={configuration} night={theme === 'night'} />
      </div>
    )}
  </section>
);
