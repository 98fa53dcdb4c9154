// What moves the cursor, hides text or reorders it on a terminal: controls, zero-width characters, bidi marks, lone surrogates.
const unsafe =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Cs}/gu

/** Text of unknown origin as it may stand on a terminal: what would act there is shown by its number. */
export const printable = (text: string): string =>
  text.replace(unsafe, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
