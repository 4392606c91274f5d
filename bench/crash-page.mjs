// Runs in the page of the crash bench: says what it finds, then writes, replaces and removes until the browser is killed.
import { cookieTier, createStorage, defineKeys, indexedDBTier, key, localStorageTier, StorageError } from 'holdfast'
import { aesGcm, deviceKey } from 'holdfast/crypto'
import { keysOf, numberOf, places, stepsOf, valueOf } from './crash-plan.mjs'

/** Names that IndexedDB has no room for now. */
const full = new Set()

/** IndexedDB that is full for some values, so that they move a tier down. */
function roomOf(tier) {
  const write = async (changes) => {
    const outcomes = changes.map(({ name, entry }) => (entry?.text != null && full.has(name) ? new StorageError('quota', 'indexedDB: full') : undefined))
    const taken = await tier.write(changes.filter((_, index) => !outcomes[index]))
    return outcomes.map((outcome) => outcome ?? taken.shift())
  }
  return { ...tier, write }
}

const strict = () => indexedDBTier({ durability: 'strict' })
const chains = {
  'indexedDB strict': () => [strict()],
  'indexedDB relaxed': () => [indexedDBTier()],
  'indexedDB strict, sealed': () => [strict()],
  localStorage: () => [localStorageTier()],
  'localStorage, sealed': () => [localStorageTier()],
  cookie: () => [cookieTier()],
  'cookie in pieces': () => [cookieTier({ maxBytes: 16_000 })],
  'indexedDB strict, then localStorage': () => [roomOf(strict()), localStorageTier()],
}

const namespaceOf = (place) => place.replaceAll(/\W+/g, '-')

function open(place) {
  const sealed = place.endsWith('sealed') && {
    keys: defineKeys(Object.fromEntries(keysOf(place).map((name) => [name, key({ secret: true })]))),
    seal: aesGcm(deviceKey()),
  }
  // A machine with much to do is no tier that hangs.
  return createStorage({ namespace: namespaceOf(place), tiers: chains[place](), ttl: '30d', deadline: 30_000, ...sealed })
}

/** What each key holds now: the number of its value, `null`, or why it cannot be told. */
async function look(place) {
  const storage = open(place)
  const damaged = []
  storage.on('corrupt', ({ key }) => damaged.push(key))
  const read = async (name) => {
    try {
      return numberOf(await storage.get(name))
    } catch (error) {
      return `${error.code}: ${error.message}`
    }
  }
  const found = {}
  for (const name of keysOf(place)) {
    const held = await read(name)
    found[name] = damaged.includes(name) ? 'torn' : held
  }
  return { storage, found }
}

/** Answers the tier that has it. */
async function act(storage, place, { kind, key, number, size, moved }) {
  if (kind === 'clear') return void (await storage.clear())
  const name = `${namespaceOf(place)}.${key}`
  if (moved) full.add(name)
  try {
    if (kind === 'remove') return void (await storage.remove(key))
    return (await storage.set(key, valueOf(number, size))).tier
  } finally {
    full.delete(name)
  }
}

const { seed, round, planted } = Object.fromEntries(new URL(location.href).searchParams)
const socket = new WebSocket(`ws://${location.host}/`)
const send = (message) => socket.send(JSON.stringify(message))
/** What waits for the driver to have heard of a step. */
const heard = {}
socket.onmessage = ({ data }) => heard[data]()

/** `planted`: faults that the judge has to find. */
async function work(place, storage) {
  for (const step of stepsOf(seed, Number(round), place)) {
    await Promise.all(
      step.map(async (operation) => {
        const { number } = operation
        if (planted === 'early') send({ place, number, tier: 'indexedDB' })
        try {
          const tier = await act(storage, place, operation)
          if (planted !== 'early') send({ place, number, tier })
        } catch (error) {
          send({ place, number, refused: `${error.code}: ${error.message}` })
        }
      }),
    )
    const told = new Promise((resolve) => (heard[place] = resolve))
    send({ place, done: step.at(-1).number })
    await told
    await new Promise((resolve) => setTimeout(resolve, places[place].rest))
  }
}

socket.onopen = async () => {
  try {
    const found = {}
    const storages = {}
    for (const place of Object.keys(places)) ({ storage: storages[place], found: found[place] } = await look(place))
    send({ found, agent: navigator.userAgent })
    await new Promise((resolve) => (heard.start = resolve))
    for (const place of Object.keys(places)) work(place, storages[place]).catch((error) => send({ failed: `${place}: ${error.stack}` }))
  } catch (error) {
    send({ failed: String(error.stack) })
  }
}
