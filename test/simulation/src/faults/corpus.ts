/** Seeds that failed once, with what was wrong then. Each run replays them first. */
export const corpus: readonly { readonly seed: number; readonly was: string }[] = []
