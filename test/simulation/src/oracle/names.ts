export const isServiceName = (service: string): boolean => /^[A-Za-z0-9._/-]{1,128}$/.test(service)

const hidden = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u

/** Whether a text is fit to be shown, and no longer than so many bytes. */
export const isName = (text: string, bytesMax = 256): boolean =>
  Buffer.byteLength(text) <= bytesMax &&
  text.isWellFormed() &&
  !hidden.test(text) &&
  text.normalize('NFC') === text
