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

const NAME = 'acme-chat.token'

const sealOf = (kind: Kind) => aesGcm(kinds[kind]()).within('acme-chat')

/** What stands in the place: the token itself, or what it was sealed to in its context. */
export interface Written {
  text: string
  context: string
}

async function write(place: TierName, token: string, kind?: Kind | null): Promise<Written> {
  const stamp = Date.now()
  const context = `${NAME} ${stamp}`
  const text = kind ? await sealOf(kind).seal(token, context) : token
  const tier = tiers[place]()
  await tier.open()
  const [outcome] = await tier.write([{ name: NAME, entry: { text, stamp, lifetime: place === 'sessionStorage' ? 'tab' : 'device' } }])
  if (outcome) throw outcome
  return { text, context }
}

/** The token; or what its seal says of it; or nothing. */
async function read(place: TierName, kind?: Kind | null): Promise<string> {
  const tier = tiers[place]()
  await tier.open()
  const [entry] = await tier.read([NAME])
  if (!entry?.text) return 'nothing'
  return kind ? sealOf(kind).open(entry.text, `${NAME} ${entry.stamp}`).catch(({ message }: Error) => message) : entry.text
}

const atRest = { write, read }

declare global {
  var atRest: { write: typeof write; read: typeof read }
}

globalThis.atRest = atRest
