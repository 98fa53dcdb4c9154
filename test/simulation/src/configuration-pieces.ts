import { encode } from '@tidemark/codec'
import {
  canonicalJson,
  configurationId,
  keyOfEvent,
  type Configuration,
  type ConfigurationStored,
} from '@tidemark/model'

/** A configuration as records of `catalog`, in pieces of so many characters, which may be fewer than production would take. */
export const configurationPieces = (configuration: Configuration, pieceLength: number) => {
  const text = canonicalJson(configuration)
  const parts = Math.ceil(text.length / pieceLength)
  return Array.from({ length: parts }, (_, part) => {
    const event: ConfigurationStored = {
      ...{ type: 'ConfigurationStored', configurationId: configurationId(configuration) },
      ...{ part, parts, text: text.slice(part * pieceLength, (part + 1) * pieceLength) },
    }
    return { key: Buffer.from(keyOfEvent(event)!), value: encode(event) }
  })
}
