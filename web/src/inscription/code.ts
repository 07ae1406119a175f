/* The code of an invitation as people type it. Pure. */

/** As it is printed on the invitation: the letters left out of codes are the figures they look like. */
export const printedCode = (typed: string): string => {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return (code.match(/.{1,4}/g) ?? []).join('-');
};
