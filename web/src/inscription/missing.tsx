/* What is not written yet: each leads to its field. */
import type { messages } from '../messages';
import type { FieldName } from './fields';

type Props = { title: string; fields: FieldName[]; words: typeof messages.registration; onGo(field: FieldName): void };

export const Missing = ({ title, fields, words, onGo }: Props) =>
  fields.length > 0 && (
    <section class="notice missing" aria-label={title}>
      <p>{title}</p>
      <ul>
        {fields.map((name) => (
          <li key={name}>
            <button type="button" onClick={() => onGo(name)}>
              {words.fields[name].label}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
