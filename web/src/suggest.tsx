/* A field whose text is looked for while it is written, and the list to choose from (WAI-ARIA combobox with a list). */
import type { TargetedKeyboardEvent } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { messages } from './messages';
import { reasonOf } from './request';
import { Failure } from './ui';
import './suggest.css';

type Props<One> = {
  id: string;
  value: string;
  listLabel: string;
  described?: string | undefined;
  invalid?: boolean;
  complete?: string;
  fromEmpty?: boolean; /* there is a list before anything is written */
  find(words: string): Promise<One[]>;
  textOf(one: One): string;
  onInput(words: string): void;
  onChoose(one: One): void;
};

export const Suggest = <One,>({ id, value, listLabel, described, invalid = false, complete = 'off', fromEmpty = false, find, textOf, onInput, onChoose }: Props<One>) => {
  const [list, setList] = useState<One[]>([]);
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [failure, setFailure] = useState<string | null>(null);
  const asked = useRef(0);
  const name = useId();
  const option = (i: number): string => `${name}-${i}`;
  useEffect(() => () => void asked.current++, []);

  const search = async (words: string): Promise<void> => {
    const mine = ++asked.current;
    setAt(-1);
    try {
      const found = words.trim() || fromEmpty ? await find(words) : [];
      if (mine !== asked.current) return;
      setFailure(null);
      setList(found);
    } catch (thrown) {
      if (mine !== asked.current) return;
      setList([]);
      setFailure(reasonOf(thrown));
    }
  };
  const show = (words: string): void => {
    setOpen(true);
    void search(words);
  };
  const close = (): void => {
    asked.current++;
    setOpen(false);
    setAt(-1);
  };
  const choose = (one: One): void => {
    close();
    onChoose(one);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    const chosen = isShown ? list[at] : undefined;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step && !open) show(value);
    else if (step && list.length) setAt(at < 0 && step < 0 ? list.length - 1 : (at + step + list.length) % list.length);
    else if (event.key === 'Enter' && chosen) choose(chosen);
    else if (event.key === 'Escape' && open) close();
    else return;
    event.preventDefault();
  };
  const isShown = open && list.length > 0;
  return (
    <div class="suggest">
      <input
        id={id}
        type="text"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={`${name}-list`}
        aria-activedescendant={isShown && at >= 0 ? option(at) : undefined}
        aria-describedby={described}
        aria-invalid={invalid}
        autocomplete={complete}
        spellcheck={false}
        value={value}
        onInput={(event) => {
          onInput(event.currentTarget.value);
          show(event.currentTarget.value);
        }}
        onFocus={() => fromEmpty && !value && show('')}
        onBlur={() => {
          setOpen(false);
          setAt(-1);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={`${name}-list`} role="listbox" aria-label={listLabel} hidden={!isShown}>
        {list.map((one, i) => (
          <li
            key={textOf(one)}
            id={option(i)}
            role="option"
            aria-selected={i === at}
            /* Before the field loses the focus, which closes the list. */
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(one)}
          >
            {textOf(one)}
          </li>
        ))}
      </ul>
      <p class="unseen" role="status">
        {isShown ? messages.suggested(list.length) : ''}
      </p>
      {failure && <Failure text={failure} />}
    </div>
  );
};

/** As names are compared: without accents, capitals or dashes. */
export const folded = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
