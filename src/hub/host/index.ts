export type { HostOptions, Hub } from './serve.js'
export { serveHub } from './serve.js'
