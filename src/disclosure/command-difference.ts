/** Lines around a change that are shown with it. */
const CONTEXT = 3

/** More pairs of lines than that are not compared one with another: then all of one text stands before all of the other. */
const MOST = 4e6

type Step = readonly [sign: ' ' | '-' | '+', line: string]

/** The fewest lines to take away and to add (the longest common subsequence). */
const stepsBetween = (old: readonly string[], fresh: readonly string[]): Step[] => {
  const minus = (line: string): Step => ['-', line]
  const plus = (line: string): Step => ['+', line]
  if (old.length * fresh.length > MOST) return [...old.map(minus), ...fresh.map(plus)]
  const width = fresh.length + 1
  const common = new Uint32Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = fresh.length - 1; j >= 0; j--)
      common[i * width + j] = old[i] === fresh[j] ? common[(i + 1) * width + j + 1]! + 1 : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!)
  const steps: Step[] = []
  let [i, j] = [0, 0]
  while (i < old.length && j < fresh.length) {
    if (old[i] === fresh[j]) {
      steps.push([' ', old[i++]!])
      j++
    } else if (common[(i + 1) * width + j]! >= common[i * width + j + 1]!) steps.push(minus(old[i++]!))
    else steps.push(plus(fresh[j++]!))
  }
  return [...steps, ...old.slice(i).map(minus), ...fresh.slice(j).map(plus)]
}

/** Line ends are the system's business, and how many of them stand at the end is nobody's. */
const linesOf = (text: string): string[] => text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n')

/** What was changed, as `diff -u` shows it; `''`: nothing. */
export const differenceOf = (was: string, is: string, nameOfWas: string, nameOfIs: string): string => {
  const [old, fresh] = [linesOf(was), linesOf(is)]
  let begin = 0
  while (begin < Math.min(old.length, fresh.length) && old[begin] === fresh[begin]) begin++
  if (begin === old.length && begin === fresh.length) return ''
  let end = 0
  while (end < Math.min(old.length, fresh.length) - begin && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end++
  const same = (lines: readonly string[]): Step[] => lines.map((line) => [' ', line])
  const steps = [...same(old.slice(0, begin)), ...stepsBetween(old.slice(begin, old.length - end), fresh.slice(begin, fresh.length - end)), ...same(old.slice(old.length - end))]

  const shown = steps.map((_, index) => steps.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(([sign]) => sign !== ' '))
  const parts = [`--- ${nameOfWas}`, `+++ ${nameOfIs}`]
  let [oldLine, freshLine] = [1, 1]
  steps.forEach(([sign, line], index) => {
    if (shown[index] && !shown[index - 1]) {
      const after = shown.indexOf(false, index)
      const hunk = steps.slice(index, after < 0 ? undefined : after)
      parts.push(`@@ -${oldLine},${hunk.filter(([one]) => one !== '+').length} +${freshLine},${hunk.filter(([one]) => one !== '-').length} @@`)
    }
    if (shown[index]) parts.push(sign + line)
    if (sign !== '+') oldLine++
    if (sign !== '-') freshLine++
  })
  return parts.join('\n') + '\n'
}
