import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that take longest, longest first. Whatever is not named comes after them. */
const LONGEST = ['laws/consent', 'laws/stand-ins', 'laws/planted-faults', 'laws/texts', 'laws/', 'browser/hub-table', 'browser/consent']

const rank = ({ moduleId }: TestSpecification): number => {
  const found = LONGEST.findIndex((part) => moduleId.includes(`/test/${part}`))
  return found < 0 ? LONGEST.length : found
}

/** A long file that begins last has a processor to itself, while the others idle. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.sort((one, other) => rank(one) - rank(other))
  }
}
