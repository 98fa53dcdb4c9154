import {
  canonicalJson,
  contentId,
  keyOfEvent,
  type Configuration,
  type ConfigurationStored,
  type Id,
} from '@tidemark/model'
import { encodeUtf8 } from '@tidemark/wire'
import { encode } from './codec.ts'
import { configurationShapeFault } from './configuration-shape.ts'

/** UTF-8 bytes of a configuration's text in one record of `catalog`, and in all of them. */
export const configurationPartBytesMax = 500_000
export const configurationBytesMax = 16_000_000
/** As cuts at code points leave at most three bytes free in each. */
export const configurationPartsMax = Math.ceil(
  configurationBytesMax / (configurationPartBytesMax - 3),
)

/** A configuration that cannot be stored. */
export class ConfigurationRecordError extends Error {
  readonly code = 'configuration_record'
  readonly retriable = false
}

/** The records of `catalog` that a configuration is stored as. ConfigurationRecordError where it has not the shape of one, or is too large. */
export const configurationRecords = (
  configuration: Configuration,
): readonly { readonly key: Uint8Array; readonly value: Uint8Array }[] => {
  const fault = configurationShapeFault(configuration)
  if (fault !== null) throw new ConfigurationRecordError(`configuration${fault}`)
  const text = canonicalJson(configuration)
  const bytes = Buffer.from(text, 'utf8')
  if (bytes.length > configurationBytesMax)
    throw new ConfigurationRecordError(
      `configuration: ${bytes.length} bytes, the catalog takes ${configurationBytesMax}`,
    )
  const configurationId = contentId(text)
  const texts = partsOf(bytes)
  return texts.map((part, index) => {
    const event: ConfigurationStored = {
      ...{ type: 'ConfigurationStored', configurationId },
      ...{ part: index, parts: texts.length, text: part },
    }
    return { key: encodeUtf8(keyOfEvent(event)!), value: encode(event) }
  })
}

/** The configuration whose text this is, if that has this id and the shape of one; or what is wrong with it. */
export const readConfiguration = (
  id: Id,
  text: string,
):
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly fault: string } => {
  const actual = contentId(text)
  if (actual !== id) return { ok: false, fault: `its text has the id ${actual}` }
  const value = parsed(text)
  if (value === undefined) return { ok: false, fault: 'its text is no JSON' }
  const fault = configurationShapeFault(value)
  if (fault !== null) return { ok: false, fault: `configuration${fault}` }
  if (canonicalJson(value) !== text) return { ok: false, fault: 'its text is no canonical JSON' }
  return { ok: true, configuration: value as Configuration }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Cut where no code point is. */
const partsOf = (bytes: Uint8Array): readonly string[] => {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const texts: string[] = []
  for (let at = 0; at < bytes.length;) {
    let end = Math.min(at + configurationPartBytesMax, bytes.length)
    while (end < bytes.length && isContinuation(bytes[end]!)) end--
    texts.push(decoder.decode(bytes.subarray(at, end)))
    at = end
  }
  return texts
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80
