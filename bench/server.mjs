/**
 * Loads the server's handler on loopback: `node bench/server.mjs [seconds]`. The server is a process of its own; this one
 * makes the load, over connections that stay open. Each figure stands beside that of a bare node:http server that
 * answers 204, in the same process. They take turns of half a second, so that other work on the machine hits all alike;
 * still, only the ratios mean something, those of the processor's time before those of the rates.
 */
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'

const ROOT = new URL('../', import.meta.url)
const SECONDS = Number(process.argv[2] ?? 10)
const CONNECTIONS = 16
const TURN = 500
const MALFORMED = 10_000
const ORIGIN = 'https://a.brand.test'

/** A module of the project that is not built: bundled in memory. */
const bundled = async (path) => {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({ entryPoints: [fileURLToPath(new URL(path, ROOT))], bundle: true, format: 'esm', platform: 'node', write: false, logLevel: 'error' })
  return import('data:text/javascript;base64,' + Buffer.from(outputFiles[0].contents).toString('base64'))
}

const serve = async () => {
  const built = new URL('dist/server.js', ROOT)
  const { createHandler, nodeListener } = existsSync(built) ? await import(built) : await bundled('src/server/index.ts')
  const handler = createHandler({ allow: ['https://*.brand.test'], hub: { script: '/hub.js' }, cookies: {} })
  const listeners = [
    (_, response) => {
      response.statusCode = 204
      response.end()
    },
    nodeListener(async () => new Response(null, { status: 204 })),
    nodeListener(handler),
  ]
  const ports = await Promise.all(listeners.map((listener) => new Promise((resolve) => {
    const server = createServer(listener)
    server.listen(0, '127.0.0.1', () => resolve(server.address().port))
  })))
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send({ cpu: user + system })
  })
  process.send({ ports, from: existsSync(built) ? 'dist/server.js' : 'src/server/index.ts, bundled' })
  process.on('disconnect', () => process.exit())
}

/** One request; answers its status and body. */
const ask = (agent, { port, method = 'GET', path = '/', headers = {}, body }) =>
  new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, method, path, headers: body === undefined ? headers : { ...headers, 'content-length': body.length } }, (response) => {
      let text = ''
      response.setEncoding('latin1')
      response.on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode, text, headers: response.headers }))
    })
    sent.on('error', reject)
    sent.end(body)
  })

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]

/** As many requests as the connections carry for half a second; adds to the tally of its kind. */
const turn = async (agent, { title, make, status, tally }, cpu) => {
  const used = await cpu()
  const begin = performance.now()
  const end = begin + TURN
  const worker = async () => {
    for (let now = performance.now(); now < end; now = performance.now()) {
      const answer = await ask(agent, make())
      if (answer.status !== status) throw new Error(`${title}: status ${answer.status}`)
      tally.times.push(performance.now() - now)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  tally.elapsed += performance.now() - begin
  tally.cpu += (await cpu()) - used
}

/** All kinds in turns; a row for each. */
const load = async (kinds, cpu) => {
  const all = kinds.map((kind) => ({ ...kind, tally: { times: [], elapsed: 0, cpu: 0 } }))
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const rounds = Math.max(1, Math.round((SECONDS * 1000) / TURN))
  for (const kind of all) await turn(agent, { ...kind, tally: { times: [], elapsed: 0, cpu: 0 } }, cpu)
  for (let round = 0; round < rounds; round++) {
    for (const kind of all) await turn(agent, kind, cpu)
    process.stdout.write(`\r${Math.round(((round + 1) / rounds) * 100)} % of ${SECONDS} s each `)
  }
  agent.destroy()
  process.stdout.write('\r' + ' '.repeat(40) + '\r')
  return all.map(({ title, tally: { times, elapsed, cpu } }) => {
    times.sort((one, other) => one - other)
    return { title, rate: (times.length / elapsed) * 1000, p50: percentile(times, 0.5), p99: percentile(times, 0.99), cpu: cpu / times.length }
  })
}

const sendRaw = (port, bytes) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    let answer = ''
    const done = () => {
      socket.destroy()
      resolve(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1] ?? 'closed')
    }
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      if (answer.includes('\r\n\r\n')) done()
    })
    socket.on('error', done)
    socket.on('close', done)
  })

const flood = async (port) => {
  const { floodOf } = await bundled('test/server/flood.ts')
  const floods = floodOf(MALFORMED, 1)
  const statuses = {}
  let left = floods.length
  const worker = async () => {
    for (let one = floods.pop(); one; one = floods.pop()) {
      const status = await sendRaw(port, one.bytes)
      statuses[status] = (statuses[status] ?? 0) + 1
      if (--left % 1000 === 0) process.stdout.write(`\rmalformed requests left: ${left} `)
    }
  }
  const begin = performance.now()
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  process.stdout.write('\r' + ' '.repeat(70) + '\r')
  return { statuses, seconds: (performance.now() - begin) / 1000 }
}

const run = async () => {
  const child = fork(fileURLToPath(import.meta.url), ['serve'])
  let died = false
  child.on('exit', () => (died = true))
  const { ports: [barePort, fetchPort, port], from } = await new Promise((resolve) => child.once('message', resolve))
  const headers = { origin: ORIGIN, 'content-type': 'application/json', 'x-holdfast': '1' }
  const entries = { port, method: 'POST', path: '/entries', headers }
  const { encodeEntry } = await bundled('src/entry.ts')
  let stamp = 1_800_000_000_000
  const text = (name) => encodeEntry(name, { text: JSON.stringify('x'.repeat(200)), stamp: (stamp += 1 / 2048), lifetime: 'device' })
  const cookie = ['chat.token', 'chat.visitor', 'other.token'].map((name) => `${name}=${encodeURIComponent(text(name))}`).join('; ')

  const question = '{"read":["chat.token"]}'
  const cpu = async () => {
    child.send('cpu')
    return (await new Promise((resolve) => child.once('message', resolve))).cpu
  }
  const rows = await load(
    [
      { title: 'bare node:http, 204', status: 204, make: () => ({ ...entries, port: barePort, headers: { ...headers, cookie }, body: question }) },
      { title: 'a bare handler behind `nodeListener`, 204', status: 204, make: () => ({ ...entries, port: fetchPort, headers: { ...headers, cookie }, body: question }) },
      { title: 'hub page', status: 200, make: () => ({ port, path: '/hub' }) },
      { title: 'read of one entry', status: 200, make: () => ({ ...entries, headers: { ...headers, cookie }, body: question }) },
      { title: 'write of one entry', status: 200, make: () => ({ ...entries, headers: { ...headers, cookie }, body: JSON.stringify({ write: [['chat.token', text('chat.token')]] }) }) },
    ],
    cpu,
  )
  const [base] = rows
  console.log(`${from}; node ${process.version}; ${CONNECTIONS} connections; ${SECONDS} s each\n`)
  console.log('| what | processor | of the bare server | requests per second | of the bare server | p50 | p99 |\n| --- | --- | --- | --- | --- | --- | --- |')
  for (const { title, rate, p50, p99, cpu } of rows) console.log(`| ${title} | ${Math.round(cpu)} µs | ${(cpu / base.cpu).toFixed(2)} | ${Math.round(rate)} | ${(rate / base.rate).toFixed(2)} | ${p50.toFixed(1)} ms | ${p99.toFixed(1)} ms |`)

  const { statuses, seconds } = await flood(port)
  const agent = new Agent()
  const after = await ask(agent, { ...entries, body: JSON.stringify({ write: [['chat.token', text('chat.token')]] }) })
  const right = after.status === 200 && after.text.includes('"outcomes":[true]') && String(after.headers['set-cookie']).startsWith('chat.token=hf1')
  console.log(`\n${MALFORMED} malformed requests in ${seconds.toFixed(1)} s: ${Object.entries(statuses).map(([status, count]) => `${status} × ${count}`).join(', ')}`)
  console.log(died || !right ? 'The server did not stand.' : 'The server stands, and answers the next write right.')
  child.disconnect()
  process.exitCode = died || !right || statuses[200] ? 1 : 0
}

await (process.argv[2] === 'serve' ? serve() : run())
