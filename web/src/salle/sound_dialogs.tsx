/* The windows about the sound of an alert. */
import { useState } from 'preact/hooks';
import type { Detail } from '../api';
import { messages } from '../messages.fr';
import { Dialog, Form, TextField } from '../ui';
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
