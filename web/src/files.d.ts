/* What build.mjs makes of an import that is not code. */
declare module '*.geojson' {
  const url: string;
  export default url;
}
declare module '*.woff2' {
  const url: string;
  export default url;
}
declare module 'asset:*' {
  const url: string;
  export default url;
}
declare module '*.css';

/* What we use of it: it brings no types of its own. */
declare module 'pdfkit' {
  type Structure = { add(child: Structure): Structure; end(): void };
  type TextOptions = { continued?: boolean; paragraphGap?: number };
  export default class PDFDocument {
    constructor(options: Record<string, unknown>);
    struct(kind: string, write?: () => void): Structure;
    addStructure(structure: Structure): this;
    font(name: string): this;
    fontSize(size: number): this;
    text(text: string, options?: TextOptions): this;
    moveDown(lines: number): this;
    end(): void;
  }
  export const registerStdFonts: (...fonts: unknown[]) => void;
}
declare module 'pdfkit/output' {
  export const toBlob: (document: import('pdfkit').default) => Promise<Blob>;
}
declare module 'pdfkit/standard-fonts/*' {
  const font: unknown;
  export default font;
}
