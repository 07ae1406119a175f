/*
 * The copy as a PDF, made here: nothing but the page has it (docs/decisions/pdfkit.md). Tagged, so that what reads
 * aloud finds headings, paragraphs and their language. Loaded only when somebody asks for it.
 */
import PDFDocument, { registerStdFonts } from 'pdfkit';
import { toBlob } from 'pdfkit/output';
import Helvetica from 'pdfkit/standard-fonts/Helvetica';
import HelveticaBold from 'pdfkit/standard-fonts/HelveticaBold';
import { partsOf, type Part } from './copy';
import type { OwnCopy } from '../api';
import { messages } from '../messages';

const t = messages.own.copy;

/* Every reader of PDF has this font; it writes Windows-1252, which holds all of French. */
const beyond = '€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ';
const isWritten = (letter: string): boolean => letter <= '~' || (letter >= '\u00a0' && letter <= '\u00ff') || beyond.includes(letter);

const nearest = (letter: string): string => {
  const [base = ''] = letter.normalize('NFD');
  return isWritten(base) ? base : '?';
};

/** Any other letter without its marks: Māʻohi is « Ma?ohi », and the copy in JSON has it whole. */
export const writable = (text: string): string =>
  Array.from(text.normalize('NFC').replace(/[\u2000-\u200a\u202f]/g, '\u00a0').replace(/[\u2010\u2011]/g, '-'), (letter) => (isWritten(letter) ? letter : nearest(letter))).join('');

const sizes = { title: 18, heading: 13, text: 10.5 };

const writePart = (pdf: PDFDocument, { heading, lead, rows }: Part): void => {
  const section = pdf.struct('Sect');
  pdf.addStructure(section);
  const say = (kind: string, write: () => void): void => section.add(pdf.struct(kind, write)) as unknown as void;
  say('H2', () => pdf.font('Helvetica-Bold').fontSize(sizes.heading).text(writable(heading), { paragraphGap: 4 }));
  if (lead) say('P', () => pdf.font('Helvetica').fontSize(sizes.text).text(writable(lead), { paragraphGap: 4 }));
  for (const { name, value, note } of rows)
    say('P', () => {
      pdf.fontSize(sizes.text).font('Helvetica-Bold').text(writable(messages.format.colon(name, '')), { continued: true });
      pdf.font('Helvetica').text(writable(note ? `${value} (${note})` : value), { paragraphGap: 3 });
    });
  section.end();
  pdf.moveDown(0.7);
};

export const pdfOf = (copy: OwnCopy): Promise<Blob> => {
  registerStdFonts(Helvetica, HelveticaBold);
  const title = writable(t.title(copy.file.name));
  const pdf = new PDFDocument({
    size: 'A4', margin: 56, lang: messages.format.locale, tagged: true, pdfVersion: '1.7', displayTitle: true, font: 'Helvetica',
    info: { Title: title, Creator: messages.product, Producer: messages.product, Author: messages.product, CreationDate: new Date(copy.made_at) },
  });
  const blob = toBlob(pdf);
  pdf.addStructure(pdf.struct('H1', () => pdf.font('Helvetica-Bold').fontSize(sizes.title).text(title, { paragraphGap: 10 })));
  for (const part of partsOf(copy)) writePart(pdf, part);
  pdf.end();
  return blob;
};
