import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node'

/** Says while it runs which engine is at which case: one line per group, and on a terminal the case of this moment. */
export default class Progress implements Reporter {
  private done = 0
  private known = 0

  onTestModuleCollected(module: TestModule): void {
    this.known += [...module.children.allTests()].length
  }

  onTestCaseReady(test: TestCase): void {
    this.show(`  ${this.done + 1} of ${this.known}  ${test.fullName}`)
  }

  onTestCaseResult(test: TestCase): void {
    this.done++
    const { state, errors } = test.result()
    if (state === 'failed') this.print(`  FAILED  ${test.fullName}\n          ${errors?.[0]?.message.split('\n')[0] ?? ''}`)
  }

  onTestSuiteResult(suite: TestSuite): void {
    const ran = [...suite.children.tests()].filter((test) => test.result().state !== 'skipped')
    const broken = suite.errors().map((error) => `\n          ${error.message.split('\n')[0]}`)
    if (ran.length === 0 && broken.length === 0) return
    const passed = ran.filter((test) => test.result().state === 'passed').length
    const seconds = ran.reduce((sum, test) => sum + (test.diagnostic()?.duration ?? 0), 0) / 1000
    const word = passed === ran.length && broken.length === 0 ? 'passed' : 'FAILED'
    this.print(`  ${word}  ${suite.fullName}  ${passed} of ${ran.length}, ${seconds.toFixed(1)} s${broken.join('')}`)
  }

  onTestModuleEnd(): void {
    this.show('')
  }

  private print(line: string): void {
    this.show('')
    console.log(line)
  }

  /** A line that the next one replaces; where the output is kept, as in a log, it would only be noise. */
  private show(line: string): void {
    if (!process.stdout.isTTY) return
    process.stdout.write(`\r\u001B[2K${line.slice(0, (process.stdout.columns ?? 80) - 1)}`)
  }
}
