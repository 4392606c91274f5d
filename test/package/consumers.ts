import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from './built.js'

/**
 * What `tsc --noEmit` says in a project that has installed the package and holds `text`, as an ES module and
 * as CommonJS. The library's own declarations are checked too.
 */
export function complaintsOfConsumers(text = readFileSync(`${ROOT}test/package/consumer.ts`, 'utf8')): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-consumer-'))
  try {
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(ROOT, join(folder, 'node_modules/holdfast'), 'dir')
    const files = ['consumer.mts', 'consumer.cts'].map((name) => join(folder, name))
    for (const file of files) writeFileSync(file, text)
    const program = ts.createProgram(files, {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2021,
      lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
      types: [],
      strict: true,
      noEmit: true,
    })
    return ts.getPreEmitDiagnostics(program).map((diagnostic) => told(diagnostic, folder))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function told({ file, start, messageText }: ts.Diagnostic, folder: string): string {
  const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
  const where = file?.fileName.replace(`${folder}/`, '').replace(ROOT, '') ?? 'options'
  return `${where}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
}
