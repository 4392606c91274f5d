import { doors } from '../doors.js'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import ts from 'typescript'
import type { Example } from './extract.js'

/**
 * An example as a script for a page. It becomes the body of an async function, so that `await` may stand at
 * the top, with its imports before it; `expression // => literal` becomes a call of `same`. A literal that ends
 * in `, … }` names only what it promises.
 */

/** What the script calls for each `// =>`: the values, where the line stands, and whether `…` leaves the rest open. */
export type Same = (actual: unknown, expected: unknown, where: string, open: boolean) => void

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export async function scriptOf(example: Example): Promise<string> {
  const result = await build({
    stdin: { contents: moduleOf(example), loader: 'ts', resolveDir: ROOT, sourcefile: example.name },
    alias: Object.fromEntries(Object.entries(doors).map(([name, path]) => [name, ROOT + path])),
    bundle: true,
    format: 'iife',
    globalName: 'example',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  })
  return result.outputFiles[0]?.text ?? ''
}

/** The example's text with its expectations spelled out, as a module whose default export runs it. */
export function moduleOf(example: Example): string {
  const file = ts.createSourceFile('example.ts', example.code, ts.ScriptTarget.Latest, true, example.language === 'js' ? ts.ScriptKind.JS : ts.ScriptKind.TS)
  const expected = expectations(example, file)
  const head: string[] = []
  const body: string[] = []
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) head.push(statement.getText(file))
    else if (ts.isExportDeclaration(statement) || ts.isExportAssignment(statement)) throw new Error(`${example.name}: an example exports nothing by itself; declare with 'export const' or 'export function'`)
    else body.push(withExpectation(file, statement, expected.get(statement)))
  }
  return `${head.join('\n')}\nexport default async (same) => {\n${body.join('\n')}\n}`
}

interface Expectation {
  literal: string
  where: string
}

/** Which statement each `// =>` belongs to: the one that ends on its line, at the top of the example. */
function expectations(example: Example, file: ts.SourceFile): Map<ts.Statement, Expectation> {
  const found = new Map<ts.Statement, Expectation>()
  for (const [index, text] of example.code.split('\n').entries()) {
    const literal = /\/\/ =>(.*)$/.exec(text)?.[1]?.trim()
    if (literal === undefined) continue
    const where = `${example.path}:${example.line + index}`
    const statement = file.statements.find((each) => file.getLineAndCharacterOfPosition(endOf(each)).line === index)
    if (!statement || !judged(statement)) throw new Error(`${where}: '// =>' wants an expression, or one const, at the top of the example on its line`)
    if (literal === '') throw new Error(`${where}: '// =>' wants a literal after it`)
    found.set(statement, { literal, where })
  }
  return found
}

/** Without the semicolon, which may stand on the next line. */
function endOf(statement: ts.Statement): number {
  if (ts.isExpressionStatement(statement)) return statement.expression.getEnd()
  return ts.isVariableStatement(statement) ? statement.declarationList.getEnd() : statement.getEnd()
}

function judged(statement: ts.Statement): boolean {
  return ts.isExpressionStatement(statement) || declared(statement) !== undefined
}

/** The name, where the statement declares exactly one. */
function declared(statement: ts.Statement): string | undefined {
  if (!ts.isVariableStatement(statement) || statement.declarationList.declarations.length !== 1) return undefined
  const name = statement.declarationList.declarations[0]?.name
  return name && ts.isIdentifier(name) ? name.text : undefined
}

function withExpectation(file: ts.SourceFile, statement: ts.Statement, expectation: Expectation | undefined): string {
  const text = withoutExport(file, statement)
  if (!expectation) return text
  const name = declared(statement)
  const actual = name ?? (statement as ts.ExpressionStatement).expression.getText(file)
  const literal = expectation.literal.replace(/,?\s*…\s*}$/, ' }')
  const call = `same(await (${actual}), (${literal}), ${JSON.stringify(expectation.where)}, ${literal !== expectation.literal});`
  return name ? `${text};\n${call}` : call
}

function withoutExport(file: ts.SourceFile, statement: ts.Statement): string {
  const modifier = ts.canHaveModifiers(statement) ? ts.getModifiers(statement)?.find(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) : undefined
  const text = statement.getText(file)
  return modifier ? text.slice(modifier.getEnd() - statement.getStart(file)) : text
}
