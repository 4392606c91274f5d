import { posix } from 'node:path'
import ts from 'typescript'

/** What the rules want to know of a file, asked of the TypeScript parser. */

export interface Source {
  path: string
  text: string
}

export interface Import {
  specifier: string
  line: number
  /** The file of the house that it leads to; `undefined` for a package. */
  target: string | undefined
  typeOnly: boolean
  /** `typed`: marked `type` by itself, within the braces. */
  names: { name: string; typed: boolean }[]
}

export interface FunctionFound {
  name: string
  line: number
  lines: number
  /** Its body is mostly other functions, and it answers them in an object. */
  listsMethods: boolean
}

export function importsOf({ path, text }: Source): Import[] {
  const file = parse(path, text)
  const found: Import[] = []
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean, names: Import['names']): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return
    found.push({ specifier: specifier.text, line: lineOf(file, node), target: targetOf(path, specifier.text), typeOnly, names })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, node.importClause?.isTypeOnly ?? false, importedNames(node.importClause))
    else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly, elementNames(node.exportClause))
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true, [])
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node, node.arguments[0], false, [])
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** The names that a file declares as types and nothing else. */
export function typesDeclaredBy({ path, text }: Source): Set<string> {
  const types = new Set<string>()
  const values = new Set<string>()
  for (const statement of parse(path, text).statements) {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) types.add(statement.name.text)
    else if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name) values.add(statement.name.text)
    else if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) if (ts.isIdentifier(name)) values.add(name.text)
    } else if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause)) {
      for (const element of statement.exportClause.elements) if (statement.isTypeOnly || element.isTypeOnly) types.add(element.name.text)
    }
  }
  return new Set([...types].filter((name) => !values.has(name)))
}

/** Each function with a body, nested ones by themselves. Doc comments do not count. */
export function functionsOf({ path, text }: Source): FunctionFound[] {
  const file = parse(path, text)
  const found: FunctionFound[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const body = node.body as ts.Block | ts.Expression
      found.push({ name: nameOf(node), line: lineOf(file, node), lines: linesOf(file, node), listsMethods: listsMethods(file, node, body) })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

const OWN_LINES_OF_A_FACTORY = 60

function listsMethods(file: ts.SourceFile, node: ts.Node, body: ts.Block | ts.Expression): boolean {
  const nestedLines = new Set(outermostFunctions(body).flatMap((inner) => Array.from({ length: linesOf(file, inner) }, (_, index) => lineOf(file, inner) + index)))
  const ownLines = linesOf(file, node) - nestedLines.size
  return ownLines <= OWN_LINES_OF_A_FACTORY && answersOf(body).some((answer) => holdsFunctions(answer, body))
}

function answersOf(body: ts.Block | ts.Expression): ts.Expression[] {
  if (!ts.isBlock(body)) return [body]
  const answers: ts.Expression[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return
    if (ts.isReturnStatement(node) && node.expression) answers.push(node.expression)
    ts.forEachChild(node, visit)
  }
  visit(body)
  return answers
}

/** An object with two functions or more, written in place, or kept in a constant of this body first. */
function holdsFunctions(answer: ts.Expression, body: ts.Node): boolean {
  if (ts.isParenthesizedExpression(answer) || ts.isAsExpression(answer) || ts.isSatisfiesExpression(answer)) return holdsFunctions(answer.expression, body)
  if (ts.isIdentifier(answer)) {
    const kept = initializerOf(answer.text, body)
    return kept !== undefined && !ts.isIdentifier(kept) && holdsFunctions(kept, body)
  }
  if (!ts.isObjectLiteralExpression(answer)) return false
  const functions = answer.properties.filter((property) => {
    if (ts.isMethodDeclaration(property) || ts.isAccessor(property)) return true
    if (ts.isShorthandPropertyAssignment(property)) return namesAFunction(property.name.text, body)
    if (!ts.isPropertyAssignment(property)) return false
    const { initializer } = property
    return ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer) || (ts.isIdentifier(initializer) && namesAFunction(initializer.text, body))
  })
  return functions.length >= 2
}

function namesAFunction(name: string, body: ts.Node): boolean {
  const kept = initializerOf(name, body)
  if (kept) return ts.isArrowFunction(kept) || ts.isFunctionExpression(kept)
  return ts.isBlock(body) && body.statements.some((statement) => ts.isFunctionDeclaration(statement) && statement.name?.text === name)
}

function initializerOf(name: string, body: ts.Node): ts.Expression | undefined {
  if (!ts.isBlock(body)) return undefined
  for (const statement of body.statements) {
    if (!ts.isVariableStatement(statement)) continue
    for (const declaration of statement.declarationList.declarations) {
      if (ts.isIdentifier(declaration.name) && declaration.name.text === name) return declaration.initializer
    }
  }
  return undefined
}

function outermostFunctions(body: ts.Node): ts.Node[] {
  const found: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) found.push(node)
    else ts.forEachChild(node, visit)
  }
  ts.forEachChild(body, visit)
  return found
}

function nameOf(node: ts.SignatureDeclaration): string {
  if (node.name) return node.name.getText()
  const { parent } = node
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText()
  return ts.isConstructorDeclaration(node) ? 'constructor' : 'a function'
}

function importedNames(clause: ts.ImportClause | undefined): Import['names'] {
  if (!clause) return []
  const named = clause.namedBindings
  return [
    ...(clause.name ? [{ name: 'default', typed: false }] : []),
    ...(named && ts.isNamedImports(named) ? elementNames(named) : named ? [{ name: '*', typed: false }] : []),
  ]
}

function elementNames(clause: ts.NamedImports | ts.NamedExportBindings | undefined): Import['names'] {
  if (!clause || !('elements' in clause)) return clause ? [{ name: '*', typed: false }] : []
  return clause.elements.map((element) => ({ name: (element.propertyName ?? element.name).text, typed: element.isTypeOnly }))
}

function targetOf(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const joined = posix.join(posix.dirname(path), specifier)
  return joined.endsWith('.js') ? `${joined.slice(0, -3)}.ts` : joined.endsWith('.ts') ? joined : `${joined}.ts`
}

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
}

function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1
}

function linesOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getEnd()).line + 2 - lineOf(file, node)
}
