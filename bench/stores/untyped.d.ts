/** Of the libraries that bring no types: what is used of them here. */

declare module 'lscache' {
  const lscache: { set(key: string, value: unknown, units?: number): boolean; get(key: string): unknown; flushExpired(): void; setExpiryMilliseconds(ms: number): void }
  export default lscache
}

declare module 'basil.js' {
  const Basil: new (options: { namespace: string; storages: string[]; expireDays: number }) => { set(key: string, value: unknown): boolean; get(key: string): unknown; keys(): string[] }
  export default Basil
}

declare module 'js-cookie' {
  const cookies: { set(key: string, value: string, attributes: Record<string, unknown>): unknown; get(key: string): string | undefined }
  export default cookies
}

declare module 'cross-storage' {
  export class CrossStorageClient {
    constructor(hub: string)
    onConnect(): Promise<void>
    set(key: string, value: unknown): Promise<unknown>
    get(key: string): Promise<unknown>
  }
  export const CrossStorageHub: { init(permissions: { origin: RegExp; allow: string[] }[]): void }
}

declare module '@segment/analytics-next/dist/pkg/core/storage' {
  export const initializeStorages: (names: string[]) => unknown[]
  export const UniversalStorage: new (stores: unknown[]) => { set(key: string, value: unknown): void; get(key: string): unknown }
}
