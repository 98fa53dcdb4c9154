/** Bytes that JavaScript copies from one array to another from now on, by the ways that Node's buffers and typed arrays have for it. */
export const countCopies = (): (() => number) => {
  let bytes = 0
  const counting = <K extends string>(
    owner: Record<K, (...args: any[]) => any>,
    name: K,
    copied: (self: any, result: any, args: readonly any[]) => number,
  ): void => {
    const original = owner[name]
    owner[name] = function (this: unknown, ...args: unknown[]) {
      const result: unknown = original.apply(this, args)
      bytes += copied(this, result, args)
      return result
    }
  }
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array
  counting(Buffer, 'concat', (_, result: Buffer) => result.length)
  // A view of memory that is there copies nothing; everything else does.
  counting(Buffer, 'from', (_, result: Buffer, [source]) =>
    source instanceof ArrayBuffer || source instanceof SharedArrayBuffer ? 0 : result.length,
  )
  counting(Buffer.prototype, 'copy', (_, result: number) => result)
  counting(typedArray as any, 'set', (_, __, [source]: readonly any[]) => sizeOf(source))
  counting(typedArray as any, 'slice', (_, result: Uint8Array) => result.byteLength)
  counting(
    typedArray as any,
    'copyWithin',
    (self: Uint8Array, _, [, start = 0, end = self.length]: readonly any[]) =>
      (end - start) * self.BYTES_PER_ELEMENT,
  )
  return () => bytes
}

/** Of what is copied from: a typed array, or plain numbers. */
const sizeOf = (source: { readonly byteLength?: number; readonly length: number }): number =>
  source.byteLength ?? source.length
