/* The search, what it found, and the same for another program. */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { JournalLine } from '../api';
import { clock, day } from '../format';
import { messages } from '../messages';
import { Failure, useGesture } from '../ui';
import { Evidence } from './evidence';
import { aboutOf, callOf, csvOf, everything, readMore, save, whatOf, whoOf, whyOf, type Page, type Search } from './lines';
import { Holds } from './holds';
import { Held, wholeOr } from './held';
import { People } from './people';

const t = messages.journal;
const linesShown = 50;
const linesAtOnce = 200;
const linesExported = 20000;

type FieldProps = { label: string; type: 'date' | 'number'; value: string; onInput(value: string): void };

const Field = ({ label, type, value, onInput }: FieldProps) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} type={type} min={type === 'number' ? 1 : undefined} value={value} onInput={(event) => onInput(event.currentTarget.value)} />
    </div>
  );
};

const Chosen = ({ text, onRemove }: { text: string; onRemove(): void }) => (
  <p class="journal-chosen">
    {text}{' '}
    <button type="button" class="quiet" onClick={onRemove}>
      {t.remove}
    </button>
  </p>
);

type RowProps = { line: JournalLine; onAccount(id: string, name: string): void; onSubject(id: string, name: string): void };

const Row = ({ line, onAccount, onSubject }: RowProps) => {
  const { actor, subject } = line;
  const who = whoOf(line);
  const about = aboutOf(line);
  const call = callOf(line);
  return (
    <tr>
      <td class="number">{line.number}</td>
      <td>
        <time dateTime={new Date(line.at).toISOString()}>
          {day(line.at)} {clock(line.at)}
        </time>
      </td>
      <td>
        {actor.kind === 'account' && actor.id ? (
          <button type="button" class="quiet" title={t.only(who)} onClick={() => onAccount(actor.id ?? '', who)}>
            {who}
          </button>
        ) : (
          who
        )}
      </td>
      <td>{whatOf(line)}</td>
      <td>
        {subject && (
          <button type="button" class="quiet" title={t.onlyAbout} onClick={() => onSubject(subject, about || t.thing(subject))}>
            {about || t.thing(subject)}
          </button>
        )}
        {call && (
          <button type="button" class="quiet" title={t.onlyAbout} onClick={() => onSubject(call, whyOf(line))}>
            {whyOf(line)}
          </button>
        )}
      </td>
    </tr>
  );
};

const kinds = Object.entries(t.kinds).flatMap(([kind, words]) => (words ? [{ kind, words }] : [])).sort((a, b) => a.words.localeCompare(b.words));

const KindField = ({ value, onInput }: { value: string; onInput(value: string): void }) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{t.kind}</label>
      <select id={id} value={value} onInput={(event) => onInput(event.currentTarget.value)}>
        <option value="">{t.anyKind}</option>
        {kinds.map(({ kind, words }) => (
          <option key={kind} value={kind}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
};

export const Register = ({ own, onEnded }: { own: string; onEnded(): void }) => {
  const [typed, setTyped] = useState(everything);
  const [search, setSearch] = useState(everything);
  const [lines, setLines] = useState<JournalLine[] | null>(null);
  const [next, setNext] = useState<number | null>(null);
  const [said, setSaid] = useState('');
  const { busy, failure, run } = useGesture();
  const asked = useRef(0);

  const whole = wholeOr(onEnded);
  /* A search that comes after another wins, whichever is answered first. */
  const look = (wanted: Search): void => {
    const mine = ++asked.current;
    setTyped(wanted);
    setSearch(wanted);
    setLines(null);
    setSaid('');
    void run(async () => {
      const page = await readMore(wanted, null, linesShown).catch(whole);
      if (mine !== asked.current) return;
      setLines(page.lines);
      setNext(page.next);
      setSaid(page.lines.length === 0 && page.next === null ? t.none : '');
    });
  };
  useEffect(() => look(everything), []);

  const more = (): void =>
    void run(async () => {
      const mine = asked.current;
      const page = await readMore(search, next, linesShown).catch(whole);
      if (mine !== asked.current) return;
      setLines((shown) => [...(shown ?? []), ...page.lines]);
      setNext(page.next);
    });

  const exportAll = (): void =>
    void run(async () => {
      const list: JournalLine[] = [];
      let from: number | null = null;
      do {
        const page: Page = await readMore(search, from, linesAtOnce).catch(whole);
        list.push(...page.lines);
        from = page.next;
        setSaid(t.exporting(list.length));
      } while (from !== null && list.length < linesExported);
      save(new Blob([csvOf(list)], { type: 'text/csv;charset=utf-8' }), t.file);
      setSaid(from === null ? t.exported(list.length) : t.exportedPart(list.length));
    });

  const submit = (event: Event): void => {
    event.preventDefault();
    look(typed);
  };
  return (
    <>
      <p class="muted">{t.lead}</p>
      <Held own={own} whole={whole} />
      <Holds whole={whole} />
      <form class="journal-search" onSubmit={submit}>
        <Field label={t.from} type="date" value={typed.from} onInput={(from) => setTyped({ ...typed, from })} />
        <Field label={t.until} type="date" value={typed.until} onInput={(until) => setTyped({ ...typed, until })} />
        <Field label={t.ref} type="number" value={typed.ref} onInput={(ref) => setTyped({ ...typed, ref, subject: null, person: null })} />
        <KindField value={typed.kind} onInput={(kind) => setTyped({ ...typed, kind })} />
        <button type="submit" class="primary" aria-disabled={busy}>
          {t.search}
        </button>
        <button type="button" onClick={() => look(everything)}>
          {t.all}
        </button>
        <button type="button" aria-disabled={busy || !lines?.length} onClick={() => lines?.length && !busy && exportAll()}>
          {t.export}
        </button>
      </form>
      <div class="journal-more-ways">
        <People onChosen={(person) => look({ ...search, ref: '', subject: null, person })} whole={whole} />
        <Evidence search={search} whole={whole} />
      </div>
      {search.person && <Chosen text={t.ofPerson(search.person.name)} onRemove={() => look({ ...search, person: null })} />}
      {search.account && <Chosen text={t.by(search.account.name)} onRemove={() => look({ ...search, account: null })} />}
      {search.subject && <Chosen text={t.about(search.subject.name)} onRemove={() => look({ ...search, subject: null })} />}
      <Failure text={failure} />
      <p role="status">{said || (lines === null && !failure ? messages.loading : '')}</p>
      {lines && lines.length > 0 && (
        <div class="journal-scroll">
          <table class="journal-lines">
            <caption class="unseen">{t.heading}</caption>
            <thead>
              <tr>
                {t.heads.map((head) => (
                  <th key={head} scope="col">
                    {head}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <Row
                  key={line.number}
                  line={line}
                  onAccount={(id, name) => look({ ...search, account: { id, name } })}
                  onSubject={(id, name) => look({ ...search, ref: '', person: null, subject: { id, name } })}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {lines && next !== null && (
        <button type="button" class="journal-more" aria-disabled={busy} onClick={() => !busy && more()}>
          {t.more}
        </button>
      )}
    </>
  );
};
