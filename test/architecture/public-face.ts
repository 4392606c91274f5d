import { posix } from 'node:path'
import ts from 'typescript'
import type { Source } from './source.js'

/** What a door exports and a reader finds no word about: in the order of the doors' exports. */
export function undocumented(door: string, sources: Source[]): string[] {
  const program = programOf(door, sources)
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(door)
  const module = file && checker.getSymbolAtLocation(file)
  if (!module) return [`${door} exports nothing`]
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    const kind = kindOf(symbol)
    if (kind === undefined) return []
    const where = `${symbol.declarations?.[0]?.getSourceFile().fileName} ${exported.name}`
    const comment = ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim()
    const shown = symbol.getJsDocTags(checker).some(({ name, text }) => name === 'example' && ts.displayPartsToString(text).trim() !== '')
    return [
      ...(comment === '' ? [`${where}: this ${kind} is public and has no doc comment`] : []),
      ...(kind === 'function' && !shown ? [`${where}: this function is public and has no @example`] : []),
    ]
  })
}

/** `undefined` for what speaks for itself: plain types and values. */
function kindOf(symbol: ts.Symbol): string | undefined {
  if (symbol.flags & ts.SymbolFlags.Function) return 'function'
  if (symbol.flags & ts.SymbolFlags.Class) return 'class'
  if (symbol.flags & ts.SymbolFlags.Interface) return 'interface'
  const declaration = symbol.valueDeclaration
  const initializer = declaration && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined
  return initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)) ? 'function' : undefined
}

/** Only names and comments are asked for, so no library and no package needs to be there. */
function programOf(door: string, sources: Source[]): ts.Program {
  const texts = new Map(sources.map(({ path, text }) => [path, text]))
  const options: ts.CompilerOptions = { noLib: true, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }
  const host: ts.CompilerHost = {
    fileExists: (path) => texts.has(path),
    readFile: (path) => texts.get(path),
    getSourceFile: (path, target) => (texts.has(path) ? ts.createSourceFile(path, texts.get(path) ?? '', target, true) : undefined),
    getDefaultLibFileName: () => 'lib.d.ts',
    getCurrentDirectory: () => '',
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    writeFile: () => undefined,
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text }) => {
        const path = posix.join(posix.dirname(from), text).replace(/\.js$/, '.ts')
        return { resolvedModule: texts.has(path) ? { resolvedFileName: path, extension: '.ts', isExternalLibraryImport: false } : undefined }
      }),
  }
  return ts.createProgram([door], options, host)
}
