/* The windows of a call to 17: how it ended, and who calls when the number does not say. */
import { useState } from 'preact/hooks';
import type { CallSearch, Official } from '../api';
import { messages } from '../messages';
import { get } from '../request';
import { Deeds, Dialog, Failure, Form, Key, TextField, useGesture } from '../ui';

const t = messages.room.calls;

export const CloseDialog = ({ onSave, onClose }: { onSave(text: string): Promise<unknown>; onClose(): void }) => {
  const [text, setText] = useState('');
  return (
    <Dialog title={t.close} onClose={onClose}>
      <Form save={t.close} onSave={() => onSave(text.trim())} onDone={onClose}>
        <TextField label={t.note} value={text} onInput={setText} focus />
      </Form>
    </Dialog>
  );
};

/* Words, then who it is; a search that finds nothing leaves the words to be said otherwise. */
export const SearchDialog = ({ call, onChoose, onClose }: { call: string; onChoose(official: string): void; onClose(): void }) => {
  const [words, setWords] = useState('');
  const [found, setFound] = useState<CallSearch | null>(null);
  const { failure, run } = useGesture();
  const search = (event: Event): void => {
    event.preventDefault();
    void run(async () => setFound(await get<CallSearch>(`/api/calls/${call}/search?q=${encodeURIComponent(words)}`)));
  };
  const choose = (person: Official) => async (): Promise<void> => onChoose(person.id);
  return (
    <Dialog title={t.search} onClose={onClose} wide>
      <form onSubmit={search} noValidate>
        <div class="field">
          <label for="search-words">{t.searchWords}</label>
          <input
            id="search-words"
            type="search"
            autofocus
            autocomplete="off"
            value={words}
            onInput={(event) => {
              setWords(event.currentTarget.value);
              setFound(null);
            }}
          />
        </div>
        <Failure text={failure} />
        <button type="submit" class="primary">
          {t.searchGo} <Key name={messages.keyNames.enter} />
        </button>
      </form>
      <p role="status">{found && (found.people.length === 0 ? t.searchNone : t.searchFound(found.people.length, found.more))}</p>
      {found && (
        <Deeds
          deeds={found.people.map((person) => ({
            label: person.name,
            help: [person.mandate, person.commune].filter(Boolean).join(', '),
            run: choose(person),
          }))}
          onDone={onClose}
        />
      )}
    </Dialog>
  );
};
