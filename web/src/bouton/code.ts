/* The enrolment code as people type it. Pure. */

const shape = /^[0-9A-HJKMNP-TV-Z]{8}$/;

/** The eight characters as the server gave them, or nothing. The letters left out of codes are read as the figures they look like. */
export const codeOf = (typed: string): string | undefined => {
  const code = typed.toUpperCase().replace(/[\s–—-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return shape.test(code) ? `${code.slice(0, 4)}-${code.slice(4)}` : undefined;
};
