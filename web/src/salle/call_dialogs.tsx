/* The windows of a call to 17: how it ended, and who calls when the number does not say. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Call, CallClosing, CallFile, CallSearch, Official } from '../api';
import { messages } from '../messages';
import { get } from '../request';
import { Choices, Deeds, Dialog, Failure, Form, Key, TextField, useGesture } from '../ui';
import { openAlertOf } from './calls';

const t = messages.room.calls;

type WrapUpProps = { call: Call; file: CallFile; onSave(closing: CallClosing): Promise<unknown> };

/* Of somebody registered: an alert has the call, or the note says why none has. The first choice waits for Enter: the alert that is open, else a new
   one; which of the two it is follows what happens meanwhile. */
const WrapUp = ({ call, file, onSave, onDone }: WrapUpProps & { onDone(): void }) => {
  const [follows, setFollows] = useState('alert');
  const [text, setText] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  const said = text.trim();
  const opened = openAlertOf(file);
  const asks = file.person !== null && call.alert === null;
  const none = asks && follows === 'none';
  /* For a file that comes into a window already open; one that opens looks for autofocus itself. */
  useLayoutEffect(() => {
    if (!asks) area.current?.focus();
  }, []);
  const answer = follows === 'none' ? 'none' : opened ? 'join' : 'open';
  const save = (): Promise<unknown> => onSave({ ...(asks && { alert: answer }), ...(said && { text: said }) });
  const check = (): string | null => {
    if (!none || said) return null;
    area.current?.focus();
    return t.whyNone;
  };
  return (
    <Form save={t.close} onSave={save} onDone={onDone} check={check}>
      {call.alert !== null && <p>{t.hasAlert}</p>}
      {asks && (
        <Choices
          legend={t.follows}
          choices={[
            { value: 'alert', label: opened ? t.join(opened.ref) : t.openAlert },
            { value: 'none', label: t.noAlert },
          ]}
          value={follows}
          onChoose={setFollows}
          focus
        />
      )}
      <TextField label={none ? t.whyLabel : t.note} value={text} onInput={setText} rows={2} focus={!asks} area={area} />
    </Form>
  );
};

type WrapUpDialogProps = { call: Call | undefined; file: CallFile | null; onSave(closing: CallClosing): Promise<unknown>; onClose(): void };

/* What follows depends on whose call it is: nothing is asked before the file is there. */
export const WrapUpDialog = ({ call, file, onSave, onClose }: WrapUpDialogProps) => (
  <Dialog title={t.close} onClose={onClose}>
    {call && file ? <WrapUp call={call} file={file} onSave={onSave} onDone={onClose} /> : <p role="status">{call ? t.reading : t.over}</p>}
  </Dialog>
);

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
