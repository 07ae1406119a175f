/* /: which page is for whom. */
import { render } from 'preact';
import { messages } from './messages';
import { deviceTheme, useTheme } from './theme';
import { LanguageLink, ThemeButton, Urgency } from './ui';
import './base.css';
import './phone.css';

const t = messages.index;

const Index = () => {
  const [theme, turnTheme] = useTheme(deviceTheme());
  return (
    <div class="phone index">
      <header class="top">
        <h1>{t.heading}</h1>
        <LanguageLink />
        <ThemeButton theme={theme} onTurn={turnTheme} />
      </header>
      <main>
        <p class="danger-line">{t.danger}</p>
        <Urgency />
        <p class="lead">{t.lead}</p>
        {t.rows.map(({ who, what, link }) => (
          <section class="card" key={who}>
            <h2>{who}</h2>
            <p>{what}</p>
            {link && (
              <a class="button primary wide-button" href={link.href}>
                {link.text}
              </a>
            )}
          </section>
        ))}
      </main>
      <footer class="muted small">
        {messages.room.legal.text.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </footer>
    </div>
  );
};

const page = document.getElementById('page');
if (page) render(<Index />, page);
