import { createStorage, defineKeys, key } from 'holdfast'
import type { SealKey } from 'holdfast/crypto'
import { aesGcm, deviceKey, passphraseKey, sessionKey } from 'holdfast/crypto'
import type { TierName } from './tiers.js'
import { tiers } from './tiers.js'

/** What runs in the page, as `globalThis.atRest`: one token, put into one place, in the clear or sealed. */

const kinds = {
  device: () => deviceKey(),
  session: () => sessionKey(),
  passphrase: () => passphraseKey('correct horse battery staple'),
} satisfies Record<string, () => SealKey>

export type Kind = keyof typeof kinds

/** What stands in the place: the token itself, or what it was sealed to in its context. */
export interface Written {
  text: string
  context: string
}

const sealed = defineKeys({ token: key<string>({ secret: true }) })
const clear = defineKeys({ token: key<string>({}) })

/** `null`: nothing seals it. */
const open = (place: TierName, kind: Kind | null) => createStorage({ namespace: 'acme-chat', tiers: [tiers[place]()], ttl: place === 'sessionStorage' ? 'tab' : '1d', ...(kind ? { keys: sealed, seal: aesGcm(kinds[kind]()) } : { keys: clear }) })

async function write(place: TierName, token: string, kind: Kind | null): Promise<Written> {
  await open(place, kind).set('token', token)
  const name = 'acme-chat.token'
  const tier = tiers[place]()
  await tier.open()
  const [entry] = await tier.read([name])
  return { text: entry!.text!, context: JSON.stringify([name, '', entry!.stamp]) }
}

/** The token, `absent`, or `corrupt`, as the storage reports it. */
async function read(place: TierName, kind: Kind | null): Promise<string> {
  const storage = open(place, kind)
  let otherwise = 'absent'
  storage.on('corrupt', () => (otherwise = 'corrupt'))
  return (await storage.get('token')) ?? otherwise
}

const atRest = { write, read }

declare global {
  var atRest: { write: typeof write; read: typeof read }
}

globalThis.atRest = atRest
