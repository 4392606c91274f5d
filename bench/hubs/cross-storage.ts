import { CrossStorageHub } from 'cross-storage'

export function serve(): void {
  CrossStorageHub.init([{ origin: /^https:\/\/[a-z0-9-]+\.test$/, allow: ['get', 'set', 'del'] }])
}
