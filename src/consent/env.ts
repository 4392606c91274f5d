/** What the providers look up, late: each may be absent, null, throwing or half there. Defaults to `globalThis`. */
export interface ConsentEnv {
  /** The CMP API of the IAB's TCF, or its stub. */
  readonly __tcfapi?: unknown
  readonly OneTrust?: unknown
  readonly OnetrustActiveGroups?: unknown
  readonly navigator?: object | undefined
  /** The window above, whose CMP may answer for this frame. No window has none: there no CMP is waited for. */
  readonly parent?: unknown
  readonly setTimeout?: ((run: () => void, ms: number) => unknown) | undefined
  readonly clearTimeout?: ((timer: never) => void) | undefined
  readonly addEventListener?: ((type: string, heard: () => void) => void) | undefined
  readonly removeEventListener?: ((type: string, heard: () => void) => void) | undefined
}
