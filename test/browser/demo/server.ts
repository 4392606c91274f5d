import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { endTree, start, until } from '../processes.js'

const limit = 15_000

export const hosts = {
  shop: 'shop.stipe.localhost',
  help: 'help.stipe.localhost',
  alder: 'www.alder.localhost',
  vendor: 'chat.bollard.localhost',
} as const

export type Site = keyof typeof hosts

export interface Asked {
  method?: string
  headers?: Record<string, string>
  body?: string
}

export interface Answered {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** The demo as `npm run demo` serves it, on a port of its own. */
export interface Demo {
  origin(site: Site): string
  /** Asks the server as a browser does. No resolver is needed: the name stands in the Host header. */
  ask(site: Site | (string & {}), path: string, asked?: Asked): Promise<Answered>
  /** The same, of the vendor's API, as a page of `from` does. */
  api(from: Site, path: string, asked?: Asked): Promise<Answered>
  /** Turns the switch of the hub. */
  turn(position: 'on' | 'off' | 'silent'): Promise<void>
  close(): Promise<void>
}

export async function openDemo(): Promise<Demo> {
  const server = start(process.execPath, [fileURLToPath(new URL('../../../demo/server.mjs', import.meta.url))], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = () => /Open http:\/\/\S+:(\d+)\//.exec(server.log())?.[1]
  const port = Number(await until(said, limit, `the demo's server: ${server.log()}`))
  const origin: Demo['origin'] = (site) => `http://${hosts[site]}:${port}`
  const ask: Demo['ask'] = (site, path, { method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const host = `${hosts[site as Site] ?? site}:${port}`
      const asking = request({ host: '127.0.0.1', port, path, method, headers: { host, ...headers } }, (answer) => {
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk) => (text += chunk))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }))
      })
      asking.on('error', reject)
      asking.end(body)
    })
  const api: Demo['api'] = (from, path, { headers, ...asked } = {}) =>
    ask('vendor', path, { ...asked, headers: { origin: origin(from), ...(asked.body !== undefined && { 'content-type': 'application/json' }), ...headers } })
  return {
    origin,
    ask,
    api,
    turn: async (position) => void (await api('shop', '/api/hub', { method: 'PUT', body: JSON.stringify({ position }) })),
    close: () => endTree(server.pid),
  }
}
