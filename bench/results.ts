/** The ms of each sample: by group, row and contestant; one place for each repetition, `NaN` where it failed. */
export type Times = Record<string, Record<string, Record<string, number[]>>>

export interface Results {
  times: Times
  /** Bytes of a page's heap, by contestant, with its store open. */
  heap: Record<string, number>
  /** What went wrong, and where. */
  failures: string[]
  sizes: { title: string; bytes: number; ours: boolean }[]
  /** Names of the libraries with the versions that were measured. */
  versions: Record<string, string>
  machine: { browser: string; cores: number; date: string; repetitions: number; minutes: number }
}

/** What that contestant took in that row, by repetition; none where it did not run. */
export function timesOf({ times }: Pick<Results, 'times'>, group: string, row: string, contestant: string): number[] {
  return times[group]?.[row]?.[contestant] ?? []
}
