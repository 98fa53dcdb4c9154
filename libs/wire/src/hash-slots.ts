/**
 * Puts a number from 0 into the first free slot for its hash. The slots, a power of two and at most half full, are a table with open addressing
 * and linear probing: each holds the number + 1 in the bits of the mask and what is left of the hash above them; 0 is free.
 */
export const putInSlots = (slots: Int32Array, hash: number, number: number): void => {
  const mask = slots.length - 1
  let slot = hash & mask
  while (slots[slot] !== 0) slot = (slot + 1) & mask
  slots[slot] = (hash & ~mask) | (number + 1)
}
