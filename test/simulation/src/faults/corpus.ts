/** Seeds that failed once, with what was wrong then. Each run replays them first. */
export const corpus: readonly { readonly seed: number; readonly was: string }[] = [
  {
    seed: 821,
    was: 'a reporter that had lost its task ended for records that its successor had let go',
  },
]
