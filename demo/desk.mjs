// The vendor's desk behind the chat: it issues session tokens and keeps conversations, in this process's memory only.

import { randomUUID, webcrypto } from 'node:crypto'
import { SignJWT, jwtVerify } from 'jose'
import { Refusal } from './wire.mjs'

const DAY = 86_400
const MOST_CONVERSATIONS = 1000
const MOST_MESSAGES = 200
const MOST_LETTERS = 1000

const ISSUER = 'bollard-desk'
const VISITOR = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What each brand's desk is asked most, and what it says to anything else, in turn. */
const BRANDS = {
  stipe: {
    answers: {
      'How long does a split seam take?': 'Two days: glued on the first, stitched and taped on the second. Bring it past the slip any morning after eight.',
      'Do I have to rinse it first?': 'No need. We rinse, dry and check every suit before it goes on the bench.',
      'Is the loan board free?': 'Yes, for as long as yours is here. Ask for the blue one.',
    },
    replies: [
      'Thanks, that helps. A torn seam takes us two days, a crushed rail about a week.',
      'Bring it past the slip any morning after eight. No need to rinse it first.',
      'We can do that. Neoprene patches are glued, stitched and taped, so it will outlast the rest of the suit.',
      'Noted on your ticket. Close this page if you like: we will pick up right here when you are back.',
      'Yes, and the loan board is free while yours is on the bench.',
    ],
  },
  alder: {
    answers: {
      'Can you true a wheel while I wait?': 'We can: half an hour, and the coffee is free.',
      'Do you service hub gears?': 'On Tuesdays and Thursdays. Bring the wheel, keep the bicycle.',
      'What does a full service cost?': '£75, with cables, pads and a new chain fitted.',
    },
    replies: [
      'Thanks. Bring it round any weekday before noon, and it is ready by six.',
      'We can do that. Spokes are cut to length here, so odd sizes are no trouble.',
      'Noted on your ticket. Close this page if you like: we will pick up right here when you are back.',
      'Yes, and there is a loan bicycle while yours is on the stand.',
    ],
  },
}

/**
 * A desk with a key of its own, so a token of an earlier process is refused.
 *
 * `sub` names the visitor, `sid` the conversation and `aud` the brand: a token of one brand opens nothing at another.
 * The visitor id is no secret: it lets the desk say "welcome back". Only a token opens a conversation.
 */
export function openDesk() {
  const secret = webcrypto.getRandomValues(new Uint8Array(32))
  /** @type {Map<string, { from: 'visitor' | 'desk', text: string, at: number }[]>} */
  const conversations = new Map()

  /** @param {string} brand @param {string} visitor @param {string} conversation */
  const issue = (brand, visitor, conversation) =>
    new SignJWT({ sid: conversation })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(visitor)
      .setIssuer(ISSUER)
      .setAudience(brand)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + DAY)
      .sign(secret)

  /** @param {string} brand @param {string | undefined} header what the request says in `Authorization` */
  async function admit(brand, header) {
    const token = header?.startsWith('Bearer ') ? header.slice('Bearer '.length) : undefined
    if (!token) throw new Refusal(401, 'A session token is needed.')
    // Naming the one algorithm is what keeps a token that says "none" out.
    const { payload } = await jwtVerify(token, secret, { algorithms: ['HS256'], issuer: ISSUER, audience: brand }).catch(() => {
      throw new Refusal(401, 'This session token is not valid, or no longer.')
    })
    const { sub, sid } = payload
    if (typeof sub !== 'string' || typeof sid !== 'string') throw new Refusal(401, 'This session token names nobody.')
    return { visitor: sub, conversation: sid }
  }

  /** @param {string} conversation */
  function messagesOf(conversation) {
    const known = conversations.get(conversation)
    if (known) return known
    /** @type {{ from: 'visitor' | 'desk', text: string, at: number }[]} */
    const fresh = []
    conversations.set(conversation, fresh)
    const oldest = conversations.keys().next().value
    if (conversations.size > MOST_CONVERSATIONS && oldest) conversations.delete(oldest)
    return fresh
  }

  return {
    /** @param {string} brand */
    questions: (brand) => ({ questions: Object.keys(BRANDS[brand].answers) }),

    /** @param {string} brand @param {unknown} body */
    async begin(brand, body) {
      const said = /** @type {{ visitor?: unknown } | null} */ (body)?.visitor
      const returning = typeof said === 'string' && VISITOR.test(said)
      const visitor = returning ? said : randomUUID()
      return { token: await issue(brand, visitor, randomUUID()), visitor, returning }
    },

    /** @param {string} brand @param {string | undefined} header */
    async read(brand, header) {
      const { conversation } = await admit(brand, header)
      return { messages: conversations.get(conversation) ?? [] }
    },

    /**
     * Takes a message, answers it, and renews the token: a session lasts a day from the last message.
     * @param {string} brand @param {string | undefined} header @param {unknown} body
     */
    async hear(brand, header, body) {
      const { visitor, conversation } = await admit(brand, header)
      const text = /** @type {{ text?: unknown } | null} */ (body)?.text
      if (typeof text !== 'string' || !text.trim()) throw new Refusal(400, 'A message has some text.')
      if (text.length > MOST_LETTERS) throw new Refusal(413, `A message has at most ${MOST_LETTERS} characters.`)
      const messages = messagesOf(conversation)
      const asked = messages.filter((message) => message.from === 'visitor').length
      const { answers, replies } = BRANDS[brand]
      const reply = Object.hasOwn(answers, text.trim()) ? answers[text.trim()] : replies[asked % replies.length]
      messages.push({ from: 'visitor', text: text.trim(), at: Date.now() }, { from: 'desk', text: reply, at: Date.now() })
      messages.splice(0, messages.length - MOST_MESSAGES)
      return { messages, token: await issue(brand, visitor, conversation) }
    },
  }
}
