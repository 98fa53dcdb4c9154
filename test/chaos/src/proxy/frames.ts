const lengthBytes = 4

/** Cuts a stream into Kafka's frames: four bytes of length, then so many more. What it hands on includes the length. */
export const frameCutter = (take: (frame: Buffer) => void): ((chunk: Buffer) => void) => {
  let pieces: Buffer[] = []
  let bytes = 0
  /** Bytes without which there is nothing to do. */
  let wanted = lengthBytes
  return (chunk) => {
    pieces.push(chunk)
    bytes += chunk.length
    if (bytes < wanted) return
    let rest = pieces.length === 1 ? chunk : Buffer.concat(pieces)
    for (;;) {
      wanted = rest.length < lengthBytes ? lengthBytes : lengthBytes + rest.readInt32BE(0)
      if (rest.length < wanted) break
      take(rest.subarray(0, wanted))
      rest = rest.subarray(wanted)
    }
    pieces = rest.length === 0 ? [] : [rest]
    bytes = rest.length
  }
}

export type RequestHeader = {
  readonly apiKey: number
  readonly correlationId: number
  readonly clientId: string
}

/** What every request begins with: kind, version, correlation id, client id. */
export const requestHeaderOf = (frame: Buffer): RequestHeader => {
  const clientIdLength = frame.readInt16BE(12)
  return {
    apiKey: frame.readInt16BE(4),
    correlationId: frame.readInt32BE(8),
    clientId: clientIdLength < 0 ? '' : frame.toString('utf8', 14, 14 + clientIdLength),
  }
}

/** Every answer begins with the correlation id of its request. */
export const correlationIdOf = (frame: Buffer): number => frame.readInt32BE(lengthBytes)
