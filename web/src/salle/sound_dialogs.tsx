/* The windows about the sound of an alert. */
import { useState } from 'preact/hooks';
import type { Detail } from '../api';
import { messages } from '../messages.fr';
import { Deeds, Dialog, Form, TextField } from '../ui';
import type { Server } from './acts';
import type { Frame } from './places';

const d = messages.room.dialogs;

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
