/* The windows about the sound of an alert. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Detail } from '../api';
import { messages } from '../messages';
import { Deeds, Dialog, Form, Key, TextField } from '../ui';
import type { Server } from './acts';
import type { Frame } from './places';
import { openTalk, type Talk, type TalkState } from './talk';

const d = messages.room.dialogs;
const t = messages.room.talk;

type MarkProps = { detail: Detail; server: Server; frame: Frame; onClose(): void };

/* The moment is the one of the key; the words may come later, or never. */
export const MarkDialog = ({ detail, server, frame, onClose }: MarkProps) => {
  const [text, setText] = useState('');
  return (
    <Dialog title={d.mark.title} onClose={onClose}>
      <Form
        save={d.mark.save}
        onSave={() => server.card('mark', `/api/alerts/${detail.id}/marks`, { ...frame, text: text.trim() })}
        onDone={onClose}
      >
        <TextField label={d.mark.label} value={text} onInput={setText} rows={2} focus />
      </Form>
    </Dialog>
  );
};

type ListenProps = { detail: Detail; server: Server; onClose(): void };

/** The watch is to dial the number of the administration, unseen: asked for once more before. */
export const ListenDialog = ({ detail, server, onClose }: ListenProps) => (
  <Dialog title={d.listen.title} onClose={onClose}>
    <p>{d.listen.text}</p>
    <p class="muted">{d.listen.limits}</p>
    <Deeds
      onDone={onClose}
      deeds={[
        {
          label: d.listen.save,
          refused: detail.refusals.listen,
          run: () => server.ask('listen', `/api/alerts/${detail.id}/device`, { request: 'listen' }),
        },
      ]}
    />
  </Dialog>
);

type TalkProps = { detail: Detail; onClose(): void };

/* By the key or the pointer: the voice goes as long as either is down, and ends with the window. */
const HoldToTalk = ({ alert, onClose }: { alert: string; onClose(): void }) => {
  const [state, setState] = useState<TalkState>({ status: 'opening', reason: null, isHeld: false });
  const talk = useRef<Talk | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const opened = openTalk(alert, setState);
    talk.current = opened;
    return opened.close;
  }, [alert]);
  useEffect(() => button.current?.focus(), []);
  const hold = (on: boolean) => (): void => talk.current?.hold(on);
  const onKey = (on: boolean) => (event: KeyboardEvent): void => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    talk.current?.hold(on);
  };
  if (state.status === 'ended' && state.reason) {
    return (
      <>
        <p role="alert">{state.reason}</p>
        <button type="button" class="primary" autofocus onClick={onClose}>
          {messages.close}
        </button>
      </>
    );
  }
  return (
    <>
      <p role="status">{state.isHeld ? t.speaking : t.status[state.status]}</p>
      <button
        type="button"
        ref={button}
        class="primary talk"
        aria-pressed={state.isHeld}
        aria-disabled={state.status !== 'open'}
        onPointerDown={hold(true)}
        onPointerUp={hold(false)}
        onPointerLeave={hold(false)}
        onKeyDown={onKey(true)}
        onKeyUp={onKey(false)}
        onBlur={hold(false)}
      >
        {t.hold} <Key name={messages.keyNames.space} />
      </button>
    </>
  );
};

/** Talking is asked for once more: it is heard by whoever is beside the person. */
export const TalkDialog = ({ detail, onClose }: TalkProps) => {
  const [isSure, setSure] = useState(false);
  return (
    <Dialog title={t.title} onClose={onClose}>
      <p>{t.text}</p>
      {isSure ? (
        <HoldToTalk alert={detail.id} onClose={onClose} />
      ) : (
        <Deeds onDone={() => setSure(true)} deeds={[{ label: t.open, refused: detail.refusals.talk, run: () => Promise.resolve() }]} />
      )}
    </Dialog>
  );
};
