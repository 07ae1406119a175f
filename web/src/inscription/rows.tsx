/* What the lists of a registration share: numbers, addresses, trusted persons. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** The button that adds a row. The focus follows: to the row that was added, or, once one was taken away, to that button. */
export const useAdd = (rows: number, idOf: (row: number) => string): RefObject<HTMLButtonElement | null> => {
  const add = useRef<HTMLButtonElement>(null);
  const count = useRef(rows);
  useLayoutEffect(() => {
    if (rows > count.current) document.getElementById(idOf(rows - 1))?.focus();
    if (rows < count.current) add.current?.focus();
    count.current = rows;
  }, [rows]);
  return add;
};

/** What is wrong, for the field that this id describes. */
export const Wrong = ({ id, text }: { id: string; text: string | null }) =>
  text && (
    <p id={id} class="failure">
      {text}
    </p>
  );
