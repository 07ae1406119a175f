/* The threat as the counter evaluates it. */
import { messages } from '../messages';

const t = messages.counter;

/** '' is not said. */
export const LevelField = ({ level, onChange }: { level: string; onChange(level: string): void }) => (
  <div class="field">
    <label for="level">{t.level}</label>
    <select id="level" value={level} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{t.levelNone}</option>
      {messages.levels.map((text, i) => (
        <option key={text} value={String(i + 1)}>
          {i + 1}. {text}
        </option>
      ))}
    </select>
  </div>
);
