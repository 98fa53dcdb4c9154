/** The candidate that `word` was most likely meant to be: the only one that begins so, or the closest; null when none is close. */
export const nearestTo = (word: string, candidates: readonly string[]): string | null => {
  if (word.length > wordMax) return null
  const beginning = candidates.filter((each) => word.length >= 3 && each.startsWith(word))
  if (beginning.length === 1) return beginning[0]!
  let nearest: string | null = null
  // A third of its letters may be wrong, and one of the shortest.
  let best = Math.max(1, Math.floor(word.length / 3))
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), best)
    if (distance > best || (nearest !== null && distance === best)) continue
    nearest = candidate
    best = distance
  }
  return nearest
}

const wordMax = 60

/** Letters to insert, delete, replace or swap with their neighbour; more than `max` is `max + 1`. Source: optimal string alignment. */
export const editDistance = (a: string, b: string, max: number): number => {
  if (Math.abs(a.length - b.length) > max) return max + 1
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = swaps ? before[j - 2]! + 1 : Infinity
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1))
    }
    before = row
    row = next
  }
  return Math.min(row[b.length]!, max + 1)
}
