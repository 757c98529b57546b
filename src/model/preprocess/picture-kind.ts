/** How files of kinds begin that people post as pictures and that are not read. */
const SIGNATURES: readonly (readonly [offset: number, bytes: string])[] = [
  [0, '%PDF'],
  [0, 'II*\0'],
  [0, 'MM\0*'],
  [0, 'BM'],
  [0, '8BPS'],
  [0, '\xff\x0a'],
  [0, '\0\0\x01\0'],
  [0, '\0\0\0\x0cJXL '],
  [0, '\0\0\0\x0cjP  '],
  [4, 'ftyp'],
];
const LOOKED_AT = 1_024;

/** True for bytes that begin like a picture or document of some kind; a web page or an error message does not. */
export function looksLikePicture(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, LOOKED_AT)).toString('latin1');
  return SIGNATURES.some(([offset, text]) => start.startsWith(text, offset)) || /<svg[\s>]/i.test(start);
}
