export type { HubOptions, HubTier } from './client.js'
export { hubTier } from './client.js'
