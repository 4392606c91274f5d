/** The code that a reader is told to write: fenced blocks of Markdown, and `@example`s of doc comments. */
export interface Example {
  /** `README.md:12`: where its first line stands. */
  name: string
  path: string
  /** Of the code's first line, counted from 1. */
  line: number
  language: 'ts' | 'js'
  code: string
  /** Marked `no-run`: only its types are checked. */
  runs: boolean
}

const LANGUAGES: Readonly<Record<string, Example['language']>> = { ts: 'ts', typescript: 'ts', mts: 'ts', js: 'js', javascript: 'js', mjs: 'js' }

export function fromMarkdown(path: string, text: string): Example[] {
  return fences(text).flatMap(({ info, code, line }) => {
    const [language = '', ...marks] = info.split(/\s+/)
    const known = LANGUAGES[language]
    return known ? [{ name: `${path}:${line}`, path, line, language: known, code, runs: !marks.includes('no-run') }] : []
  })
}

/** An `@example` without a fence is code from its next line on; with fences, what they hold. */
export function fromDocComments(path: string, text: string): Example[] {
  return [...text.matchAll(/^[ \t]*\/\*\*.*?\*\//gms)].flatMap((comment) => {
    const first = lineAt(text, comment.index)
    const lines = comment[0].split('\n').map((line) => line.replace(/^\s*\/\*\*\s?/, '').replace(/\s*\*\/\s*$/, '').replace(/^\s*\*\s?/, ''))
    return tags(lines).flatMap(({ start, body }) => {
      const fenced = fromMarkdown(path, body.join('\n'))
      if (body.some((line) => line.startsWith('```'))) return fenced.map((example) => placed(example, first + start + example.line - 1))
      const code = body.join('\n')
      return code.trim() === '' ? [] : [placed({ name: '', path, line: 0, language: 'ts', code, runs: true }, first + start)]
    })
  })
}

function placed(example: Example, line: number): Example {
  return { ...example, line, name: `${example.path}:${line}` }
}

/** The lines after each `@example`, up to the next tag that stands outside a fence. */
function tags(lines: string[]): { start: number; body: string[] }[] {
  const found: { start: number; body: string[] }[] = []
  let open: { start: number; body: string[] } | undefined
  let fenced = false
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('```')) fenced = !fenced
    if (!fenced && /^@\w/.test(line)) {
      open = /^@example\b/.test(line) ? { start: index + 1, body: [] } : undefined
      if (open) found.push(open)
    } else open?.body.push(line)
  }
  return found
}

/** Every fenced block of a Markdown text: what stands after the fence, what it holds, and the line of that. */
export function fences(text: string): { info: string; code: string; line: number }[] {
  const found: { info: string; code: string; line: number }[] = []
  let open: { mark: string; indent: number; info: string; line: number; lines: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(line)
    if (open && fence && fence[2]?.startsWith(open.mark) && fence[3]?.trim() === '') {
      found.push({ info: open.info, code: open.lines.join('\n'), line: open.line })
      open = undefined
    } else if (open) open.lines.push(line.slice(Math.min(open.indent, line.length - line.trimStart().length)))
    else if (fence) open = { mark: fence[2] as string, indent: fence[1]?.length ?? 0, info: fence[3]?.trim() ?? '', line: index + 2, lines: [] }
  }
  return found
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
