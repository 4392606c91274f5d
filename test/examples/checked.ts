import { doors } from '../doors.js'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import type { Example } from './extract.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** What TypeScript says of each example, by the example's name; those in plain JavaScript are only parsed. */
export function complaintsOf(examples: Example[]): Map<string, string[]> {
  const files = new Map(examples.map((example, index) => [`${ROOT}test/examples/virtual-${index}.${example.language}`, example]))
  const options: ts.CompilerOptions = {
    ...baseOptions(),
    noUnusedLocals: false,
    noUnusedParameters: false,
    // Each example is a module, also where it imports nothing, and may await at its top.
    moduleDetection: ts.ModuleDetectionKind.Force,
    allowJs: true,
    checkJs: false,
    paths: Object.fromEntries(Object.entries(doors).map(([name, path]) => [name, [ROOT + path]])),
  }
  const program = ts.createProgram([...files.keys()], options, hostWith(files, options))
  return new Map([...files].map(([path, example]) => [example.name, complaints(program, path, example)]))
}

function baseOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile)
  return ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, ROOT).options
}

function hostWith(files: Map<string, Example>, options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path)
  host.readFile = (path) => files.get(path)?.code ?? readFile.call(host, path)
  return { ...host, getSourceFile: (path, target) => sourceFile(host, path, target) }
}

function sourceFile(host: ts.CompilerHost, path: string, target: ts.ScriptTarget | ts.CreateSourceFileOptions): ts.SourceFile | undefined {
  const text = host.readFile(path)
  return text === undefined ? undefined : ts.createSourceFile(path, text, target, true)
}

function complaints(program: ts.Program, path: string, example: Example): string[] {
  const file = program.getSourceFile(path)
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map((diagnostic) => {
    const line = file && diagnostic.start !== undefined ? file.getLineAndCharacterOfPosition(diagnostic.start).line : 0
    return `${example.path}:${example.line + line} ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`
  })
}
