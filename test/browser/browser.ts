export const engines = ['chromium', 'firefox', 'webkit'] as const

export type Engine = (typeof engines)[number]

/** A function that runs in the page: arguments and answer are JSON, and it sees nothing of the test's scope. */
export type Evaluate = <Given extends readonly unknown[], T>(run: (...given: Given) => T | Promise<T>, ...given: Given) => Promise<T>

export interface Tab {
  goto(url: string): Promise<void>
  reload(): Promise<void>
  /** To the page before, as the visitor's button does: from the back/forward cache where the browser kept it. */
  back(): Promise<void>
  evaluate: Evaluate
  /** The document of the frame that `selector` finds. */
  inFrame(selector: string): { evaluate: Evaluate }
  /** Brings the tab to the front. */
  focus(): Promise<void>
  /** Writes a PNG file. */
  screenshot(path: string): Promise<void>
  close(): Promise<void>
}

export interface Browser {
  engine: Engine
  version: string
  /** The tab that is open from the start. */
  tab: Tab
  newTab(): Promise<Tab>
  /** The processes of this browser. */
  pids(): number[]
  close(): Promise<void>
}

export type Setting = 'all cookies blocked' | 'localStorage switched off'

export interface LaunchOptions {
  /** `host:port` of a proxy that takes every request, so that nothing leaves the machine. */
  proxy?: string
  /** A setting that visitors change, by the means of each engine. */
  setting?: Setting
  /** Preferences: of Chromium's profile as a tree, of Firefox by name; WebKitGTK has none. */
  preferences?: Record<string, unknown>
  /** Further options of the command line. */
  parameters?: readonly string[]
}
